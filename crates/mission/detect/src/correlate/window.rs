//! The groups of one correlation: for each, what of the newest time span counts.
//!
//! A group holds its distinct values (events for counts of events, rules for `temporal`) in the
//! order of their latest time. Each step is a look-up or a change at an end of a list, so a hit
//! costs the same however many groups there are.

use hashbrown::{HashMap, HashTable};
use sigma::correlation::{Linked, Type};

use super::{
    chain::{Chain, Chains},
    measure::measure,
    slab::{NONE, Slab},
};

/// Values of a group that are computed with: the newest so many.
pub(super) const MAX_NUMBERS: usize = 4096;
/// Values of a group that are counted.
const MAX_VALUES: usize = 1 << 20;
/// Steps to look for the place of a group that is not the newest.
const MAX_STEPS: usize = 128;

/// A group's key: a hash of its values so long that two never share one.
pub(super) type Key = [u64; 2];

/// What has happened in a group of late.
#[derive(Clone, Copy, Debug)]
pub(super) struct Group {
    pub(super) key: Key,
    /// Time of its newest hit.
    pub(super) newest: i64,
    /// Time of its last firing: what happened before is told.
    pub(super) told: i64,
    /// The event that made it fire.
    pub(super) told_by: u64,
    /// Its values, the longest ago first.
    head: u32,
    tail: u32,
    pub(super) len: u32,
    /// Neighbours in the order of the newest time.
    older: u32,
    newer: u32,
}

/// A value of a group.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    /// Its latest time.
    pub(super) at: i64,
    /// Hash of the value, or the event, or the rule.
    pub(super) value: u64,
    /// The event that brought it.
    pub(super) order: u64,
    prev: u32,
    next: u32,
    group: u32,
    /// The rule that brought it, by position.
    pub(super) source: u32,
}

/// A hit as a window sees it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    pub(super) key: Key,
    pub(super) at: i64,
    pub(super) value: u64,
    pub(super) number: f64,
    pub(super) order: u64,
    pub(super) source: usize,
}

/// A group as it was saved, without its values.
#[derive(Clone, Copy, Debug)]
pub(super) struct Saved {
    pub(super) key: Key,
    pub(super) newest: i64,
    pub(super) told: i64,
    pub(super) told_by: u64,
}

/// What a window made of a hit.
#[derive(Debug)]
pub(super) enum Said {
    /// It counts, and no more.
    Counted,
    /// It is from before others, and counts.
    Late,
    /// It is too late to count.
    TooLate,
    /// It was counted already.
    Duplicate,
    /// The condition holds.
    Fired(Fired),
}

/// What held.
#[derive(Debug)]
pub(super) struct Fired {
    pub(super) first: i64,
    pub(super) last: i64,
    pub(super) measure: f64,
    /// Positions of the rules, one bit each.
    pub(super) sources: u64,
    /// In the order of time.
    pub(super) orders: Vec<u64>,
    pub(super) was_late: bool,
}

/// All groups of a correlation.
#[derive(Debug)]
pub(super) struct Window {
    timespan: i64,
    kind: Type,
    /// Values kept of a group.
    most: usize,
    groups: Slab<Group>,
    by_key: HashTable<u32>,
    nodes: Slab<Node>,
    by_value: HashTable<u32>,
    /// For types that compute, by number of the node.
    numbers: Vec<f64>,
    /// For `temporal_ordered`, by number of the group.
    chains: HashMap<u32, Chains>,
    chain_bytes: usize,
    oldest: u32,
    newest: u32,
}

impl Window {
    /// No groups yet.
    pub(super) fn new(linked: &Linked) -> Self {
        let own = &linked.correlation;
        let most = match own.kind {
            kind if kind.is_numeric() => MAX_NUMBERS,
            _ => own.condition.most_counted().min(MAX_VALUES as u64) as usize,
        };
        Window {
            timespan: own.timespan_us,
            kind: own.kind,
            most,
            groups: Slab::default(),
            by_key: HashTable::new(),
            nodes: Slab::default(),
            by_value: HashTable::new(),
            numbers: Vec::new(),
            chains: HashMap::new(),
            chain_bytes: 0,
            oldest: NONE,
            newest: NONE,
        }
    }

