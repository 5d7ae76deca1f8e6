//! The engine compared with the slow interpreter.
#![allow(dead_code, unreachable_pub)]

use std::sync::Arc;

use event::{Catalogue, Reader};
use oracle::{FlatEvent, Oracle, OracleRule};
use sigma::{Engine, Matcher, RuleId, RuleSet};

/// Rules in both forms, in the same order.
pub struct Pair {
    pub set: Arc<RuleSet>,
    pub oracle: Vec<OracleRule>,
}

impl Pair {
    /// The rules that both can use. Panics when only one of them can.
    pub fn new(texts: &[(String, String)]) -> Self {
        let mut parsed = Vec::new();
        let mut oracle = Vec::new();
        for (name, text) in texts {
            let ours = sigma::parse::file(&name.as_str().into(), text, &Default::default());
            let theirs = Oracle::parse(text);
            assert_eq!(
                ours.rules.len() == 1,
                theirs.is_ok(),
                "{name}: {:?} {:?}",
                ours.refused,
                theirs.err()
            );
            if let Ok(theirs) = theirs {
                oracle.push(theirs);
                parsed.push(ours);
            }
        }
        let set = RuleSet::new(parsed);
        assert_eq!(set.rules().len(), oracle.len(), "{:?}", set.notes);
        Pair { set: Arc::new(set), oracle }
    }
}

/// What came of a comparison.
#[derive(Default)]
pub struct Outcome {
    pub events: u64,
    pub comparisons: u64,
    pub matches: u64,
    pub differences: Vec<String>,
}

/// Compares every rule on `events_per_rule` events made from each rule of `sources`.
///
/// With `only_own` each event is given to the interpreter for the rules of `sample` only besides
/// the one it was made from, so that a run over thousands of rules ends; the engine always
/// answers for all of them.
pub fn compare(
    pair: &Pair,
    catalogue: &Arc<Catalogue>,
    seed: u64,
    events_per_rule: usize,
    sample: impl Fn(usize, usize) -> bool,
    most_comparisons: u64,
) -> Outcome {
    let mut out = Outcome::default();
    let mut reader = Reader::new(catalogue.clone());
    let mut matcher = Matcher::new(Arc::new(Engine::new(pair.set.clone())));
    for (at, rule) in pair.oracle.iter().enumerate() {
        for line in oracle::events_for(rule, seed.wrapping_add(at as u64), events_per_rule) {
            let mut fields = Vec::new();
            let Ok(kind) = reader.json(line.as_bytes(), &mut fields) else {
                out.differences.push(format!("unreadable: {line}"));
                continue;
            };
            let event = reader.event(kind, &fields);
            let held: Vec<RuleId> = matcher.matches(event).to_vec();
            out.events += 1;
            out.matches += held.len() as u64;
            let flat = FlatEvent::from_ward(&event);
            for (other, theirs) in pair.oracle.iter().enumerate() {
                let ours = held.binary_search(&RuleId(other as u32)).is_ok();
                if other != at && !ours && !sample(at, other) {
                    continue;
                }
                out.comparisons += 1;
                let expected = theirs.is_for(event.kind) && theirs.holds(&flat);
                if ours != expected {
                    let meta = &pair.set.rules()[other].meta;
                    out.differences.push(format!(
                        "{} ({}): engine {ours}, interpreter {expected} on {line}",
                        meta.file, meta.title
                    ));
                }
            }
            if out.comparisons >= most_comparisons || out.differences.len() > 50 {
                return out;
            }
        }
    }
    out
}
