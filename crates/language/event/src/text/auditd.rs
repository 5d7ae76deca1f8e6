//! Linux audit records as `auditd` writes them: `type=EXECVE msg=audit(TIME:SERIAL): key=value …`.
//!
//! Strings that a user may choose stand in quotes or, where they hold blanks, quotes or control
//! characters, as bare hexadecimal digits; both become plain text. What the kernel or auditd
//! appended for people (after the separator 0x1d) goes in as further fields, in capitals as
//! written. Source: audit-userspace, "audit event fields".

use std::borrow::Cow;

use super::{Object, from_hex, kv};
use crate::Damage;

/// Fields whose bare values are hexadecimal text.
const ENCODED: [&str; 25] = [
    "acct",
    "cgroup",
    "cmd",
    "comm",
    "cwd",
    "data",
    "device",
    "dir",
    "exe",
    "file",
    "grp",
    "invalid_context",
    "key",
    "kernel",
    "name",
    "new_log_passwd",
    "ocomm",
    "old_log_passwd",
    "path",
    "proctitle",
    "root_dir",
    "sw",
    "vm",
    "watch",
    "unit",
];

/// Where an audit record starts in the line, if there is one.
pub(super) fn start(text: &str) -> Option<usize> {
    let message = text.find("msg=audit(")?;
    let before = &text[..message];
    let kind = before.rfind("type=")?;
    let node = before[..kind].rfind("node=");
    let at = node.filter(|node| before[*node..kind].split_ascii_whitespace().count() == 1);
    let at = at.unwrap_or(kind);
    let on_its_own = text[..at].chars().next_back().is_none_or(|c| c.is_ascii_whitespace());
    on_its_own.then_some(at)
}

/// Reads the record, whose start [`start`] has found.
///
/// Errors: [`Damage::NoFormat`] if time and serial number are missing.
pub(super) fn read(text: &str, object: &mut Object<'_>) -> Result<(), Damage> {
    let (head, rest) = text.split_once("msg=audit(").ok_or(Damage::NoFormat)?;
    let mut kind = "";
    for pair in head.split_ascii_whitespace() {
        if let Some((key, value)) = pair.split_once('=') {
            object.put(key, value)?;
            if key == "type" {
                kind = value;
            }
        }
    }
    let (id, body) = rest.split_once(')').ok_or(Damage::Truncated(text.len()))?;
    let (time, _serial) = id.rsplit_once(':').ok_or(Damage::NoFormat)?;
    object.put("time", time)?;
    object.put("audit_id", id)?;
    let body = body.strip_prefix(':').unwrap_or(body);
    let (body, enriched) = body.split_once('\u{1d}').unwrap_or((body, ""));
    let argument_is_text = kind.eq_ignore_ascii_case("EXECVE");
    for (key, value) in kv::pairs(body, b"\"'") {
        put(key, value, argument_is_text, object)?;
    }
    for (key, value) in kv::pairs(enriched, b"\"'") {
        object.put(key, value.text)?;
    }
    Ok(())
}

fn put(
    key: &str,
    value: kv::Value<'_>,
    argument_is_text: bool,
    object: &mut Object<'_>,
) -> Result<(), Damage> {
    // Records of programs hold their own pairs in one quoted field: msg='op=login acct="root"'.
    if value.quote == Some(b'\'') && key == "msg" {
        for (key, value) in kv::pairs(value.text, b"\"") {
            put(key, value, argument_is_text, object)?;
        }
        return Ok(());
    }
    let key = key.strip_suffix("[0]").unwrap_or(key);
    let encoded = ENCODED.contains(&key) || (argument_is_text && is_argument(key));
    let plain = match value.quote {
        None if encoded => from_hex(value.text).unwrap_or(Cow::Borrowed(value.text)),
        _ => Cow::Borrowed(value.text),
    };
    match key {
        // One NUL after each argument.
        "proctitle" => object.put(key, plain.trim_end_matches('\0').replace('\0', " ").as_str()),
        // Several keys are joined by 0x01.
        "key" => plain.split('\u{1}').try_for_each(|one| object.put(key, one)),
        _ => object.put(key, plain.trim_end_matches('\0')),
    }
}

/// `a0`, `a1`, … and the pieces of a long argument, `a1[2]`.
fn is_argument(key: &str) -> bool {
    let number = key.strip_prefix('a').unwrap_or("");
    let number = number.split_once('[').map_or(number, |(number, _)| number);
    !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
}
