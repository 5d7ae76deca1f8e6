//! What a file would change. In: its rows and what is known. Out: a plan that can be shown and
//! applied. Nothing is ever taken away: what the file does not name is only counted. Pure.

use std::collections::{HashMap, HashSet};

use terms::OdsCode;

use super::{Complaint, File, FileKind, Known, Problem, Problems, Rows, patch::Patch, rows::Lines};
use crate::{
    device::Device,
    field::{Fields, differences},
    model::{Change, Dependency, Service, Site, Supplier, System},
    organisation::{Organisation, OrganisationType},
};

/// Most codes of [`Absent`] that are listed.
const MAX_ABSENT: usize = 100;

/// What a file would change, or has changed.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The file's name.
    pub file: String,
    /// What it is.
    pub kind: FileKind,
    /// What would be made.
    pub added: Vec<Added>,
    /// What would be different, field by field.
    pub changed: Vec<Change>,
    /// How many things would be different.
    pub changed_things: u64,
    /// Rows that say what the map has already.
    pub unchanged: u64,
    /// What the map has of this kind, within the asker's scope, and the file does not name.
    pub absent_here: Absent,
    /// What is left out, and why.
    pub problems: Vec<Problem>,
    /// How many problems there are, listed or not.
    pub problem_count: u64,
    /// What a person should know about how the file was read.
    pub notes: Vec<String>,
    pub(crate) upserts: Upserts,
    pub(crate) version: u64,
}

/// A thing that would be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Added {
    /// The thing, as `system:RX1-EPR`.
    pub what: String,
    /// What it is called.
    pub name: String,
}

/// What the map has and a file does not name. It stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Absent {
    /// How many.
    pub count: u64,
    /// The first of them, as `organisation:RX1`; empty for sites and devices, which are many.
    pub first: Vec<String>,
}

/// Rows to write.
#[derive(Clone, Debug)]
pub(crate) enum Upserts {
    Organisations(Vec<Organisation>),
    Sites(Vec<Site>),
    Services(Vec<Service>),
    Systems(Vec<System>),
    Suppliers(Vec<Supplier>),
    Devices(Vec<Device>),
    Dependencies(Vec<Dependency>),
}

impl Plan {
    /// Whether applying it would change nothing.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty()
    }
}

/// Makes the plan of a file.
pub(crate) fn plan(file: File, known: &Known<'_>) -> Plan {
    let File { name, kind, notes, rows, problems } = file;
    let mut draft = Draft { known, problems, outcome: Outcome::default() };
    let graph = known.graph;
    let upserts = match rows {
        Rows::Organisations(rows) => {
            let kinds: HashSet<OrganisationType> = kinds_of(kind, &rows, known);
            let upserts = draft.each(rows, |code| graph.organisation(code), Known::organisation);
            let same = graph.organisations().iter().filter(|one| kinds.contains(&one.kind));
            draft.absent(same.map(|one| (Some(&one.code), one)));
            Upserts::Organisations(upserts)
        }
        Rows::Sites(rows) => {
            let upserts = draft.each(rows, |code| known.sites.get(code), Known::site);
            draft.outcome.absent.count = known.absent;
            Upserts::Sites(upserts)
        }
        Rows::Services(rows) => {
            let upserts = draft.each(rows, |code| graph.service(code), Known::service);
            let working = graph.services().iter().filter(|one| one.closed_at.is_none());
            draft.absent(working.map(|one| (Some(&one.organisation), one)));
            Upserts::Services(upserts)
        }
        Rows::Systems(rows) => {
            let upserts = draft.each(rows, |code| graph.system(code), Known::system);
            let working = graph.systems().iter().filter(|one| one.closed_at.is_none());
            draft.absent(working.map(|one| (Some(&one.organisation), one)));
            Upserts::Systems(upserts)
        }
        Rows::Suppliers(rows) => {
            let upserts = draft.each(rows, |code| graph.supplier(code), Known::supplier);
            draft.absent(graph.suppliers().iter().map(|one| (None, one)));
            Upserts::Suppliers(upserts)
        }
        Rows::Dependencies(rows) => {
            let upserts =
                draft.each(rows, |(from, to)| graph.dependency(from, to), Known::dependency);
            let owned = graph.dependencies().iter().map(|one| (graph.owner(&one.from), one));
            draft.absent(owned);
            Upserts::Dependencies(upserts)
        }
        Rows::Devices(rows) => {
            let upserts = draft.each(rows, |key| known.devices.get(key), Known::device);
            draft.outcome.absent.count = known.absent;
            Upserts::Devices(upserts)
        }
    };
    let Draft { problems, outcome, .. } = draft;
    Plan {
        file: name,
        kind,
        added: outcome.added,
        changed: outcome.changed,
        changed_things: outcome.changed_things,
        unchanged: outcome.unchanged,
        absent_here: outcome.absent,
        problem_count: problems.count(),
        problems: problems.into_list(),
        notes,
        upserts,
        version: graph.version(),
    }
}

