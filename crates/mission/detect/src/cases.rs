//! Rules tried on their own cases: each hit must fire, each near miss must stay quiet.

use std::sync::Arc;

use event::{Catalogue, Reader};
use sigma::{Explanation, RuleId, RuleSet, explain};

use crate::scan::with_event;

/// A record and what the rule is expected to make of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// What happens, in a sentence.
    pub name: String,
    /// Whether the rule is to fire.
    pub fires: bool,
    /// The record as JSON.
    pub event: String,
}

/// What came of a case.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// As expected.
    AsExpected,
    /// Otherwise, with the reasons.
    Otherwise(Box<Explanation>),
    /// The record cannot be read.
    Unreadable(String),
}

/// Tries one case of a rule.
pub fn try_case(rules: &RuleSet, rule: RuleId, catalogue: &Arc<Catalogue>, case: &Case) -> Outcome {
    let mut reader = Reader::new(catalogue.clone());
    let said =
        with_event(&mut reader, case.event.as_bytes(), |event| explain(rules.rule(rule), event));
    match said {
        Err(damage) => Outcome::Unreadable(damage.to_string()),
        Ok(said) if said.holds() == case.fires => Outcome::AsExpected,
        Ok(said) => Outcome::Otherwise(Box::new(said)),
    }
}
