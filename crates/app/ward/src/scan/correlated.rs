//! Hits of a scan to firings of correlations. In: hits in the order of the input, however many
//! threads there were. Out: findings, each as soon as it is known: once everything is read, or
//! before if memory wants it.
//!
//! Each record with hits has a number of its own. Its place could not stand for it: many records
//! may stand on one line, and elements are counted anew in each array.

use std::{io, sync::Arc};

use detect::{
    Exclusions, Finding, Hits,
    correlate::{CorrelationState, Firing, Limits},
};
use serde_json::{Value, json};
use sigma::{Matched, RuleSet};

use super::{places::Places, report::Correlated};
use crate::format::finding::{PlaceWire, rfc3339};

/// Where findings go.
pub(crate) type Tell<'t> = dyn FnMut(Finding) -> io::Result<()> + 't;

/// Correlations over a scan.
pub(crate) struct Correlator {
    state: CorrelationState,
    rules: Arc<RuleSet>,
    places: Places,
    /// Number of the next record.
    next: u64,
    /// Empty between calls.
    fired: Vec<Firing>,
}

impl Correlator {
    /// None if there is no correlation.
    pub(crate) fn new(rules: &Arc<RuleSet>, exclusions: &Arc<Exclusions>) -> Option<Self> {
        (!rules.correlations().is_empty()).then(|| Correlator {
            state: CorrelationState::new(rules.clone(), Limits::WHOLE).without(exclusions.clone()),
            rules: rules.clone(),
            places: Places::default(),
            next: 0,
            fired: Vec::new(),
        })
    }

    /// Takes the hits of a part of a file, which bear the numbers of their records in that part.
    pub(crate) fn take(
        &mut self,
        file: &Arc<str>,
        hits: Hits,
        tell: &mut Tell<'_>,
    ) -> io::Result<()> {
        (0..hits.untimed).for_each(|_| self.state.untimed());
        let first = self.next;
        for (position, mut hit) in hits.list {
            hit.order += first;
            if hit.order >= self.next {
                self.places.add(hit.order, file, position);
                self.next = hit.order + 1;
            }
            self.state.observe(hit, &mut self.fired);
            self.tell(tell)?;
        }
        Ok(())
    }

    /// Everything is read: nobody need wait.
    pub(crate) fn finish(&mut self, tell: &mut Tell<'_>) -> io::Result<()> {
        while self.state.release(&mut self.fired) {
            self.tell(tell)?;
        }
        Ok(())
    }

    fn tell(&mut self, tell: &mut Tell<'_>) -> io::Result<()> {
        let mut fired = std::mem::take(&mut self.fired);
        for firing in fired.drain(..) {
            tell(self.finding(firing))?;
        }
        self.fired = fired;
        Ok(())
    }

    /// For each exclusion, how many firings it left out.
    pub(crate) fn excluded(&self) -> &[u64] {
        self.state.excluded()
    }

    /// What it came to.
    pub(crate) fn report(&self) -> Correlated {
        Correlated {
            correlations: self.rules.correlations().list().len(),
            counts: self.state.counts(),
            groups: self.state.groups(),
        }
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
            place: self.places.of(firing.by),
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
        let events: Vec<Value> = firing
            .events
            .iter()
            .map(|order| json!(PlaceWire::new(&self.places.of(*order))))
            .collect();
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

#[cfg(test)]
mod tests {
    use terms::{Position, Timestamp};

    use super::*;

    const RULES: &str = "title: One\nname: one\nlogsource: {product: windows}\n\
        detection: {a: {x: y}, condition: a}\n---\ntitle: Each\n\
        correlation: {type: event_count, rules: [one], timespan: 1m, condition: {gte: 1}}\n";

    fn hits(number: u64) -> Hits {
        let hit = detect::correlate::Hit {
            rule: sigma::RuleId(0),
            at: Timestamp::UNIX_EPOCH,
            order: number,
            identity: None,
            within: "".into(),
            host: "".into(),
            user: "".into(),
            values: Vec::new(),
        };
        Hits { list: vec![(Position::Line(1), hit)], untimed: 0 }
    }

    #[test]
    fn each_firing_is_told_before_there_is_a_next() {
        let rules = sigma::parse::file(&"rules.yml".into(), RULES, &Default::default());
        let rules = Arc::new(RuleSet::new([rules]));
        let mut correlator = Correlator::new(&rules, &Arc::default()).expect("a correlation");
        for number in 0..5 {
            let taken = correlator.take(&"file".into(), hits(number), &mut |_| panic!("too early"));
            taken.expect("nothing is told");
        }
        let mut told = 0;
        let full = correlator.finish(&mut |_| {
            told += 1;
            if told < 2 { Ok(()) } else { Err(io::ErrorKind::StorageFull.into()) }
        });
        assert!(full.is_err());
        assert_eq!((told, correlator.report().counts.firings), (2, 2));
    }
}
