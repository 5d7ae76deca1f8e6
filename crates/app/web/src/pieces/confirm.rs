//! Asking before an act that touches care: what it does, to what, and what follows.

use serde::Serialize;

use super::{
    form::{ErrorSummary, Form},
    lists::Facts,
};

/// A page that asks.
#[derive(Clone, Debug, Serialize)]
pub struct Confirm {
    /// The question: "Isolate RX1-PATH-07?".
    pub title: String,
    /// What follows for care, in one sentence.
    pub consequence: String,
    /// What it is done to.
    pub facts: Facts,
    /// What was wrong with the answer before.
    pub errors: ErrorSummary,
    /// The form that does it.
    pub form: Form,
}
