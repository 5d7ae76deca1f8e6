//! Records to findings. One scanner a thread; rules and catalogue are shared.

use std::sync::Arc;

use event::{Catalogue, Damage, Event, Field, KindId, Reader};
use sigma::{Engine, Matcher, RuleId, RuleSet};
use terms::Position;

use crate::{
    Coverage, Exclusions, Finding, Wanted,
    correlate::{self, Hit, Identity},
    model::Found,
};

/// How much a finding is to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// What the summary needs.
    Brief,
    /// The record and what in it made the rule hold, too.
    Full,
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

/// Hits for correlations, of records of one file.
#[derive(Clone, Debug, Default)]
pub struct Hits {
    /// Where each record stands, and the hit; [`Hit::order`] is for the caller to number.
    pub list: Vec<(Position, Hit)>,
    /// Hits of records that tell no time.
    pub untimed: u64,
}

/// Reads records and matches them.
pub struct Scanner {
    reader: Reader,
    matcher: Matcher,
    rules: Arc<RuleSet>,
    wanted: Arc<Wanted>,
    exclusions: Arc<Exclusions>,
    /// For each exclusion, how many findings it left out.
    excluded: Vec<u64>,
    detail: Detail,
    /// Kept only for its allocation; always empty between records.
    fields: Vec<Field<'static>>,
    /// Hits for correlations since they were last asked for.
    hits: Hits,
    /// The rules that hold for the record at hand.
    held: Vec<RuleId>,
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
            rules: engine.rules().clone(),
            matcher: Matcher::new(engine),
            wanted,
            exclusions: Arc::default(),
            excluded: Vec::new(),
            detail,
            fields: Vec::new(),
            hits: Hits::default(),
            held: Vec::new(),
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
        let detail = self.detail;
        let mut shared: Option<Arc<str>> = None;
        self.visit(record, file, position, &mut |found| {
            findings.push(match detail {
                Detail::Brief => found.brief(),
                Detail::Full => {
                    let event = shared.get_or_insert_with(|| found.record.into()).clone();
                    found.full(event)
                }
            });
        })
    }

    /// Matches one record, a JSON object, and shows what was found while the record is at hand.
    pub fn visit(
        &mut self,
        record: &[u8],
        file: &Arc<str>,
        position: Position,
        show: &mut dyn FnMut(&mut Found<'_>),
    ) -> Told {
        let mut fields = recycle(std::mem::take(&mut self.fields));
        let told = match event::reader::text(record) {
            Ok(text) => self.text(text, &mut fields, (file, position), show),
            Err(damage) => Told::Damaged(damage),
        };
        self.fields = recycle(fields);
        told
    }

    fn text<'a>(
        &mut self,
        record: &'a str,
        fields: &mut Vec<Field<'a>>,
        place: (&Arc<str>, Position),
        show: &mut dyn FnMut(&mut Found<'_>),
    ) -> Told {
        let kind = match self.reader.json_text(record, fields) {
            Ok(kind) => kind,
            Err(damage) => return Told::Damaged(damage),
        };
        let mut unnested = std::mem::take(&mut self.unnested);
        unnested.clear();
        let told = if self.reader.unnest(kind, record.as_bytes(), &mut unnested) {
            let mut inner = recycle(std::mem::take(fields));
            let told = match self.reader.json(&unnested, &mut inner) {
                Ok(kind) => self.matched(kind, &inner, record, place, show),
                Err(damage) => Told::Damaged(damage),
            };
            *fields = recycle(inner);
            told
        } else {
            self.matched(kind, fields, record, place, show)
        };
        self.unnested = unnested;
        told
    }

    fn matched(
        &mut self,
        kind: KindId,
        fields: &[Field<'_>],
        record: &str,
        (file, position): (&Arc<str>, Position),
        show: &mut dyn FnMut(&mut Found<'_>),
    ) -> Told {
        let event = self.reader.event(kind, fields);
        if self.wanted.is_bounded() && !self.wanted.time(event.time()) {
            return Told::OutOfTime;
        }
        self.held.clear();
        self.held.extend_from_slice(self.matcher.matches(event));
        let (exclusions, excluded) = (&self.exclusions, &mut self.excluded);
        self.held.retain(|rule| match exclusions.covers(*rule, event) {
            Some(line) => {
                excluded[line] += 1;
                false
            }
            None => true,
        });
        let correlations = self.rules.correlations();
        if !correlations.is_empty() && !self.held.is_empty() {
            for hit in correlate::hits(correlations, event, &self.held, &Identity::default()) {
                match hit {
                    Some(hit) => self.hits.list.push((position, hit)),
                    None => self.hits.untimed += 1,
                }
            }
            self.held.retain(|rule| correlations.speaks(*rule));
        }
        if self.held.is_empty() {
            return Told::Matched(0);
        }
        let (at, host, user) = (event.time(), event.host(), event.user());
        for &rule in &self.held {
            show(&mut Found {
                rule,
                at,
                file,
                position,
                host: host.as_deref().unwrap_or_default(),
                user: user.as_deref().unwrap_or_default(),
                record,
                event,
                matcher: &mut self.matcher,
            });
        }
        Told::Matched(self.held.len())
    }

    /// Hits for correlations since this was last asked, in the order of the records.
    pub fn take_hits(&mut self) -> Hits {
        std::mem::take(&mut self.hits)
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
