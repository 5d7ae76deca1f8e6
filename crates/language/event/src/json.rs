//! The scanner: one JSON object in, its leaves out, nothing copied.
//!
//! Nested objects give dotted paths, members of arrays the path of the array. Strings keep
//! their escapes (checked, not resolved), numbers their spelling. The scanner accepts what
//! RFC 8259 accepts, and raw control characters inside strings; it refuses the rest.

use crate::{
    Damage, Field, Names, PathId, Raw, catalogue::Catalogue, names::Step, value::unescape_into,
};

/// Objects and arrays may be nested this deep.
pub const MAX_DEPTH: usize = 64;
/// A record may hold this many values.
pub const MAX_FIELDS: usize = 1 << 16;

/// Reads one JSON object onto the end of `out`.
///
/// Errors: [`Damage`] with the byte at which reading stopped; `out` then holds what was read
/// before.
pub fn scan<'a>(
    text: &'a str,
    catalogue: &Catalogue,
    names: &mut Names,
    out: &mut Vec<Field<'a>>,
) -> Result<(), Damage> {
    let mut scanner = Scanner { text, at: 0, step: Step::START, depth: 0, catalogue, names, out };
    scanner.blanks();
    if scanner.peek() != Some(b'{') {
        return Err(match scanner.peek() {
            None => Damage::Truncated(scanner.at),
            Some(b'[' | b'"' | b'0'..=b'9' | b'-' | b't' | b'f' | b'n') => Damage::NotAnObject,
            Some(_) => Damage::Unexpected(scanner.at),
        });
    }
    scanner.at += 1;
    scanner.object(PathId::ROOT)?;
    scanner.blanks();
    match scanner.peek() {
        None => Ok(()),
        Some(_) => Err(Damage::Unexpected(scanner.at)),
    }
}

struct Scanner<'a, 's> {
    text: &'a str,
    at: usize,
    step: Step,
    depth: usize,
    catalogue: &'s Catalogue,
    names: &'s mut Names,
    out: &'s mut Vec<Field<'a>>,
}

impl<'a> Scanner<'a, '_> {
    #[inline]
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    #[inline]
    fn blanks(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    /// The next character that is no blank.
    #[inline]
    fn next_mark(&mut self) -> Result<u8, Damage> {
        if let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.blanks();
        }
        let mark = self.peek().ok_or(Damage::Truncated(self.at))?;
        self.at += 1;
        Ok(mark)
    }

    /// After the opening brace.
    fn object(&mut self, parent: PathId) -> Result<(), Damage> {
        self.deeper()?;
        match self.next_mark()? {
            b'}' => return self.shallower(),
            b'"' => {}
            _ => return Err(Damage::Unexpected(self.at - 1)),
        }
        loop {
            let path = self.key(parent)?;
            self.value(path)?;
            match self.next_mark()? {
                b',' => {
                    if self.next_mark()? != b'"' {
                        return Err(Damage::Unexpected(self.at - 1));
                    }
                }
                b'}' => return self.shallower(),
                _ => return Err(Damage::Unexpected(self.at - 1)),
            }
        }
    }

    /// After the opening bracket.
    fn array(&mut self, path: PathId) -> Result<(), Damage> {
        self.deeper()?;
        self.blanks();
        if self.peek() == Some(b']') {
            self.at += 1;
            return self.shallower();
        }
        loop {
            self.value(path)?;
            match self.next_mark()? {
                b',' => {}
                b']' => return self.shallower(),
                _ => return Err(Damage::Unexpected(self.at - 1)),
            }
        }
    }

    fn deeper(&mut self) -> Result<(), Damage> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(Damage::TooDeep(self.at)) } else { Ok(()) }
    }

    fn shallower(&mut self) -> Result<(), Damage> {
        self.depth -= 1;
        Ok(())
    }

    /// After the opening quote of a key: its path; the colon is read too. Most keys are the ones
    /// foreseen, which need not be looked through for their end.
    #[inline]
    fn key(&mut self, parent: PathId) -> Result<PathId, Damage> {
        let rest = &self.text.as_bytes()[self.at..];
        if let Some((path, step, length)) = self.names.foreseen(self.step, parent, rest) {
            self.at += length;
            self.step = step;
            return Ok(path);
        }
        let (key, escaped) = self.string()?;
        let path = self.path(parent, key, escaped);
        match self.next_mark()? {
            b':' => Ok(path),
            _ => Err(Damage::Unexpected(self.at - 1)),
        }
    }

    #[inline]
    fn path(&mut self, parent: PathId, key: &'a str, escaped: bool) -> PathId {
        let (path, step) = if escaped {
            let mut plain = String::new();
            unescape_into(key, &mut plain);
            self.names.step(self.catalogue, self.step, parent, plain.as_bytes())
        } else {
            self.names.step(self.catalogue, self.step, parent, key.as_bytes())
        };
        self.step = step;
        path
    }

    #[inline]
    fn value(&mut self, path: PathId) -> Result<(), Damage> {
        let start = self.at;
        let raw = match self.next_mark()? {
            b'"' => {
                let (inside, escaped) = self.string()?;
                if escaped { Raw::Escaped(inside) } else { Raw::Text(inside) }
            }
            b'0'..=b'9' | b'-' => self.number()?,
            b't' => self.word("true", Raw::Bool(true))?,
            b'f' => self.word("false", Raw::Bool(false))?,
            b'n' => self.word("null", Raw::Null)?,
            b'{' => {
                self.push(path, Raw::Container)?;
                return self.object(path);
            }
            b'[' => {
                self.push(path, Raw::Container)?;
                return self.array(path);
            }
            _ => return Err(Damage::Unexpected(start)),
        };
        self.push(path, raw)
    }

    #[inline]
    fn push(&mut self, path: PathId, raw: Raw<'a>) -> Result<(), Damage> {
        if self.out.len() >= MAX_FIELDS {
            return Err(Damage::TooMany(self.at));
        }
        self.out.push(Field { path, raw });
        Ok(())
    }

    fn word(&mut self, word: &str, raw: Raw<'a>) -> Result<Raw<'a>, Damage> {
        let start = self.at - 1;
        if !self.text.as_bytes()[start..].starts_with(word.as_bytes()) {
            return Err(Damage::Unexpected(start));
        }
        self.at = start + word.len();
        Ok(raw)
    }

    fn number(&mut self) -> Result<Raw<'a>, Damage> {
        let start = self.at - 1;
        let bytes = self.text.as_bytes();
        let mut at = start + usize::from(bytes[start] == b'-');
        let digits = |at: &mut usize| {
            let from = *at;
            while bytes.get(*at).is_some_and(u8::is_ascii_digit) {
                *at += 1;
            }
            *at > from
        };
        let leading_zero = bytes.get(at) == Some(&b'0');
        let whole_from = at;
        if !digits(&mut at) || (leading_zero && at > whole_from + 1) {
            return Err(Damage::Number(start));
        }
        if bytes.get(at) == Some(&b'.') {
            at += 1;
            if !digits(&mut at) {
                return Err(Damage::Number(start));
            }
        }
        if let Some(b'e' | b'E') = bytes.get(at) {
            at += 1;
            if let Some(b'+' | b'-') = bytes.get(at) {
                at += 1;
            }
            if !digits(&mut at) {
                return Err(Damage::Number(start));
            }
        }
        self.at = at;
        Ok(Raw::Number(&self.text[start..at]))
    }

    /// After the opening quote: the inside of the string, and whether it holds escapes.
    #[inline]
    fn string(&mut self) -> Result<(&'a str, bool), Damage> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        let mut escaped = false;
        let mut at = start;
        'blocks: while let Some(block) = bytes.get(at..).and_then(|b| b.first_chunk::<BLOCK>()) {
            let mut marks = quotes_and_backslashes(block);
            let mut next = at + BLOCK;
            while marks != 0 {
                let mark = at + marks.trailing_zeros() as usize;
                if bytes[mark] == b'"' {
                    self.at = mark + 1;
                    return Ok((&self.text[start..mark], escaped));
                }
                escaped = true;
                let length = escape_length(bytes, mark)?;
                if mark + length > next {
                    next = mark + length;
                } else if length > 2 {
                    at = mark + length;
                    continue 'blocks;
                }
                // The mark and the character after it are done with.
                marks &= marks - 1;
                marks &= !(1 << ((mark + 1 - at) as u32 & 31));
            }
            at = next;
        }
        self.last_of_string(start, at, escaped)
    }

    /// The end of a string in the last bytes of the record.
    fn last_of_string(
        &mut self,
        start: usize,
        mut at: usize,
        mut escaped: bool,
    ) -> Result<(&'a str, bool), Damage> {
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(at) {
                Some(b'"') => {
                    self.at = at + 1;
                    return Ok((&self.text[start..at], escaped));
                }
                Some(b'\\') => {
                    escaped = true;
                    at += escape_length(bytes, at)?;
                }
                Some(_) => at += 1,
                None => return Err(Damage::Truncated(bytes.len())),
            }
        }
    }
}

