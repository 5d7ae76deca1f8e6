//! Files of JSON that is not one object a line: arrays, objects over several lines, wrappers.
//! In: any byte source. Out: batches of objects, each with its element or line number.

use std::{io::Read, ops::Range, sync::Arc};

use memchr::memchr_iter;
use terms::Position;

use crate::{
    batch::{Piece, Work},
    cx::{Cx, Halt},
    lines::too_long,
    model::{Format, ProblemKind},
    scan::{Mark, Scanner},
    source::Blocks,
};

/// Sends the objects of a JSON text.
pub(crate) fn read(cx: &mut Cx<'_>, file: &Arc<str>, source: &mut dyn Read) -> Result<(), Halt> {
    let limits = cx.options.limits.clone();
    let mut blocks = Blocks::new(source, &limits);
    let mut cutter = Cutter::new(limits.record_bytes);
    loop {
        let seen = cutter.buf.len();
        if blocks.fill(&mut cutter.buf) == 0 {
            break;
        }
        cutter.scan(seen);
        for trouble in cutter.troubles.drain(..) {
            cx.problem(trouble.kind, file, trouble.position, &trouble.reason, trouble.lost);
        }
        if let Some(work) = cutter.take() {
            cx.send(file, Format::Json, work)?;
        }
    }
    let ended = blocks.finish();
    if let Some((position, lost)) = cutter.unfinished() {
        cx.damaged(file, position, "the JSON ends too early", lost);
    }
    ended.map_err(Halt::Failed)
}

/// Something wrong between or inside records.
struct Trouble {
    kind: ProblemKind,
    position: Position,
    reason: String,
    lost: u64,
}

/// Bytes on their way through the scanner.
struct Cutter {
    scanner: Scanner,
    buf: Vec<u8>,
    pieces: Vec<Piece>,
    troubles: Vec<Trouble>,
    /// The record begun and not ended: its start in `buf`, its position.
    open: Option<(usize, Position)>,
    /// Bytes of the open record already thrown away, because it is too long.
    dropped: u64,
    record_bytes: usize,
    line: u64,
    counted: usize,
    in_hits: bool,
}

impl Cutter {
    fn new(record_bytes: usize) -> Self {
        Cutter {
            scanner: Scanner::default(),
            buf: Vec::new(),
            pieces: Vec::new(),
            troubles: Vec::new(),
            open: None,
            dropped: 0,
            record_bytes,
            line: 1,
            counted: 0,
            in_hits: false,
        }
    }

    /// Looks at the bytes of the buffer from `seen` on.
    fn scan(&mut self, seen: usize) {
        let mut marks = Vec::new();
        self.scanner.scan(&self.buf[seen..], &mut |mark, scanner| {
            marks.push((mark, scanner.in_array().then(|| scanner.elements()), scanner.in_hits()));
        });
        for (mark, element, in_hits) in marks {
            self.in_hits |= in_hits;
            match mark {
                Mark::Begin(at) => {
                    let position = self.position(seen + at, element);
                    (self.open, self.dropped) = (Some((seen + at, position)), 0);
                }
                Mark::Unwrap => self.open = None,
                Mark::End { end, broken } => self.end(seen + end, broken),
                Mark::Other(at) | Mark::Stray(at) => {
                    let position = self.position(seen + at, element);
                    self.damaged(position, "no JSON object");
                }
            }
        }
    }

    fn position(&mut self, at: usize, element: Option<u64>) -> Position {
        match element {
            Some(number) => Position::Element(number),
            None => {
                self.line += memchr_iter(b'\n', &self.buf[self.counted..at]).count() as u64;
                self.counted = at;
                Position::Line(self.line)
            }
        }
    }

    fn end(&mut self, end: usize, broken: bool) {
        let Some((start, position)) = self.open.take() else { return };
        let length = self.dropped + (end - start) as u64;
        if length > self.record_bytes as u64 {
            let reason = too_long(length, self.record_bytes);
            self.troubles.push(Trouble { kind: ProblemKind::Limit, position, reason, lost: 1 });
        } else if broken {
            self.damaged(position, "a line ends inside a string");
        } else {
            self.pieces.push(Piece { range: start..end, position });
        }
    }

    fn damaged(&mut self, position: Position, reason: &str) {
        let (kind, reason) = (ProblemKind::Damaged, reason.to_owned());
        self.troubles.push(Trouble { kind, position, reason, lost: 1 });
    }

