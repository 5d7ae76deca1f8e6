//! Correlations through the program: what a scan counts together, leaves out and says about it,
//! and what an explanation says of events it could not use.
#![allow(clippy::unwrap_used)]

mod kit;

use std::{fs, path::Path};

use serde_json::Value;

/// Three of one kind in a minute, by user; a correlation upon that; and one that never counts.
const RULES: &str = "title: One\nname: one\nlogsource: {product: windows}\n\
    detection: {a: {EventID: 4625}, condition: a}\n\
    ---\ntitle: Other\nname: other\nlogsource: {product: windows}\n\
    detection: {a: {EventID: 4625, LogonType: 3}, condition: a}\n\
    ---\ntitle: Three together\nname: three\nid: 00000000-0000-4000-8000-000000000001\n\
    correlation: {type: event_count, rules: [one, other], group-by: [TargetUserName], \
    timespan: 1m, condition: {gte: 3}}\n\
    ---\ntitle: Upon that\nid: 00000000-0000-4000-8000-000000000002\n\
    generate: true\ncorrelation: {type: event_count, rules: [three], group-by: [TargetUserName], timespan: 1h, \
    condition: {gte: 1}}\n\
    ---\ntitle: Never\ncorrelation: {type: event_count, rules: [one], \
    group-by: [NoSuchField], timespan: 1m, condition: {gte: 3}}\n";

/// A failed logon of the user in this second.
fn event(second: u32, user: &str) -> String {
    format!(
        r#"{{"Channel":"Security","Provider":"Microsoft-Windows-Security-Auditing","EventID":4625,"Computer":"pc-1","UtcTime":"2026-01-01 10:00:{second:02}","TimeCreated":"2026-01-01T10:00:{second:02}Z","TargetUserName":"{user}"}}"#
    )
}

fn rules(folder: &Path) -> String {
    let rules = folder.join("rules.yml");
    fs::write(&rules, RULES).unwrap();
    rules.to_str().unwrap().to_owned()
}

/// The document of a scan of this file, the same whatever the number of threads.
fn scan(name: &str, content: &[u8], more: &[&str]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let (rules, file) = (rules(folder.path()), folder.path().join(name));
    fs::write(&file, content).unwrap();
    let run = |threads: &str| {
        let words = ["scan", "--rules", &rules, "--format", "json", "--threads", threads];
        let ran = kit::run(&[&words, more, &[file.to_str().unwrap()]].concat());
        let mut document: Value = serde_json::from_str(&ran.stdout).expect(&ran.stderr);
        document["read"]["seconds"] = Value::Null;
        document
    };
    let document = run("1");
    assert_eq!(document, run("4"));
    document
}

/// Findings of the rule or correlation with this title.
fn of<'d>(document: &'d Value, title: &str) -> Vec<&'d Value> {
    let findings = document["findings"].as_array().unwrap();
    findings.iter().filter(|one| one["rule"]["title"] == title).collect()
}

fn check_three(name: &str, content: &[u8]) -> Value {
    let document = scan(name, content, &[]);
    let fired = of(&document, "Three together");
    assert_eq!(fired.len(), 1, "{name}: {:#}", document["correlations"]);
    let correlation = &fired[0]["event"]["correlation"];
    assert_eq!(correlation["measure"], 3.0, "{name}");
    correlation["events"].clone()
}

#[test]
fn events_of_one_line_are_counted_each() {
    let line: String = (1..=3).map(|second| event(second, "ann")).collect();
    let places = check_three("line.ndjson", format!("{line}\n").as_bytes());
    assert!(places.as_array().unwrap().iter().all(|place| place["number"] == 1), "{places}");
}

#[test]
fn events_of_several_wrappers_are_counted_each() {
    let line = |second| format!("{{\"Records\":[{}]}}\n", event(second, "ann"));
    let lines: String = (1..=3).map(line).collect();
    check_three("wrapped.json", lines.as_bytes());
}

#[test]
fn events_of_several_arrays_are_counted_each() {
    let lines: String = (1..=3).map(|second| format!("[{}]\n", event(second, "ann"))).collect();
    check_three("arrays.json", lines.as_bytes());
}

#[test]
fn events_of_archive_members_of_one_name_are_counted_each() {
    let folder = tempfile::tempdir().unwrap();
    let (rules, archive) = (rules(folder.path()), folder.path().join("logs.zip"));
    let members = (1..=3).flat_map(|second| member("one.ndjson", &event(second, "ann")));
    fs::write(&archive, members.collect::<Vec<u8>>()).unwrap();
    // Only a stream has them all: the directory of an archive knows one of each name.
    let mut command = kit::ward(&["scan", "--rules", &rules, "--format", "json", "-"]);
    command.stdin(fs::File::open(archive).unwrap());
    let document: Value = serde_json::from_str(&kit::ran(command).stdout).unwrap();
    assert_eq!(document["read"]["records"], 3);
    assert_eq!(of(&document, "Three together").len(), 1);
}

/// A member of a zip archive, as it is written to a stream.
fn member(name: &str, text: &str) -> Vec<u8> {
    let sum = !text.bytes().fold(!0, |sum: u32, byte| {
        (0..8).fold(sum ^ u32::from(byte), |sum, _| (sum >> 1) ^ ((sum & 1) * 0xedb8_8320))
    });
    let size = text.len() as u32;
    let mut out = b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0".to_vec();
    for number in [sum, size, size, name.len() as u32] {
        out.extend(number.to_le_bytes());
    }
    [&out, name.as_bytes(), text.as_bytes()].concat()
}

