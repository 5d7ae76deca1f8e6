//! Hits of a scan to firings of correlations. In: hits in the order of the input, however many
//! threads there were. Out: findings, once everything is read (or memory wants it earlier).
//!
//! A hit keeps its place as one number: of the file and of the record in it.

use std::{collections::HashMap, sync::Arc};

use detect::{
    Finding, Hits,
    correlate::{CorrelationState, Firing, Limits},
};
use serde_json::{Value, json};
use sigma::{Matched, RuleSet};
use terms::{Place, Position};

use super::report::Correlated;
use crate::format::finding::{PlaceWire, rfc3339};

/// Correlations over a scan.
pub(crate) struct Correlator {
    state: CorrelationState,
    rules: Arc<RuleSet>,
    files: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, usize>,
    fired: Vec<Firing>,
}

impl Correlator {
    /// None if there is no correlation.
    pub(crate) fn new(rules: &Arc<RuleSet>) -> Option<Self> {
        (!rules.correlations().is_empty()).then(|| Correlator {
            state: CorrelationState::new(rules.clone(), Limits::WHOLE),
            rules: rules.clone(),
            files: Vec::new(),
            numbers: HashMap::new(),
            fired: Vec::new(),
        })
    }

    /// Takes the hits of a part of a file.
    pub(crate) fn take(&mut self, file: &Arc<str>, hits: Hits) {
        (0..hits.untimed).for_each(|_| self.state.untimed());
        if hits.list.is_empty() {
            return;
        }
        let file = self.file(file);
        for (position, mut hit) in hits.list {
            hit.order = packed(file, position);
            self.state.observe(hit, &mut self.fired);
        }
    }

    /// Everything is read.
    pub(crate) fn finish(&mut self) {
        self.state.finish(&mut self.fired);
    }

    /// What has fired since this was last asked.
    pub(crate) fn findings(&mut self) -> Vec<Finding> {
        let fired = std::mem::take(&mut self.fired);
        fired.into_iter().map(|firing| self.finding(firing)).collect()
    }

    /// What it came to.
    pub(crate) fn report(&self) -> Correlated {
        Correlated {
            correlations: self.rules.correlations().list().len(),
            counts: self.state.counts(),
            groups: self.state.groups(),
        }
    }

    fn file(&mut self, file: &Arc<str>) -> usize {
        let (next, files) = (self.files.len(), &mut self.files);
        *self.numbers.entry(file.clone()).or_insert_with(|| {
            files.push(file.clone());
            next
        })
    }

    fn place(&self, order: u64) -> Place {
        let (file, position) = unpacked(order);
        let file = self.files.get(file).cloned().unwrap_or_else(|| "another file".into());
        Place { file, position }
    }

    /// A firing in the form of other findings: what was grouped by is what matched, and the
    /// record is what happened together.
    fn finding(&self, firing: Firing) -> Finding {
        let group = firing.group.iter().map(|(field, value)| Matched {
            selection: "group-by".to_owned(),
            field: field.to_string(),
            value: value.to_string(),
            key: String::new(),
            written: String::new(),
        });
        let correlations = self.rules.correlations();
        let measured = correlations.get(firing.rule).map(|linked| Matched {
            selection: "condition".to_owned(),
            field: linked.correlation.kind.as_str().to_owned(),
            value: firing.measure.to_string(),
            key: String::new(),
            written: linked.correlation.to_string(),
        });
        Finding {
            rule: firing.rule,
            at: Some(firing.last),
            place: self.place(firing.by),
            host: firing.host.to_string(),
            user: firing.user.to_string(),
            matched: group.chain(measured).collect(),
            event: self.event(&firing).to_string().into(),
        }
    }

    fn event(&self, firing: &Firing) -> Value {
        let group: serde_json::Map<String, Value> = firing
            .group
            .iter()
            .map(|(field, value)| (field.to_string(), json!(&**value)))
            .collect();
        let rules: Vec<Value> = firing
            .rules
            .iter()
            .map(|id| {
                let meta = self.rules.meta(*id);
                json!({"id": meta.id, "title": meta.title})
            })
            .collect();
        let events: Vec<Value> =
            firing.events.iter().map(|order| json!(PlaceWire::new(&self.place(*order)))).collect();
        let kind = self.rules.correlations().get(firing.rule);
        json!({"correlation": {
            "type": kind.map(|linked| linked.correlation.kind.as_str()),
            "group": group,
            "first": rfc3339(firing.first),
            "last": rfc3339(firing.last),
            "measure": firing.measure,
            "rules": rules,
            "events": events,
            "more_events": firing.more_events,
        }})
    }
}

const POSITION_BITS: u32 = 38;
const UNIT_BITS: u32 = 3;
const MAX_NUMBER: u64 = (1 << (POSITION_BITS - UNIT_BITS)) - 1;
const MAX_FILES: usize = (1 << (63 - POSITION_BITS)) - 1;

/// A place as a number that grows with the input. Numbers too large stand at their limit.
fn packed(file: usize, position: Position) -> u64 {
    let (unit, number) = match position {
        Position::Whole => (0, 0),
        Position::Line(n) => (1, n),
        Position::Element(n) => (2, n),
        Position::Record(n) => (3, n),
        Position::Chunk(n) => (4, n),
        Position::Byte(n) => (5, n),
    };
    (file.min(MAX_FILES) as u64) << POSITION_BITS | number.min(MAX_NUMBER) << UNIT_BITS | unit
}

fn unpacked(order: u64) -> (usize, Position) {
    let file = (order >> POSITION_BITS) as usize;
    let number = order >> UNIT_BITS & MAX_NUMBER;
    let position = match order & ((1 << UNIT_BITS) - 1) {
        1 => Position::Line(number),
        2 => Position::Element(number),
        3 => Position::Record(number),
        4 => Position::Chunk(number),
        5 => Position::Byte(number),
        _ => Position::Whole,
    };
    (file, position)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_survives_being_a_number_and_later_places_are_larger() {
        let places = [
            (0, Position::Whole),
            (0, Position::Line(1)),
            (0, Position::Record(2)),
            (0, Position::Byte(MAX_NUMBER)),
            (7, Position::Element(3)),
            (MAX_FILES, Position::Chunk(9)),
        ];
        let orders = places.map(|(file, position)| packed(file, position));
        assert_eq!(orders.map(unpacked), places);
        assert!(orders.is_sorted());
        assert!(orders.iter().all(|order| order >> 63 == 0));
    }
}
