//! What the rules could and could not see: kinds of events met, and rules that nothing in the
//! input could ever have made hold.

use std::{collections::BTreeMap, sync::Arc};

use event::{Catalogue, Kind, KindId, LogSource};
use sigma::{Engine, Matcher, RuleId, RuleSet};

/// What was met, by kind of event. Coverages of several threads add up.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    kinds: BTreeMap<KindId, Met>,
}

#[derive(Clone, Debug)]
struct Met {
    kind: Arc<Kind>,
    events: u64,
    seen: Vec<bool>,
}

/// A rule that could not hold for this input, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Blind {
    /// The rule.
    pub rule: RuleId,
    /// What was missing.
    pub missing: Missing,
}

/// What a rule missed in the input.
#[derive(Clone, Debug, PartialEq)]
pub enum Missing {
    /// No event of its log source.
    Source(LogSource),
    /// Events of its log source, but none with these fields.
    Fields(Vec<String>),
    /// For a correlation: these rules, by title, could not hold themselves.
    Rules(Vec<String>),
}

impl Coverage {
    pub(crate) fn of(matcher: &Matcher, catalogue: &Catalogue) -> Self {
        let kinds = catalogue.kinds();
        let met = matcher.coverage().into_iter().filter_map(|met| {
            let kind = kinds.get(met.kind.0 as usize)?.clone();
            Some((met.kind, Met { kind, events: met.events, seen: met.seen }))
        });
        Coverage { kinds: met.collect() }
    }

    /// Adds what another thread has met.
    pub fn add(&mut self, other: Coverage) {
        for (id, met) in other.kinds {
            match self.kinds.get_mut(&id) {
                None => {
                    self.kinds.insert(id, met);
                }
                Some(known) => {
                    known.events += met.events;
                    for (seen, more) in known.seen.iter_mut().zip(met.seen) {
                        *seen |= more;
                    }
                }
            }
        }
    }

    /// Kinds met with the number of their events, most first.
    pub fn kinds(&self) -> Vec<(&Kind, u64)> {
        let mut kinds: Vec<_> = self.kinds.values().map(|met| (&*met.kind, met.events)).collect();
        kinds.sort_by_key(|(kind, events)| (std::cmp::Reverse(*events), kind.id));
        kinds
    }

    /// Events of which no log source is known.
    pub fn unknown_events(&self) -> u64 {
        let unknown = self.kinds.values().filter(|met| met.kind.is_unknown());
        unknown.map(|met| met.events).sum()
    }

    /// Rules that nothing in the input could have made hold.
    pub fn blind(&self, engine: &Engine) -> Vec<Blind> {
        let mut possible = vec![false; engine.rules().rules().len()];
        let mut missing: BTreeMap<RuleId, Vec<String>> = BTreeMap::new();
        for met in self.kinds.values() {
            let program = engine.program(&met.kind);
            let impossible: BTreeMap<RuleId, Vec<&str>> = program.impossible(&met.seen).collect();
            for rule in program.rule_ids() {
                match impossible.get(&rule) {
                    None => possible[rule.0 as usize] = true,
                    Some(fields) => {
                        let known = missing.entry(rule).or_default();
                        known.extend(fields.iter().map(|field| (*field).to_owned()));
                        known.sort();
                        known.dedup();
                    }
                }
            }
        }
        let correlations = blind_correlations(engine.rules(), &mut possible);
        let blind = engine.rules().iter().filter(|(id, _)| !possible[id.0 as usize]);
        blind
            .map(|(id, rule)| Blind {
                rule: id,
                missing: match missing.remove(&id) {
                    Some(fields) => Missing::Fields(fields),
                    None => Missing::Source(rule.logsource.clone()),
                },
            })
            .chain(correlations)
            .collect()
    }
}

/// Correlations that could not fire because of the rules they refer to. A count needs one of its
/// rules, a sequence all.
fn blind_correlations(rules: &RuleSet, possible: &mut Vec<bool>) -> Vec<Blind> {
    let correlations = rules.correlations();
    possible.resize(rules.len(), true);
    let mut blind: BTreeMap<RuleId, Blind> = BTreeMap::new();
    // One round for each link of the longest chain, and one in which nothing changes.
    loop {
        let before = blind.len();
        for linked in correlations.list() {
            let is_possible = |id: &RuleId| possible[id.0 as usize];
            let occur = linked.sources.iter().map(is_possible);
            let occur = occur.enumerate().fold(0u64, |bits, (at, is)| bits | u64::from(is) << at);
            if !is_possible(&linked.id) || linked.can_fire(occur) {
                continue;
            }
            let missing = linked.sources.iter().filter(|id| !is_possible(id));
            let missing = missing.map(|id| rules.meta(*id).title.clone()).collect();
            blind.insert(linked.id, Blind { rule: linked.id, missing: Missing::Rules(missing) });
            possible[linked.id.0 as usize] = false;
        }
        if blind.len() == before {
            return blind.into_values().collect();
        }
    }
}
