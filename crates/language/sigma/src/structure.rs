//! Mistakes in a rule's YAML that the parser reads as something else.
//!
//! The parser takes a map where a value belongs for text, a key that is no text for keywords, a
//! log source that is no text for "any", and so on. Here they are refused, so that a mistake is
//! told instead of guessed at.

use serde::Deserialize;
use yaml_serde::{Mapping, Value};

/// Checks every document of `text`. Errors: what is wrong, naming the key. YAML that cannot be
/// read at all passes: the parser says why.
pub(crate) fn check(text: &str) -> Result<(), String> {
    if is_too_deep(text) {
        return Err(format!("nested deeper than {MAX_DEPTH} levels"));
    }
    for document in yaml_serde::Deserializer::from_str(text) {
        let Ok(Value::Mapping(rule)) = Value::deserialize(document) else { return Ok(()) };
        logsource(&rule)?;
        if let Some(detection) = map_at(&rule, "detection") {
            detections(detection)?;
        }
        if let Some(filter) = map_at(&rule, "filter") {
            if !filter.contains_key("rules") {
                return Err("filter: names neither rules nor any".to_owned());
            }
            detections(filter)?;
        }
    }
    Ok(())
}

/// Brackets, lists and negations may be nested this deep: the parsers below call themselves for
/// each level, and take time by its square.
const MAX_DEPTH: usize = 500;

/// Whether the text may nest deeper than [`MAX_DEPTH`], told from its characters alone.
fn is_too_deep(text: &str) -> bool {
    let mut depth = 0usize;
    for byte in text.bytes() {
        match byte {
            b'[' | b'{' | b'(' => depth += 1,
            b']' | b'}' | b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return true;
        }
    }
    let mut run = 0;
    text.split_whitespace().any(|word| {
        run = if matches!(word, "not" | "-") { run + 1 } else { 0 };
        run > MAX_DEPTH
    })
}

fn map_at<'m>(map: &'m Mapping, key: &str) -> Option<&'m Mapping> {
    map.get(key).and_then(Value::as_mapping)
}

fn logsource(rule: &Mapping) -> Result<(), String> {
    let Some(logsource) = map_at(rule, "logsource") else { return Ok(()) };
    for key in ["product", "category", "service"] {
        match logsource.get(key) {
            None | Some(Value::String(_)) => {}
            Some(_) => return Err(format!("logsource: {key} is no text")),
        }
    }
    Ok(())
}

/// Keys of a detection section that are no selections.
const NO_SELECTIONS: [&str; 3] = ["condition", "timeframe", "rules"];

fn detections(section: &Mapping) -> Result<(), String> {
    for (name, body) in section {
        match name.as_str() {
            Some(name) if NO_SELECTIONS.contains(&name) => {}
            Some(name) => selection(body).map_err(|reason| format!("{name}: {reason}"))?,
            None => return Err("a selection's name is no text".to_owned()),
        }
    }
    Ok(())
}

fn selection(body: &Value) -> Result<(), String> {
    match body {
        Value::Mapping(map) if map.is_empty() => Err("an empty map".to_owned()),
        Value::Mapping(map) => map.iter().try_for_each(|(key, value)| entry(key, value)),
        Value::Sequence(list) if list.is_empty() => Err("an empty list".to_owned()),
        Value::Sequence(list) => list.iter().try_for_each(selection),
        Value::Null => Err("nothing is sought".to_owned()),
        _ => Ok(()),
    }
}

fn entry(key: &Value, value: &Value) -> Result<(), String> {
    let key = match key.as_str() {
        Some(".") => return Err("a field cannot be called \".\"".to_owned()),
        Some(key) => key,
        None => return Err("the name of a field is no text: put it in quotes".to_owned()),
    };
    match value {
        Value::Sequence(list) if list.is_empty() => Err(format!("{key}: an empty list of values")),
        Value::Sequence(list) if list.iter().any(is_nested) => {
            Err(format!("{key}: a map or list where a value belongs"))
        }
        one if !matches!(one, Value::Sequence(_)) && is_nested(one) => {
            Err(format!("{key}: a map where a value belongs"))
        }
        _ => Ok(()),
    }
}

fn is_nested(value: &Value) -> bool {
    matches!(value, Value::Mapping(_) | Value::Sequence(_) | Value::Tagged(_))
}
