//! What a thread knows of one kind of event.

use std::sync::Arc;

use event::{Event, PathId};

use super::{
    here::{Chain, Here, ValueId},
    questions::Questions,
};
use crate::{
    Rule,
    memory::Luck,
    program::{Program, SlotId},
};

/// A kind of event: its rules, and what a thread knows of it. Apart, so that the one can be read
/// while the other is written.
pub(super) struct PerKind {
    pub(super) program: Arc<Program>,
    pub(super) known: Known,
}

/// What a thread knows of one kind of event.
pub(super) struct Known {
    pub(super) slots: Vec<PathSlots>,
    pub(super) several: Vec<Box<[SlotId]>>,
    /// For each path, whether its values repeat.
    pub(super) luck: Vec<Luck>,
    /// For each slot of the program: its values in the event at hand.
    chains: Vec<Chain>,
    /// For each atom: when it was last known, and what.
    pub(super) memo: Vec<Memo>,
    /// For each rule: when it was last looked at.
    pub(super) visited: Vec<u32>,
    /// For each rule that has held: what it asks.
    questions: Vec<Option<Arc<Questions>>>,
    pub(super) seen: Vec<bool>,
    pub(super) now: u32,
    pub(super) events: u64,
}

/// Which of a program's fields a path is.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum PathSlots {
    Unknown,
    None,
    One(SlotId),
    /// Position in [`Known::several`].
    Several(u32),
}

#[derive(Clone, Copy, Default)]
pub(super) struct Memo {
    pub(super) when: u32,
    pub(super) holds: bool,
}

/// A path has at most so many names that rules use; the catalogue gives a handful.
const MAX_SLOTS_OF_A_PATH: usize = 16;

/// A few values and their slots, without an allocation.
#[derive(Default)]
pub(super) struct SmallPlaces {
    places: [(SlotId, ValueId); MAX_SLOTS_OF_A_PATH],
    used: usize,
}

impl SmallPlaces {
    /// Adds one, of at most [`MAX_SLOTS_OF_A_PATH`].
    pub(super) fn push(&mut self, place: (SlotId, ValueId)) {
        if let Some(free) = self.places.get_mut(self.used) {
            *free = place;
            self.used += 1;
        }
    }

    pub(super) fn get(&self) -> &[(SlotId, ValueId)] {
        &self.places[..self.used]
    }
}

impl PerKind {
    pub(super) fn new(program: Arc<Program>) -> Box<Self> {
        let known = Known {
            slots: Vec::new(),
            several: Vec::new(),
            luck: Vec::new(),
            chains: vec![Chain::default(); program.slots.len()],
            memo: vec![Memo::default(); program.atoms.len()],
            visited: vec![0; program.rules.len()],
            questions: vec![None; program.rules.len()],
            seen: vec![false; program.slots.len()],
            now: 0,
            events: 0,
        };
        Box::new(PerKind { program, known })
    }
}

impl Known {
    /// A new event: nothing is known of it.
    pub(super) fn tick(&mut self) {
        if self.now == u32::MAX {
            self.chains.fill(Chain::default());
            self.memo.fill(Memo::default());
            self.visited.fill(0);
            self.now = 0;
        }
        self.now += 1;
    }

    /// The event at hand has this field for a slot.
    #[inline]
    pub(super) fn add(&mut self, here: &mut Here, slot: SlotId, field: u32) -> ValueId {
        here.add(&mut self.chains, self.now, slot, field)
    }

    /// The slot's first value in the event at hand.
    #[inline]
    pub(super) fn first(&self, here: &Here, slot: SlotId) -> Option<ValueId> {
        here.first(&self.chains, self.now, slot)
    }

    /// Paths have changed their numbers.
    pub(super) fn forget_paths(&mut self) {
        self.slots.clear();
        self.several.clear();
        self.luck.clear();
    }

    /// What the rule asks that has number `at` in the program.
    pub(super) fn questions(
        &mut self,
        program: &Program,
        at: usize,
        rule: &Rule,
    ) -> Arc<Questions> {
        let new = || Arc::new(Questions::new(program, at, rule));
        self.questions[at].get_or_insert_with(new).clone()
    }

    #[cold]
    pub(super) fn learn_path(
        &mut self,
        program: &Program,
        event: Event<'_, '_>,
        path: PathId,
    ) -> PathSlots {
        let slots = self.slots_of(program, event, path);
        if self.slots.len() <= path.index() {
            let known = event.names.len().max(path.index() + 1);
            self.slots.resize(known, PathSlots::Unknown);
            self.luck.resize(known, Luck::default());
        }
        self.slots[path.index()] = slots;
        slots
    }

    /// Which of the program's fields a path is; from now on they count as seen.
    fn slots_of(&mut self, program: &Program, event: Event<'_, '_>, path: PathId) -> PathSlots {
        let (kind, path) = (event.kind, event.names.text(path));
        let mut slots: Vec<SlotId> =
            kind.names_of(path).iter().filter_map(|name| program.slot(name)).collect();
        let ignored = kind.shape.ignore.iter().any(|ignored| **ignored == *path);
        slots.extend(program.keywords.filter(|_| !ignored));
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
