//! What is remembered of each source between two writes to the database: counts by the minute,
//! and the latest failures with a sample.
//!
//! Counts are for people who look after sources. The few seconds not yet written are lost when the
//! process is killed; no record is.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};

use terms::{OdsCode, Timestamp, TokenId};

/// What happened with one source since the last write.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) organisation: Option<OdsCode>,
    pub(crate) first_at: Option<Timestamp>,
    pub(crate) last_at: Option<Timestamp>,
    pub(crate) minutes: BTreeMap<i64, Counts>,
    pub(crate) failures: Vec<Failed>,
    pub(crate) lag_s: Option<i64>,
}

/// Counts of one minute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) events: i64,
    pub(crate) bytes: i64,
    pub(crate) refused: i64,
    pub(crate) unread: i64,
}

/// One failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failed {
    pub(crate) at: Timestamp,
    pub(crate) line: i64,
    pub(crate) reason: String,
    pub(crate) sample: String,
}

/// Failures kept of one source; older ones make room.
pub(crate) const MOST_FAILURES: usize = 50;

#[derive(Debug, Default)]
pub(crate) struct Tally {
    entries: Mutex<HashMap<TokenId, Entry>>,
}

impl Tally {
    /// Changes what is remembered of one source.
    pub(crate) fn note(
        &self,
        source: TokenId,
        organisation: &OdsCode,
        now: Timestamp,
        change: impl FnOnce(&mut Entry, i64),
    ) {
        let mut entries = self.lock();
        let entry = entries.entry(source).or_default();
        entry.organisation.get_or_insert_with(|| organisation.clone());
        entry.first_at.get_or_insert(now);
        entry.last_at = entry.last_at.max(Some(now));
        change(entry, now.as_second().div_euclid(60));
    }

    /// Takes everything out, to be written.
    pub(crate) fn take(&self) -> HashMap<TokenId, Entry> {
        std::mem::take(&mut *self.lock())
    }

    /// Puts back what could not be written.
    pub(crate) fn put_back(&self, taken: HashMap<TokenId, Entry>) {
        let mut entries = self.lock();
        for (source, older) in taken {
            let newer = entries.remove(&source).unwrap_or_default();
            entries.insert(source, older.then(newer));
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<TokenId, Entry>> {
        // Counts stay right even when a holder panicked: each change is one addition.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    pub(crate) fn fail(&mut self, failed: Failed) {
        if self.failures.len() == MOST_FAILURES {
            self.failures.remove(0);
        }
        self.failures.push(failed);
    }

    fn then(mut self, newer: Self) -> Self {
        self.organisation = self.organisation.or(newer.organisation);
        self.first_at = self.first_at.or(newer.first_at);
        self.last_at = self.last_at.max(newer.last_at);
        self.lag_s = newer.lag_s.or(self.lag_s);
        for (minute, counts) in newer.minutes {
            self.minutes.entry(minute).or_default().add(counts);
        }
        newer.failures.into_iter().for_each(|failed| self.fail(failed));
        self
    }
}

impl Counts {
    fn add(&mut self, more: Self) {
        self.events += more.events;
        self.bytes += more.bytes;
        self.refused += more.refused;
        self.unread += more.unread;
    }
}
