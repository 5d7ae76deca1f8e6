//! Signals to alerts. In: signals in the order of the log, what is known of their groups, what
//! hides and what limits. Out: what is to be written. Pure: the same signals in the same order
//! give the same alerts, however they are cut into batches.
//!
//! A signal joins the newest alert of its organisation, rule and device
//! - while nobody has taken that alert: what waits unseen needs one line in the queue, or
//! - while it is taken and the signal's event is no more than the window after the last one: later
//!   ones are news to whoever took it.
//!
//! Otherwise it opens an alert. A closed alert stays closed: the verdict was about what was seen.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use jiff::SignedDuration;
use terms::{AlertId, ExceptionId, Level, OdsCode, Timestamp};

use super::{
    Alert, Evidence, Exceptions, Limits, Outcome, Position, Rank, Ranker, Record, RuleText, Signal,
    State, Story, Support, Switches,
    exception::Belongs,
    flood::{Brought, HourOf, Hours, MAX_FLOOD_DEVICES},
    headline,
    key::Key,
    outcome::{Excepted, FloodDevice, Found, Growth, Opened, Raised, RuleDay, day_of},
};

/// What grouping asks of others.
#[derive(Clone, Copy)]
pub struct Cx<'a> {
    /// How long after its last event a taken alert still takes in signals.
    pub window: SignedDuration,
    /// How many new alerts an hour may bring.
    pub limits: Limits,
    /// What is counted instead of shown.
    pub exceptions: &'a Exceptions,
    /// Rules that are off.
    pub switches: &'a Switches,
    /// Whether an organisation lies in a part of the sector.
    pub belongs: Belongs<'a>,
    /// What rests on a signal's device.
    pub support: &'a (dyn Fn(&Signal) -> Support + Sync),
    /// How urgent an alert is.
    pub ranker: &'a (dyn Ranker + Sync),
}

/// The window unless configured otherwise.
pub const WINDOW: SignedDuration = SignedDuration::from_hours(1);

/// What is known of the groups that a batch of signals touches.
#[derive(Clone, Debug, Default)]
pub struct Known {
    pub(crate) heads: HashMap<Key, Head>,
    pub(crate) hours: Hours,
    /// Devices that floods hold already.
    pub(crate) flood_devices: HashSet<(AlertId, String)>,
    pub(crate) records: HashMap<(String, OdsCode), Record>,
}

/// What grouping needs of the newest alert of a group.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    pub(crate) id: AlertId,
    pub(crate) state: State,
    pub(crate) level: Level,
    pub(crate) count: u64,
    pub(crate) devices: u64,
    pub(crate) first_seen: Timestamp,
    pub(crate) last_seen: Timestamp,
    pub(crate) last: Position,
    pub(crate) rank_millionths: i64,
    /// What rests on the worst device of a flood; nothing for other alerts.
    pub(crate) worst: Support,
}

/// Lays signals, in the order of the log, over what is known; `known` is brought up to date.
pub fn fold(signals: &[Signal], known: &mut Known, cx: &Cx<'_>) -> Outcome {
    let hours_before = known.hours.clone();
    let mut desk = Desk {
        cx,
        known,
        drafts: HashMap::new(),
        order: Vec::new(),
        evidence: BTreeMap::new(),
        flood_devices: BTreeMap::new(),
        excepted: BTreeMap::new(),
        days: BTreeMap::new(),
        touched_hours: HashSet::new(),
        outcome: Outcome::default(),
    };
    signals.iter().for_each(|signal| desk.signal(signal));
    desk.finish(&hours_before)
}

struct Desk<'a, 'k> {
    cx: &'a Cx<'a>,
    known: &'k mut Known,
    drafts: HashMap<AlertId, Draft>,
    order: Vec<AlertId>,
    evidence: BTreeMap<(AlertId, i16), Evidence>,
    flood_devices: BTreeMap<(AlertId, String), FloodDevice>,
    excepted: BTreeMap<(ExceptionId, OdsCode), Excepted>,
    days: BTreeMap<(String, OdsCode, i64), Found>,
    touched_hours: HashSet<HourOf>,
    outcome: Outcome,
}

