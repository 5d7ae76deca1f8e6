//! What a batch of signals comes to: what is to be written, and nothing about how. Made by
//! [`super::fold`], written by the store in one transaction.

use std::sync::Arc;

use terms::{AlertId, DeedId, ExceptionId, Level, OdsCode, Timestamp};

use super::{
    Alert, Evidence, Position, Rank, RuleText, State, Story, Support,
    flood::{Brought, HourOf},
};

/// What a batch of signals comes to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// New alerts.
    pub opened: Vec<Opened>,
    /// Alerts that took in more signals.
    pub grown: Vec<Growth>,
    /// Alerts that are no longer the newest of their group.
    pub retired: Vec<AlertId>,
    /// Events to keep; one for each place.
    pub evidence: Vec<Evidence>,
    /// Devices of floods.
    pub flood_devices: Vec<FloodDevice>,
    /// Signals that exceptions hid.
    pub excepted: Vec<Excepted>,
    /// What rules found, by organisation and day of receipt.
    pub days: Vec<RuleDay>,
    /// What rules brought, by hour: to be added to what is known.
    pub hours: Vec<(HourOf, Brought)>,
    /// Signals that were counted before.
    pub replayed: u64,
}

/// A new alert.
#[derive(Clone, Debug, PartialEq)]
pub struct Opened {
    /// The alert.
    pub alert: Alert,
    /// Why it stands where it stands.
    pub story: Story,
    /// The last signal in it.
    pub last: Position,
    pub(crate) group_hash: i64,
    pub(crate) deed: DeedId,
}

/// An alert that took in more signals; figures are totals, not additions.
#[derive(Clone, Debug, PartialEq)]
pub struct Growth {
    /// The alert.
    pub id: AlertId,
    /// Whose it is.
    pub organisation: OdsCode,
    /// Where it stands.
    pub state: State,
    /// Signals in it.
    pub count: u64,
    /// Devices in it.
    pub devices: u64,
    /// Earliest event.
    pub first_seen: Timestamp,
    /// Latest event.
    pub last_seen: Timestamp,
    /// The last signal in it.
    pub last: Position,
    /// A worse rank than before, with what belongs to it.
    pub raised: Option<Raised>,
    /// A new headline, for floods.
    pub headline: Option<String>,
}

/// An alert that became more urgent.
#[derive(Clone, Debug, PartialEq)]
pub struct Raised {
    /// The rule as it is now.
    pub rule: Arc<RuleText>,
    /// Its level before.
    pub level_before: Level,
    /// How urgent, and why.
    pub rank: Rank,
    /// What rests on the device.
    pub support: Support,
}

/// A device in a flood; the count is to be added.
#[derive(Clone, Debug, PartialEq)]
pub struct FloodDevice {
    /// The flood.
    pub alert: AlertId,
    /// The device as it was first spelt.
    pub device: String,
    /// More signals of it.
    pub count: u64,
    /// Earliest event among them.
    pub first_seen: Timestamp,
    /// Latest event among them.
    pub last_seen: Timestamp,
}

/// Signals hidden by an exception; the hits are to be added.
#[derive(Clone, Debug, PartialEq)]
pub struct Excepted {
    /// The exception.
    pub exception: ExceptionId,
    /// Whose signals.
    pub organisation: OdsCode,
    /// How many more.
    pub hits: u64,
    /// When the last was received.
    pub last_hit: Timestamp,
}

/// What a rule found in an organisation on a day; to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleDay {
    /// The rule's id.
    pub rule: String,
    /// Whose telemetry.
    pub organisation: OdsCode,
    /// Days since 1970, UTC.
    pub day: i64,
    /// What was found.
    pub found: Found,
}

/// Counts of one rule, organisation and day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Signals, hidden ones included.
    pub hits: u64,
    /// Alerts they opened.
    pub alerts: u64,
    /// Signals hidden by exceptions.
    pub excepted: u64,
    /// Signals of a rule that is off.
    pub off: u64,
}

/// The day of a moment: days since 1970, UTC.
pub fn day_of(at: Timestamp) -> i64 {
    at.as_second().div_euclid(86_400)
}