#[test]
fn events_of_a_firing_are_told_where_they_stand() {
    let lines = [event(1, "bob"), event(2, "ann"), event(3, "ann"), event(4, "ann")];
    let places = check_three("lines.ndjson", (lines.join("\n") + "\n").as_bytes());
    let numbers: Vec<_> = places.as_array().unwrap().iter().map(|one| &one["number"]).collect();
    assert_eq!(numbers, [2, 3, 4]);
}

/// Scans three failures of Ann and three of Bob with this line of exclusions.
fn excluded(line: &str, format: &str) -> kit::Ran {
    let folder = tempfile::tempdir().unwrap();
    let exclusions = folder.path().join("known.txt");
    fs::write(&exclusions, line).unwrap();
    let events = (1..=3).flat_map(|second| [event(second, "ann"), event(second, "bob")]);
    let words = ["--exclude", exclusions.to_str().unwrap(), "--format", format];
    let (rules, input) = (rules(folder.path()), events.collect::<Vec<_>>().join("\n") + "\n");
    kit::run_with(&[&["scan", "--rules", &rules], &words[..], &["-"]].concat(), &input)
}

#[test]
fn an_exclusion_of_a_correlation_leaves_out_its_firings_and_what_stands_upon_them() {
    for (line, left_out) in [
        ("Three together | TargetUserName = ANN # known", 1),
        ("three together | host = pc-*", 2),
        ("Three together", 2),
        ("Three together | TargetUserName = eve", 0),
        ("Three together | Computer = pc-1", 0),
        ("Upon that | TargetUserName = ann", 0),
    ] {
        let ran = excluded(line, "json");
        let document: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(of(&document, "Three together").len(), 2 - left_out, "{line}");
        let upon = if line.starts_with("Upon") { 1 } else { 2 - left_out };
        assert_eq!(of(&document, "Upon that").len(), upon, "{line}");
        let counted = if line.starts_with("Upon") { 1 } else { left_out };
        assert_eq!(document["exclusions"][0]["findings"], counted, "{line}");
    }
}

#[test]
fn an_exclusion_of_a_correlation_is_not_said_to_name_no_rule() {
    let idle = "no rule in use has this name";
    let ran = excluded("Three together | TargetUserName = ann", "table");
    assert!(ran.stdout.contains("1 finding by 1 exclusion"), "{}", ran.stdout);
    assert!(!ran.stdout.contains(idle), "{}", ran.stdout);
    assert!(excluded("Two together", "table").stdout.contains(idle));
}

#[test]
fn an_event_that_two_rules_hold_for_counts_once_and_that_is_said() {
    let twice = |second| event(second, "ann").replace("4625,", "4625,\"LogonType\":3,");
    let lines: String = (1..=3).map(|second| twice(second) + "\n").collect();
    let document = scan("lines.ndjson", lines.as_bytes(), &[]);
    assert_eq!(document["correlations"]["hits_of_counted_events"], 3);
    let folder = tempfile::tempdir().unwrap();
    let ran = kit::run_with(&["scan", "--rules", &rules(folder.path()), "-"], &lines);
    let said = "3 hits of an event that was counted already.";
    assert!(ran.stdout.contains(said), "{}", ran.stdout);
}

fn explained(lines: &[String]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let events = folder.path().join("events.ndjson");
    fs::write(&events, lines.join("\n") + "\n").unwrap();
    let (rules, events) = (rules(folder.path()), events.to_str().unwrap());
    let ran = kit::run(&["rules", "explain", "Three together", events, "--rules", &rules]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    ran.stdout
}

#[test]
fn an_explanation_tells_which_events_could_not_be_used_and_why() {
    let timeless = event(3, "ann").replace("Time", "Moment");
    let nested = format!("{{\"a\":{}1{}}}", "[".repeat(80), "]".repeat(80));
    let lines = [event(1, "ann"), event(2, ""), timeless, nested, "[{\"a\":1} {]".to_owned()];
    let said = explained(&lines);
    for part in [
        "What was not counted:",
        "not all could be read: ",
        "event 4 cannot be read: ",
        "1 hit without a time, and so in no window.",
        "1 hit without a value to group by or to count.",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
}

#[test]
fn an_explanation_of_events_that_were_all_used_says_nothing_of_the_kind() {
    // Another correlation has no value to group these by: that is not this one's story.
    let said = explained(&[event(1, "ann"), event(2, "ann")]);
    assert!(!said.contains("not counted"), "{said}");
}

#[test]
fn a_case_whose_events_tell_no_time_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    rules(folder.path());
    let timeless = event(1, "ann").replace("Time", "Moment");
    let id = "00000000-0000-4000-8000-000000000001";
    let case = format!(r#"{{"name": "Three", "events": [{timeless}, {timeless}]}}"#);
    let cases = format!(r#"{{"rule": "{id}", "hits": [{case}], "near_misses": []}}"#);
    fs::write(folder.path().join("rules.cases.json"), cases).unwrap();
    let ran = kit::run(&["rules", "test", folder.path().to_str().unwrap()]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let said = "2 hits without a time, and so in no window";
    assert!(ran.stdout.contains(said), "{}", ran.stdout);
}
