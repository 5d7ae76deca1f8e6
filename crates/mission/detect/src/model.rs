//! What a finding is: a rule that held for a record.

use std::sync::Arc;

use event::Event;
use sigma::{Matched, Matcher, RuleId, matcher::Part};
use terms::{Place, Position, Timestamp};

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

/// A finding while its record is at hand: nothing is copied that nobody asks for.
pub struct Found<'r> {
    /// The rule.
    pub rule: RuleId,
    /// When it happened, as the record tells.
    pub at: Option<Timestamp>,
    /// The file the record was read from.
    pub file: &'r Arc<str>,
    /// Where in the file it stands.
    pub position: Position,
    /// The device, as the record names it; empty if it does not.
    pub host: &'r str,
    /// The user, as the record names them; empty if it does not.
    pub user: &'r str,
    /// The record as it was read: a JSON object, perhaps with control characters in its texts.
    pub record: &'r str,
    pub(crate) event: Event<'r, 'r>,
    pub(crate) matcher: &'r mut Matcher,
}

impl Found<'_> {
    /// Where the record was read.
    pub fn place(&self) -> Place {
        Place { file: self.file.clone(), position: self.position }
    }

    /// What made the rule hold.
    pub fn parts(&mut self) -> impl Iterator<Item = Part<'_>> {
        self.matcher.parts(self.event, self.rule)
    }

    /// The finding to keep, with the parts of the record that made the rule hold. `event` is the
    /// record, which the findings of one record can share.
    pub fn full(&mut self, event: Arc<str>) -> Finding {
        let matched = self.parts().map(Matched::from).collect();
        Finding { matched, event, ..self.brief() }
    }

    /// The finding to keep, without the record.
    pub fn brief(&self) -> Finding {
        Finding {
            rule: self.rule,
            at: self.at,
            place: self.place(),
            host: self.host.to_owned(),
            user: self.user.to_owned(),
            matched: Vec::new(),
            event: Arc::default(),
        }
    }
}
