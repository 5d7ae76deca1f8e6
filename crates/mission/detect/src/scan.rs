//! Records to findings. One scanner a thread; rules and catalogue are shared.

use std::sync::Arc;

use event::{Catalogue, Damage, Field, Reader};
use sigma::{Engine, Matcher, matched};
use terms::{Place, Position};

use crate::{Coverage, Finding, Wanted};

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

/// Reads records and matches them.
pub struct Scanner {
    reader: Reader,
    matcher: Matcher,
    engine: Arc<Engine>,
    wanted: Arc<Wanted>,
    detail: Detail,
    /// Kept only for its allocation; always empty between records.
    fields: Vec<Field<'static>>,
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
            matcher: Matcher::new(engine.clone()),
            engine,
            wanted,
            detail,
            fields: Vec::new(),
        }
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
        let told = self.read(record, file, position, &mut fields, findings);
        self.fields = recycle(fields);
        told
    }

    fn read<'a>(
        &mut self,
        record: &'a [u8],
        file: &Arc<str>,
        position: Position,
        fields: &mut Vec<Field<'a>>,
        findings: &mut Vec<Finding>,
    ) -> Told {
        let kind = match self.reader.json(record, fields) {
            Ok(kind) => kind,
            Err(damage) => return Told::Damaged(damage),
        };
        let event = self.reader.event(kind, fields);
        if self.wanted.is_bounded() && !self.wanted.time(event.time()) {
            return Told::OutOfTime;
        }
        let held = self.matcher.matches(event);
        for &rule in held {
            let full = self.detail == Detail::Full;
            findings.push(Finding {
                rule,
                at: event.time(),
                place: Place { file: file.clone(), position },
                host: event.host().unwrap_or_default().into_owned(),
                user: event.user().unwrap_or_default().into_owned(),
                matched: if full {
                    matched(self.engine.rules().rule(rule), event)
                } else {
                    Vec::new()
                },
                event: if full {
                    String::from_utf8_lossy(record).into_owned()
                } else {
                    String::new()
                },
            });
        }
        Told::Matched(held.len())
    }

    /// What was met so far.
    pub fn coverage(&self) -> Coverage {
        Coverage::of(&self.matcher, self.reader.catalogue())
    }
}

/// An empty vector of another lifetime with the same allocation.
fn recycle<'to>(mut fields: Vec<Field<'_>>) -> Vec<Field<'to>> {
    fields.clear();
    fields.into_iter().map(|_| unreachable!("the vector was cleared")).collect()
}
