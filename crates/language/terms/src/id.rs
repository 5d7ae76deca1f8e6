//! Identifiers Ward makes itself: UUID version 7 (RFC 9562), one type for each kind of thing.
//!
//! They sort by the time they were made and are made in code, so both databases get the same.

use std::{fmt, str::FromStr};

use uuid::{NoContext, Uuid};

use crate::Timestamp;

/// Text that is no identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadableId {
    /// The kind that was asked for, in words: `alert`.
    pub kind: &'static str,
}

impl fmt::Display for UnreadableId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this is no identifier of a kind of thing called {}", self.kind)
    }
}

impl std::error::Error for UnreadableId {}

fn made_at(now: Timestamp) -> Uuid {
    let seconds = now.as_second().max(0).unsigned_abs();
    let nanos = now.subsec_nanosecond().max(0).unsigned_abs();
    Uuid::new_v7(uuid::Timestamp::from_unix(NoContext, seconds, nanos))
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $kind:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new one, made at `now`; its last 74 bits are drawn by the system.
            pub fn new(now: Timestamp) -> Self {
                Self(made_at(now))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = UnreadableId;

            fn from_str(text: &str) -> Result<Self, UnreadableId> {
                Uuid::try_parse(text).map(Self).map_err(|_| UnreadableId { kind: $kind })
            }
        }
    )*};
}

ids! {
    /// A device that sends telemetry or is expected to.
    DeviceId = "device";
    /// An alert in the queue.
    AlertId = "alert";
    /// What somebody or Ward did with an alert.
    DeedId = "deed";
    /// An exception: findings that are counted instead of shown.
    ExceptionId = "exception";
    /// A saved view of a list.
    ViewId = "view";
    /// A set of rules that was uploaded.
    RuleFolderId = "rule folder";
    /// A person who may sign in.
    PersonId = "person";
    /// A named set of organisations.
    GroupId = "group";
    /// A role given to a person for a part of the sector.
    GrantId = "grant";
    /// A secret with which a program sends or asks.
    TokenId = "token";
    /// One signed-in browser.
    SessionId = "session";
    /// An import of the map, applied or only tried.
    ImportId = "import";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_sort_by_the_time_they_were_made() {
        let ids: Vec<_> = (0..5)
            .map(|s| AlertId::new(Timestamp::from_second(1_800_000_000 + s).expect("in range")))
            .collect();
        assert!(ids.is_sorted());
    }

    #[test]
    fn an_identifier_is_read_back_from_its_text() {
        let id = DeviceId::new(Timestamp::UNIX_EPOCH);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!("x".parse::<DeviceId>(), Err(UnreadableId { kind: "device" }));
    }
}
