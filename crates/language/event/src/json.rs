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
        self.blanks();
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
            let (key, escaped) = self.string()?;
            let path = self.path(parent, key, escaped);
            if self.next_mark()? != b':' {
                return Err(Damage::Unexpected(self.at - 1));
            }
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
        loop {
            at = quote_or_backslash(bytes, at);
            match bytes.get(at) {
                Some(b'"') => {
                    self.at = at + 1;
                    return Ok((&self.text[start..at], escaped));
                }
                Some(_) => {
                    escaped = true;
                    at += escape_length(bytes, at)?;
                }
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

/// Position of the next `"` or `\` at or after `at`, or the length of `bytes`.
///
/// Eight bytes at a time: a byte of `word ^ pattern` is zero where the byte is the one sought,
/// and the lowest zero byte sets the lowest high bit of `(x - 0x01…) & !x & 0x80…`.
#[inline]
fn quote_or_backslash(bytes: &[u8], mut at: usize) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    const QUOTES: u64 = ONES * b'"' as u64;
    const BACKSLASHES: u64 = ONES * b'\\' as u64;
    while let Some(chunk) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let word = u64::from_le_bytes(*chunk);
        let quote = word ^ QUOTES;
        let backslash = word ^ BACKSLASHES;
        let found = ((quote.wrapping_sub(ONES) & !quote)
            | (backslash.wrapping_sub(ONES) & !backslash))
            & HIGHS;
        if found != 0 {
            return at + (found.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while at < bytes.len() && bytes[at] != b'"' && bytes[at] != b'\\' {
        at += 1;
    }
    at
}
