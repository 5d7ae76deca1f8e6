//! What a file is, by its first bytes. In: the head of a file, its name to break ties.
//! Out: its wrapping, encoding and format. Pure.

use crate::{
    delimited, elements, evtx,
    lines::head_lines,
    model::{Limits, TextToJson},
};

/// How many bytes recognition looks at.
pub(crate) const HEAD_BYTES: usize = 64 << 10;

/// What the first bytes say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrapping {
    Gzip,
    Zstd,
    Zip,
    Evtx,
    /// UTF-16 after a byte order mark of so many bytes.
    Utf16 {
        is_big_endian: bool,
        mark_bytes: usize,
    },
    /// Plain text after a byte order mark of so many bytes.
    Plain {
        mark_bytes: usize,
    },
    /// Known, and no log; or unknown and binary.
    Foreign(&'static str),
}

/// What plain text holds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Content {
    JsonLines,
    Json,
    Delimited(u8),
    Text(TextToJson),
    Unknown(&'static str),
}

/// First bytes of files that are no logs, or logs wrapped in what ward does not open.
const FOREIGN: [(&[u8], &str); 16] = [
    (b"PK\x05\x06", "an empty zip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive: unpack it first"),
    (b"Rar!\x1a\x07", "a rar archive: unpack it first"),
    (b"\xfd7zXZ\0", "xz-compressed: unpack it first"),
    (b"BZh", "bzip2-compressed: unpack it first"),
    (b"\x04\x22\x4d\x18", "lz4-compressed: unpack it first"),
    (b"MSCF", "a cabinet archive: unpack it first"),
    (b"PAR1", "a Parquet file: export it as JSON or CSV first"),
    (b"SQLite format 3\0", "an SQLite database, not a log"),
    (b"regf", "a registry hive, not a log"),
    (b"MZ", "a Windows program, not a log"),
    (b"\x7fELF", "a program, not a log"),
    (b"%PDF", "a PDF document, not a log"),
    (b"\x89PNG", "a picture, not a log"),
    (b"\xd4\xc3\xb2\xa1", "a packet capture, not a log"),
    (b"\x0a\x0d\x0d\x0a", "a packet capture, not a log"),
];

/// Reads the wrapping off the first bytes.
pub(crate) fn wrapping(head: &[u8]) -> Wrapping {
    if head.starts_with(evtx::MAGIC) {
        return Wrapping::Evtx;
    }
    if head.starts_with(b"\x1f\x8b\x08") {
        return Wrapping::Gzip;
    }
    // A zstd file may begin with a frame to skip: any of sixteen first bytes.
    let is_skippable =
        head.len() >= 4 && head[0] & 0xf0 == 0x50 && head[1..4] == [0x2a, 0x4d, 0x18];
    if head.starts_with(b"\x28\xb5\x2f\xfd") || is_skippable {
        return Wrapping::Zstd;
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK00PK\x03\x04") {
        return Wrapping::Zip;
    }
    if let Some(text) = encoding(head) {
        return text;
    }
    match FOREIGN.iter().find(|(magic, _)| head.starts_with(magic)) {
        // The short magics are also letters a text may begin with.
        Some((magic, what)) if magic.len() > 3 || !is_texty(head) => Wrapping::Foreign(what),
        _ if head.get(257..262) == Some(b"ustar") => {
            Wrapping::Foreign("a tar archive: unpack it first")
        }
        _ if !is_texty(head) => Wrapping::Foreign("binary data, not a log"),
        _ => Wrapping::Plain { mark_bytes: 0 },
    }
}

/// The encoding, where a byte order mark or the zeros between ASCII letters show it.
fn encoding(head: &[u8]) -> Option<Wrapping> {
    let utf16 = |is_big_endian, mark_bytes| Wrapping::Utf16 { is_big_endian, mark_bytes };
    match head {
        [0xef, 0xbb, 0xbf, ..] => Some(Wrapping::Plain { mark_bytes: 3 }),
        [0xff, 0xfe, ..] => Some(utf16(false, 2)),
        [0xfe, 0xff, ..] => Some(utf16(true, 2)),
        [1..=0x7f, 0, 1..=0x7f, 0, ..] => Some(utf16(false, 0)),
        [0, 1..=0x7f, 0, 1..=0x7f, ..] => Some(utf16(true, 0)),
        _ => None,
    }
}

/// Whether control characters are rare enough for text.
///
/// Zero bytes are passed over at the start and after the first line, where a lost power supply
/// or a rotated file leaves them.
fn is_texty(head: &[u8]) -> bool {
    let head = after_zeros(&head[..head.len().min(4096)]);
    let first_line = head.split(|&b| b == b'\n').next().unwrap_or(head);
    let is_odd = |b: &u8| matches!(b, 1..=8 | 0x0e..=0x1a | 0x1c..=0x1f | 0x7f);
    let odd = head.iter().filter(|b| is_odd(b)).count();
    !head.is_empty() && !first_line.contains(&0) && odd * 20 <= head.len()
}

fn after_zeros(text: &[u8]) -> &[u8] {
    let zeros = text.iter().take_while(|&&b| b == 0).count();
    &text[zeros..]
}

