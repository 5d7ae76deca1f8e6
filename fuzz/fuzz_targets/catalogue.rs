//! Fuzzes [`ward_fuzz::catalogue`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ward_fuzz::catalogue(bytes));
