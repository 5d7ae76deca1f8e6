//! Providers of adult social care and their locations: many with one, few with hundreds.

use crate::{
    areas::{self, Area},
    build::{Body, Cx, organisation},
    catalogue::shape::{CareKind, Role},
    chance::{Chance, deal},
    codes,
    names::Combinations,
};

/// Providers with more locations than this are not bound to one area.
const LOCAL: usize = 5;

pub(crate) fn make(cx: Cx<'_>, areas: &[Area], bodies: &mut Vec<Body>) {
    let counts = locations_by_provider(cx);
    let weights: Vec<f64> = areas.iter().map(|area| area.people as f64).collect();
    let mut chance = Chance::new(cx.seed, "areas of providers", "");
    let homes = deal(&mut chance, counts.len(), &weights);
    let first = bodies.len();
    providers(cx, areas, &homes, bodies);
    let kinds = kinds_of_locations(cx, counts.iter().sum());
    let mut makers = makers(cx, areas);
    let mut kinds = kinds.into_iter();
    let mut number = 0;
    for (at, &count) in counts.iter().enumerate() {
        let provider = first + at;
        for kind in kinds.by_ref().take(count) {
            number += 1;
            let area = if count <= LOCAL { homes[at] } else { chance.weighted(&weights) };
            let body = location(cx, number, kind, &mut makers[area], (area, &areas[area]));
            attach(bodies, provider, body);
        }
    }
}

/// How many locations each provider has: the quantiles of a power law, shuffled, so that the mean
/// does not hang on a few draws.
fn locations_by_provider(cx: Cx<'_>) -> Vec<usize> {
    let care = &cx.catalogue.shape.care;
    let weights: Vec<f64> = (1..=care.most).map(|k| (k as f64).powf(-care.exponent)).collect();
    let sum: f64 = weights.iter().sum();
    let providers = cx.size.care_providers;
    let mut counts = Vec::with_capacity(providers as usize);
    let (mut reached, mut below) = (0, weights[0] / sum);
    for provider in 0..providers {
        let quantile = (f64::from(provider) + 0.5) / f64::from(providers);
        while quantile > below && reached + 1 < weights.len() {
            reached += 1;
            below += weights[reached] / sum;
        }
        counts.push(reached + 1);
    }
    Chance::new(cx.seed, "sizes of providers", "").shuffle(&mut counts);
    counts
}

fn kinds_of_locations(cx: Cx<'_>, count: usize) -> Vec<&CareKind> {
    let kinds = &cx.catalogue.shape.care.kinds;
    let weights: Vec<f64> = kinds.iter().map(|kind| kind.count).collect();
    let mut chance = Chance::new(cx.seed, "kinds of locations", "");
    deal(&mut chance, count, &weights).into_iter().map(|at| &kinds[at]).collect()
}

fn providers(cx: Cx<'_>, areas: &[Area], homes: &[usize], bodies: &mut Vec<Body>) {
    let words = &cx.catalogue.names;
    let places: Vec<String> = areas.iter().flat_map(|area| area.places.clone()).collect();
    let mut chance = Chance::new(cx.seed, "names of providers", "");
    let none = [String::new()];
    let mut combinations =
        Combinations::new(&mut chance, [&places[..], &words.care_providers, &none]);
    for (at, &home) in homes.iter().enumerate() {
        let ([place, kind, _], again) = combinations.next();
        let name = format!("{} {place} {kind}{again}", words.mark);
        let made = organisation(codes::care_provider(at + 1), name, Role::CareProvider);
        let mut body = Body::new(Role::CareProvider, made);
        body.prefix = format!("EXP{}", at + 1);
        let town = &areas[home].places[chance.below(areas[home].places.len())];
        areas::place(cx, &mut body, home, &areas[home], town);
        body.organisation.patients = Some(0);
        bodies.push(body);
    }
}

/// Names for the locations of one area, by what they are.
struct Maker<'n> {
    homes: Combinations<'n>,
    visits: Combinations<'n>,
    living: Combinations<'n>,
}

fn makers<'n>(cx: Cx<'n>, areas: &'n [Area]) -> Vec<Maker<'n>> {
    let words = &cx.catalogue.names;
    let of = |area: &'n Area| {
        let mut chance = Chance::new(cx.seed, "names of locations", &area.icb);
        let mut make = |kinds: &'n [String]| {
            Combinations::new(&mut chance, [&words.house_words[..], kinds, &area.places])
        };
        Maker {
            homes: make(&words.care_homes),
            visits: make(&words.home_care),
            living: make(&words.supported_living),
        }
    };
    areas.iter().map(of).collect()
}

fn location(
    cx: Cx<'_>,
    number: usize,
    kind: &CareKind,
    maker: &mut Maker<'_>,
    (at, area): (usize, &Area),
) -> Body {
    let shape = &cx.catalogue.shape;
    let combinations = match kind.role {
        Role::HomeCare => &mut maker.visits,
        Role::SupportedLiving => &mut maker.living,
        _ => &mut maker.homes,
    };
    let ([house, of, town], again) = combinations.next();
    let name = format!("{} {house} {of}, {town}{again}", cx.catalogue.names.mark);
    let mut made = organisation(codes::care_location(number), name, kind.role);
    let mut chance = Chance::new(cx.seed, "location", &made.ods_code);
    let people = (kind.median_people * chance.factor(kind.spread)).round().max(1.0);
    made.patients = Some(people as u32);
    let devices = shape.devices.per_location * shape.device_factor();
    made.device_estimate = Some(devices.round() as u32);
    let mut body = Body::new(kind.role, made);
    body.prefix = format!("EXC{number}");
    areas::place(cx, &mut body, at, area, town);
    body
}

fn attach(bodies: &mut Vec<Body>, provider: usize, mut location: Body) {
    let owner = &mut bodies[provider].organisation;
    let people = owner.patients.unwrap_or(0) + location.organisation.patients.unwrap_or(0);
    owner.patients = Some(people);
    location.organisation.parent = Some(owner.ods_code.clone());
    location.parent = Some(provider);
    bodies.push(location);
}
