//! Rules tried on their own cases: each hit must fire, each near miss must stay quiet.

use std::sync::Arc;

use event::{Catalogue, Reader};
use sigma::{Engine, Explanation, RuleId, RuleSet, explain};
use terms::Position;

use crate::{
    Detail, Scanner, Told, Wanted,
    correlate::{CorrelationState, Counts, Firing, Limits},
    scan::with_event,
};

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

/// What records together came to for a correlation.
#[derive(Clone, Debug)]
pub struct Story {
    /// How often each rule it refers to held, in its order.
    pub hits: Vec<(RuleId, u64)>,
    /// What fired, in the order of time: the correlation only.
    pub firings: Vec<Firing>,
    /// Records that cannot be read, by number from 0, and why.
    pub unreadable: Vec<(usize, String)>,
    /// What was counted, for all correlations of the engine.
    pub counts: Counts,
}

/// Tells a correlation the records, in whatever order they come.
pub fn tell<'r>(
    engine: &Arc<Engine>,
    correlation: RuleId,
    catalogue: &Arc<Catalogue>,
    records: impl IntoIterator<Item = &'r [u8]>,
) -> Story {
    let rules = engine.rules();
    let everything = Arc::new(Wanted::default());
    let mut scanner = Scanner::new(catalogue.clone(), engine.clone(), everything, Detail::Brief);
    let mut state = CorrelationState::new(rules.clone(), Limits::WHOLE).aloud();
    let linked = rules.correlations().get(correlation);
    let sources = linked.map(|linked| linked.sources.clone()).unwrap_or_default();
    let mut hits: Vec<(RuleId, u64)> = sources.into_iter().map(|id| (id, 0)).collect();
    let (mut firings, mut unreadable) = (Vec::new(), Vec::new());
    let file: Arc<str> = Arc::default();
    for (at, record) in records.into_iter().enumerate() {
        let told = scanner.visit(record, &file, Position::Whole, &mut |_| {});
        if let Told::Damaged(damage) = told {
            unreadable.push((at, damage.to_string()));
        }
        let taken = scanner.take_hits();
        (0..taken.untimed).for_each(|_| state.untimed());
        for (_, mut hit) in taken.list {
            let own = hits.iter_mut().filter(|(id, _)| *id == hit.rule);
            own.for_each(|(_, count)| *count += 1);
            hit.order = at as u64;
            state.observe(hit, &mut firings);
        }
    }
    state.finish(&mut firings);
    for firing in &firings {
        let own = hits.iter_mut().filter(|(id, _)| *id == firing.rule);
        own.for_each(|(_, count)| *count += 1);
    }
    firings.retain(|firing| firing.rule == correlation);
    Story { hits, firings, unreadable, counts: state.counts() }
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
