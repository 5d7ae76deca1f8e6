//! A second Sigma interpreter, slow and simple, against which the engine is compared. Tests only.
//!
//! It is written from `docs/reference/sigma.md` and straight from the YAML: it shares no code
//! with the engine and not the rule parser either, so that what the two have in common is the
//! page. Nothing here is fast; every line should be easy to check against a sentence of the page.
//!
//! Modules in reading order: [`json`] one object as a tree, [`flat`] the tree as fields,
//! [`pattern`] text with wildcards, [`encode`] Base64 and UTF-16, [`time`] parts of a time,
//! [`mod@test`] one value, [`item`] a field with modifiers, [`condition`] names joined,
//! [`interpreter`] rules and filters, [`correlation`] rules about rules; then [`generate`] events made from a rule, [`table`] the
//! cases in `fixtures/sigma/semantics/`, [`testdata`] the public rules and samples.

pub mod condition;
pub mod correlation;
pub mod encode;
pub mod flat;
pub mod generate;
pub mod interpreter;
pub mod item;
pub mod json;
pub mod pattern;
pub mod table;
pub mod test;
pub mod testdata;
pub mod time;

pub use self::{
    flat::{FlatEvent, Value},
    generate::events_for,
    interpreter::{Oracle, OracleFilter, OracleRule, Placeholders},
    json::Json,
};
