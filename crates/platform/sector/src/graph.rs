//! The map in memory: immutable, shared, with the version it was made of. In: everything the
//! store has of it. Out: answers in microseconds about who and what rests on what. Pure.
//!
//! Modules in reading order: `area` which organisations lie in a scope, [`support`] what rests on
//! a device or supplier, [`search`] things by name.

mod area;
mod edges;
pub mod search;
pub mod support;

use std::{collections::HashMap, sync::OnceLock};

use terms::{GroupId, OdsCode};

use crate::{
    code::{MapCode, Thing},
    device::DeviceKey,
    model::{Dependency, Service, Supplier, System},
    organisation::{Group, Organisation},
};
use area::Areas;
use edges::Edges;
use support::Support;

/// All that a [`Graph`] is made of, in any order.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    /// Rises with every change of the map.
    pub version: u64,
    /// All organisations, also those that ceased.
    pub organisations: Vec<Organisation>,
    /// All named sets of organisations.
    pub groups: Vec<Group>,
    /// All services, also those that ceased.
    pub services: Vec<Service>,
    /// All systems, also those out of use.
    pub systems: Vec<System>,
    /// All suppliers.
    pub suppliers: Vec<Supplier>,
    /// All dependencies.
    pub dependencies: Vec<Dependency>,
    /// Devices that are part of a system, with its code; the others are left out, because there
    /// are many and nothing is known to rest on them.
    pub devices: Vec<(DeviceKey, MapCode)>,
}

/// The map in memory.
#[derive(Debug)]
pub struct Graph {
    version: u64,
    organisations: Nouns<OdsCode, Organisation>,
    groups: HashMap<GroupId, Group>,
    services: Nouns<MapCode, Service>,
    systems: Nouns<MapCode, System>,
    suppliers: Nouns<MapCode, Supplier>,
    dependencies: Vec<Dependency>,
    dependency_at: HashMap<Thing, Vec<u32>>,
    areas: Areas,
    edges: Edges,
    /// For each organisation, its devices' keys with the position of their system.
    devices: HashMap<OdsCode, HashMap<Box<str>, u32>>,
    /// For each system what rests on it; worked out when first asked for.
    support: Vec<OnceLock<Support>>,
    unsupported: Support,
}

/// Nouns sorted by code, found by code.
#[derive(Debug)]
struct Nouns<K, N> {
    list: Vec<N>,
    at: HashMap<K, u32>,
}

impl<K: Clone + Ord + std::hash::Hash, N> Nouns<K, N> {
    fn new(mut list: Vec<N>, code: impl Fn(&N) -> &K) -> Self {
        list.sort_by(|a, b| code(a).cmp(code(b)));
        list.dedup_by(|a, b| code(a) == code(b));
        let at = list.iter().enumerate().map(|(at, noun)| (code(noun).clone(), at as u32));
        Self { at: at.collect(), list }
    }

    fn get(&self, code: &K) -> Option<&N> {
        self.at.get(code).map(|&at| &self.list[at as usize])
    }
}

impl Graph {
    /// Puts the parts together.
    pub fn build(parts: Parts) -> Self {
        let organisations = Nouns::new(parts.organisations, |o: &Organisation| &o.code);
        let services = Nouns::new(parts.services, |s: &Service| &s.code);
        let systems = Nouns::new(parts.systems, |s: &System| &s.code);
        let suppliers = Nouns::new(parts.suppliers, |s: &Supplier| &s.code);
        let mut dependencies = parts.dependencies;
        dependencies.sort_by(|a, b| (&a.from, &a.to).cmp(&(&b.from, &b.to)));
        let mut dependency_at: HashMap<Thing, Vec<u32>> = HashMap::new();
        for (at, one) in dependencies.iter().enumerate() {
            for thing in [&one.from, &one.to] {
                dependency_at.entry(thing.clone()).or_default().push(at as u32);
            }
        }
        let mut devices: HashMap<OdsCode, HashMap<Box<str>, u32>> = HashMap::new();
        for (device, system) in parts.devices {
            let Some(&at) = systems.at.get(&system) else { continue };
            let of = devices.entry(device.organisation().clone()).or_default();
            of.insert(device.key().into(), at);
        }
        Self {
            version: parts.version,
            areas: Areas::new(&organisations.list),
            groups: parts.groups.into_iter().map(|group| (group.id, group)).collect(),
            edges: Edges::new(&organisations, &services, &systems, &suppliers, &dependencies),
            support: systems.list.iter().map(|_| OnceLock::new()).collect(),
            organisations,
            services,
            systems,
            suppliers,
            dependencies,
            dependency_at,
            devices,
            unsupported: Support::default(),
        }
    }

