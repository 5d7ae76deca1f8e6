//! The scanner against a full JSON parser: the same leaves, the same records refused.

#![allow(clippy::unwrap_used)] // Helpers of tests, too.

mod common;

use event::{Catalogue, Damage, Field, LogSource, Names, Raw, Reader, json};
use proptest::prelude::*;
use serde_json::{Map, Value};

/// Path and text of every value, `None` for null and `{}` for containers, by the scanner.
fn scanned(text: &str) -> Result<Vec<(String, Option<String>)>, Damage> {
    let catalogue = Catalogue::parse([], LogSource::default()).unwrap();
    let mut names = Names::default();
    let mut fields: Vec<Field<'_>> = Vec::new();
    json::scan(text, &catalogue, &mut names, &mut fields)?;
    let leaf = |field: &Field<'_>| {
        let value = match field.raw {
            Raw::Container => Some("{}".to_owned()),
            raw => raw.text().map(|text| text.into_owned()),
        };
        (names.text(field.path).to_owned(), value)
    };
    Ok(fields.iter().map(leaf).collect())
}

/// The same by walking what the full parser gives.
fn walked(value: &Value, path: &str, out: &mut Vec<(String, Option<String>)>) {
    let leaf = match value {
        Value::Object(_) | Value::Array(_) => Some("{}".to_owned()),
        Value::Null => None,
        Value::Bool(truth) => Some(truth.to_string()),
        Value::String(text) => Some(text.clone()),
        Value::Number(number) if number.is_f64() => {
            let number = number.as_f64().unwrap();
            Some(if number == 0.0 { "0".to_owned() } else { number.to_string() })
        }
        Value::Number(number) => Some(number.to_string()),
    };
    out.push((path.to_owned(), leaf));
    match value {
        Value::Object(members) => walk_members(members, path, out),
        Value::Array(members) => members.iter().for_each(|one| walked(one, path, out)),
        _ => {}
    }
}

fn walk_members(members: &Map<String, Value>, path: &str, out: &mut Vec<(String, Option<String>)>) {
    for (key, value) in members {
        let path = match (path, key.as_str()) {
            ("", key) => key.to_owned(),
            (path, "") => path.to_owned(),
            (path, key) => format!("{path}.{key}"),
        };
        walked(value, &path, out);
    }
}

fn check(text: &str, expected: Result<&[(&str, Option<&str>)], Damage>) {
    let expected = expected.map(|all| {
        all.iter().map(|(path, value)| ((*path).to_owned(), value.map(str::to_owned))).collect()
    });
    assert_eq!(scanned(text), expected, "{text}");
}

#[test]
fn nested_members_have_dotted_paths_and_arrays_share_one() {
    check(
        r#"{"a":{"b":1},"c":[1,{"d":"x"},[2]],"e.f":null}"#,
        Ok(&[
            ("a", Some("{}")),
            ("a.b", Some("1")),
            ("c", Some("{}")),
            ("c", Some("1")),
            ("c", Some("{}")),
            ("c.d", Some("x")),
            ("c", Some("{}")),
            ("c", Some("2")),
            ("e.f", None),
        ]),
    );
}