    /// Takes a hit.
    pub(super) fn take(&mut self, seen: Seen, linked: &Linked) -> Said {
        let slot = self.group(seen.key, seen.at);
        let group = self.groups.at(slot);
        let is_late = seen.at < group.newest;
        if is_late {
            let is_over = seen.at < group.newest.saturating_sub(self.timespan)
                || seen.at <= group.told
                || self.kind == Type::TemporalOrdered;
            if is_over {
                return Said::TooLate;
            }
        } else {
            self.renew(slot, seen.at);
        }
        if self.kind == Type::TemporalOrdered {
            return self.link(slot, seen, linked.sources.len());
        }
        if !self.put(slot, seen) {
            return Said::Duplicate;
        }
        match self.holds(slot, linked) {
            Some(measure) => {
                self.groups.at_mut(slot).told_by = seen.value;
                Said::Fired(self.fire(slot, measure, is_late))
            }
            None if is_late => Said::Late,
            None => Said::Counted,
        }
    }

    /// The group with this key; a new one begins at `at`.
    fn group(&mut self, key: Key, at: i64) -> u32 {
        let groups = &self.groups;
        if let Some(slot) = self.by_key.find(key[0], |slot| groups.at(*slot).key == key) {
            return *slot;
        }
        let slot = self.groups.put(Group {
            key,
            newest: at,
            told: i64::MIN,
            told_by: 0,
            head: NONE,
            tail: NONE,
            len: 0,
            older: NONE,
            newer: NONE,
        });
        let groups = &self.groups;
        self.by_key.insert_unique(key[0], slot, |slot| groups.at(*slot).key[0]);
        self.place(slot);
        slot
    }

    /// Time goes on in a group: what is too long ago no longer counts.
    fn renew(&mut self, slot: u32, at: i64) {
        if self.groups.at(slot).newest != at {
            self.unplace(slot);
            self.groups.at_mut(slot).newest = at;
            self.place(slot);
        }
        let from = at.saturating_sub(self.timespan);
        loop {
            let head = self.groups.at(slot).head;
            if head == NONE || self.nodes.at(head).at >= from {
                return;
            }
            self.forget(head);
        }
    }

    /// Puts a value where its time belongs. Gives false if it is there already as the same event.
    fn put(&mut self, slot: u32, seen: Seen) -> bool {
        let hash = value_hash(slot, seen.value);
        let nodes = &self.nodes;
        let same = |at: &u32| {
            let node = nodes.at(*at);
            node.group == slot && node.value == seen.value
        };
        let is_event = self.kind == Type::EventCount || self.kind.is_numeric();
        let group = self.groups.at(slot);
        if is_event && (group.told, group.told_by) == (seen.at, seen.value) {
            return false;
        }
        if let Some(&known) = self.by_value.find(hash, same) {
            if is_event {
                return false;
            }
            if self.nodes.at(known).at > seen.at {
                return true;
            }
            self.forget(known);
        }
        let mut before = self.groups.at(slot).tail;
        while before != NONE && self.nodes.at(before).at > seen.at {
            before = self.nodes.at(before).prev;
        }
        self.append(slot, before, seen);
        if self.groups.at(slot).len as usize > self.most {
            self.forget(self.groups.at(slot).head);
        }
        true
    }

    /// Adds a node after `before`, or at the front.
    fn append(&mut self, slot: u32, before: u32, seen: Seen) {
        let next = match before {
            NONE => self.groups.at(slot).head,
            before => self.nodes.at(before).next,
        };
        let node = self.nodes.put(Node {
            at: seen.at,
            value: seen.value,
            order: seen.order,
            prev: before,
            next,
            group: slot,
            source: seen.source as u32,
        });
        match before {
            NONE => self.groups.at_mut(slot).head = node,
            before => self.nodes.at_mut(before).next = node,
        }
        match next {
            NONE => self.groups.at_mut(slot).tail = node,
            next => self.nodes.at_mut(next).prev = node,
        }
        self.groups.at_mut(slot).len += 1;
        if self.kind.is_numeric() {
            let at = node as usize;
            self.numbers.resize(self.numbers.len().max(at + 1), 0.0);
            self.numbers[at] = seen.number;
        }
        let nodes = &self.nodes;
        let rehash = |at: &u32| {
            let node = nodes.at(*at);
            value_hash(node.group, node.value)
        };
        self.by_value.insert_unique(value_hash(slot, seen.value), node, rehash);
    }

