//! Which organisations lie in a scope. Answers as `db::within` does, in memory. Pure.

use std::collections::{BTreeSet, HashMap};

use terms::{OdsCode, Part, Scope};

use super::Graph;
use crate::organisation::Organisation;

/// For each region and board the positions of the organisations in it.
#[derive(Debug)]
pub(super) struct Areas {
    regions: HashMap<OdsCode, Vec<u32>>,
    icbs: HashMap<OdsCode, Vec<u32>>,
}

impl Areas {
    pub(super) fn new(organisations: &[Organisation]) -> Self {
        let (mut regions, mut icbs) = (HashMap::new(), HashMap::new());
        for (at, one) in organisations.iter().enumerate() {
            for (area, map) in [(&one.region, &mut regions), (&one.icb, &mut icbs)] {
                if let Some(area) = area {
                    map.entry(area.clone()).or_insert_with(Vec::new).push(at as u32);
                }
            }
        }
        Self { regions, icbs }
    }
}

impl Graph {
    /// Whether an organisation lies in a scope; one that is not on the map does if the scope names
    /// it or is the whole sector.
    pub fn contains(&self, scope: &Scope, code: &OdsCode) -> bool {
        let organisation = self.organisation(code);
        let lies_in = |area: fn(&Organisation) -> &Option<OdsCode>, wanted: &OdsCode| {
            organisation.is_some_and(|one| area(one).as_ref() == Some(wanted))
        };
        scope.parts().iter().any(|part| match part {
            Part::Sector => true,
            Part::Organisation(one) => one == code,
            Part::Region(region) => lies_in(|one| &one.region, region),
            Part::Icb(icb) => lies_in(|one| &one.icb, icb),
            Part::Group(id) => {
                let group = self.group(*id);
                group.is_some_and(|group| group.members.binary_search(code).is_ok())
            }
        })
    }

    /// Whether an organisation would lie in a scope if it were on the map as given.
    pub fn would_contain(&self, scope: &Scope, organisation: &Organisation) -> bool {
        scope.parts().iter().any(|part| match part {
            Part::Sector => true,
            Part::Organisation(one) => *one == organisation.code,
            Part::Region(region) => organisation.region.as_ref() == Some(region),
            Part::Icb(icb) => organisation.icb.as_ref() == Some(icb),
            Part::Group(_) => self.contains(&Scope::of([part.clone()]), &organisation.code),
        })
    }

    /// The organisations of a scope, sorted by code.
    pub fn organisations_in(&self, scope: &Scope) -> Vec<&Organisation> {
        if scope.is_sector() {
            return self.organisations.list.iter().collect();
        }
        let mut found = BTreeSet::new();
        for part in scope.parts() {
            match part {
                Part::Sector => found.extend(0..self.organisations.list.len() as u32),
                Part::Organisation(code) => found.extend(self.organisations.at.get(code)),
                Part::Region(code) => {
                    found.extend(self.areas.regions.get(code).into_iter().flatten())
                }
                Part::Icb(code) => found.extend(self.areas.icbs.get(code).into_iter().flatten()),
                Part::Group(id) => {
                    let members = self.group(*id).map(|group| group.members.as_slice());
                    let members = members.unwrap_or_default().iter();
                    found.extend(members.filter_map(|code| self.organisations.at.get(code)));
                }
            }
        }
        found.into_iter().map(|at| &self.organisations.list[at as usize]).collect()
    }
}
