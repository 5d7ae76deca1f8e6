//! Things by a part of their name or code. Pure.

use terms::{OdsCode, Scope};

use super::Graph;
use crate::{code::Thing, device::fold};

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The thing.
    pub thing: Thing,
    /// What it is called.
    pub name: String,
    /// Whose it is; a supplier is nobody's.
    pub organisation: Option<OdsCode>,
}

impl Graph {
    /// At most `most` things within a scope whose code is `text`, or whose code or name begins
    /// with it or holds it; in this order, and by name. Suppliers are found by everybody whose
    /// scope is not empty.
    pub fn search(&self, text: &str, scope: &Scope, most: usize) -> Vec<Hit> {
        let text = fold(text);
        if text.is_empty() || scope.is_empty() {
            return Vec::new();
        }
        let all = self.organisations_in_search().chain(self.systems_in_search());
        let mut found: Vec<(u8, &str, Thing)> = all
            .chain(self.services_in_search())
            .chain(self.suppliers_in_search())
            .filter_map(|(code, name, thing)| Some((fitness(&text, code, name)?, name, thing)))
            .filter(|(.., thing)| match thing {
                Thing::Supplier(_) => true,
                thing => self.owner(thing).is_some_and(|owner| self.contains(scope, owner)),
            })
            .collect();
        found.sort();
        found.truncate(most);
        let hits = found.into_iter().map(|(_, name, thing)| Hit {
            organisation: self.owner(&thing).cloned(),
            name: name.to_owned(),
            thing,
        });
        hits.collect()
    }

    fn organisations_in_search(&self) -> impl Iterator<Item = (&str, &str, Thing)> {
        self.organisations().iter().map(|one| {
            (one.code.as_str(), one.name.as_str(), Thing::Organisation(one.code.clone()))
        })
    }

    fn services_in_search(&self) -> impl Iterator<Item = (&str, &str, Thing)> {
        let working = self.services().iter().filter(|one| one.closed_at.is_none());
        working.map(|one| (one.code.as_str(), one.name.as_str(), Thing::Service(one.code.clone())))
    }

    fn systems_in_search(&self) -> impl Iterator<Item = (&str, &str, Thing)> {
        let working = self.systems().iter().filter(|one| one.closed_at.is_none());
        working.map(|one| (one.code.as_str(), one.name.as_str(), Thing::System(one.code.clone())))
    }

    fn suppliers_in_search(&self) -> impl Iterator<Item = (&str, &str, Thing)> {
        let all = self.suppliers().iter();
        all.map(|one| (one.code.as_str(), one.name.as_str(), Thing::Supplier(one.code.clone())))
    }
}

/// How well it fits, 0 best; `None` if not at all.
fn fitness(text: &str, code: &str, name: &str) -> Option<u8> {
    let code = fold(code);
    if code == text {
        return Some(0);
    }
    if code.starts_with(text) {
        return Some(1);
    }
    let name = fold(name);
    if name.starts_with(text) {
        return Some(1);
    }
    name.contains(text).then_some(2)
}
