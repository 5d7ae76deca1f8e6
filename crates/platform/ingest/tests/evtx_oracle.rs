//! Every record of 140 Windows event logs against the JSON of an independent program.
//!
//! The logs are not part of the project: `WARD_TEST_DATA` names the folder that holds them.
#![allow(clippy::unwrap_used)]

mod support;

use std::{
    collections::BTreeMap,
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use terms::Position;

/// The archive's files by name without extension; `None` if it is not there.
fn unpack(name: &str) -> Option<BTreeMap<String, Vec<u8>>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(3).unwrap();
    let data = std::env::var_os("WARD_TEST_DATA").map_or("../shared".into(), PathBuf::from);
    let path = root.join(data).join("data/evtx").join(name);
    let Ok(file) = File::open(&path) else {
        let missing = format!("{} is not there: set WARD_TEST_DATA", path.display());
        assert!(std::env::var_os("CI").is_none(), "{missing}");
        eprintln!("not checked: {missing}");
        return None;
    };
    let mut archive = tar::Archive::new(zstd::Decoder::new(file).unwrap());
    let mut files = BTreeMap::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().into_owned();
        if !matches!(path.extension().and_then(|e| e.to_str()), Some("evtx" | "jsonl")) {
            continue;
        }
        let key = path.with_extension("").iter().skip(1).collect::<PathBuf>();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        files.insert(key.to_string_lossy().into_owned(), bytes);
    }
    Some(files)
}

#[test]
fn every_record_reads_as_an_independent_reader_reads_it() {
    let (Some(logs), Some(oracle)) = (unpack("evtx.tar.zst"), unpack("evtx-json.tar.zst")) else {
        return;
    };
    assert_eq!(logs.len(), 140);
    let (mut records, mut notes) = (0, Vec::new());
    for (name, bytes) in &logs {
        let read = support::read_bytes(bytes, &support::options(1 << 20));
        let expected: Vec<&str> = std::str::from_utf8(&oracle[name]).unwrap().lines().collect();
        assert_eq!(read.records.len(), expected.len(), "{name}: {:?}", read.lines());
        for ((_, position, found), expected) in read.records.iter().zip(expected) {
            assert_eq!(found, expected, "{name}");
            serde_json::from_str::<serde_json::Value>(found).unwrap();
            // An exported log numbers its records anew, so the JSON may hold another number.
            assert!(matches!(position, Position::Record(_)), "{name}");
            records += 1;
        }
        let lost: Vec<_> = read.problems.iter().filter(|p| p.records_lost_at_least > 0).collect();
        notes.extend(read.lines());
        assert!(lost.is_empty(), "{name}: {lost:?}");
    }
    assert_eq!(records, 8554);
    assert!(notes.len() < 10, "{notes:#?}");
}
