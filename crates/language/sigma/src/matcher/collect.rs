//! What of a rule's questions holds for the event at hand, from what the matcher knows of it.

use super::{Run, texts::text_at};
use crate::{
    Matched, Test,
    model::{Body, Item},
    program::SlotId,
};

impl Run<'_, '_, '_> {
    /// Whether the body holds; appends what made it hold.
    pub(super) fn collect(&mut self, selection: &str, body: &Body, out: &mut Vec<Matched>) -> bool {
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
