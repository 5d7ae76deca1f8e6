//! What every change of the map leaves behind: an entry in the audit trail, in the transaction of
//! the change, and news for pages that are alive.

use access::{
    Caller,
    audit::{self, Entry, On},
};
use axum::extract::FromRef;
use bus::Broadcast;
use db::Write;
use sector::{Change, Deed, Map, SectorError, Thing, Trace, Writing};
use serde_json::json;
use terms::Timestamp;

use super::failed::failed;
use crate::{Settings, failure::Failure, news::News, state::App};

/// What changes of the map are made with.
#[derive(Clone)]
pub(super) struct Editing {
    /// For reading: what would be changed through it leaves no entry.
    pub(super) map: Map,
    pub(super) settings: Settings,
    news: Broadcast<News>,
}

impl FromRef<App> for Editing {
    fn from_ref(app: &App) -> Self {
        Self { map: app.map.clone(), settings: app.settings.clone(), news: app.news.clone() }
    }
}

impl Editing {
    /// The moment.
    pub(super) fn now(&self) -> Timestamp {
        self.settings.now()
    }

    /// The map for changes by somebody. The entry says what is done, and to what: without `on` to
    /// the thing that is changed.
    pub(super) fn by(&self, caller: &Caller, what: &'static str, on: Option<On>) -> Map {
        let (at, who) = (self.now(), caller.who());
        self.map.traced(Entries(move |deed: Deed<'_>| {
            let on = on.clone().unwrap_or_else(|| on_of(deed));
            let entry = Entry::new(at, who, what, on).with(details(deed));
            match deed {
                Deed::Change { owner: Some(owner), .. } => entry.of(owner.clone()),
                _ => entry,
            }
        }))
    }

    /// Tells those who listen, when something was changed.
    pub(super) fn tell(&self, changes: &[Change]) {
        if !changes.is_empty() {
            self.news.publish(News::Map);
        }
    }

    /// Tells those who listen that a file was imported.
    pub(super) fn tell_imported(&self) {
        self.news.publish(News::Map);
    }
}

/// Writes the entry that a deed comes to.
pub(crate) struct Entries<F>(pub(crate) F);

impl<F: Fn(Deed<'_>) -> Entry + Send + Sync> Trace for Entries<F> {
    fn write<'a>(&'a self, write: &'a Write, deed: Deed<'a>) -> Writing<'a> {
        let entry = (self.0)(deed);
        Box::pin(async move { audit::append(write, entry).await.map(drop) })
    }
}

fn on_of(deed: Deed<'_>) -> On {
    match deed {
        Deed::Import(record) => On::new("import", record.id),
        Deed::Change { changes, .. } => {
            let what = changes.first().map_or("", |change| &change.what);
            let (kind, code) = what.split_once(':').unwrap_or_default();
            On::new(kind, code)
        }
    }
}

fn details(deed: Deed<'_>) -> serde_json::Value {
    match deed {
        Deed::Change { changes, .. } => {
            let told: Vec<_> = changes.iter().take(MOST_CHANGES).map(of_change).collect();
            let left_out = changes.len() - told.len();
            json!({ "changes": told, "changes_left_out": left_out })
        }
        Deed::Import(record) => json!({
            "file": record.file,
            "kind": record.kind,
            "added": record.added,
            "changed": record.changed,
            "unchanged": record.unchanged,
            "problems": record.problems,
        }),
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
pub(super) fn on(thing: &Thing) -> Option<On> {
    Some(On::new(thing.kind(), thing.code()))
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
