//! NDJSON: one JSON object a line.

use memchr::memchr_iter;
use serde::de::IgnoredAny;

/// The longest record taken; what is longer is refused and told.
pub const MOST_RECORD_BYTES: usize = 1 << 20;

/// How many refusals a request is told in full; the rest are counted.
pub const MOST_REFUSALS_TOLD: usize = 100;

/// Why a line is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalKind {
    /// It is no JSON object.
    NotAnObject,
    /// It is longer than [`MOST_RECORD_BYTES`].
    TooLong,
}

/// A line that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// From 1 on.
    pub line: usize,
    /// Why.
    pub kind: RefusalKind,
    /// Why, in words.
    pub reason: String,
    /// How the line begins, for whoever looks for the fault.
    pub sample: String,
}

/// The records of a body, and the lines that are none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    /// Whole records, each ended by a line feed.
    pub records: Vec<u8>,
    /// How many.
    pub count: u32,
    /// Refused lines, the first [`MOST_REFUSALS_TOLD`].
    pub refused: Vec<Refusal>,
    /// How many lines were refused in all.
    pub refused_count: u32,
}

impl From<wire::Records> for Lines {
    fn from(records: wire::Records) -> Self {
        let refused = records.refused.into_iter().map(|one| Refusal {
            line: one.item as usize + 1,
            kind: if one.is_too_long { RefusalKind::TooLong } else { RefusalKind::NotAnObject },
            reason: one.reason,
            sample: one.sample,
        });
        Lines {
            records: records.bytes,
            count: records.count,
            refused: refused.collect(),
            refused_count: records.refused_count,
        }
    }
}

impl Lines {
    /// Cuts and checks a body. Empty lines are passed over.
    pub fn read(body: &[u8]) -> Self {
        let mut lines = Self { records: Vec::with_capacity(body.len() + 1), ..Self::default() };
        for (number, line) in numbered(body) {
            if !line.is_empty() {
                match check(line) {
                    Ok(()) => lines.push(line),
                    Err((kind, reason)) => lines.refuse(number, kind, reason, line),
                }
            }
        }
        lines
    }

    pub(crate) fn push(&mut self, record: &[u8]) {
        self.records.extend_from_slice(record);
        self.records.push(b'\n');
        self.count += 1;
    }

    pub(crate) fn refuse(&mut self, line: usize, kind: RefusalKind, reason: String, bytes: &[u8]) {
        self.refused_count += 1;
        if self.refused.len() < MOST_REFUSALS_TOLD {
            self.refused.push(Refusal { line, kind, reason, sample: sample(bytes) });
        }
    }
}

/// Lines with their numbers from 1 on, without line ends and blanks around them.
pub(crate) fn numbered(body: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let ends = memchr_iter(b'\n', body).chain(std::iter::once(body.len()));
    let mut start = 0;
    ends.map(move |end| {
        let line = body[start.min(end)..end].trim_ascii();
        start = end + 1;
        line
    })
    .enumerate()
    .map(|(index, line)| (index + 1, line))
}

/// Whether a line is one JSON object of a size Ward takes.
pub(crate) fn check(line: &[u8]) -> Result<(), (RefusalKind, String)> {
    if line.len() > MOST_RECORD_BYTES {
        let reason = format!("{} bytes long; at most {MOST_RECORD_BYTES}", line.len());
        return Err((RefusalKind::TooLong, reason));
    }
    let not_an_object = |reason: String| (RefusalKind::NotAnObject, reason);
    if line.first() != Some(&b'{') {
        return Err(not_an_object("not a JSON object: it does not begin with {".to_owned()));
    }
    let text = std::str::from_utf8(line).map_err(|error| {
        not_an_object(format!("not UTF-8 from byte {} of the line on", error.valid_up_to() + 1))
    })?;
    match serde_json::from_str::<IgnoredAny>(text) {
        Ok(_) => Ok(()),
        Err(error) => Err(not_an_object(format!("not valid JSON at column {}", error.column()))),
    }
}

const SAMPLE_CHARS: usize = 200;

fn sample(bytes: &[u8]) -> String {
    let head = &bytes[..bytes.len().min(SAMPLE_CHARS * 4)];
    String::from_utf8_lossy(head).chars().take(SAMPLE_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, records: &str, refused: &[usize]) {
        let lines = Lines::read(body.as_bytes());
        assert_eq!(String::from_utf8_lossy(&lines.records), records, "{body:?}");
        let numbers: Vec<usize> = lines.refused.iter().map(|one| one.line).collect();
        assert_eq!(numbers, refused, "{body:?}");
    }

    #[test]
    fn each_line_that_is_an_object_is_a_record() {
        check("{\"a\":1}\n{\"b\":2}", "{\"a\":1}\n{\"b\":2}\n", &[]);
        check("\r\n{\"a\":1}\r\n\n  {}  \n", "{\"a\":1}\n{}\n", &[]);
        check("", "", &[]);
    }

    #[test]
    fn a_bad_line_is_refused_by_number_and_the_rest_goes_on() {
        check("{\"a\":1}\n[1]\n{\"b\"\n\"x\"\n{}\n", "{\"a\":1}\n{}\n", &[2, 3, 4]);
        check("{\"a\":\"\u{0}\"}\n{}", "{}\n", &[1]);
    }

    #[test]
    fn bytes_that_are_no_text_are_refused() {
        let lines = Lines::read(b"{\"a\":\"\xff\"}\n{}");
        assert_eq!((lines.count, lines.refused_count), (1, 1));
    }

    #[test]
    fn a_line_beyond_the_bound_is_refused_as_too_long() {
        let body = format!("{{\"a\":\"{}\"}}\n{{}}\n", "x".repeat(MOST_RECORD_BYTES));
        let lines = Lines::read(body.as_bytes());
        assert_eq!(lines.refused[0].kind, RefusalKind::TooLong);
        assert_eq!(lines.count, 1);
        assert!(lines.refused[0].sample.len() <= SAMPLE_CHARS);
    }

    #[test]
    fn many_refusals_are_counted_and_some_are_told() {
        let lines = Lines::read("x\n".repeat(1000).as_bytes());
        assert_eq!((lines.refused.len(), lines.refused_count), (MOST_REFUSALS_TOLD, 1000));
    }
}
