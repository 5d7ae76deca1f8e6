//! How findings are written. A format has two halves: its [`Form`] turns findings into text
//! beside the search, one a worker; its [`Sink`] takes the texts in order and writes them.
//!
//! Modules: [`table`] for people at a terminal, [`html`] one page, [`json`], [`csv`] and
//! [`ocsf`] for programs; [`finding`] what they share, [`quote`] and [`clock`] texts and times
//! in it.

mod clock;
pub(crate) mod csv;
pub(crate) mod finding;
pub(crate) mod html;
pub(crate) mod json;
pub(crate) mod ocsf;
mod quote;
pub(crate) mod table;

use std::{io, sync::Arc};

use detect::{Finding, Found};

use crate::{
    cli::{Format, ScanArgs},
    scan::{Output, plan::Plan, report::Report},
    term::Look,
};

/// The worker's half of a format.
pub(crate) trait Form {
    /// Adds one finding.
    fn finding(&mut self, found: &mut Found<'_>, out: &mut Written);
    /// Adds the firing of a correlation, made a finding.
    fn firing(&mut self, finding: Finding, out: &mut Written);
}

/// Makes the form of a worker.
pub(crate) type Forms = Arc<dyn Fn() -> Box<dyn Form> + Send + Sync>;

/// What the findings of one part of the input came to.
#[derive(Default)]
pub(crate) struct Written {
    /// In the order of the findings, ready to be written.
    pub(crate) text: Vec<u8>,
    /// Findings to keep until the end, in their order.
    samples: Vec<Finding>,
    sample_bytes: usize,
}

impl Written {
    /// Keeps a finding.
    fn keep(&mut self, finding: Finding) {
        self.sample_bytes += finding.event.len();
        self.samples.push(finding);
    }

    /// Memory it takes, about.
    pub(crate) fn bytes(&self) -> usize {
        self.text.len() + self.sample_bytes
    }
}

/// The half of a format that writes. Errors: the place to write to fails.
pub(crate) trait Sink {
    /// What was found, in the order of the input.
    fn take(&mut self, written: &mut Written) -> io::Result<()>;
    /// Nothing more comes.
    fn finish(self: Box<Self>, report: &Report<'_>) -> io::Result<()>;
}

/// Both halves of the format asked for.
pub(crate) fn open<'p>(
    args: &ScanArgs,
    look: Look,
    plan: &'p Plan,
    output: Output,
) -> io::Result<(Forms, Box<dyn Sink + 'p>)> {
    let engine = plan.engine.clone();
    Ok(match args.format {
        Format::Table => (
            forms(|| table::TableForm),
            Box::new(table::TableSink::new(output, look, args.all, args.quiet)),
        ),
        Format::Json => (
            forms(move || json::JsonForm::new(engine.clone())),
            Box::new(json::JsonSink::new(output)?),
        ),
        Format::Ndjson => {
            (forms(move || json::LinesForm::new(engine.clone())), Box::new(TextSink { output }))
        }
        Format::Csv => (
            forms(move || csv::CsvForm::new(engine.clone())),
            Box::new(TextSink { output: csv::begin(output)? }),
        ),
        Format::Ocsf => {
            (forms(move || ocsf::OcsfForm::new(engine.clone())), Box::new(TextSink { output }))
        }
        Format::Html => {
            let (forms, sink) = html::open(output, plan, args.all);
            (forms, Box::new(sink))
        }
    })
}

fn forms<F: Form + 'static>(make: impl Fn() -> F + Send + Sync + 'static) -> Forms {
    Arc::new(move || Box::new(make()))
}

/// Writes the texts one after the other, and nothing else.
struct TextSink {
    output: Output,
}

impl Sink for TextSink {
    fn take(&mut self, written: &mut Written) -> io::Result<()> {
        io::Write::write_all(&mut self.output, &written.text)
    }

    fn finish(self: Box<Self>, _: &Report<'_>) -> io::Result<()> {
        self.output.finish()
    }
}
