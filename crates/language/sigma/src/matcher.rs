//! Events against programs: which rules hold. One matcher a thread; rules and programs are
//! shared.

use std::sync::{Arc, OnceLock, RwLock};

use event::{Event, Field, Kind, KindId, Names, PathId, Raw, value::unescape_into};

use crate::{
    Matched, RuleId, RuleSet, Test, explain,
    memory::{Luck, Memory, Place, Recall},
    model::{Body, Item},
    program::{AtomId, Node, Program, SlotId, fold_for_index},
    test::View,
};

/// Rules and, for each kind of event met, its program.
pub struct Engine {
    rules: Arc<RuleSet>,
    /// By number of the kind. Each is compiled once, by whoever needs it first; others are not
    /// kept waiting for it.
    programs: RwLock<Vec<Arc<OnceLock<Arc<Program>>>>>,
}

impl Engine {
    /// An engine for these rules; programs are compiled when their kind is first met.
    pub fn new(rules: Arc<RuleSet>) -> Self {
        Engine { rules, programs: RwLock::default() }
    }

    /// The rules in use.
    pub fn rules(&self) -> &Arc<RuleSet> {
        &self.rules
    }

    /// The program for events of this kind.
    pub fn program(&self, kind: &Kind) -> Arc<Program> {
        let place = self.place(kind.id.0 as usize);
        place.get_or_init(|| Arc::new(Program::new(&self.rules, kind))).clone()
    }

    fn place(&self, at: usize) -> Arc<OnceLock<Arc<Program>>> {
        let programs = self.programs.read().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(place) = programs.get(at) {
            return place.clone();
        }
        drop(programs);
        let mut programs = self.programs.write().unwrap_or_else(|poisoned| poisoned.into_inner());
        while programs.len() <= at {
            programs.push(Arc::default());
        }
        programs[at].clone()
    }
}

/// Matches events one by one and remembers what repeats.
pub struct Matcher {
    engine: Arc<Engine>,
    kinds: Vec<Option<Box<PerKind>>>,
    memory: Memory,
    texts: Texts,
    /// Fields of the event at hand that rules ask for: (slot, position).
    here: Vec<(SlotId, u32)>,
    candidates: Vec<AtomId>,
    held: Vec<RuleId>,
    generation: u64,
}

/// Up to this length a text is short.
const SHORT_BYTES: usize = 64;

/// A path has at most so many names that rules use; the catalogue gives a handful.
const MAX_SLOTS_OF_A_PATH: usize = 16;

/// A copy of a few places, so that the list they come from can grow meanwhile.
struct SmallPlaces {
    places: [(SlotId, u32); MAX_SLOTS_OF_A_PATH],
    used: usize,
}

impl From<&[(SlotId, u32)]> for SmallPlaces {
    fn from(list: &[(SlotId, u32)]) -> Self {
        let mut places = [(0, 0); MAX_SLOTS_OF_A_PATH];
        let used = list.len().min(MAX_SLOTS_OF_A_PATH);
        places[..used].copy_from_slice(&list[..used]);
        SmallPlaces { places, used }
    }
}

impl SmallPlaces {
    fn get(&self) -> &[(SlotId, u32)] {
        &self.places[..self.used]
    }
}

/// What a thread knows of one kind of event.
struct PerKind {
    program: Arc<Program>,
    slots: Vec<PathSlots>,
    several: Vec<Box<[SlotId]>>,
    /// For each path, whether its values repeat.
    luck: Vec<Luck>,
    /// For each atom: when it was last known, and what.
    memo: Vec<Memo>,
    /// For each rule: when it was last looked at.
    visited: Vec<u32>,
    seen: Vec<bool>,
    now: u32,
    events: u64,
}

/// Which of a program's fields a path is.
#[derive(Clone, Copy, PartialEq)]
enum PathSlots {
    Unknown,
    None,
    One(SlotId),
    /// Position in [`PerKind::several`].
    Several(u32),
}

