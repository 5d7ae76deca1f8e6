//! What a scan came to, for whoever writes it down.

use std::{collections::BTreeMap, time::Duration};

use detect::{
    Coverage, Summary,
    correlate::Counts,
    coverage::{Blind, Missing},
};
use event::LogSource;
use ingest::{Problem, ReadSummary};
use sigma::RuleSet;

use super::plan::Plan;
use crate::term::counted;

/// Everything that is not a single finding.
pub(crate) struct Report<'p> {
    pub(crate) plan: &'p Plan,
    pub(crate) summary: Summary,
    pub(crate) coverage: Coverage,
    /// Rules that nothing in the input could have made hold.
    pub(crate) blind: Vec<Blind>,
    pub(crate) read: ReadFacts,
    pub(crate) problems: Problems,
    /// For each exclusion, how many findings it left out.
    pub(crate) excluded: Vec<u64>,
    /// What correlations came to; none if there are none.
    pub(crate) correlated: Option<Correlated>,
    /// Stopped by Ctrl-C.
    pub(crate) is_interrupted: bool,
}

/// What correlations came to.
pub(crate) struct Correlated {
    pub(crate) correlations: usize,
    pub(crate) counts: Counts,
    /// Groups at the end.
    pub(crate) groups: usize,
}

impl Correlated {
    /// How many correlations, what they were fed with, and how often they fired.
    pub(crate) fn sentence(&self) -> String {
        let hits = counted(self.counts.hits, "hit", "hits");
        let fired = counted(self.counts.firings, "firing", "firings");
        let rules = counted(self.correlations as u64, "correlation", "correlations");
        format!("{rules}, {hits}, {fired}.")
    }
}

/// What was not counted and why, a sentence each.
pub(crate) fn costs(counts: &Counts) -> Vec<String> {
    let hits = ["hit", "hits"];
    let sentences = [
        (counts.untimed, hits, "without a time, and so in no window"),
        (counts.incomplete, hits, "without a value to group by or to count"),
        (counts.duplicates, hits, "of an event that was counted already"),
        (counts.hurried, hits, "taken before all was read, for want of memory"),
        (counts.too_late, hits, "too late for that to count"),
        (counts.evicted, ["group", "groups"], "given up for want of memory, the oldest first"),
        (counts.cut, ["firing", "firings"], "cut off: one event led to too many"),
    ];
    let told = sentences.into_iter().filter(|(n, ..)| *n > 0);
    told.map(|(n, [one, many], what)| format!("{} {what}.", counted(n, one, many))).collect()
}

/// What was read.
pub(crate) struct ReadFacts {
    /// Files and bytes.
    pub(crate) files: ReadSummary,
    /// Records matched.
    pub(crate) records: u64,
    /// Records outside the span of time asked for.
    pub(crate) out_of_time: u64,
    /// Time from the first byte to the last result.
    pub(crate) took: Duration,
}

/// What could not be read: the first ones, and how many.
#[derive(Default)]
pub(crate) struct Problems {
    pub(crate) list: Vec<Problem>,
    pub(crate) count: u64,
    /// Records certainly lost.
    pub(crate) lost: u64,
}

impl Problems {
    /// Adds one; beyond `most` it is counted only.
    pub(crate) fn add(&mut self, problem: Problem, most: usize) {
        self.count += 1;
        self.lost += problem.records_lost_at_least;
        if self.list.len() < most {
            self.list.push(problem);
        }
    }
}

impl Report<'_> {
    /// The rules in use.
    pub(crate) fn rules(&self) -> &RuleSet {
        self.plan.engine.rules()
    }

    /// Findings that exclusions left out.
    pub(crate) fn excluded_findings(&self) -> u64 {
        self.excluded.iter().sum()
    }

    /// Blind rules without an event of their log source, by log source; most first.
    pub(crate) fn blind_sources(&self) -> Vec<(LogSource, Vec<&Blind>)> {
        self.grouped(|blind| match &blind.missing {
            Missing::Source(source) => Some(source.clone()),
            Missing::Fields(_) | Missing::Rules(_) => None,
        })
    }

    /// Blind rules whose fields no event has, by the fields; most first.
    pub(crate) fn blind_fields(&self) -> Vec<(String, Vec<&Blind>)> {
        self.grouped(|blind| match &blind.missing {
            Missing::Source(_) | Missing::Rules(_) => None,
            Missing::Fields(fields) => Some(fields.join(", ")),
        })
    }

    /// Blind correlations, by the rules that could not hold; most first.
    pub(crate) fn blind_rules(&self) -> Vec<(String, Vec<&Blind>)> {
        self.grouped(|blind| match &blind.missing {
            Missing::Source(_) | Missing::Fields(_) => None,
            Missing::Rules(rules) => Some(rules.join(", ")),
        })
    }

    fn grouped<K: Ord + Clone>(&self, key: impl Fn(&Blind) -> Option<K>) -> Vec<(K, Vec<&Blind>)> {
        let mut groups: BTreeMap<K, Vec<&Blind>> = BTreeMap::new();
        for blind in &self.blind {
            if let Some(key) = key(blind) {
                groups.entry(key).or_default().push(blind);
            }
        }
        let mut list: Vec<_> = groups.into_iter().collect();
        list.sort_by_key(|(_, rules)| std::cmp::Reverse(rules.len()));
        list
    }
}
