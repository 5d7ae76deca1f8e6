//! Findings of several events to firings of correlations. In: hits of rules, in whatever order
//! they come. Out: firings, the same for the same hits. Pure; time is the events' own.
//!
//! What a correlation means is written down in `docs/reference/sigma.md`, why it is done so in
//! ADR 11. Modules in reading order: [`model`] what a hit and a firing are, [`collect`] records to
//! hits, [`state`] hits put in order and handed on, [`window`] the groups of one correlation,
//! [`chain`] rules in their order, [`measure`] numbers of a window, [`slab`] places for many small
//! things, [`save`] the state to bytes and back.

mod chain;
pub mod collect;
mod measure;
pub mod model;
pub mod save;
mod slab;
pub mod state;
mod window;

pub use collect::{Identity, hits};
pub use model::{Counts, Firing, Hit, Limits};
pub use save::{Restored, SaveError};
pub use state::CorrelationState;
