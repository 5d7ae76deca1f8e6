//! Rules to a program: atoms numbered, conditions as trees, triggers chosen, index built.

use event::Kind;
use foldhash::fast::RandomState;
use hashbrown::{HashMap, HashSet};

use super::{
    Atom, AtomId, Compiled, Index, Node, Program, Slot, SlotId,
    index::{Key, keys_of},
    rarity, trigger,
};
use crate::{
    Rule, RuleSet, Test,
    model::{Body, Condition, Item},
};

/// Lists of alternatives at least this long are indexed even where they trigger nothing, so
/// that asking the list costs a look-up for each member instead of a comparison.
const LONG_LIST: usize = 12;

/// The field-less slot's name; no field is called so.
const KEYWORDS: &str = "\0keywords";

pub(super) fn program(rules: &RuleSet, kind: &Kind) -> Program {
    let mut builder = Builder::default();
    let compiled: Vec<Compiled> = rules
        .iter()
        .filter(|(_, rule)| kind.belongs_to(&rule.logsource))
        .map(|(id, rule)| Compiled { id, node: builder.rule(rule) })
        .collect();
    builder.finish(compiled, kind)
}

#[derive(Default)]
struct Builder<'r> {
    atoms: Vec<Atom>,
    atom_ids: HashMap<(SlotId, &'r Test), AtomId, RandomState>,
    slots: Vec<Box<str>>,
    slot_ids: HashMap<Box<str>, SlotId, RandomState>,
}

impl<'r> Builder<'r> {
    fn rule(&mut self, rule: &'r Rule) -> Node {
        let selections: Vec<Node> =
            rule.selections.iter().map(|selection| self.body(&selection.body)).collect();
        condition(&rule.condition, &selections)
    }

    fn body(&mut self, body: &'r Body) -> Node {
        match body {
            Body::Items(items) => and(items.iter().map(|item| self.item(item)).collect()),
            Body::Any(list) => or(list.iter().map(|one| self.body(one)).collect()),
            Body::All(list) => and(list.iter().map(|one| self.body(one)).collect()),
        }
    }

    fn item(&mut self, item: &'r Item) -> Node {
        let slot = self.slot(item.field.as_deref().unwrap_or(KEYWORDS));
        let values: Vec<Node> = item
            .values
            .iter()
            .map(|value| or(value.any_of.iter().map(|test| self.atom(slot, test)).collect()))
            .collect();
        let node = if item.all { and(values) } else { or(values) };
        if item.negated { not(node) } else { node }
    }

    fn slot(&mut self, field: &str) -> SlotId {
        if let Some(&known) = self.slot_ids.get(field) {
            return known;
        }
        let slot = SlotId::try_from(self.slots.len()).unwrap_or(SlotId::MAX);
        self.slots.push(field.into());
        self.slot_ids.insert(field.into(), slot);
        slot
    }

    fn atom(&mut self, slot: SlotId, test: &'r Test) -> Node {
        if let Some(&known) = self.atom_ids.get(&(slot, test)) {
            return Node::Atom(known);
        }
        let other = match test {
            Test::FieldRef { field, .. } => self.slot(field),
            _ => slot,
        };
        let atom = self.atoms.len() as AtomId;
        self.atoms.push(Atom { slot, other, test: test.clone(), indexed: false });
        self.atom_ids.insert((slot, test), atom);
        Node::Atom(atom)
    }

