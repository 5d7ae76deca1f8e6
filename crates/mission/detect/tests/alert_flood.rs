//! Too many new alerts of a rule are collected in one, and nothing is lost.

mod alert_common;

use alert_common::{Setting, pathology, signal};
use detect::alert::{Cx, Known, Limits, Outcome, Signal, Support, fold};

fn many(devices: u32) -> Vec<Signal> {
    (0..devices).map(|n| signal((1, n), "RX1", &format!("EX-{n}"), 1)).collect()
}

fn setting(of_organisation: u32, of_sector: u32) -> Setting {
    Setting { limits: Limits { of_organisation, of_sector }, ..Setting::default() }
}

fn folded(signals: &[Signal], setting: &Setting) -> Outcome {
    fold(signals, &mut Known::default(), &setting.cx())
}

#[test]
fn beyond_the_limit_one_alert_collects_the_rest_with_its_devices() {
    let outcome = folded(&many(1_290), &setting(50, 1_000));
    assert_eq!(outcome.opened.len(), 51);
    let flood = &outcome.opened[50].alert;
    assert!(flood.is_flood);
    assert_eq!((flood.count, flood.devices), (1_240, 1_240));
    assert!(flood.headline.contains(" on 1,240 devices of RX1."), "{}", flood.headline);
    assert_eq!(outcome.flood_devices.len(), 1_240);
    assert_eq!(flood.device, "");
}

#[test]
fn a_device_with_an_alert_of_its_own_stays_in_it_during_a_flood() {
    let mut signals = many(5);
    signals.push(signal((2, 0), "RX1", "EX-0", 10));
    let outcome = folded(&signals, &setting(2, 100));
    let counts: Vec<u64> = outcome.opened.iter().map(|one| one.alert.count).collect();
    assert_eq!(counts, [2, 1, 3]);
}

#[test]
fn a_device_of_a_flood_stays_in_it_when_the_next_hour_has_room() {
    let mut signals = many(3);
    let next_hour = 3_700;
    signals.push(signal((2, 0), "RX1", "EX-2", next_hour));
    signals.push(signal((2, 1), "RX1", "EX-new", next_hour));
    let outcome = folded(&signals, &setting(2, 100));
    let devices: Vec<&str> = outcome.opened.iter().map(|one| one.alert.device.as_str()).collect();
    assert_eq!(devices, ["EX-0", "EX-1", "", "EX-new"]);
    assert_eq!(outcome.opened[2].alert.count, 2);
}

#[test]
fn what_the_sector_limit_stops_is_still_seen_by_its_organisation() {
    let signals: Vec<Signal> =
        (0..6).map(|n| signal((1, n), &format!("RX{n}"), "EX-1", 1)).collect();
    let outcome = folded(&signals, &setting(50, 4));
    let seen: Vec<(&str, bool)> = outcome
        .opened
        .iter()
        .map(|one| (one.alert.organisation.as_str(), one.alert.is_flood))
        .collect();
    assert_eq!(
        seen,
        [
            ("RX0", false),
            ("RX1", false),
            ("RX2", false),
            ("RX3", false),
            ("RX4", true),
            ("RX5", true)
        ]
    );
}

#[test]
fn a_flood_ranks_as_its_most_critical_device() {
    let support = |signal: &Signal| match signal.device.as_str() {
        "EX-3" => pathology(),
        _ => Support::unknown(),
    };
    let setting = setting(1, 100);
    let cx = Cx { support: &support, ..setting.cx() };
    let outcome = fold(&many(6), &mut Known::default(), &cx);
    let [plain, flood] = &outcome.opened[..] else { panic!("{outcome:?}") };
    assert!(flood.alert.rank_millionths > plain.alert.rank_millionths);
    assert_eq!(flood.story.support, pathology());
    assert!(flood.alert.headline.contains("the pathology service"), "{}", flood.alert.headline);
}
