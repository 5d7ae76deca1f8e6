//! Values of the event at hand as text: decoded once, in buffers that are used again.

use event::{Event, Field, Kind, Raw, value::unescape_into};

use crate::{
    program::{Program, SlotId, fold_for_index},
    test::View,
};

/// Decoded texts of the event at hand, in buffers that are used again.
#[derive(Default)]
pub(super) struct Texts {
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
    pub(super) fn clear(&mut self) {
        self.used = 0;
    }

    pub(super) fn view(&self, at: usize) -> View<'_> {
        let entry = &self.entries[at];
        View { text: &entry.text, folded: &entry.folded }
    }

    pub(super) fn index_form(&self, at: usize) -> &str {
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
pub(super) fn text_at(
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
