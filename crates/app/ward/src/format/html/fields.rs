//! An event as a list of fields, those marked that made the rule hold. In: its JSON. Out: path,
//! value, mark. Long values and long lists are cut, and say so.

use std::collections::HashSet;

use detect::Finding;
use serde::Serialize;
use serde_json::Value;

/// One field of an event.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Shown {
    /// Dotted path.
    pub(crate) name: String,
    pub(crate) value: String,
    /// Whether it made the rule hold.
    pub(crate) is_matched: bool,
}

const MAX_VALUE_CHARS: usize = 1000;
const MAX_FIELDS: usize = 120;

/// The event's fields in its own order.
pub(crate) fn of(finding: &Finding) -> Vec<Shown> {
    let Ok(value) = serde_json::from_str::<Value>(&finding.event) else {
        let value = short(&finding.event);
        return vec![Shown { name: "record".to_owned(), value, is_matched: false }];
    };
    let matched: HashSet<&str> =
        finding.matched.iter().map(|one| &*one.value).filter(|value| !value.is_empty()).collect();
    let mut out = Vec::new();
    flatten("", &value, &matched, &mut out);
    if out.len() > MAX_FIELDS {
        let more = out.len() - MAX_FIELDS;
        let is_late = |shown: &Shown| shown.is_matched;
        let late: Vec<Shown> = out.drain(MAX_FIELDS..).filter(is_late).collect();
        out.extend(late);
        let value = format!("{more} more fields are in the log");
        out.push(Shown { name: "…".to_owned(), value, is_matched: false });
    }
    out
}

fn flatten(path: &str, value: &Value, matched: &HashSet<&str>, out: &mut Vec<Shown>) {
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    let text = match value {
        Value::Object(map) => {
            for (key, value) in map {
                flatten(&below(key), value, matched, out);
            }
            return;
        }
        Value::Array(list) => {
            for value in list {
                flatten(path, value, matched, out);
            }
            return;
        }
        Value::Null => return,
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let is_matched = matched.contains(text.as_str());
    out.push(Shown { name: path.to_owned(), value: short(&text), is_matched });
}

/// The text, cut after a thousand characters.
pub(crate) fn short(text: &str) -> String {
    match text.char_indices().nth(MAX_VALUE_CHARS) {
        None => text.to_owned(),
        Some((at, _)) => {
            let more = text[at..].chars().count();
            format!("{} … ({more} more characters)", &text[..at])
        }
    }
}
