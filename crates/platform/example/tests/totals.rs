//! The full size against the published totals of England.

use std::{collections::HashMap, sync::LazyLock};

use example::{ExampleSector, OrganisationType, Size, sector};

static FULL: LazyLock<ExampleSector> = LazyLock::new(|| sector(7, &Size::full()));

#[track_caller]
fn near(found: f64, published: f64, tolerance: f64) {
    let off = found / published - 1.0;
    assert!(off.abs() <= tolerance, "{found} is {:.1} % off {published}", off * 100.0);
}

fn count(kind: OrganisationType) -> usize {
    FULL.organisations.iter().filter(|one| one.kind == kind).count()
}

/// Patients on a day when open, of all services of these kinds.
fn daily(kinds: &[&str]) -> f64 {
    let of = FULL.services.iter().filter(|one| kinds.contains(&one.kind.as_str()));
    of.map(|one| f64::from(one.patients_per_day)).sum()
}

/// Numbers of systems by organisation of a type.
fn systems(kind: OrganisationType) -> Vec<usize> {
    let mut counts: HashMap<&str, usize> = FULL
        .organisations
        .iter()
        .filter(|one| one.kind == kind)
        .map(|one| (one.ods_code.as_str(), 0))
        .collect();
    for one in &FULL.systems {
        if let Some(count) = counts.get_mut(one.organisation.as_str()) {
            *count += 1;
        }
    }
    counts.into_values().collect()
}

#[test]
fn there_are_as_many_organisations_as_in_england() {
    assert_eq!(count(OrganisationType::Region), 7);
    assert_eq!(count(OrganisationType::Icb), 36);
    assert_eq!(FULL.organisations.iter().filter(|one| one.kind.is_trust()).count(), 202);
    assert_eq!(count(OrganisationType::GpPractice), 6_220);
    assert_eq!(count(OrganisationType::CareProvider), 18_000);
    near(count(OrganisationType::CareLocation) as f64, 41_000.0, 0.02);
    assert_eq!(FULL.suppliers.len(), 60);
}

#[test]
fn practice_lists_have_the_published_mean_median_and_spread() {
    let practices = FULL.organisations.iter().filter(|o| o.kind == OrganisationType::GpPractice);
    let mut lists: Vec<f64> = practices.filter_map(|one| one.patients.map(f64::from)).collect();
    lists.sort_by(f64::total_cmp);
    let mean = lists.iter().sum::<f64>() / lists.len() as f64;
    let variance = lists.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / lists.len() as f64;
    near(mean, 9_375.0, 0.001);
    near(lists[lists.len() / 2], 8_186.0, 0.06);
    near(variance.sqrt(), 6_106.0, 0.08);
}

#[test]
fn beds_are_all_there_at_as_many_trusts_as_report_them() {
    let with: Vec<u32> =
        FULL.organisations.iter().map(|one| one.beds).filter(|&beds| beds > 0).collect();
    assert_eq!(with.len(), 134);
    assert_eq!(with.iter().sum::<u32>(), 100_398);
    near(daily(&["inpatients"]), 100_398.0 * 0.93, 0.001);
}

#[test]
fn activity_sums_to_the_published_totals() {
    near(daily(&["emergency", "urgent_treatment"]) * 31.0, 2_274_675.0, 0.001);
    near(daily(&["theatres"]) * 253.0 / 12.0, 288_434.0, 0.001);
    near(daily(&["outpatients"]) * 253.0, 95.9e6, 0.001);
    let weekdays = daily(&["endoscopy", "physiology"]) * 253.0;
    near(daily(&["imaging"]) * 365.0 + weekdays, 23.9e6, 0.001);
    near(daily(&["gp_appointments"]) * 253.0, 353e6, 0.01);
}

#[test]
fn devices_are_reckoned_to_be_two_million_one_hundred_thousand() {
    let estimates = FULL.organisations.iter().filter_map(|one| one.device_estimate);
    near(estimates.map(f64::from).sum(), 2.1e6, 0.03);
    assert!(FULL.devices.len() < 200_000, "a sample of {}", FULL.devices.len());
}

#[test]
fn trusts_and_practices_have_as_many_systems_as_their_like() {
    let acute = systems(OrganisationType::TrustAcute);
    assert!(acute.iter().all(|count| (150..=400).contains(count)), "{acute:?}");
    near(acute.iter().sum::<usize>() as f64 / acute.len() as f64, 275.0, 0.1);
    let mental_health = systems(OrganisationType::TrustMentalHealth);
    assert!(mental_health.iter().all(|count| (40..=80).contains(count)), "{mental_health:?}");
    let practices = systems(OrganisationType::GpPractice);
    assert!(practices.iter().all(|count| (6..=10).contains(count)));
}

/// Share of each supplier in the systems of a kind, largest first.
fn shares(kind: &str) -> Vec<f64> {
    let mut counts: HashMap<&str, f64> = HashMap::new();
    for one in FULL.systems.iter().filter(|one| one.kind == kind) {
        *counts.entry(one.supplier.as_str()).or_default() += 1.0;
    }
    let sum: f64 = counts.values().sum();
    let mut shares: Vec<f64> = counts.into_values().map(|count| count / sum).collect();
    shares.sort_by(|a, b| b.total_cmp(a));
    shares
}

#[test]
fn gp_records_are_split_sixty_thirty_eight_two() {
    let [first, second, third] = shares("gp_record")[..] else { panic!("not three suppliers") };
    near(first, 0.60, 0.001);
    near(second, 0.38, 0.001);
    near(third, 0.02, 0.01);
}

#[test]
fn the_nth_supplier_of_a_market_has_an_nth_of_the_firsts_share() {
    let shares = shares("social_care_record");
    assert_eq!(shares.len(), 8);
    for (at, share) in shares.iter().enumerate() {
        near(share * (at + 1) as f64, shares[0], 0.01);
    }
}

#[test]
fn few_care_providers_have_many_locations_and_most_have_one() {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for one in FULL.organisations.iter().filter(|o| o.kind == OrganisationType::CareLocation) {
        *counts.entry(one.parent.as_deref().expect("a provider")).or_default() += 1;
    }
    let single = counts.values().filter(|&&count| count == 1).count();
    near(single as f64 / 18_000.0, 0.70, 0.05);
    assert!(counts.values().any(|&count| count > 100));
    assert!(counts.values().all(|&count| count <= 300));
}
