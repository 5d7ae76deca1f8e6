//! Nouns that more than one crate says. No verbs, no I/O.
//!
//! Modules in reading order: [`level`] how bad a finding is, [`time`] when it happened,
//! [`place`] where in the input it was read, [`organisation`] whose it is, [`id`] how Ward names
//! what it makes, [`scope`] who may see it.

pub mod id;
pub mod level;
pub mod organisation;
pub mod place;
pub mod scope;
pub mod time;

pub use id::{
    AlertId, DeedId, DeviceId, ExceptionId, GrantId, GroupId, ImportId, PersonId, RuleFolderId,
    SessionId, TokenId, UnreadableId, ViewId,
};
pub use level::Level;
pub use organisation::{OdsCode, UnreadableOdsCode};
pub use place::{Place, Position};
pub use scope::{Part, Scope, UnreadablePart};
pub use time::{Timestamp, UnreadableTime, parse_time};
