//! What the formats for programs share: a finding with its rule and record as JSON, and the parts
//! of it that other formats use.

use std::{io::Write, sync::Arc};

use detect::{Finding, Found};
use serde::Serialize;
use serde_json::value::RawValue;
use sigma::{Engine, Matched, Meta, RuleId, matcher::Part};
use terms::{Place, Position, Timestamp};

use super::{clock::Clock, quote};

/// Writes findings. What is the same for all findings of a rule is made once.
pub(crate) struct Writer {
    engine: Arc<Engine>,
    /// By number of the rule: what stands between the time and the host.
    rules: Vec<Option<Box<[u8]>>>,
    clock: Clock,
}

impl Writer {
    /// A writer for findings of these rules.
    pub(crate) fn new(engine: Arc<Engine>) -> Self {
        let rules = vec![None; engine.rules().len()];
        Writer { engine, rules, clock: Clock::default() }
    }

    /// Appends one finding as a JSON object, its record last, as it was read:
    /// `{"time", "level", "rule": {…}, "host", "user", "place": {…}, "matched": [{…}], "event": {…}}`.
    /// Time, host and user are null if the record tells none.
    pub(crate) fn write(&mut self, found: &mut Found<'_>, out: &mut Vec<u8>) {
        self.head((found.at, found.rule), (found.host, found.user), out);
        place(found.file, found.position, out);
        parts(found.parts(), out);
        match plain(found.record) {
            Some(record) => out.extend_from_slice(record.as_bytes()),
            None => out.extend_from_slice(event(found.record).get().as_bytes()),
        }
        out.push(b'}');
    }

    /// The same of a finding that was kept.
    pub(crate) fn write_kept(&mut self, finding: &Finding, out: &mut Vec<u8>) {
        self.head((finding.at, finding.rule), (&finding.host, &finding.user), out);
        place(&finding.place.file, finding.place.position, out);
        parts(finding.matched.iter().map(part_of), out);
        out.extend_from_slice(event(&finding.event).get().as_bytes());
        out.push(b'}');
    }

    /// All before the value of `place`.
    fn head(
        &mut self,
        (at, rule): (Option<Timestamp>, RuleId),
        (host, user): (&str, &str),
        out: &mut Vec<u8>,
    ) {
        out.extend_from_slice(b"{\"time\":");
        match at {
            Some(at) => {
                out.push(b'"');
                self.clock.write(at, out);
                out.push(b'"');
            }
            None => out.extend_from_slice(b"null"),
        }
        out.extend_from_slice(self.rule(rule));
        quote::some(host, out);
        out.extend_from_slice(b",\"user\":");
        quote::some(user, out);
        out.extend_from_slice(b",\"place\":");
    }

    /// `,"level":…,"rule":{…},"host":`
    fn rule(&mut self, rule: RuleId) -> &[u8] {
        let engine = &self.engine;
        self.rules[rule.0 as usize].get_or_insert_with(|| {
            let meta = engine.rules().meta(rule);
            let wire = serde_json::to_string(&RuleWire::new(meta))
                .expect("texts and lists of texts can be written");
            format!(",\"level\":\"{}\",\"rule\":{wire},\"host\":", meta.level).into_bytes().into()
        })
    }
}

/// `{"file", "unit", "number"}`, as [`PlaceWire`] has it.
fn place(file: &str, position: Position, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"file\":");
    quote::string(file, out);
    // Writing to memory cannot fail.
    let _ = match unit(position) {
        Some((unit, number)) => write!(out, ",\"unit\":\"{unit}\",\"number\":{number}}}"),
        None => write!(out, ",\"unit\":null,\"number\":null}}"),
    };
}

/// `,"matched":[…],"event":`
fn parts<'p>(parts: impl Iterator<Item = Part<'p>>, out: &mut Vec<u8>) {
    out.extend_from_slice(b",\"matched\":[");
    for (at, part) in parts.enumerate() {
        if at > 0 {
            out.push(b',');
        }
        matched(part, out);
    }
    out.extend_from_slice(b"],\"event\":");
}

/// A part that was kept.
pub(crate) fn part_of(matched: &Matched) -> Part<'_> {
    Part {
        selection: &matched.selection,
        field: &matched.field,
        value: &matched.value,
        key: &matched.key,
        written: &matched.written,
    }
}

