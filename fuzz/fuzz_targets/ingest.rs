//! Fuzzes [`ward_fuzz::ingest`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ward_fuzz::ingest(bytes));
