//! Alerts as rows of a file, in CSV or as lines of JSON. In: alerts. Out: bytes, a part at a time,
//! so that a million rows need no more memory than a thousand. Pure.
//!
//! Cells a spreadsheet would run as a formula get a `'` in front: what an attacker wrote into a
//! log must not act on the reader's computer.

use std::borrow::Cow;

use csv::{Terminator, WriterBuilder};
use serde::Serialize;

use super::{Alert, AlertError};

/// The form of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// RFC 4180, with a header.
    Csv,
    /// One JSON object a line.
    JsonLines,
}

/// Columns, in order; JSON's keys have the same names.
pub const COLUMNS: [&str; 19] = [
    "id",
    "organisation",
    "state",
    "level",
    "rank",
    "headline",
    "rule_id",
    "rule_title",
    "techniques",
    "device",
    "devices",
    "count",
    "first_seen",
    "last_seen",
    "opened_at",
    "closed_at",
    "owner",
    "verdict",
    "flood",
];

#[derive(Serialize)]
struct Row<'a> {
    id: String,
    organisation: &'a str,
    state: &'static str,
    level: &'static str,
    rank: f64,
    headline: &'a str,
    rule_id: &'a str,
    rule_title: &'a str,
    techniques: Vec<String>,
    device: &'a str,
    devices: u64,
    count: u64,
    first_seen: String,
    last_seen: String,
    opened_at: String,
    closed_at: Option<String>,
    owner: Option<String>,
    verdict: Option<&'static str>,
    flood: bool,
}

/// What stands before the first row.
pub fn head(format: Format) -> Result<Vec<u8>, AlertError> {
    match format {
        Format::Csv => csv_rows([COLUMNS.map(Cow::Borrowed)]),
        Format::JsonLines => Ok(Vec::new()),
    }
}

/// The rows of these alerts.
pub fn rows(format: Format, alerts: &[Alert]) -> Result<Vec<u8>, AlertError> {
    match format {
        Format::Csv => csv_rows(alerts.iter().map(cells)),
        Format::JsonLines => json_lines(alerts),
    }
}

fn row(alert: &Alert) -> Row<'_> {
    Row {
        id: alert.id.to_string(),
        organisation: alert.organisation.as_str(),
        state: alert.state.as_str(),
        level: alert.level.as_str(),
        rank: alert.rank_millionths as f64 / 1e6,
        headline: &alert.headline,
        rule_id: &alert.rule.id,
        rule_title: &alert.rule.title,
        techniques: alert.rule.techniques().collect(),
        device: &alert.device,
        devices: alert.devices,
        count: alert.count,
        first_seen: alert.first_seen.to_string(),
        last_seen: alert.last_seen.to_string(),
        opened_at: alert.opened_at.to_string(),
        closed_at: alert.closed_at.map(|at| at.to_string()),
        owner: alert.owner.map(|owner| owner.to_string()),
        verdict: alert.verdict.map(|verdict| verdict.as_str()),
        flood: alert.is_flood,
    }
}

fn json_lines(alerts: &[Alert]) -> Result<Vec<u8>, AlertError> {
    let mut out = Vec::new();
    for alert in alerts {
        serde_json::to_writer(&mut out, &row(alert))
            .map_err(|error| AlertError::Export(error.into()))?;
        out.push(b'\n');
    }
    Ok(out)
}

fn cells(alert: &Alert) -> [Cow<'static, str>; 19] {
    let row = row(alert);
    [
        row.id,
        row.organisation.to_owned(),
        row.state.to_owned(),
        row.level.to_owned(),
        format!("{:.6}", row.rank),
        row.headline.to_owned(),
        row.rule_id.to_owned(),
        row.rule_title.to_owned(),
        row.techniques.join(" "),
        row.device.to_owned(),
        row.devices.to_string(),
        row.count.to_string(),
        row.first_seen,
        row.last_seen,
        row.opened_at,
        row.closed_at.unwrap_or_default(),
        row.owner.unwrap_or_default(),
        row.verdict.unwrap_or_default().to_owned(),
        row.flood.to_string(),
    ]
    .map(harmless)
}

fn harmless(cell: String) -> Cow<'static, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        return Cow::Owned(format!("'{cell}"));
    }
    Cow::Owned(cell)
}

fn csv_rows(
    rows: impl IntoIterator<Item = [Cow<'static, str>; 19]>,
) -> Result<Vec<u8>, AlertError> {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        writer
            .write_record(row.iter().map(|cell| cell.as_bytes()))
            .map_err(|error| AlertError::Export(error.into()))?;
    }
    writer.into_inner().map_err(|error| AlertError::Export(error.into_error()))
}
