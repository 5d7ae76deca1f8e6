//! Lines that are not JSON, turned into JSON: one line in, one object out, no I/O.
//!
//! Each format has a file of its own. Which one a line is in is told from the line alone, so
//! that files of mixed lines work. All values are written as strings; what the fields are called
//! and which log source they belong to is decided by the catalogue, as for any other record.

mod access;
mod auditd;
mod cef;
mod kv;
mod object;
mod syslog;
mod xml;

use std::borrow::Cow;

use self::object::Object;
use crate::Damage;

/// A line may be this long.
pub const MAX_LINE: usize = 1 << 20;

/// Appends the record that `line` holds to `out` as one JSON object, without a line break.
///
/// Reads Windows events in XML, Linux audit records, CEF and LEEF, syslog (RFC 3164 and 5424),
/// `key=value` pairs and web servers' combined access logs; the first four also inside a syslog
/// line. Bytes that are not UTF-8 become U+FFFD. `false` for a line without a record: blank, or
/// a comment (`#`).
///
/// Errors: [`Damage`]; `out` is then as it was.
pub fn to_json(line: &[u8], out: &mut Vec<u8>) -> Result<bool, Damage> {
    let before = out.len();
    let done = convert(line, out);
    if !matches!(done, Ok(true)) {
        out.truncate(before);
    }
    done
}

fn convert(line: &[u8], out: &mut Vec<u8>) -> Result<bool, Damage> {
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line).trim_ascii();
    if line.is_empty() || line.starts_with(b"#") {
        return Ok(false);
    }
    if line.len() > MAX_LINE {
        return Err(Damage::TooLong);
    }
    if matches!(line[0], b'{' | b'[') {
        return Err(Damage::NoFormat);
    }
    let text = String::from_utf8_lossy(line);
    let mut object = Object::begin(out);
    if !structured(&text, &mut object)?
        && !access::read(&text, &mut object)?
        && !syslog::read(&text, &mut object)?
        && !kv::read(&text, &mut object)?
    {
        return Err(Damage::NoFormat);
    }
    object.end();
    Ok(true)
}

/// Formats that are recognised wherever they stand. What precedes them in the line, if it is a
/// syslog header, goes into the object too.
fn structured(text: &str, object: &mut Object<'_>) -> Result<bool, Damage> {
    if let Some(at) = xml::start(text) {
        xml::read(&text[at..], object)?;
        return Ok(true);
    }
    if let Some(at) = auditd::start(text) {
        if !text[at..].starts_with("node=")
            && let Some(host) = syslog::host_before(&text[..at])
        {
            object.put("node", host)?;
        }
        auditd::read(&text[at..], object)?;
        return Ok(true);
    }
    if let Some(at) = cef::start(text) {
        if let Some(header) = syslog::header(&text[..at]) {
            header.write(object)?;
        }
        cef::read(&text[at..], object)?;
        return Ok(true);
    }
    Ok(false)
}

/// Hexadecimal digits as the bytes they stand for, read as UTF-8. `None` for anything else.
fn from_hex(digits: &str) -> Option<Cow<'static, str>> {
    if digits.is_empty() || !digits.len().is_multiple_of(2) {
        return None;
    }
    let nibble = |digit: u8| (digit as char).to_digit(16).map(|value| value as u8);
    let bytes: Option<Vec<u8>> = digits
        .as_bytes()
        .chunks_exact(2)
        .map(|pair| Some(nibble(pair[0])? << 4 | nibble(pair[1])?))
        .collect();
    Some(Cow::Owned(String::from_utf8_lossy(&bytes?).into_owned()))
}
