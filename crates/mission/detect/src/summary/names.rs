//! Findings by name: of devices or of users. Memory stays bounded however many names there are.

use std::{collections::HashMap, sync::Arc};

use terms::Level;

use super::{ByLevel, MAX_NAMES, tally::NameId, worst_first};

/// Names with their findings.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    numbers: HashMap<Arc<str>, u32>,
    counts: Vec<(Arc<str>, ByLevel)>,
    others: ByLevel,
}

/// What a finding calls a device or user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name {
    /// Nothing.
    None,
    /// The name with this number.
    Known(u32),
    /// A name beyond [`MAX_NAMES`].
    Beyond,
}

impl Names {
    /// A name found by its text; the first time, `keep` makes a copy.
    pub(super) fn name(&mut self, text: &str, keep: impl FnOnce() -> Arc<str>) -> Name {
        if text.is_empty() {
            return Name::None;
        }
        if let Some(&number) = self.numbers.get(text) {
            return Name::Known(number);
        }
        if self.counts.len() == MAX_NAMES {
            return Name::Beyond;
        }
        let (number, text) = (self.counts.len() as u32, keep());
        self.numbers.insert(text.clone(), number);
        self.counts.push((text, ByLevel::default()));
        Name::Known(number)
    }

    /// Counts a finding.
    pub(super) fn count(&mut self, name: Name, level: Level) {
        match name {
            Name::None => {}
            Name::Known(number) => self.counts[number as usize].1.add(level),
            Name::Beyond => self.others.add(level),
        }
    }

    /// How many names are known.
    pub(super) fn len(&self) -> usize {
        self.counts.len()
    }

    /// The name with this number.
    pub(super) fn text(&self, number: u32) -> Option<&str> {
        self.counts.get(number as usize).map(|(name, _)| &**name)
    }

    /// Worst first, then most.
    pub(super) fn sorted(&self) -> Vec<(&str, ByLevel)> {
        let mut list: Vec<(&str, ByLevel)> =
            self.counts.iter().map(|(name, count)| (&**name, *count)).collect();
        list.sort_by(|(a, x), (b, y)| worst_first(*x, *y).then_with(|| a.cmp(b)));
        if self.others.total() > 0 {
            list.push(("(others)", self.others));
        }
        list
    }
}

/// The names of a tally among those of a summary, each looked up once.
pub(super) struct Lookup<'t> {
    texts: &'t [Arc<str>],
    found: Vec<Option<Name>>,
}

impl<'t> Lookup<'t> {
    pub(super) fn new(texts: &'t [Arc<str>]) -> Self {
        Lookup { texts, found: vec![None; texts.len()] }
    }

    /// The name with this number in the tally.
    pub(super) fn name(&mut self, id: Option<NameId>, names: &mut Names) -> Name {
        let Some(NameId(id)) = id else { return Name::None };
        let text = &self.texts[id as usize];
        *self.found[id as usize].get_or_insert_with(|| names.name(text, || text.clone()))
    }
}
