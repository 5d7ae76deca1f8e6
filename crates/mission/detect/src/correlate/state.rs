//! Hits put in the order of their time and handed to the windows of correlations; firings handed
//! on to correlations of correlations. Bounded in groups and bytes.

use std::{
    cmp::{Ordering, Reverse},
    collections::BinaryHeap,
    hash::{BuildHasher, Hasher},
    sync::Arc,
};

use hashbrown::HashSet;
use sigma::{
    Correlations, RuleId, RuleSet,
    correlation::{Link, Linked, Type},
};
use terms::Timestamp;

use crate::Exclusions;

use super::{
    Counts, Firing, Hit, Limits,
    model::MAX_EVENTS,
    window::{Fired, Key, Said, Seen, Window},
};

/// Firings that one event may lead to, chained ones included.
const MAX_FIRINGS_OF_A_HIT: u32 = 1000;
/// Copies of events of one time that are told apart.
const MAX_TWINS: usize = 1 << 16;

/// What all correlations know of the past.
///
/// For a watch: [`observe`](Self::observe) each hit, [`advance`](Self::advance) with every batch,
/// and keep [`save`](Self::save) beside the position in the log that it stands for. After a
/// restart, [`restore`](Self::restore) and observe again what came after that position; firings
/// up to the position that was already acted on are the same as before, and are left out.
#[derive(Debug)]
pub struct CorrelationState {
    pub(super) rules: Arc<RuleSet>,
    pub(super) limits: Limits,
    pub(super) windows: Vec<Window>,
    pub(super) waiting: BinaryHeap<Reverse<Waiting>>,
    pub(super) waiting_bytes: usize,
    /// No hit from before this is waited for.
    pub(super) watermark: i64,
    pub(super) counts: Counts,
    /// Copies are told by what was taken of the same time.
    pub(super) twins: Twins,
    groups: usize,
    bytes: usize,
    text: Vec<u8>,
    is_aloud: bool,
    exclusions: Arc<Exclusions>,
    /// For each exclusion, how many firings it left out.
    excluded: Vec<u64>,
}

/// A hit that waits for others from before it.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) at: i64,
    pub(super) hit: Hit,
}

impl Waiting {
    fn key(&self) -> (i64, u64, RuleId) {
        (self.at, self.hit.order, self.hit.rule)
    }
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Waiting {}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

/// Events of one moment by rule and identity.
#[derive(Debug, Default)]
pub(super) struct Twins {
    pub(super) at: i64,
    pub(super) seen: HashSet<u64>,
}

impl CorrelationState {
    /// Nothing has happened yet.
    pub fn new(rules: Arc<RuleSet>, limits: Limits) -> Self {
        let windows = rules.correlations().list().iter().map(Window::new).collect();
        CorrelationState {
            rules,
            limits,
            windows,
            waiting: BinaryHeap::new(),
            waiting_bytes: 0,
            watermark: i64::MIN,
            counts: Counts::default(),
            twins: Twins::default(),
            groups: 0,
            bytes: 0,
            text: Vec::new(),
            is_aloud: false,
            exclusions: Arc::default(),
            excluded: Vec::new(),
        }
    }

    /// The same, but with firings left out: they feed nothing either.
    pub fn without(mut self, exclusions: Arc<Exclusions>) -> Self {
        self.excluded = vec![0; exclusions.list().len()];
        self.exclusions = exclusions;
        self
    }

    /// The same, but firings that only feed other correlations are given out, too.
    pub fn aloud(mut self) -> Self {
        self.is_aloud = true;
        self
    }

    /// The rules it is about.
    pub fn rules(&self) -> &Arc<RuleSet> {
        &self.rules
    }

    /// Takes a hit. What fires because of it, or of hits that need wait no longer, is added to
    /// `out`.
    pub fn observe(&mut self, hit: Hit, out: &mut Vec<Firing>) {
        if self.rules.correlations().links(hit.rule).is_empty() {
            return;
        }
        self.counts.hits += 1;
        let at = hit.at.as_microsecond();
        if at.saturating_add(self.limits.lateness_us) <= self.watermark {
            self.take(&hit, at, out);
            return;
        }
        self.waiting_bytes += hit.bytes();
        self.waiting.push(Reverse(Waiting { at, hit }));
        while self.waiting_bytes > self.limits.max_waiting_bytes {
            self.counts.hurried += 1;
            self.release(out);
        }
    }

    /// Counts a hit whose record tells no time.
    pub fn untimed(&mut self) {
        self.counts.untimed += 1;
    }

    /// Time has come to `now`: of hits from longer ago than the lateness, none is waited for.
    pub fn advance(&mut self, now: Timestamp, out: &mut Vec<Firing>) {
        self.watermark = self.watermark.max(now.as_microsecond());
        let until = self.watermark.saturating_sub(self.limits.lateness_us);
        while self.waiting.peek().is_some_and(|Reverse(first)| first.at <= until) {
            self.release(out);
        }
        self.expire();
    }

    /// Nothing more comes: nobody need wait.
    pub fn finish(&mut self, out: &mut Vec<Firing>) {
        while self.release(out) {}
    }

