//! What is done now and then: the map read again, counts written, what is old deleted.

use std::time::Duration;

use access::Access;
use detect::{alert::Alerts, rulebook::Rulebook};
use intake::Intake;
use jiff::ToSpan as _;
use sector::Map;
use terms::Timestamp;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tracing::warn;
use web::{App, News};

use crate::config::Config;

/// Map and rules are looked at this often: a change of another process is seen within it.
const MAP_EVERY: Duration = Duration::from_secs(1);
/// Counts of sources are written this often.
const COUNTS_EVERY: Duration = Duration::from_secs(2);
/// A removed rule folder can be brought back for so long.
const FOLDER_DAYS: u32 = 30;
/// What is old is deleted this often.
const TIDY_EVERY: Duration = Duration::from_secs(300);

/// The tasks and what they work with.
pub(super) struct Keep {
    access: Access,
    map: Map,
    rulebook: Rulebook,
    alerts: Alerts,
    intake: Intake,
    news: bus::Broadcast<News>,
    events_hours: u32,
    source_days: u32,
}

impl Keep {
    pub(super) fn new(app: &App, config: &Config) -> Self {
        Self {
            access: app.access.clone(),
            map: app.map.clone(),
            rulebook: app.rulebook.clone(),
            alerts: app.alerts.clone(),
            intake: app.intake.clone(),
            news: app.news.clone(),
            events_hours: config.keep.events_hours,
            source_days: config.keep.source_days,
        }
    }

    /// Runs until `stop`.
    pub(super) async fn run(self, stop: CancellationToken) {
        let every = |time| {
            let mut ticks = interval(time);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            ticks
        };
        let (mut map, mut counts, mut tidy) =
            (every(MAP_EVERY), every(COUNTS_EVERY), every(TIDY_EVERY));
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = map.tick() => {
                    self.read_map().await;
                    self.read_rules().await;
                }
                _ = counts.tick() => self.write_counts().await,
                _ = tidy.tick() => self.tidy(Timestamp::now()).await,
            }
        }
    }

    async fn read_map(&self) {
        match self.map.refresh().await {
            Ok(true) => self.news.publish(News::Map),
            Ok(false) => {}
            Err(error) => warn!(error = &error as &dyn std::error::Error, "the map cannot be read"),
        }
    }

    async fn read_rules(&self) {
        match self.rulebook.refresh().await {
            Ok(true) => self.news.publish(News::Rules),
            Ok(false) => {}
            Err(error) => {
                warn!(error = &error as &dyn std::error::Error, "the rules cannot be read");
            }
        }
    }

    async fn write_counts(&self) {
        if let Err(error) = self.intake.flush().await {
            warn!(error = &error as &dyn std::error::Error, "counts of sources cannot be written");
        }
        let fill = self.intake.log().fill();
        metrics::gauge!("ward_log_backlog_bytes").set(fill.backlog_bytes as f64);
        metrics::gauge!("ward_log_pending_bytes").set(fill.pending_bytes as f64);
        metrics::gauge!("ward_log_newest_batch").set(fill.newest.0 as f64);
    }

    async fn tidy(&self, now: Timestamp) {
        let before = |hours: u32| now.checked_sub(i64::from(hours).hours()).unwrap_or(now);
        let log = self.intake.log().trim(before(self.events_hours)).await;
        if let Err(error) = log {
            warn!(error = &error as &dyn std::error::Error, "old events cannot be deleted");
        }
        if let Err(error) = self.intake.forget(before(self.source_days.saturating_mul(24))).await {
            warn!(error = &error as &dyn std::error::Error, "old counts cannot be deleted");
        }
        if let Err(error) = self.forget(before(FOLDER_DAYS * 24), now).await {
            warn!(
                error = &*error as &dyn std::error::Error,
                "old rule folders and counts of floods cannot be deleted"
            );
        }
        if let Err(error) = self.access.prune(now).await {
            warn!(error = &error as &dyn std::error::Error, "old sessions cannot be deleted");
        }
    }

    /// Folders that were uploaded and never used, or removed, before `before`; and what floods no
    /// longer need to know.
    async fn forget(&self, before: Timestamp, now: Timestamp) -> anyhow::Result<()> {
        let write = self.alerts.db().write().await?;
        self.rulebook.forget(&write, before).await?;
        self.alerts.forget_hours(&write, now).await?;
        Ok(write.commit().await?)
    }
}