/// An alert this batch touches.
struct Draft {
    head: Head,
    key: Key,
    rule: Arc<RuleText>,
    /// Set when this batch opens it.
    opened: Option<Opened>,
    raised: Option<Raised>,
}

impl Desk<'_, '_> {
    fn signal(&mut self, signal: &Signal) {
        let key = Key::of(signal);
        let flood = key.flood();
        if self.is_replay(&key, signal) || self.is_replay(&flood, signal) {
            self.outcome.replayed += 1;
            return;
        }
        self.day(signal).hits += 1;
        if !self.cx.switches.is_on(&signal.rule.id, &signal.organisation, self.cx.belongs) {
            self.day(signal).off += 1;
        } else if let Some(exception) = self.cx.exceptions.covers(signal, self.cx.belongs) {
            self.except(exception, signal);
        } else {
            self.group(key, flood, signal);
        }
    }

    /// Signals of a group come in the order of the log, so one that is not after the last was
    /// there before.
    fn is_replay(&self, key: &Key, signal: &Signal) -> bool {
        self.known.heads.get(key).is_some_and(|head| signal.position <= head.last)
    }

    fn day(&mut self, signal: &Signal) -> &mut Found {
        let day = day_of(signal.received_at);
        let key = (signal.rule.id.clone(), signal.organisation.clone(), day);
        self.days.entry(key).or_default()
    }

    fn except(&mut self, exception: ExceptionId, signal: &Signal) {
        self.day(signal).excepted += 1;
        let organisation = signal.organisation.clone();
        let key = (exception, organisation.clone());
        let last_hit = signal.received_at;
        let none = Excepted { exception, organisation, hits: 0, last_hit };
        let excepted = self.excepted.entry(key).or_insert(none);
        excepted.hits += 1;
        excepted.last_hit = excepted.last_hit.max(last_hit);
    }

    fn group(&mut self, key: Key, flood: Key, signal: &Signal) {
        if self.takes_in(&key, signal) {
            return self.join(&key, signal);
        }
        let hours = HourOf::both(&signal.rule.id, &signal.organisation, signal.received_at);
        self.touched_hours.extend(hours.iter().cloned());
        let has_flood = self.takes_in(&flood, signal);
        if has_flood && self.flood_holds(&flood, &key.device) {
            self.known.hours.collect(hours);
            return self.join_flood(&flood, &key.device, signal);
        }
        if self.known.hours.admit(hours, self.cx.limits) {
            return self.open(key, signal);
        }
        if !has_flood {
            self.open(flood.clone(), signal);
        }
        self.join_flood(&flood, &key.device, signal);
    }

    fn takes_in(&self, key: &Key, signal: &Signal) -> bool {
        self.known.heads.get(key).is_some_and(|head| match head.state {
            State::New => true,
            State::Taken => signal.seen_at().duration_since(head.last_seen) <= self.cx.window,
            State::Closed => false,
        })
    }

    fn flood_holds(&self, flood: &Key, device: &str) -> bool {
        let head = self.known.heads.get(flood);
        head.is_some_and(|head| self.known.flood_devices.contains(&(head.id, device.to_owned())))
    }

    /// Opens an alert. A flood is opened empty, and then joined.
    fn open(&mut self, key: Key, signal: &Signal) {
        let support = (self.cx.support)(signal).bounded();
        let rank = self.rank(signal, &support);
        let id = key.alert_id(signal);
        let seen = signal.seen_at();
        let head = Head {
            id,
            state: State::New,
            level: signal.rule.level,
            count: 0,
            devices: 0,
            first_seen: seen,
            last_seen: seen,
            last: signal.position,
            rank_millionths: rank.millionths(),
            worst: if key.is_flood { support.clone() } else { Support::default() },
        };
        let opened = opened(&key, &head, signal, rank, support);
        if let Some(older) = self.known.heads.insert(key.clone(), head.clone()) {
            self.outcome.retired.push(older.id);
        }
        let rule = signal.rule.clone();
        let draft = Draft { head, key: key.clone(), rule, opened: Some(opened), raised: None };
        self.drafts.insert(id, draft);
        self.order.push(id);
        self.day(signal).alerts += 1;
        if !key.is_flood {
            self.join(&key, signal);
        }
    }

