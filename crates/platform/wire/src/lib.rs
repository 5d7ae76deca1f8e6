//! What senders say, as records: bytes of a protocol in, JSON objects out. Pure.
//!
//! Modules in reading order: [`records`] what comes out, [`body`] a text or an object of any form
//! as the beginning of a record, [`framing`] messages out of a stream of syslog, [`syslog`] one
//! message to a record, [`hec`] the bodies of Splunk's HTTP Event Collector, [`otlp`] logs of
//! OpenTelemetry.
//!
//! What is absent on purpose: connections, HTTP, and who sends; a second reading of any text
//! format: lines are read by [`event::text`], so that a record that came over the network is the
//! same as one that was read from a file.

pub mod body;
pub mod framing;
pub mod hec;
pub mod otlp;
pub mod records;
pub mod syslog;

pub use framing::{Frame, Framer};
pub use records::{Records, Refused, TooLarge};

/// The longest record taken; what is longer is refused and told. The intake's bound.
pub const MOST_RECORD_BYTES: usize = 1 << 20;