#[test]
fn a_key_that_comes_twice_has_two_values() {
    check(r#"{"a":1,"a":"b"}"#, Ok(&[("a", Some("1")), ("a", Some("b"))]));
}

#[test]
fn escaped_keys_are_the_same_field() {
    check(r#"{"\u0061\/b":true}"#, Ok(&[("a/b", Some("true"))]));
}

#[test]
fn raw_control_characters_and_lone_surrogates_are_accepted() {
    check("{\"a\":\"x\ty\u{1}\"}", Ok(&[("a", Some("x\ty\u{1}"))]));
    check(r#"{"a":"\ud800"}"#, Ok(&[("a", Some("\u{fffd}"))]));
}

#[test]
fn what_is_no_object_is_refused() {
    check("", Err(Damage::Truncated(0)));
    check("[1]", Err(Damage::NotAnObject));
    check("x", Err(Damage::Unexpected(0)));
    check("{} {}", Err(Damage::Unexpected(3)));
    check(r#"{"a":01}"#, Err(Damage::Number(5)));
    check(r#"{"a":1,}"#, Err(Damage::Unexpected(7)));
    check(r#"{"a":"\x"}"#, Err(Damage::Escape(6)));
    check(r#"{"a":"b"#, Err(Damage::Truncated(7)));
}

#[test]
fn nesting_is_bounded() {
    let deep = |levels: usize| format!("{}1{}", r#"{"a":"#.repeat(levels), "}".repeat(levels));
    assert!(scanned(&deep(json::MAX_DEPTH)).is_ok());
    assert!(matches!(scanned(&deep(json::MAX_DEPTH + 1)), Err(Damage::TooDeep(_))));
    assert!(matches!(scanned(&"[{\"a\":".repeat(1 << 16)), Err(Damage::NotAnObject)));
}

#[test]
fn the_number_of_values_is_bounded() {
    let many = format!("{{\"a\":[{}1]}}", "1,".repeat(json::MAX_FIELDS));
    assert!(matches!(scanned(&many), Err(Damage::TooMany(_))));
}

#[test]
fn a_sample_cut_off_anywhere_is_damaged() {
    for file in ["windows-evtx.jsonl", "okta.jsonl", "zeek.jsonl"] {
        let whole = common::sample(file, 0);
        let mut reader = Reader::new(common::catalogue());
        for end in 0..whole.len() {
            let mut fields = Vec::new();
            assert!(reader.json(&whole[..end], &mut fields).is_err(), "{file} up to {end}");
        }
    }
}

#[test]
fn bytes_that_are_no_utf_8_are_named() {
    let mut reader = Reader::new(common::catalogue());
    assert_eq!(reader.json(b"{\"a\":\"\xff\"}", &mut Vec::new()), Err(Damage::Utf8(6)));
}

fn json_value() -> impl Strategy<Value = Value> {
    let key = prop_oneof!["[a-c]{0,2}", "[a-z.\"\\\\é\u{1}]{0,4}"];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_filter("finite", |f| f.is_finite()).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[\"\\\\a😀\n\u{0}]{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((key.clone(), inner), 0..6)
                .prop_map(|all| Value::Object(all.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_object_gives_the_leaves_of_a_full_parser(value in json_value(), pretty: bool) {
        let object = serde_json::json!({ "top": value, "": 1 });
        let text = if pretty { serde_json::to_string_pretty(&object) } else { serde_json::to_string(&object) };
        let mut expected = Vec::new();
        walk_members(object.as_object().unwrap(), "", &mut expected);
        prop_assert_eq!(scanned(&text.unwrap()), Ok(expected));
    }

    #[test]
    fn damaged_text_is_refused_as_a_full_parser_refuses_it(
        value in json_value(), cut in 0usize..200, change in any::<(usize, u8)>(),
    ) {
        let object = serde_json::json!({ "top": value }).to_string();
        let mut bytes = object.into_bytes();
        let at = change.0 % bytes.len();
        bytes[at] = change.1 & 0x7f;
        bytes.truncate(bytes.len().saturating_sub(cut % 3));
        if let Ok(text) = std::str::from_utf8(&bytes) {
            let full: Result<Value, _> = serde_json::from_str(text);
            let tolerated = text.bytes().any(|b| b < 0x20) || text.contains("\\u");
            match (scanned(text), full) {
                (Ok(_), Ok(full)) => prop_assert!(full.is_object()),
                (Ok(_), Err(error)) => prop_assert!(
                    tolerated || error.to_string().contains("number out of range"), "{text}: {error}"
                ),
                (Err(damage), Ok(full)) => prop_assert!(!full.is_object(), "{text}: {damage}"),
                (Err(_), Err(_)) => {}
            }
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,60}", wrapped: bool) {
        let text = if wrapped { format!("{{\"a\":{text}}}") } else { text };
        let _ = scanned(&text);
    }
}
