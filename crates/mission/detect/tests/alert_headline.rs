//! The headline of an alert: one form, sensible whatever the event leaves out.

mod alert_common;

use alert_common::{code, pathology, rule, signal};
use detect::alert::{Path, Signal, Step, StepKind, Support, Who, headline};
use proptest::prelude::*;
use terms::Level;

fn with(process: &str, parent: &str, user: &str, device: &str) -> Signal {
    let words = [user, process, parent].map(str::to_owned);
    let [user, process, parent] = words;
    Signal { who: Who { user, process, parent }, ..signal((1, 0), "RX1", device, 0) }
}

fn service_alone() -> Support {
    let step = |kind, name: &str| Step {
        kind,
        code: "EX".to_owned(),
        name: name.to_owned(),
        reason: String::new(),
    };
    let steps =
        vec![step(StepKind::Device, "EX-1"), step(StepKind::Service, "the fracture clinic")];
    Support {
        is_known: true,
        paths: vec![Path { steps, patients_per_day: Some(1), criticality: 2, strength: 1.0 }],
    }
}

#[test]
fn a_headline_says_who_did_what_where_and_what_it_supports() {
    let full = "C:\\Windows\\System32\\powershell.exe";
    let word = "C:\\Program Files\\Office\\WINWORD.EXE";
    let cases = [
        (with(full, word, "EX\\ward7", "EX-PATH-07"), pathology()),
        (with(full, word, "", "EX-PATH-07"), pathology()),
        (with(full, "", "EX\\ward7", "EX-PATH-07"), service_alone()),
        (with("/usr/bin/curl", "", "", "ex-web-1"), Support::unknown()),
        (with("", "", "EX\\ward7", "EX-1"), Support { is_known: true, paths: Vec::new() }),
        (with("", word, "", "EX-1"), Support::unknown()),
        (with("", "", "", ""), Support::unknown()),
        (with("\"C:\\a b\\run.exe\"", "", "", ""), pathology()),
        (with(".exe", "x\ny", "", "EX-1"), Support::unknown()),
        (with(&"é".repeat(300), "", "", "EX-1"), Support::unknown()),
    ];
    let lines: Vec<String> =
        cases.iter().map(|(signal, support)| headline::of_signal(signal, support)).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn a_rule_whose_tags_say_nothing_is_told_by_its_title() {
    let mut signal = with("/usr/bin/curl", "", "", "ex-web-1");
    let rule = std::sync::Arc::make_mut(&mut signal.rule);
    rule.tags = vec!["cve.2026-1".to_owned()];
    let text = headline::of_signal(&signal, &Support::unknown());
    assert_eq!(headline::parts(&text).what, "Example of backup-deleted: seen on ex-web-1");
}

#[test]
fn a_headline_of_an_older_ward_has_two_sentences() {
    let parts = headline::parts("curl on ex-web-1: Example. It serves the fracture clinic.");
    assert_eq!(parts.what, "curl on ex-web-1: Example");
    assert_eq!((parts.supports, parts.seen), ("It serves the fracture clinic", ""));
}

#[test]
fn a_flood_says_how_many_devices() {
    let rule = rule("example", Level::High);
    let of = |devices, support: &Support| headline::of_flood(&code("RX1"), &rule, devices, support);
    let lines = [of(1, &Support::unknown()), of(1_240, &pathology()), of(2, &service_alone())];
    insta::assert_snapshot!(lines.join("\n"));
}

proptest! {
    #[test]
    fn whatever_stands_in_an_event_the_headline_is_one_bounded_line(
        process in any::<String>(), parent in any::<String>(), user in any::<String>(),
        device in any::<String>(),
    ) {
        let text = headline::of_signal(&with(&process, &parent, &user, &device), &pathology());
        prop_assert!(!text.is_empty() && text.len() <= headline::MAX_BYTES + '…'.len_utf8());
        prop_assert!(!text.chars().any(char::is_control), "{text:?}");
        let parts = headline::parts(&text);
        prop_assert!(parts.supports.starts_with("It runs specimen labels"), "{text:?}");
        prop_assert!(!parts.seen.is_empty(), "{text:?}");
    }
}
