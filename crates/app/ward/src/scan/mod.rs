//! `ward scan`: files in, findings out. The order of work stands in [`command`].
//!
//! Modules in reading order: [`plan`] the command line checked, [`pipeline`] the threads,
//! [`worker`] one of them, [`outlet`] and [`window`] what it finds put back in order,
//! [`correlated`] what happened together, [`places`] where that stands, [`interrupt`] Ctrl-C,
//! [`progress`] the bar, [`output`] where it goes, [`report`] what it came to. How it is written is
//! in [`crate::format`].

mod correlated;
mod interrupt;
mod outlet;
mod output;
mod pipeline;
mod places;
pub(crate) mod plan;
mod progress;
pub(crate) mod report;
mod window;
mod worker;

pub(crate) use output::Output;

use std::{io, sync::Arc, time::Instant};

use anyhow::{Context, Result};
use detect::Summary;
use ingest::Progress;

pub(crate) use self::correlated::Correlator;
use self::correlated::Tell;
use self::{
    interrupt::Interrupt,
    pipeline::{Done, Ended, MAX_PROBLEMS, Outcome},
    plan::Plan,
    progress::Bar,
    report::{Problems, ReadFacts, Report},
};
use crate::{
    cli::{Format, ScanArgs},
    exit::{self, Exit},
    format::{self, Form, Forms, Sink, Written, table},
    term::{Look, has_live_stderr},
};

/// Runs `ward scan`.
pub(crate) fn command(args: &ScanArgs) -> Result<Exit> {
    let plan = Plan::new(args)?;
    let output = Output::open(args.output.as_deref())?;
    let look = Look::of_stdout(args.color, args.output.is_some());
    let (forms, mut sink) = format::open(args, look, &plan, output)?;
    let report = match run(args, &plan, look, forms, &mut *sink) {
        Ok(report) => report,
        Err(Unwritten { error, has_findings }) => return unwritten(error, has_findings, args),
    };
    if let Err(error) = sink.finish(&report) {
        return unwritten(error, report.summary.findings > 0, args);
    }
    if args.format != Format::Table && !args.quiet {
        let lines = table::closing(&report, Look { colour: false, ..look }, args.all);
        exit::note(lines.trim_end());
    }
    Ok(judge(&report))
}

/// What the scan came to, as an exit code.
fn judge(report: &Report<'_>) -> Exit {
    let read = &report.read;
    let nothing_read = read.records + read.out_of_time == 0
        && (read.files.files_read == 0 || report.problems.count > 0);
    if report.is_interrupted {
        Exit::Interrupted
    } else if report.summary.findings > 0 {
        Exit::Found
    } else if nothing_read {
        let first = report.problems.list.first();
        let reason = first.map(|first| format!(" ({}: {})", first.place, first.reason));
        exit::note(format!(
            "ward: nothing could be read{}; give a file or folder with event logs",
            reason.unwrap_or_default()
        ));
        Exit::Failed
    } else {
        Exit::Nothing
    }
}

/// Results could not be written.
struct Unwritten {
    error: io::Error,
    has_findings: bool,
}

fn unwritten(error: io::Error, has_findings: bool, args: &ScanArgs) -> Result<Exit> {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return Ok(if has_findings { Exit::Found } else { Exit::Nothing });
    }
    let place =
        args.output.as_ref().map_or("standard output".into(), |file| file.to_string_lossy());
    let hint = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "; free some space or choose another place with --output"
        }
        _ => "; choose another place with --output",
    };
    Err(error).with_context(|| format!("cannot write the results to {place}{hint}"))
}

