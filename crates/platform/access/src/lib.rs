//! Who may sign in and see what.
//!
//! Modules in reading order: [`role`] what may be done and which role may do it, [`model`] people,
//! grants and callers, [`error`] what can go wrong, [`secret`] what is never shown, [`key`] the
//! server's key; then how people sign in: [`password`], `throttle`, [`totp`], `recovery`,
//! [`session`], [`csrf`], [`sign_in`], [`second_factor`]; how accounts come to be: [`first`],
//! [`people`], `roster` lists of them, [`grant`], `colleagues` their names; programs: [`token`], [`tokens`], `listeners` that take telemetry without one; [`audit`] what everybody did. All of it
//! is reached through [`Access`], in [`service`].
//!
//! Whoever asks for something is a [`Caller`]. [`Caller::scope`] gives the scope for a store's
//! query, [`Caller::may`] decides about one thing.
//!
//! What is absent on purpose: no HTTP (the app reads headers and writes cookies; here are their
//! values), no mail (one-time links are handed to the administrator who asked), no permission
//! outside the table of [`role`], no way to read a secret back.

pub mod audit;
mod colleagues;
pub mod csrf;
pub mod error;
pub mod first;
pub mod grant;
pub mod key;
mod listeners;
pub mod model;
pub mod password;
pub mod people;
mod recovery;
pub mod role;
mod roster;
pub mod second_factor;
pub mod secret;
pub mod service;
pub mod session;
pub mod sign_in;
mod signed_in;
mod store;
mod throttle;
pub mod token;
mod token_memory;
pub mod tokens;
pub mod totp;

pub use colleagues::Colleague;
pub use error::AccessError;
pub use key::{KeyError, ServerKey};
pub use model::{
    Caller, Email, Grant, Held, Origin, Person, PersonState, Sender, TIME_ZONE, Via, Who,
};
pub use role::{Permission, Role};
pub use secret::{Digest, Secret};
pub use service::{Access, SecondFactor, Settings};
pub use session::{Method, NewSession, SessionEntry, Stage, Visitor};
pub use token::NewToken;
