//! What needs what: services their systems, systems each other and their suppliers.

use std::collections::HashMap;

use crate::{
    build::{Body, Cx},
    catalogue::kinds::{Manner, Need},
    chance::Chance,
    model::Dependency,
    services, systems,
};

/// Where systems of a kind are to be found.
struct Finder<'m> {
    bodies: &'m [Body],
    /// By body and kind.
    own: HashMap<(usize, &'m str), &'m str>,
    /// By area and kind, of kinds that neighbours share, at the trust with the most beds.
    shared: HashMap<(usize, &'m str), (u32, &'m str)>,
    /// By kind, of national bodies.
    national: HashMap<&'m str, &'m str>,
}

impl<'m> Finder<'m> {
    fn new(bodies: &'m [Body], systems: &'m [systems::Made<'_>]) -> Self {
        let mut finder =
            Self { bodies, own: HashMap::new(), shared: HashMap::new(), national: HashMap::new() };
        for one in systems {
            let Some(spec) = one.kind else { continue };
            let body = &bodies[one.body];
            let (kind, code) = (one.system.kind.as_str(), one.system.code.as_str());
            finder.own.insert((one.body, kind), code);
            if let (true, Some(area)) = (spec.hub, body.area) {
                let hub = (body.organisation.beds, code);
                let known = finder.shared.entry((area, kind)).or_insert(hub);
                *known = hub.max(*known);
            }
            if body.area.is_none() {
                finder.national.insert(kind, code);
            }
        }
        finder
    }

    /// The system of a kind that a body uses: its own, its parent's, its area's or the nation's.
    fn find(&self, body: usize, kind: &str) -> Option<&'m str> {
        let own = |at| self.own.get(&(at, kind)).copied();
        let shared = |area| self.shared.get(&(area, kind)).map(|&(_, code)| code);
        own(body)
            .or_else(|| self.bodies[body].parent.and_then(own))
            .or_else(|| self.bodies[body].area.and_then(shared))
            .or_else(|| self.national.get(kind).copied())
    }
}

/// All dependencies: those of services, then those of systems.
pub(crate) fn make(
    cx: Cx<'_>,
    bodies: &[Body],
    services: &[services::Made<'_>],
    systems: &[systems::Made<'_>],
) -> Vec<Dependency> {
    let finder = Finder::new(bodies, systems);
    let rules = &cx.catalogue.dependencies;
    let mut made = Vec::new();
    for one in services {
        let from = format!("service:{}", one.service.code);
        let needs = rules.services.get(&one.service.kind);
        add_needs(cx, &finder, (one.body, &from), needs.into_iter().flatten(), &mut made);
    }
    let of_body: HashMap<(usize, &str), &str> = services
        .iter()
        .map(|one| ((one.body, one.kind.kind.as_str()), one.service.code.as_str()))
        .collect();
    for one in systems {
        of_system(cx, &finder, one, &mut made);
        let Some(service) = one.service.and_then(|kind| of_body.get(&(one.body, kind))) else {
            continue;
        };
        let to = format!("system:{}", one.system.code);
        let manner = &rules.departmental.service;
        made.push(dependency(cx, format!("service:{service}"), to, manner));
    }
    made
}

fn of_system(cx: Cx<'_>, finder: &Finder<'_>, one: &systems::Made<'_>, made: &mut Vec<Dependency>) {
    let rules = &cx.catalogue.dependencies;
    let from = format!("system:{}", one.system.code);
    let needs = match one.kind {
        Some(kind) => rules.systems.get(&kind.kind).map(Vec::as_slice).unwrap_or_default(),
        None => &rules.departmental.needs,
    };
    // What a supplier runs in its own halls stands on none of the organisation's servers.
    let needs = needs.iter().filter(|need| {
        !(one.hosted && need.manner.kind == "runs on" && need.to == "virtualisation")
    });
    add_needs(cx, finder, (one.body, &from), needs, made);
    let suppliers = &rules.suppliers;
    let manner = if one.hosted { &suppliers.hosted } else { &suppliers.supported };
    // That a department's small system is looked after by its supplier, the system itself says.
    if one.hosted || one.kind.is_some() {
        let to = format!("supplier:{}", one.system.supplier);
        made.push(dependency(cx, from, to, manner));
    }
}

fn add_needs<'n>(
    cx: Cx<'_>,
    finder: &Finder<'_>,
    (body, from): (usize, &str),
    needs: impl Iterator<Item = &'n Need>,
    made: &mut Vec<Dependency>,
) {
    for need in needs {
        if let Some(code) = finder.find(body, &need.to) {
            let to = format!("system:{code}");
            made.push(dependency(cx, from.to_owned(), to, &need.manner));
        }
    }
}

fn dependency(cx: Cx<'_>, from: String, to: String, manner: &Manner) -> Dependency {
    let noise = cx.catalogue.dependencies.noise;
    let drawn = (Chance::new(cx.seed, &from, &to).unit() * 2.0 - 1.0) * noise;
    let strength = ((manner.strength + drawn).clamp(0.0, 1.0) * 100.0).round() / 100.0;
    Dependency {
        from,
        to,
        kind: manner.kind.clone(),
        reason: manner.reason.clone(),
        fallback: manner.fallback.clone(),
        strength,
    }
}
