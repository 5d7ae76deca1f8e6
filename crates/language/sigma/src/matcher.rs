//! Events against programs: which rules hold. One matcher a thread; rules and programs are
//! shared.
//!
//! Modules: [`kind`] what is known of a kind of event, [`here`] the values of the event at hand,
//! [`texts`] the same as text, [`collect`] what made a rule hold, [`questions`] what it goes by.

mod collect;
mod here;
mod kind;
mod questions;
#[cfg(test)]
mod tests;
mod texts;

pub use collect::Part;

use std::sync::Arc;

use event::{Event, KindId, Raw};

use self::{
    here::{Here, Text, ValueId},
    kind::{Known, Memo, PathSlots, PerKind, SmallPlaces},
    texts::Texts,
};
use crate::{
    Engine, Matched, RuleId, Test,
    memory::{Memory, Place, Recall},
    program::{AtomId, Node, Program, SlotId},
};

/// Matches events one by one and remembers what repeats.
pub struct Matcher {
    engine: Arc<Engine>,
    kinds: Vec<Option<Box<PerKind>>>,
    memory: Memory,
    texts: Texts,
    here: Here,
    candidates: Vec<AtomId>,
    held: Vec<RuleId>,
    generation: u64,
}

/// Up to this length a text is short.
const SHORT_BYTES: usize = 64;

/// What was met of one kind of event.
#[derive(Clone, Debug)]
pub struct Coverage {
    /// The kind.
    pub kind: KindId,
    /// How many events.
    pub events: u64,
    /// For each field of the program, whether an event had it.
    pub seen: Vec<bool>,
}

impl Matcher {
    /// A matcher with nothing learnt yet.
    pub fn new(engine: Arc<Engine>) -> Self {
        Matcher {
            engine,
            kinds: Vec::new(),
            memory: Memory::new(),
            texts: Texts::default(),
            here: Here::default(),
            candidates: Vec::new(),
            held: Vec::new(),
            generation: 0,
        }
    }

    /// The rules that hold for this event, in the order of their numbers.
    pub fn matches(&mut self, event: Event<'_, '_>) -> &[RuleId] {
        self.held.clear();
        if self.generation != event.names.generation() {
            self.generation = event.names.generation();
            self.memory.clear();
            self.kinds.iter_mut().flatten().for_each(|kind| kind.known.forget_paths());
        }
        let at = event.kind.id.0 as usize;
        if self.kinds.len() <= at {
            self.kinds.resize_with(at + 1, || None);
        }
        let engine = &self.engine;
        let met = self.kinds[at].get_or_insert_with(|| PerKind::new(engine.program(event.kind)));
        let PerKind { program, known: kind } = &mut **met;
        kind.events += 1;
        if program.rules.is_empty() {
            return &self.held;
        }
        kind.tick();
        self.texts.clear();
        self.here.clear();
        let mut run = Run {
            program,
            kind,
            event,
            memory: &mut self.memory,
            texts: &mut self.texts,
            here: &mut self.here,
            candidates: &mut self.candidates,
        };
        run.find_triggers();
        run.ask_rules(&mut self.held);
        self.held.sort_unstable();
        &self.held
    }

    /// The parts of an event that made a rule hold: of every selection that the condition does
    /// not negate and that holds, each entry that holds.
    ///
    /// `event` must be the one that [`Matcher::matches`] was asked about last, and `rule` one of
    /// its kind's; else the answer is empty or of no use.
    pub fn parts<'m>(
        &'m mut self,
        event: Event<'_, '_>,
        rule: RuleId,
    ) -> impl Iterator<Item = Part<'m>> {
        let mut out = Vec::new();
        let met = self.kinds.get_mut(event.kind.id.0 as usize).and_then(Option::as_mut);
        if let Some(PerKind { program, known: kind }) = met.map(|met| &mut **met)
            && let Ok(at) = program.rules.binary_search_by_key(&rule, |rule| rule.id)
        {
            let rule = self.engine.rules().rule(rule);
            let questions = kind.questions(program, at, rule);
            let mut run = Run {
                program,
                kind,
                event,
                memory: &mut self.memory,
                texts: &mut self.texts,
                here: &mut self.here,
                candidates: &mut self.candidates,
            };
            for (at, ask) in &questions.selections {
                let selection = &rule.selections[*at];
                run.collect(&selection.name, &selection.body, ask, &mut out);
            }
        }
        let texts = &self.texts;
        out.into_iter().map(move |held| held.part(texts))
    }

    /// The same, to keep.
    pub fn matched(&mut self, event: Event<'_, '_>, rule: RuleId) -> Vec<Matched> {
        self.parts(event, rule).map(Matched::from).collect()
    }

    /// What was met so far, by kind.
    pub fn coverage(&self) -> Vec<Coverage> {
        self.kinds
            .iter()
            .enumerate()
            .filter_map(|(at, kind)| Some((at, kind.as_ref()?)))
            .map(|(at, kind)| Coverage {
                kind: KindId(at as u32),
                events: kind.known.events,
                seen: kind.known.seen.clone(),
            })
            .collect()
    }
}

