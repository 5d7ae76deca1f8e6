//! What of a rule's questions holds for the event at hand, from what the matcher knows of it.

use super::{
    Run,
    questions::{Ask, Entry},
    texts::Texts,
};
use crate::{
    Matched, Test,
    model::{Asked, Body, Item},
    program::{AtomId, SlotId},
};

/// A part of the event at hand that made a rule hold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Part<'m> {
    /// The selection.
    pub selection: &'m str,
    /// The field; empty for keywords.
    pub field: &'m str,
    /// The event's text; empty where the field had to be absent.
    pub value: &'m str,
    /// The key of the rule that asked.
    pub key: &'m str,
    /// The value of the rule that held.
    pub written: &'m str,
}

impl From<Part<'_>> for Matched {
    fn from(part: Part<'_>) -> Self {
        Matched {
            selection: part.selection.to_owned(),
            field: part.field.to_owned(),
            value: part.value.to_owned(),
            key: part.key.to_owned(),
            written: part.written.to_owned(),
        }
    }
}

/// A [`Part`] whose text is still being looked for.
pub(super) struct Held<'r> {
    selection: &'r str,
    item: &'r Item,
    asked: &'r Asked,
    /// Position in [`Texts`]; none where the field had to be absent.
    text: Option<usize>,
}

impl<'m> Held<'m> {
    pub(super) fn part(&self, texts: &'m Texts) -> Part<'m> {
        Part {
            selection: self.selection,
            field: self.item.field.as_deref().unwrap_or_default(),
            value: self.text.map(|text| texts.view(text).text).unwrap_or_default(),
            key: &self.item.key,
            written: &self.asked.written,
        }
    }
}

impl Run<'_, '_, '_> {
    /// Whether the body holds; appends what made it hold.
    pub(super) fn collect<'r>(
        &mut self,
        selection: &'r str,
        body: &'r Body,
        ask: &Ask,
        out: &mut Vec<Held<'r>>,
    ) -> bool {
        let before = out.len();
        let holds = match body {
            Body::Items(items) => items
                .iter()
                .zip(&ask.entries)
                .all(|(item, entry)| self.collect_item(selection, item, entry, out)),
            Body::All(list) => {
                list.iter().zip(&ask.inner).all(|(one, ask)| self.collect(selection, one, ask, out))
            }
            Body::Any(list) => list
                .iter()
                .zip(&ask.inner)
                .fold(false, |holds, (one, ask)| self.collect(selection, one, ask, out) | holds),
        };
        if !holds {
            out.truncate(before);
        }
        holds
    }

    fn collect_item<'r>(
        &mut self,
        selection: &'r str,
        item: &'r Item,
        entry: &Entry,
        out: &mut Vec<Held<'r>>,
    ) -> bool {
        let before = out.len();
        let Some(slot) = entry.slot else { return false };
        let mut held = 0;
        for (asked, atoms) in item.values.iter().zip(&entry.atoms) {
            let mut tests = asked.any_of.iter().zip(atoms);
            let found = tests.find_map(|(test, atom)| self.made_hold(slot, test, *atom));
            if let Some(text) = found {
                held += 1;
                out.push(Held { selection, item, asked, text });
            }
        }
        let holds = if item.all { held == item.values.len() } else { held > 0 };
        if !holds || item.negated {
            out.truncate(before);
        }
        holds != item.negated
    }

    /// Where the text is that makes a test hold, or nothing if it does not; an inner nothing for
    /// a field that had to be absent.
    fn made_hold(
        &mut self,
        slot: SlotId,
        test: &Test,
        atom: Option<AtomId>,
    ) -> Option<Option<usize>> {
        if let Some(atom) = atom
            && !self.atom(atom)
        {
            return None;
        }
        if test.is_of_one_value() {
            return self.passing(slot, test).map(Some);
        }
        if atom.is_none() && !self.passes(slot, self.other(slot, test)?, test) {
            return None;
        }
        let first = self.kind.first(self.here, slot);
        Some(first.and_then(|value| self.text(value)))
    }

    /// The other field of a reference.
    fn other(&self, slot: SlotId, test: &Test) -> Option<SlotId> {
        match test {
            Test::FieldRef { field, .. } => self.program.slot(field),
            _ => Some(slot),
        }
    }
}