/// Length of the escape that starts at `at`, if it is one.
#[inline]
fn escape_length(bytes: &[u8], at: usize) -> Result<usize, Damage> {
    match bytes.get(at + 1) {
        Some(b'\\' | b'"' | b'/' | b'n' | b't' | b'r' | b'b' | b'f') => Ok(2),
        Some(b'u') => match bytes.get(at + 2..at + 6) {
            Some(hex) if hex.iter().all(u8::is_ascii_hexdigit) => Ok(6),
            Some(_) => Err(Damage::Escape(at)),
            None => Err(Damage::Truncated(bytes.len())),
        },
        Some(_) => Err(Damage::Escape(at)),
        None => Err(Damage::Truncated(bytes.len())),
    }
}

/// Bytes looked at together.
const BLOCK: usize = 32;

/// A bit for each byte of the block that is a quote or a backslash, the first byte lowest.
#[cfg(target_arch = "x86_64")]
#[inline]
#[allow(unsafe_code)]
fn quotes_and_backslashes(block: &[u8; BLOCK]) -> u32 {
    use std::arch::x86_64::{
        __m128i, _mm_cmpeq_epi8, _mm_movemask_epi8, _mm_or_si128, _mm_set1_epi8,
    };
    let half = |half: [u8; 16]| {
        // SAFETY: these need SSE2, which every x86-64 processor has, and touch no memory; any
        // sixteen bytes are a value of the vector type.
        unsafe {
            let bytes: __m128i = std::mem::transmute(half);
            let quotes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(b'"' as i8));
            let backslashes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(b'\\' as i8));
            _mm_movemask_epi8(_mm_or_si128(quotes, backslashes)) as u32
        }
    };
    let [low, high] = [&block[..16], &block[16..]];
    let half = |bytes: &[u8]| half(bytes.try_into().unwrap_or_default());
    half(low) | half(high) << 16
}

/// A bit for each byte of the block that is a quote or a backslash, the first byte lowest.
#[cfg(not(target_arch = "x86_64"))]
#[inline]
fn quotes_and_backslashes(block: &[u8; BLOCK]) -> u32 {
    let mark = |byte: &u8| u32::from(matches!(byte, b'"' | b'\\'));
    block.iter().rev().fold(0, |marks, byte| marks << 1 | mark(byte))
}
