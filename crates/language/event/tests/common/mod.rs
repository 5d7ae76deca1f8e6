//! The catalogue and the samples of the repository, for the tests of this crate.
#![allow(dead_code, unreachable_pub)]
#![allow(clippy::unwrap_used)] // Helpers of tests, too.

use std::{path::PathBuf, sync::Arc};

use event::{Catalogue, LogSource};

#[allow(dead_code)]
pub(crate) fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../.."))
}

/// Name and text of every file of the catalogue, in order.
#[allow(dead_code)]
pub(crate) fn catalogue_files() -> Vec<(String, String)> {
    let mut files = Vec::new();
    for folder in ["shapes", "tables"] {
        for entry in root().join("catalogues/fields").join(folder).read_dir().unwrap() {
            let path = entry.unwrap().path();
            let name = format!("{folder}/{}", path.file_name().unwrap().to_str().unwrap());
            files.push((name, std::fs::read_to_string(path).unwrap()));
        }
    }
    files.sort();
    files
}

#[allow(dead_code)]
pub(crate) fn catalogue() -> Arc<Catalogue> {
    let files = catalogue_files();
    let files = files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    Arc::new(Catalogue::parse(files, LogSource::default()).unwrap())
}

/// Line `number` (from 0) of a sample, as JSON.
#[allow(dead_code)]
pub(crate) fn sample(file: &str, number: usize) -> Vec<u8> {
    let text = std::fs::read_to_string(root().join("fixtures/events").join(file)).unwrap();
    let line = text.lines().nth(number).unwrap_or_else(|| panic!("{file} has no line {number}"));
    if file.ends_with(".jsonl") {
        return line.as_bytes().to_vec();
    }
    let mut json = Vec::new();
    assert_eq!(event::text::to_json(line.as_bytes(), &mut json), Ok(true), "{file}:{number}");
    json
}
