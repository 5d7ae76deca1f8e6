//! One batch to signals. In: records as they were accepted. Out: what held, which devices spoke,
//! and what could not be read. Pure; one evaluator a thread, and it remembers only to be quick.

use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use bus::Batch;
use event::{Damage, Field, KindId, Reader};
use sigma::{Matched, Matcher, RuleId, RuleSet};
use terms::{Level, Timestamp};

use super::{LiveRules, who::Tellers};
use crate::alert::{MatchedField, Position, Signal};

/// What came of a batch.
#[derive(Debug, Default)]
pub struct Evaluated {
    /// Findings, in the order of the records and, within one, of the rules.
    pub signals: Vec<Signal>,
    /// Devices that spoke, each once.
    pub devices: Vec<Seen>,
    /// Records that could not be read: the first few.
    pub unread: Vec<Unread>,
    /// How many could not be read in all.
    pub unread_count: u32,
    /// The newest time told by a record.
    pub newest: Option<Timestamp>,
}

/// A device that spoke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// As its records name it.
    pub name: String,
    /// The newest time told by a record of it, at most the moment of receipt.
    pub at: Timestamp,
}

/// A record that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// Why.
    pub reason: String,
    /// How it begins.
    pub sample: String,
}

/// Unread records of a batch that are told in full.
const MOST_UNREAD_TOLD: usize = 5;
const SAMPLE_BYTES: usize = 200;

/// Evaluates batches, one after the other.
pub struct Evaluator {
    rules: Arc<LiveRules>,
    reader: Reader,
    matcher: Matcher,
    tellers: Tellers,
    held: Vec<RuleId>,
    unnested: Vec<u8>,
    /// Fields of the last record: room is made for as many at once.
    fields: usize,
}

impl Evaluator {
    /// An evaluator with nothing learnt yet.
    pub fn new(rules: Arc<LiveRules>) -> Self {
        Self {
            reader: Reader::new(rules.catalogue().clone()),
            matcher: Matcher::new(rules.engine().clone()),
            tellers: Tellers::default(),
            held: Vec::new(),
            unnested: Vec::new(),
            fields: 0,
            rules,
        }
    }

    /// The rules it evaluates.
    pub fn rules(&self) -> &Arc<LiveRules> {
        &self.rules
    }

    /// Evaluates a batch.
    pub fn batch(&mut self, batch: &Batch) -> Evaluated {
        let mut evaluated = Evaluated::default();
        let mut devices = HashMap::new();
        let records =
            batch.records.split(|byte| *byte == b'\n').filter(|record| !record.is_empty());
        for (item, record) in (0..).zip(records) {
            let position = Position { seq: batch.seq.0, item };
            let mut one =
                One { batch, position, record, evaluated: &mut evaluated, devices: &mut devices };
            let read = catch_unwind(AssertUnwindSafe(|| self.record(&mut one)));
            match read {
                Ok(Ok(())) => {}
                Ok(Err(damage)) => one.unread(damage.to_string()),
                Err(_) => {
                    one.unread("evaluating it failed; this is a fault of Ward".to_owned());
                    // What was learnt may be half learnt.
                    *self = Self::new(self.rules.clone());
                }
            }
        }
        evaluated.devices = devices.into_iter().map(|(name, at)| Seen { name, at }).collect();
        evaluated.devices.sort_by(|a, b| a.name.cmp(&b.name));
        evaluated
    }

    /// Reads a record, objects kept as text opened, and matches it.
    fn record(&mut self, one: &mut One<'_>) -> Result<(), Damage> {
        let mut fields = Vec::with_capacity(self.fields);
        let kind = self.reader.json(one.record, &mut fields)?;
        self.fields = fields.len();
        let mut unnested = std::mem::take(&mut self.unnested);
        unnested.clear();
        let opened = self.reader.unnest(kind, one.record, &mut unnested);
        let read = match opened {
            false => {
                self.matched(kind, &fields, one);
                Ok(())
            }
            true => {
                let mut inner = Vec::new();
                let read = self.reader.json(&unnested, &mut inner);
                read.map(|kind| self.matched(kind, &inner, one))
            }
        };
        self.unnested = unnested;
        read
    }

    fn matched(&mut self, kind: KindId, fields: &[Field<'_>], one: &mut One<'_>) {
        let event = self.reader.event(kind, fields);
        let at = event.time();
        let device = event.host().unwrap_or_default();
        one.spoke(&device, at);
        self.held.clear();
        let held =
            self.matcher.matches(event).iter().filter(|rule| tells(self.rules.set(), **rule));
        self.held.extend(held);
        if self.held.is_empty() {
            return;
        }
        let who = self.tellers.who(kind, event);
        let text: Arc<str> = String::from_utf8_lossy(one.record).into();
        for &rule in &self.held {
            let signal = Signal {
                position: one.position,
                rule: self.rules.text(rule).clone(),
                organisation: one.batch.organisation.clone(),
                device: device.to_string(),
                device_id: None,
                who: who.clone(),
                event_time: at,
                received_at: one.batch.received_at,
                event: text.clone(),
                matched: self.matcher.matched(event, rule).into_iter().map(to_field).collect(),
            };
            one.evaluated.signals.push(signal);
        }
    }
}

/// Whether a rule that holds is worth an alert. Correlations are not run here yet: what gives no
/// finding of its own for their sake keeps its alerts, unless it is for information only.
fn tells(rules: &RuleSet, rule: RuleId) -> bool {
    rules.correlations().speaks(rule) || rules.rule(rule).meta.level > Level::Informational
}

/// A record on its way.
struct One<'b> {
    batch: &'b Batch,
    position: Position,
    record: &'b [u8],
    evaluated: &'b mut Evaluated,
    devices: &'b mut HashMap<String, Timestamp>,
}

impl One<'_> {
    fn spoke(&mut self, device: &str, at: Option<Timestamp>) {
        self.evaluated.newest = self.evaluated.newest.max(at);
        if device.is_empty() {
            return;
        }
        let at = at.map_or(self.batch.received_at, |at| at.min(self.batch.received_at));
        match self.devices.get_mut(device) {
            Some(known) => *known = (*known).max(at),
            None => {
                self.devices.insert(device.to_owned(), at);
            }
        }
    }

    fn unread(&mut self, reason: String) {
        self.evaluated.unread_count += 1;
        if self.evaluated.unread.len() < MOST_UNREAD_TOLD {
            let head = &self.record[..self.record.len().min(SAMPLE_BYTES)];
            let sample = String::from_utf8_lossy(head).into_owned();
            self.evaluated.unread.push(Unread { reason, sample });
        }
    }
}

fn to_field(matched: Matched) -> MatchedField {
    let condition = match matched.key.is_empty() {
        true => matched.written,
        false => format!("{}: {}", matched.key, matched.written),
    };
    MatchedField { field: matched.field, value: matched.value, condition }
}
