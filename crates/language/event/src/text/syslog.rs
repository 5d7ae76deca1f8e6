//! Lines of syslog, RFC 5424 and RFC 3164 with the variations that daemons write, as
//! `{timestamp, host, program, pid, message}` and what else the header tells.
//!
//! A time without a year (RFC 3164) stays as written: this crate has no clock, and a guess would
//! put old logs into this year.

use super::{Object, kv};
use crate::Damage;

/// The part before the message. Parts that are absent are empty.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Header<'t> {
    priority: Option<u16>,
    timestamp: &'t str,
    host: &'t str,
    program: &'t str,
    pid: &'t str,
    msgid: &'t str,
    structured: &'t str,
    message: &'t str,
}

/// Reads a line of syslog; `false` if it has neither priority nor time.
pub(super) fn read(text: &str, object: &mut Object<'_>) -> Result<bool, Damage> {
    let Some(header) = header(text) else { return Ok(false) };
    // Firewalls put pairs behind a bare priority or header.
    if header.program.is_empty() && kv::starts_like(header.message) {
        header.write(object)?;
        return kv::read(header.message, object);
    }
    header.write(object)?;
    if let Some((facility, mnemonic)) = cisco(header.message) {
        object.put("cisco_facility", facility)?;
        object.put("mnemonic", mnemonic)?;
    } else if header.program == "sudo" {
        sudo(header.message, object)?;
    }
    object.put("message", header.message)?;
    Ok(true)
}

/// The host in the header that ends where another format begins.
pub(super) fn host_before(text: &str) -> Option<&str> {
    header(text).map(|header| header.host).filter(|host| !host.is_empty())
}

impl Header<'_> {
    /// All but the message.
    pub(super) fn write(&self, object: &mut Object<'_>) -> Result<(), Damage> {
        if let Some(priority) = self.priority {
            object.put("facility", &(priority / 8).to_string())?;
            object.put("severity", &(priority % 8).to_string())?;
        }
        let parts = [
            ("timestamp", self.timestamp),
            ("host", self.host),
            ("program", self.program),
            ("pid", self.pid),
            ("msgid", self.msgid),
            ("structured_data", self.structured),
        ];
        for (name, value) in parts.into_iter().filter(|(_, value)| !value.is_empty()) {
            object.put(name, value)?;
        }
        Ok(())
    }
}

/// Takes a line apart. `None` if it has neither priority nor time.
pub(super) fn header(text: &str) -> Option<Header<'_>> {
    let (priority, rest) = priority(text);
    if let Some(rest) = rest.strip_prefix("1 ").filter(|_| priority.is_some()) {
        return Some(rfc5424(priority, rest));
    }
    match timestamp(rest) {
        Some((timestamp, rest)) => Some(rfc3164(priority, timestamp, rest)),
        None if priority.is_some() => {
            Some(Header { priority, message: rest.trim_start(), ..Header::default() })
        }
        None => received_from_cisco(rest),
    }
}

/// A message of a Cisco device as its receiver wrote it down: `host number: time: %CODE: …`,
/// of which any part before the code may be absent.
fn received_from_cisco(text: &str) -> Option<Header<'_>> {
    let at = text.find('%').filter(|at| *at <= 128)?;
    let (before, message) = text.split_at(at);
    cisco(message)?;
    let mut header = Header { message, ..Header::default() };
    let mut rest = before.trim_start();
    while !rest.is_empty() {
        if let Some((timestamp, _)) = timestamp(rest) {
            header.timestamp = timestamp;
            break;
        }
        let (word, after) = rest.split_once(' ').unwrap_or((rest, ""));
        if header.host.is_empty() && !word.ends_with(':') {
            header.host = word;
        }
        rest = after.trim_start();
    }
    Some(header)
}

fn priority(text: &str) -> (Option<u16>, &str) {
    let inside = text.strip_prefix('<').and_then(|rest| rest.split_once('>'));
    match inside {
        Some((digits, rest)) if digits.len() <= 3 => match digits.parse() {
            Ok(priority) if priority <= 191 => (Some(priority), rest.trim_start()),
            _ => (None, text),
        },
        _ => (None, text),
    }
}

fn rfc5424(priority: Option<u16>, text: &str) -> Header<'_> {
    let mut rest = text;
    let mut next = || {
        let (word, after) = rest.split_once(' ').unwrap_or((rest, ""));
        rest = after;
        if word == "-" { "" } else { word }
    };
    let [timestamp, host, program, pid, msgid] = std::array::from_fn(|_| next());
    let (structured, message) = structured(rest);
    let message = message.trim_start().trim_start_matches('\u{feff}');
    Header { priority, timestamp, host, program, pid, msgid, structured, message }
}

