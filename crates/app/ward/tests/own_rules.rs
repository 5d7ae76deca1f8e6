//! Ward's own rules: their cases hold, alone and through a whole scan.
#![allow(clippy::unwrap_used)]

mod kit;

use std::{
    collections::{HashMap, HashSet},
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

/// A case of a rule.
struct Case {
    rule: String,
    fires: bool,
    name: String,
    /// One for a rule, several for a correlation.
    events: Vec<Value>,
    is_story: bool,
}

/// Every case of every own rule.
fn cases() -> Vec<Case> {
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
                let story = case["events"].as_array().cloned();
                let is_story = story.is_some();
                let events = story.unwrap_or_else(|| vec![case["event"].clone()]);
                cases.push(Case { rule: rule.to_owned(), fires, name, events, is_story });
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

/// Ids of rules that give findings only to correlations.
fn silent() -> HashSet<String> {
    let ran = kit::run(&["rules", "list", "--format", "json"]);
    let list: Value = serde_json::from_str(&ran.stdout).unwrap();
    let silent = list.as_array().unwrap().iter().filter(|rule| rule["findings"] == false);
    silent.map(|rule| rule["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn hits_fire_and_near_misses_are_silent_through_a_whole_scan() {
    let silent = silent();
    let mut cases = cases();
    cases.retain(|case| !case.is_story && !silent.contains(&case.rule));
    let lines: Vec<String> = cases.iter().map(|case| case.events[0].to_string()).collect();
    let ran = kit::run_with(&["scan", "--format", "ndjson", "-"], &(lines.join("\n") + "\n"));
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let mut fired: HashMap<u64, HashSet<String>> = HashMap::new();
    for line in ran.stdout.lines() {
        let finding: Value = serde_json::from_str(line).unwrap();
        let number = finding["place"]["number"].as_u64().unwrap();
        let rule = finding["rule"]["id"].as_str().unwrap().to_owned();
        assert!(!silent.contains(&rule), "{line}");
        assert!(!finding["matched"].as_array().unwrap().is_empty(), "{line}");
        fired.entry(number).or_default().insert(rule);
    }
    let wrong: Vec<String> = cases
        .iter()
        .enumerate()
        .filter_map(|(at, case)| {
            let has = fired.get(&(at as u64 + 1)).is_some_and(|rules| rules.contains(&case.rule));
            (has != case.fires).then(|| format!("{}: {}", case.rule, case.name))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn stories_fire_or_not_through_a_whole_scan_whatever_the_threads_and_the_order_of_files() {
    let silent = silent();
    let mut tried = 0;
    for case in cases() {
        if !case.is_story || silent.contains(&case.rule) {
            continue;
        }
        tried += 1;
        // Each event in a file of its own, the last first.
        let folder = tempfile::tempdir().unwrap();
        for (at, event) in case.events.iter().rev().enumerate() {
            fs::write(folder.path().join(format!("{at:03}.ndjson")), format!("{event}\n")).unwrap();
        }
        let path = folder.path().to_str().unwrap();
        let scan = |threads: &str| {
            let format = ["--format", "ndjson", "--threads", threads, "--rule", &case.rule];
            kit::run(&[&["scan"], &format[..], &[path]].concat()).stdout
        };
        let (one, many) = (scan("1"), scan("4"));
        assert_eq!(one, many, "{}: {}", case.rule, case.name);
        let fired = one.lines().any(|line| line.contains(&case.rule));
        assert_eq!(fired, case.fires, "{}: {}\n{one}", case.rule, case.name);
    }
    assert!(tried > 20, "{tried}");
}
