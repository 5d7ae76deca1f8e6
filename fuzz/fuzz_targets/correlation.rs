//! Fuzzes [`ward_fuzz::correlation`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ward_fuzz::correlation(bytes));
