//! CSV (RFC 4180), one row a finding. Cells that a spreadsheet would run as a formula get a `'`
//! in front: what an attacker wrote into a log must not act on the reader's computer.

use std::{borrow::Cow, io};

use csv::{Terminator, Writer, WriterBuilder};
use detect::Finding;

use super::{
    Sink,
    finding::{event, matched_text, rfc3339},
};
use crate::scan::{Output, plan::Plan, report::Report};

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
pub(crate) struct CsvSink<'p> {
    writer: Writer<Output>,
    plan: &'p Plan,
}

impl<'p> CsvSink<'p> {
    /// Writes the header.
    pub(crate) fn new(output: Output, plan: &'p Plan) -> io::Result<Self> {
        let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(output);
        writer.write_record(COLUMNS)?;
        Ok(CsvSink { writer, plan })
    }
}

impl Sink for CsvSink<'_> {
    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        let meta = &self.plan.engine.rules().rule(finding.rule).meta;
        let tactics: Vec<String> = meta.tactics().collect();
        let techniques: Vec<String> = meta.techniques().collect();
        let row = [
            finding.at.map(rfc3339).unwrap_or_default(),
            meta.level.to_string(),
            meta.title.clone(),
            meta.id.clone(),
            finding.host.clone(),
            finding.user.clone(),
            finding.place.file.to_string(),
            finding.place.position.to_string(),
            matched_text(finding),
            tactics.join(" "),
            techniques.join(" "),
            meta.harm.clone(),
            meta.action.clone(),
            meta.falsepositives.join("; "),
            meta.author.clone(),
            meta.license.clone(),
            meta.file.to_string(),
            event(&finding.event).get().to_owned(),
        ];
        self.writer.write_record(row.iter().map(|cell| harmless(cell).into_owned()))?;
        Ok(())
    }

    fn finish(self: Box<Self>, _: &Report<'_>) -> io::Result<()> {
        let output = self.writer.into_inner().map_err(csv::IntoInnerError::into_error)?;
        output.finish()
    }
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
