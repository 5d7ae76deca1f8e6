//! Rules about rules: several events together, in one group, within a span of time.
//!
//! What a correlation means is written down in `docs/reference/sigma.md`. Here it is read and put
//! to the rules it refers to; the state that counts is kept by whoever has events (`detect`).
//!
//! Modules in reading order: [`model`] what a correlation is, [`read`] YAML to correlations,
//! [`link`] all correlations put to the rules of a set.

pub mod link;
pub mod model;
pub(crate) mod read;

pub use link::{Correlations, Link, Linked};
pub use model::{Comparison, Correlation, Holds, Type};
