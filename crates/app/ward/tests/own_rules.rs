//! Ward's own rules: their cases hold, alone and through a whole scan.
#![allow(clippy::unwrap_used)]

mod kit;

use std::{
    collections::{HashMap, HashSet},
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

/// Every case: rule, whether it is to fire, name, event.
fn cases() -> Vec<(String, bool, String, Value)> {
    fn walk(folder: &Path, out: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, out);
            } else if path.to_string_lossy().ends_with(".cases.json") {
                out.push(path);
            }
        }
    }
    let mut files = Vec::new();
    walk(&kit::samples().join("../../rules/sigma"), &mut files);
    files.sort();
    let mut cases = Vec::new();
    for file in files {
        let text: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
        let rule = text["rule"].as_str().unwrap();
        for (key, fires) in [("hits", true), ("near_misses", false)] {
            for case in text[key].as_array().unwrap() {
                let name = case["name"].as_str().unwrap().to_owned();
                cases.push((rule.to_owned(), fires, name, case["event"].clone()));
            }
        }
    }
    cases
}

#[test]
fn every_own_rule_holds_in_its_cases() {
    let ran = kit::run(&["rules", "test"]);
    assert_eq!(ran.code, 0, "{}", ran.stdout);
    assert!(!ran.stdout.contains("no cases"), "{}", ran.stdout);
}

#[test]
fn every_own_rule_can_be_used() {
    let ran = kit::run(&["rules", "check"]);
    assert_eq!(ran.code, 0, "{}", ran.stdout);
}

#[test]
fn hits_fire_and_near_misses_are_silent_through_a_whole_scan() {
    let cases = cases();
    let lines: Vec<String> = cases.iter().map(|(_, _, _, event)| event.to_string()).collect();
    let ran = kit::run_with(&["scan", "--format", "ndjson", "-"], &(lines.join("\n") + "\n"));
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let mut fired: HashMap<u64, HashSet<String>> = HashMap::new();
    for line in ran.stdout.lines() {
        let finding: Value = serde_json::from_str(line).unwrap();
        let number = finding["place"]["number"].as_u64().unwrap();
        let rule = finding["rule"]["id"].as_str().unwrap().to_owned();
        assert!(!finding["matched"].as_array().unwrap().is_empty(), "{line}");
        fired.entry(number).or_default().insert(rule);
    }
    let wrong: Vec<String> = cases
        .iter()
        .enumerate()
        .filter_map(|(at, (rule, fires, name, _))| {
            let has = fired.get(&(at as u64 + 1)).is_some_and(|rules| rules.contains(rule));
            (has != *fires).then(|| format!("{rule}: {name}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}