/// Splits `[id key="value"]… message` or `- message`.
fn structured(text: &str) -> (&str, &str) {
    if !text.starts_with('[') {
        return ("", text.strip_prefix('-').unwrap_or(text));
    }
    let (mut quoted, mut escaped, mut open) = (false, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' if !quoted => open = true,
            b']' if !quoted => open = false,
            b' ' if !quoted && !open => return (&text[..at], &text[at + 1..]),
            _ => {}
        }
    }
    (text, "")
}

/// The time at the start of `text`: `Nov 24 08:30:00`, with a year before or after it as Cisco
/// writes it, or RFC 3339.
fn timestamp(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start_matches(['*', '.']);
    let bytes = text.as_bytes();
    let looks_like = |pattern: &str| {
        bytes.len() >= pattern.len()
            && pattern.bytes().zip(bytes).all(|(wanted, &b)| match wanted {
                b'A' => b.is_ascii_uppercase(),
                b'a' => b.is_ascii_lowercase(),
                b'0' => b.is_ascii_digit(),
                b'_' => b.is_ascii_digit() || b == b' ',
                _ => b == wanted,
            })
    };
    if looks_like("0000-00-00T00:00:00") || looks_like("0000-00-00 00:00:00") {
        let end = text[19..].find(|c: char| c.is_ascii_whitespace());
        let (time, rest) = text.split_at(end.map_or(text.len(), |end| end + 19));
        return Some((time.trim_end_matches(':'), rest.trim_start()));
    }
    let plain = ["Aaa _0 00:00:00", "Aaa _0 0000 00:00:00", "Aaa 0 00:00:00"];
    let length = plain.into_iter().find(|pattern| looks_like(pattern))?.len();
    // Fractions of a second, and the colon or year that some devices put behind.
    let more = text[length..].find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | ':'));
    let (time, rest) = text.split_at(more.map_or(text.len(), |more| length + more));
    Some((time.trim_end_matches(':'), rest.trim_start()))
}

/// After the time: `host program[pid]: message`, of which devices leave out one or the other.
fn rfc3164<'t>(priority: Option<u16>, timestamp: &'t str, rest: &'t str) -> Header<'t> {
    let (first, after) = rest.split_once(' ').unwrap_or((rest, ""));
    let first_is_tag = first.ends_with(':') || first.starts_with('%') || first.contains('=');
    let (host, rest) = if first_is_tag { ("", rest) } else { (first, after.trim_start()) };
    let (program, pid, message) = tag(rest);
    Header { priority, timestamp, host, program, pid, message, ..Header::default() }
}

/// `program[pid]: message`, `program: message`, or no tag at all.
fn tag(text: &str) -> (&str, &str, &str) {
    let whole = ("", "", text);
    let end = text.find(|c: char| c.is_ascii_whitespace()).unwrap_or(text.len());
    let Some(word) = text[..end].strip_suffix(':').filter(|word| !word.is_empty()) else {
        return whole;
    };
    let is_name = |name: &str| {
        let fits = |b: u8| b.is_ascii_alphanumeric() || b"-_./()@+".contains(&b);
        name.len() <= 128 && !name.is_empty() && name.bytes().all(fits)
    };
    let message = text[end..].trim_start();
    match word.strip_suffix(']').and_then(|word| word.split_once('[')) {
        Some((name, pid)) if is_name(name) => (name, pid, message),
        None if is_name(word) => (word, "", message),
        _ => whole,
    }
}

/// `%FACILITY-SEVERITY-MNEMONIC` at the start of a message (after what counts it).
fn cisco(message: &str) -> Option<(&str, &str)> {
    let at = message.find('%').filter(|at| *at <= 64)?;
    let code = &message[at + 1..];
    let code = &code[..code.find(|c: char| c == ':' || c.is_ascii_whitespace())?];
    let mut parts = code.splitn(3, '-');
    let (facility, severity, mnemonic) = (parts.next()?, parts.next()?, parts.next()?);
    let is_facility = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
    let fits = !facility.is_empty()
        && facility.bytes().all(is_facility)
        && severity.len() == 1
        && severity.bytes().all(|b| b.is_ascii_digit());
    fits.then_some((facility, mnemonic))
}

/// `anna : TTY=pts/0 ; PWD=/home/anna ; USER=root ; COMMAND=/bin/sh`: rules ask for USER.
fn sudo(message: &str, object: &mut Object<'_>) -> Result<(), Damage> {
    let known = ["TTY", "PWD", "USER", "GROUP", "ENV", "COMMAND", "TSID"];
    let (_who, pairs) = message.split_once(" : ").unwrap_or(("", message));
    for pair in pairs.splitn(8, " ; ") {
        if let Some((key, value)) = pair.split_once('=')
            && known.contains(&key.trim())
        {
            object.put(key.trim(), value)?;
        }
    }
    Ok(())
}
