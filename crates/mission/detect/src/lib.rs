//! Rules over telemetry, giving findings.
//!
//! Modules in reading order: [`model`] what a finding is, [`scan`] records to findings,
//! [`filter`] and [`exclude`] which findings are wanted, [`summary`] findings to the picture people
//! read, [`correlate`] findings of several events together, [`coverage`] what the rules could and could not see, [`cases`] rules tried on their cases,
//! [`alert`] findings of live telemetry to one queue,
//! [`watch`] batches of the event log to signals, [`rulebook`] the rules from wherever they come.

pub mod alert;
pub mod cases;
pub mod correlate;
pub mod coverage;
pub mod exclude;
pub mod filter;
pub mod model;
pub mod rulebook;
pub mod scan;
pub mod summary;
pub mod watch;

pub use coverage::Coverage;
pub use exclude::Exclusions;
pub use filter::Wanted;
pub use model::{Finding, Found};
pub use scan::{Detail, Hits, Scanner, Told, with_event};
pub use summary::{Summary, Tally};