    /// The version of the map it was made of; 0 for an empty one.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The organisation of a code.
    pub fn organisation(&self, code: &OdsCode) -> Option<&Organisation> {
        self.organisations.get(code)
    }

    /// All organisations, sorted by code.
    pub fn organisations(&self) -> &[Organisation] {
        &self.organisations.list
    }

    /// The service of a code.
    pub fn service(&self, code: &MapCode) -> Option<&Service> {
        self.services.get(code)
    }

    /// All services, sorted by code.
    pub fn services(&self) -> &[Service] {
        &self.services.list
    }

    /// The system of a code.
    pub fn system(&self, code: &MapCode) -> Option<&System> {
        self.systems.get(code)
    }

    /// All systems, sorted by code.
    pub fn systems(&self) -> &[System] {
        &self.systems.list
    }

    /// The supplier of a code.
    pub fn supplier(&self, code: &MapCode) -> Option<&Supplier> {
        self.suppliers.get(code)
    }

    /// All suppliers, sorted by code.
    pub fn suppliers(&self) -> &[Supplier] {
        &self.suppliers.list
    }

    /// All dependencies, sorted by what depends and on what.
    pub fn dependencies(&self) -> &[Dependency] {
        &self.dependencies
    }

    /// The dependency of one thing on another.
    pub fn dependency(&self, from: &Thing, to: &Thing) -> Option<&Dependency> {
        let found = self.dependencies.binary_search_by(|one| (&one.from, &one.to).cmp(&(from, to)));
        found.ok().map(|at| &self.dependencies[at])
    }

    /// Dependencies in which a thing stands on either side.
    pub fn dependencies_of(&self, thing: &Thing) -> impl Iterator<Item = &Dependency> {
        let at = self.dependency_at.get(thing).map(Vec::as_slice).unwrap_or_default();
        at.iter().map(|&at| &self.dependencies[at as usize])
    }

    /// The group of an identifier.
    pub fn group(&self, id: GroupId) -> Option<&Group> {
        self.groups.get(&id)
    }

    /// All groups, in no order.
    pub fn groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.values()
    }

    /// Whose a thing is: an organisation its own, a supplier nobody's. `None` also when it is not
    /// on the map.
    pub fn owner(&self, thing: &Thing) -> Option<&OdsCode> {
        match thing {
            Thing::Organisation(code) => self.organisation(code).map(|one| &one.code),
            Thing::Service(code) => self.service(code).map(|one| &one.organisation),
            Thing::System(code) => self.system(code).map(|one| &one.organisation),
            Thing::Supplier(_) => None,
        }
    }

    /// What a thing is called.
    pub fn name(&self, thing: &Thing) -> Option<&str> {
        match thing {
            Thing::Organisation(code) => self.organisation(code).map(|one| one.name.as_str()),
            Thing::Service(code) => self.service(code).map(|one| one.name.as_str()),
            Thing::System(code) => self.system(code).map(|one| one.name.as_str()),
            Thing::Supplier(code) => self.supplier(code).map(|one| one.name.as_str()),
        }
    }

    /// The system a device is part of.
    pub fn system_of(&self, device: &DeviceKey) -> Option<&System> {
        self.system_position(device).map(|at| &self.systems.list[at as usize])
    }

    fn system_position(&self, device: &DeviceKey) -> Option<u32> {
        self.devices.get(device.organisation())?.get(device.key()).copied()
    }
}
