//! An event as the page defines it: a list of fields. In: a tree, or what Ward's own reader made
//! of a record. Out: names with values. Section "Events" of `docs/reference/sigma.md`.

use event::Raw;

use crate::json::Json;

/// An event: names with values, and what keywords look at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FlatEvent {
    /// Every name with every value it has. A value with several names stands here once for each.
    pub fields: Vec<(String, Value)>,
    /// Every value of the event once, as written in the record: where keywords look.
    pub content: Vec<Value>,
}

/// One value of a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Text, escapes resolved.
    Text(String),
    /// A number as written.
    Number(String),
    /// `true` or `false`.
    Bool(bool),
    /// `null`.
    Null,
    /// An object or array; its members are fields of their own.
    Container,
}

impl FlatEvent {
    /// Reads one JSON object. Errors: a sentence.
    pub fn parse(text: &str) -> Result<FlatEvent, String> {
        match Json::parse(text)? {
            object @ Json::Object(_) => Ok(FlatEvent::flatten(&object)),
            _ => Err("a bare value where an object was expected".into()),
        }
    }

    /// The fields of an object that `serde_json` has read (it keeps only the last of two equal
    /// keys, and large numbers lose digits; [`FlatEvent::parse`] does neither).
    pub fn from_serde(object: &serde_json::Value) -> FlatEvent {
        FlatEvent::flatten(&Json::from(object))
    }

    /// The fields of a tree, under their own names only.
    pub fn flatten(object: &Json) -> FlatEvent {
        let mut event = FlatEvent::default();
        if let Json::Object(entries) = object {
            for (key, value) in entries {
                event.add(key, value);
            }
        }
        event.content = event.fields.iter().map(|(_, value)| value.clone()).collect();
        event
    }

    fn add(&mut self, path: &str, json: &Json) {
        let value = match json {
            Json::Text(text) => Value::Text(text.clone()),
            Json::Number(number) => Value::Number(number.clone()),
            Json::Bool(truth) => Value::Bool(*truth),
            Json::Null => Value::Null,
            Json::Array(_) | Json::Object(_) => Value::Container,
        };
        self.fields.push((path.to_owned(), value));
        match json {
            Json::Array(items) => items.iter().for_each(|item| self.add(path, item)),
            Json::Object(entries) => {
                for (key, value) in entries {
                    // An empty key adds nothing to the path.
                    let below = match (path.is_empty(), key.is_empty()) {
                        (true, _) => key.clone(),
                        (_, true) => path.to_owned(),
                        _ => format!("{path}.{key}"),
                    };
                    self.add(&below, value);
                }
            }
            _ => {}
        }
    }

    /// What Ward's reader made of a record, under all names its kind gives the fields, with the
    /// values that rules expect under each name. Paths the shape ignores are no content.
    pub fn from_ward(event: &event::Event<'_, '_>) -> FlatEvent {
        let mut flat = FlatEvent::default();
        for field in event.fields {
            let path = event.names.text(field.path);
            let value = Value::from(field.raw);
            for name in event.kind.names_of(path) {
                let translated = value
                    .text()
                    .and_then(|text| event.kind.value_for(&name, &text).map(str::to_owned));
                let under_name = translated.map(Value::Text).unwrap_or_else(|| value.clone());
                flat.fields.push((name, under_name));
            }
            if !event.kind.shape.ignore.iter().any(|ignored| **ignored == *path) {
                flat.content.push(value);
            }
        }
        flat
    }

    /// All values of the field with this name.
    pub fn values(&self, name: &str) -> Vec<&Value> {
        self.fields.iter().filter(|(known, _)| known == name).map(|(_, value)| value).collect()
    }
}

impl From<Raw<'_>> for Value {
    fn from(raw: Raw<'_>) -> Self {
        match raw {
            Raw::Text(text) => Value::Text(text.to_owned()),
            // Read again with the oracle's own reader, so that Ward's escapes are tested too.
            Raw::Escaped(inside) => match Json::parse(&format!("\"{inside}\"")) {
                Ok(Json::Text(text)) => Value::Text(text),
                other => unreachable!("Ward's reader let {inside:?} pass: {other:?}"),
            },
            Raw::Number(number) => Value::Number(number.to_owned()),
            Raw::Bool(truth) => Value::Bool(truth),
            Raw::Null => Value::Null,
            Raw::Container => Value::Container,
        }
    }
}

impl Value {
    /// The value as text; null and containers have none.
    pub fn text(&self) -> Option<String> {
        match self {
            Value::Text(text) => Some(text.clone()),
            Value::Number(written) => Some(number_text(written)),
            Value::Bool(truth) => Some(truth.to_string()),
            Value::Null | Value::Container => None,
        }
    }

    /// The value as number, if it is one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Value::Number(written) => written.parse().ok(),
            Value::Text(text) => text_as_number(text),
            Value::Bool(_) | Value::Null | Value::Container => None,
        }
    }
}

/// A JSON number as text: whole numbers as written, others in the shortest decimal form.
pub fn number_text(written: &str) -> String {
    let whole = written.chars().all(|c| c.is_ascii_digit() || c == '-');
    match written.parse::<f64>() {
        Ok(0.0) => "0".into(),
        Ok(number) if !whole && number.is_finite() => number.to_string(),
        _ => written.to_owned(),
    }
}

/// Text that is wholly a decimal number, or `0x` and hexadecimal digits of at most 64 bits.
pub fn text_as_number(text: &str) -> Option<f64> {
    if let Some(digits) = text.strip_prefix("0x") {
        let hexadecimal = digits.chars().all(|c| c.is_ascii_hexdigit());
        return if hexadecimal { Some(u64::from_str_radix(digits, 16).ok()? as f64) } else { None };
    }
    let mut rest = text.strip_prefix(['+', '-']).unwrap_or(text);
    rest = strip_digits(rest)?;
    if let Some(fraction) = rest.strip_prefix('.') {
        rest = strip_digits(fraction)?;
    }
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        rest = strip_digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))?;
    }
    if rest.is_empty() { text.parse().ok() } else { None }
}

/// What follows the digits at the start, of which there must be one.
fn strip_digits(text: &str) -> Option<&str> {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    if rest.len() < text.len() { Some(rest) } else { None }
}
