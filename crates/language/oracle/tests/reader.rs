//! Ward's reader of JSON and the oracle's own see the same fields in the same events.

use std::sync::Arc;

use event::{Catalogue, LogSource, Reader};
use oracle::{FlatEvent, Oracle, events_for, testdata};

fn check(line: &str) {
    let catalogue = Catalogue::parse([], LogSource::default()).expect("no files have no mistakes");
    let mut reader = Reader::new(Arc::new(catalogue));
    let mut fields = Vec::new();
    let kind =
        reader.json(line.as_bytes(), &mut fields).unwrap_or_else(|why| panic!("{why}: {line}"));
    let ward = FlatEvent::from_ward(&reader.event(kind, &fields));
    let own = FlatEvent::parse(line).unwrap_or_else(|why| panic!("{why}: {line}"));
    assert_eq!(ward.content, own.content, "{line}");
    for (name, value) in &own.fields {
        let known = name.is_empty() || ward.fields.contains(&(name.clone(), value.clone()));
        assert!(known, "{name} = {value:?} is missing: {line}");
    }
    let texts = |event: &FlatEvent| -> Vec<_> {
        event.content.iter().map(|value| (value.text(), value.number())).collect()
    };
    assert_eq!(texts(&ward), texts(&own), "{line}");
}

#[test]
fn objects_arrays_and_repeated_keys_are_read_alike() {
    for line in [
        "{}",
        r#"{"a":{"b":{"c":1}},"a.b":2,"a":3}"#,
        r#"{"a":[1,[2,{"b":3}],{},[]],"":{"":4},"c":{"":5}}"#,
        r#"{"a":[null,true,false],"b":null}"#,
        r#" { "a" : [ 1 , 2 ] } "#,
    ] {
        check(line);
    }
}

#[test]
fn escapes_are_read_alike() {
    for line in [
        r#"{"a":"\ud83d\ude00\ud83d","b":"\ude00\ud83d\ud83d\ude00","c":"\ud83dx"}"#,
        r#"{"a":"\"\\\/\b\f\n\r\t","\u0061\u002eb":"\u0000"}"#,
        "{\"a\":\"raw \u{1} control\"}",
    ] {
        check(line);
    }
}

#[test]
fn numbers_are_read_alike() {
    for number in [
        "0",
        "-0",
        "-0.0",
        "1.0",
        "1e3",
        "1E-2",
        "1e400",
        "-1e400",
        "18446744073709551617",
        "1.10",
        "5e-324",
        "1e22",
        "123456789.123456789",
    ] {
        check(&format!("{{\"a\":{number},\"b\":[{number}]}}"));
    }
}

#[test]
fn events_made_from_the_public_rules_are_read_alike() {
    let rules = match testdata::rules() {
        Ok(rules) => rules,
        Err(why) => return eprintln!("skipped: {why}"),
    };
    for (_, yaml) in rules.iter().step_by(7) {
        if let Ok(rule) = Oracle::parse(yaml) {
            events_for(&rule, 1, 10).iter().for_each(|line| check(line));
        }
    }
}
