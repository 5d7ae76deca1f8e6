//! The operations the app calls.
//!
//! Whatever changes something takes the caller's open transaction: the caller writes its audit
//! entry into the same one and commits, so that a deed and its trace stand or fall together.
//! Whatever only reads opens its own connection. Each takes the caller's [`Scope`]; what lies
//! outside of it is not there.

use db::{Db, Write};
use terms::{AlertId, DeedId, Scope, Timestamp};

use super::{
    Alert, AlertError, Cursor, Cx, Deed, Evidence, Filter, Outcome, Page, Signal, Sort, State,
    Story, flood::hour_of, fold, store,
};

mod acts;
mod settings;

pub use super::store::{counts::Count, read::DeviceOfFlood, rules::DayOfRule, view::View};

/// The alerts of a database.
#[derive(Clone, Debug)]
pub struct Alerts {
    db: Db,
    few: u64,
}

/// How far a reader of the event log is once the signals handed in are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The reader's name.
    pub consumer: String,
    /// The last batch it has read to its end.
    pub seq: i64,
}

/// What became of signals handed in.
#[derive(Clone, Debug, PartialEq)]
pub enum Committed {
    /// They were laid over the alerts.
    Written(Box<Outcome>),
    /// All of them were written before: this is a replay.
    Already,
}

/// What became of one alert in an act on several.
#[derive(Debug)]
pub struct Done {
    /// The alert.
    pub id: AlertId,
    /// Where it stands now, or why it was left as it was.
    pub result: Result<State, AlertError>,
}

/// An act: what became of each alert, and by what to take it back.
#[derive(Debug)]
pub struct Act {
    /// The handle [`Alerts::undo`] takes.
    pub id: DeedId,
    /// The alerts, in the order they were asked for.
    pub done: Vec<Done>,
}

/// All that the page of an alert shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Whole {
    /// The alert.
    pub alert: Alert,
    /// Why it stands where it stands.
    pub story: Story,
    /// The events kept, in the order of the log.
    pub evidence: Vec<Evidence>,
    /// What was done, oldest first.
    pub deeds: Vec<Deed>,
    /// Other alerts of the device, newest first; none for floods.
    pub of_device: Vec<Alert>,
    /// Devices of a flood with the most signals.
    pub flood_devices: Vec<DeviceOfFlood>,
}

/// Other alerts of a device, and devices of a flood, that a page shows.
const SHOWN: u16 = 20;

impl Alerts {
    /// The alerts of `db`.
    pub fn new(db: Db) -> Self {
        Self { db, few: store::plan::FEW }
    }

    /// Looks up fewer alerts one by one than is quick, so that tests meet both ways to read a list
    /// with little data.
    #[doc(hidden)]
    pub fn looking_up_at_most(self, few: u64) -> Self {
        Self { few, ..self }
    }

    /// The database, to begin a transaction in.
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// The last batch a reader has written; 0 before the first.
    pub async fn checkpoint(&self, consumer: &str) -> Result<i64, AlertError> {
        store::known::checkpoint(self.db.read(), consumer).await
    }

    /// Lays signals over the alerts and moves the reader's checkpoint. `signals` are those of all
    /// batches after the reader's checkpoint up to `checkpoint.seq`, in the order of the log.
    /// Handing in what was written before changes nothing.
    ///
    /// Errors: [`AlertError::Db`]; the transaction is then to be dropped, and a later try is safe.
    pub async fn commit(
        &self,
        write: &Write,
        signals: &[Signal],
        checkpoint: &Checkpoint,
        cx: &Cx<'_>,
    ) -> Result<Committed, AlertError> {
        store::known::wait_for_turn(write).await?;
        let at = store::known::checkpoint(write, &checkpoint.consumer).await?;
        if checkpoint.seq <= at {
            return Ok(Committed::Already);
        }
        let is_after = |signal: &Signal| signal.position.seq > checkpoint.seq;
        if let Some(signal) = signals.iter().find(|signal| is_after(signal)) {
            let (consumer, at) = (checkpoint.consumer.clone(), checkpoint.seq);
            return Err(AlertError::Beyond { consumer, at, found: signal.position.seq });
        }
        let fresh = &signals[signals.partition_point(|signal| signal.position.seq <= at)..];
        let mut known = store::known::load(write, fresh).await?;
        let outcome = fold(fresh, &mut known, cx);
        store::commit::write(write, &outcome, &checkpoint.consumer, checkpoint.seq).await?;
        Ok(Committed::Written(Box::new(outcome)))
    }

    /// Forgets what limits asked for in hours long gone; how many rows. For a daily job.
    pub async fn forget_hours(&self, write: &Write, now: Timestamp) -> Result<u64, AlertError> {
        store::added::forget_hours(write, hour_of(now) - KEPT_HOURS).await
    }

    /// One page of the queue.
    ///
    /// Errors: [`AlertError::Cursor`].
    pub async fn page(
        &self,
        scope: &Scope,
        filter: &Filter,
        sort: Sort,
        cursor: Option<&Cursor>,
        rows: u16,
    ) -> Result<Page, AlertError> {
        store::queue::page(self.db.read(), scope, filter, sort, cursor, rows, self.few).await
    }

    /// An alert with its story.
    ///
    /// Errors: [`AlertError::NotFound`].
    pub async fn one(&self, scope: &Scope, id: AlertId) -> Result<(Alert, Story), AlertError> {
        store::read::one(self.db.read(), scope, id).await
    }

    /// Everything about an alert.
    ///
    /// Errors: [`AlertError::NotFound`].
    pub async fn whole(&self, scope: &Scope, id: AlertId) -> Result<Whole, AlertError> {
        let read = self.db.read();
        let (alert, story) = store::read::one(read, scope, id).await?;
        let has_device = !alert.is_flood && !alert.device.is_empty();
        let of_device = match has_device {
            true => store::read::of_device(read, scope, &alert, SHOWN).await?,
            false => Vec::new(),
        };
        let flood_devices = match alert.is_flood {
            true => store::read::flood_devices(read, id, SHOWN).await?,
            false => Vec::new(),
        };
        let evidence = store::read::evidence(read, id).await?;
        let deeds = store::deed::deeds(read, id).await?;
        Ok(Whole { alert, story, evidence, deeds, of_device, flood_devices })
    }

    /// How many alerts stand where.
    pub async fn counts(&self, scope: &Scope) -> Result<Vec<Count>, AlertError> {
        store::counts::all(self.db.read(), scope).await
    }

    /// All alerts of a filter, a thousand at a time, in the order they were opened.
    pub fn export(&self, scope: Scope, filter: Filter) -> Export {
        Export { alerts: self.clone(), scope, filter, number: 0 }
    }
}

/// A batch may be handed in days after its receipt, when a reader was stopped.
const KEPT_HOURS: i64 = 14 * 24;
const EXPORTED_AT_ONCE: u16 = 1_000;

/// Alerts read one after another; alerts opened meanwhile may or may not be among them.
#[derive(Debug)]
pub struct Export {
    alerts: Alerts,
    scope: Scope,
    filter: Filter,
    number: i64,
}

impl Export {
    /// The next alerts; none at the end.
    pub async fn next(&mut self) -> Result<Option<Vec<Alert>>, AlertError> {
        let (alerts, number) = store::queue::after(
            self.alerts.db.read(),
            &self.scope,
            &self.filter,
            self.number,
            EXPORTED_AT_ONCE,
            self.alerts.few,
        )
        .await?;
        self.number = number;
        Ok(Some(alerts).filter(|alerts| !alerts.is_empty()))
    }
}