    /// Takes out the finished records; keeps what the open one needs.
    fn take(&mut self) -> Option<Work> {
        self.line += memchr_iter(b'\n', &self.buf[self.counted..]).count() as u64;
        let keep = match &mut self.open {
            Some((start, _)) if self.buf.len() - *start > self.record_bytes => {
                self.dropped += (self.buf.len() - *start) as u64;
                *start = 0;
                self.buf.len()
            }
            Some((start, _)) => std::mem::take(start),
            None => self.buf.len(),
        };
        let rest = if self.pieces.is_empty() {
            self.buf.drain(..keep);
            std::mem::take(&mut self.buf)
        } else {
            self.buf[keep..].to_vec()
        };
        let mut bytes = std::mem::replace(&mut self.buf, rest);
        self.counted = self.buf.len();
        bytes.truncate(keep);
        let records = std::mem::take(&mut self.pieces);
        let inner = std::mem::take(&mut self.in_hits).then_some("_source");
        (!records.is_empty()).then_some(Work::Objects { bytes, records, inner })
    }

    /// Where the text broke off, and how many records that cost at least.
    fn unfinished(&mut self) -> Option<(Position, u64)> {
        match self.open {
            Some((_, position)) => Some((position, 1)),
            None if self.scanner.is_at_rest() => None,
            None => Some((Position::Line(self.line), 0)),
        }
    }
}

/// Whether the bytes are one complete object and nothing else.
pub(crate) fn is_complete(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    object_end(text) == Some(text.len())
}

/// Where the object that begins the text ends.
pub(crate) fn object_end(text: &[u8]) -> Option<usize> {
    let (mut depth, mut at) = (0_u32, 0);
    while at < text.len() {
        match text[at] {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            b'"' => at = string_end(text, at + 1)? - 1,
            _ if depth == 0 => return None,
            _ => {}
        }
        at += 1;
    }
    None
}

/// The index after the closing quote of a string whose inside begins at `at`.
fn string_end(text: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += memchr::memchr3(b'"', b'\\', b'\n', text.get(at..)?)?;
        match text[at] {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => return None,
        }
    }
}

/// Whether the object is a wrapper around records.
pub(crate) fn is_wrapper(object: &[u8]) -> bool {
    let mut is_wrapper = false;
    Scanner::default().scan(object, &mut |mark, _| is_wrapper |= mark == Mark::Unwrap);
    is_wrapper
}

/// Narrows each record to the object under `key`, where it has one.
pub(crate) fn narrow(bytes: &[u8], records: &mut [Piece], key: &str) {
    for piece in records {
        if let Some(inner) = member(&bytes[piece.range.clone()], key.as_bytes()) {
            piece.range = piece.range.start + inner.start..piece.range.start + inner.end;
        }
    }
}

/// Where the object under a key of the object `text` stands.
fn member(text: &[u8], key: &[u8]) -> Option<Range<usize>> {
    let (mut depth, mut at) = (0_u32, 0);
    while at < text.len() {
        match text[at] {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.checked_sub(1)?,
            b'"' => {
                let end = string_end(text, at + 1)?;
                if depth == 1 && &text[at + 1..end - 1] == key {
                    let rest = text[end..].trim_ascii_start();
                    if let Some(value) = rest.strip_prefix(b":").map(<[u8]>::trim_ascii_start)
                        && value.first() == Some(&b'{')
                    {
                        let start = text.len() - value.len();
                        return object_end(value).map(|length| start..start + length);
                    }
                }
                at = end - 1;
            }
            _ => {}
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_source_of_a_hit_is_found_whatever_stands_before_it() {
        let text = br#"{"_id":"_source","n":{"_source":{"no":1}},"_source" : {"yes":"}"},"s":[1]}"#;
        let inner = member(text, b"_source").expect("there");
        assert_eq!(&text[inner], br#"{"yes":"}"}"#);
        assert_eq!(member(br#"{"a":1}"#, b"_source"), None);
    }

    #[test]
    fn an_object_is_complete_only_to_its_last_bracket() {
        let text = br#"{"a":"}","b":[{"c":"\""}]}"#;
        assert!(is_complete(text));
        for cut in 0..text.len() {
            assert!(!is_complete(&text[..cut]), "{cut}");
        }
        assert!(!is_complete(b"{\"a\":1}{"));
    }
}
