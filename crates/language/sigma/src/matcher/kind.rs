//! What a thread knows of one kind of event.

use std::sync::Arc;

use event::{Kind, Names, PathId};

use crate::{
    memory::Luck,
    program::{Program, SlotId},
};

/// What a thread knows of one kind of event.
pub(super) struct PerKind {
    pub(super) program: Arc<Program>,
    pub(super) slots: Vec<PathSlots>,
    pub(super) several: Vec<Box<[SlotId]>>,
    /// For each path, whether its values repeat.
    pub(super) luck: Vec<Luck>,
    /// For each atom: when it was last known, and what.
    pub(super) memo: Vec<Memo>,
    /// For each rule: when it was last looked at.
    pub(super) visited: Vec<u32>,
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
    /// Position in [`PerKind::several`].
    Several(u32),
}

#[derive(Clone, Copy, Default)]
pub(super) struct Memo {
    pub(super) when: u32,
    pub(super) holds: bool,
}

/// A path has at most so many names that rules use; the catalogue gives a handful.
const MAX_SLOTS_OF_A_PATH: usize = 16;

/// A copy of a few places, so that the list they come from can grow meanwhile.
pub(super) struct SmallPlaces {
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
    pub(super) fn get(&self) -> &[(SlotId, u32)] {
        &self.places[..self.used]
    }
}

impl PerKind {
    pub(super) fn new(program: Arc<Program>) -> Box<Self> {
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
    pub(super) fn tick(&mut self) {
        if self.now == u32::MAX {
            self.memo.fill(Memo::default());
            self.visited.fill(0);
            self.now = 0;
        }
        self.now += 1;
    }

    #[cold]
    pub(super) fn learn_path(&mut self, kind: &Kind, names: &Names, path: PathId) -> PathSlots {
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