    fn rank(&self, signal: &Signal, support: &Support) -> Rank {
        let of = (signal.rule.id.clone(), signal.organisation.clone());
        let record = self.known.records.get(&of).copied().unwrap_or_default();
        self.cx.ranker.rank(&signal.rule, record, support)
    }

    fn join(&mut self, key: &Key, signal: &Signal) {
        let Some(id) = self.count(key, signal) else { return };
        let draft = self.drafts.get_mut(&id).expect("counting made the draft");
        draft.head.devices = 1;
        if signal.rule.level > draft.head.level {
            let support = (self.cx.support)(signal).bounded();
            let rank = self.rank(signal, &support);
            self.raise(id, signal, rank, support);
        }
        self.keep_head(id);
    }

    fn join_flood(&mut self, flood: &Key, device: &str, signal: &Signal) {
        let Some(id) = self.count(flood, signal) else { return };
        let seen = signal.seen_at();
        let of = (id, device.to_owned());
        let is_known = self.known.flood_devices.contains(&of);
        let draft = self.drafts.get_mut(&id).expect("counting made the draft");
        if is_known || draft.head.devices < MAX_FLOOD_DEVICES {
            let none = FloodDevice {
                alert: id,
                device: signal.device_name().to_owned(),
                count: 0,
                first_seen: seen,
                last_seen: seen,
            };
            let kept = self.flood_devices.entry(of.clone()).or_insert(none);
            kept.count += 1;
            kept.first_seen = kept.first_seen.min(seen);
            kept.last_seen = kept.last_seen.max(seen);
        }
        if !is_known && draft.head.devices < MAX_FLOOD_DEVICES {
            draft.head.devices += 1;
            self.known.flood_devices.insert(of);
            let support = (self.cx.support)(signal).bounded();
            let rank = self.rank(signal, &support);
            self.raise(id, signal, rank, support);
        }
        self.keep_head(id);
    }

    /// Counts the signal in the newest alert of the group, and keeps its event.
    fn count(&mut self, key: &Key, signal: &Signal) -> Option<AlertId> {
        let head = self.known.heads.get(key)?;
        let id = head.id;
        let draft = self.drafts.entry(id).or_insert_with(|| {
            self.order.push(id);
            let rule = signal.rule.clone();
            Draft { head: head.clone(), key: key.clone(), rule, opened: None, raised: None }
        });
        let head = &mut draft.head;
        let seen = signal.seen_at();
        head.count += 1;
        head.first_seen = head.first_seen.min(seen);
        head.last_seen = head.last_seen.max(seen);
        head.last = signal.position;
        let evidence = evidence(id, head.count, signal);
        self.evidence.insert((id, evidence.slot()), evidence);
        Some(id)
    }

    fn raise(&mut self, id: AlertId, signal: &Signal, rank: Rank, support: Support) {
        let Some(draft) = self.drafts.get_mut(&id) else { return };
        let head = &mut draft.head;
        if rank.millionths() <= head.rank_millionths {
            return;
        }
        let before = draft.raised.as_ref().map_or(head.level, |raised| raised.level_before);
        head.level = head.level.max(signal.rule.level);
        head.rank_millionths = rank.millionths();
        if draft.key.is_flood {
            head.worst = support.clone();
        }
        draft.rule = signal.rule.clone();
        let rule = signal.rule.clone();
        draft.raised = Some(Raised { rule, level_before: before, rank, support });
    }

    fn keep_head(&mut self, id: AlertId) {
        if let Some(draft) = self.drafts.get(&id) {
            self.known.heads.insert(draft.key.clone(), draft.head.clone());
        }
    }

