//! For people at a terminal: first one sentence, then what was found, then what was read and
//! what was not.
//!
//! Modules in the order of the page: [`found`] the sentence and the rules, [`care`] what is at
//! stake and what to do, [`timeline`], [`names`] devices, users, tactics and techniques,
//! [`mod@closing`] the last lines.

mod care;
mod closing;
mod found;
mod names;
mod timeline;

use std::io::{self, Write};

use detect::{Finding, Found};

pub(crate) use closing::closing;
pub(crate) use found::sentence;
pub(crate) use timeline::period;

use super::{Form, Sink, Written};
use crate::{
    scan::{Output, report::Report},
    term::{
        Look,
        paint::{Paint, paint},
    },
};

/// Writes nothing: findings count only for the summary.
pub(crate) struct TableForm;

impl Form for TableForm {
    fn finding(&mut self, _: &mut Found<'_>, _: &mut Written) {}

    fn firing(&mut self, _: Finding, _: &mut Written) {}
}

/// Writes the page at the end.
pub(crate) struct TableSink {
    output: Output,
    look: Look,
    is_all: bool,
    is_quiet: bool,
}

impl TableSink {
    /// `is_all`: every row. `is_quiet`: only what was found.
    pub(crate) fn new(output: Output, look: Look, is_all: bool, is_quiet: bool) -> Self {
        TableSink { output, look, is_all, is_quiet }
    }
}

impl Sink for TableSink {
    fn take(&mut self, _: &mut Written) -> io::Result<()> {
        Ok(())
    }

    fn finish(mut self: Box<Self>, report: &Report<'_>) -> io::Result<()> {
        let text = page(report, self.look, self.is_all, self.is_quiet);
        self.output.write_all(text.as_bytes())?;
        self.output.finish()
    }
}

/// Rows of a section without `--all`.
const ROWS: usize = 25;
/// Rows of a section of names without `--all`.
const NAMES: usize = 10;

fn page(report: &Report<'_>, look: Look, is_all: bool, is_quiet: bool) -> String {
    let rows = |few| if is_all { usize::MAX } else { few };
    let mut out = found::header(report, look);
    if report.summary.findings > 0 {
        out.push_str(&found::rules(report, look, rows(ROWS)));
        if !is_quiet {
            out.push_str(&care::stakes(report, look, rows(care::RULES)));
            out.push_str(&timeline::chart(report, look));
            out.push_str(&names::sections(report, look, rows(NAMES)));
        }
    }
    if !is_quiet {
        out.push_str(&heading(look, "What was read"));
        out.push_str(&closing(report, look, is_all));
    }
    out
}

/// A heading with a blank line before it.
fn heading(look: Look, text: &str) -> String {
    format!("\n{}\n", paint(look, Paint::Heading, &text.to_uppercase()))
}

/// What to say of rows not shown.
fn more(look: Look, hidden: usize, what: &str) -> String {
    if hidden == 0 {
        return String::new();
    }
    let dots = if look.unicode { "…" } else { "..." };
    let line = format!("{dots} {hidden} more {what}; --all shows them");
    format!("{}\n", paint(look, Paint::Faint, &line))
}
