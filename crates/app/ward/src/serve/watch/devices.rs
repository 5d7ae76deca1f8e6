//! Devices seen, gathered and noted on the map about once a second: a device that speaks all the
//! time is written once, not with every commit.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use sector::{Map, Sighting};
use terms::{OdsCode, Timestamp};
use tokio::sync::Notify;
use tracing::warn;

use super::ahead::Done;

/// How often they are noted at most.
const EVERY: Duration = Duration::from_secs(1);

/// For each device the first and the latest sighting.
type Seen = HashMap<OdsCode, HashMap<String, (Sighting, Sighting)>>;

/// What was seen and is not noted yet.
pub(super) struct Devices {
    map: Map,
    clock: fn() -> Timestamp,
    seen: Mutex<Seen>,
    is_news: Notify,
}

impl Devices {
    pub(super) fn new(map: Map, clock: fn() -> Timestamp) -> Self {
        Self { map, clock, seen: Mutex::default(), is_news: Notify::new() }
    }

    /// Remembers the devices of a batch.
    pub(super) fn saw(&self, done: &Done) {
        if done.evaluated.devices.is_empty() {
            return;
        }
        let mut seen = self.lock();
        let of = seen.entry(done.sender.organisation.clone()).or_default();
        for device in &done.evaluated.devices {
            let sighting = || Sighting {
                organisation: done.sender.organisation.clone(),
                name: device.name.clone(),
                at: device.at,
                source: Some(done.sender.source),
            };
            match of.get_mut(&device.name) {
                None => {
                    of.insert(device.name.clone(), (sighting(), sighting()));
                }
                Some((first, _)) if device.at < first.at => *first = sighting(),
                Some((_, last)) if device.at > last.at => *last = sighting(),
                Some(_) => {}
            }
        }
        drop(seen);
        self.is_news.notify_one();
    }

    /// Notes what was seen, without end.
    pub(super) async fn note_all(&self) {
        loop {
            self.is_news.notified().await;
            self.note().await;
            tokio::time::sleep(EVERY).await;
        }
    }

    /// Notes what was seen. What cannot be written, or is cut off by a stop, is lost: a device that
    /// lives speaks again.
    pub(super) async fn note(&self) {
        let seen = std::mem::take(&mut *self.lock());
        let both = seen.into_values().flat_map(HashMap::into_values);
        let sightings: Vec<Sighting> = both.flat_map(|(first, last)| [first, last]).collect();
        if let Err(error) = self.map.seen(&sightings, (self.clock)()).await {
            warn!(error = &error as &dyn std::error::Error, "devices seen are not noted");
        }
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        // Each change replaces one whole sighting, so what a panic leaves behind can be used.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
