//! The findings of one part of the input in brief: what a [`Summary`](super::Summary) needs of
//! them, small enough to be handed from thread to thread. Names are said once.

use std::{collections::HashMap, sync::Arc};

use sigma::RuleId;
use terms::Timestamp;

use crate::Found;

/// Findings in brief, in the order they were found in.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    names: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, NameId>,
    findings: Vec<Brief>,
}

/// Number of a name within its tally.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NameId(pub(super) u32);

/// A finding in brief.
#[derive(Clone, Copy, Debug)]
pub(super) struct Brief {
    pub(super) rule: RuleId,
    pub(super) at: Option<Timestamp>,
    /// None if the record names no device.
    pub(super) host: Option<NameId>,
    /// None if the record names no user.
    pub(super) user: Option<NameId>,
}

impl Tally {
    /// Notes one finding.
    pub fn add(&mut self, found: &Found<'_>) {
        let last = self.findings.last().copied();
        let host = self.name(found.host, last.and_then(|last| last.host));
        let user = self.name(found.user, last.and_then(|last| last.user));
        self.findings.push(Brief { rule: found.rule, at: found.at, host, user });
    }

    /// How many findings it holds.
    pub fn len(&self) -> usize {
        self.findings.len()
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    /// The number of a name, tried first as the one that came last.
    fn name(&mut self, name: &str, last: Option<NameId>) -> Option<NameId> {
        if name.is_empty() {
            return None;
        }
        if let Some(last) = last
            && *self.names[last.0 as usize] == *name
        {
            return Some(last);
        }
        if let Some(&known) = self.numbers.get(name) {
            return Some(known);
        }
        let (new, name) = (NameId(self.names.len() as u32), Arc::<str>::from(name));
        self.names.push(name.clone());
        self.numbers.insert(name, new);
        Some(new)
    }

    pub(super) fn names(&self) -> &[Arc<str>] {
        &self.names
    }

    pub(super) fn findings(&self) -> &[Brief] {
        &self.findings
    }
}
