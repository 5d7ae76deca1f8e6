//! Whether the five files of a catalogue fit together.

use std::collections::BTreeSet;

use super::{
    Catalogue,
    kinds::{Manner, Need},
    shape::At,
};
use crate::error::CatalogueError;

const NAMES: &str = "names.yaml";
const SHAPE: &str = "shape.yaml";
const SERVICES: &str = "services.yaml";
const SYSTEMS: &str = "systems.yaml";
const DEPENDENCIES: &str = "dependencies.yaml";

type Checked = Result<(), CatalogueError>;

pub(super) fn check(catalogue: &Catalogue) -> Checked {
    names(catalogue)?;
    shape(catalogue)?;
    services(catalogue)?;
    systems(catalogue)?;
    dependencies(catalogue)
}

fn must(is_so: bool, file: &'static str, place: &str, expected: &'static str) -> Checked {
    let place = || place.to_owned();
    if is_so { Ok(()) } else { Err(CatalogueError::Value { file, place: place(), expected }) }
}

fn known(
    names: &BTreeSet<&str>,
    name: &str,
    what: &'static str,
    (file, place): (&'static str, &str),
) -> Checked {
    if names.contains(name) {
        return Ok(());
    }
    Err(CatalogueError::Unknown { file, place: place.to_owned(), what, name: name.to_owned() })
}

fn names(catalogue: &Catalogue) -> Checked {
    let names = &catalogue.names;
    let lists = [
        ("place_beginnings", &names.place_beginnings),
        ("place_endings", &names.place_endings),
        ("practices", &names.practices),
        ("care_providers", &names.care_providers),
        ("house_words", &names.house_words),
        ("care_homes", &names.care_homes),
        ("home_care", &names.home_care),
        ("supported_living", &names.supported_living),
        ("hospitals", &names.hospitals),
        ("clinics", &names.clinics),
        ("suppliers", &names.suppliers),
    ];
    for (place, list) in lists {
        must(!list.is_empty(), NAMES, place, "a list of at least one word")?;
    }
    let places = names.place_beginnings.len() * names.place_endings.len();
    let boards: usize = catalogue.shape.regions.iter().map(|region| region.icbs).sum();
    must(places >= 2 * boards, NAMES, "place_beginnings", "enough for two places a board")?;
    let suppliers: usize = catalogue.systems.markets.iter().map(|market| market.suppliers).sum();
    must(names.suppliers.len() >= suppliers, NAMES, "suppliers", "one for each supplier")?;
    must(!names.mark.is_empty(), NAMES, "mark", "a word that says that names are made up")
}

fn shape(catalogue: &Catalogue) -> Checked {
    let shape = &catalogue.shape;
    for region in &shape.regions {
        must(region.icbs > 0, SHAPE, &region.code, "a region with at least one board")?;
        for role in region.trusts.keys() {
            let is_known = shape.trust(*role).is_some();
            must(is_known, SHAPE, &region.code, "of types that stand under trusts")?;
        }
    }
    for trust in &shape.trusts {
        let place = trust.role.kind().as_str();
        must(trust.role.is_trust(), SHAPE, place, "a trust")?;
        let weights = [trust.beds, trust.emergency, trust.referrals, trust.catchment];
        must(
            weights.iter().all(|&weight| weight >= 0.0),
            SHAPE,
            place,
            "without negative weights",
        )?;
        let ranges = [trust.systems, trust.hospitals];
        must(ranges.iter().all(|range| range.0 <= range.1), SHAPE, place, "of rising ranges")?;
        must(trust.hospitals.0 > 0, SHAPE, place, "a trust with a hospital or base")?;
    }
    let care = &shape.care;
    must(care.most > 0, SHAPE, "care", "of at least one location a provider")?;
    let fits = care.providers <= care.locations;
    must(fits, SHAPE, "care", "of at least as many locations as providers")?;
    must(!care.kinds.is_empty(), SHAPE, "care", "of at least one kind")
}

fn chances(at: &At, file: &'static str, place: &str) -> Checked {
    let are_chances = at.values().all(|chance| (0.0..=1.0).contains(chance));
    must(are_chances, file, place, "at organisations with chances from 0 to 1")
}

fn criticality(number: u8, file: &'static str, place: &str) -> Checked {
    must((1..=4).contains(&number), file, place, "of a criticality from 1 to 4")
}

fn services(catalogue: &Catalogue) -> Checked {
    let services = &catalogue.services;
    let hours: BTreeSet<&str> = services.open_days.keys().map(String::as_str).collect();
    must(services.open_days.values().all(|&days| days > 0), SERVICES, "open_days", "positive")?;
    for one in &services.services {
        known(&hours, &one.hours, "hours", (SERVICES, &one.kind))?;
        criticality(one.criticality, SERVICES, &one.kind)?;
        chances(&one.at, SERVICES, &one.kind)?;
        let is_one_of_two = one.yearly.is_some() != one.yearly_per_patient.is_some()
            && one.yearly.is_some() == one.basis.is_some();
        let expected = "either of yearly with basis or of yearly_per_patient";
        must(is_one_of_two, SERVICES, &one.kind, expected)?;
    }
    Ok(())
}

fn systems(catalogue: &Catalogue) -> Checked {
    let systems = &catalogue.systems;
    let markets: BTreeSet<&str> = systems.markets.iter().map(|one| one.market.as_str()).collect();
    let services = service_kinds(catalogue);
    for one in &systems.markets {
        let fits = one.suppliers > 0
            && one.shares.as_ref().is_none_or(|shares| shares.len() == one.suppliers);
        must(fits, SYSTEMS, &one.market, "of suppliers, with a share for each or none")?;
    }
    for one in &systems.systems {
        known(&markets, &one.market, "the market", (SYSTEMS, &one.kind))?;
        criticality(one.criticality, SYSTEMS, &one.kind)?;
        chances(&one.at, SYSTEMS, &one.kind)?;
        if let Some(service) = &one.service {
            known(&services, service, "the service", (SYSTEMS, &one.kind))?;
        }
    }
    let departmental = &systems.departmental;
    known(&markets, &departmental.market, "the market", (SYSTEMS, "departmental"))?;
    for one in &departmental.departments {
        if let Some(service) = &one.service {
            known(&services, service, "the service", (SYSTEMS, &one.tag))?;
        }
    }
    for one in &departmental.functions {
        criticality(one.criticality, SYSTEMS, &one.tag)?;
    }
    Ok(())
}

fn service_kinds(catalogue: &Catalogue) -> BTreeSet<&str> {
    catalogue.services.services.iter().map(|one| one.kind.as_str()).collect()
}

fn dependencies(catalogue: &Catalogue) -> Checked {
    let dependencies = &catalogue.dependencies;
    let services = service_kinds(catalogue);
    let systems: BTreeSet<&str> =
        catalogue.systems.systems.iter().map(|one| one.kind.as_str()).collect();
    for (kind, needs) in &dependencies.services {
        known(&services, kind, "the service", (DEPENDENCIES, "services"))?;
        every(needs, &systems, kind)?;
    }
    for (kind, needs) in &dependencies.systems {
        known(&systems, kind, "the system", (DEPENDENCIES, "systems"))?;
        every(needs, &systems, kind)?;
        let is_of_another = needs.iter().all(|need| need.to != *kind);
        must(is_of_another, DEPENDENCIES, kind, "in need of another system than itself")?;
    }
    every(&dependencies.departmental.needs, &systems, "departmental")?;
    manner(&dependencies.departmental.service, "departmental")?;
    manner(&dependencies.suppliers.hosted, "hosted")?;
    manner(&dependencies.suppliers.supported, "supported")
}

fn every(needs: &[Need], systems: &BTreeSet<&str>, place: &str) -> Checked {
    for need in needs {
        known(systems, &need.to, "the system", (DEPENDENCIES, place))?;
        manner(&need.manner, place)?;
    }
    Ok(())
}

fn manner(manner: &Manner, place: &str) -> Checked {
    let is_share = (0.0..=1.0).contains(&manner.strength);
    must(is_share, DEPENDENCIES, place, "of a strength from 0 to 1")
}