/// One event against one program.
struct Run<'r, 'e, 'a> {
    program: &'r Program,
    kind: &'r mut Known,
    event: Event<'e, 'a>,
    memory: &'r mut Memory,
    texts: &'r mut Texts,
    here: &'r mut Here,
    candidates: &'r mut Vec<AtomId>,
}

impl<'a> Run<'_, '_, 'a> {
    /// Notes which of the event's fields rules ask for, looks their values up and marks the
    /// atoms that hold.
    fn find_triggers(&mut self) {
        for (at, field) in self.event.fields.iter().enumerate() {
            let path = field.path.index();
            let mut slots = self.kind.slots.get(path).copied().unwrap_or(PathSlots::Unknown);
            if slots == PathSlots::Unknown {
                slots = self.kind.learn_path(self.program, self.event, field.path);
            }
            let at = at as u32;
            match slots {
                PathSlots::None | PathSlots::Unknown => {}
                PathSlots::One(slot) => {
                    let value = self.kind.add(self.here, slot, at);
                    self.look_up(path as u32, field.raw, &[(slot, value)]);
                }
                PathSlots::Several(list) => {
                    let mut places = SmallPlaces::default();
                    for nth in 0..self.kind.several[list as usize].len() {
                        let slot = self.kind.several[list as usize][nth];
                        places.push((slot, self.kind.add(self.here, slot, at)));
                    }
                    self.look_up(path as u32, field.raw, places.get());
                }
            }
        }
    }

    /// Looks up one value for the slots it belongs to.
    #[inline]
    fn look_up(&mut self, path: u32, raw: Raw<'a>, places: &[(SlotId, ValueId)]) {
        let index = |slot: SlotId| &self.program.slots[slot as usize].index;
        if places.iter().all(|(slot, _)| index(*slot).skips(raw)) {
            return;
        }
        // A short text in which nothing but substrings is sought costs less to walk than to recall.
        if let Raw::Text(text) = raw
            && text.len() <= SHORT_BYTES
            && !places.iter().any(|(slot, _)| index(*slot).may_find_in_short(raw))
        {
            return;
        }
        let tag = spelling(raw);
        let now = self.kind.now;
        let place = Place::new(self.event.kind.id.0, path, tag);
        let luck = &mut self.kind.luck[path as usize];
        let ticket = match self.memory.recall(luck, place, raw.bytes()) {
            Recall::Known(atoms) => {
                for atom in atoms.iter() {
                    self.kind.memo[atom as usize] = Memo { when: now, holds: true };
                    self.candidates.push(atom);
                }
                return;
            }
            Recall::New(ticket) => Some(ticket),
            Recall::Forget => None,
        };
        let from = self.candidates.len();
        let mut plain = Text::Unasked;
        for (slot, value) in places {
            if !index(*slot).may_find(raw) {
                continue;
            }
            let translated = self.program.slots[*slot as usize].translated;
            if !translated {
                self.here.set_text(*value, plain);
            }
            self.search(*slot, *value);
            if !translated {
                plain = self.here.get(*value).text;
            }
        }
        if let Some(ticket) = ticket {
            let held = &self.candidates[from..];
            self.memory.keep(ticket, raw.bytes(), held);
        }
    }

    /// Searches one value: appends the atoms that hold, and marks them.
    fn search(&mut self, slot: SlotId, value: ValueId) {
        let from = self.candidates.len();
        let Some(text) = self.text(value) else { return };
        let index = &self.program.slots[slot as usize].index;
        index.find(self.texts.index_form(text), self.candidates);
        let mut kept = from;
        for at in from..self.candidates.len() {
            let atom = self.candidates[at];
            let again = self.candidates[from..kept].contains(&atom);
            if !again && self.texts.pass(text, &self.program.atoms[atom as usize].test) {
                self.kind.memo[atom as usize] = Memo { when: self.kind.now, holds: true };
                self.candidates[kept] = atom;
                kept += 1;
            }
        }
        self.candidates.truncate(kept);
    }

