//! Nouns that more than one crate says. No verbs, no I/O.
//!
//! Modules in reading order: [`level`] how bad a finding is, [`time`] when it happened,
//! [`place`] where in the input it was read.

pub mod level;
pub mod place;
pub mod time;

pub use level::Level;
pub use place::{Place, Position};
pub use time::{Timestamp, UnreadableTime, parse_time};