    /// The first of the hits that wait need wait no longer: for who does not want all firings at
    /// once. Gives false if none waits.
    pub fn release(&mut self, out: &mut Vec<Firing>) -> bool {
        let Some(Reverse(Waiting { at, hit })) = self.waiting.pop() else { return false };
        self.waiting_bytes = self.waiting_bytes.saturating_sub(hit.bytes());
        self.take(&hit, at, out);
        true
    }

    /// Takes a hit whose turn it is.
    fn take(&mut self, hit: &Hit, at: i64, out: &mut Vec<Firing>) {
        if self.is_twin(hit, at) {
            self.counts.duplicates += 1;
            return;
        }
        let rules = self.rules.clone();
        let mut left = MAX_FIRINGS_OF_A_HIT;
        self.feed(rules.correlations(), hit, at, &mut left, out);
        self.bound();
    }

    /// Whether an event like this was taken at this very time.
    fn is_twin(&mut self, hit: &Hit, at: i64) -> bool {
        let Some(identity) = hit.identity else { return false };
        if self.twins.at != at {
            self.twins.at = at;
            self.twins.seen.clear();
        }
        if self.twins.seen.len() >= MAX_TWINS {
            return false;
        }
        let mut hasher = hasher(self.limits.seed);
        hasher.write_u64(identity);
        hasher.write_u64(self.rules.correlations().print(hit.rule));
        hasher.write(hit.within.as_bytes());
        !self.twins.seen.insert(hasher.finish())
    }

    /// Hands a hit to all that its rule feeds, and what fires on to what that feeds.
    fn feed(
        &mut self,
        correlations: &Correlations,
        hit: &Hit,
        at: i64,
        left: &mut u32,
        out: &mut Vec<Firing>,
    ) {
        for link in correlations.links(hit.rule) {
            let linked = &correlations.list()[link.correlation];
            let Some(fired) = self.link(link, linked, hit, at) else { continue };
            if *left == 0 {
                self.counts.cut += 1;
                return;
            }
            *left -= 1;
            let firing = firing(link, linked, hit, &fired);
            if let Some(line) = self.exclusions.covers_firing(&firing) {
                self.excluded[line] += 1;
                continue;
            }
            self.counts.firings += 1;
            let feeds = !correlations.links(linked.id).is_empty();
            let next = feeds.then(|| as_hit(correlations, &firing, hit));
            if self.is_aloud || correlations.speaks(linked.id) {
                out.push(firing);
            }
            if let Some(next) = next {
                self.feed(correlations, &next, fired.last, left, out);
            }
        }
    }

    fn link(&mut self, link: &Link, linked: &Linked, hit: &Hit, at: i64) -> Option<Fired> {
        let own = &linked.correlation;
        let Some(key) = self.key(hit, &link.group) else {
            self.counts.incomplete += 1;
            return None;
        };
        let (value, number) = match own.kind {
            Type::Temporal | Type::TemporalOrdered => (Some(link.source as u64), 0.0),
            Type::ValueCount => (self.key(hit, &link.fields).map(|key| key[1]), 0.0),
            Type::EventCount => (Some(event_of(hit)), 0.0),
            _ => {
                match link.fields.first().and_then(|at| number(hit.values.get(*at)?.as_deref()?)) {
                    Some(number) => (Some(event_of(hit)), number),
                    None => (None, 0.0),
                }
            }
        };
        let Some(value) = value else {
            self.counts.incomplete += 1;
            return None;
        };
        let seen = Seen { key, at, value, number, order: hit.order, source: link.source };
        let window = &mut self.windows[link.correlation];
        let before = (window.groups(), window.bytes_used());
        let said = window.take(seen, linked);
        self.groups = self.groups + window.groups() - before.0;
        self.bytes = self.bytes + window.bytes_used() - before.1;
        match said {
            Said::Counted => None,
            Said::Late => {
                self.counts.late += 1;
                None
            }
            Said::TooLate => {
                self.counts.too_late += 1;
                None
            }
            Said::Duplicate => {
                self.counts.duplicates += 1;
                None
            }
            Said::Fired(fired) => {
                self.counts.late += u64::from(fired.was_late);
                Some(fired)
            }
        }
    }

    /// Hashes of the values of these fields, letter case aside; none if one is not there.
    fn key(&mut self, hit: &Hit, fields: &[usize]) -> Option<Key> {
        self.text.clear();
        put_text(&mut self.text, &hit.within);
        for at in fields {
            let value = hit.values.get(*at)?.as_deref()?;
            match value.is_ascii() {
                true => {
                    put_text(&mut self.text, value);
                    let from = self.text.len() - value.len();
                    self.text[from..].make_ascii_lowercase();
                }
                false => put_text(&mut self.text, &value.to_lowercase()),
            }
        }
        Some([0, 1].map(|which| {
            let mut hasher = hasher(self.limits.seed ^ which);
            hasher.write(&self.text);
            hasher.finish()
        }))
    }