    /// Evaluates the rules whose trigger holds, and those without a trigger.
    fn ask_rules(&mut self, held: &mut Vec<RuleId>) {
        let program = self.program;
        for rule in &program.always {
            self.ask(*rule, held);
        }
        let candidates = std::mem::take(self.candidates);
        for atom in &candidates {
            for rule in program.triggered_by(*atom) {
                self.ask(*rule, held);
            }
        }
        *self.candidates = candidates;
        self.candidates.clear();
    }

    fn ask(&mut self, rule: u32, held: &mut Vec<RuleId>) {
        let visited = &mut self.kind.visited[rule as usize];
        if *visited == self.kind.now {
            return;
        }
        *visited = self.kind.now;
        let rule = &self.program.rules[rule as usize];
        if self.holds(&rule.node) {
            held.push(rule.id);
        }
    }

    fn holds(&mut self, node: &Node) -> bool {
        match node {
            Node::Known(known) => *known,
            Node::Atom(atom) => self.atom(*atom),
            Node::And(list) => list.iter().all(|one| self.holds(one)),
            Node::Or(list) => list.iter().any(|one| self.holds(one)),
            Node::Not(inner) => !self.holds(inner),
            Node::AtLeast(n, list) => {
                let mut missing = *n;
                list.iter().any(|one| {
                    missing -= u64::from(self.holds(one));
                    missing == 0
                })
            }
        }
    }

    fn atom(&mut self, id: AtomId) -> bool {
        let now = self.kind.now;
        let memo = self.kind.memo[id as usize];
        if memo.when == now {
            return memo.holds;
        }
        let atom = &self.program.atoms[id as usize];
        let holds = !atom.indexed && self.passes(atom.slot, atom.other, &atom.test);
        self.kind.memo[id as usize] = Memo { when: now, holds };
        holds
    }

    fn passes(&mut self, slot: SlotId, other: SlotId, test: &Test) -> bool {
        match test {
            Test::Null => !self.present(slot),
            Test::Exists(wanted) => self.present(slot) == *wanted,
            Test::FieldRef { .. } => self.refers(slot, other, test),
            _ => self.passing(slot, test).is_some(),
        }
    }

    /// Where the first text of the field is that passes the test.
    #[inline]
    fn passing(&mut self, slot: SlotId, test: &Test) -> Option<usize> {
        let mut next = self.kind.first(self.here, slot);
        while let Some(value) = next {
            if let Some(text) = self.text(value)
                && self.texts.pass(text, test)
            {
                return Some(text);
            }
            next = self.here.get(value).next;
        }
        None
    }

    /// Where a value stands as text, decoded on first use. `None` for null and containers.
    #[inline]
    fn text(&mut self, at: ValueId) -> Option<usize> {
        let value = self.here.get(at);
        match value.text {
            Text::At(known) => return Some(known),
            Text::None => return None,
            Text::Unasked => {}
        }
        let slot = &self.program.slots[value.slot as usize];
        let raw = self.event.fields[value.field as usize].raw;
        let found = self.texts.decode(raw, slot, self.event.kind);
        self.here.set_text(at, found.map_or(Text::None, Text::At));
        found
    }

    fn present(&self, slot: SlotId) -> bool {
        let mut next = self.kind.first(self.here, slot);
        while let Some(value) = next.map(|at| self.here.get(at)) {
            if self.event.fields[value.field as usize].raw.is_present() {
                return true;
            }
            next = value.next;
        }
        false
    }

    fn refers(&mut self, slot: SlotId, other: SlotId, test: &Test) -> bool {
        let (own, others) = (self.texts_of(slot), self.texts_of(other));
        own.iter().any(|own| {
            others.iter().any(|other| test.refers(self.texts.view(*own), self.texts.view(*other)))
        })
    }

    fn texts_of(&mut self, slot: SlotId) -> Vec<usize> {
        let mut next = self.kind.first(self.here, slot);
        let mut out = Vec::new();
        while let Some(value) = next {
            out.extend(self.text(value));
            next = self.here.get(value).next;
        }
        out
    }
}

/// Which way a value is written: equal bytes mean equal values only within one.
fn spelling(raw: Raw<'_>) -> u8 {
    match raw {
        Raw::Text(_) => 0,
        Raw::Escaped(_) => 1,
        Raw::Number(_) => 2,
        Raw::Bool(_) => 3,
        Raw::Null | Raw::Container => 4,
    }
}
