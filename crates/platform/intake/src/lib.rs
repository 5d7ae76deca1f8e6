//! Telemetry of senders in: checked line by line, accepted when durable, counted by source.
//!
//! Modules in reading order: [`body`] a request's bytes unpacked within limits, [`lines`] one JSON
//! object a line, [`bulk`] the Elastic `_bulk` form of it, [`service`] what is asked of it,
//! [`tally`] what is remembered of each source, `ready` whether it could accept now, `store` where
//! what is known of sources is kept.
//!
//! What is absent on purpose: HTTP, and who the sender is; both are settled before. A line that is
//! no JSON object is refused and told; the rest of the request goes on.

pub mod body;
pub mod bulk;
pub mod lines;
mod ready;
pub mod service;
mod store;
pub mod tally;

pub use body::{BodyError, Encoding, unpack};
pub use bulk::{Bulk, BulkError, BulkItem, Verb};
pub use lines::{Lines, Refusal, RefusalKind};
pub use service::{Accepted, Intake, Sender};
pub use store::{Failure, Minute, SourceState};
