//! Questions about rules: check, list, explain, test, coverage.
#![allow(clippy::unwrap_used)]

mod kit;

use std::fs;

use insta::assert_snapshot;
use kit::run;
use serde_json::Value;

#[test]
fn check_says_which_rules_cannot_be_used_where_and_why() {
    let ran = run(&["rules", "check", "--rules", "rules"]);
    assert_eq!(ran.code, 1);
    assert_snapshot!(ran.stdout);
    let ran = run(&["rules", "check", "--rules", "rules", "--format", "json"]);
    let document: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(document["refused"][0]["line"], 9);
    assert_eq!(run(&["rules", "check", "--rules", "rules/broken.yml"]).code, 2);
}

#[test]
fn list_can_be_narrowed_and_written_for_programs() {
    let ran = run(&["rules", "list", "--rules", "rules", "--min-level", "medium"]);
    assert_snapshot!(ran.stdout);
    let ran = run(&["rules", "list", "--rules", "rules", "--format", "json"]);
    let list: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(list.as_array().unwrap().len(), 6);
    let ran = run(&["rules", "list", "--rules", "rules", "--format", "csv"]);
    assert_eq!(ran.stdout.lines().count(), 7);
}

fn explain(rule: &str, record: &str) -> kit::Ran {
    run(&["rules", "explain", rule, "logs/pathology.jsonl", "--record", record, "--rules", "rules"])
}

#[test]
fn explain_tells_why_a_rule_fires() {
    let ran = explain("Shadow copies deleted", "3");
    assert_eq!(ran.code, 1);
    assert_snapshot!(ran.stdout);
}

#[test]
fn explain_tells_why_a_rule_does_not_fire() {
    let ran = explain("0a5d3c1e-6f0b-4a57-9d39-3f6f0d1a7c04", "1");
    assert_eq!(ran.code, 0);
    assert_snapshot!(ran.stdout);
    let ran = explain("log_cleared", "1");
    assert!(ran.stdout.contains("is not of its log source"), "{}", ran.stdout);
}

#[test]
fn explain_takes_a_rule_by_its_path_and_says_what_is_wrong_with_it() {
    let event = "logs/care-home.json";
    let ran = run(&["rules", "explain", "rules/remote_help.yml", event]);
    assert!(ran.stdout.contains("The rule fires on this event."), "{}", ran.stdout);
    for (rule, event, record, says) in [
        ("rules/broken.yml", event, "1", "rules/broken.yml:9 cannot be used"),
        ("no such rule", event, "1", "ward rules list"),
        ("rules/remote_help.yml", event, "9", "has 2, counted from 1"),
        ("rules/remote_help.yml", "logs/notes.txt", "1", "no known log format"),
        ("rules/remote_help.yml", "nowhere", "1", "check the path"),
    ] {
        let ran = run(&["rules", "explain", rule, event, "--record", record]);
        assert_eq!(ran.code, 2, "{}", ran.stdout);
        assert!(ran.stderr.contains(says), "{}", ran.stderr);
    }
}

#[test]
fn a_case_that_does_not_hold_is_told_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    let from = kit::samples().join("rules");
    fs::copy(from.join("shadow_copies.yml"), folder.path().join("shadow_copies.yml")).unwrap();
    let cases = fs::read_to_string(from.join("shadow_copies.cases.json")).unwrap();
    let target = folder.path().join("shadow_copies.cases.json");
    fs::write(&target, &cases).unwrap();
    let words = ["rules", "test", folder.path().to_str().unwrap()];
    assert_eq!(run(&words).code, 0);
    fs::write(&target, cases.replacen("vssadmin.exe", "harmless.exe", 1)).unwrap();
    let ran = run(&words);
    assert_eq!(ran.code, 1);
    assert!(ran.stdout.contains("does not fire; these do not hold:"), "{}", ran.stdout);
    assert!(ran.stdout.contains("tool: Image|endswith"), "{}", ran.stdout);
    fs::write(&target, "{}").unwrap();
    assert_eq!(run(&words).code, 2);
}

#[test]
fn coverage_is_a_table_and_a_layer_for_the_navigator() {
    assert_snapshot!(run(&["rules", "coverage", "--rules", "rules"]).stdout);
    let ran = run(&["rules", "coverage", "--rules", "rules", "--format", "navigator"]);
    let layer: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(layer["versions"]["layer"], "4.5");
    assert_eq!(layer["domain"], "enterprise-attack");
    assert_eq!(layer["techniques"].as_array().unwrap().len(), 4);
}