#[derive(Clone, Copy, Default)]
struct Memo {
    when: u32,
    holds: bool,
}

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
            here: Vec::new(),
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
            for kind in self.kinds.iter_mut().flatten() {
                kind.slots.clear();
                kind.luck.clear();
            }
        }
        let at = event.kind.id.0 as usize;
        if self.kinds.len() <= at {
            self.kinds.resize_with(at + 1, || None);
        }
        let engine = &self.engine;
        let kind = self.kinds[at].get_or_insert_with(|| PerKind::new(engine.program(event.kind)));
        kind.events += 1;
        if kind.program.rules.is_empty() {
            return &self.held;
        }
        kind.tick();
        self.texts.clear();
        self.here.clear();
        let program = kind.program.clone();
        let mut run = Run {
            program: &program,
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
    pub fn matched(&mut self, event: Event<'_, '_>, rule: RuleId) -> Vec<Matched> {
        let kind = self.kinds.get_mut(event.kind.id.0 as usize).and_then(Option::as_mut);
        let Some(kind) = kind else { return Vec::new() };
        let program = kind.program.clone();
        let rules = self.engine.rules.clone();
        let mut run = Run {
            program: &program,
            kind,
            event,
            memory: &mut self.memory,
            texts: &mut self.texts,
            here: &mut self.here,
            candidates: &mut self.candidates,
        };
        let rule = rules.rule(rule);
        let mut out = Vec::new();
        for selection in explain::wanted(&rule.condition).map(|at| &rule.selections[at]) {
            run.collect(&selection.name, &selection.body, &mut out);
        }
        out
    }

    /// What was met so far, by kind.
    pub fn coverage(&self) -> Vec<Coverage> {
        self.kinds
            .iter()
            .enumerate()
            .filter_map(|(at, kind)| Some((at, kind.as_ref()?)))
            .map(|(at, kind)| Coverage {
                kind: KindId(at as u32),
                events: kind.events,
                seen: kind.seen.clone(),
            })
            .collect()
    }
}

impl PerKind {
    fn new(program: Arc<Program>) -> Box<Self> {
        Box::new(PerKind {
            slots: Vec::new(),
            several: Vec::new(),
            luck: Vec::new(),
            memo: vec![Memo::default(); program.atoms.len()],
            visited: vec![0; program.rules.len()],
            seen: vec![false; program.slots.len()],
            now: 0,
            events: 0,
            program,
        })
    }

    /// A new event: nothing is known of it.
    fn tick(&mut self) {
        if self.now == u32::MAX {
            self.memo.fill(Memo::default());
            self.visited.fill(0);
            self.now = 0;
        }
        self.now += 1;
    }

    #[cold]
    fn learn_path(&mut self, kind: &Kind, names: &Names, path: PathId) -> PathSlots {
        let slots = self.slots_of(kind, names.text(path));
        if self.slots.len() <= path.index() {
            let known = names.len().max(path.index() + 1);
            self.slots.resize(known, PathSlots::Unknown);
            self.luck.resize(known, Luck::default());
        }
        self.slots[path.index()] = slots;
        slots
    }

    /// Which of the program's fields a path is; from now on they count as seen.
    fn slots_of(&mut self, kind: &Kind, path: &str) -> PathSlots {
        let mut slots: Vec<SlotId> =
            kind.names_of(path).iter().filter_map(|name| self.program.slot(name)).collect();
        let ignored = kind.shape.ignore.iter().any(|ignored| **ignored == *path);
        slots.extend(self.program.keywords.filter(|_| !ignored));
        slots.dedup();
        slots.truncate(MAX_SLOTS_OF_A_PATH);
        slots.iter().for_each(|slot| self.seen[*slot as usize] = true);
        match slots.as_slice() {
            [] => PathSlots::None,
            [one] => PathSlots::One(*one),
            _ => {
                self.several.push(slots.into());
                PathSlots::Several(self.several.len() as u32 - 1)
            }
        }
    }
}

