//! Fuzzes [`ward_fuzz::engine`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ward_fuzz::engine(bytes));
