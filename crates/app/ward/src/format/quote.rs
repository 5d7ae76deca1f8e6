//! Text as a JSON string (RFC 8259), spelt as `serde_json` spells it: the shape of what was always
//! written must not depend on who writes it.

/// How a byte stands in a string: 0 as it is, `u` as `\u00xx`, else as a backslash and this.
const ESCAPES: [u8; 256] = {
    let mut table = [0; 256];
    let mut at = 0;
    while at < 0x20 {
        table[at] = b'u';
        at += 1;
    }
    table[0x08] = b'b';
    table[b'\t' as usize] = b't';
    table[b'\n' as usize] = b'n';
    table[0x0c] = b'f';
    table[b'\r' as usize] = b'r';
    table[b'"' as usize] = b'"';
    table[b'\\' as usize] = b'\\';
    table
};

/// Appends the text, quoted.
pub(crate) fn string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let mut rest = text.as_bytes();
    while let Some(at) = rest.iter().position(|byte| ESCAPES[usize::from(*byte)] != 0) {
        out.extend_from_slice(&rest[..at]);
        escape(rest[at], out);
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

/// Appends the text, quoted, or `null` for none.
pub(crate) fn some(text: &str, out: &mut Vec<u8>) {
    if text.is_empty() {
        out.extend_from_slice(b"null");
    } else {
        string(text, out);
    }
}

fn escape(byte: u8, out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    match ESCAPES[usize::from(byte)] {
        b'u' => {
            let (high, low) = (HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]);
            out.extend_from_slice(&[b'\\', b'u', b'0', b'0', high, low]);
        }
        letter => out.extend_from_slice(&[b'\\', letter]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) {
        let mut own = Vec::new();
        string(text, &mut own);
        assert_eq!(String::from_utf8(own).ok(), serde_json::to_string(text).ok());
    }

    #[test]
    fn every_character_is_spelt_as_serde_json_spells_it() {
        for c in (0..0x3000).chain(0xfff0..0x1_0010).filter_map(char::from_u32) {
            check(&c.to_string());
            check(&format!("before{c}after"));
        }
    }

    #[test]
    fn neighbouring_escapes_keep_their_order() {
        check("");
        check(r#"C:\\Windows\"a"\"#);
        check("\\\"\n\u{1}\u{7f}é\\");
    }

    #[test]
    fn no_text_is_null() {
        let mut out = Vec::new();
        some("", &mut out);
        some("a", &mut out);
        assert_eq!(out, br#"null"a""#);
    }
}
