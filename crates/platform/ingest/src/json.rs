//! Writing of JSON strings. In: bytes of any encoding. Out: a JSON string. Pure.

/// Appends a JSON string with its quotes.
///
/// Bytes that are not UTF-8 are taken as Latin-1, as old Windows programs write them.
pub(crate) fn write_string(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    match std::str::from_utf8(text) {
        Ok(_) => write_escaped(text, out),
        Err(_) => {
            let text: String = text.iter().map(|&b| char::from(b)).collect();
            write_escaped(text.as_bytes(), out);
        }
    }
    out.push(b'"');
}

fn write_escaped(text: &[u8], out: &mut Vec<u8>) {
    let mut plain = 0;
    for (at, &byte) in text.iter().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&text[plain..at]);
        plain = at + 1;
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            _ => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
        }
    }
    out.extend_from_slice(&text[plain..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &[u8], expected: &str) {
        let mut out = Vec::new();
        write_string(text, &mut out);
        assert_eq!(serde_json::from_slice::<String>(&out).expect("valid JSON"), expected);
    }

    #[test]
    fn any_text_comes_back_as_it_was() {
        check("a\"b\\c\n\r\t\u{1}\u{7f}ü漢".as_bytes(), "a\"b\\c\n\r\t\u{1}\u{7f}ü漢");
    }

    #[test]
    fn bytes_that_are_not_utf8_are_read_as_latin_1() {
        check(b"M\xfcller", "Müller");
    }
}