    /// Gives up groups until all bounds are kept.
    fn bound(&mut self) {
        while self.groups > self.limits.max_groups || self.bytes > self.limits.max_bytes {
            let oldest = self
                .windows
                .iter()
                .enumerate()
                .filter_map(|(at, window)| Some((window.oldest()?, at)));
            let Some((_, at)) = oldest.min() else { return };
            self.evict(at);
            self.counts.evicted += 1;
        }
    }

    /// Gives up groups that nothing can happen in any more.
    fn expire(&mut self) {
        for at in 0..self.windows.len() {
            let keep = self.rules.correlations().list()[at].correlation.timespan_us;
            let until = self
                .watermark
                .saturating_sub(self.limits.lateness_us)
                .saturating_sub(self.limits.backlog_us)
                .saturating_sub(keep);
            while self.windows[at].oldest().is_some_and(|oldest| oldest < until) {
                self.evict(at);
            }
        }
    }

    fn evict(&mut self, at: usize) {
        let window = &mut self.windows[at];
        let before = (window.groups(), window.bytes_used());
        window.evict();
        self.groups = self.groups + window.groups() - before.0;
        self.bytes = self.bytes + window.bytes_used() - before.1;
    }

    /// After windows were filled from elsewhere.
    pub(super) fn recount(&mut self) {
        self.groups = self.windows.iter().map(Window::groups).sum();
        self.bytes = self.windows.iter().map(Window::bytes_used).sum();
        self.waiting_bytes = self.waiting.iter().map(|Reverse(one)| one.hit.bytes()).sum();
        self.bound();
    }

    /// What was counted so far.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// For each exclusion, how many firings it left out so far.
    pub fn excluded(&self) -> &[u64] {
        &self.excluded
    }

    /// Groups of all correlations.
    pub fn groups(&self) -> usize {
        self.groups
    }

    /// Groups of each correlation, in their order.
    pub fn groups_by_correlation(&self) -> impl Iterator<Item = (RuleId, usize)> {
        let list = self.rules.correlations().list().iter();
        list.zip(&self.windows).map(|(linked, window)| (linked.id, window.groups()))
    }

    /// Hits that wait for others from before them.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Memory the groups hold, free places included.
    pub fn bytes_held(&self) -> usize {
        self.windows.iter().map(Window::bytes_held).sum()
    }
}

fn hasher(seed: u64) -> impl Hasher {
    foldhash::quality::FixedState::with_seed(seed).build_hasher()
}

/// A text so that two never look like another two.
fn put_text(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(&(text.len() as u32).to_le_bytes());
    out.extend_from_slice(text.as_bytes());
}

/// What tells an event from others of its group.
fn event_of(hit: &Hit) -> u64 {
    // Numbers of records and hashes of events never meet: one bit keeps them apart.
    hit.identity.map_or(hit.order & !(1 << 63), |identity| identity | 1 << 63)
}

/// The text as a number, as rules compare numbers.
fn number(text: &str) -> Option<f64> {
    sigma::test::number_in(text).filter(|number| number.is_finite())
}

fn firing(link: &Link, linked: &Linked, hit: &Hit, fired: &Fired) -> Firing {
    let own = &linked.correlation;
    let value = |at: &usize| hit.values.get(*at).cloned().flatten().unwrap_or_default();
    let names = own.group_by.iter().map(|name| name.as_str().into());
    let hidden = fired.orders.len().saturating_sub(MAX_EVENTS);
    let rules = linked.sources.iter().enumerate();
    Firing {
        rule: linked.id,
        within: hit.within.clone(),
        group: names.zip(link.group.iter().map(value)).collect(),
        first: time(fired.first),
        last: time(fired.last),
        measure: fired.measure,
        rules: rules.filter(|(at, _)| fired.sources >> at & 1 == 1).map(|(_, id)| *id).collect(),
        events: fired.orders[hidden..].to_vec(),
        more_events: hidden as u64,
        by: hit.order,
        host: hit.host.clone(),
        user: hit.user.clone(),
    }
}

fn time(us: i64) -> Timestamp {
    // It was taken from one.
    Timestamp::from_microsecond(us).unwrap_or_default()
}

/// A firing as a hit of what it feeds: values to group by are the group's, others those of the
/// event that made it fire.
fn as_hit(correlations: &Correlations, firing: &Firing, hit: &Hit) -> Hit {
    let from = correlations.fields(hit.rule);
    let value = |name: &str| {
        let group = firing.group.iter().find(|(known, _)| **known == *name);
        match group {
            Some((_, value)) => Some(value.clone()),
            None => hit.values.get(from.iter().position(|known| **known == *name)?)?.clone(),
        }
    };
    let mut hasher = hasher(u64::from(firing.rule.0));
    hasher.write_u64(event_of(hit));
    hasher.write_u64(u64::from(hit.rule.0));
    Hit {
        rule: firing.rule,
        at: firing.last,
        order: hit.order,
        identity: Some(hasher.finish()),
        within: hit.within.clone(),
        host: hit.host.clone(),
        user: hit.user.clone(),
        values: correlations.fields(firing.rule).iter().map(|name| value(name)).collect(),
    }
}
