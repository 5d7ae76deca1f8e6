//! Why a rule held or not, and which rules nothing in the input could make hold.

mod common;

use std::sync::Arc;

use event::Reader;
use sigma::{Engine, Matcher, RuleId};

const RULE: &str = r"
title: Shadow copies deleted
logsource: {product: windows, category: process_creation}
detection:
  selection_img:
    - Image|endswith: '\vssadmin.exe'
    - OriginalFileName: VSSADMIN.EXE
  selection_cli:
    CommandLine|contains|all: [shadow, delete]
  filter:
    ParentImage|endswith: '\backup.exe'
  condition: all of selection_* and not filter
";

const EVENT: &str = r#"{"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1,"Image":"C:\\Windows\\System32\\vssadmin.exe","CommandLine":"vssadmin Delete Shadows /all","ParentImage":"C:\\Windows\\System32\\cmd.exe"}"#;

#[test]
fn an_explanation_answers_every_question_of_the_rule() {
    let set = common::rules([RULE]);
    let mut reader = Reader::new(common::catalogue());
    let mut fields = Vec::new();
    let kind = reader.json(EVENT.as_bytes(), &mut fields).expect("a readable event");
    let said = sigma::explain(set.rule(RuleId(0)), reader.event(kind, &fields));
    assert!(said.holds());
    insta::assert_debug_snapshot!(said);
}

#[test]
fn what_made_a_rule_hold_leaves_out_filters() {
    let set = common::rules([RULE]);
    let mut reader = Reader::new(common::catalogue());
    let mut fields = Vec::new();
    let kind = reader.json(EVENT.as_bytes(), &mut fields).expect("a readable event");
    let mut matcher = common::matcher(set);
    let event = reader.event(kind, &fields);
    assert_eq!(matcher.matches(event), [RuleId(0)]);
    let matched = matcher.matched(event, RuleId(0));
    let parts: Vec<(&str, &str)> =
        matched.iter().map(|part| (part.field.as_str(), part.written.as_str())).collect();
    let expected =
        [("CommandLine", "shadow"), ("CommandLine", "delete"), ("Image", r"\vssadmin.exe")];
    assert_eq!(parts, expected);
}

#[test]
fn a_rule_that_misses_a_field_in_all_events_is_named_with_the_field() {
    let set = Arc::new(common::rules([RULE]));
    let engine = Arc::new(Engine::new(set));
    let mut matcher = Matcher::new(engine.clone());
    let mut reader = Reader::new(common::catalogue());
    let mut fields = Vec::new();
    let event =
        r#"{"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1,"Image":"C:\\a.exe"}"#;
    let kind = reader.json(event.as_bytes(), &mut fields).expect("a readable event");
    assert!(matcher.matches(reader.event(kind, &fields)).is_empty());
    let program = engine.program(reader.kind(kind));
    let coverage = matcher.coverage().remove(0);
    let impossible: Vec<_> = program.impossible(&coverage.seen).collect();
    assert_eq!(impossible, [(RuleId(0), vec!["CommandLine"])]);
}
