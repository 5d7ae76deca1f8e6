//! A tree as one line of JSON, with the many spellings that JSON allows.

use std::fmt::Write;

use fastrand::Rng;

use crate::Json;

#[derive(Clone, Copy)]
enum Escapes {
    /// Only what must be.
    Few,
    /// Everything beyond ASCII, as careful writers do.
    Ascii,
    /// Some characters at random.
    Some,
    /// Every character.
    All,
}

/// One object on one line.
pub(super) fn line(object: &Json, rng: &mut Rng) -> String {
    let escapes = match rng.u8(..10) {
        0..=4 => Escapes::Few,
        5 | 6 => Escapes::Ascii,
        7 | 8 => Escapes::Some,
        _ => Escapes::All,
    };
    let blanks = rng.u8(..8) == 0;
    let mut out = String::new();
    Writer { escapes, blanks, rng, out: &mut out }.value(object);
    out
}

struct Writer<'w> {
    escapes: Escapes,
    blanks: bool,
    rng: &'w mut Rng,
    out: &'w mut String,
}

impl Writer<'_> {
    fn mark(&mut self, mark: char) {
        self.blank();
        self.out.push(mark);
        self.blank();
    }

    fn blank(&mut self) {
        if self.blanks {
            self.out.push_str(["", " ", "\t", "  "][self.rng.usize(..4)]);
        }
    }

    fn value(&mut self, value: &Json) {
        match value {
            Json::Text(text) => self.text(text),
            // JSON has no word for infinity: a number beyond the range stands for it.
            Json::Number(written) if written == "inf" => self.out.push_str("1e400"),
            Json::Number(written) if written == "-inf" => self.out.push_str("-1e400"),
            Json::Number(written) => self.out.push_str(written),
            Json::Bool(truth) => self.out.push_str(if *truth { "true" } else { "false" }),
            Json::Null => self.out.push_str("null"),
            Json::Array(items) => {
                self.mark('[');
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        self.mark(',');
                    }
                    self.value(item);
                }
                self.mark(']');
            }
            Json::Object(entries) => {
                self.mark('{');
                for (at, (key, value)) in entries.iter().enumerate() {
                    if at > 0 {
                        self.mark(',');
                    }
                    self.text(key);
                    self.mark(':');
                    self.value(value);
                }
                self.mark('}');
            }
        }
    }

    fn text(&mut self, text: &str) {
        self.out.push('"');
        for c in text.chars() {
            let wished = match self.escapes {
                Escapes::Few => false,
                Escapes::Ascii => !c.is_ascii(),
                Escapes::Some => self.rng.u8(..6) == 0,
                Escapes::All => true,
            };
            let short = match c {
                '"' => Some("\\\""),
                '\\' => Some("\\\\"),
                '\n' => Some("\\n"),
                '\r' => Some("\\r"),
                '\t' => Some("\\t"),
                '\u{8}' => Some("\\b"),
                '\u{c}' => Some("\\f"),
                '/' if wished => Some("\\/"),
                _ => None,
            };
            match short {
                Some(short) if self.rng.u8(..8) > 0 => self.out.push_str(short),
                None if !wished && !c.is_control() => self.out.push(c),
                // Half of a pair is read as this character too.
                _ if c == char::REPLACEMENT_CHARACTER && self.rng.bool() => {
                    self.out.push_str("\\ud83d");
                }
                _ => self.units(c),
            }
        }
        self.out.push('"');
    }

    fn units(&mut self, c: char) {
        for unit in c.encode_utf16(&mut [0; 2]).iter() {
            let written = match self.rng.bool() {
                true => write!(self.out, "\\u{unit:04x}"),
                false => write!(self.out, "\\u{unit:04X}"),
            };
            written.expect("writing to a string cannot fail");
        }
    }
}
