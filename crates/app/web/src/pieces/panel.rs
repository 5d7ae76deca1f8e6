//! The states of a panel that shows nothing, or not all: loading, empty, partial, stale, failed,
//! forbidden. Each says what is so and what to do next.

use serde::Serialize;

use super::navigation::Link;

/// What stands where data would stand, or above it.
#[derive(Clone, Debug, Serialize)]
pub struct Panel {
    /// Which of the six.
    pub state: State,
    /// What is so: "No alerts match these filters".
    pub title: String,
    /// Why, what was kept, what to do.
    pub text: String,
    /// The next step.
    pub next: Option<Link>,
    /// How far long work is.
    pub progress: Option<Progress>,
}

/// The six states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Being worked on; it refreshes by itself or by the link.
    Loading,
    /// There is nothing.
    Empty,
    /// Some is missing.
    Partial,
    /// It is old.
    Stale,
    /// It could not be had.
    Failed,
    /// It is not for this person.
    Forbidden,
}

impl State {
    /// All six.
    pub const ALL: [State; 6] = [
        State::Loading,
        State::Empty,
        State::Partial,
        State::Stale,
        State::Failed,
        State::Forbidden,
    ];
}

/// How far long work is.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Progress {
    /// What is done.
    pub done: i64,
    /// What there is to do; zero: not known.
    pub total: i64,
}
