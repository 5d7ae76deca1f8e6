//! What people may do with an alert, and how the last deed is taken back. In: where the alert
//! stands, who asks for what, when. Out: where it stands then, or why not. Pure.
//!
//! ```text
//!          take, hand over            close
//!   new ───────────────────► taken ─────────► closed
//!    │                        ▲  ▲               │
//!    └──── close ─────────────┼──┼──────────────►│
//!                             │  └─── reopen ────┘
//!                        hand over
//! ```

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use terms::{DeedId, PersonId, Timestamp};

use super::{Deed, DeedKind, State, Verdict};

/// How long a deed can be taken back.
pub const UNDO_WITHIN: SignedDuration = SignedDuration::from_mins(10);
/// Characters of a comment or a reason.
pub const MAX_TEXT: usize = 4_000;
/// Alerts in one act.
pub const MAX_BULK: usize = 1_000;

/// Where an alert stands, as far as people's moves go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// New, taken or closed.
    pub state: State,
    /// Whose work it is.
    pub owner: Option<PersonId>,
    /// What it turned out to be.
    pub verdict: Option<Verdict>,
    /// Why.
    pub reason: String,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// Rises with each move.
    pub version: i64,
}

/// What somebody asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Move {
    /// To make it their own work.
    Take,
    /// To give it to somebody.
    HandOver {
        /// To whom. That they may see it is the caller's to know.
        to: PersonId,
        /// What they should know; may be empty.
        text: String,
    },
    /// To write about it.
    Comment {
        /// What.
        text: String,
    },
    /// To give it a verdict.
    Close {
        /// Which.
        verdict: Verdict,
        /// Why.
        reason: String,
    },
    /// To open it again.
    Reopen {
        /// Why.
        reason: String,
    },
}

/// Why a move cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LifeError {
    /// Somebody else was quicker.
    #[error(
        "the alert changed since you looked at it (it is at version {now}): look again, then decide"
    )]
    Changed {
        /// The version it has.
        now: i64,
    },
    /// Only open alerts can be taken, handed over or closed.
    #[error("the alert is closed: reopen it first")]
    Closed,
    /// Only closed alerts can be reopened.
    #[error("the alert is not closed, so it cannot be reopened")]
    NotClosed,
    /// It is theirs already.
    #[error("the alert is already theirs")]
    AlreadyTheirs,
    /// It is somebody else's.
    #[error("somebody else has taken the alert: ask them, or hand it over")]
    TakenByAnother,
    /// A text that must be there is absent.
    #[error("write a {0}: others will read it to understand what was done")]
    NoText(&'static str),
    /// A text too long.
    #[error("the text has {found} characters, more than {MAX_TEXT}")]
    TooLong {
        /// Characters it has.
        found: usize,
    },
    /// There is nothing to take back.
    #[error("nothing was done that could be taken back")]
    NothingToUndo,
    /// The last deed was somebody else's.
    #[error("the last deed was somebody else's: only they can take it back")]
    UndoOfAnother,
    /// Too late.
    #[error("it was done more than {} minutes ago and cannot be taken back: make the opposite move", UNDO_WITHIN.as_mins())]
    UndoTooLate,
    /// Something was done since.
    #[error("something was done with the alert since, so it cannot be taken back")]
    NotTheLast,
    /// Not of this kind.
    #[error("an exception is taken back on its own page, by revoking it")]
    UndoOfException,
}

/// What a move leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Where the alert stands then.
    pub standing: Standing,
    /// What to write down.
    pub kind: DeedKind,
    /// In the person's words.
    pub text: String,
}

/// Makes a move. `seen` is the version the person looked at; without one whatever stands there is
/// moved. A comment needs none: it changes nothing another person could have decided on.
///
/// Errors: [`LifeError`].
pub fn apply(
    standing: &Standing,
    seen: Option<i64>,
    person: PersonId,
    asked: &Move,
    now: Timestamp,
) -> Result<Moved, LifeError> {
    let is_comment = matches!(asked, Move::Comment { .. });
    if !is_comment && seen.is_some_and(|seen| seen != standing.version) {
        return Err(LifeError::Changed { now: standing.version });
    }
    let mut next = standing.clone();
    let (kind, text) = match asked {
        Move::Take => (take(&mut next, person)?, String::new()),
        Move::HandOver { to, text } => (hand_over(&mut next, *to)?, optional(text)?),
        Move::Comment { text } => (DeedKind::Commented, required("comment", text)?),
        Move::Close { verdict, reason } => {
            let reason = required("reason", reason)?;
            (close(&mut next, person, *verdict, &reason, now)?, reason)
        }
        Move::Reopen { reason } => {
            let reason = required("reason", reason)?;
            (reopen(&mut next, person)?, reason)
        }
    };
    if !is_comment {
        next.version += 1;
    }
    Ok(Moved { standing: next, kind, text })
}

