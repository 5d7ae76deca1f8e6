//! Who did it, in the event's words. Which of a kind's fields tells is learnt once: by which names
//! rules may call a field is not worked out anew for each finding.

use std::{borrow::Cow, collections::HashMap};

use event::{Event, KindId};

use crate::alert::Who;

/// What a field tells.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tells {
    NotAsked,
    Nothing,
    Process,
    Parent,
}

/// What the fields of each kind tell, by the number of their path.
#[derive(Default)]
pub(super) struct Tellers {
    kinds: HashMap<KindId, Vec<Tells>>,
    /// Of the names that the numbers stand for: others come when there are too many.
    generation: u64,
}

impl Tellers {
    /// Who did it. `event` is of this kind.
    pub(super) fn who(&mut self, kind: KindId, event: Event<'_, '_>) -> Who {
        if self.generation != event.names.generation() {
            self.generation = event.names.generation();
            self.kinds.clear();
        }
        let known = self.kinds.entry(kind).or_default();
        let (mut process, mut parent) = (None, None);
        for field in event.fields {
            let told = match tells(known, event, field.path) {
                Tells::Process => &mut process,
                Tells::Parent => &mut parent,
                Tells::Nothing | Tells::NotAsked => continue,
            };
            told.get_or_insert(field.raw);
        }
        let text = |raw: Option<event::Raw<'_>>| {
            raw.and_then(|raw| raw.text()).map(Cow::into_owned).unwrap_or_default()
        };
        Who {
            user: event.user().unwrap_or_default().into_owned(),
            process: text(process),
            parent: text(parent),
        }
    }
}

fn tells(known: &mut Vec<Tells>, event: Event<'_, '_>, path: event::PathId) -> Tells {
    let at = path.index();
    if known.len() <= at {
        known.resize(at + 1, Tells::NotAsked);
    }
    if known[at] == Tells::NotAsked {
        let names = event.kind.names_of(event.names.text(path));
        let is = |asked: &str| names.iter().any(|name| name == asked);
        known[at] = match () {
            () if is("Image") => Tells::Process,
            () if is("ParentImage") => Tells::Parent,
            () => Tells::Nothing,
        };
    }
    known[at]
}
