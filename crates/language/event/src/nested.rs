//! JSON kept as text inside JSON: exports of Microsoft 365 and Defender put a whole object into
//! one string. In: a record and the keys that may hold such text. Out: the record with the object
//! in place of the string.

use std::borrow::Cow;

use memchr::memmem;

use crate::{Catalogue, Names, json, value::unescape_into};

/// Strings replaced in one record, at most.
const MAX_NESTED: usize = 16;

/// Appends `line` to `out` with the objects that stand as text below `keys` put in place of that
/// text. `false`, and nothing appended, if there are none.
///
/// Only text that is wholly one JSON object is taken, so a value cannot write fields beside
/// itself.
pub(crate) fn unnest(
    catalogue: &Catalogue,
    keys: &[Box<str>],
    line: &[u8],
    out: &mut Vec<u8>,
) -> bool {
    let Ok(text) = std::str::from_utf8(line) else { return false };
    let mut found: Vec<(usize, usize, String)> = Vec::new();
    for key in keys {
        let quoted = format!("\"{key}\"");
        for at in memmem::find_iter(line, quoted.as_bytes()).take(MAX_NESTED) {
            let after = at + quoted.len();
            if let Some((start, end)) = string_value(text, after)
                && let Some(object) = object(catalogue, &text[start + 1..end - 1])
            {
                found.push((start, end, object));
            }
        }
    }
    found.sort();
    found.dedup_by_key(|(start, ..)| *start);
    let mut from = 0;
    for (start, end, object) in &found {
        out.extend_from_slice(&line[from..*start]);
        out.extend_from_slice(object.as_bytes());
        from = *end;
    }
    if !found.is_empty() {
        out.extend_from_slice(&line[from..]);
    }
    !found.is_empty()
}

/// Start and end, quotes included, of the string that is the value of the key that ends at `at`.
///
/// An unescaped quote inside a string does not exist, so what was found between quotes is a
/// string of its own: a key, if a colon follows.
fn string_value(text: &str, at: usize) -> Option<(usize, usize)> {
    let rest = text.get(at..)?;
    let value = rest.trim_start().strip_prefix(':')?.trim_start();
    let start = text.len() - value.len();
    let inside = value.strip_prefix('"')?;
    let mut escaped = false;
    let length = inside.bytes().position(|b| {
        let found = b == b'"' && !escaped;
        escaped = b == b'\\' && !escaped;
        found
    })?;
    Some((start, start + length + 2))
}

/// The object that the inside of a string spells, if it is one and nothing else.
fn object(catalogue: &Catalogue, inside: &str) -> Option<String> {
    if !inside.trim_start().starts_with('{') {
        return None;
    }
    let mut plain = Cow::Borrowed(inside);
    if inside.contains('\\') {
        let mut unescaped = String::with_capacity(inside.len());
        unescape_into(inside, &mut unescaped);
        plain = Cow::Owned(unescaped);
    }
    json::scan(&plain, catalogue, &mut Names::default(), &mut Vec::new()).ok()?;
    Some(plain.into_owned())
}
