//! Values of the event at hand as text: decoded once, in buffers that are used again.

use std::{cell::OnceCell, net::IpAddr};

use event::{Kind, Raw, value::unescape_into};

use crate::{
    Test,
    program::{Slot, fold_for_index},
    test::{View, address},
};

/// Decoded texts of the event at hand, in buffers that are used again.
#[derive(Default)]
pub(super) struct Texts {
    entries: Vec<Decoded>,
    used: usize,
}

#[derive(Default)]
struct Decoded {
    text: String,
    folded: String,
    /// Where the index looks at a form of its own.
    index_form: Option<String>,
    /// The address it names, read when that is first asked.
    address: OnceCell<Option<IpAddr>>,
}

impl Texts {
    pub(super) fn clear(&mut self) {
        self.used = 0;
    }

    pub(super) fn view(&self, at: usize) -> View<'_> {
        let entry = &self.entries[at];
        View { text: &entry.text, folded: &entry.folded }
    }

    /// Whether a text passes a test of one value.
    #[inline]
    pub(super) fn pass(&self, at: usize, test: &Test) -> bool {
        match test {
            // Lists of networks ask for one address many times.
            Test::Cidr(network) => {
                let entry = &self.entries[at];
                let address = entry.address.get_or_init(|| address(&entry.text));
                address.is_some_and(|address| network.contains(&address))
            }
            _ => test.passes(self.view(at)),
        }
    }

    pub(super) fn index_form(&self, at: usize) -> &str {
        let entry = &self.entries[at];
        entry.index_form.as_deref().unwrap_or(&entry.folded)
    }

    /// Takes the next buffer and lets `write` fill its text.
    fn add(&mut self, write: impl FnOnce(&mut String)) -> usize {
        if self.used == self.entries.len() {
            self.entries.push(Decoded::default());
        }
        let at = self.used;
        self.used += 1;
        let entry = &mut self.entries[at];
        entry.text.clear();
        entry.folded.clear();
        entry.index_form = None;
        entry.address = OnceCell::new();
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

    /// The value as text, for a slot of events of this kind. `None` for null and containers.
    pub(super) fn decode(&mut self, raw: Raw<'_>, slot: &Slot, kind: &Kind) -> Option<usize> {
        if matches!(raw, Raw::Null | Raw::Container) {
            return None;
        }
        let at = self.add(|out| match raw {
            Raw::Text(text) => out.push_str(text),
            Raw::Escaped(inside) => unescape_into(inside, out),
            other => out.push_str(&other.text().unwrap_or_default()),
        });
        if slot.translated {
            self.translate(at, kind, &slot.field);
        }
        Some(at)
    }

    /// Replaces the text by what rules expect in its place.
    #[cold]
    fn translate(&mut self, at: usize, kind: &Kind, field: &str) {
        if let Some(expected) = kind.value_for(field, &self.entries[at].text) {
            let entry = &mut self.entries[at];
            entry.text = expected.to_owned();
            entry.folded = expected.to_lowercase();
            entry.index_form = None;
            entry.address = OnceCell::new();
        }
    }
}
