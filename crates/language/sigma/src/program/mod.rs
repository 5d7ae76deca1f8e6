//! The rules of one kind of event, compiled.
//!
//! A kind of event (see [`event::Kind`]) faces only the rules of its log sources. For these the
//! distinct tests are numbered (*atoms*), and each rule becomes a tree over atoms. From each rule
//! one part is chosen that must hold for the rule to hold, and that seldom does: its *trigger*.
//! Only triggers are looked for in every event, through an [`index`] built for that; a
//! rule whose trigger is silent is never looked at. Where a trigger speaks, the rule's tree is
//! evaluated, each atom at most once an event. So the index may find too much, never too little,
//! and every answer comes from the plain tests in [`crate::test`].
//!
//! Modules: [`build`] rules to a program, [`trigger`] the choice, [`required`] texts a regular
//! expression needs, [`index`] values to atoms, [`grams`] substrings, [`rarity`] how often.

mod build;
mod grams;
mod index;
mod rarity;
mod required;
mod trigger;

use event::{Kind, LogSource};
use foldhash::fast::RandomState;
use hashbrown::HashMap;

use crate::{RuleId, RuleSet, Test};

pub(crate) use index::{Index, fold_for_index};

/// Number of an atom within its program.
pub(crate) type AtomId = u32;
/// Number of a field within its program.
pub(crate) type SlotId = u16;

/// The compiled rules of one kind of event.
pub struct Program {
    pub(crate) rules: Vec<Compiled>,
    pub(crate) atoms: Vec<Atom>,
    pub(crate) slots: Vec<Slot>,
    slot_by_name: HashMap<Box<str>, SlotId, RandomState>,
    /// Rules to look at whatever the event holds.
    pub(crate) always: Vec<u32>,
    /// Atom → the rules it triggers, as a range of `triggered`.
    trigger_ranges: Vec<(u32, u32)>,
    triggered: Vec<u32>,
    /// Where keywords are looked for, if any rule has some.
    pub(crate) keywords: Option<SlotId>,
}

/// A rule of a program.
pub(crate) struct Compiled {
    pub(crate) id: RuleId,
    pub(crate) node: Node,
}

/// A field that rules of the program ask for.
pub(crate) struct Slot {
    pub(crate) field: Box<str>,
    pub(crate) index: Index,
    /// Whether the kind translates values of this field.
    pub(crate) translated: bool,
}

/// A test of one field, shared by all rules that ask it.
pub(crate) struct Atom {
    pub(crate) slot: SlotId,
    /// The other field of a reference.
    pub(crate) other: SlotId,
    pub(crate) test: Test,
    /// Whether the index finds it: then what the index does not find does not hold.
    pub(crate) indexed: bool,
}

/// What must hold for a rule to hold.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    Known(bool),
    Atom(AtomId),
    And(Box<[Node]>),
    Or(Box<[Node]>),
    Not(Box<Node>),
    AtLeast(u64, Box<[Node]>),
}

impl Program {
    /// Compiles the rules meant for events of this kind.
    pub fn new(rules: &RuleSet, kind: &Kind) -> Self {
        build::program(rules, kind)
    }

    /// How many rules events of this kind face.
    pub fn rules(&self) -> usize {
        self.rules.len()
    }

    /// How many of them are looked at whatever the event holds.
    pub fn untriggered(&self) -> usize {
        self.always.len()
    }

    /// Numbers of the rules.
    pub fn rule_ids(&self) -> impl Iterator<Item = RuleId> + '_ {
        self.rules.iter().map(|rule| rule.id)
    }

    pub(crate) fn slot(&self, field: &str) -> Option<SlotId> {
        self.slot_by_name.get(field).copied()
    }

    pub(crate) fn triggered_by(&self, atom: AtomId) -> &[u32] {
        let (from, to) = self.trigger_ranges[atom as usize];
        &self.triggered[from as usize..to as usize]
    }

    /// Rules that could not hold for any event of a kind whose events lack some fields.
    ///
    /// `seen` tells for each slot whether an event had the field; rules whose tree is false
    /// whatever the fields seen hold are returned with the fields they miss.
    pub fn impossible<'p>(
        &'p self,
        seen: &'p [bool],
    ) -> impl Iterator<Item = (RuleId, Vec<&'p str>)> + 'p {
        self.rules.iter().filter_map(move |rule| {
            if self.possible(&rule.node, seen) != Possible::Never {
                return None;
            }
            let mut missing = Vec::new();
            self.missing(&rule.node, seen, &mut missing);
            missing.sort_unstable();
            missing.dedup();
            Some((rule.id, missing))
        })
    }

    fn possible(&self, node: &Node, seen: &[bool]) -> Possible {
        match node {
            Node::Known(true) => Possible::Always,
            Node::Known(false) => Possible::Never,
            Node::Atom(atom) => {
                let atom = &self.atoms[*atom as usize];
                match (&atom.test, seen[atom.slot as usize]) {
                    (_, true) => Possible::Perhaps,
                    (Test::Null | Test::Exists(false), false) => Possible::Always,
                    (_, false) => Possible::Never,
                }
            }
            Node::Not(inner) => match self.possible(inner, seen) {
                Possible::Never => Possible::Always,
                Possible::Perhaps => Possible::Perhaps,
                Possible::Always => Possible::Never,
            },
            Node::And(list) => {
                list.iter().map(|one| self.possible(one, seen)).min().unwrap_or(Possible::Always)
            }
            Node::Or(list) => {
                list.iter().map(|one| self.possible(one, seen)).max().unwrap_or(Possible::Never)
            }
            Node::AtLeast(n, list) => {
                let perhaps = |least| {
                    let held = |one: &&Node| self.possible(one, seen) >= least;
                    list.iter().filter(held).count() as u64 >= *n
                };
                match (perhaps(Possible::Always), perhaps(Possible::Perhaps)) {
                    (true, _) => Possible::Always,
                    (_, true) => Possible::Perhaps,
                    _ => Possible::Never,
                }
            }
        }
    }

    /// The fields whose absence makes a tree false.
    fn missing<'p>(&'p self, node: &Node, seen: &[bool], out: &mut Vec<&'p str>) {
        if self.possible(node, seen) != Possible::Never {
            return;
        }
        match node {
            Node::Atom(atom) => {
                let slot = self.atoms[*atom as usize].slot as usize;
                out.push(&self.slots[slot].field);
            }
            Node::And(list) | Node::Or(list) | Node::AtLeast(_, list) => {
                list.iter().for_each(|one| self.missing(one, seen, out));
            }
            Node::Known(_) | Node::Not(_) => {}
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Possible {
    Never,
    Perhaps,
    Always,
}

/// The log source of a rule, for grouping.
pub fn logsource_of(rules: &RuleSet, id: RuleId) -> &LogSource {
    &rules.rule(id).logsource
}
