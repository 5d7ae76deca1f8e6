//! How findings are written: one sink a format.
//!
//! Modules: [`table`] for people at a terminal, [`html`] one page, [`json`], [`csv`] and
//! [`ocsf`] for programs, [`finding`] what they share.

pub(crate) mod csv;
pub(crate) mod finding;
pub(crate) mod html;
pub(crate) mod json;
pub(crate) mod ocsf;
pub(crate) mod table;

use std::io;

use detect::Finding;

use crate::{
    cli::{Format, ScanArgs},
    scan::{Output, plan::Plan, report::Report},
    term::Look,
};

/// Takes findings in order, then the report. Errors: the place to write to fails.
pub(crate) trait Sink {
    /// One finding.
    fn finding(&mut self, finding: &Finding) -> io::Result<()>;
    /// Nothing more comes.
    fn finish(self: Box<Self>, report: &Report<'_>) -> io::Result<()>;
}

/// The sink of the format asked for.
pub(crate) fn sink<'p>(
    args: &ScanArgs,
    look: Look,
    plan: &'p Plan,
    output: Output,
) -> io::Result<Box<dyn Sink + 'p>> {
    Ok(match args.format {
        Format::Table => Box::new(table::TableSink::new(output, look, args.all, args.quiet)),
        Format::Json => Box::new(json::JsonSink::new(output, plan)?),
        Format::Ndjson => Box::new(json::LinesSink::new(output, plan)),
        Format::Csv => Box::new(csv::CsvSink::new(output, plan)?),
        Format::Ocsf => Box::new(ocsf::OcsfSink::new(output, plan)),
        Format::Html => Box::new(html::HtmlSink::new(output, plan, args.all)),
    })
}
