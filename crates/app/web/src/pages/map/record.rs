//! What every change of the map leaves behind: an entry in the audit trail, and news for pages
//! that are alive.
//!
//! The map writes in a transaction of its own, because it decides again when somebody else changed
//! it meanwhile; the entry follows in the next one.

use access::{
    Caller,
    audit::{self, Entry, On},
};
use axum::extract::FromRef;
use bus::Broadcast;
use db::Db;
use detect::alert::Alerts;
use sector::{Change, Map, SectorError, Thing};
use serde_json::json;
use terms::{OdsCode, Timestamp};

use super::failed::failed;
use crate::{Settings, failure::Failure, news::News, pages::alerts::failed::db, state::App};

/// What changes of the map are made with.
#[derive(Clone)]
pub(super) struct Editing {
    pub(super) map: Map,
    pub(super) settings: Settings,
    db: Db,
    news: Broadcast<News>,
}

impl FromRef<App> for Editing {
    fn from_ref(app: &App) -> Self {
        Self {
            map: app.map.clone(),
            settings: app.settings.clone(),
            db: Alerts::from_ref(app).db().clone(),
            news: app.news.clone(),
        }
    }
}

impl Editing {
    /// The moment.
    pub(super) fn now(&self) -> Timestamp {
        self.settings.now()
    }

    /// Writes down what was changed and tells those who listen. Nothing is written where nothing
    /// changed.
    pub(super) async fn note(
        &self,
        caller: &Caller,
        what: &'static str,
        on: On,
        organisation: Option<OdsCode>,
        changes: &[Change],
    ) -> Result<(), Failure> {
        if changes.is_empty() {
            return Ok(());
        }
        let told: Vec<_> = changes.iter().take(MOST_CHANGES).map(of_change).collect();
        let left_out = changes.len() - told.len();
        let details = json!({ "changes": told, "changes_left_out": left_out });
        self.write(caller, what, on, organisation, details).await
    }

    /// Writes an entry down and tells those who listen.
    pub(super) async fn write(
        &self,
        caller: &Caller,
        what: &'static str,
        on: On,
        organisation: Option<OdsCode>,
        details: serde_json::Value,
    ) -> Result<(), Failure> {
        let entry = Entry::new(self.now(), caller.who(), what, on).with(details);
        let entry = Entry { organisation, ..entry };
        let write = self.db.write().await.map_err(db)?;
        audit::append(&write, entry).await.map_err(db)?;
        write.commit().await.map_err(|error| db(error.into()))?;
        self.news.publish(News::Map);
        Ok(())
    }

    /// Whose a thing is.
    pub(super) fn owner(&self, thing: &Thing) -> Option<OdsCode> {
        self.map.graph().owner(thing).cloned()
    }
}

/// Changes of one entry that are written down one by one.
const MOST_CHANGES: usize = 200;

fn of_change(change: &Change) -> serde_json::Value {
    json!({
        "what": change.what,
        "field": change.field,
        "before": change.before,
        "after": change.after,
    })
}

/// A thing, as an entry is about it.
pub(super) fn on(thing: &Thing) -> On {
    On::new(thing.kind(), thing.code())
}

/// What is wrong with what somebody filled in, or a failure that is nobody's.
pub(super) fn wrong(error: SectorError) -> Result<super::said::Wrong, Failure> {
    use super::said::Wrong;
    match error {
        SectorError::Invalid { field, ref message } => Ok(Wrong::one(as_asked(field), message)),
        SectorError::Exists(_) => Ok(Wrong::one("code", &error)),
        SectorError::OutOfScope(_) | SectorError::Unknown(_) | SectorError::Stale => {
            Ok(Wrong::one("", &error))
        }
        error => Err(failed(error)),
    }
}

/// The form's name for a field of the import's columns.
fn as_asked(field: &'static str) -> &'static str {
    match field {
        "ods_code" => "code",
        "type" => "kind",
        "silent_after_seconds" => "silent_hours",
        field => field,
    }
}
