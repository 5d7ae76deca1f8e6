//! The public rules and samples, which are not part of the project. In: the archives below
//! `WARD_TEST_DATA` (default: `shared` beside the workspace). Out: their files, in memory.

use std::{collections::BTreeMap, env, fs::File, io::Read, path::PathBuf};

use serde::Deserialize;

/// One sample of the rules' own regression suite.
#[derive(Clone, Debug)]
pub struct RegressionCase {
    /// Folder in the archive, for messages.
    pub name: String,
    /// Id of the rule that must match.
    pub rule_id: String,
    /// At least so many events of the sample must match.
    pub match_count: Option<usize>,
    /// The Windows event log. Empty where the sample is of another kind.
    pub evtx: Vec<u8>,
    /// The matching events as JSON texts one after the other, byte order mark taken off. May be
    /// empty.
    pub json: String,
    /// Samples of other kinds, as they are. Mostly empty.
    pub raw: Vec<u8>,
}

/// Folder of the test data.
pub fn folder() -> PathBuf {
    match env::var_os("WARD_TEST_DATA") {
        Some(folder) => folder.into(),
        None => PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../../shared"),
    }
}

/// All public detection rules: path in the archive and text, by path. Errors: names the archive.
pub fn rules() -> Result<Vec<(String, String)>, String> {
    let files = unpack("data/sigma/sigma-rules.tar.zst")?;
    let is_rule = |(path, _): &(String, Vec<u8>)| path.ends_with(".yml") || path.ends_with(".yaml");
    let text = |(path, bytes): (String, Vec<u8>)| match String::from_utf8(bytes) {
        Ok(text) => Ok((path, text)),
        Err(error) => Err(format!("{path}: {error}")),
    };
    files.into_iter().filter(is_rule).map(text).collect()
}

/// All samples of the rules' regression suite, by name. Errors: names the archive.
pub fn regression_cases() -> Result<Vec<RegressionCase>, String> {
    let files = unpack("data/sigma-regression/sigma-regression.tar.zst")?;
    let files: BTreeMap<String, Vec<u8>> = files.into_iter().collect();
    let mut cases = Vec::new();
    for (path, bytes) in &files {
        let Some(folder) = path.strip_suffix("/info.yml") else { continue };
        let info: Info =
            yaml_serde::from_slice(bytes).map_err(|error| format!("{path}: {error}"))?;
        let rule = info.rule_metadata.first().ok_or_else(|| format!("{path}: no rule"))?;
        let file = |ending: &str| {
            let inside = files.iter().filter(|(path, _)| path.starts_with(&format!("{folder}/")));
            let mut found = inside.filter(|(path, _)| path.ends_with(ending));
            found.next().map(|(_, bytes)| bytes.clone()).unwrap_or_default()
        };
        cases.push(RegressionCase {
            name: folder.to_owned(),
            rule_id: rule.id.clone(),
            match_count: info.regression_tests_info.first().and_then(|test| test.match_count),
            evtx: file(".evtx"),
            json: String::from_utf8_lossy(&file(".json")).trim_start_matches('\u{feff}').to_owned(),
            raw: file(".raw"),
        });
    }
    Ok(cases)
}

#[derive(Deserialize)]
struct Info {
    rule_metadata: Vec<RuleMetadata>,
    #[serde(default)]
    regression_tests_info: Vec<TestInfo>,
}

#[derive(Deserialize)]
struct RuleMetadata {
    id: String,
}

#[derive(Deserialize)]
struct TestInfo {
    #[serde(default)]
    match_count: Option<usize>,
}

fn unpack(archive: &str) -> Result<Vec<(String, Vec<u8>)>, String> {
    let path = folder().join(archive);
    let wrong = |error: std::io::Error| format!("cannot read {}: {error}", path.display());
    let decoder = zstd::Decoder::new(File::open(&path).map_err(wrong)?).map_err(wrong)?;
    let mut tar = tar::Archive::new(decoder);
    let mut files = Vec::new();
    for entry in tar.entries().map_err(wrong)? {
        let mut entry = entry.map_err(wrong)?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let inside = entry.path().map_err(wrong)?.to_string_lossy().into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).map_err(wrong)?;
        files.push((inside.trim_start_matches("./").to_owned(), bytes));
    }
    files.sort();
    Ok(files)
}
