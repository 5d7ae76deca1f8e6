//! One worker: batches in, what was found in them out.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use crossbeam_channel::{Receiver, select};
use detect::{Coverage, Scanner, Told};
use ingest::{Batch, Problem, ProblemKind};
use terms::{Place, Position};

use super::{outlet::Outlet, pipeline::Done};
use crate::format::{Form, Forms};

/// A worker keeps no more than this of what it has written, and one finding.
const MUCH_BYTES: usize = 1 << 21;
/// The same for the number of findings.
const MUCH_FINDINGS: usize = 1 << 16;

/// What a worker finds with.
struct Worker {
    scanner: Scanner,
    form: Box<dyn Form>,
}

/// Makes workers.
#[derive(Clone)]
pub(super) struct Makers {
    pub(super) scanner: Arc<dyn Fn() -> Scanner + Send + Sync>,
    pub(super) forms: Forms,
}

impl Makers {
    fn make(&self) -> Worker {
        Worker { scanner: (self.scanner)(), form: (self.forms)() }
    }
}

/// What workers counted, besides findings.
#[derive(Default)]
pub(super) struct Counted {
    pub(super) coverage: Coverage,
    /// For each exclusion, how many findings it left out.
    pub(super) excluded: Vec<u64>,
}

impl Counted {
    pub(super) fn add(&mut self, coverage: Coverage, excluded: &[u64]) {
        self.coverage.add(coverage);
        self.excluded.resize(excluded.len(), 0);
        self.excluded.iter_mut().zip(excluded).for_each(|(sum, more)| *sum += more);
    }
}

/// One worker: batches in, results out, until either end is gone.
pub(super) fn work(
    makers: &Makers,
    batches: &Receiver<Batch>,
    stop: &Receiver<()>,
    outlet: &Outlet,
) -> Counted {
    let mut worker = makers.make();
    let mut counted = Counted::default();
    while let Some(batch) = next(batches, stop) {
        let (seq, file) = (batch.seq, batch.file.clone());
        let result = catch_unwind(AssertUnwindSafe(|| worker.batch(batch, outlet)));
        let done = result.unwrap_or_else(|_| {
            // What the worker has learnt may be half written: a new one is safe. What it has
            // counted holds.
            counted.add(worker.scanner.coverage(), worker.scanner.excluded());
            worker = makers.make();
            defect(file)
        });
        if outlet.last(seq, done).is_err() {
            break;
        }
    }
    counted.add(worker.scanner.coverage(), worker.scanner.excluded());
    counted
}

/// The next batch, until there is none or there is to be none.
fn next(batches: &Receiver<Batch>, stop: &Receiver<()>) -> Option<Batch> {
    select! {
        recv(batches) -> batch => batch.ok(),
        recv(stop) -> _ => None,
    }
}

fn defect(file: Arc<str>) -> Done {
    let problem = Problem {
        place: Place { file, position: Position::Whole },
        reason: "a defect of ward: a part of this file was left out; please report it".to_owned(),
        kind: ProblemKind::Damaged,
        records_lost_at_least: 1,
    };
    Done { problems: vec![problem], ..Done::default() }
}

impl Worker {
    /// Finds what there is in one batch. What is too much to keep is handed over at once.
    fn batch(&mut self, batch: Batch, outlet: &Outlet) -> Done {
        let mut unpacked = batch.unpack();
        let (seq, file) = (unpacked.seq, unpacked.file.clone());
        let mut done = outlet.empty();
        done.problems = std::mem::take(&mut unpacked.problems);
        let form = &mut self.form;
        for (position, record) in unpacked.iter() {
            let told = self.scanner.visit(record, &file, position, &mut |found| {
                done.tally.add(found);
                form.finding(found, &mut done.written);
                if done.is_much() {
                    // Where nobody takes it any more, the end of the batch will show.
                    let _ = outlet.part(seq, std::mem::replace(&mut done, outlet.empty()));
                }
            });
            match told {
                Told::Matched(_) => done.records += 1,
                Told::OutOfTime => done.out_of_time += 1,
                Told::Damaged(damage) => done.problems.push(Problem {
                    place: Place { file: file.clone(), position },
                    reason: damage.to_string(),
                    kind: ProblemKind::Damaged,
                    records_lost_at_least: 1,
                }),
            }
        }
        done
    }
}

impl Done {
    /// Whether no more should be kept.
    fn is_much(&self) -> bool {
        self.written.bytes() >= MUCH_BYTES || self.tally.len() >= MUCH_FINDINGS
    }
}
