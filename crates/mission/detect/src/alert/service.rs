//! The operations the app calls.
//!
//! Whatever changes something takes the caller's open transaction: the caller writes its audit
//! entry into the same one and commits, so that a deed and its trace stand or fall together.
//! Whatever only reads opens its own connection. Each takes the caller's [`Scope`]; what lies
//! outside of it is not there.

use std::sync::Arc;

use db::{Db, Write};
use event::Catalogue;
use terms::{AlertId, DeedId, ExceptionId, PersonId, Scope, Timestamp, ViewId};

use super::{
    Alert, AlertError, Cursor, Cx, Deed, Evidence, Exception, Exceptions, Filter, LifeError, Move,
    NewException, Outcome, Page, Record, Signal, Sort, State, Story, Switch, Switches,
    flood::hour_of,
    fold,
    life::{self, MAX_BULK},
    store,
};

pub use super::store::{counts::Count, read::DeviceOfFlood, rules::DayOfRule, view::View};

/// The alerts of a database.
#[derive(Clone, Debug)]
pub struct Alerts {
    db: Db,
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
        Self { db }
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
        store::commit::forget_hours(write, hour_of(now) - KEPT_HOURS).await
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
        store::queue::page(self.db.read(), scope, filter, sort, cursor, rows).await
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
        let deeds = store::read::deeds(read, id).await?;
        Ok(Whole { alert, story, evidence, deeds, of_device, flood_devices })
    }

    /// How many alerts stand where.
    pub async fn counts(&self, scope: &Scope) -> Result<Vec<Count>, AlertError> {
        store::counts::all(self.db.read(), scope).await
    }

    /// Makes the same move with several alerts. `alerts` are ids with the version each had when
    /// it was looked at. What cannot be moved is told and left; the rest is moved.
    ///
    /// Errors: [`AlertError::TooMany`], [`AlertError::Db`].
    pub async fn act(
        &self,
        write: &Write,
        scope: &Scope,
        alerts: &[(AlertId, Option<i64>)],
        asked: &Move,
        person: PersonId,
        now: Timestamp,
    ) -> Result<Act, AlertError> {
        if alerts.len() > MAX_BULK {
            return Err(AlertError::TooMany { found: alerts.len(), most: MAX_BULK });
        }
        let act = DeedId::new(now);
        let ids: Vec<AlertId> = alerts.iter().map(|(id, _)| *id).collect();
        let held = store::life::hold(write, scope, &ids).await?;
        let by = store::life::By { person, now, act };
        let (mut done, mut moved) = (Vec::with_capacity(alerts.len()), Vec::new());
        for (at, (id, seen)) in alerts.iter().enumerate() {
            let Some(one) = held.iter().find(|one| one.id == *id) else {
                done.push(Done { id: *id, result: Err(AlertError::NotFound("alert")) });
                continue;
            };
            if ids[..at].contains(id) {
                continue;
            }
            let result = match life::apply(&one.standing, *seen, person, asked, now) {
                Err(error) => Err(error.into()),
                Ok(to) => {
                    store::life::put(write, one, &to, by).await?;
                    let state = to.standing.state;
                    moved.push((one, to.standing));
                    Ok(state)
                }
            };
            done.push(Done { id: *id, result });
        }
        store::life::count(write, &moved).await?;
        Ok(Act { id: act, done })
    }

    /// Takes back an act: for each of its alerts where nothing was done since.
    ///
    /// Errors: [`AlertError::NotFound`] for an act none of whose alerts lies in the scope.
    pub async fn undo(
        &self,
        write: &Write,
        scope: &Scope,
        act: DeedId,
        person: PersonId,
        now: Timestamp,
    ) -> Result<Act, AlertError> {
        let deeds = store::life::deeds_of_act(write, act).await?;
        let ids: Vec<AlertId> = deeds.iter().map(|one| one.deed.alert).collect();
        let held = store::life::hold(write, scope, &ids).await?;
        if held.is_empty() {
            return Err(AlertError::NotFound("act"));
        }
        let by = store::life::By { person, now, act: DeedId::new(now) };
        let (mut done, mut moved) = (Vec::new(), Vec::new());
        for one in &deeds {
            let Some(held) = held.iter().find(|held| held.id == one.deed.alert) else { continue };
            let last = store::life::last_deed(write, held.id).await?;
            let to = match &one.before {
                None => Err(LifeError::NothingToUndo),
                Some(before) => life::undo(&held.standing, &one.deed, before, last, person, now),
            };
            let result = match to {
                Err(error) => Err(error.into()),
                Ok(to) => {
                    store::life::mark_undone(write, one.deed.id).await?;
                    store::life::put(write, held, &to, by).await?;
                    let state = to.standing.state;
                    moved.push((held, to.standing));
                    Ok(state)
                }
            };
            done.push(Done { id: held.id, result });
        }
        store::life::count(write, &moved).await?;
        Ok(Act { id: by.act, done })
    }

    /// Makes an exception; with `from`, the alert it was made from says so.
    ///
    /// Errors: [`AlertError::Exception`], [`AlertError::OutOfScope`], [`AlertError::NotFound`].
    pub async fn make_exception(
        &self,
        write: &Write,
        scope: &Scope,
        new: &NewException,
        from: Option<AlertId>,
        person: PersonId,
        now: Timestamp,
    ) -> Result<ExceptionId, AlertError> {
        new.check(now)?;
        let id = ExceptionId::new(now);
        store::exception::make(write, scope, id, new, person, now).await?;
        if let Some(alert) = from {
            let held = store::life::hold(write, scope, &[alert]).await?;
            let held = held.first().ok_or(AlertError::NotFound("alert"))?;
            let by = store::life::By { person, now, act: DeedId::new(now) };
            store::life::exception_made(write, held, id, by).await?;
        }
        Ok(id)
    }

    /// Takes an exception back; what it was.
    ///
    /// Errors: [`AlertError::NotFound`], [`AlertError::OutOfScope`] when it holds beyond the scope.
    pub async fn revoke_exception(
        &self,
        write: &Write,
        scope: &Scope,
        id: ExceptionId,
        person: PersonId,
        now: Timestamp,
    ) -> Result<Exception, AlertError> {
        store::exception::revoke(write, scope, id, person, now).await
    }

    /// An exception that holds for any organisation of the scope.
    ///
    /// Errors: [`AlertError::NotFound`].
    pub async fn exception(&self, scope: &Scope, id: ExceptionId) -> Result<Exception, AlertError> {
        store::exception::one(self.db.read(), scope, id).await
    }

    /// Exceptions that hold for any organisation of the scope, newest first; with a rule, those
    /// that can hide something of it.
    pub async fn exceptions(
        &self,
        scope: &Scope,
        rule: Option<&str>,
    ) -> Result<Vec<Exception>, AlertError> {
        store::exception::list(self.db.read(), scope, rule).await
    }

    /// All exceptions in force at `now`, compiled, for [`Cx::exceptions`]; `catalogue` is that of
    /// the scan. One that ends later than `now` ends by itself.
    pub async fn exceptions_in_force(
        &self,
        catalogue: Arc<Catalogue>,
        now: Timestamp,
    ) -> Result<Exceptions, AlertError> {
        let list = store::exception::in_force(self.db.read(), now).await?;
        Ok(Exceptions::new(list, catalogue))
    }

    /// Turns a rule on or off for a part of the sector; how it was turned there before.
    ///
    /// Errors: [`AlertError::OutOfScope`], [`AlertError::Invalid`].
    pub async fn turn(
        &self,
        write: &Write,
        scope: &Scope,
        switch: &Switch,
    ) -> Result<Option<Switch>, AlertError> {
        if switch.rule.is_empty() || switch.reason.trim().is_empty() {
            return Err(AlertError::Invalid("turning a rule on or off needs a rule and a reason"));
        }
        store::rules::turn(write, scope, switch).await
    }

    /// Switches that hold for any organisation of the scope.
    pub async fn switches(&self, scope: &Scope) -> Result<Vec<Switch>, AlertError> {
        store::rules::switches(self.db.read(), scope).await
    }

    /// All switches, for [`Cx::switches`].
    pub async fn switches_in_force(&self) -> Result<Switches, AlertError> {
        Ok(Switches::new(self.switches(&Scope::sector()).await?))
    }

    /// What rules found, day by day from `from_day` on (days since 1970), in the scope: of one
    /// rule, or of all.
    pub async fn days(
        &self,
        scope: &Scope,
        rule: Option<&str>,
        from_day: i64,
    ) -> Result<Vec<DayOfRule>, AlertError> {
        store::rules::days(self.db.read(), scope, rule, from_day).await
    }

    /// How a rule's closed alerts turned out: here in the scope, and elsewhere in the sector. The
    /// figure of elsewhere names nobody.
    pub async fn record(&self, scope: &Scope, rule: &str) -> Result<Record, AlertError> {
        store::rules::record(self.db.read(), scope, rule).await
    }

    /// Saves a view.
    ///
    /// Errors: [`AlertError::Invalid`], [`AlertError::OutOfScope`].
    pub async fn save_view(
        &self,
        write: &Write,
        scope: &Scope,
        view: &View,
    ) -> Result<(), AlertError> {
        let is_named = !view.name.trim().is_empty();
        if !is_named || view.name.len() > MAX_NAME_BYTES || view.query.len() > MAX_QUERY_BYTES {
            return Err(AlertError::Invalid(
                "a view needs a name of at most 200 bytes and a query of at most 4,000",
            ));
        }
        store::view::save(write, scope, view).await
    }

    /// The views a person sees, by name.
    pub async fn views(&self, scope: &Scope, person: PersonId) -> Result<Vec<View>, AlertError> {
        store::view::list(self.db.read(), scope, person).await
    }

    /// Deletes a person's own view.
    ///
    /// Errors: [`AlertError::NotFound`].
    pub async fn delete_view(
        &self,
        write: &Write,
        person: PersonId,
        id: ViewId,
    ) -> Result<(), AlertError> {
        store::view::delete(write, person, id).await
    }

    /// All alerts of a filter, a thousand at a time, in the order they were opened.
    pub fn export(&self, scope: Scope, filter: Filter) -> Export {
        Export { db: self.db.clone(), scope, filter, number: 0 }
    }
}

/// A batch may be handed in days after its receipt, when a reader was stopped.
const KEPT_HOURS: i64 = 14 * 24;
const MAX_NAME_BYTES: usize = 200;
const MAX_QUERY_BYTES: usize = 4_000;
const EXPORTED_AT_ONCE: u16 = 1_000;

/// Alerts read one after another; alerts opened meanwhile may or may not be among them.
#[derive(Debug)]
pub struct Export {
    db: Db,
    scope: Scope,
    filter: Filter,
    number: i64,
}

impl Export {
    /// The next alerts; none at the end.
    pub async fn next(&mut self) -> Result<Option<Vec<Alert>>, AlertError> {
        let (alerts, number) = store::queue::after(
            self.db.read(),
            &self.scope,
            &self.filter,
            self.number,
            EXPORTED_AT_ONCE,
        )
        .await?;
        self.number = number;
        Ok(Some(alerts).filter(|alerts| !alerts.is_empty()))
    }
}
