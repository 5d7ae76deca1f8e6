//! One JSON object, written pair by pair. The only place that escapes.

use crate::{Damage, json::MAX_FIELDS};

/// An object under way at the end of a buffer.
pub(super) struct Object<'o> {
    out: &'o mut Vec<u8>,
    start: usize,
    pairs: usize,
}

impl<'o> Object<'o> {
    pub(super) fn begin(out: &'o mut Vec<u8>) -> Self {
        let start = out.len();
        out.push(b'{');
        Object { out, start, pairs: 0 }
    }

    /// Adds a pair. A key may come twice: the field then has two values.
    ///
    /// Errors: [`Damage::TooMany`].
    pub(super) fn put(&mut self, key: &str, value: &str) -> Result<(), Damage> {
        if self.pairs >= MAX_FIELDS {
            return Err(Damage::TooMany(self.out.len() - self.start));
        }
        if self.pairs > 0 {
            self.out.push(b',');
        }
        self.pairs += 1;
        self.string(key);
        self.out.push(b':');
        self.string(value);
        Ok(())
    }

    pub(super) fn end(self) {
        self.out.push(b'}');
    }

    fn string(&mut self, text: &str) {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        self.out.push(b'"');
        let mut from = 0;
        for (at, byte) in text.bytes().enumerate() {
            let short = match byte {
                b'"' | b'\\' => byte,
                b'\n' => b'n',
                b'\r' => b'r',
                b'\t' => b't',
                0..0x20 => b'u',
                _ => continue,
            };
            self.out.extend_from_slice(&text.as_bytes()[from..at]);
            self.out.extend_from_slice(&[b'\\', short]);
            if short == b'u' {
                let digits = [b'0', b'0', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]];
                self.out.extend_from_slice(&digits);
            }
            from = at + 1;
        }
        self.out.extend_from_slice(&text.as_bytes()[from..]);
        self.out.push(b'"');
    }
}
