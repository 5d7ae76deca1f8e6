//! What an alert is, what is kept with it, and what was done with it.

use std::{fmt, str::FromStr, sync::Arc};

use terms::{AlertId, DeedId, DeviceId, ExceptionId, Level, OdsCode, PersonId, Timestamp};

use super::{MatchedField, Position, Rank, RuleText, Support};

/// Where an alert stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Nobody has it yet.
    New,
    /// Somebody works on it.
    Taken,
    /// It has a verdict.
    Closed,
}

/// What an alert turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// What the rule looks for, and harmful.
    TruePositive,
    /// What the rule looks for, but wanted here.
    Benign,
    /// Not what the rule looks for.
    FalsePositive,
}

macro_rules! words {
    ($name:ident, $what:literal, $($variant:ident = $word:literal),*) => {
        impl $name {
            /// All, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word for addresses, files and tables.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                let found = Self::ALL.iter().find(|one| one.as_str() == text);
                found.copied().ok_or_else(|| UnknownWord {
                    word: text.chars().take(40).collect(),
                    what: $what,
                    known: &[$($word),*],
                })
            }
        }
    };
}
pub(crate) use words;

/// How a word is stored: by its place among all.
macro_rules! numbers {
    ($name:ident) => {
        impl $name {
            pub(crate) fn number(self) -> i16 {
                self as i16
            }

            pub(crate) fn of_number(number: i16) -> Option<Self> {
                Self::ALL.get(usize::try_from(number).ok()?).copied()
            }
        }
    };
}

/// A word where only certain ones are known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{word:?} is no {what}: use {}", known.join(", "))]
pub struct UnknownWord {
    /// What was written.
    pub word: String,
    /// What was asked for.
    pub what: &'static str,
    /// The words that are known.
    pub known: &'static [&'static str],
}

words!(State, "state of an alert", New = "new", Taken = "taken", Closed = "closed");
words!(
    Verdict,
    "verdict",
    TruePositive = "true_positive",
    Benign = "benign",
    FalsePositive = "false_positive"
);

numbers!(State);
numbers!(Verdict);

/// An alert: what a queue shows of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// Its id.
    pub id: AlertId,
    /// Whose it is.
    pub organisation: OdsCode,
    /// The rule as it was when the alert got its level.
    pub rule: Arc<RuleText>,
    /// Severity.
    pub level: Level,
    /// The device as the event names it; empty for a flood and where the event does not tell.
    pub device: String,
    /// The device on the map.
    pub device_id: Option<DeviceId>,
    /// New, taken or closed.
    pub state: State,
    /// Whose work it is.
    pub owner: Option<PersonId>,
    /// What it turned out to be.
    pub verdict: Option<Verdict>,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// Signals in it.
    pub count: u64,
    /// Devices in it: more than one only in a flood.
    pub devices: u64,
    /// Earliest signal, by the time of its event.
    pub first_seen: Timestamp,
    /// Latest signal, by the time of its event.
    pub last_seen: Timestamp,
    /// When Ward received the first signal.
    pub opened_at: Timestamp,
    /// How urgent, in millionths of the most urgent.
    pub rank_millionths: i64,
    /// What happened, in one sentence or two.
    pub headline: String,
    /// Whether it collects what was too much for alerts of their own.
    pub is_flood: bool,
    /// Rises with each move of a person, not with signals.
    pub version: i64,
}

/// What the page of an alert shows beyond its line in the queue.
#[derive(Clone, Debug, PartialEq)]
pub struct Story {
    /// Why it stands where it stands.
    pub rank: Rank,
    /// What rested on the device when it was ranked.
    pub support: Support,
    /// Why it was closed, or empty.
    pub reason: String,
}

/// An event kept with an alert.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// The alert.
    pub alert: AlertId,
    /// Which signal of the alert it is, counted from 1 in the order of the log.
    pub ordinal: u64,
    /// Where in the log it stands.
    pub position: Position,
    /// When it happened.
    pub at: Timestamp,
    /// When Ward received it.
    pub received_at: Timestamp,
    /// The device as the event names it.
    pub device: String,
    /// The event as JSON; only its beginning if `cut_bytes` is not 0.
    pub event: String,
    /// Bytes of the event that were too many to keep.
    pub cut_bytes: usize,
    /// What in it made the rule hold.
    pub matched: Vec<MatchedField>,
}

/// Events kept from the beginning of an alert; as many of the newest are kept beside them.
pub const KEPT_AT_EACH_END: u64 = 10;

impl Evidence {
    /// Where it is kept: the first ten each in their own place, later ones in turn in ten more, so
    /// that those hold the newest.
    pub(crate) fn slot(&self) -> i16 {
        let at = self.ordinal.saturating_sub(1);
        let slot =
            if at < KEPT_AT_EACH_END { at } else { KEPT_AT_EACH_END + at % KEPT_AT_EACH_END };
        i16::try_from(slot).unwrap_or(i16::MAX)
    }
}

/// What was done with an alert.
#[derive(Clone, Debug, PartialEq)]
pub struct Deed {
    /// Its id.
    pub id: DeedId,
    /// The alert.
    pub alert: AlertId,
    /// When.
    pub at: Timestamp,
    /// Who; nobody for what Ward did by itself.
    pub person: Option<PersonId>,
    /// What.
    pub kind: DeedKind,
    /// In the person's words: a comment, a reason. May be empty.
    pub text: String,
    /// One for all deeds of one press of a button: undo takes this.
    pub act: DeedId,
    /// Whether it was taken back.
    pub is_undone: bool,
}

/// What can be done with an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeedKind {
    /// Ward made it.
    Opened,
    /// Somebody took it.
    Taken,
    /// It was given to somebody.
    HandedOver {
        /// To whom.
        to: PersonId,
    },
    /// Somebody wrote about it.
    Commented,
    /// It got a verdict.
    Closed {
        /// Which.
        verdict: Verdict,
    },
    /// It was closed and is open again.
    Reopened,
    /// An exception was made from it.
    ExceptionMade {
        /// Which.
        exception: ExceptionId,
    },
    /// A deed was taken back.
    Undone {
        /// Which.
        deed: DeedId,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_read_back_and_an_unknown_one_names_the_known() {
        for state in State::ALL {
            assert_eq!(state.as_str().parse(), Ok(*state));
            assert_eq!(State::of_number(state.number()), Some(*state));
        }
        let error = "open".parse::<State>().expect_err("no state").to_string();
        assert!(error.contains("open") && error.contains("new, taken, closed"), "{error}");
    }

    #[test]
    fn the_first_ten_and_the_newest_ten_events_have_places() {
        let slot = |ordinal| {
            let at = Timestamp::UNIX_EPOCH;
            let alert = AlertId::new(at);
            let position = Position::default();
            let texts = (String::new(), String::new());
            Evidence {
                alert,
                ordinal,
                position,
                at,
                received_at: at,
                device: texts.0,
                event: texts.1,
                cut_bytes: 0,
                matched: Vec::new(),
            }
            .slot()
        };
        let first: Vec<i16> = (1..=10).map(slot).collect();
        assert_eq!(first, (0..10).collect::<Vec<_>>());
        let mut newest: Vec<i16> = (91..=100).map(slot).collect();
        newest.sort_unstable();
        assert_eq!(newest, (10..20).collect::<Vec<_>>());
    }
}
