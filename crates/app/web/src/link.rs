//! Addresses within Ward: texts in a query, and ways back that stay here.

use std::fmt::Write as _;

/// A text as it stands in a query: everything but letters, digits and `-._~/` in percent form.
pub(crate) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte));
            }
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

/// The text behind the percent form; nothing when it is none.
pub(crate) fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = match byte {
            b'%' => {
                let (digits, after) = after.split_at_checked(2)?;
                let digits = std::str::from_utf8(digits).ok()?;
                bytes.push(u8::from_str_radix(digits, 16).ok()?);
                after
            }
            _ => {
                bytes.push(byte);
                after
            }
        };
    }
    String::from_utf8(bytes).ok()
}

/// A way back that a request names, if it is a path of ours; else the beginning. A link made by
/// somebody else must not lead a person elsewhere after the sign-in.
pub(crate) fn back(asked: Option<&str>) -> &str {
    let is_ours = |path: &&str| {
        path.starts_with('/')
            && !path.starts_with("//")
            && !path.contains(['\\', '\r', '\n', '\t'])
            && path.len() <= 2000
    };
    asked.filter(is_ours).unwrap_or("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_back_never_leads_to_another_host() {
        for path in
            ["//evil.example", "https://evil.example", "/\\evil.example", "evil", "", "/\t/x"]
        {
            assert_eq!(back(Some(path)), "/", "{path:?}");
        }
        assert_eq!(back(Some("/alerts?state=new")), "/alerts?state=new");
        assert_eq!(back(None), "/");
    }

    #[test]
    fn a_text_in_a_query_holds_nothing_with_a_meaning_of_its_own() {
        let text = "/a?b=c&d é#";
        assert_eq!(encoded(text), "/a%3Fb%3Dc%26d%20%C3%A9%23");
        assert_eq!(decoded(&encoded(text)).as_deref(), Some(text));
        assert_eq!(decoded("%4"), None);
        assert_eq!(decoded("%ff"), None);
    }
}
