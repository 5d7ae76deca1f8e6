//! What rests on a device, a system or a supplier: the services, each by the strongest way it can
//! be reached, with every step's reason. Pure.
//!
//! A way is as strong as its weakest step. For each strength, from the most downwards, the graph
//! is walked breadth first over steps of at least that strength; a service counts where it is met
//! first, so by a strongest way and among those a shortest. Each node is entered once in a walk,
//! so rings end.

use std::{cmp::Reverse, collections::HashMap};

use terms::{OdsCode, Scope};

use super::{
    Graph,
    edges::{At, Node, Why},
};
use crate::{
    code::{Criticality, MapCode, Strength, Thing},
    device::DeviceKey,
};

/// Most steps from a system to a service.
pub const MAX_STEPS: usize = 8;
/// Most ways that are told; the services beyond are counted.
pub const MAX_PATHS: usize = 32;

/// What rests on something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Support {
    /// The system a device is part of; `None` if no system is known for it.
    pub system: Option<MapCode>,
    /// The strongest ways, strongest first, one for each service, at most [`MAX_PATHS`].
    pub paths: Vec<Path>,
    /// Services that rest on it, told or not.
    pub services: u32,
    /// Patients of all those services on an average day.
    pub patients_per_day: u64,
    /// The highest criticality among those services; of the system itself if no service rests on
    /// it.
    pub criticality: Option<Criticality>,
}

/// One way to a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// The service at its end.
    pub service: MapCode,
    /// Whose the service is.
    pub organisation: OdsCode,
    /// What the service is called.
    pub name: String,
    /// Its patients on an average day.
    pub patients_per_day: u32,
    /// How much care depends on it.
    pub criticality: Criticality,
    /// The weakest step.
    pub strength: Strength,
    /// From what was asked about to the service; both stand in it.
    pub steps: Vec<Step>,
}

/// One thing on a way, and why it needs the one before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The thing; `None` where it is not for the asker to see.
    pub thing: Option<Thing>,
    /// What it is called; empty where there is no thing.
    pub name: String,
    /// Why it needs the one before, for people; empty for the first.
    pub reason: String,
    /// What happens to it when the one before stops; the most for the first.
    pub strength: Strength,
}

/// What rests on a supplier.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dependents {
    /// Systems in use that it supplies, or that depend on it in any number of steps.
    pub systems: Vec<MapCode>,
    /// The services.
    pub support: Support,
}

impl Graph {
    /// What rests on a device, for all the sector: for Ward's own ranking. Show a person
    /// [`Graph::supports_within`].
    pub fn supports(&self, device: &DeviceKey) -> &Support {
        let Some(at) = self.system_position(device) else { return &self.unsupported };
        self.support[at as usize].get_or_init(|| self.of_system(at, &|_| true))
    }

    /// What rests on a device, of what lies in a scope.
    pub fn supports_within(&self, device: &DeviceKey, scope: &Scope) -> Support {
        if scope.is_sector() {
            return self.supports(device).clone();
        }
        if !self.contains(scope, device.organisation()) {
            return Support::default();
        }
        match self.system_position(device) {
            None => Support::default(),
            Some(at) => self.of_system(at, &|code| self.contains(scope, code)),
        }
    }

    /// What rests on a system, of what lies in a scope.
    pub fn system_supports(&self, system: &MapCode, scope: &Scope) -> Support {
        match self.systems.at.get(system) {
            None => Support::default(),
            Some(&at) => self.of_system(at, &|code| self.contains(scope, code)),
        }
    }

    /// What rests on a supplier, of what lies in a scope.
    pub fn dependents_of(&self, supplier: &MapCode, scope: &Scope) -> Dependents {
        let Some(&at) = self.suppliers.at.get(supplier) else { return Dependents::default() };
        let start = self.edges.node(At::Supplier(at));
        let is_shown = |code: &OdsCode| self.contains(scope, code);
        let reached = self.walk(start, Strength::LEAST);
        let mut systems: Vec<MapCode> = reached
            .keys()
            .filter_map(|&node| match self.edges.at(node) {
                At::System(at) => Some(&self.systems.list[at as usize]),
                _ => None,
            })
            .filter(|system| system.closed_at.is_none() && is_shown(&system.organisation))
            .map(|system| system.code.clone())
            .collect();
        systems.sort();
        Dependents { systems, support: self.resting_on(start, &is_shown) }
    }

    fn of_system(&self, at: u32, is_shown: &dyn Fn(&OdsCode) -> bool) -> Support {
        let system = &self.systems.list[at as usize];
        if system.closed_at.is_some() {
            return Support::default();
        }
        let mut support = self.resting_on(self.edges.node(At::System(at)), is_shown);
        if is_shown(&system.organisation) {
            support.system = Some(system.code.clone());
            support.criticality = support.criticality.or(Some(system.criticality));
        }
        support
    }

