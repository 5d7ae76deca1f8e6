//! What a finding is: a rule that held for a record.

use std::sync::Arc;

use sigma::{Matched, RuleId};
use terms::{Place, Timestamp};

/// A rule held for a record.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule.
    pub rule: RuleId,
    /// When it happened, as the record tells.
    pub at: Option<Timestamp>,
    /// Where the record was read.
    pub place: Place,
    /// The device, as the record names it; empty if it does not.
    pub host: String,
    /// The user, as the record names them; empty if it does not.
    pub user: String,
    /// What made the rule hold. Empty where only the summary was asked for.
    pub matched: Vec<Matched>,
    /// The record as JSON, shared by all findings of one record. Empty where only the summary
    /// was asked for.
    pub event: Arc<str>,
}
