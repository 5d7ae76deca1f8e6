//! Rules, catalogues and fixtures: each with what belongs to it.

use std::collections::BTreeMap;

use crate::{files, none, read, root};

fn in_folder(folder: &str, endings: &[&str]) -> Vec<String> {
    let all = endings.iter().flat_map(|ending| files(ending));
    all.filter(|path| path.starts_with(folder)).collect()
}

#[test]
fn every_rule_has_cases_a_harm_note_and_a_first_action() {
    let rules = in_folder("rules/sigma/", &[".yml"]);
    assert!(rules.len() >= 60, "only {} rules", rules.len());
    let mut wrong = Vec::new();
    for path in rules {
        let text = read(&path);
        let cases = path.replace(".yml", ".cases.json");
        if !root().join(&cases).is_file() {
            wrong.push(format!("{path}: no {cases}"));
        }
        for key in ["\nward:", "harm: ", "action: ", "\nfalsepositives:", "\nid:", "\nlevel:"] {
            if !text.contains(key) {
                wrong.push(format!("{path}: no {}", key.trim()));
            }
        }
    }
    none("rules that lack something", wrong);
}

#[test]
fn no_two_rules_share_an_id() {
    let mut ids: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in in_folder("rules/sigma/", &[".yml"]) {
        let text = read(&path);
        let id = text.lines().find_map(|line| line.strip_prefix("id:"));
        ids.entry(id.unwrap_or_default().trim().to_owned()).or_default().push(path);
    }
    none(
        "shared ids",
        ids.into_iter().filter(|(_, paths)| paths.len() > 1).map(|(id, _)| id).collect(),
    );
}

#[test]
fn every_catalogue_file_has_a_version_and_a_date() {
    let files = in_folder("catalogues/", &[".yaml"]);
    assert!(files.len() > 20, "only {} files", files.len());
    let lacking = files.into_iter().filter(|path| {
        let text = read(path);
        !["\nversion: ", "\neffective: "].iter().all(|key| text.contains(key))
    });
    none("catalogue files without version or date", lacking.collect());
}

#[test]
fn every_folder_of_fixtures_tells_its_origin_and_licence() {
    let all = files("");
    let mut folders: Vec<&str> =
        all.iter().filter_map(|path| path.strip_prefix("fixtures/")?.split('/').next()).collect();
    folders.sort_unstable();
    folders.dedup();
    assert!(!folders.is_empty());
    let silent = folders.into_iter().filter(|folder| {
        let readme = root().join("fixtures").join(folder).join("README.md");
        let text = std::fs::read_to_string(readme).unwrap_or_default().to_lowercase();
        !text.contains("made up") || !text.contains("licence")
    });
    none("fixtures without origin or licence", silent.map(str::to_owned).collect());
}
