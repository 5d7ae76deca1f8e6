//! What holds in every example sector: names, codes, references, repeatability.

use std::collections::{HashMap, HashSet};

use example::{ExampleSector, OrganisationType, Size, codes::is_example, sector};
use proptest::prelude::*;

fn small() -> Size {
    Size { practices: 60, care_providers: 80, detail_percent: 3, device_samples: 1 }
}

fn codes_of(sector: &ExampleSector) -> HashSet<&str> {
    sector.organisations.iter().map(|one| one.ods_code.as_str()).collect()
}

#[track_caller]
fn none_twice<'t>(texts: impl Iterator<Item = &'t str>) {
    let mut seen = HashSet::new();
    let twice: Vec<&str> = texts.filter(|text| !seen.insert(*text)).collect();
    assert!(twice.is_empty(), "more than once: {:?}", &twice[..twice.len().min(5)]);
}

/// Everything that must hold whatever the seed.
fn check(sector: &ExampleSector) {
    let organisations = codes_of(sector);
    let suppliers: HashSet<&str> = sector.suppliers.iter().map(|one| one.code.as_str()).collect();
    let systems: HashSet<&str> = sector.systems.iter().map(|one| one.code.as_str()).collect();
    let services: HashSet<&str> = sector.services.iter().map(|one| one.code.as_str()).collect();
    let sites: HashSet<&str> = sector.sites.iter().map(|one| one.ods_code.as_str()).collect();
    none_twice(sector.organisations.iter().map(|one| one.ods_code.as_str()));
    none_twice(sector.suppliers.iter().map(|one| one.code.as_str()));
    none_twice(sector.systems.iter().map(|one| one.code.as_str()));
    none_twice(sector.services.iter().map(|one| one.code.as_str()));
    none_twice(sector.sites.iter().map(|one| one.ods_code.as_str()));
    none_twice(sector.devices.iter().map(|one| one.name.as_str()));
    for one in &sector.organisations {
        for other in [&one.region, &one.icb, &one.parent].into_iter().flatten() {
            assert!(organisations.contains(other.as_str()), "{one:?}");
        }
    }
    assert!(sector.sites.iter().all(|one| organisations.contains(one.organisation.as_str())));
    for one in &sector.services {
        assert!(organisations.contains(one.organisation.as_str()), "{one:?}");
        assert!(one.patients_per_day > 0 && (1..=4).contains(&one.criticality), "{one:?}");
    }
    for one in &sector.systems {
        assert!(organisations.contains(one.organisation.as_str()), "{one:?}");
        assert!(suppliers.contains(one.supplier.as_str()), "{one:?}");
        assert!((1..=4).contains(&one.criticality), "{one:?}");
    }
    for one in &sector.devices {
        assert!(organisations.contains(one.organisation.as_str()), "{one:?}");
        assert!(systems.contains(one.system.as_str()), "{one:?}");
        assert!(one.site.as_deref().is_none_or(|site| sites.contains(site)), "{one:?}");
    }
    let mut pairs = HashSet::new();
    for one in &sector.dependencies {
        assert!(one.from != one.to && pairs.insert((&one.from, &one.to)), "{one:?}");
        assert!((0.0..=1.0).contains(&one.strength), "{one:?}");
        assert!(!one.reason.is_empty() && !one.fallback.is_empty(), "{one:?}");
        for end in [&one.from, &one.to] {
            let (kind, code) = end.split_once(':').expect("a kind and a code");
            let known = match kind {
                "service" => &services,
                "system" => &systems,
                "supplier" => &suppliers,
                _ => panic!("{one:?}"),
            };
            assert!(known.contains(code), "{one:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn whatever_the_seed_codes_are_unique_and_references_lead_somewhere(
        seed: u64,
        practices in 0_u32..200,
        care_providers in 0_u32..200,
        detail_percent in 0_u32..20,
    ) {
        check(&sector(seed, &Size { practices, care_providers, detail_percent, device_samples: 1 }));
    }
}

#[test]
fn the_same_seed_gives_the_same_sector_and_another_seed_another() {
    let first = sector(7, &small());
    assert_eq!(first, sector(7, &small()));
    assert_ne!(first.organisations, sector(8, &small()).organisations);
}

#[test]
fn more_practices_and_providers_leave_trusts_and_their_services_as_they_were() {
    let trusts = |sector: ExampleSector| {
        let of_trust = |code: &str| code.starts_with("XET");
        let organisations = sector.organisations.into_iter().filter(|one| one.kind.is_trust());
        let services = sector.services.into_iter().filter(|one| of_trust(&one.organisation));
        (organisations.collect::<Vec<_>>(), services.collect::<Vec<_>>())
    };
    let more = Size { practices: 120, care_providers: 300, ..small() };
    assert_eq!(trusts(sector(7, &small())), trusts(sector(7, &more)));
}

#[test]
fn every_name_but_a_regions_says_that_it_is_an_example() {
    let sector = sector(7, &Size::demo());
    let organisations = sector.organisations.iter().filter(|one| {
        let is_region = one.kind == OrganisationType::Region;
        let is_marked = one.name.starts_with("Example ") && is_example(&one.ods_code);
        is_region == is_marked
    });
    assert_eq!(organisations.collect::<Vec<_>>(), Vec::<&example::Organisation>::new());
    assert!(sector.sites.iter().all(|one| one.name.starts_with("Example ")));
    assert!(sector.suppliers.iter().all(|one| one.name.starts_with("Example ")));
    let towns = sector.organisations.iter().filter(|one| !one.town.is_empty());
    assert!(towns.clone().count() > 2_000);
    assert!(
        towns
            .into_iter()
            .all(|one| { one.town.starts_with("Example ") && one.postcode.starts_with("QZ") })
    );
}

#[test]
fn no_two_organisations_share_a_name() {
    let sector = sector(7, &Size::demo());
    none_twice(sector.organisations.iter().map(|one| one.name.as_str()));
}

#[test]
fn every_code_of_an_organisation_or_site_is_an_ods_code_that_nobody_has() {
    let sector = sector(7, &Size::demo());
    let organisations = sector.organisations.iter().map(|one| one.ods_code.as_str());
    for code in organisations.chain(sector.sites.iter().map(|one| one.ods_code.as_str())) {
        assert_eq!(code.parse::<terms::OdsCode>().expect("an ODS code").as_str(), code);
        let letters = code.bytes().take_while(u8::is_ascii_uppercase).count();
        assert!(letters == 3 && code.starts_with("XE") || code.starts_with('Y'), "{code}");
    }
}

#[test]
fn the_regions_are_the_seven_of_england() {
    let sector = sector(7, &small());
    let regions = sector.organisations.iter().filter(|one| one.kind == OrganisationType::Region);
    let codes: Vec<&str> = regions.map(|one| one.ods_code.as_str()).collect();
    assert_eq!(codes, ["Y56", "Y58", "Y59", "Y60", "Y61", "Y62", "Y63"]);
}

#[test]
fn devices_are_called_after_their_organisation_and_what_they_serve() {
    let sector = sector(7, &Size::demo());
    let systems: HashMap<&str, &str> =
        sector.systems.iter().map(|one| (one.code.as_str(), one.kind.as_str())).collect();
    let device = sector.devices.iter().find(|one| one.name == "EX1-PATH-07");
    let hub = device.or_else(|| sector.devices.iter().find(|one| one.name.contains("-PATH-07")));
    assert_eq!(systems[hub.expect("a laboratory").system.as_str()], "lims");
    let classes: HashSet<&str> = sector.devices.iter().map(|one| one.class.as_str()).collect();
    let known = ["workstation", "server", "laptop", "medical device", "network"];
    assert_eq!(classes, known.into_iter().collect());
}

#[test]
fn no_organisation_has_more_sample_devices_than_it_is_reckoned_to_have() {
    let sector = sector(7, &Size { device_samples: 9, ..small() });
    let mut counts: HashMap<&str, u32> = HashMap::new();
    for one in &sector.devices {
        *counts.entry(one.organisation.as_str()).or_default() += 1;
    }
    let count = |code: &str| counts.get(code).copied().unwrap_or(0);
    let reckoned = sector
        .organisations
        .iter()
        .filter_map(|one| one.device_estimate.map(|estimate| (count(&one.ods_code), estimate)));
    assert!(reckoned.clone().all(|(sample, estimate)| sample <= estimate));
    assert!(reckoned.into_iter().any(|(sample, estimate)| sample == estimate));
}

#[test]
fn pathology_of_every_trust_rests_on_a_laboratory_system_sometimes_a_neighbours() {
    let sector = sector(7, &Size::demo());
    let uses = |service: &str| {
        let from = format!("service:{service}");
        let to = sector.dependencies.iter().filter(move |one| one.from == from);
        to.map(|one| one.to.as_str()).find(|to| to.ends_with("-PATH"))
    };
    let (mut own, mut others) = (0, 0);
    for service in sector.services.iter().filter(|one| one.kind == "pathology") {
        let to = uses(&service.code).unwrap_or_else(|| panic!("{} rests on none", service.code));
        if to.contains(&service.organisation) { own += 1 } else { others += 1 }
    }
    assert!(own >= 36 && others >= 20, "own {own}, others {others}");
}

#[test]
fn a_care_home_rests_on_its_providers_record_and_a_practice_on_its_own() {
    let sector = sector(7, &Size::demo());
    let parents: HashMap<&str, &str> = sector
        .organisations
        .iter()
        .filter_map(|one| Some((one.ods_code.as_str(), one.parent.as_deref()?)))
        .collect();
    let owner = |end: &str| end.split([':', '-']).nth(1).expect("a code").to_owned();
    let mut homes = 0;
    for one in sector.dependencies.iter().filter(|one| one.to.ends_with("-DSCR")) {
        if one.from.starts_with("service:XEL") {
            homes += 1;
            assert_eq!(parents[owner(&one.from).as_str()], owner(&one.to));
        }
    }
    assert!(homes > 1_000, "{homes}");
    let records = sector.dependencies.iter().filter(|one| one.to.ends_with("-GP"));
    let other = records.filter(|one| owner(&one.from) != owner(&one.to));
    assert_eq!(other.collect::<Vec<_>>(), Vec::<&example::Dependency>::new());
}

#[test]
fn hosted_systems_rest_on_their_supplier_more_than_others_do() {
    let sector = sector(7, &small());
    let strengths = |kind: &str| -> Vec<f64> {
        let of = sector.dependencies.iter().filter(|one| one.kind == kind);
        of.map(|one| one.strength).collect()
    };
    let (hosted, supported) = (strengths("hosted by"), strengths("supported by"));
    assert!(!hosted.is_empty() && !supported.is_empty());
    let least = hosted.into_iter().fold(1.0, f64::min);
    let most = supported.into_iter().fold(0.0, f64::max);
    assert!(least > most, "{least} {most}");
}
