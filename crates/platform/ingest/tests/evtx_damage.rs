//! Event logs with damage: cut, overwritten, never closed. Needs a log: see `evtx_oracle`.
#![allow(clippy::unwrap_used)]

mod support;

use std::{
    io::Read,
    path::{Path, PathBuf},
};

use support::{options, read_bytes};

/// A log of several chunks; `None` if the test data is not there.
fn log() -> Option<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(3).unwrap();
    let data = std::env::var_os("WARD_TEST_DATA").map_or("../shared".into(), PathBuf::from);
    let path = root.join(data).join("data/evtx/evtx.tar.zst");
    let Ok(file) = std::fs::File::open(&path) else {
        let missing = format!("{} is not there: set WARD_TEST_DATA", path.display());
        assert!(std::env::var_os("CI").is_none(), "{missing}");
        eprintln!("not checked: {missing}");
        return None;
    };
    let mut archive = tar::Archive::new(zstd::Decoder::new(file).unwrap());
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let is_log = entry.path().unwrap().extension().is_some_and(|e| e == "evtx");
        if is_log && entry.size() > 4 * 65536 {
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            let read = read_bytes(&bytes, &options(1 << 20));
            if read.problems.is_empty() && read.batches >= 3 {
                return Some(bytes);
            }
        }
    }
    panic!("no log of three chunks in {}", path.display());
}

#[test]
fn a_cut_log_gives_every_record_before_the_cut() {
    let Some(log) = log() else { return };
    let all = read_bytes(&log, &options(1 << 20));
    let mut last = 0;
    for cut in (0..log.len()).step_by(16_411) {
        let read = read_bytes(&log[..cut], &options(1 << 20));
        let found = read.records.len();
        assert!(read.records[..] == all.records[..found], "cut at {cut}: other records");
        assert!(found >= last, "cut at {cut}: {found} after {last}: {:?}", read.lines());
        last = found;
    }
    assert!(last * 10 > all.records.len() * 8, "{last} of {}", all.records.len());
}

#[test]
fn a_chunk_with_a_bad_beginning_costs_only_itself() {
    let Some(mut log) = log() else { return };
    let all = read_bytes(&log, &options(1 << 20)).records.len();
    log[4096 + 65536] = b'X';
    let read = read_bytes(&log, &options(1 << 20));
    assert!(read.records.len() < all && !read.records.is_empty());
    assert_eq!(read.problems.len(), 1, "{:?}", read.lines());
    assert!(read.lines()[0].contains("chunk 1: "), "{:?}", read.lines());
}

#[test]
fn a_damaged_record_costs_only_itself() {
    let Some(mut log) = log() else { return };
    let all = read_bytes(&log, &options(1 << 20)).records.len();
    let first = 4096 + 512;
    let size = u32::from_le_bytes(log[first + 4..first + 8].try_into().unwrap()) as usize;
    log[first + size] = b'X';
    let read = read_bytes(&log, &options(1 << 20));
    assert_eq!(read.records.len(), all - 1, "{:?}", read.lines());
    assert_eq!(read.lost(), 1);
}

#[test]
fn a_checksum_that_does_not_match_is_told_and_costs_nothing() {
    let Some(mut log) = log() else { return };
    let all = read_bytes(&log, &options(1 << 20)).records.len();
    log[4096 + 52] ^= 1;
    let read = read_bytes(&log, &options(1 << 20));
    assert_eq!(read.records.len(), all);
    assert!(read.lines()[0].contains("chunk 0: the checksum does not match"));
    assert_eq!(read.lost(), 0);
}

#[test]
fn a_log_reads_the_same_inside_archives() {
    let Some(log) = log() else { return };
    let all = read_bytes(&log, &options(1 << 20));
    let packed = support::zip_of(&[("a.evtx.gz", &support::gz(&log))]);
    assert_eq!(read_bytes(&packed, &options(64)).texts(), all.texts());
}

#[test]
fn bytes_turned_over_anywhere_are_no_panic() {
    let Some(log) = log() else { return };
    let log = &log[..4096 + 2 * 65536];
    let mut state = 1_u64;
    for _ in 0..150 {
        let mut bytes = log.to_vec();
        for _ in 0..8 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let at = (state >> 33) as usize % bytes.len();
            bytes[at] ^= (state >> 20) as u8 | 1;
        }
        let _ = read_bytes(&bytes, &options(1 << 20));
    }
}
