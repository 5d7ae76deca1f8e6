//! Fuzzes [`ward_fuzz::ingest`].
#![no_main]

libfuzzer_sys::fuzz_target!(
    init: ward_fuzz::pass_over_caught_panics(),
    |bytes: &[u8]| ward_fuzz::ingest(bytes)
);
