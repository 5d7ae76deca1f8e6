//! The questions of a rule beside the atoms that answer them: what made a rule hold can then be
//! told from what matching has found out already.

use foldhash::fast::RandomState;
use hashbrown::HashMap;

use crate::{
    Rule, Test, explain,
    model::{Body, Item},
    program::{AtomId, Node, Program, SlotId},
};

/// The selections of one rule that its condition asks to hold.
pub(super) struct Questions {
    /// Position among the rule's selections, and what it asks.
    pub(super) selections: Vec<(usize, Ask)>,
}

/// What a [`Body`] asks, in its order: `entries` for one of items, else `inner`.
#[derive(Default)]
pub(super) struct Ask {
    pub(super) entries: Vec<Entry>,
    pub(super) inner: Vec<Ask>,
}

/// What an [`Item`] asks.
pub(super) struct Entry {
    /// None if no rule of the program asks for the field.
    pub(super) slot: Option<SlotId>,
    /// For each value, for each of its tests. None if the compiled rule does without the test.
    pub(super) atoms: Vec<Vec<Option<AtomId>>>,
}

type Atoms<'p> = HashMap<(SlotId, &'p Test), AtomId, RandomState>;

impl Questions {
    /// The questions of `rule`, whose compiled form is the rule with number `at` of the program.
    pub(super) fn new(program: &Program, at: usize, rule: &Rule) -> Self {
        let mut atoms = Atoms::default();
        add_atoms(program, &program.rules[at].node, &mut atoms);
        let selections = explain::wanted(&rule.condition)
            .map(|at| (at, Ask::new(program, &atoms, &rule.selections[at].body)))
            .collect();
        Questions { selections }
    }
}

impl Ask {
    fn new(program: &Program, atoms: &Atoms<'_>, body: &Body) -> Self {
        match body {
            Body::Items(items) => {
                let entries = items.iter().map(|item| Entry::new(program, atoms, item));
                Ask { entries: entries.collect(), ..Ask::default() }
            }
            Body::All(list) | Body::Any(list) => {
                let inner = list.iter().map(|one| Ask::new(program, atoms, one));
                Ask { inner: inner.collect(), ..Ask::default() }
            }
        }
    }
}

impl Entry {
    fn new(program: &Program, atoms: &Atoms<'_>, item: &Item) -> Self {
        let slot = match &item.field {
            Some(field) => program.slot(field),
            None => program.keywords,
        };
        let atom = |test| atoms.get(&(slot?, test)).copied();
        let atoms = item.values.iter().map(|asked| asked.any_of.iter().map(atom).collect());
        Entry { slot, atoms: atoms.collect() }
    }
}

fn add_atoms<'p>(program: &'p Program, node: &Node, out: &mut Atoms<'p>) {
    match node {
        Node::Known(_) => {}
        Node::Atom(id) => {
            let atom = &program.atoms[*id as usize];
            out.insert((atom.slot, &atom.test), *id);
        }
        Node::And(list) | Node::Or(list) | Node::AtLeast(_, list) => {
            list.iter().for_each(|one| add_atoms(program, one, out));
        }
        Node::Not(inner) => add_atoms(program, inner, out),
    }
}
