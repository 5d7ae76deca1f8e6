//! Kinds: stable over the order of keys, decided by values, never by what came before.

#![allow(clippy::unwrap_used)] // Helpers of tests, too.

mod common;

use std::sync::Arc;

use event::{Catalogue, Kind, LogSource, Reader};
use proptest::prelude::*;

fn kind(reader: &mut Reader, json: &str) -> Arc<Kind> {
    let mut fields = Vec::new();
    let kind = reader.json(json.as_bytes(), &mut fields).unwrap_or_else(|e| panic!("{json}: {e}"));
    reader.kind(kind).clone()
}

fn check(json: &str, label: &str) {
    assert_eq!(kind(&mut Reader::new(common::catalogue()), json).label(), label, "{json}");
}

#[test]
fn a_record_of_no_shape_is_unknown() {
    check(r#"{"x":1}"#, "unknown (unknown)");
    check("{}", "unknown (unknown)");
}

#[test]
fn a_windows_event_of_an_unlisted_channel_is_still_of_windows() {
    check(r#"{"Channel":"Vendor/Operational","EventID":1}"#, "windows");
}

#[test]
fn letter_case_of_a_channel_does_not_matter() {
    check(r#"{"Channel":"SECURITY","EventID":"4688"}"#, "windows process_creation security");
}

#[test]
fn escapes_in_selecting_values_are_resolved() {
    check(r#"{"Channel":"\u0053ecurity","EventID":1}"#, "windows security");
    check(
        r#"{"Channel":"Microsoft-Windows-Sysmon\/Operational","EventID":1}"#,
        "windows process_creation sysmon",
    );
}

#[test]
fn a_number_written_otherwise_is_the_same_event() {
    check(r#"{"Channel":"Security","EventID":4688.0}"#, "windows process_creation security");
}

#[test]
fn the_text_of_a_number_is_not_mixed_up_with_the_number() {
    let mut reader = Reader::new(common::catalogue());
    let number = r#"{"Channel":"Security","EventID":4688.0}"#;
    let text = r#"{"Channel":"Security","EventID":"4688.0"}"#;
    for (json, label) in [
        (number, "windows process_creation security"),
        (text, "windows security"),
        (number, "windows process_creation security"),
    ] {
        assert_eq!(kind(&mut reader, json).label(), label, "{json}");
    }
}

#[test]
fn null_is_no_value_that_selects() {
    check(r#"{"Channel":null,"EventID":1}"#, "windows");
}

#[test]
fn tags_are_taken_only_where_the_catalogue_knows_the_word() {
    check(r#"{"product":"Windows","service":"SYSMON"}"#, "windows sysmon");
    check(r#"{"product":"okta","service":"okta"}"#, "okta okta");
    check(r#"{"product":"toaster","category":"breakfast"}"#, "unknown (tagged)");
}

#[test]
fn what_the_user_vouches_for_counts_only_where_records_do_not_tell() {
    let files = common::catalogue_files();
    let files = files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    let assumed = LogSource { product: Some("linux".into()), ..LogSource::default() };
    let catalogue = Arc::new(Catalogue::parse(files, assumed).unwrap());
    let mut reader = Reader::new(catalogue);
    assert_eq!(kind(&mut reader, r#"{"x":1}"#).label(), "linux");
    assert_eq!(kind(&mut reader, r#"{"Channel":"x","EventID":1}"#).label(), "windows");
}

#[test]
fn a_kind_belongs_to_log_sources_that_name_only_what_it_has() {
    let mut reader = Reader::new(common::catalogue());
    let kind = kind(&mut reader, r#"{"Channel":"Security","EventID":4688}"#);
    let source = |product: &str, category: Option<&str>, service: Option<&str>| LogSource {
        product: Some(product.into()),
        category: category.map(Box::from),
        service: service.map(Box::from),
    };
    assert!(kind.belongs_to(&LogSource::default()));
    assert!(kind.belongs_to(&source("windows", Some("process_creation"), None)));
    assert!(kind.belongs_to(&source("Windows", None, Some("security"))));
    assert!(!kind.belongs_to(&source("windows", None, Some("sysmon"))));
    assert!(!kind.belongs_to(&source("linux", Some("process_creation"), None)));
}

#[test]
fn readers_of_one_catalogue_number_kinds_alike() {
    let catalogue = common::catalogue();
    let mut one = Reader::new(catalogue.clone());
    let mut other = Reader::new(catalogue);
    kind(&mut one, r#"{"x":1}"#);
    let json = r#"{"Channel":"Security","EventID":1}"#;
    assert_eq!(kind(&mut one, json).id, kind(&mut other, json).id);
}

#[test]
fn invented_names_are_forgotten_and_the_generation_tells() {
    let mut reader = Reader::new(common::catalogue());
    let before = reader.names().generation();
    for record in 0..40 {
        let members: Vec<String> = (0..2000).map(|n| format!("\"k{record}_{n}\":1")).collect();
        kind(&mut reader, &format!("{{{}}}", members.join(",")));
        assert!(reader.names().len() <= (1 << 16) + 2001);
    }
    assert!(reader.names().generation() > before);
    assert_eq!(
        kind(&mut reader, r#"{"Channel":"Security","EventID":1}"#).label(),
        "windows security"
    );
}

#[test]
fn long_names_do_not_multiply() {
    let mut reader = Reader::new(common::catalogue());
    let members: Vec<String> = (0..1000).map(|n| format!("\"k{n}\":1")).collect();
    let json = format!("{{\"{}\":{{{}}}}}", "é".repeat(100_000), members.join(","));
    let mut fields = Vec::new();
    reader.json(json.as_bytes(), &mut fields).unwrap();
    assert!(fields.iter().all(|field| reader.names().text(field.path).len() <= 1024));
}

#[test]
fn many_first_keys_are_still_told_apart() {
    let mut reader = Reader::new(common::catalogue());
    for n in 0..500 {
        let json = format!("{{\"first{n}\":1,\"Channel\":\"Security\",\"EventID\":{n}}}");
        assert_eq!(kind(&mut reader, &json).products, ["windows".into()]);
        assert!(reader.names().find(&format!("first{n}")).is_some());
    }
}

#[test]
fn values_too_long_to_select_select_nothing() {
    check(&format!(r#"{{"Channel":"{}","EventID":1}}"#, "x".repeat(100_000)), "windows");
}

fn unnested(json: &str) -> Option<String> {
    let mut reader = Reader::new(common::catalogue());
    let kind = reader.json(json.as_bytes(), &mut Vec::new()).unwrap();
    let mut out = Vec::new();
    reader.unnest(kind, json.as_bytes(), &mut out).then(|| String::from_utf8(out).unwrap())
}

#[test]
fn an_object_in_a_string_takes_the_place_of_the_string() {
    let json = r#"{"RecordType":1,"UserId":"a","AuditData" : "{\"a\":\"\\u00e9 \\\\\"}","b":2}"#;
    let expected = r#"{"RecordType":1,"UserId":"a","AuditData" : {"a":"\u00e9 \\"},"b":2}"#;
    assert_eq!(unnested(json).as_deref(), Some(expected));
}

#[test]
fn a_string_cannot_write_fields_beside_itself() {
    for inside in [r#"{\"a\":1},\"Operation\":{}"#, r#"{\"a\":1"#, "plain", "{}}"] {
        let json = format!(r#"{{"RecordType":1,"UserId":"a","AuditData":"{inside}"}}"#);
        assert_eq!(unnested(&json), None, "{json}");
    }
}

#[test]
fn only_shapes_that_say_so_have_objects_in_strings() {
    assert_eq!(unnested(r#"{"AuditData":"{\"a\":1}"}"#), None);
}

proptest! {
    #[test]
    fn the_order_of_keys_does_not_change_the_kind(order in Just(vec![
        r#""Channel":"Microsoft-Windows-Sysmon/Operational""#, r#""EventID":12"#,
        r#""EventType":"CreateKey""#, r#""Image":"x""#, r#""product":"windows""#, r#""nested":{"EventID":1}"#,
    ]).prop_shuffle()) {
        let mut reader = Reader::new(common::catalogue());
        // Another order first, so that the walk through the keys is known and wrong.
        kind(&mut reader, r#"{"Image":"x","EventID":1,"Channel":"Security"}"#);
        let found = kind(&mut reader, &format!("{{{}}}", order.join(",")));
        prop_assert_eq!(found.label(), "windows registry_add registry_event sysmon");
    }
}