/// What made the rule hold: `{"selection", "field", "value", "key", "pattern"}`, `field` null for
/// keywords.
fn matched(part: Part<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"selection\":");
    quote::string(part.selection, out);
    out.extend_from_slice(b",\"field\":");
    quote::some(part.field, out);
    out.extend_from_slice(b",\"value\":");
    quote::string(part.value, out);
    out.extend_from_slice(b",\"key\":");
    quote::string(part.key, out);
    out.extend_from_slice(b",\"pattern\":");
    quote::string(part.written, out);
    out.push(b'}');
}

/// The record, if it can stand in a line of JSON as it is: the scanner has read it as an object,
/// and is looser than JSON only in taking control characters.
fn plain(record: &str) -> Option<&str> {
    let record = record.trim();
    let fits = record.starts_with('{') && !has_control(record.as_bytes());
    fits.then_some(record)
}

/// Whether a byte is below a blank; block by block, which the compiler makes quick.
fn has_control(bytes: &[u8]) -> bool {
    let any = |block: &[u8]| block.iter().fold(false, |any, byte| any | (*byte < b' '));
    bytes.chunks(64).any(any)
}

/// A rule as programs get it.
#[derive(Serialize)]
pub(crate) struct RuleWire<'f> {
    pub(crate) id: &'f str,
    pub(crate) title: &'f str,
    pub(crate) level: &'static str,
    pub(crate) status: &'f str,
    pub(crate) author: &'f str,
    pub(crate) license: &'f str,
    pub(crate) tags: &'f [String],
    pub(crate) tactics: Vec<String>,
    pub(crate) techniques: Vec<String>,
    pub(crate) falsepositives: &'f [String],
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) harm: &'f str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) action: &'f str,
    pub(crate) file: &'f str,
    pub(crate) line: u32,
}

/// Where the record was read.
#[derive(Serialize)]
pub(crate) struct PlaceWire<'f> {
    pub(crate) file: &'f str,
    /// `line`, `element`, `record`, `chunk` or `byte`; null for a file as a whole.
    pub(crate) unit: Option<&'static str>,
    pub(crate) number: Option<u64>,
}

impl<'f> RuleWire<'f> {
    /// All facts about a rule.
    pub(crate) fn new(meta: &'f Meta) -> Self {
        RuleWire {
            id: &meta.id,
            title: &meta.title,
            level: meta.level.as_str(),
            status: &meta.status,
            author: &meta.author,
            license: &meta.license,
            tags: &meta.tags,
            tactics: meta.tactics().collect(),
            techniques: meta.techniques().collect(),
            falsepositives: &meta.falsepositives,
            harm: &meta.harm,
            action: &meta.action,
            file: &meta.file,
            line: meta.line,
        }
    }
}

impl<'f> PlaceWire<'f> {
    /// File, unit and number.
    pub(crate) fn new(place: &'f Place) -> Self {
        let (unit, number) = unit(place.position).unzip();
        PlaceWire { file: &place.file, unit, number }
    }
}

/// What a position counts, and how far it has counted; none for a file as a whole.
fn unit(position: Position) -> Option<(&'static str, u64)> {
    Some(match position {
        Position::Whole => return None,
        Position::Line(n) => ("line", n),
        Position::Element(n) => ("element", n),
        Position::Record(n) => ("record", n),
        Position::Chunk(n) => ("chunk", n),
        Position::Byte(n) => ("byte", n),
    })
}

/// The instant in UTC as RFC 3339, to the precision it has.
pub(crate) fn rfc3339(at: Timestamp) -> String {
    at.to_string()
}

/// The record on one line, as it is. What a stricter parser does not take for JSON becomes a
/// string, so that the document around it stays valid.
pub(crate) fn event(record: &str) -> Box<RawValue> {
    // A line break stands between tokens only: inside of strings JSON allows none.
    let line = record.trim().replace(['\n', '\r'], " ");
    RawValue::from_string(line)
        .or_else(|_| serde_json::value::to_raw_value(record))
        .unwrap_or_default()
}

/// `field = value` for each part that made the rule hold, joined for one cell.
pub(crate) fn matched_text<'m>(parts: impl Iterator<Item = Part<'m>>) -> String {
    let mut texts: Vec<String> = Vec::new();
    for part in parts {
        let text = match part.field {
            "" => format!("{:?}", part.value),
            field => format!("{field} = {}", part.value),
        };
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts.join("; ")
}
