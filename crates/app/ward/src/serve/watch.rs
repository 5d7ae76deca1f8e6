//! The watch: from the event log to alerts, in order, exactly once in effect.
//!
//! Batches are evaluated ahead, on as many threads as there are processors ([`ahead`]), and
//! committed in the order of the log: alerts, what was kept of events, and the position up to which
//! all is done go into one transaction. While one commit waits for the disk, what is evaluated
//! gathers for the next. A process that dies resumes at that position; what it had evaluated and
//! not yet committed is evaluated again and gives the same alerts.

mod ahead;
mod devices;
mod set;

use std::time::Duration;

use bus::{Broadcast, Seq};
use db::DbError;
use detect::{
    alert::{self, AlertError, Alerts, Checkpoint, Committed, Cx, Outcome, Signal, group, rank},
    watch::{READER, RulesInForce},
};
use intake::Intake;
use sector::Map;
use terms::{OdsCode, Part, Scope, Timestamp};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};
use web::News;

pub(crate) use self::set::InForce;
use self::{
    ahead::{Ahead, Done},
    devices::Devices,
};
use super::support;

/// Evaluated batches committed together at most.
const GROUP: usize = 256;
/// How often the log is told what may go.
const RELEASE_EVERY: Duration = Duration::from_millis(500);
/// Wait before trying again what the database refused.
const RETRY: Duration = Duration::from_secs(1);

/// What the watch works with.
pub(crate) struct Watch {
    pub(crate) intake: Intake,
    pub(crate) map: Map,
    pub(crate) alerts: Alerts,
    pub(crate) rules: RulesInForce,
    pub(crate) set: InForce,
    pub(crate) news: Broadcast<News>,
    pub(crate) threads: usize,
    pub(crate) clock: fn() -> Timestamp,
}

impl Watch {
    /// Runs until `stop`; what was evaluated by then is committed.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let Some(after) = self.checkpoint(&stop).await else { return };
        info!(seq = after.0, "detection goes on after batch {after} of the event log");
        let (send, evaluated) = mpsc::channel(GROUP);
        let ahead = Ahead {
            log: self.intake.log().clone(),
            rules: self.rules.clone(),
            threads: self.threads,
            stop: stop.clone(),
        };
        let evaluating = tokio::spawn(ahead.run(after, send));
        let devices = Devices::new(self.map.clone(), self.clock);
        let (done, committed) = watch::channel(after);
        tokio::select! {
            () = self.commit_all(evaluated, &done, &devices, &stop) => {}
            () = self.release_all(committed) => {}
            () = devices.note_all() => {}
        }
        devices.note().await;
        let done = *done.borrow();
        self.release(done).await;
        let _ = evaluating.await;
    }

    /// Where detection stands; nothing when stopped before that was known.
    async fn checkpoint(&self, stop: &CancellationToken) -> Option<Seq> {
        loop {
            match self.alerts.checkpoint(READER).await {
                Ok(seq) => return Some(Seq(seq)),
                Err(error) => warn!(error = &error as &dyn std::error::Error, "no checkpoint yet"),
            }
            if pause(stop, RETRY).await {
                return None;
            }
        }
    }

    /// Commits what is evaluated until there is no more, telling how far it is.
    async fn commit_all(
        &self,
        mut evaluated: mpsc::Receiver<Done>,
        committed: &watch::Sender<Seq>,
        devices: &Devices,
        stop: &CancellationToken,
    ) {
        let mut group = Vec::new();
        while evaluated.recv_many(&mut group, GROUP).await > 0 {
            let Some(last) = group.last().map(|done| done.seq) else { continue };
            if !self.commit_until_done(&mut group, stop).await {
                return;
            }
            committed.send_replace(last);
            let now = (self.clock)();
            for done in group.drain(..) {
                devices.saw(&done);
                self.note_source(&done, now);
            }
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
    async fn commit_until_done(&self, group: &mut [Done], stop: &CancellationToken) -> bool {
        let signals = group.iter_mut().map(|done| std::mem::take(&mut done.evaluated.signals));
        let signals: Vec<Signal> = signals.flatten().collect();
        loop {
            match self.commit(group, &signals).await {
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
    /// One transaction: alerts and the checkpoint. Then what may be lost: figures and news.
    async fn commit(&self, group: &[Done], signals: &[Signal]) -> Result<(), AlertError> {
        let Some(last) = group.last() else { return Ok(()) };
        let checkpoint = Checkpoint { consumer: READER.to_owned(), seq: last.seq.0 };
        let committed = self.write(signals, &checkpoint, (self.clock)()).await?;
        let visible = (self.clock)();
        for done in group {
            let waited = visible.duration_since(done.received_at).as_secs_f64();
            metrics::histogram!("ward_visible_seconds").record(waited);
        }
        metrics::counter!("ward_events_evaluated_total")
            .increment(group.iter().map(|done| u64::from(done.count)).sum());
        metrics::counter!("ward_signals_total").increment(signals.len() as u64);
        metrics::gauge!("ward_detect_lag_seconds")
            .set(visible.duration_since(last.received_at).as_secs_f64());
        if let Committed::Written(outcome) = &committed {
            metrics::counter!("ward_alerts_opened_total").increment(outcome.opened.len() as u64);
            self.tell(outcome, signals);
        }
        Ok(())
    }

    async fn write(
        &self,
        signals: &[Signal],
        checkpoint: &Checkpoint,
        now: Timestamp,
    ) -> Result<Committed, AlertError> {
        let set = self.set.at(now).await?;
        let graph = self.map.graph();
        let belongs =
            |part: &Part, code: &OdsCode| graph.contains(&Scope::of([part.clone()]), code);
        let cx = Cx {
            window: group::WINDOW,
            limits: alert::Limits::default(),
            exceptions: &set.exceptions,
            switches: &set.switches,
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

    fn note_source(&self, done: &Done, now: Timestamp) {
        let (sender, evaluated) = (&done.sender, &done.evaluated);
        if let Some(newest) = evaluated.newest {
            let lag_s = done.received_at.as_second() - newest.as_second();
            self.intake.lagged(sender, lag_s.max(0), now);
        }
        let told = evaluated.unread.len();
        for one in &evaluated.unread {
            self.intake.unread(sender, &one.reason, &one.sample, now);
        }
        let untold = (evaluated.unread_count as usize).saturating_sub(told);
        if untold > 0 {
            self.intake.more_unread(sender, untold as u32, now);
        }
    }
}

/// Waits; true when stopped meanwhile.
async fn pause(stop: &CancellationToken, time: Duration) -> bool {
    tokio::time::timeout(time, stop.cancelled()).await.is_ok()
}
