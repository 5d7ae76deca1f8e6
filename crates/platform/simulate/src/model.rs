//! What is asked for: sites with devices, how much, from when, and which storylines.

use std::sync::Arc;

use jiff::SignedDuration;
use terms::Timestamp;

use crate::Storyline;

/// Devices of an organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// Code of the organisation, as its sender's token is bound to.
    pub organisation: String,
    /// Name of the site, for people.
    pub name: String,
    /// Kind of the organisation: `trust_acute`, `gp_practice`, `care_location` …
    pub kind: String,
    /// What stands there.
    pub devices: Vec<Device>,
}

/// A device that sends telemetry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Device {
    /// Name exactly as its telemetry shall spell it.
    pub name: String,
    /// `workstation`, `laptop`, `server`, `medical device`, `network`; may be empty.
    pub class: String,
    /// What it is for, in words: `ward workstation`, `interface engine`, `firewall`; may be empty.
    pub role: String,
    /// The system it belongs to, by kind or code: `PACS`, `EPR`; may be empty.
    pub system: String,
}

/// How many records a second of simulated time.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct EventsPerSecond(pub f64);

/// How many times faster than written a storyline is played.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Speed(pub f64);

impl Speed {
    /// As written.
    pub const AS_WRITTEN: Speed = Speed(1.0);
}

/// What telemetry is wanted.
#[derive(Clone, Debug)]
pub struct Options {
    /// Decides everything that is left to chance.
    pub seed: u64,
    /// At most so many devices take part in the background, drawn by chance; 0 means all. Devices
    /// of a storyline take part in any case.
    pub devices: usize,
    /// Background in the busiest hour of the week; other hours have less. Storylines come on top.
    pub rate: EventsPerSecond,
    /// When the telemetry begins.
    pub start: Timestamp,
    /// What else happens.
    pub storylines: Vec<Play>,
}

/// A storyline put on stage.
#[derive(Clone, Debug)]
pub struct Play {
    /// Which.
    pub storyline: Arc<Storyline>,
    /// How long after [`Options::start`] its first step falls.
    pub after: SignedDuration,
    /// How many times faster than written.
    pub speed: Speed,
}

/// A record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// When it happened; never earlier than the record before.
    pub at: Timestamp,
    /// Code of the organisation whose sender hands it in.
    pub organisation: Arc<str>,
    /// The device that sent it.
    pub device: Arc<str>,
    /// One JSON object without a line break.
    pub json: Vec<u8>,
}