    fn resting_on(&self, start: Node, is_shown: &dyn Fn(&OdsCode) -> bool) -> Support {
        let strengths = (1..=4).rev().filter_map(Strength::new);
        let walks: Vec<(Strength, Walk)> =
            strengths.map(|least| (least, self.walk(start, least))).collect();
        let mut best: HashMap<u32, (Strength, usize)> = HashMap::new();
        for (walk, (least, reached)) in walks.iter().enumerate() {
            for &node in reached.keys() {
                let At::Service(at) = self.edges.at(node) else { continue };
                let service = &self.services.list[at as usize];
                if node != start && is_shown(&service.organisation) {
                    best.entry(at).or_insert((*least, walk));
                }
            }
        }
        let mut found: Vec<(u32, Strength, usize)> =
            best.into_iter().map(|(at, (strength, walk))| (at, strength, walk)).collect();
        found.sort_by_key(|&(at, strength, walk)| {
            let service = &self.services.list[at as usize];
            let rank = (strength, service.criticality, service.patients_per_day);
            (Reverse(rank), self.steps_to(&walks[walk].1, at), at)
        });
        let services = found.iter().map(|&(at, ..)| &self.services.list[at as usize]);
        Support {
            system: None,
            services: found.len() as u32,
            patients_per_day: services.clone().map(|one| u64::from(one.patients_per_day)).sum(),
            criticality: services.map(|one| one.criticality).max(),
            paths: found
                .iter()
                .take(MAX_PATHS)
                .map(|&(at, strength, walk)| self.path(&walks[walk].1, at, strength, is_shown))
                .collect(),
        }
    }

    /// Everything that rests on `start` over steps of at least a strength, with how it was
    /// entered. What has ceased carries nothing.
    fn walk(&self, start: Node, least: Strength) -> Walk {
        let mut reached = Walk::from([(start, None)]);
        let mut edge_of_walk = vec![start];
        for _ in 0..MAX_STEPS {
            let mut next = Vec::new();
            for &on in &edge_of_walk {
                for edge in self.edges.resting_on(on) {
                    let is_new = edge.strength >= least
                        && self.is_working(edge.dependent)
                        && !reached.contains_key(&edge.dependent);
                    if is_new {
                        let entered = Entered { on, strength: edge.strength, why: edge.why };
                        reached.insert(edge.dependent, Some(entered));
                        next.push(edge.dependent);
                    }
                }
            }
            edge_of_walk = next;
        }
        reached
    }

    fn is_working(&self, node: Node) -> bool {
        match self.edges.at(node) {
            At::System(at) => self.systems.list[at as usize].closed_at.is_none(),
            At::Service(at) => self.services.list[at as usize].closed_at.is_none(),
            At::Supplier(_) | At::Organisation(_) => true,
        }
    }

    fn steps_to(&self, walk: &Walk, service: u32) -> usize {
        let mut node = self.edges.node(At::Service(service));
        let mut steps = 0;
        while let Some(Some(entered)) = walk.get(&node) {
            node = entered.on;
            steps += 1;
        }
        steps
    }

    fn path(
        &self,
        walk: &Walk,
        service: u32,
        strength: Strength,
        is_shown: &dyn Fn(&OdsCode) -> bool,
    ) -> Path {
        let mut steps = Vec::new();
        let mut node = self.edges.node(At::Service(service));
        while let Some(entered) = walk.get(&node) {
            steps.push(self.step(node, *entered, is_shown));
            let Some(entered) = entered else { break };
            node = entered.on;
        }
        steps.reverse();
        let service = &self.services.list[service as usize];
        Path {
            service: service.code.clone(),
            organisation: service.organisation.clone(),
            name: service.name.clone(),
            patients_per_day: service.patients_per_day,
            criticality: service.criticality,
            strength,
            steps,
        }
    }

    fn step(
        &self,
        node: Node,
        entered: Option<Entered>,
        is_shown: &dyn Fn(&OdsCode) -> bool,
    ) -> Step {
        let thing = match self.edges.at(node) {
            At::System(at) => Thing::System(self.systems.list[at as usize].code.clone()),
            At::Service(at) => Thing::Service(self.services.list[at as usize].code.clone()),
            At::Supplier(at) => Thing::Supplier(self.suppliers.list[at as usize].code.clone()),
            At::Organisation(at) => {
                Thing::Organisation(self.organisations.list[at as usize].code.clone())
            }
        };
        // A way may lead through another organisation's system; that it does is told, not more.
        let is_shown = self.owner(&thing).is_none_or(is_shown);
        let name = self.name(&thing).filter(|_| is_shown).unwrap_or_default().to_owned();
        let reason = match entered.map(|entered| entered.why) {
            None => String::new(),
            Some(Why::Supplies) => "supplied by it".to_owned(),
            Some(Why::Runs) => "a service of that organisation".to_owned(),
            Some(Why::Dependency(at)) => match &self.dependencies[at as usize] {
                _ if !is_shown => String::new(),
                one if one.reason.is_empty() => one.kind.clone(),
                one => one.reason.clone(),
            },
        };
        let strength = entered.map_or(Strength::MOST, |entered| entered.strength);
        Step { thing: is_shown.then_some(thing), name, reason, strength }
    }
}

/// Nodes reached, and how; `None` for the start.
type Walk = HashMap<Node, Option<Entered>>;

#[derive(Clone, Copy, Debug)]
struct Entered {
    on: Node,
    strength: Strength,
    why: Why,
}