fn take(next: &mut Standing, person: PersonId) -> Result<DeedKind, LifeError> {
    match (next.state, next.owner) {
        (State::Closed, _) => return Err(LifeError::Closed),
        (State::Taken, Some(owner)) if owner == person => return Err(LifeError::AlreadyTheirs),
        (State::Taken, Some(_)) => return Err(LifeError::TakenByAnother),
        (State::New | State::Taken, _) => {}
    }
    next.state = State::Taken;
    next.owner = Some(person);
    Ok(DeedKind::Taken)
}

fn hand_over(next: &mut Standing, to: PersonId) -> Result<DeedKind, LifeError> {
    if next.state == State::Closed {
        return Err(LifeError::Closed);
    }
    if next.owner == Some(to) {
        return Err(LifeError::AlreadyTheirs);
    }
    next.state = State::Taken;
    next.owner = Some(to);
    Ok(DeedKind::HandedOver { to })
}

fn close(
    next: &mut Standing,
    person: PersonId,
    verdict: Verdict,
    reason: &str,
    now: Timestamp,
) -> Result<DeedKind, LifeError> {
    if next.state == State::Closed {
        return Err(LifeError::Closed);
    }
    next.state = State::Closed;
    next.owner = next.owner.or(Some(person));
    next.verdict = Some(verdict);
    reason.clone_into(&mut next.reason);
    next.closed_at = Some(now);
    Ok(DeedKind::Closed { verdict })
}

fn reopen(next: &mut Standing, person: PersonId) -> Result<DeedKind, LifeError> {
    if next.state != State::Closed {
        return Err(LifeError::NotClosed);
    }
    next.state = State::Taken;
    next.owner = Some(person);
    next.verdict = None;
    next.reason.clear();
    next.closed_at = None;
    Ok(DeedKind::Reopened)
}

fn required(what: &'static str, text: &str) -> Result<String, LifeError> {
    let text = optional(text)?;
    if text.is_empty() { Err(LifeError::NoText(what)) } else { Ok(text) }
}

fn optional(text: &str) -> Result<String, LifeError> {
    let found = text.trim().chars().count();
    if found > MAX_TEXT { Err(LifeError::TooLong { found }) } else { Ok(text.trim().to_owned()) }
}

/// Takes back `deed`. `last` is the newest deed of the alert that was not taken back (comments
/// count, undoing does not), `before` where the alert stood when `deed` was done.
///
/// Errors: [`LifeError`].
pub fn undo(
    standing: &Standing,
    deed: &Deed,
    before: &Before,
    last: DeedId,
    person: PersonId,
    now: Timestamp,
) -> Result<Moved, LifeError> {
    match deed.kind {
        DeedKind::Opened | DeedKind::Undone { .. } => return Err(LifeError::NothingToUndo),
        DeedKind::ExceptionMade { .. } => return Err(LifeError::UndoOfException),
        _ if deed.is_undone => return Err(LifeError::NothingToUndo),
        _ => {}
    }
    if deed.person != Some(person) {
        return Err(LifeError::UndoOfAnother);
    }
    if now.duration_since(deed.at) > UNDO_WITHIN {
        return Err(LifeError::UndoTooLate);
    }
    if deed.id != last {
        return Err(LifeError::NotTheLast);
    }
    let kind = DeedKind::Undone { deed: deed.id };
    let standing = match deed.kind {
        DeedKind::Commented => standing.clone(),
        _ => before.standing(standing.version + 1),
    };
    Ok(Moved { standing, kind, text: String::new() })
}

/// Where an alert stood before a deed, in the form that is kept with the deed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Before {
    state: String,
    owner: Option<String>,
    verdict: Option<String>,
    reason: String,
    closed_at: Option<i64>,
}

impl Before {
    /// What is to be kept of where an alert stands.
    pub fn of(standing: &Standing) -> Self {
        Self {
            state: standing.state.to_string(),
            owner: standing.owner.map(|owner| owner.to_string()),
            verdict: standing.verdict.map(|verdict| verdict.to_string()),
            reason: standing.reason.clone(),
            closed_at: standing.closed_at.map(db::micros),
        }
    }

    /// It again. What cannot be read is what a new alert has: nothing is made up.
    fn standing(&self, version: i64) -> Standing {
        Standing {
            state: self.state.parse().unwrap_or(State::New),
            owner: self.owner.as_ref().and_then(|owner| owner.parse().ok()),
            verdict: self.verdict.as_ref().and_then(|verdict| verdict.parse().ok()),
            reason: self.reason.clone(),
            closed_at: db::optional_instant(self.closed_at),
            version,
        }
    }
}
