//! Who needs whom, backwards: from each thing to what rests on it. Pure.
//!
//! Besides the dependencies as they stand on the map there are two kinds that follow from it: a
//! system needs its supplier, and what an organisation depends on all its services depend on.

use std::collections::{HashMap, HashSet};

use super::Nouns;
use crate::{
    code::{MapCode, Strength, Thing},
    model::{Dependency, Service, Supplier, System},
    organisation::Organisation,
};
use terms::OdsCode;

/// A thing's number: systems first, then services, suppliers, organisations.
pub(super) type Node = u32;

/// One thing resting on another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    pub(super) dependent: Node,
    pub(super) strength: Strength,
    pub(super) why: Why,
}

/// Where an edge comes from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Why {
    /// A dependency, by its position.
    Dependency(u32),
    /// A system's supplier.
    Supplies,
    /// A service's organisation.
    Runs,
}

/// How strongly a system is taken to need its supplier: it goes on for a while, but slower.
fn supplied() -> Strength {
    Strength::new(2).expect("two lies on the scale")
}

/// All edges.
#[derive(Debug)]
pub(super) struct Edges {
    systems: u32,
    services: u32,
    suppliers: u32,
    /// For each node, what rests on it.
    backwards: Vec<Vec<Edge>>,
}

/// What a node is, with its position among its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    System(u32),
    Service(u32),
    Supplier(u32),
    Organisation(u32),
}

impl Edges {
    pub(super) fn new(
        organisations: &Nouns<OdsCode, Organisation>,
        services: &Nouns<MapCode, Service>,
        systems: &Nouns<MapCode, System>,
        suppliers: &Nouns<MapCode, Supplier>,
        dependencies: &[Dependency],
    ) -> Self {
        let count = |length: usize| length as u32;
        let mut edges = Self {
            systems: count(systems.list.len()),
            services: count(services.list.len()),
            suppliers: count(suppliers.list.len()),
            backwards: Vec::new(),
        };
        let nodes = edges.node(At::Organisation(count(organisations.list.len())));
        edges.backwards = vec![Vec::new(); nodes as usize];
        let numbers = Numbers {
            organisations: &organisations.at,
            services: &services.at,
            systems: &systems.at,
            suppliers: &suppliers.at,
        };
        let mut said = HashSet::new();
        for (at, one) in dependencies.iter().enumerate() {
            let (Some(from), Some(to)) = (numbers.of(&one.from), numbers.of(&one.to)) else {
                continue;
            };
            said.insert((edges.node(from), edges.node(to)));
            edges.add(to, from, one.strength, Why::Dependency(at as u32));
        }
        for (at, system) in systems.list.iter().enumerate() {
            let supplier = system.supplier.as_ref().and_then(|code| suppliers.at.get(code));
            let Some(&supplier) = supplier else { continue };
            let (system, supplier) = (At::System(at as u32), At::Supplier(supplier));
            // What somebody says of it counts more than what is taken for granted.
            if !said.contains(&(edges.node(system), edges.node(supplier))) {
                edges.add(supplier, system, supplied(), Why::Supplies);
            }
        }
        for (at, service) in services.list.iter().enumerate() {
            if let Some(&organisation) = organisations.at.get(&service.organisation) {
                let service = At::Service(at as u32);
                edges.add(At::Organisation(organisation), service, Strength::MOST, Why::Runs);
            }
        }
        edges
    }

    fn add(&mut self, on: At, dependent: At, strength: Strength, why: Why) {
        let dependent = self.node(dependent);
        let on = self.node(on) as usize;
        self.backwards[on].push(Edge { dependent, strength, why });
    }

    /// What rests directly on a node.
    pub(super) fn resting_on(&self, node: Node) -> &[Edge] {
        self.backwards.get(node as usize).map(Vec::as_slice).unwrap_or_default()
    }

    pub(super) fn node(&self, at: At) -> Node {
        match at {
            At::System(at) => at,
            At::Service(at) => self.systems + at,
            At::Supplier(at) => self.systems + self.services + at,
            At::Organisation(at) => self.systems + self.services + self.suppliers + at,
        }
    }

    pub(super) fn at(&self, node: Node) -> At {
        let Some(beyond) = node.checked_sub(self.systems) else { return At::System(node) };
        let Some(after) = beyond.checked_sub(self.services) else { return At::Service(beyond) };
        match after.checked_sub(self.suppliers) {
            None => At::Supplier(after),
            Some(at) => At::Organisation(at),
        }
    }
}

struct Numbers<'a> {
    organisations: &'a HashMap<OdsCode, u32>,
    services: &'a HashMap<MapCode, u32>,
    systems: &'a HashMap<MapCode, u32>,
    suppliers: &'a HashMap<MapCode, u32>,
}

impl Numbers<'_> {
    fn of(&self, thing: &Thing) -> Option<At> {
        match thing {
            Thing::Organisation(code) => {
                self.organisations.get(code).map(|&at| At::Organisation(at))
            }
            Thing::Service(code) => self.services.get(code).map(|&at| At::Service(at)),
            Thing::System(code) => self.systems.get(code).map(|&at| At::System(at)),
            Thing::Supplier(code) => self.suppliers.get(code).map(|&at| At::Supplier(at)),
        }
    }
}