    fn finish(mut self, mut rules: Vec<Compiled>, kind: &Kind) -> Program {
        let weighed: Vec<Weighed> = self
            .atoms
            .iter()
            .map(|atom| Weighed::new(&self.slots[atom.slot as usize], &atom.test))
            .collect();
        let mut triggers: Vec<Vec<u32>> = vec![Vec::new(); self.atoms.len()];
        let mut always = Vec::new();
        let mut indexed: HashSet<AtomId, RandomState> = HashSet::default();
        for (at, rule) in rules.iter_mut().enumerate() {
            trigger::sort(&mut rule.node, &weighed);
            match trigger::choose(&rule.node, &weighed) {
                Some(atoms) => {
                    for atom in atoms {
                        indexed.insert(atom);
                        triggers[atom as usize].push(at as u32);
                    }
                }
                None => always.push(at as u32),
            }
            long_lists(&rule.node, &weighed, &mut indexed);
        }
        let mut keys: Vec<Vec<(Key, AtomId)>> = vec![Vec::new(); self.slots.len()];
        for &atom in &indexed {
            let one = &mut self.atoms[atom as usize];
            if let Some(found) = &weighed[atom as usize].keys {
                one.indexed = true;
                keys[one.slot as usize].extend(found.iter().map(|key| (key.clone(), atom)));
            }
        }
        let translated: HashSet<&str> = kind.translated_fields().collect();
        let slots = self
            .slots
            .into_iter()
            .zip(keys)
            .map(|(field, keys)| Slot {
                index: Index::new(keys),
                translated: translated.contains(&*field),
                field,
            })
            .collect();
        let mut trigger_ranges = Vec::with_capacity(triggers.len());
        let mut triggered = Vec::new();
        for mut list in triggers {
            list.dedup();
            let from = triggered.len() as u32;
            triggered.extend(list);
            trigger_ranges.push((from, triggered.len() as u32));
        }
        Program {
            rules,
            atoms: self.atoms,
            keywords: self.slot_ids.get(KEYWORDS).copied(),
            slots,
            slot_by_name: self.slot_ids,
            always,
            trigger_ranges,
            triggered,
        }
    }
}

/// What is known of an atom before anything is matched.
pub(super) struct Weighed {
    /// What the index can look up for it, if anything.
    pub(super) keys: Option<Vec<Key>>,
    /// The guessed share of events for which it holds.
    pub(super) share: f64,
}

impl Weighed {
    fn new(field: &str, test: &Test) -> Self {
        Weighed { keys: keys_of(test), share: rarity::share(field, test) }
    }

    /// Whether the index finds it without testing every value.
    pub(super) fn is_selective(&self) -> bool {
        self.keys.as_ref().is_some_and(|keys| !keys.contains(&Key::Every))
    }
}

fn long_lists(node: &Node, weighed: &[Weighed], indexed: &mut HashSet<AtomId, RandomState>) {
    match node {
        Node::Or(list) if list.len() >= LONG_LIST => {
            for one in list {
                match one {
                    Node::Atom(atom) if weighed[*atom as usize].is_selective() => {
                        indexed.insert(*atom);
                    }
                    other => long_lists(other, weighed, indexed),
                }
            }
        }
        Node::And(list) | Node::Or(list) | Node::AtLeast(_, list) => {
            list.iter().for_each(|one| long_lists(one, weighed, indexed));
        }
        Node::Not(inner) => long_lists(inner, weighed, indexed),
        Node::Atom(_) | Node::Known(_) => {}
    }
}

fn condition(condition_: &Condition, selections: &[Node]) -> Node {
    let all = |list: &[Condition]| list.iter().map(|one| condition(one, selections)).collect();
    match condition_ {
        Condition::And(list) => and(all(list)),
        Condition::Or(list) => or(all(list)),
        Condition::Not(inner) => not(condition(inner, selections)),
        Condition::Selection(at) => selections[*at].clone(),
        Condition::AtLeast(n, list) => {
            let nodes: Vec<Node> = list.iter().map(|at| selections[*at].clone()).collect();
            match *n {
                0 => Node::Known(true),
                1 => or(nodes),
                n if n == nodes.len() as u64 => and(nodes),
                n if n > nodes.len() as u64 => Node::Known(false),
                n => Node::AtLeast(n, nodes.into()),
            }
        }
    }
}

fn and(list: Vec<Node>) -> Node {
    let mut flat = Vec::with_capacity(list.len());
    for one in list {
        match one {
            Node::Known(true) => {}
            Node::Known(false) => return Node::Known(false),
            Node::And(inner) => flat.extend(inner),
            other => flat.push(other),
        }
    }
    match flat.len() {
        0 => Node::Known(true),
        1 => flat.remove(0),
        _ => Node::And(flat.into()),
    }
}

fn or(list: Vec<Node>) -> Node {
    let mut flat = Vec::with_capacity(list.len());
    for one in list {
        match one {
            Node::Known(false) => {}
            Node::Known(true) => return Node::Known(true),
            Node::Or(inner) => flat.extend(inner),
            other => flat.push(other),
        }
    }
    match flat.len() {
        0 => Node::Known(false),
        1 => flat.remove(0),
        _ => Node::Or(flat.into()),
    }
}

fn not(node: Node) -> Node {
    match node {
        Node::Known(known) => Node::Known(!known),
        Node::Not(inner) => *inner,
        other => Node::Not(Box::new(other)),
    }
}
