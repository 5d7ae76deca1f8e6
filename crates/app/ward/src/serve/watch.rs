//! The watch: from the event log to alerts, in order, exactly once in effect.
//!
//! Batches are evaluated on as many threads as there are processors, and committed in the order of
//! the log: alerts, what was kept of events, and the position up to which all is done go into one
//! transaction. A process that dies resumes at that position; what it had evaluated and not yet
//! committed is evaluated again and gives the same alerts.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bus::{Batch, Broadcast, EventLog, Seq};
use detect::{
    alert::{Alerts, Checkpoint},
    watch::{Evaluated, Evaluator, RulesInForce},
};
use futures_util::{Stream, StreamExt};
use intake::{Intake, Sender};
use sector::Map;
use terms::Timestamp;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};
use web::News;

/// This reader's name in the event log and among the checkpoints.
const READER: &str = "detect";
/// Unpacked bytes read at once: enough to keep all threads busy, little enough to hold.
const READ_BYTES: usize = 8 << 20;
/// Evaluated batches committed together at most.
const GROUP: usize = 64;
/// How often the log is told what may go.
const RELEASE_EVERY: Duration = Duration::from_secs(2);
/// Wait before trying again what the database refused.
const RETRY: Duration = Duration::from_secs(1);

/// What the watch works with.
#[derive(Clone)]
pub(crate) struct Watch {
    pub(crate) intake: Intake,
    pub(crate) map: Map,
    pub(crate) alerts: Alerts,
    pub(crate) rules: RulesInForce,
    pub(crate) news: Broadcast<News>,
    pub(crate) threads: usize,
    pub(crate) clock: fn() -> Timestamp,
}

/// A batch and what came of it.
struct Done {
    batch: Batch,
    evaluated: Evaluated,
}

impl Watch {
    /// Runs until `stop`; what was evaluated by then is committed.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let after = loop {
            match self.alerts.checkpoint(READER).await {
                Ok(seq) => break Seq(seq),
                Err(error) => warn!(error = &error as &dyn std::error::Error, "no checkpoint yet"),
            }
            if pause(&stop, RETRY).await {
                return;
            }
        };
        info!(seq = after.0, "detection goes on after batch {after} of the event log");
        let idle = Arc::new(Mutex::new(Vec::new()));
        let batches = batches(self.intake.log().clone(), after, stop.clone());
        let evaluated = batches.map(|batch| evaluate(self.rules.clone(), idle.clone(), batch));
        let groups = evaluated.buffered(self.threads).ready_chunks(GROUP);
        let mut groups = std::pin::pin!(groups);
        let mut released = tokio::time::Instant::now();
        while let Some(group) = groups.next().await {
            let Some(last) = group.last().map(|done| done.batch.seq) else { continue };
            if !self.commit_until_done(&group, &stop).await {
                return;
            }
            if released.elapsed() >= RELEASE_EVERY {
                released = tokio::time::Instant::now();
                self.release(last).await;
            }
        }
    }

    async fn release(&self, through: Seq) {
        if let Err(error) = self.intake.log().release(READER, through).await {
            warn!(error = &error as &dyn std::error::Error, "the event log keeps more than it must");
        }
    }

    /// Commits a group, again and again until the database takes it; false when stopped before.
    async fn commit_until_done(&self, group: &[Done], stop: &CancellationToken) -> bool {
        loop {
            match self.commit(group).await {
                Ok(()) => return true,
                Err(error) => {
                    error!(
                        error = &*error as &dyn std::error::Error,
                        "alerts cannot be written; trying again"
                    );
                }
            }
            if pause(stop, RETRY).await {
                return false;
            }
        }
    }
}

/// Waits; true when stopped meanwhile.
async fn pause(stop: &CancellationToken, time: Duration) -> bool {
    tokio::time::timeout(time, stop.cancelled()).await.is_ok()
}

/// Batches after a position, without end, until stopped.
fn batches(log: EventLog, after: Seq, stop: CancellationToken) -> impl Stream<Item = Batch> {
    let state = (log, after, stop);
    futures_util::stream::unfold(state, async |(log, after, stop)| {
        let read = next(&log, after, &stop).await?;
        let after = read.last().map_or(after, |batch| batch.seq);
        Some((futures_util::stream::iter(read), (log, after, stop)))
    })
    .flatten()
}

/// The next batches, as soon as there are any; nothing when stopped.
async fn next(log: &EventLog, after: Seq, stop: &CancellationToken) -> Option<Vec<Batch>> {
    let mut newest = log.newest();
    loop {
        newest.mark_unchanged();
        if stop.is_cancelled() {
            return None;
        }
        match log.read(after, READ_BYTES).await {
            Ok(batches) if !batches.is_empty() => return Some(batches),
            Ok(_) => {}
            Err(error) => {
                error!(error = &error as &dyn std::error::Error, "the event log cannot be read");
            }
        }
        // Another process may write too: its batches are found at the latest after the pause.
        tokio::select! {
            () = stop.cancelled() => return None,
            _ = tokio::time::timeout(RETRY, newest.changed()) => {}
        }
    }
}

/// Evaluates a batch on a thread that may take its time.
async fn evaluate(rules: RulesInForce, idle: Arc<Mutex<Vec<Evaluator>>>, batch: Batch) -> Done {
    let work = move || {
        let mut evaluator = take(&rules, &idle);
        let evaluated = evaluator.batch(&batch);
        lock(&idle).push(evaluator);
        Done { batch, evaluated }
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
