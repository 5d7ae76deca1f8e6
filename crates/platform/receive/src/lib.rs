//! Listeners for syslog over UDP, TCP and TLS: bounded, bound to an organisation, into the event
//! log.
//!
//! Modules in reading order: [`model`] what a listener is, [`tls`] its certificates and who shows
//! one, [`listener`] what listens, `stream` one connection, `datagram` UDP, `deliver` from records
//! to the intake, `dropped` what the system itself threw away, `refusals` connections of nobody.
//!
//! Syslog knows no answer, so "accepted" cannot be told: what was read is written before more is
//! read, and a sender over TCP waits when Ward does. Over UDP nobody waits; what finds no room is
//! dropped, counted and shown.

mod datagram;
mod deliver;
mod dropped;
pub mod listener;
pub mod model;
mod refusals;
mod stream;
pub mod tls;

pub use listener::{Bound, ListenError};
pub use model::{Cx, Limits, Listener, Protocol, Revoked, Senders};
pub use tls::TlsError;
