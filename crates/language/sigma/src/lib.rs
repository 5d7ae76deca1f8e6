//! Sigma rules read, compiled and matched.
//!
//! Text of rule files comes in, a [`RuleSet`] goes out; a [`Matcher`] then tells for each event
//! which rules hold. What a rule means is written down in `docs/reference/sigma.md`; how it is
//! made fast in [`program`].
//!
//! Modules in reading order: [`model`] what a rule is, [`parse`] YAML to rules, [`modifiers`]
//! values and modifiers to tests, [`mod@test`] does one value pass, [`correlation`] rules about
//! rules, [`set`] all rules together,
//! [`program`] the rules of one kind of event compiled, [`engine`] all programs, [`matcher`]
//! events against programs,
//! [`mod@explain`] why a rule held or not.

pub mod correlation;
mod encode;
pub mod engine;
pub mod error;
pub mod explain;
pub mod glob;
pub mod matcher;
mod memory;
pub mod model;
pub mod modifiers;
pub mod parse;
pub mod program;
pub mod set;
mod structure;
pub mod test;

pub use correlation::{Correlation, Correlations};
pub use engine::Engine;
pub use error::RuleError;
pub use explain::{Explanation, Matched, explain};
pub use matcher::{Coverage, Matcher};
pub use model::{Meta, Rule};
pub use modifiers::Placeholders;
pub use parse::{Parsed, Refused};
pub use program::Program;
pub use set::{RuleId, RuleSet};
pub use test::Test;
