//! How far detection is behind what came in, and when something last came in.

use detect::{alert::Alerts, watch::READER};
use intake::Intake;
use terms::{Scope, Timestamp};

use crate::{failure::Failure, page::Desk, pages::alerts::failed::failed};

/// Where detection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lag {
    /// When the oldest batch came in that is not evaluated. `None`: all are.
    pub(crate) since: Option<Timestamp>,
}

impl Lag {
    /// Where detection is now. Reads at most one batch of the event log.
    pub(crate) async fn now(
        alerts: &Alerts,
        intake: &Intake,
        now: Timestamp,
    ) -> Result<Self, Failure> {
        let done = alerts.checkpoint(READER).await.map_err(failed)?;
        let waiting = intake.log().read_packed(bus::Seq(done), 1).await;
        let waiting = waiting.map_err(|error| Failure::internal(&error))?;
        // A clock that was set back makes no lag.
        Ok(Self { since: waiting.first().map(|batch| batch.received_at.min(now)) })
    }

    /// Seconds behind.
    pub(crate) fn seconds(&self, now: Timestamp) -> i64 {
        self.since.map_or(0, |since| now.as_second() - since.as_second())
    }

    /// For people.
    pub(super) fn in_words(&self, desk: &Desk) -> String {
        match (self.since, self.seconds(desk.now())) {
            (None, _) => "everything received is evaluated".to_owned(),
            (Some(_), 0) => "less than a second behind".to_owned(),
            (Some(_), 1) => "1 second behind".to_owned(),
            (Some(_), seconds @ ..60) => format!("{seconds} seconds behind"),
            (Some(since), _) => format!("behind since {}", desk.moment(since).day),
        }
    }
}

/// What was heard of the sources of a view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Heard {
    /// How many sources there are.
    pub(crate) sources: u64,
    /// When the latest of them sent something.
    pub(crate) last_at: Option<Timestamp>,
}

/// What was heard of the sources of a scope.
pub(crate) async fn heard(intake: &Intake, scope: &Scope) -> Result<Heard, Failure> {
    let sources = intake.sources(scope).await.map_err(|error| Failure::internal(&error))?;
    let last_at = sources.iter().map(|source| source.last_at).max();
    Ok(Heard { sources: sources.len() as u64, last_at })
}