    fn finish(mut self, hours_before: &Hours) -> Outcome {
        for id in std::mem::take(&mut self.order) {
            let Some(draft) = self.drafts.remove(&id) else { continue };
            match draft.settle() {
                Settled::Opened(opened) => self.outcome.opened.push(*opened),
                Settled::Grown(growth) => self.outcome.grown.push(*growth),
            }
        }
        self.outcome.evidence = self.evidence.into_values().collect();
        self.outcome.flood_devices = self.flood_devices.into_values().collect();
        self.outcome.excepted = self.excepted.into_values().collect();
        self.outcome.days = self
            .days
            .into_iter()
            .map(|((rule, organisation, day), found)| RuleDay { rule, organisation, day, found })
            .collect();
        let mut hours: Vec<(HourOf, Brought)> = self
            .touched_hours
            .into_iter()
            .map(|hour| {
                let (now, before) = (self.known.hours.of(&hour), hours_before.of(&hour));
                let opened = now.opened - before.opened;
                (hour, Brought { opened, collected: now.collected - before.collected })
            })
            .collect();
        hours.sort_by(|a, b| a.0.cmp(&b.0));
        self.outcome.hours = hours;
        self.outcome
    }
}

enum Settled {
    Opened(Box<Opened>),
    Grown(Box<Growth>),
}

impl Draft {
    fn settle(self) -> Settled {
        let Self { head, key, rule, opened, raised } = self;
        let headline = key
            .is_flood
            .then(|| headline::of_flood(&key.organisation, &rule, head.devices, &head.worst));
        let Some(mut opened) = opened else {
            return Settled::Grown(Box::new(Growth {
                id: head.id,
                organisation: key.organisation,
                state: head.state,
                count: head.count,
                devices: head.devices,
                first_seen: head.first_seen,
                last_seen: head.last_seen,
                last: head.last,
                raised,
                headline,
            }));
        };
        let alert = &mut opened.alert;
        alert.count = head.count;
        alert.devices = head.devices;
        alert.first_seen = head.first_seen;
        alert.last_seen = head.last_seen;
        alert.level = head.level;
        alert.rank_millionths = head.rank_millionths;
        opened.last = head.last;
        if let Some(raised) = raised {
            alert.rule = raised.rule;
            opened.story.rank = raised.rank;
            opened.story.support = raised.support;
        }
        if let Some(headline) = headline {
            alert.headline = headline;
        }
        Settled::Opened(Box::new(opened))
    }
}

fn opened(key: &Key, head: &Head, signal: &Signal, rank: Rank, support: Support) -> Opened {
    let is_flood = key.is_flood;
    let alert = Alert {
        id: head.id,
        organisation: key.organisation.clone(),
        rule: signal.rule.clone(),
        level: head.level,
        device: if is_flood { String::new() } else { signal.device_name().to_owned() },
        device_id: signal.device_id.filter(|_| !is_flood),
        state: State::New,
        owner: None,
        verdict: None,
        closed_at: None,
        count: 0,
        devices: 0,
        first_seen: head.first_seen,
        last_seen: head.last_seen,
        opened_at: signal.received_at,
        rank_millionths: head.rank_millionths,
        headline: headline::of_signal(signal, &support),
        is_flood,
        version: 1,
    };
    Opened {
        alert,
        story: Story { rank, support, reason: String::new() },
        last: signal.position,
        group_hash: key.hash(),
        deed: key.deed_id(signal),
    }
}

fn evidence(alert: AlertId, ordinal: u64, signal: &Signal) -> Evidence {
    let (event, cut_bytes) = signal.bounded_event();
    Evidence {
        alert,
        ordinal,
        position: signal.position,
        at: signal.seen_at(),
        received_at: signal.received_at,
        device: signal.device_name().to_owned(),
        event: event.to_owned(),
        cut_bytes,
        matched: signal.bounded_matched(),
    }
}