/// The types of organisation a file speaks of.
fn kinds_of(
    kind: FileKind,
    rows: &Lines<super::patch::OrganisationRow>,
    known: &Known<'_>,
) -> HashSet<OrganisationType> {
    if kind == FileKind::Trusts {
        return OrganisationType::ALL.iter().copied().filter(|kind| kind.is_trust()).collect();
    }
    rows.iter()
        .map(|(_, row)| {
            let stored = known.graph.organisation(&row.code);
            row.clone().merge(stored, known.now).kind
        })
        .collect()
}

struct Draft<'a> {
    known: &'a Known<'a>,
    problems: Problems,
    outcome: Outcome,
}

#[derive(Default)]
struct Outcome {
    added: Vec<Added>,
    changed: Vec<Change>,
    changed_things: u64,
    unchanged: u64,
    /// Things that the file names and the map has, as `system:RX1-EPR`.
    named: HashSet<String>,
    absent: Absent,
}

/// Whether the asker may put the second where the first stands.
type Allow<'a, N> = fn(&Known<'a>, Option<&N>, &N) -> Result<(), Complaint>;

impl<'a> Draft<'a> {
    /// Compares each row with what is stored. Gives what is to be written.
    fn each<'k, P: Patch>(
        &mut self,
        rows: Lines<P>,
        stored: impl Fn(&P::Key) -> Option<&'k P::Noun>,
        allow: Allow<'a, P::Noun>,
    ) -> Vec<P::Noun>
    where
        P::Noun: 'k,
    {
        let mut lines: HashMap<P::Key, u64> = HashMap::new();
        let mut upserts = Vec::new();
        for (line, row) in rows {
            let key = row.key();
            let before = stored(&key);
            let after = row.merge(before, self.known.now);
            if let Some(first) = lines.insert(key.clone(), line) {
                lines.insert(key, first);
                let message = format!("{} stands on line {first} already", after.what());
                self.problems.add(line, Complaint::new(P::KEY, message));
                continue;
            }
            // Refused or not, the file names it.
            if before.is_some() {
                self.outcome.named.insert(after.what());
            }
            if let Err(complaint) = allow(self.known, before, &after) {
                self.problems.add(line, complaint);
                continue;
            }
            if self.outcome.tell(before, &after) {
                upserts.push(after);
            }
        }
        upserts
    }

    /// What is stored within the asker's scope and was not named; a thing without an owner is
    /// everybody's.
    fn absent<'k, N: Fields + 'k>(
        &mut self,
        stored: impl Iterator<Item = (Option<&'k OdsCode>, &'k N)>,
    ) {
        let Known { graph, scope, .. } = self.known;
        for (owner, noun) in stored {
            let is_seen = owner.map_or(!scope.is_empty(), |owner| graph.contains(scope, owner));
            let what = noun.what();
            if !is_seen || self.outcome.named.contains(&what) {
                continue;
            }
            self.outcome.absent.count += 1;
            if self.outcome.absent.first.len() < MAX_ABSENT {
                self.outcome.absent.first.push(what);
            }
        }
    }
}

impl Outcome {
    /// Whether there is something to write.
    fn tell<N: Fields>(&mut self, before: Option<&N>, after: &N) -> bool {
        let changes = differences(before, Some(after));
        if before.is_none() {
            let named = changes.into_iter().find(|change| change.field == "name");
            let name = named.and_then(|change| change.after).unwrap_or_default();
            self.added.push(Added { what: after.what(), name });
            return true;
        }
        let differs = !changes.is_empty();
        match differs {
            true => self.changed_things += 1,
            false => self.unchanged += 1,
        }
        self.changed.extend(changes);
        differs
    }
}
