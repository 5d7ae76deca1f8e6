//! Sigma rules read, compiled and matched.
//!
//! Text of rule files comes in, a [`RuleSet`] goes out; a [`Matcher`] then tells for each event
//! which rules hold. What a rule means is written down in `docs/reference/sigma.md`; how it is
//! made fast in [`program`].
//!
//! Modules in reading order: [`model`] what a rule is, [`parse`] YAML to rules, [`modifiers`]
//! values and modifiers to tests, [`test`] does one value pass, [`set`] all rules together,
//! [`program`] the rules of one kind of event compiled, [`matcher`] events against programs,
//! [`explain`] why a rule held or not.

pub mod model;

pub use model::{Meta, Rule};