    /// Takes a node out.
    fn forget(&mut self, node: u32) {
        let Node { value, prev, next, group: slot, .. } = *self.nodes.at(node);
        if let Ok(entry) = self.by_value.find_entry(value_hash(slot, value), |known| *known == node)
        {
            entry.remove();
        }
        match prev {
            NONE => self.groups.at_mut(slot).head = next,
            prev => self.nodes.at_mut(prev).next = next,
        }
        match next {
            NONE => self.groups.at_mut(slot).tail = prev,
            next => self.nodes.at_mut(next).prev = prev,
        }
        self.groups.at_mut(slot).len -= 1;
        self.nodes.remove(node);
    }

    /// What is measured in a group now, if the condition holds for it.
    fn holds(&self, slot: u32, linked: &Linked) -> Option<f64> {
        let condition = &linked.correlation.condition;
        let len = f64::from(self.groups.at(slot).len);
        if self.kind == Type::Temporal {
            let occur = self.nodes_of(slot).fold(0u64, |bits, (_, node)| bits | 1 << node.source);
            return condition.rules(occur, linked.sources.len()).then_some(len);
        }
        let measured = match self.kind.is_numeric() {
            false => len,
            true => {
                let values = self.nodes_of(slot).map(|(at, _)| self.numbers[at as usize]);
                measure(self.kind, &mut values.collect::<Vec<_>>())
            }
        };
        condition.measure(measured).then_some(measured)
    }

    /// The values of a group, the longest ago first.
    pub(super) fn nodes_of(&self, slot: u32) -> impl Iterator<Item = (u32, &Node)> {
        let mut at = self.groups.at(slot).head;
        std::iter::from_fn(move || {
            let node = (at != NONE).then(|| self.nodes.at(at))?;
            Some((std::mem::replace(&mut at, node.next), node))
        })
    }

    /// What held, and the group as if none of it had happened.
    fn fire(&mut self, slot: u32, measure: f64, was_late: bool) -> Fired {
        let last = self.groups.at(slot).newest;
        let mut fired =
            Fired { first: last, last, measure, sources: 0, orders: Vec::new(), was_late };
        for (_, node) in self.nodes_of(slot) {
            fired.first = fired.first.min(node.at);
            fired.sources |= 1 << node.source;
            fired.orders.push(node.order);
        }
        self.empty(slot);
        self.groups.at_mut(slot).told = last;
        fired
    }

    fn empty(&mut self, slot: u32) {
        while self.groups.at(slot).head != NONE {
            self.forget(self.groups.at(slot).head);
        }
        if let Some(chains) = self.chains.remove(&slot) {
            self.chain_bytes -= chains.bytes();
        }
    }

    /// Rules in their order.
    fn link(&mut self, slot: u32, seen: Seen, of: usize) -> Said {
        let chains = self.chains.entry(slot).or_default();
        self.chain_bytes -= chains.bytes();
        let whole = chains.take((seen.source, of), seen.at, seen.order, self.timespan);
        self.chain_bytes += chains.bytes();
        let Some(Chain { start, orders }) = whole else { return Said::Counted };
        self.empty(slot);
        self.groups.at_mut(slot).told = seen.at;
        Said::Fired(Fired {
            first: start,
            last: seen.at,
            measure: of as f64,
            sources: u64::MAX >> (64 - of.clamp(1, 64)),
            orders,
            was_late: false,
        })
    }

    /// Time of the group that was silent longest.
    pub(super) fn oldest(&self) -> Option<i64> {
        (self.oldest != NONE).then(|| self.groups.at(self.oldest).newest)
    }

    /// Gives up the group that was silent longest.
    pub(super) fn evict(&mut self) {
        let slot = self.oldest;
        if slot == NONE {
            return;
        }
        self.empty(slot);
        self.unplace(slot);
        let key = self.groups.at(slot).key;
        if let Ok(entry) = self.by_key.find_entry(key[0], |known| *known == slot) {
            entry.remove();
        }
        self.groups.remove(slot);
    }

