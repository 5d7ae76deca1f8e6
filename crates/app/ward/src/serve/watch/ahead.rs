//! Ahead of the commits: batches read from the log, unpacked and evaluated on all processors, and
//! handed on in the order of the log.
//!
//! What waits to be committed is bounded by the bytes it holds. When there is no room, evaluation
//! waits; when nothing is there, it waits for news of the log.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bus::{BusError, EventLog, PackedBatch, Seq};
use detect::{
    alert::Signal,
    watch::{Evaluated, Evaluator, RulesInForce},
};
use futures_util::{Stream, StreamExt};
use intake::Sender;
use terms::Timestamp;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_util::sync::CancellationToken;
use tracing::error;

use super::{RETRY, pause};

/// Unpacked bytes whose batches are read at once: enough to keep all threads busy. They are held
/// packed.
const READ_BYTES: usize = 8 << 20;
/// KiB of findings that may wait to be committed.
const ROOM_KIB: u32 = 24 << 10;
/// What a batch is taken for beside its findings' bytes: its devices, its counts.
const BATCH_KIB: usize = 4;
/// What a finding is taken for beside its event.
const SIGNAL_BYTES: usize = 1 << 10;
/// Another process may write to the log too: its batches are found at the latest after this.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// What came of a batch. The records themselves are gone: findings hold what they need of them.
pub(super) struct Done {
    pub(super) seq: Seq,
    pub(super) sender: Sender,
    pub(super) received_at: Timestamp,
    pub(super) count: u32,
    pub(super) evaluated: Evaluated,
    /// The room it takes until it is committed.
    _room: Option<OwnedSemaphorePermit>,
}

/// What evaluating works with.
pub(super) struct Ahead {
    pub(super) log: EventLog,
    pub(super) rules: RulesInForce,
    pub(super) threads: usize,
    pub(super) stop: CancellationToken,
}

impl Ahead {
    /// Evaluates what comes after `after` until stopped, or until nobody takes it.
    pub(super) async fn run(self, mut after: Seq, done: mpsc::Sender<Done>) {
        let idle = Arc::new(Mutex::new(Vec::new()));
        let room = Arc::new(Semaphore::new(ROOM_KIB as usize));
        loop {
            let batches = batches(self.log.clone(), after, self.stop.clone());
            let evaluated = batches.map(|batch| evaluate(self.rules.clone(), idle.clone(), batch));
            let mut evaluated = std::pin::pin!(evaluated.buffered(self.threads));
            while let Some(one) = evaluated.next().await {
                let one = match one {
                    Ok(one) => one.with_room(&room).await,
                    Err(error) => {
                        unreadable(&error);
                        break;
                    }
                };
                after = one.seq;
                if done.send(one).await.is_err() {
                    return;
                }
            }
            if pause(&self.stop, RETRY).await {
                return;
            }
        }
    }
}

fn unreadable(error: &BusError) {
    error!(error = error as &dyn std::error::Error, "the event log cannot be read");
}

/// Batches after a position, without end, until stopped.
fn batches(log: EventLog, after: Seq, stop: CancellationToken) -> impl Stream<Item = PackedBatch> {
    let state = (log, after, stop);
    futures_util::stream::unfold(state, async |(log, after, stop)| {
        let read = next(&log, after, &stop).await?;
        let after = read.last().map_or(after, |batch| batch.seq);
        Some((futures_util::stream::iter(read), (log, after, stop)))
    })
    .flatten()
}

/// The next batches, as soon as there are any; nothing when stopped.
async fn next(log: &EventLog, after: Seq, stop: &CancellationToken) -> Option<Vec<PackedBatch>> {
    let mut newest = log.newest();
    loop {
        newest.mark_unchanged();
        if stop.is_cancelled() {
            return None;
        }
        match log.read_packed(after, READ_BYTES).await {
            Ok(batches) if !batches.is_empty() => return Some(batches),
            Ok(_) => {}
            Err(error) => unreadable(&error),
        }
        tokio::select! {
            () = stop.cancelled() => return None,
            _ = tokio::time::timeout(LOOK_AGAIN, newest.changed()) => {}
        }
    }
}

impl Done {
    /// Waits until there is room for it.
    async fn with_room(mut self, room: &Arc<Semaphore>) -> Self {
        let kib = kib(&self.evaluated.signals).min(ROOM_KIB);
        let taken = room.clone().acquire_many_owned(kib).await;
        self._room = Some(taken.expect("the semaphore is never closed"));
        self
    }
}

fn kib(signals: &[Signal]) -> u32 {
    let bytes: usize = signals.iter().map(|signal| signal.event.len() + SIGNAL_BYTES).sum();
    u32::try_from(BATCH_KIB + bytes / 1024).unwrap_or(u32::MAX)
}

/// Unpacks and evaluates a batch on a thread that may take its time.
async fn evaluate(
    rules: RulesInForce,
    idle: Arc<Mutex<Vec<Evaluator>>>,
    batch: PackedBatch,
) -> Result<Done, BusError> {
    let work = move || {
        let batch = batch.unpack()?;
        let mut evaluator = take(&rules, &idle);
        let evaluated = evaluator.batch(&batch);
        lock(&idle).push(evaluator);
        Ok(Done {
            seq: batch.seq,
            sender: Sender { source: batch.source, organisation: batch.organisation },
            received_at: batch.received_at,
            count: batch.count,
            evaluated,
            _room: None,
        })
    };
    tokio::task::spawn_blocking(work).await.expect("an evaluator catches what a record does to it")
}

/// An idle evaluator of the rules in force, or a new one.
fn take(rules: &RulesInForce, idle: &Mutex<Vec<Evaluator>>) -> Evaluator {
    let rules = rules.now();
    let mut idle = lock(idle);
    idle.retain(|evaluator| Arc::ptr_eq(evaluator.rules(), &rules));
    idle.pop().unwrap_or_else(|| Evaluator::new(rules))
}

fn lock(idle: &Mutex<Vec<Evaluator>>) -> std::sync::MutexGuard<'_, Vec<Evaluator>> {
    idle.lock().unwrap_or_else(PoisonError::into_inner)
}
