//! Records to findings. One scanner a thread; rules and catalogue are shared.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use event::{Catalogue, Damage, Event, Field, Reader};
use sigma::{Engine, Matcher, RuleId, RuleSet};
use terms::{Place, Position};

use crate::{Coverage, Exclusions, Finding, Wanted};

/// How much a finding is to tell.
#[derive(Clone, Debug)]
pub enum Detail {
    /// What the summary needs.
    Brief,
    /// The record and what in it made the rule hold, too.
    Full,
    /// The same, until somebody has had enough of a rule.
    Samples(Arc<Enough>),
}

impl Detail {
    fn is_full_for(&self, rule: RuleId) -> bool {
        match self {
            Detail::Brief => false,
            Detail::Full => true,
            Detail::Samples(enough) => !enough.of(rule),
        }
    }
}

/// Rules of which no further sample is needed.
#[derive(Debug)]
pub struct Enough(Vec<AtomicBool>);

impl Enough {
    /// Of no rule yet.
    pub fn new(rules: &RuleSet) -> Self {
        Enough(rules.rules().iter().map(|_| AtomicBool::new(false)).collect())
    }

    /// From now on, findings of this rule may be brief.
    pub fn set(&self, rule: RuleId) {
        self.0[rule.0 as usize].store(true, Ordering::Relaxed);
    }

    fn of(&self, rule: RuleId) -> bool {
        self.0[rule.0 as usize].load(Ordering::Relaxed)
    }
}

/// What became of one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// It was matched, with so many findings.
    Matched(usize),
    /// It is outside the span of time asked for.
    OutOfTime,
    /// It could not be read.
    Damaged(Damage),
}

/// Reads records and matches them.
pub struct Scanner {
    reader: Reader,
    matcher: Matcher,
    wanted: Arc<Wanted>,
    exclusions: Arc<Exclusions>,
    /// For each exclusion, how many findings it left out.
    excluded: Vec<u64>,
    detail: Detail,
    /// Kept only for its allocation; always empty between records.
    fields: Vec<Field<'static>>,
    /// The record with objects in place of their text, where it has such.
    unnested: Vec<u8>,
}

impl Scanner {
    /// A scanner with nothing learnt yet.
    pub fn new(
        catalogue: Arc<Catalogue>,
        engine: Arc<Engine>,
        wanted: Arc<Wanted>,
        detail: Detail,
    ) -> Self {
        Scanner {
            reader: Reader::new(catalogue),
            matcher: Matcher::new(engine),
            wanted,
            exclusions: Arc::default(),
            excluded: Vec::new(),
            detail,
            fields: Vec::new(),
            unnested: Vec::new(),
        }
    }

    /// The same, but with findings left out.
    pub fn without(mut self, exclusions: Arc<Exclusions>) -> Self {
        self.excluded = vec![0; exclusions.list().len()];
        self.exclusions = exclusions;
        self
    }

    /// Matches one record, a JSON object, and appends what was found.
    pub fn record(
        &mut self,
        record: &[u8],
        file: &Arc<str>,
        position: Position,
        findings: &mut Vec<Finding>,
    ) -> Told {
        let mut fields = recycle(std::mem::take(&mut self.fields));
        let kind = match self.reader.json(record, &mut fields) {
            Ok(kind) => kind,
            Err(damage) => {
                self.fields = recycle(fields);
                return Told::Damaged(damage);
            }
        };
        let place = (file, position);
        let mut unnested = std::mem::take(&mut self.unnested);
        unnested.clear();
        let told = if self.reader.unnest(kind, record, &mut unnested) {
            let mut inner = recycle(fields);
            let told = match self.reader.json(&unnested, &mut inner) {
                Ok(kind) => self.matched(kind, &inner, record, place, findings),
                Err(damage) => Told::Damaged(damage),
            };
            self.fields = recycle(inner);
            told
        } else {
            let told = self.matched(kind, &fields, record, place, findings);
            self.fields = recycle(fields);
            told
        };
        self.unnested = unnested;
        told
    }

    fn matched(
        &mut self,
        kind: event::KindId,
        fields: &[Field<'_>],
        record: &[u8],
        (file, position): (&Arc<str>, Position),
        findings: &mut Vec<Finding>,
    ) -> Told {
        let event = self.reader.event(kind, fields);
        if self.wanted.is_bounded() && !self.wanted.time(event.time()) {
            return Told::OutOfTime;
        }
        let held = self.matcher.matches(event).to_vec();
        if held.is_empty() {
            return Told::Matched(0);
        }
        let before = findings.len();
        let mut text: Option<Arc<str>> = None;
        let whose = brief(event);
        for rule in held {
            if let Some(line) = self.exclusions.covers(rule, event) {
                self.excluded[line] += 1;
                continue;
            }
            let place = Place { file: file.clone(), position };
            let mut finding = Finding { rule, place, ..whose.clone() };
            if self.detail.is_full_for(rule) {
                finding.matched = self.matcher.matched(event, rule);
                let text = text.get_or_insert_with(|| String::from_utf8_lossy(record).into());
                finding.event = text.clone();
            }
            findings.push(finding);
        }
        Told::Matched(findings.len() - before)
    }

    /// What was met so far.
    pub fn coverage(&self) -> Coverage {
        Coverage::of(&self.matcher, self.reader.catalogue())
    }

    /// For each exclusion, how many findings it left out so far.
    pub fn excluded(&self) -> &[u64] {
        &self.excluded
    }
}

/// What all findings in one record have in common; rule and place are still to be said.
fn brief(event: Event<'_, '_>) -> Finding {
    Finding {
        rule: RuleId(0),
        at: event.time(),
        place: Place { file: Arc::default(), position: Position::Whole },
        host: event.host().unwrap_or_default().into_owned(),
        user: event.user().unwrap_or_default().into_owned(),
        matched: Vec::new(),
        event: Arc::default(),
    }
}

/// Reads one record as a scan does, objects kept as text opened, and hands the event on. For a
/// single event; a [`Scanner`] keeps what it has learnt.
pub fn with_event<T>(
    reader: &mut Reader,
    record: &[u8],
    then: impl FnOnce(Event<'_, '_>) -> T,
) -> Result<T, Damage> {
    let mut fields = Vec::new();
    let kind = reader.json(record, &mut fields)?;
    let mut unnested = Vec::new();
    if reader.unnest(kind, record, &mut unnested) {
        let mut fields = Vec::new();
        let kind = reader.json(&unnested, &mut fields)?;
        return Ok(then(reader.event(kind, &fields)));
    }
    Ok(then(reader.event(kind, &fields)))
}

/// An empty vector of another lifetime with the same allocation.
fn recycle<'to>(mut fields: Vec<Field<'_>>) -> Vec<Field<'to>> {
    fields.clear();
    fields.into_iter().map(|_| unreachable!("the vector was cleared")).collect()
}