    /// Puts a group where its newest time belongs, mostly at the end. One that is far behind is
    /// put near its place: it is the order of giving up, nothing else.
    fn place(&mut self, slot: u32) {
        let at = self.groups.at(slot).newest;
        let mut older = self.newest;
        for _ in 0..MAX_STEPS {
            if older == NONE || self.groups.at(older).newest <= at {
                break;
            }
            older = self.groups.at(older).older;
        }
        if older != NONE && self.groups.at(older).newest > at {
            older = self.near_oldest(at);
        }
        let newer = match older {
            NONE => std::mem::replace(&mut self.oldest, slot),
            older => std::mem::replace(&mut self.groups.at_mut(older).newer, slot),
        };
        match newer {
            NONE => self.newest = slot,
            newer => self.groups.at_mut(newer).older = slot,
        }
        let group = self.groups.at_mut(slot);
        (group.older, group.newer) = (older, newer);
    }

    /// The group to stand after, looked for from the old end.
    fn near_oldest(&self, at: i64) -> u32 {
        let (mut older, mut next) = (NONE, self.oldest);
        for _ in 0..MAX_STEPS {
            if next == NONE || self.groups.at(next).newest > at {
                break;
            }
            (older, next) = (next, self.groups.at(next).newer);
        }
        older
    }

    fn unplace(&mut self, slot: u32) {
        let Group { older, newer, .. } = *self.groups.at(slot);
        match older {
            NONE => self.oldest = newer,
            older => self.groups.at_mut(older).newer = newer,
        }
        match newer {
            NONE => self.newest = older,
            newer => self.groups.at_mut(newer).older = older,
        }
    }

    /// How many groups there are.
    pub(super) fn groups(&self) -> usize {
        self.groups.len()
    }

    /// Memory that its groups take.
    pub(super) fn bytes_used(&self) -> usize {
        // An entry of a table is its number, a byte of its hash, and an eighth left free or more.
        const ENTRY: usize = 8;
        self.groups.len() * (size_of::<Group>() + ENTRY)
            + self.nodes.len() * (size_of::<Node>() + ENTRY)
            + if self.kind.is_numeric() { self.nodes.len() * 8 } else { 0 }
            + self.chain_bytes
            + self.chains.len() * (size_of::<(u32, Chains)>() + ENTRY)
    }

    /// Memory it holds, free places included.
    pub(super) fn bytes_held(&self) -> usize {
        self.groups.bytes()
            + self.nodes.bytes()
            + self.by_key.allocation_size()
            + self.by_value.allocation_size()
            + self.numbers.capacity() * 8
            + self.chains.allocation_size()
            + self.chain_bytes
    }

    /// All groups, the longest silent first.
    pub(super) fn in_order(&self) -> impl Iterator<Item = (u32, &Group)> {
        let mut at = self.oldest;
        std::iter::from_fn(move || {
            let group = (at != NONE).then(|| self.groups.at(at))?;
            Some((std::mem::replace(&mut at, group.newer), group))
        })
    }

    /// The number that a node stands for.
    pub(super) fn number(&self, node: u32) -> f64 {
        self.numbers.get(node as usize).copied().unwrap_or(0.0)
    }

    /// The chains of a group.
    pub(super) fn chains_of(&self, slot: u32) -> Option<&Chains> {
        self.chains.get(&slot)
    }

    /// Puts a saved group back, the longest silent first.
    pub(super) fn restore(
        &mut self,
        saved: Saved,
        nodes: impl Iterator<Item = Seen>,
        chains: Option<Chains>,
    ) {
        let slot = self.group(saved.key, saved.newest);
        let group = self.groups.at_mut(slot);
        (group.told, group.told_by) = (saved.told, saved.told_by);
        for seen in nodes {
            self.append(slot, self.groups.at(slot).tail, seen);
        }
        if let Some(chains) = chains {
            self.chain_bytes += chains.bytes();
            self.chains.insert(slot, chains);
        }
    }
}

/// Where a value of a group stands in the table of values.
fn value_hash(slot: u32, value: u64) -> u64 {
    let mixed = (value ^ u64::from(slot).wrapping_mul(0x9e37_79b9_7f4a_7c15))
        .wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed ^ mixed >> 32
}
