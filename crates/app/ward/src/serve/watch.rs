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
use db::DbError;
use detect::{
    alert::{
        self, AlertError, Alerts, Checkpoint, Committed, Cx, Exceptions, Outcome, Signal, Switches,
        group, rank,
    },
    watch::{Evaluated, Evaluator, RulesInForce},
};
use futures_util::{Stream, StreamExt};
use intake::{Intake, Sender};
use sector::{Map, Sighting};
use terms::{OdsCode, Part, Scope, Timestamp};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};
use web::News;

use super::support;

/// This reader's name in the event log and among the checkpoints.
const READER: &str = "detect";
/// Unpacked bytes read at once: enough to keep all threads busy, little enough to hold.
const READ_BYTES: usize = 8 << 20;
/// Evaluated batches committed together at most.
const GROUP: usize = 64;
/// How often the log is told what may go.
const RELEASE_EVERY: Duration = Duration::from_millis(500);
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
        let (done, committed) = watch::channel(after);
        tokio::select! {
            () = self.evaluate_all(after, &done, &stop) => {}
            () = self.release_all(committed) => {}
        }
        let done = *done.borrow();
        self.release(done).await;
    }

    /// Evaluates and commits until `stop`, telling how far it is.
    async fn evaluate_all(
        &self,
        after: Seq,
        committed: &watch::Sender<Seq>,
        stop: &CancellationToken,
    ) {
        let idle = Arc::new(Mutex::new(Vec::new()));
        let batches = batches(self.intake.log().clone(), after, stop.clone());
        let evaluated = batches.map(|batch| evaluate(self.rules.clone(), idle.clone(), batch));
        let groups = evaluated.buffered(self.threads).ready_chunks(GROUP);
        let mut groups = std::pin::pin!(groups);
        while let Some(group) = groups.next().await {
            let Some(last) = group.last().map(|done| done.batch.seq) else { continue };
            if !self.commit_until_done(&group, stop).await {
                return;
            }
            committed.send_replace(last);
        }
    }

    /// Tells the log now and then what may go, so that senders past its bound are let in again.
    async fn release_all(&self, mut committed: watch::Receiver<Seq>) {
        while committed.changed().await.is_ok() {
            let through = *committed.borrow_and_update();
            self.release(through).await;
            tokio::time::sleep(RELEASE_EVERY).await;
        }
    }

    async fn release(&self, through: Seq) {
        if let Err(error) = self.intake.log().release(READER, through).await {
            warn!(
                error = &error as &dyn std::error::Error,
                "the event log keeps more than it must"
            );
        }
    }

    /// Commits a group, again and again until the database takes it; false when stopped before.
    async fn commit_until_done(&self, group: &[Done], stop: &CancellationToken) -> bool {
        loop {
            match self.commit(group).await {
                Ok(()) => return true,
                Err(error) => {
                    error!(
                        error = &error as &dyn std::error::Error,
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

impl Watch {
    /// One transaction: alerts and the checkpoint. Then what may be lost: devices seen, counts of
    /// sources, news.
    async fn commit(&self, group: &[Done]) -> Result<(), AlertError> {
        let Some(last) = group.last() else { return Ok(()) };
        let now = (self.clock)();
        let signals: Vec<Signal> =
            group.iter().flat_map(|done| done.evaluated.signals.iter().cloned()).collect();
        let checkpoint = Checkpoint { consumer: READER.to_owned(), seq: last.batch.seq.0 };
        let committed = self.write(&signals, &checkpoint, now).await?;
        let visible = (self.clock)();
        for done in group {
            let waited = visible.duration_since(done.batch.received_at).as_secs_f64();
            metrics::histogram!("ward_visible_seconds").record(waited);
        }
        metrics::counter!("ward_events_evaluated_total")
            .increment(group.iter().map(|done| u64::from(done.batch.count)).sum());
        metrics::counter!("ward_signals_total").increment(signals.len() as u64);
        if let Committed::Written(outcome) = &committed {
            metrics::counter!("ward_alerts_opened_total").increment(outcome.opened.len() as u64);
            self.tell(outcome, &signals);
        }
        self.note_devices(group, now).await;
        self.note_sources(group, now);
        Ok(())
    }

    async fn write(
        &self,
        signals: &[Signal],
        checkpoint: &Checkpoint,
        now: Timestamp,
    ) -> Result<Committed, AlertError> {
        // Read anew for each group: an exception or a switch holds from the next commit on.
        let (exceptions, switches) = match signals.is_empty() {
            true => (Exceptions::none(), Switches::default()),
            false => {
                let catalogue = self.rules.now().catalogue().clone();
                let exceptions = self.alerts.exceptions_in_force(catalogue, now).await?;
                (exceptions, self.alerts.switches_in_force().await?)
            }
        };
        let graph = self.map.graph();
        let belongs =
            |part: &Part, code: &OdsCode| graph.contains(&Scope::of([part.clone()]), code);
        let cx = Cx {
            window: group::WINDOW,
            limits: alert::Limits::default(),
            exceptions: &exceptions,
            switches: &switches,
            belongs: &belongs,
            support: &|signal| support::of(&graph, signal),
            ranker: &rank::Product,
        };
        let write = self.alerts.db().write().await?;
        let committed = self.alerts.commit(&write, signals, checkpoint, &cx).await?;
        write.commit().await.map_err(DbError::from)?;
        Ok(committed)
    }

    fn tell(&self, outcome: &Outcome, signals: &[Signal]) {
        let opened =
            outcome.opened.iter().map(|one| (one.alert.id, one.alert.organisation.clone()));
        let opened: Vec<_> = opened.collect();
        if !signals.is_empty() {
            self.news.publish(News::Alerts(opened.into()));
        }
    }

    async fn note_devices(&self, group: &[Done], now: Timestamp) {
        let sightings = group.iter().flat_map(|done| {
            done.evaluated.devices.iter().map(|device| Sighting {
                organisation: done.batch.organisation.clone(),
                name: device.name.clone(),
                at: device.at,
                source: Some(done.batch.source),
            })
        });
        let sightings: Vec<Sighting> = sightings.collect();
        if let Err(error) = self.map.seen(&sightings, now).await {
            warn!(error = &error as &dyn std::error::Error, "devices seen are not noted");
        }
    }

    fn note_sources(&self, group: &[Done], now: Timestamp) {
        for done in group {
            let (batch, evaluated) = (&done.batch, &done.evaluated);
            let sender = Sender { source: batch.source, organisation: batch.organisation.clone() };
            if let Some(newest) = evaluated.newest {
                let lag_s = batch.received_at.as_second() - newest.as_second();
                self.intake.lagged(&sender, lag_s.max(0), now);
            }
            let told = evaluated.unread.len();
            for one in &evaluated.unread {
                self.intake.unread(&sender, &one.reason, &one.sample, now);
            }
            let untold = (evaluated.unread_count as usize).saturating_sub(told);
            if untold > 0 {
                self.intake.more_unread(&sender, untold as u32, now);
            }
            metrics::gauge!("ward_detect_lag_seconds")
                .set(now.duration_since(batch.received_at).as_secs_f64());
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