/// Reads the format off the first bytes of plain text.
///
/// `is_whole`: nothing comes after the head. `name`: what the file is called.
pub(crate) fn content(
    head: &[u8],
    is_whole: bool,
    name: &str,
    text: Option<TextToJson>,
    limits: &Limits,
) -> Content {
    let start = after_zeros(head).trim_ascii_start();
    if begins_array(start) {
        return Content::Json;
    }
    let lines = head_lines(head, is_whole, limits);
    if begins_object(start) && elements::is_wrapper(start) {
        return Content::Json;
    }
    let objects = lines.iter().take(16).filter(|line| elements::is_complete(line)).count();
    if objects > 0 && objects * 2 >= lines.len().min(16) {
        return Content::JsonLines;
    }
    if begins_object(start) {
        return Content::Json;
    }
    let extension = name.rsplit('.').next().unwrap_or("").to_ascii_lowercase();
    let is_named = matches!(extension.as_str(), "csv" | "tsv" | "tab");
    if let Some(delimiter) = delimited::sniff(head, is_whole, is_named) {
        return Content::Delimited(delimiter);
    }
    let Some(to_json) = text else { return Content::Unknown("unknown format") };
    let mut out = Vec::new();
    let is_log = lines.iter().any(|line| {
        out.clear();
        to_json(line, &mut out) == Ok(true)
    });
    if is_log { Content::Text(to_json) } else { Content::Unknown("text, but no known log format") }
}

/// `[` and then an object, or nothing at all: not a text line such as `[error] …`.
fn begins_array(start: &[u8]) -> bool {
    let Some(rest) = start.strip_prefix(b"[") else { return false };
    match rest.trim_ascii_start() {
        [] | [b'{', ..] => true,
        [b']', rest @ ..] => rest.trim_ascii().is_empty(),
        _ => false,
    }
}

fn begins_object(start: &[u8]) -> bool {
    let Some(rest) = start.strip_prefix(b"{") else { return false };
    matches!(rest.trim_ascii_start().first(), None | Some(b'"' | b'}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(line: &[u8], out: &mut Vec<u8>) -> Result<bool, String> {
        out.extend_from_slice(b"{}");
        Ok(line.starts_with(b"<"))
    }

    fn check(head: &str, name: &str, expected: &str) {
        let content = content(head.as_bytes(), true, name, Some(text), &Limits::default());
        let found = match content {
            Content::Delimited(delimiter) => format!("table {}", char::from(delimiter)),
            Content::Text(_) => "text".to_owned(),
            other => format!("{other:?}"),
        };
        assert_eq!(found, expected, "{head}");
    }

    #[test]
    fn json_is_known_by_its_lines() {
        check("{\"a\":1}\n{\"a\":2}\n", "x", "JsonLines");
        check("{\"a\":1}", "x", "JsonLines");
        check("\"broken\":1}\n{\"a\":1}\n{\"a\":2}\n", "x", "JsonLines");
        check("{\n \"a\": 1\n}\n", "x", "Json");
        check("[\n{\"a\":1}]", "x.csv", "Json");
        check("[]", "x", "Json");
        check("{\"Records\":[{\"a\":1}]}\n", "x", "Json");
        check("{\"a\":1}{\"a\":2}\n", "x", "Json");
        check("{\"a\":1},\n{\"a\":2},\n{\"a\":3},", "x", "Json");
    }

    #[test]
    fn tables_are_known_by_header_and_rows() {
        check("time,host,user\n1,2,3\n", "x.log", "table ,");
        check("a;b\n1;2\n", "x", "table ;");
        check("a\tb\n1\t2\n", "x", "table \t");
        check("sep=;\na;b\n", "x", "table ;");
        check("a,b\n", "x.csv", "table ,");
        check("time,host,user\n1,2\n", "x.log", "Unknown(\"text, but no known log format\")");
    }

    #[test]
    fn text_is_a_log_if_the_converter_says_so() {
        check("<34>Oct 11 22:14:15, host, su: failed\n", "x", "text");
        check("[error] [client 1.2.3.4] no\n<1>x", "x", "text");
        check("Dear all,\nthe log, as asked.\n", "x", "Unknown(\"text, but no known log format\")");
    }

    #[test]
    fn wrapping_is_known_by_its_first_bytes() {
        for (head, expected) in [
            (&b"ElfFile\0"[..], Wrapping::Evtx),
            (b"\x1f\x8b\x08\x00", Wrapping::Gzip),
            (b"\x28\xb5\x2f\xfd", Wrapping::Zstd),
            (b"\x5a\x2a\x4d\x18", Wrapping::Zstd),
            (b"PK\x03\x04", Wrapping::Zip),
            (b"\xff\xfe{\0", Wrapping::Utf16 { is_big_endian: false, mark_bytes: 2 }),
            (b"{\0\"\0", Wrapping::Utf16 { is_big_endian: false, mark_bytes: 0 }),
            (b"\xef\xbb\xbf{}", Wrapping::Plain { mark_bytes: 3 }),
            (b"{\"a\":1}", Wrapping::Plain { mark_bytes: 0 }),
            (b"MZ\x90\0\x03\0", Wrapping::Foreign("a Windows program, not a log")),
            (b"MZ,host,user\n", Wrapping::Plain { mark_bytes: 0 }),
            (b"\0\0\0\0\0", Wrapping::Foreign("binary data, not a log")),
        ] {
            assert_eq!(wrapping(head), expected, "{head:?}");
        }
    }
}
