//! What a field holds, as it stands in the record's bytes.

use std::borrow::Cow;

use crate::PathId;

/// One value of one field. A field with several values (an array) appears several times.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Field<'a> {
    /// Which field.
    pub path: PathId,
    /// The value, undecoded.
    pub raw: Raw<'a>,
}

/// A value that still points into the record it was read from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Raw<'a> {
    /// A string without escapes.
    Text(&'a str),
    /// The inside of a JSON string that holds escapes; they are known to be well formed.
    Escaped(&'a str),
    /// A JSON number as written.
    Number(&'a str),
    /// `true` or `false`.
    Bool(bool),
    /// `null`.
    Null,
    /// An object or array; its members follow as fields of their own. It stands here only so
    /// that "is there such a field" has the right answer.
    Container,
}

impl<'a> Raw<'a> {
    /// The value as text: escapes resolved, numbers in their shortest decimal form, booleans as
    /// words. `None` for null and containers.
    ///
    /// An escape that names half of a surrogate pair becomes U+FFFD.
    pub fn text(self) -> Option<Cow<'a, str>> {
        match self {
            Raw::Text(text) => Some(Cow::Borrowed(text)),
            Raw::Escaped(inside) => {
                let mut out = String::with_capacity(inside.len());
                unescape_into(inside, &mut out);
                Some(Cow::Owned(out))
            }
            Raw::Number(number) => Some(canonical_number(number)),
            Raw::Bool(true) => Some(Cow::Borrowed("true")),
            Raw::Bool(false) => Some(Cow::Borrowed("false")),
            Raw::Null | Raw::Container => None,
        }
    }

    /// The bytes as they stand in the record; equal bytes of equal variants mean equal values.
    pub fn bytes(self) -> &'a [u8] {
        match self {
            Raw::Text(text) | Raw::Escaped(text) | Raw::Number(text) => text.as_bytes(),
            Raw::Bool(true) => b"true",
            Raw::Bool(false) => b"false",
            Raw::Null | Raw::Container => b"",
        }
    }

    /// Whether there is something here: neither null nor absent.
    pub fn is_present(self) -> bool {
        !matches!(self, Raw::Null)
    }
}

/// A JSON number in one spelling per value: whole numbers without fraction or exponent, others
/// as Rust prints an `f64`. Numbers too large for `f64` stay as written.
pub fn canonical_number(number: &str) -> Cow<'_, str> {
    let plain = number.bytes().all(|b| b.is_ascii_digit() || b == b'-') && number != "-0";
    if plain {
        return Cow::Borrowed(number);
    }
    match number.parse::<f64>() {
        Ok(0.0) => Cow::Borrowed("0"),
        Ok(value) if value.is_finite() => Cow::Owned(value.to_string()),
        _ => Cow::Borrowed(number),
    }
}

/// Resolves the escapes of a JSON string body onto the end of `out`.
///
/// `inside` has passed the scanner, so every backslash starts a well-formed escape; what is
/// not is copied as it stands.
pub fn unescape_into(inside: &str, out: &mut String) {
    let mut rest = inside;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        let (decoded, used) = escape(&rest[at..]);
        out.push(decoded);
        rest = &rest[at + used..];
    }
    out.push_str(rest);
}

/// The character that the escape at the start of `text` stands for, and its length in bytes.
fn escape(text: &str) -> (char, usize) {
    match text.as_bytes().get(1) {
        Some(b'n') => ('\n', 2),
        Some(b't') => ('\t', 2),
        Some(b'r') => ('\r', 2),
        Some(b'b') => ('\u{8}', 2),
        Some(b'f') => ('\u{c}', 2),
        Some(b'u') => unicode_escape(text),
        Some(b'"') => ('"', 2),
        Some(b'/') => ('/', 2),
        Some(b'\\') => ('\\', 2),
        _ => ('\\', 1),
    }
}

fn unicode_escape(text: &str) -> (char, usize) {
    let unit = |at: usize| text.get(at..at + 4).and_then(|hex| u32::from_str_radix(hex, 16).ok());
    let Some(high) = unit(2) else { return ('\\', 1) };
    if let Some(c) = char::from_u32(high) {
        return (c, 6);
    }
    if (0xd800..0xdc00).contains(&high)
        && text.get(6..8) == Some("\\u")
        && let Some(low) = unit(8)
        && (0xdc00..0xe000).contains(&low)
        && let Some(c) = char::from_u32(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00))
    {
        return (c, 12);
    }
    (char::REPLACEMENT_CHARACTER, 6)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(inside: &str, expected: &str) {
        assert_eq!(Raw::Escaped(inside).text().as_deref(), Some(expected), "{inside}");
    }

    #[test]
    fn escapes_become_their_characters() {
        check(r"C:\\Windows\\a.exe", r"C:\Windows\a.exe");
        check(r#"say \"hi\"\n\t\/"#, "say \"hi\"\n\t/");
        check(r"\u00e9\uD83D\uDE00", "é😀");
    }

    #[test]
    fn half_a_surrogate_pair_becomes_the_replacement_character() {
        check(r"\ud83d", "\u{fffd}");
        check(r"\ud83dx\ude00", "\u{fffd}x\u{fffd}");
        check(r"\ud83d\u0041", "\u{fffd}A");
    }

    #[test]
    fn one_number_has_one_spelling() {
        for (written, expected) in
            [("1", "1"), ("1.0", "1"), ("1e3", "1000"), ("-0", "0"), ("-0.0", "0"), ("2.50", "2.5")]
        {
            assert_eq!(Raw::Number(written).text().as_deref(), Some(expected));
        }
    }
}
