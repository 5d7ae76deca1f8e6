//! What Ward's templates may do to a value: numbers, plurals and times as people read them.

use std::fmt;

use minijinja::{Error, ErrorKind, Value, value::ValueKind};

use crate::{
    assets,
    pieces::words::{count, grouped},
};

/// `{{ n|number }}`: 1234567 as "1,234,567"; at most one decimal.
pub(super) fn number(value: &Value) -> Result<String, Error> {
    if let Some(whole) = value.as_i64() {
        return Ok(grouped(whole));
    }
    let Ok(real) = f64::try_from(value.clone()) else { return Err(no_number(value)) };
    if !real.is_finite() {
        return Err(no_number(value));
    }
    let tenths = (real * 10.0).round();
    let whole = grouped((tenths / 10.0).trunc() as i64);
    let tenth = (tenths % 10.0).abs() as i64;
    let sign = if real < 0.0 && !whole.starts_with('-') && tenths != 0.0 { "-" } else { "" };
    Ok(if tenth == 0 { whole } else { format!("{sign}{whole}.{tenth}") })
}

/// `{{ n|plural("alert") }}`: "1 alert", "1,200 alerts". The second argument is the plural where
/// it is not made with an s.
pub(super) fn plural(value: &Value, one: &str, many: Option<&str>) -> Result<String, Error> {
    let number = value.as_i64().ok_or_else(|| no_number(value))?;
    Ok(count(number, one, many))
}

fn no_number(value: &Value) -> Error {
    let what = format!("{value:?} is no number to show ({})", value.kind());
    Error::new(ErrorKind::InvalidOperation, what)
}

/// `{{ moment|time }}`: "14:05 today (9 minutes ago)", the exact time on focus. Takes a
/// [`Moment`](crate::pieces::Moment).
pub(super) fn time(moment: &Value) -> Result<Value, Error> {
    element(moment, |day, ago| format!("{day} <span class=\"ward-ago\">({ago})</span>"))
}

/// `{{ moment|ago }}`: "9 minutes ago", the exact time on focus; for narrow columns.
pub(super) fn ago(moment: &Value) -> Result<Value, Error> {
    element(moment, |_, ago| ago.to_owned())
}

fn element(moment: &Value, words: impl Fn(&str, &str) -> String) -> Result<Value, Error> {
    let part = |name: &str| {
        let part = moment.get_attr(name)?;
        match part.kind() {
            ValueKind::String => Ok(escaped(&part.to_string())),
            _ => Err(Error::new(ErrorKind::InvalidOperation, format!("no moment: {moment:?}"))),
        }
    };
    Ok(Value::from_safe_string(format!(
        "<time datetime=\"{}\" title=\"{}\">{}</time>",
        part("iso")?,
        part("exact")?,
        words(&part("day")?, &part("ago")?)
    )))
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    write_escaped(&mut out, text).expect("writing to a string cannot fail");
    out
}

/// Escapes what HTML needs escaped in text and in quoted attributes, and nothing else: addresses
/// stay readable and pages small.
pub(super) fn write_escaped(out: &mut impl fmt::Write, text: &str) -> fmt::Result {
    let mut plain = 0;
    for (at, letter) in text.match_indices(['&', '<', '>', '"', '\'']) {
        out.write_str(&text[plain..at])?;
        out.write_str(match letter {
            "&" => "&amp;",
            "<" => "&lt;",
            ">" => "&gt;",
            "\"" => "&quot;",
            _ => "&#39;",
        })?;
        plain = at + 1;
    }
    out.write_str(&text[plain..])
}

/// `{{ asset("queue") }}`: the address of a built entry, with its hash. Needs no escaping: the
/// bundler names files by letters, digits and dashes.
pub(super) fn asset(entry: &str) -> Result<Value, Error> {
    match assets::address(entry) {
        Some(address) => Ok(Value::from_safe_string(address.to_owned())),
        None => Err(Error::new(
            ErrorKind::InvalidOperation,
            format!("no style or island is named {entry}"),
        )),
    }
}

/// `{{ choices(input.choices, "checked") }}`: the answers of a field as the design system's
/// components take them; `chosen` is what they call an answer that is chosen.
pub(super) fn choices(choices: Vec<Value>, chosen: &str) -> Result<Vec<Value>, Error> {
    let item = |choice: &Value| {
        let mut item = vec![
            ("value", choice.get_attr("value")?),
            ("text", choice.get_attr("text")?),
            (chosen, choice.get_attr("is_chosen")?),
        ];
        let hint = choice.get_attr("hint")?;
        if !hint.is_none() {
            item.push(("hint", Value::from_pairs([("text", hint)])));
        }
        Ok(Value::from_pairs(item))
    };
    choices.iter().map(item).collect()
}
