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

#[cfg(test)]
mod tests {
    use event::{Catalogue, LogSource};
    use sigma::{Engine, RuleSet};
    use terms::Position;

    use super::*;
    use crate::{Detail, Scanner, Summary, Wanted};

    const SHAPE: &str = "shape: any\ntitle: Any\nversion: 1\neffective: 2026-01-01\n\
        priority: 0\nrequires: [[]]\nproduct: windows\ntime: [at]\nhost: [host]\nuser: [user]\n";

    fn rule(title: &str, level: &str, value: &str) -> String {
        format!(
            "title: {title}\nlevel: {level}\nlogsource: {{product: windows}}\n\
             detection: {{a: {{x|contains: {value}}}, condition: a}}\n"
        )
    }

    fn scanner() -> (Arc<RuleSet>, Scanner) {
        let catalogue = Catalogue::parse([("any.yaml", SHAPE)], LogSource::default());
        let rules = [rule("One", "low", "abc"), rule("Two", "high", "bcd")];
        let parsed =
            rules.map(|text| sigma::parse::file(&"rule.yml".into(), &text, &Default::default()));
        let engine = Arc::new(Engine::new(Arc::new(RuleSet::new(parsed))));
        let catalogue = Arc::new(catalogue.expect("one shape"));
        let rules = engine.rules().clone();
        (rules, Scanner::new(catalogue, engine, Arc::new(Wanted::default()), Detail::Brief))
    }

    fn records() -> Vec<String> {
        let record = |n: u32| {
            let value = ["abc", "bcd", "abcd", "none"][n as usize % 4];
            let (host, user) = (n % 7, ["", "-", "ann", "ann", "bob"][n as usize % 5]);
            format!(
                r#"{{"x":"{value}","host":"pc-{host}","user":"{user}","at":"2026-01-01T00:00:{:02}Z"}}"#,
                n % 60
            )
        };
        (0..200).map(record).collect()
    }

    #[test]
    fn tallies_of_parts_sum_up_to_what_the_findings_do() {
        let (rules, mut scanner) = scanner();
        let file: Arc<str> = "log".into();
        let (mut by_finding, mut by_tally) = (Summary::default(), Summary::default());
        for part in records().chunks(13) {
            let (mut tally, mut findings) = (Tally::default(), Vec::new());
            for record in part {
                let position = Position::Line(1);
                scanner.visit(record.as_bytes(), &file, position, &mut |found| tally.add(found));
                scanner.record(record.as_bytes(), &file, position, &mut findings);
            }
            assert_eq!(tally.len(), findings.len());
            findings.iter().for_each(|finding| by_finding.add(finding, &rules));
            by_tally.add_all(&tally, &rules);
        }
        assert_eq!(by_tally.findings, 200);
        assert_eq!(by_tally.names(), (7, 2));
        assert_eq!(by_tally.hosts(), by_finding.hosts());
        assert_eq!(by_tally.users(), by_finding.users());
        assert_eq!(by_tally.timeline(60), by_finding.timeline(60));
        for ((_, one), (_, other)) in
            by_tally.rules(&rules).into_iter().zip(by_finding.rules(&rules))
        {
            assert_eq!(by_tally.first_hosts(one), by_finding.first_hosts(other));
            assert_eq!(
                (one.findings, one.first, one.last),
                (other.findings, other.first, other.last)
            );
        }
    }
}
