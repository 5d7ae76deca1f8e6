//! CSV (RFC 4180), one row a finding. Cells that a spreadsheet would run as a formula get a `'`
//! in front: what an attacker wrote into a log must not act on the reader's computer.

use std::{
    borrow::Cow,
    io::{self, Write},
    sync::Arc,
};

use csv::{Terminator, WriterBuilder};
use detect::{Finding, Found};
use sigma::{Engine, RuleId};
use terms::{Position, Timestamp};

use super::{
    Form, Written,
    finding::{event, matched_text, part_of, rfc3339},
};
use crate::scan::Output;

const COLUMNS: [&str; 18] = [
    "time",
    "level",
    "rule_title",
    "rule_id",
    "host",
    "user",
    "file",
    "position",
    "matched",
    "tactics",
    "techniques",
    "harm",
    "action",
    "falsepositives",
    "author",
    "license",
    "rule_file",
    "event",
];

/// One row a finding.
pub(crate) struct CsvForm {
    engine: Arc<Engine>,
}

/// Writes the header.
pub(crate) fn begin(mut output: Output) -> io::Result<Output> {
    let mut header = Vec::new();
    row(COLUMNS, &mut header)?;
    output.write_all(&header)?;
    Ok(output)
}

impl CsvForm {
    /// For findings of these rules.
    pub(crate) fn new(engine: Arc<Engine>) -> Self {
        CsvForm { engine }
    }
}

impl Form for CsvForm {
    fn finding(&mut self, found: &mut Found<'_>, out: &mut Written) {
        let matched = matched_text(found.parts());
        let (who, what) = ((found.host, found.user), (&*matched, found.record));
        self.row((found.rule, found.at), (found.file, found.position), who, what, out);
    }

    fn firing(&mut self, finding: Finding, out: &mut Written) {
        let matched = matched_text(finding.matched.iter().map(part_of));
        let place = (&*finding.place.file, finding.place.position);
        let (who, what) = ((&*finding.host, &*finding.user), (&*matched, &*finding.event));
        self.row((finding.rule, finding.at), place, who, what, out);
    }
}

impl CsvForm {
    fn row(
        &self,
        (rule, at): (RuleId, Option<Timestamp>),
        (file, position): (&str, Position),
        (host, user): (&str, &str),
        (matched, record): (&str, &str),
        out: &mut Written,
    ) {
        let meta = self.engine.rules().meta(rule);
        let tactics: Vec<String> = meta.tactics().collect();
        let techniques: Vec<String> = meta.techniques().collect();
        let cells = [
            at.map(rfc3339).unwrap_or_default(),
            meta.level.to_string(),
            meta.title.clone(),
            meta.id.clone(),
            host.to_owned(),
            user.to_owned(),
            file.to_owned(),
            position.to_string(),
            matched.to_owned(),
            tactics.join(" "),
            techniques.join(" "),
            meta.harm.clone(),
            meta.action.clone(),
            meta.falsepositives.join("; "),
            meta.author.clone(),
            meta.license.clone(),
            meta.file.to_string(),
            event(record).get().to_owned(),
        ];
        let cells = cells.each_ref().map(|cell| harmless(cell));
        row(cells.each_ref().map(|cell| &**cell), &mut out.text)
            .expect("rows have one length, and writing to memory cannot fail");
    }
}

fn row(cells: [&str; COLUMNS.len()], out: &mut Vec<u8>) -> io::Result<()> {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(out);
    writer.write_record(cells)?;
    writer.flush()
}

/// The cell with a `'` in front if a spreadsheet would take it for a formula.
pub(crate) fn harmless(cell: &str) -> Cow<'_, str> {
    match cell.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r') => format!("'{cell}").into(),
        _ => cell.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn a_cell_that_could_run_as_a_formula_is_made_harmless() {
        for cell in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"] {
            assert_eq!(harmless(cell), format!("'{cell}"));
        }
        assert_eq!(harmless("a=1"), "a=1");
        assert_eq!(harmless(""), "");
    }
}
