//! ArcSight's Common Event Format and IBM's Log Event Extended Format: a header of parts between
//! bars, then `key=value` pairs whose values may hold blanks.
//!
//! Source: CEF version 26; LEEF 1.0 and 2.0. The header's parts get CEF's field names in both.

use super::Object;
use crate::Damage;

const CEF_PARTS: [&str; 6] =
    ["DeviceVendor", "DeviceProduct", "DeviceVersion", "DeviceEventClassID", "Name", "Severity"];
const LEEF_PARTS: [&str; 4] =
    ["DeviceVendor", "DeviceProduct", "DeviceVersion", "DeviceEventClassID"];

/// Where such a message starts in the line, if there is one.
pub(super) fn start(text: &str) -> Option<usize> {
    let at = ["CEF:0|", "CEF:1|", "LEEF:1.0|", "LEEF:2.0|"]
        .into_iter()
        .filter_map(|mark| text.find(mark))
        .min()?;
    let before = text[..at].chars().next_back();
    before.is_none_or(|c| c.is_ascii_whitespace() || matches!(c, ':' | '"')).then_some(at)
}

/// Reads the message, whose start [`start`] has found.
///
/// Errors: [`Damage::Truncated`] if the header lacks parts.
pub(super) fn read(text: &str, object: &mut Object<'_>) -> Result<(), Damage> {
    let is_leef = text.starts_with("LEEF");
    let (version, mut rest) = bar(text).ok_or(Damage::Truncated(text.len()))?;
    let parts: &[&str] = if is_leef { &LEEF_PARTS } else { &CEF_PARTS };
    for (number, name) in parts.iter().enumerate() {
        let last = number + 1 == parts.len();
        let (part, after) = match bar(rest) {
            Some(split) => split,
            // A message may end with its header.
            None if last => (rest, ""),
            None => return Err(Damage::Truncated(text.len())),
        };
        object.put(name, &unescaped(part))?;
        rest = after;
    }
    if !is_leef {
        return extension(rest, object);
    }
    let mut delimiter = '\t';
    if version.ends_with("2.0")
        && let Some((mark, after)) = rest.split_once('|')
        && let Some(named) = delimiter_named(mark)
    {
        delimiter = named;
        rest = after;
    }
    for pair in rest.split(delimiter) {
        if let Some((key, value)) = pair.split_once('=')
            && !key.trim().is_empty()
        {
            object.put(key.trim(), value)?;
        }
    }
    Ok(())
}

/// Splits at the first bar that no backslash precedes.
fn bar(text: &str) -> Option<(&str, &str)> {
    let mut escaped = false;
    let at = text.bytes().position(|b| {
        let found = b == b'|' && !escaped;
        escaped = b == b'\\' && !escaped;
        found
    })?;
    Some((&text[..at], &text[at + 1..]))
}

/// LEEF 2.0 names its delimiter as itself or as `x09`, `0x09`. Nothing stands for the tab.
fn delimiter_named(mark: &str) -> Option<char> {
    let mut chars = mark.chars();
    match (chars.next(), chars.next()) {
        (None, _) => Some('\t'),
        (Some(only), None) => Some(only),
        _ => {
            let digits = mark.strip_prefix("0x").or_else(|| mark.strip_prefix('x'))?;
            let code = u32::from_str_radix(digits.get(..digits.len().min(4))?, 16).ok()?;
            char::from_u32(code)
        }
    }
}

/// Pairs with values that may hold blanks: a value ends where a blank, a key and `=` follow.
fn extension(text: &str, object: &mut Object<'_>) -> Result<(), Damage> {
    let mut custom = Custom::default();
    // The key whose value is being read, where the value starts, and where the last word does.
    let mut key: Option<&str> = None;
    let mut from = 0;
    let mut word = 0;
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        let is_end_of_key = byte == b'=' && !escaped;
        escaped = byte == b'\\' && !escaped;
        if byte.is_ascii_whitespace() {
            word = at + 1;
        }
        // A "=" inside the first word of a value is one that the sender forgot to escape.
        if !is_end_of_key || (word <= from && key.is_some()) || !is_key(&text[word..at]) {
            continue;
        }
        if let Some(key) = key {
            custom.put(key, unescaped(text[from..word].trim_end()), object)?;
        }
        key = Some(&text[word..at]);
        from = at + 1;
    }
    if let Some(key) = key {
        custom.put(key, unescaped(text[from..].trim_end()), object)?;
    }
    custom.named(object)
}

/// Fields that the sender names itself: `cs1=x cs1Label=Rule` is also `Rule`.
#[derive(Default)]
struct Custom<'t> {
    values: Vec<(&'t str, String)>,
    labels: Vec<(&'t str, String)>,
}

/// Pairs of a field and its label kept at most; CEF has 30 or so.
const MOST_CUSTOM: usize = 64;
const CUSTOM: [&str; 7] =
    ["cs", "cn", "cfp", "c6a", "flexString", "flexNumber", "deviceCustomDate"];

impl<'t> Custom<'t> {
    fn put(&mut self, key: &'t str, value: String, object: &mut Object<'_>) -> Result<(), Damage> {
        object.put(key, &value)?;
        let (field, kept) = match key.strip_suffix("Label") {
            Some(field) => (field, &mut self.labels),
            None => (key, &mut self.values),
        };
        let name = field.trim_end_matches(|c: char| c.is_ascii_digit());
        if name.len() < field.len() && CUSTOM.contains(&name) && kept.len() < MOST_CUSTOM {
            kept.push((field, value));
        }
        Ok(())
    }

    /// Puts each value once more, under its label.
    fn named(&self, object: &mut Object<'_>) -> Result<(), Damage> {
        for (field, label) in self.labels.iter().filter(|(_, label)| !label.trim().is_empty()) {
            if let Some((_, value)) = self.values.iter().find(|(known, _)| known == field) {
                object.put(label.trim(), value)?;
            }
        }
        Ok(())
    }
}

fn is_key(key: &str) -> bool {
    !key.is_empty()
        && key.len() <= 128
        && key.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-[]".contains(&b))
}

/// `\|`, `\=`, `\\`, `\n` and `\r` as the characters they stand for. Other backslashes stay, as do
/// the last two in what looks like a path of Windows: senders forget to escape those.
fn unescaped(text: &str) -> String {
    let is_path = text.contains(":\\");
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let plain = match (c, chars.peek()) {
            ('\\', Some('|' | '=' | '\\')) => chars.next(),
            ('\\', Some('n')) if !is_path => chars.next().map(|_| '\n'),
            ('\\', Some('r')) if !is_path => chars.next().map(|_| '\r'),
            _ => Some(c),
        };
        out.extend(plain);
    }
    out
}
