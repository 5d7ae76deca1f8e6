//! UTF-16 to UTF-8, for the exports of PowerShell and `wevtutil`. In: a byte source without its
//! byte order mark. Out: UTF-8; what is no character becomes U+FFFD.

use std::io::{self, Read};

const BLOCK_BYTES: usize = 16 << 10;

/// Reads UTF-16 as UTF-8.
pub(crate) struct Utf16<R> {
    inner: R,
    is_big_endian: bool,
    input: Vec<u8>,
    output: Vec<u8>,
    at: usize,
    /// First half of a pair, waiting for the second.
    high: Option<u16>,
    is_ended: bool,
    failed: Option<io::Error>,
}

impl<R: Read> Utf16<R> {
    pub(crate) fn new(inner: R, is_big_endian: bool) -> Self {
        Utf16 {
            inner,
            is_big_endian,
            input: Vec::new(),
            output: Vec::new(),
            at: 0,
            high: None,
            is_ended: false,
            failed: None,
        }
    }

    /// Converts one more block.
    fn convert(&mut self) {
        let odd = self.input.len();
        let outcome = crate::source::fill(&mut self.inner, &mut self.input, BLOCK_BYTES);
        self.is_ended = self.input.len() < odd + BLOCK_BYTES;
        self.failed = outcome.err();
        self.output.clear();
        self.at = 0;
        let input = std::mem::take(&mut self.input);
        let (units, rest) = input.as_chunks::<2>();
        for unit in units {
            let unit = if self.is_big_endian {
                u16::from_be_bytes(*unit)
            } else {
                u16::from_le_bytes(*unit)
            };
            self.push(unit);
        }
        self.input = rest.to_vec();
        if self.is_ended && self.failed.is_none() && (self.high.is_some() || !rest.is_empty()) {
            self.push_char(char::REPLACEMENT_CHARACTER);
        }
    }

    fn push(&mut self, unit: u16) {
        if unit < 0x80 && self.high.is_none() {
            self.output.push(unit as u8);
            return;
        }
        let high = self.high.take();
        if (0xD800..0xDC00).contains(&unit) {
            self.high = Some(unit);
            if high.is_some() {
                self.push_char(char::REPLACEMENT_CHARACTER);
            }
            return;
        }
        let pair = [high.unwrap_or(unit), unit];
        let pair = if high.is_some() { &pair[..] } else { &pair[1..] };
        for character in char::decode_utf16(pair.iter().copied()) {
            self.push_char(character.unwrap_or(char::REPLACEMENT_CHARACTER));
        }
    }

    fn push_char(&mut self, character: char) {
        self.output.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    }
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        while self.at == self.output.len() {
            if let Some(error) = self.failed.take() {
                return Err(error);
            }
            if self.is_ended {
                return Ok(0);
            }
            self.convert();
        }
        let n = (&self.output[self.at..]).read(buf)?;
        self.at += n;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_comes_back_as_it_was_in_both_orders() {
        let text = "aü漢𝄞\n".repeat(5000);
        for is_big in [false, true] {
            let bytes: Vec<u8> = text
                .encode_utf16()
                .flat_map(|u| if is_big { u.to_be_bytes() } else { u.to_le_bytes() })
                .collect();
            let mut out = String::new();
            Utf16::new(&bytes[..], is_big).read_to_string(&mut out).expect("valid UTF-8");
            assert_eq!(out, text);
        }
    }

    #[test]
    fn half_characters_are_marked_not_dropped() {
        let mut out = String::new();
        let units = [b'a', 0, 0, 0xd8, b'b', 0, 0];
        Utf16::new(&units[..], false).read_to_string(&mut out).expect("valid UTF-8");
        assert_eq!(out, "a\u{fffd}b\u{fffd}");
    }
}
