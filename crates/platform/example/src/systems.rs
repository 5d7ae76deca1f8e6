//! What organisations run: core systems by kind, then small ones of departments until there are
//! as many as such an organisation has; and who supplies each.

use std::collections::{BTreeMap, HashSet};

use crate::{
    build::{Body, Cx},
    catalogue::{kinds::SystemKind, shape::Role},
    chance::{Chance, deal},
    codes,
    model::System,
    services, suppliers,
};

/// A system while the sector is made.
#[derive(Clone, Debug)]
pub(crate) struct Made<'c> {
    pub(crate) system: System,
    /// The position of the body that runs it.
    pub(crate) body: usize,
    pub(crate) market: &'c str,
    /// Whether its supplier runs it.
    pub(crate) hosted: bool,
    /// Its kind; `None` for the small systems of departments.
    pub(crate) kind: Option<&'c SystemKind>,
    /// The service whose department it belongs to.
    pub(crate) service: Option<&'c str>,
}

/// Kinds of the services of each body.
type Offered<'s> = Vec<HashSet<&'s str>>;

/// All systems, those of one body together.
pub(crate) fn make<'c>(
    cx: Cx<'c>,
    bodies: &[Body],
    services: &[services::Made<'c>],
    suppliers: &[suppliers::Made<'_>],
) -> Vec<Made<'c>> {
    let mut offered: Offered<'c> = vec![HashSet::new(); bodies.len()];
    for one in services {
        offered[one.body].insert(one.kind.kind.as_str());
    }
    let hubs = hubs(bodies);
    let mut made = Vec::new();
    for (at, body) in bodies.iter().enumerate() {
        let core = cx.catalogue.systems.systems.iter();
        let is_hub = body.area.is_some_and(|area| hubs.get(&area) == Some(&at));
        let before = made.len();
        made.extend(
            core.filter(|kind| has(cx, body, kind, &offered[at], is_hub))
                .map(|kind| of_kind(at, body, kind)),
        );
        departmental(cx, (at, body), &offered[at], before, &mut made);
    }
    supply(cx, suppliers, &mut made);
    made
}

/// The largest acute trust of each area: it runs what its neighbours share.
fn hubs(bodies: &[Body]) -> BTreeMap<usize, usize> {
    let mut hubs: BTreeMap<usize, usize> = BTreeMap::new();
    for (at, body) in bodies.iter().enumerate().filter(|(_, one)| one.role == Role::TrustAcute) {
        let Some(area) = body.area else { continue };
        let hub = hubs.entry(area).or_insert(at);
        if bodies[*hub].organisation.beds < body.organisation.beds {
            *hub = at;
        }
    }
    hubs
}

fn has(cx: Cx<'_>, body: &Body, kind: &SystemKind, offered: &HashSet<&str>, is_hub: bool) -> bool {
    let Some(&chance) = kind.at.get(&body.role) else { return false };
    let is_of_use = kind.service.as_deref().is_none_or(|service| offered.contains(service));
    let is_there = || Chance::new(cx.seed, &kind.kind, body.code()).happens(chance);
    is_of_use && ((kind.hub && is_hub) || is_there())
}

fn of_kind<'c>(at: usize, body: &Body, kind: &'c SystemKind) -> Made<'c> {
    Made {
        system: System {
            code: codes::of(body.code(), &kind.tag),
            name: kind.name.clone(),
            organisation: body.code().to_owned(),
            kind: kind.kind.clone(),
            supplier: String::new(),
            criticality: kind.criticality,
        },
        body: at,
        market: &kind.market,
        hosted: kind.hosted,
        kind: Some(kind),
        service: None,
    }
}

/// How many systems the body has in all; `None` for those that have no departments.
fn wanted(cx: Cx<'_>, body: &Body) -> Option<usize> {
    let shape = &cx.catalogue.shape;
    if let Some(trust) = shape.trust(body.role) {
        let (least, most) = trust.systems;
        let part = ((body.rank + 2.0) / 4.0).clamp(0.0, 1.0);
        return Some(least + ((most - least) as f64 * part).round() as usize);
    }
    let range = *shape.systems.get(&body.role)?;
    Some(Chance::new(cx.seed, "number of systems", body.code()).between(range))
}

fn departmental<'c>(
    cx: Cx<'c>,
    (at, body): (usize, &Body),
    offered: &HashSet<&str>,
    before: usize,
    made: &mut Vec<Made<'c>>,
) {
    let Some(wanted) = wanted(cx, body) else { return };
    let missing = wanted.saturating_sub(made.len() - before);
    let count = missing * cx.size.detail_percent as usize / 100;
    let spec = &cx.catalogue.systems.departmental;
    let mut chance = Chance::new(cx.seed, "departments", body.code());
    let mut pairs: Vec<_> = spec
        .departments
        .iter()
        .filter(|one| one.service.as_deref().is_none_or(|service| offered.contains(service)))
        .flat_map(|one| spec.functions.iter().map(move |function| (one, function)))
        .filter(|(one, function)| one.service.is_some() || !function.clinical)
        .collect();
    chance.shuffle(&mut pairs);
    made.extend(pairs.into_iter().take(count).map(|(department, function)| Made {
        system: System {
            code: codes::of(body.code(), &format!("{}-{}", department.tag, function.tag)),
            name: format!("{} {}", department.name, function.name),
            organisation: body.code().to_owned(),
            kind: "departmental".to_owned(),
            supplier: String::new(),
            criticality: function.criticality,
        },
        body: at,
        market: &spec.market,
        hosted: chance.happens(spec.hosted),
        kind: None,
        service: department.service.as_deref(),
    }));
}

/// Gives each system a supplier of its market, in the market's shares exactly.
fn supply(cx: Cx<'_>, suppliers: &[suppliers::Made<'_>], made: &mut [Made<'_>]) {
    for market in &cx.catalogue.systems.markets {
        let of: Vec<&str> = suppliers
            .iter()
            .filter(|one| one.market == market.market)
            .map(|one| one.supplier.code.as_str())
            .collect();
        // Kinds apart: a practice's record must not decide who takes requests from patients.
        let mut kinds: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, one) in made.iter().enumerate().filter(|(_, one)| one.market == market.market) {
            kinds.entry(one.system.kind.clone()).or_default().push(at);
        }
        for (kind, systems) in kinds {
            let mut chance = Chance::new(cx.seed, "supply", &kind);
            let dealt = deal(&mut chance, systems.len(), &market.shares());
            for (at, supplier) in systems.into_iter().zip(dealt) {
                made[at].system.supplier = of[supplier].to_owned();
            }
        }
    }
}
