//! What the formats for programs share: a finding with its rule and event, ready for serde.

use std::{
    collections::{HashMap, hash_map::Entry},
    io::{self, Write},
};

use detect::Finding;
use serde::Serialize;
use serde_json::value::RawValue;
use sigma::{Meta, RuleId};
use terms::{Place, Position, Timestamp};

use crate::scan::plan::Plan;

/// A finding as programs get it.
#[derive(Serialize)]
pub(crate) struct Wire<'f> {
    /// RFC 3339 in UTC; null if the record tells no time.
    pub(crate) time: Option<String>,
    pub(crate) level: &'static str,
    pub(crate) rule: &'f RawValue,
    pub(crate) host: Option<&'f str>,
    pub(crate) user: Option<&'f str>,
    pub(crate) place: PlaceWire<'f>,
    pub(crate) matched: Vec<MatchedWire<'f>>,
}

/// Writes findings. What is the same for all findings of a rule is made once.
#[derive(Default)]
pub(crate) struct Writer {
    rules: HashMap<RuleId, Box<RawValue>>,
    line: Vec<u8>,
}

impl Writer {
    /// Writes one finding as a JSON object, its record last, as it was read.
    pub(crate) fn write(
        &mut self,
        finding: &Finding,
        plan: &Plan,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let rule = match self.rules.entry(finding.rule) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let meta = &plan.engine.rules().rule(finding.rule).meta;
                new.insert(serde_json::value::to_raw_value(&RuleWire::new(meta))?)
            }
        };
        self.line.clear();
        let level = plan.engine.rules().rule(finding.rule).meta.level;
        serde_json::to_writer(&mut self.line, &Wire::new(finding, level.as_str(), rule))?;
        // The record joins the object before its closing brace.
        self.line.pop();
        self.line.extend_from_slice(b",\"event\":");
        match plain(&finding.event) {
            Some(record) => self.line.extend_from_slice(record.as_bytes()),
            None => self.line.extend_from_slice(event(&finding.event).get().as_bytes()),
        }
        self.line.push(b'}');
        out.write_all(&self.line)
    }
}

/// The record, if it can stand in a line of JSON as it is: the scanner has read it as an object,
/// and is looser than JSON only in taking control characters.
fn plain(record: &str) -> Option<&str> {
    let record = record.trim();
    let fits = record.starts_with('{') && !record.bytes().any(|byte| byte < b' ');
    fits.then_some(record)
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

/// What made the rule hold.
#[derive(Serialize)]
pub(crate) struct MatchedWire<'f> {
    pub(crate) selection: &'f str,
    /// Null for keywords.
    pub(crate) field: Option<&'f str>,
    pub(crate) value: &'f str,
    pub(crate) key: &'f str,
    pub(crate) pattern: &'f str,
}

impl<'f> Wire<'f> {
    /// The finding with its rule.
    fn new(finding: &'f Finding, level: &'static str, rule: &'f RawValue) -> Self {
        Wire {
            time: finding.at.map(rfc3339),
            level,
            rule,
            host: some(&finding.host),
            user: some(&finding.user),
            place: PlaceWire::new(&finding.place),
            matched: finding
                .matched
                .iter()
                .map(|one| MatchedWire {
                    selection: &one.selection,
                    field: some(&one.field),
                    value: &one.value,
                    key: &one.key,
                    pattern: &one.written,
                })
                .collect(),
        }
    }
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
        let (unit, number) = match place.position {
            Position::Whole => (None, None),
            Position::Line(n) => (Some("line"), Some(n)),
            Position::Element(n) => (Some("element"), Some(n)),
            Position::Record(n) => (Some("record"), Some(n)),
            Position::Chunk(n) => (Some("chunk"), Some(n)),
            Position::Byte(n) => (Some("byte"), Some(n)),
        };
        PlaceWire { file: &place.file, unit, number }
    }
}

fn some(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
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
pub(crate) fn matched_text(finding: &Finding) -> String {
    let parts: Vec<String> = finding
        .matched
        .iter()
        .map(|one| match one.field.as_str() {
            "" => format!("{:?}", one.value),
            field => format!("{field} = {}", one.value),
        })
        .collect();
    let mut seen = std::collections::HashSet::new();
    let parts: Vec<String> = parts.into_iter().filter(|part| seen.insert(part.clone())).collect();
    parts.join("; ")
}
