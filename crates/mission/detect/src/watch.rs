//! The watch: batches of the event log to signals, without end.
//!
//! Modules in reading order: [`live`] the rules in force, [`evaluate`] one batch to signals, pure,
//! `who` which fields say who did it. The loop around them, with its threads and its checkpoint, is the app's.

pub mod evaluate;
pub mod live;
mod who;

pub use evaluate::{Evaluated, Evaluator, Seen, Unread};
pub use live::{LiveRules, RulesInForce};

/// The name of detection among the readers of the event log and among the checkpoints.
pub const READER: &str = "detect";
