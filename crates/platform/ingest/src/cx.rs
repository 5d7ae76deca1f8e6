//! What every step of one reading shares: where batches and problems go, and the numbering.

use std::{io, sync::Arc};

use crossbeam_channel::Sender;
use terms::{Place, Position};

use crate::{
    batch::{Batch, Work},
    model::{Format, Options, Problem, ProblemKind, ReadSummary},
    progress::Progress,
};

/// Why the reading of a file ends before its end.
#[derive(Debug)]
pub(crate) enum Halt {
    /// Nobody receives batches any more.
    Gone,
    /// The source failed; everything before it was sent.
    Failed(io::Error),
}

impl From<io::Error> for Halt {
    fn from(error: io::Error) -> Self {
        Halt::Failed(error)
    }
}

/// Handles of one call to [`crate::read()`].
pub(crate) struct Cx<'a> {
    pub(crate) options: &'a Options,
    pub(crate) progress: &'a Progress,
    batches: &'a Sender<Batch>,
    problems: &'a mut dyn FnMut(Problem),
    next_seq: u64,
    pub(crate) summary: ReadSummary,
}

impl<'a> Cx<'a> {
    pub(crate) fn new(
        options: &'a Options,
        progress: &'a Progress,
        batches: &'a Sender<Batch>,
        problems: &'a mut dyn FnMut(Problem),
    ) -> Self {
        let summary = ReadSummary::default();
        Cx { options, progress, batches, problems, next_seq: 0, summary }
    }

    /// Sends one batch; empty ones are dropped.
    pub(crate) fn send(&mut self, file: &Arc<str>, format: Format, work: Work) -> Result<(), Halt> {
        if work.len() == 0 {
            return Ok(());
        }
        self.summary.by_format.entry(format).or_default().bytes += work.len() as u64;
        let record_bytes = self.options.limits.record_bytes;
        let batch = Batch { seq: self.next_seq, file: Arc::clone(file), record_bytes, work };
        self.next_seq += 1;
        self.batches.send(batch).map_err(|_| Halt::Gone)
    }

    /// Counts a file from which records are about to be taken.
    pub(crate) fn begin(&mut self, format: Format) {
        self.summary.files_read += 1;
        self.summary.by_format.entry(format).or_default().files += 1;
    }

    /// Part of a file that is broken.
    pub(crate) fn damaged(&mut self, file: &Arc<str>, position: Position, reason: &str, lost: u64) {
        self.problem(ProblemKind::Damaged, file, position, reason, lost);
    }

    /// A file (folder, member) that is not read, counted by its reason.
    pub(crate) fn skipped(&mut self, kind: ProblemKind, file: &Arc<str>, reason: &str) {
        *self.summary.files_skipped.entry(reason.to_owned()).or_default() += 1;
        self.problem(kind, file, Position::Whole, reason, 0);
    }

    pub(crate) fn problem(
        &mut self,
        kind: ProblemKind,
        file: &Arc<str>,
        position: Position,
        reason: &str,
        records_lost_at_least: u64,
    ) {
        let place = Place { file: Arc::clone(file), position };
        (self.problems)(Problem { place, reason: reason.to_owned(), kind, records_lost_at_least });
    }

    /// Whether the user asked to leave this file out.
    pub(crate) fn is_excluded(&mut self, name: &str) -> bool {
        let is_excluded = self.options.exclude.iter().any(|pattern| pattern.matches(name));
        self.summary.excluded += u64::from(is_excluded);
        is_excluded
    }
}
