//! The 202 trusts: where they are, how they are called, how large they are.

use crate::{
    areas::{self, Area},
    build::{Body, Cx, organisation},
    catalogue::shape::{Region, Role, Trust},
    chance::{Chance, apportion},
    codes,
};

pub(crate) fn make(cx: Cx<'_>, areas: &[Area], bodies: &mut Vec<Body>) {
    let first = bodies.len();
    let mut used = vec![0; areas.len()];
    for (at, region) in cx.catalogue.shape.regions.iter().enumerate() {
        let of_region: Vec<usize> = (0..areas.len()).filter(|&a| areas[a].region == at).collect();
        for spec in &cx.catalogue.shape.trusts {
            let start = bodies.len();
            of_type(cx, areas, (region, &of_region), spec, &mut used, (first, bodies));
            catchments(cx, region, spec, &mut bodies[start..]);
        }
    }
    beds(cx, &mut bodies[first..]);
}

/// The trusts of one type in one region, spread over its boards in turn.
fn of_type(
    cx: Cx<'_>,
    areas: &[Area],
    (region, of_region): (&Region, &[usize]),
    spec: &Trust,
    used: &mut [usize],
    (first, bodies): (usize, &mut Vec<Body>),
) {
    let count = region.trusts.get(&spec.role).copied().unwrap_or(0);
    for turn in 0..count {
        let at = of_region[turn % of_region.len()];
        let number = bodies.len() - first + 1;
        let code = codes::trust(number);
        let mut chance = Chance::new(cx.seed, "trust", &code);
        let (name, town) = name(cx, &mut chance, spec, &areas[at], &mut used[at]);
        let mut body = Body::new(spec.role, organisation(code, name, spec.role));
        body.organisation.parent = Some(areas[at].icb.clone());
        body.prefix = format!("EX{number}");
        body.rank = chance.normal();
        areas::place(cx, &mut body, at, &areas[at], &town);
        bodies.push(body);
    }
}

/// A name by one of the type's patterns, with places of the area that no other trust has, and the
/// first of them.
fn name(
    cx: Cx<'_>,
    chance: &mut Chance,
    spec: &Trust,
    area: &Area,
    used: &mut usize,
) -> (String, String) {
    let patterns: Vec<&str> = spec.name.split('|').collect();
    let mut name = patterns[chance.below(patterns.len())].to_owned();
    let town = area.places[*used % area.places.len()].clone();
    while name.contains("{place}") {
        name = name.replacen("{place}", &area.places[*used % area.places.len()], 1);
        *used += 1;
    }
    (format!("{} {name}", cx.catalogue.names.mark), town)
}

fn weight(spec: &Trust, body: &Body) -> f64 {
    (spec.spread * body.rank).exp()
}

/// How many of the region's people each of its trusts of a type serves.
fn catchments(cx: Cx<'_>, region: &Region, spec: &Trust, trusts: &mut [Body]) {
    let served = cx.catalogue.shape.people(region) as f64 * spec.catchment;
    let weights: Vec<f64> = trusts.iter().map(|body| weight(spec, body)).collect();
    let people = apportion(served.round() as u64, &weights);
    for (body, people) in trusts.iter_mut().zip(people) {
        body.organisation.patients = u32::try_from(people).ok();
    }
}

/// Beds, emergencies, referrals and devices by size.
fn beds(cx: Cx<'_>, trusts: &mut [Body]) {
    let shape = &cx.catalogue.shape;
    let spec = |role: Role| shape.trust(role).expect("the catalogue is checked: types are known");
    let weights: Vec<f64> =
        trusts.iter().map(|body| spec(body.role).beds * weight(spec(body.role), body)).collect();
    let beds = apportion(shape.beds, &weights);
    for (body, beds) in trusts.iter_mut().zip(beds) {
        let spec = spec(body.role);
        let weight = weight(spec, body);
        let mut chance = Chance::new(cx.seed, "measures", body.code());
        body.emergency = spec.emergency * weight * chance.factor(0.25);
        body.referrals = spec.referrals * weight * chance.factor(0.25);
        body.organisation.beds = beds as u32;
        // A log-normal number of median 1 has the mean exp(spread² / 2).
        let mean = (spec.spread * spec.spread / 2.0).exp();
        let equivalents = beds as f64 + spec.bed_equivalents * weight / mean;
        let devices = shape.devices.per_bed * equivalents * shape.device_factor();
        body.organisation.device_estimate = Some(devices.round() as u32);
    }
}
