//! Lines of `key=value` pairs with quotes where a value holds blanks, as FortiGate writes them:
//! `date=2026-11-24 devname="FW 1" action=deny`.

use super::Object;
use crate::Damage;

/// A value and the quotes it stood in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Value<'t> {
    pub(super) text: &'t str,
    pub(super) quote: Option<u8>,
}

/// Reads a line of pairs; `false` if it does not start with two of them.
pub(super) fn read(text: &str, object: &mut Object<'_>) -> Result<bool, Damage> {
    if !starts_like(text) {
        return Ok(false);
    }
    for (key, value) in pairs(text, b"\"") {
        let inside = value.text;
        if value.quote.is_some() && inside.contains("\\\"") {
            object.put(key, &inside.replace("\\\"", "\""))?;
        } else {
            object.put(key, inside)?;
        }
    }
    Ok(true)
}

/// Whether a line starts with two pairs, the first at its very start.
pub(super) fn starts_like(text: &str) -> bool {
    let first = text.split_ascii_whitespace().next().unwrap_or("");
    let is_pair = first.split_once('=').is_some_and(|(key, _)| is_key(key));
    is_pair && pairs(text, b"\"").nth(1).is_some()
}

/// The pairs of `text`; words that are no pair are passed over. `quotes` are the characters
/// that quote a value; inside double quotes `\"` does not end it.
pub(super) fn pairs<'t>(
    text: &'t str,
    quotes: &'static [u8],
) -> impl Iterator<Item = (&'t str, Value<'t>)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == ',');
            if rest.is_empty() {
                return None;
            }
            let stop = |c: char| c == '=' || c.is_ascii_whitespace();
            match rest.find(stop) {
                Some(end) if rest.as_bytes()[end] == b'=' && is_key(&rest[..end]) => {
                    let key = &rest[..end];
                    let (value, after) = value(&rest[end + 1..], quotes);
                    rest = after;
                    return Some((key, value));
                }
                _ => {
                    let word = rest.find(|c: char| c.is_ascii_whitespace()).unwrap_or(rest.len());
                    rest = &rest[word..];
                }
            }
        }
    })
}

fn is_key(key: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"_-.[]():/@".contains(&b);
    !key.is_empty() && key.len() <= 128 && key.bytes().all(fits)
}

fn value<'t>(text: &'t str, quotes: &[u8]) -> (Value<'t>, &'t str) {
    if let Some(&quote) = text.as_bytes().first()
        && quotes.contains(&quote)
        && let Some(end) = closing(&text.as_bytes()[1..], quote)
    {
        return (Value { text: &text[1..1 + end], quote: Some(quote) }, &text[end + 2..]);
    }
    let end = text.find(|c: char| c.is_ascii_whitespace()).unwrap_or(text.len());
    (Value { text: &text[..end], quote: None }, &text[end..])
}

/// Position of the quote that closes the value: the first one that no backslash precedes.
///
/// A backslash before it that is not there to escape (`"C:\"`) is told by what follows: the
/// end of the line or a blank and a further pair.
fn closing(bytes: &[u8], quote: u8) -> Option<usize> {
    memchr::memchr_iter(quote, bytes).find(|&at| {
        quote == b'\'' || at == 0 || bytes[at - 1] != b'\\' || ends_value(&bytes[at + 1..])
    })
}

fn ends_value(after: &[u8]) -> bool {
    let Some((first, rest)) = after.split_first() else { return true };
    let word = &rest[..memchr::memchr(b' ', rest).unwrap_or(rest.len()).min(64)];
    *first == b' ' && word.contains(&b'=')
}
