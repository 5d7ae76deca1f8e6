//! The event log and fan-out: what was accepted is durable, in order, and read by position.
//!
//! Modules in reading order: [`batch`] what is written and read, [`log`] the handle, `writer` the
//! one task that commits for many senders at once, [`broadcast`] news to whoever listens.
//!
//! What is absent on purpose: no record is looked into here, and nothing is dropped to make room.
//! Past a bound the log refuses, and says when to come again.

pub mod batch;
pub mod broadcast;
pub mod error;
pub mod log;
mod store;
mod writer;

pub use batch::{Batch, NewBatch, PackedBatch, Seq};
pub use broadcast::{Broadcast, Missed, Subscription};
pub use error::{BusError, Refused};
pub use log::{EventLog, Fill, Limits, Writer};
