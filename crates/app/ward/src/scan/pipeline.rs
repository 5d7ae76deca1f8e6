//! Files in, findings in order out. One thread reads and cuts, workers unpack and match, the
//! caller's thread takes the results in the order of the input. Every queue is bounded, so memory
//! is too, however large the input. A defect in a worker costs its batch and is told.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, atomic::Ordering},
    thread::{self, JoinHandle},
    time::Duration,
};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded, select};
use detect::{Coverage, Finding, Scanner, Told};
use ingest::{Batch, Input, Problem, ProblemKind, Progress, ReadSummary};
use terms::{Place, Position};

use super::{
    interrupt::Interrupt,
    window::{Reorder, Window},
};

/// What to read, and how.
pub(crate) struct Job {
    pub(crate) inputs: Vec<Input>,
    pub(crate) options: ingest::Options,
    pub(crate) threads: usize,
    /// Makes the scanner of a worker.
    pub(crate) scanner: Arc<dyn Fn() -> Scanner + Send + Sync>,
}

/// What came of one batch.
#[derive(Default)]
pub(crate) struct Done {
    pub(crate) findings: Vec<Finding>,
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
    take: &mut dyn FnMut(Done) -> io::Result<()>,
    tick: &mut dyn FnMut(),
) -> Outcome {
    let threads = job.threads.max(1);
    let (batches_in, batches) = bounded::<Batch>(threads + 1);
    let (done_in, done) = bounded::<(u64, Done)>(threads + 1);
    // Nothing is ever sent: its end tells workers to stop although the reader, waiting for
    // standard input, may never close its end of the queue.
    let (going_on, stop) = bounded::<()>(0);
    let window = Arc::new(Window::new(4 * threads as u64));
    let workers: Vec<_> = (0..threads)
        .map(|_| {
            let (batches, done, stop) = (batches.clone(), done_in.clone(), stop.clone());
            let (window, scanner) = (window.clone(), job.scanner.clone());
            thread::spawn(move || work(&*scanner, &batches, &stop, &done, &window))
        })
        .collect();
    drop((batches, done_in));
    let reader = {
        let (progress, options, inputs) = (progress.clone(), job.options, job.inputs);
        thread::spawn(move || read(&inputs, &options, &progress, &batches_in))
    };
    let ended = consume(&done, &window, interrupt, progress, take, tick);
    // Workers find nobody to hand results to, the reader nobody to hand batches to: all stop.
    drop((done, going_on));
    window.open();
    let mut outcome = Outcome {
        ended,
        read: None,
        problems: Vec::new(),
        more_problems: 0,
        coverage: Coverage::default(),
        excluded: Vec::new(),
    };
    for worker in workers {
        if let Ok((coverage, excluded)) = worker.join() {
            outcome.coverage.add(coverage);
            outcome.excluded.resize(excluded.len(), 0);
            outcome.excluded.iter_mut().zip(excluded).for_each(|(sum, more)| *sum += more);
        }
    }
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
    done: &Receiver<(u64, Done)>,
    window: &Window,
    interrupt: &Interrupt,
    progress: &Progress,
    take: &mut dyn FnMut(Done) -> io::Result<()>,
    tick: &mut dyn FnMut(),
) -> Ended {
    let mut reorder = Reorder::new();
    loop {
        if interrupt.is_set() {
            return Ended::Interrupted;
        }
        match done.recv_timeout(Duration::from_millis(100)) {
            Ok((seq, result)) => {
                progress.records.fetch_add(result.records, Ordering::Relaxed);
                reorder.put(seq, result);
                while let Some(result) = reorder.next() {
                    window.advance(reorder.awaited());
                    if let Err(error) = take(result) {
                        return Ended::Output(error);
                    }
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ended::Whole,
        }
        tick();
    }
}

/// One worker: batches in, results out, until either end is gone.
fn work(
    make: &(dyn Fn() -> Scanner + Send + Sync),
    batches: &Receiver<Batch>,
    stop: &Receiver<()>,
    done: &Sender<(u64, Done)>,
    window: &Window,
) -> (Coverage, Vec<u64>) {
    let mut scanner = make();
    let mut lost = Coverage::default();
    while let Some(batch) = next(batches, stop) {
        let (seq, file) = (batch.seq, batch.file.clone());
        let result = catch_unwind(AssertUnwindSafe(|| scan_batch(&mut scanner, batch)));
        let result = result.unwrap_or_else(|_| {
            // What the scanner has learnt may be half written: a new one is safe.
            lost.add(Coverage::default());
            scanner = make();
            defect(file)
        });
        window.wait_for(seq);
        if done.send((seq, result)).is_err() {
            break;
        }
    }
    lost.add(scanner.coverage());
    (lost, scanner.excluded().to_vec())
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

fn scan_batch(scanner: &mut Scanner, batch: Batch) -> Done {
    let mut unpacked = batch.unpack();
    let mut result = Done { problems: std::mem::take(&mut unpacked.problems), ..Done::default() };
    for (position, record) in unpacked.iter() {
        match scanner.record(record, &unpacked.file, position, &mut result.findings) {
            Told::Matched(_) => result.records += 1,
            Told::OutOfTime => result.out_of_time += 1,
            Told::Damaged(damage) => result.problems.push(Problem {
                place: Place { file: unpacked.file.clone(), position },
                reason: damage.to_string(),
                kind: ProblemKind::Damaged,
                records_lost_at_least: 1,
            }),
        }
    }
    result
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
