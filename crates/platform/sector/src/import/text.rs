//! Bytes of a file to text: unpacked, in one encoding. Pure.

use std::{borrow::Cow, io::Read};

use super::Limits;

/// Why a file cannot be imported at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// Larger than the limit, packed or not.
    #[error("{file} is larger than {limit_bytes} bytes: cut it into several files")]
    TooLarge {
        /// The file.
        file: String,
        /// The limit.
        limit_bytes: usize,
    },
    /// Nothing in it.
    #[error("{file} is empty")]
    Empty {
        /// The file.
        file: String,
    },
    /// Not text that Ward reads.
    #[error("{file} cannot be read: {reason}")]
    NotText {
        /// The file.
        file: String,
        /// Why, and what to do.
        reason: &'static str,
    },
    /// The header names no file Ward knows.
    #[error("{file}, line 1: the columns {columns:?} are of no file that Ward imports: {hint}")]
    UnknownHeader {
        /// The file.
        file: String,
        /// The columns found.
        columns: Vec<String>,
        /// What is missing to the likeliest kind.
        hint: String,
    },
    /// A column stands twice in the header.
    #[error("{file}, line 1: the column {column:?} stands there twice")]
    ColumnTwice {
        /// The file.
        file: String,
        /// The column.
        column: String,
    },
}

/// A file's text, and what was done to get it.
#[derive(Debug)]
pub(crate) struct Text {
    pub(crate) text: String,
    pub(crate) notes: Vec<String>,
}

/// Unpacks gzip, takes off the byte order mark, and reads UTF-8, or Windows-1252 where it is not.
pub(crate) fn read(file: &str, bytes: &[u8], limits: &Limits) -> Result<Text, FileError> {
    let not_text = |reason| FileError::NotText { file: file.to_owned(), reason };
    let too_large =
        || FileError::TooLarge { file: file.to_owned(), limit_bytes: limits.file_bytes };
    let bytes = match bytes.starts_with(&[0x1f, 0x8b]) {
        false => Cow::Borrowed(bytes),
        true => {
            let unpacked = unpack(bytes, limits.file_bytes);
            Cow::Owned(unpacked.map_err(|_| not_text("its gzip wrapping is damaged"))?)
        }
    };
    if bytes.len() > limits.file_bytes {
        return Err(too_large());
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return Err(not_text("it is a zip archive or a spreadsheet: save it as CSV (UTF-8)"));
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(not_text("it is written in UTF-16: save it as CSV (UTF-8)"));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    if bytes.contains(&0) {
        return Err(not_text(
            "it holds bytes of value 0, so it is no text: save it as CSV (UTF-8)",
        ));
    }
    if bytes.trim_ascii().is_empty() {
        return Err(FileError::Empty { file: file.to_owned() });
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Text { text: text.to_owned(), notes: Vec::new() }),
        Err(_) => windows_1252(bytes)
            .map(|text| Text {
                text,
                notes: vec!["not UTF-8: read as Windows-1252, look at accents and dashes".into()],
            })
            .ok_or_else(|| {
                not_text("it is neither UTF-8 nor Windows-1252: save it as CSV (UTF-8)")
            }),
    }
}

/// At most one byte more than `limit`, so that the caller can tell that there is more.
fn unpack(bytes: &[u8], limit: usize) -> std::io::Result<Vec<u8>> {
    let mut unpacked = Vec::new();
    flate2::read::MultiGzDecoder::new(bytes).take(limit as u64 + 1).read_to_end(&mut unpacked)?;
    Ok(unpacked)
}

/// What Windows-1252 has at 0x80 to 0x9f; everywhere else it is Latin-1. Source: Unicode's mapping
/// table of code page 1252; U+FFFD stands where the page has nothing.
const HIGH: [char; 32] = [
    '€', '\u{fffd}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{fffd}', 'Ž',
    '\u{fffd}', '\u{fffd}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{fffd}',
    'ž', 'Ÿ',
];

fn windows_1252(bytes: &[u8]) -> Option<String> {
    let character = |&byte: &u8| match byte {
        0x80..=0x9f => Some(HIGH[usize::from(byte - 0x80)]).filter(|&c| c != '\u{fffd}'),
        _ => Some(char::from(byte)),
    };
    bytes.iter().map(character).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn check(bytes: &[u8]) -> Result<Text, FileError> {
        read("x.csv", bytes, &Limits { file_bytes: 1000, ..Limits::default() })
    }

    #[test]
    fn a_byte_order_mark_is_taken_off() {
        assert_eq!(check(b"\xef\xbb\xbfname").expect("text").text, "name");
    }

    #[test]
    fn windows_1252_is_read_and_said() {
        let text = check(b"St Mary\x92s \x96 caf\xe9").expect("text");
        assert_eq!(text.text, "St Mary’s – café");
        assert_eq!(text.notes.len(), 1);
        assert!(check(b"caf\x81").is_err(), "0x81 is nothing in Windows-1252");
    }

    #[test]
    fn what_is_no_text_is_refused_with_what_to_do() {
        for bytes in [&b"\xff\xfen\0"[..], b"PK\x03\x04", b"a\0b", b"\x1f\x8bnot gzip"] {
            assert!(matches!(check(bytes), Err(FileError::NotText { .. })), "{bytes:?}");
        }
        assert!(matches!(check(b" \r\n"), Err(FileError::Empty { .. })));
    }

    #[test]
    fn a_packed_file_that_grows_beyond_the_limit_is_refused() {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        packer.write_all(&[b'a'; 5000]).expect("memory");
        let packed = packer.finish().expect("memory");
        assert!(packed.len() < 1000);
        assert!(matches!(check(&packed), Err(FileError::TooLarge { .. })));
        assert!(matches!(check(&[b'a'; 1001]), Err(FileError::TooLarge { .. })));
    }
}
