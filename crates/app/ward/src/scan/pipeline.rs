//! Files in, findings in order out. One thread reads and cuts, workers unpack, match and write
//! down what they find, the caller's thread takes the results in the order of the input. Every
//! queue is bounded, so memory is too, however large the input and however much is found in it.
//! A defect in a worker costs its batch and is told.

use std::{
    io,
    sync::{Arc, atomic::Ordering},
    thread::{self, JoinHandle},
    time::Duration,
};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use detect::{Coverage, Hits, Scanner, Tally};
use ingest::{Batch, Input, Problem, Progress, ReadSummary};

use super::{
    interrupt::Interrupt,
    outlet::{Outlet, Sent},
    window::{Reorder, Window},
    worker::{Counted, Makers, work},
};
use crate::format::{Forms, Written};

/// What to read, and how.
pub(crate) struct Job {
    pub(crate) inputs: Vec<Input>,
    pub(crate) options: ingest::Options,
    pub(crate) threads: usize,
    /// Makes the scanner of a worker.
    pub(crate) scanner: Arc<dyn Fn() -> Scanner + Send + Sync>,
    /// Makes what a worker writes findings with.
    pub(crate) forms: Forms,
}

/// What came of one batch, or of a part of it.
#[derive(Default)]
pub(crate) struct Done {
    /// The findings for the summary.
    pub(crate) tally: Tally,
    /// The same findings in the format asked for.
    pub(crate) written: Written,
    /// Hits for correlations under the numbers of their records in the batch, and the file they
    /// are of.
    pub(crate) hits: (Arc<str>, Hits),
    pub(crate) problems: Vec<Problem>,
    /// Records matched.
    pub(crate) records: u64,
    /// Records outside the span of time asked for.
    pub(crate) out_of_time: u64,
}

/// How the reading ended.
pub(crate) enum Ended {
    /// With the input.
    Whole,
    /// By Ctrl-C.
    Interrupted,
    /// Because results could not be taken.
    Output(io::Error),
}

/// What is known when it has ended.
pub(crate) struct Outcome {
    pub(crate) ended: Ended,
    /// None if the reader had to be left behind, waiting for input.
    pub(crate) read: Option<ReadSummary>,
    /// What the reader could not read, in its order.
    pub(crate) problems: Vec<Problem>,
    /// Problems of the reader beyond those kept.
    pub(crate) more_problems: u64,
    pub(crate) coverage: Coverage,
    /// For each exclusion, how many findings it left out.
    pub(crate) excluded: Vec<u64>,
}

/// Problems kept; the rest is counted.
pub(crate) const MAX_PROBLEMS: usize = 10_000;

type Read = (ReadSummary, Vec<Problem>, u64);

/// Reads and matches everything. `take` gets the results in order; `tick` is called now and then.
pub(crate) fn run(
    job: Job,
    progress: &Arc<Progress>,
    interrupt: &Interrupt,
    take: &mut dyn FnMut(&mut Done) -> io::Result<()>,
    tick: &mut dyn FnMut(),
) -> Outcome {
    let threads = job.threads.max(1);
    let (batches_in, batches) = bounded::<Batch>(threads + 1);
    let (sender, done) = bounded::<Sent>(threads + 1);
    // Nothing is ever sent: its end tells workers to stop although the reader, waiting for
    // standard input, may never close its end of the queue.
    let (going_on, stop) = bounded::<()>(0);
    let window = Arc::new(Window::new(4 * threads as u64));
    let makers = Makers { scanner: job.scanner, forms: job.forms };
    let (spares, spares_out) = bounded(threads + 1);
    let outlet = Arc::new(Outlet { sender, spares: spares_out, window: window.clone() });
    let workers: Vec<_> = (0..threads)
        .map(|_| {
            let (batches, stop) = (batches.clone(), stop.clone());
            let (makers, outlet) = (makers.clone(), outlet.clone());
            thread::spawn(move || work(&makers, &batches, &stop, &outlet))
        })
        .collect();
    drop((batches, outlet));
    let reader = {
        let (progress, options, inputs) = (progress.clone(), job.options, job.inputs);
        thread::spawn(move || read(&inputs, &options, &progress, &batches_in))
    };
    let mut intake = Intake { early: Reorder::new(), window: &window, spares, take };
    let ended = consume(&done, &mut intake, interrupt, progress, tick);
    // Workers find nobody to hand results to, the reader nobody to hand batches to: all stop.
    drop((done, going_on));
    window.open();
    let mut counted = Counted::default();
    for one in workers.into_iter().filter_map(|worker| worker.join().ok()) {
        counted.add(one.coverage, &one.excluded);
    }
    let mut outcome = Outcome {
        ended,
        read: None,
        problems: Vec::new(),
        more_problems: 0,
        coverage: counted.coverage,
        excluded: counted.excluded,
    };
    if let Some((read, problems, more)) = join(reader, matches!(outcome.ended, Ended::Whole)) {
        (outcome.read, outcome.problems, outcome.more_problems) = (Some(read), problems, more);
    }
    outcome
}

fn read(
    inputs: &[Input],
    options: &ingest::Options,
    progress: &Progress,
    batches: &Sender<Batch>,
) -> Read {
    let (mut problems, mut more) = (Vec::new(), 0);
    let summary = ingest::read(inputs, options, progress, batches, &mut |problem| {
        if problems.len() < MAX_PROBLEMS {
            problems.push(problem);
        } else {
            more += 1;
        }
    });
    (summary, problems, more)
}

fn consume(
    done: &Receiver<Sent>,
    intake: &mut Intake<'_>,
    interrupt: &Interrupt,
    progress: &Progress,
    tick: &mut dyn FnMut(),
) -> Ended {
    loop {
        if interrupt.is_set() {
            return Ended::Interrupted;
        }
        match done.recv_timeout(Duration::from_millis(100)) {
            Ok(sent) => {
                progress.records.fetch_add(sent.done.records, Ordering::Relaxed);
                if let Err(error) = intake.put(sent) {
                    return Ended::Output(error);
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ended::Whole,
        }
        tick();
    }
}

/// Takes results in the order of the input.
struct Intake<'c> {
    early: Reorder<Done>,
    window: &'c Window,
    /// Buffers that are free again.
    spares: Sender<Vec<u8>>,
    take: &'c mut dyn FnMut(&mut Done) -> io::Result<()>,
}

impl Intake<'_> {
    /// Takes what can be taken now.
    fn put(&mut self, sent: Sent) -> io::Result<()> {
        if sent.is_part {
            return self.take(sent.done);
        }
        self.early.put(sent.seq, sent.done);
        while let Some(done) = self.early.next() {
            self.window.advance(self.early.awaited());
            self.take(done)?;
        }
        Ok(())
    }

    fn take(&mut self, mut done: Done) -> io::Result<()> {
        (self.take)(&mut done)?;
        // Where there are enough, this one goes.
        let _ = self.spares.try_send(std::mem::take(&mut done.written.text));
        Ok(())
    }
}

/// What the reader says. After an early end it may sit in a read that never returns (standard
/// input): then it is left behind after a moment.
fn join(reader: JoinHandle<Read>, is_done: bool) -> Option<Read> {
    for _ in 0..50 {
        if is_done || reader.is_finished() {
            return reader.join().ok();
        }
        thread::sleep(Duration::from_millis(10));
    }
    None
}
