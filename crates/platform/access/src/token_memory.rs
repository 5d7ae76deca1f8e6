//! What is remembered of tokens, because a shipper presents its token with every batch.
//!
//! It is forgotten within half a second of any change to tokens, grants or people, on every node:
//! all of them count up one row, which is read again when it was read half a second ago. Tokens
//! that were not valid are not remembered.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use terms::Timestamp;

use crate::{
    model::{Caller, Sender},
    secret::Digest,
    session::after,
};

/// A use is noted at most this often.
pub(crate) const TOUCHED_SECONDS: i64 = 60;

/// Who presents a token.
#[derive(Clone, Debug)]
pub(crate) enum Found {
    Sender(Sender),
    Caller(Caller),
}

/// A change is noticed when the version was read this long ago.
const STALE_MILLIS: i64 = 500;

/// Most tokens that are remembered; at one more all are forgotten, and the busy ones are back
/// within a moment.
const MOST_REMEMBERED: usize = 65_536;

/// What was found, and for how long it is taken for true.
#[derive(Clone, Debug)]
pub(crate) struct Remembered {
    pub(crate) found: Found,
    pub(crate) from: Timestamp,
    pub(crate) until: Timestamp,
    pub(crate) touched_at: Timestamp,
}

/// What was found, and whether its use is to be noted once more.
pub(crate) struct Recalled {
    pub(crate) found: Found,
    pub(crate) is_touch_due: bool,
}

/// What is remembered of tokens, as of one version.
#[derive(Debug, Default)]
pub(crate) struct TokenMemory(Mutex<Memory>);

#[derive(Debug, Default)]
struct Memory {
    version: i64,
    read_at: Option<Timestamp>,
    tokens: HashMap<Digest, Remembered>,
}

impl TokenMemory {
    /// Nothing here leaves the memory half changed, so one task's panic does not matter to others.
    fn lock(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The version, when it was read just now. A clock that was set back does not count.
    pub(crate) fn fresh_version(&self, now: Timestamp) -> Option<i64> {
        let memory = self.lock();
        let age = now.as_millisecond() - memory.read_at?.as_millisecond();
        (0..STALE_MILLIS).contains(&age).then_some(memory.version)
    }

    pub(crate) fn set_version(&self, version: i64, now: Timestamp) {
        let mut memory = self.lock();
        memory.read_at = Some(now);
        if memory.version != version {
            memory.version = version;
            memory.tokens.clear();
        }
    }

    pub(crate) fn recall(&self, digest: Digest, now: Timestamp) -> Option<Recalled> {
        let mut memory = self.lock();
        let known = memory.tokens.get_mut(&digest)?;
        if now < known.from || known.until <= now {
            memory.tokens.remove(&digest);
            return None;
        }
        let is_touch_due = after(known.touched_at, TOUCHED_SECONDS) <= now;
        if is_touch_due {
            known.touched_at = now;
        }
        Some(Recalled { found: known.found.clone(), is_touch_due })
    }

    /// What was looked up under a version that is over meanwhile is not kept.
    pub(crate) fn remember(&self, version: i64, digest: Digest, remembered: Remembered) {
        let mut memory = self.lock();
        if memory.version != version {
            return;
        }
        if memory.tokens.len() >= MOST_REMEMBERED {
            memory.tokens.clear();
        }
        memory.tokens.insert(digest, remembered);
    }
}

#[cfg(test)]
mod tests {
    use terms::TokenId;

    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(millis).expect("in range")
    }

    fn remembered(until: i64) -> Remembered {
        let organisation = "RX1".parse().expect("a code");
        let token = TokenId::new(Timestamp::UNIX_EPOCH);
        let sender = Sender { token, organisation, name: "example".into() };
        let found = Found::Sender(sender);
        Remembered { found, from: at(0), until: at(until), touched_at: at(0) }
    }

    fn digest(number: u64) -> Digest {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        Digest(bytes)
    }

    #[test]
    fn the_version_is_read_again_after_half_a_second_or_when_the_clock_went_back() {
        let memory = TokenMemory::default();
        assert_eq!(memory.fresh_version(at(0)), None);
        memory.set_version(7, at(1000));
        assert_eq!(memory.fresh_version(at(1499)), Some(7));
        assert_eq!(memory.fresh_version(at(1500)), None);
        assert_eq!(memory.fresh_version(at(999)), None);
    }

    #[test]
    fn another_version_forgets_everything_and_takes_nothing_from_before() {
        let memory = TokenMemory::default();
        memory.set_version(1, at(0));
        memory.remember(1, digest(1), remembered(1000));
        assert!(memory.recall(digest(1), at(10)).is_some());
        memory.set_version(2, at(20));
        assert!(memory.recall(digest(1), at(20)).is_none());
        memory.remember(1, digest(1), remembered(1000));
        assert!(memory.recall(digest(1), at(20)).is_none(), "looked up before the change");
    }

    #[test]
    fn what_is_remembered_ends_with_the_token() {
        let memory = TokenMemory::default();
        memory.remember(0, digest(1), remembered(1000));
        assert!(memory.recall(digest(1), at(999)).is_some());
        assert!(memory.recall(digest(1), at(1000)).is_none());
    }

    #[test]
    fn a_use_is_noted_once_a_minute() {
        let memory = TokenMemory::default();
        memory.remember(0, digest(1), remembered(1_000_000));
        let due = [1, 59_999, 60_000, 60_001, 120_000]
            .map(|millis| memory.recall(digest(1), at(millis)).expect("known").is_touch_due);
        assert_eq!(due, [false, false, true, false, true]);
    }

    #[test]
    fn the_memory_is_bounded() {
        let memory = TokenMemory::default();
        for number in 0..=MOST_REMEMBERED as u64 {
            memory.remember(0, digest(number), remembered(1000));
        }
        assert!(memory.lock().tokens.len() <= MOST_REMEMBERED);
        assert!(memory.recall(digest(MOST_REMEMBERED as u64), at(1)).is_some());
    }
}
