//! Access logs of web servers in the common and combined format, under the names of W3C extended
//! logs: `10.1.2.3 - anna [24/Nov/2026:08:30:00 +0000] "GET /a?b=1 HTTP/1.1" 200 512 "-" "curl"`.

use super::Object;
use crate::Damage;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Reads such a line; `false` if it is none.
pub(super) fn read(text: &str, object: &mut Object<'_>) -> Result<bool, Damage> {
    let Some(line) = parse(text) else { return Ok(false) };
    object.put("c-ip", line.client)?;
    if line.user != "-" {
        object.put("cs-username", line.user)?;
    }
    object.put("timestamp", &line.time)?;
    let mut request = line.request.splitn(3, ' ');
    object.put("cs-method", request.next().unwrap_or(""))?;
    let target = request.next().unwrap_or("");
    let (stem, query) = target.split_once('?').unwrap_or((target, ""));
    object.put("cs-uri", target)?;
    object.put("cs-uri-stem", stem)?;
    object.put("cs-uri-query", query)?;
    object.put("cs-version", request.next().unwrap_or(""))?;
    object.put("sc-status", line.status)?;
    object.put("sc-bytes", line.bytes)?;
    if let Some(referer) = line.referer {
        object.put("cs-referer", &plain(referer))?;
    }
    if let Some(agent) = line.agent {
        object.put("cs-user-agent", &plain(agent))?;
    }
    Ok(true)
}

struct Line<'t> {
    client: &'t str,
    user: &'t str,
    time: String,
    request: &'t str,
    status: &'t str,
    bytes: &'t str,
    referer: Option<&'t str>,
    agent: Option<&'t str>,
}

fn parse(text: &str) -> Option<Line<'_>> {
    let (client, rest) = text.split_once(' ')?;
    let (_ident, rest) = rest.split_once(' ')?;
    let (user, rest) = rest.split_once(" [")?;
    let (time, rest) = rest.split_once("] ")?;
    let (request, rest) = quoted(rest)?;
    let mut words = rest.trim_start().splitn(3, ' ');
    let status = words.next().filter(|s| s.len() == 3 && s.bytes().all(|b| b.is_ascii_digit()))?;
    let bytes = words.next().unwrap_or("-");
    let rest = words.next().unwrap_or("");
    let (referer, rest) = quoted(rest).map_or((None, ""), |(text, rest)| (Some(text), rest));
    let agent = quoted(rest.trim_start()).map(|(text, _)| text);
    Some(Line { client, user, time: rfc3339(time)?, request, status, bytes, referer, agent })
}

/// The inside of the quotes that `text` starts with, and what follows them.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let inside = text.strip_prefix('"')?;
    let mut escaped = false;
    let end = inside.bytes().position(|b| {
        let found = b == b'"' && !escaped;
        escaped = b == b'\\' && !escaped;
        found
    })?;
    Some((&inside[..end], &inside[end + 1..]))
}

fn plain(text: &str) -> String {
    text.replace("\\\"", "\"")
}

/// `24/Nov/2026:08:30:00 +0000` as `2026-11-24T08:30:00+00:00`.
fn rfc3339(time: &str) -> Option<String> {
    let (date, zone) = time.split_once(' ')?;
    let mut parts = date.splitn(3, '/');
    let day = parts.next()?;
    let month = parts.next()?;
    let (year, clock) = parts.next()?.split_once(':')?;
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    let (hours, minutes) = (zone.get(..3)?, zone.get(3..)?);
    Some(format!("{year}-{month:02}-{day}T{clock}{hours}:{minutes}"))
}