/// One event against one program.
struct Run<'r, 'e, 'a> {
    program: &'r Program,
    kind: &'r mut PerKind,
    event: Event<'e, 'a>,
    memory: &'r mut Memory,
    texts: &'r mut Texts,
    here: &'r mut Vec<(SlotId, u32)>,
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
                slots = self.kind.learn_path(self.event.kind, self.event.names, field.path);
            }
            let at = at as u32;
            match slots {
                PathSlots::None | PathSlots::Unknown => {}
                PathSlots::One(slot) => {
                    self.here.push((slot, at));
                    self.look_up(path as u32, field.raw, &[(slot, at)]);
                }
                PathSlots::Several(list) => {
                    let from = self.here.len();
                    let list = &self.kind.several[list as usize];
                    self.here.extend(list.iter().map(|slot| (*slot, at)));
                    let places: SmallPlaces = self.here[from..].into();
                    self.look_up(path as u32, field.raw, places.get());
                }
            }
        }
    }

    /// Looks up one value for the slots it belongs to.
    #[inline]
    fn look_up(&mut self, path: u32, raw: Raw<'a>, places: &[(SlotId, u32)]) {
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
                for atom in atoms {
                    self.kind.memo[*atom as usize] = Memo { when: now, holds: true };
                }
                self.candidates.extend_from_slice(atoms);
                return;
            }
            Recall::New(ticket) => Some(ticket),
            Recall::Forget => None,
        };
        let from = self.candidates.len();
        for (slot, field) in places {
            if index(*slot).may_find(raw) {
                self.search(*slot, *field);
            }
        }
        if let Some(ticket) = ticket {
            let held = &self.candidates[from..];
            self.memory.keep(ticket, place, raw.bytes(), held);
        }
    }

    /// Searches one value: appends the atoms that hold, and marks them.
    fn search(&mut self, slot: SlotId, field: u32) {
        let from = self.candidates.len();
        let Some(text) = text_at(self.texts, self.event, self.program, slot, field) else { return };
        let view = self.texts.view(text);
        let index = &self.program.slots[slot as usize].index;
        index.find(self.texts.index_form(text), self.candidates);
        let mut kept = from;
        for at in from..self.candidates.len() {
            let atom = self.candidates[at];
            let again = self.candidates[from..kept].contains(&atom);
            if !again && self.program.atoms[atom as usize].test.passes(view) {
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
            _ => (0..self.here.len()).any(|at| {
                let (of, field) = self.here[at];
                of == slot
                    && text_at(self.texts, self.event, self.program, slot, field)
                        .is_some_and(|text| test.passes(self.texts.view(text)))
            }),
        }
    }

    fn present(&self, slot: SlotId) -> bool {
        let field = |at: &u32| self.event.fields[*at as usize].raw;
        self.here.iter().any(|(of, at)| *of == slot && field(at).is_present())
    }

    fn refers(&mut self, slot: SlotId, other: SlotId, test: &Test) -> bool {
        let mut texts_of = |wanted: SlotId| -> Vec<usize> {
            (0..self.here.len())
                .filter_map(|at| {
                    let (of, field) = self.here[at];
                    (of == wanted)
                        .then(|| text_at(self.texts, self.event, self.program, wanted, field))
                        .flatten()
                })
                .collect()
        };
        let (own, others) = (texts_of(slot), texts_of(other));
        own.iter().any(|own| {
            others.iter().any(|other| test.refers(self.texts.view(*own), self.texts.view(*other)))
        })
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

/// What of a rule's questions holds for the event at hand.
impl Run<'_, '_, '_> {
    /// Whether the body holds; appends what made it hold.
    fn collect(&mut self, selection: &str, body: &Body, out: &mut Vec<Matched>) -> bool {
        let before = out.len();
        let holds = match body {
            Body::Items(items) => items.iter().all(|item| self.collect_item(selection, item, out)),
            Body::All(list) => list.iter().all(|one| self.collect(selection, one, out)),
            Body::Any(list) => {
                list.iter().fold(false, |holds, one| self.collect(selection, one, out) | holds)
            }
        };
        if !holds {
            out.truncate(before);
        }
        holds
    }

    fn collect_item(&mut self, selection: &str, item: &Item, out: &mut Vec<Matched>) -> bool {
        let before = out.len();
        let slot = match &item.field {
            Some(field) => self.program.slot(field),
            None => self.program.keywords,
        };
        let Some(slot) = slot else { return false };
        let mut held = 0;
        for asked in &item.values {
            let Some(value) = asked.any_of.iter().find_map(|test| self.made_hold(slot, test))
            else {
                continue;
            };
            held += 1;
            out.push(Matched {
                selection: selection.to_owned(),
                field: item.field.as_deref().unwrap_or_default().to_owned(),
                value,
                key: item.key.to_string(),
                written: asked.written.to_string(),
            });
        }
        let holds = if item.all { held == item.values.len() } else { held > 0 };
        if !holds || item.negated {
            out.truncate(before);
        }
        holds != item.negated
    }

    /// The text that makes a test hold, or nothing if it does not; empty for a field that had to
    /// be absent.
    fn made_hold(&mut self, slot: SlotId, test: &Test) -> Option<String> {
        let other = match test {
            Test::FieldRef { field, .. } => self.program.slot(field)?,
            _ => slot,
        };
        if test.is_of_one_value() {
            return (0..self.here.len()).find_map(|at| {
                let (of, field) = self.here[at];
                let text = (of == slot)
                    .then(|| text_at(self.texts, self.event, self.program, slot, field))??;
                let view = self.texts.view(text);
                test.passes(view).then(|| view.text.to_owned())
            });
        }
        if !self.passes(slot, other, test) {
            return None;
        }
        let first = self.here.iter().find(|(of, _)| *of == slot).copied();
        let text =
            first.and_then(|(_, field)| text_at(self.texts, self.event, self.program, slot, field));
        Some(text.map(|text| self.texts.view(text).text.to_owned()).unwrap_or_default())
    }
}

/// Decoded texts of the event at hand, in buffers that are used again.
#[derive(Default)]
struct Texts {
    entries: Vec<Decoded>,
    used: usize,
}

#[derive(Default)]
struct Decoded {
    slot: SlotId,
    field: u32,
    text: String,
    folded: String,
    /// Where the index looks at a form of its own.
    index_form: Option<String>,
}

impl Texts {
    fn clear(&mut self) {
        self.used = 0;
    }

    fn view(&self, at: usize) -> View<'_> {
        let entry = &self.entries[at];
        View { text: &entry.text, folded: &entry.folded }
    }

    fn index_form(&self, at: usize) -> &str {
        let entry = &self.entries[at];
        entry.index_form.as_deref().unwrap_or(&entry.folded)
    }

    fn find(&self, slot: SlotId, field: u32) -> Option<usize> {
        self.entries[..self.used].iter().position(|e| e.field == field && e.slot == slot)
    }

    /// Takes the next buffer and lets `write` fill its text.
    fn add(&mut self, slot: SlotId, field: u32, write: impl FnOnce(&mut String)) -> usize {
        if self.used == self.entries.len() {
            self.entries.push(Decoded::default());
        }
        let at = self.used;
        self.used += 1;
        let entry = &mut self.entries[at];
        (entry.slot, entry.field) = (slot, field);
        entry.text.clear();
        entry.folded.clear();
        entry.index_form = None;
        write(&mut entry.text);
        if entry.text.is_ascii() {
            entry.folded.push_str(&entry.text);
            entry.folded.make_ascii_lowercase();
        } else {
            entry.folded.push_str(&entry.text.to_lowercase());
            if entry.folded.contains('\u{17f}') {
                entry.index_form = Some(fold_for_index(&entry.text).into_owned());
            }
        }
        at
    }
}

/// Where the text of a field is, decoded on first use. `None` for null and containers.
fn text_at(
    texts: &mut Texts,
    event: Event<'_, '_>,
    program: &Program,
    slot: SlotId,
    field: u32,
) -> Option<usize> {
    if let Some(known) = texts.find(slot, field) {
        return Some(known);
    }
    let Field { raw, .. } = event.fields[field as usize];
    if matches!(raw, Raw::Null | Raw::Container) {
        return None;
    }
    let of = &program.slots[slot as usize];
    Some(texts.add(slot, field, |out| match raw {
        Raw::Text(text) => out.push_str(text),
        Raw::Escaped(inside) => unescape_into(inside, out),
        other => out.push_str(&other.text().unwrap_or_default()),
    }))
    .inspect(|at| {
        if of.translated {
            texts.translate(*at, event.kind, &of.field);
        }
    })
}

impl Texts {
    /// Replaces the text by what rules expect in its place.
    #[cold]
    fn translate(&mut self, at: usize, kind: &Kind, field: &str) {
        if let Some(expected) = kind.value_for(field, &self.entries[at].text) {
            let entry = &mut self.entries[at];
            entry.text = expected.to_owned();
            entry.folded = expected.to_lowercase();
            entry.index_form = None;
        }
    }
}