fn run<'p>(
    args: &ScanArgs,
    plan: &'p Plan,
    look: Look,
    forms: Forms,
    sink: &mut dyn Sink,
) -> Result<Report<'p>, Unwritten> {
    let interrupt = Interrupt::listen();
    let progress = Arc::new(Progress::default());
    let is_welcome = !args.quiet && !args.no_progress && has_live_stderr();
    let bar = Bar::new(is_welcome, look.unicode);
    let mut taken = Taken {
        correlator: Correlator::new(plan.engine.rules(), &plan.exclusions),
        form: Some(forms()),
        ..Taken::default()
    };
    let findings = std::cell::Cell::new(0);
    let started = Instant::now();
    let outcome = pipeline::run(
        plan.job(forms.clone()),
        &progress,
        &interrupt,
        &mut |done| {
            let result = taken.take(done, plan, sink);
            findings.set(taken.summary.findings);
            result
        },
        &mut || bar.show(&progress, findings.get()),
    );
    bar.clear();
    if let Err(error) = taken.finish(plan, sink) {
        return Err(Unwritten { error, has_findings: taken.summary.findings > 0 });
    }
    let took = started.elapsed();
    taken.report(plan, outcome, &progress, took)
}

/// What was taken in so far.
#[derive(Default)]
struct Taken {
    summary: Summary,
    problems: Problems,
    records: u64,
    out_of_time: u64,
    correlator: Option<Correlator>,
    /// Writes the firings of correlations.
    form: Option<Box<dyn Form>>,
}

impl Taken {
    fn take(&mut self, done: &mut Done, plan: &Plan, sink: &mut dyn Sink) -> io::Result<()> {
        self.records += done.records;
        self.out_of_time += done.out_of_time;
        for problem in done.problems.drain(..) {
            self.problems.add(problem, MAX_PROBLEMS);
        }
        self.summary.add_all(&done.tally, plan.engine.rules());
        sink.take(&mut done.written)?;
        let (file, hits) = std::mem::take(&mut done.hits);
        self.correlate(plan, sink, |correlator, tell| correlator.take(&file, hits, tell))
    }

    /// Nothing more is read: what still waits for others waits no longer.
    fn finish(&mut self, plan: &Plan, sink: &mut dyn Sink) -> io::Result<()> {
        self.correlate(plan, sink, Correlator::finish)
    }

    /// Writes what fires while `work` is done, each firing at once: there may be many.
    fn correlate(
        &mut self,
        plan: &Plan,
        sink: &mut dyn Sink,
        work: impl FnOnce(&mut Correlator, &mut Tell<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        let (Some(correlator), Some(form)) = (&mut self.correlator, &mut self.form) else {
            return Ok(());
        };
        work(correlator, &mut |finding| {
            let mut written = Written::default();
            self.summary.add(&finding, plan.engine.rules());
            form.firing(finding, &mut written);
            sink.take(&mut written)
        })
    }

    /// For each exclusion, how many findings it left out: of rules, and of correlations.
    fn excluded(&self, mut of_rules: Vec<u64>) -> Vec<u64> {
        let of_firings = self.correlator.as_ref().map(Correlator::excluded).unwrap_or_default();
        of_rules.iter_mut().zip(of_firings).for_each(|(sum, more)| *sum += more);
        of_rules
    }

    fn report<'p>(
        mut self,
        plan: &'p Plan,
        outcome: Outcome,
        progress: &Progress,
        took: std::time::Duration,
    ) -> Result<Report<'p>, Unwritten> {
        let is_interrupted = match outcome.ended {
            Ended::Output(error) => {
                return Err(Unwritten { error, has_findings: self.summary.findings > 0 });
            }
            Ended::Interrupted => true,
            Ended::Whole => false,
        };
        for problem in outcome.problems {
            self.problems.add(problem, 2 * MAX_PROBLEMS);
        }
        self.problems.count += outcome.more_problems;
        self.problems.list.sort_by(|a, b| a.place.cmp(&b.place));
        let files = outcome.read.unwrap_or_else(|| ingest::ReadSummary {
            files_read: progress.files_done.load(std::sync::atomic::Ordering::Relaxed),
            bytes: progress.bytes_done.load(std::sync::atomic::Ordering::Relaxed),
            stopped: true,
            ..ingest::ReadSummary::default()
        });
        let excluded = self.excluded(outcome.excluded);
        Ok(Report {
            blind: outcome.coverage.blind(&plan.engine),
            plan,
            summary: self.summary,
            coverage: outcome.coverage,
            read: ReadFacts { files, records: self.records, out_of_time: self.out_of_time, took },
            problems: self.problems,
            excluded,
            correlated: self.correlator.as_ref().map(Correlator::report),
            is_interrupted,
        })
    }
}
