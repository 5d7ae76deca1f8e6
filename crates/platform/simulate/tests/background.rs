//! Ordinary days: records in order, readable, of all shapes, by the hours of the week, and quiet
//! under Ward's own rules.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{Watch, options, sites};
use simulate::{EventsPerSecond, Options, Telemetry};
use terms::{Level, Timestamp};

#[test]
fn two_hundred_thousand_ordinary_records_give_no_high_finding_and_few_medium() {
    let mut watch = Watch::new();
    let mut telemetry = Telemetry::new(&sites(), options(1)).unwrap();
    let mut met: BTreeMap<(Level, String), usize> = BTreeMap::new();
    let mut sample = BTreeMap::new();
    for _ in 0..200_000 {
        let record = telemetry.advance().unwrap();
        for (_, title, level) in watch.see(record.json).fired {
            sample.entry(title.clone()).or_insert_with(|| record.json.to_vec());
            *met.entry((level, title)).or_default() += 1;
        }
    }
    let count = |wanted: fn(Level) -> bool| -> usize {
        met.iter().filter(|((level, _), _)| wanted(*level)).map(|(_, count)| count).sum()
    };
    let sample: Vec<_> = sample.values().map(|json| String::from_utf8_lossy(json)).collect();
    assert_eq!(count(|level| level >= Level::High), 0, "{met:?} {sample:#?}");
    assert!(count(|level| level == Level::Medium) <= 20, "{met:?} {sample:#?}");
    assert!(count(|level| level == Level::Low) <= 100, "{met:?} {sample:#?}");
}

#[test]
fn a_whole_week_is_quiet_too() {
    let mut watch = Watch::new();
    let slow = Options { rate: EventsPerSecond(0.1), ..options(3) };
    let mut telemetry = Telemetry::new(&sites(), slow.clone()).unwrap();
    let end = slow.start + jiff::SignedDuration::from_hours(7 * 24);
    let mut fired = Vec::new();
    while let Some(record) = telemetry.advance()
        && record.at < end
    {
        fired.extend(watch.see(record.json).fired);
    }
    assert!(fired.iter().all(|(_, _, level)| *level < Level::Medium), "{fired:?}");
}

#[test]
fn every_record_is_json_tells_its_time_and_is_recognised_by_the_catalogue() {
    let mut watch = Watch::new();
    let mut kinds = BTreeSet::new();
    let mut before = Timestamp::MIN;
    for record in Telemetry::new(&sites(), options(2)).unwrap().take(40_000) {
        let text = String::from_utf8(record.json.clone()).unwrap();
        let json: serde_json::Value = serde_json::from_str(&text).expect(&text);
        assert!(json.is_object() && !text.contains('\n'), "{text}");
        assert!(record.at >= before, "{} comes after {before}", record.at);
        before = record.at;
        let seen = watch.see(&record.json);
        let at = seen.at.unwrap_or_else(|| panic!("no time in {text}"));
        let apart = at.duration_since(record.at).abs();
        assert!(
            apart < jiff::SignedDuration::from_secs(1),
            "{at} in a record of {}: {text}",
            record.at
        );
        let named = seen.host.is_empty() || seen.host == *record.device;
        assert!(named, "{} in a record of {}: {text}", seen.host, record.device);
        kinds.insert(seen.kind);
    }
    let kinds: Vec<String> = kinds.into_iter().collect();
    let list = kinds.join("\n");
    for wanted in [
        "process_creation",
        "network_connection",
        "image_load",
        "process_access",
        "file_event",
        "registry_set",
        "registry_add",
        "dns_query",
        "security",
        "system",
        "windefend",
        "ps_script",
        "auditd",
        "cron",
        "suricata",
        "zeek",
        "fortigate",
        "m365",
        "azure",
        "linux",
    ] {
        assert!(list.contains(wanted), "no record of {wanted}:\n{list}");
    }
}

#[test]
fn windows_events_come_in_three_forms_and_each_organisation_keeps_to_one() {
    let mut forms: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for record in Telemetry::new(&sites(), options(2)).unwrap().take(30_000) {
        let text = String::from_utf8(record.json).unwrap();
        let form = ["\"winlog\":", "{\"Event\":", "{\"Provider_Name\":"];
        if let Some(form) = form.into_iter().find(|form| text.contains(form)) {
            forms.entry(record.organisation.to_string()).or_default().insert(form);
        }
    }
    assert!(forms.values().all(|forms| forms.len() == 1), "{forms:?}");
    let all: BTreeSet<&str> = forms.values().flatten().copied().collect();
    assert_eq!(all.len(), 3, "{forms:?}");
}

#[test]
fn nights_and_weekends_have_fewer_records_than_a_weekday_morning() {
    let count = |start: &str| {
        let start: Timestamp = start.parse().unwrap();
        let options = Options { start, rate: EventsPerSecond(20.0), ..options(5) };
        let end = start + jiff::SignedDuration::from_mins(30);
        Telemetry::new(&sites(), options).unwrap().take_while(|record| record.at < end).count()
    };
    let morning = count("2026-11-24T10:00:00Z");
    let night = count("2026-11-24T03:00:00Z");
    let sunday = count("2026-11-22T10:00:00Z");
    assert!((30_000..42_000).contains(&morning), "{morning}");
    assert!(night * 10 < morning * 8 && sunday * 10 < morning * 9, "{morning} {night} {sunday}");
}

#[test]
fn summer_time_moves_the_morning_an_hour_in_utc() {
    // At 7:30 UTC practices open in July, and are still shut in November.
    let count = |start: &str| {
        let start: Timestamp = start.parse().unwrap();
        let options = Options { start, rate: EventsPerSecond(20.0), ..options(5) };
        let practices: Vec<_> =
            sites().into_iter().filter(|site| site.kind == "gp_practice").collect();
        let end = start + jiff::SignedDuration::from_mins(20);
        Telemetry::new(&practices, options).unwrap().take_while(|record| record.at < end).count()
    };
    let (july, november) = (count("2026-07-14T07:05:00Z"), count("2026-11-24T07:05:00Z"));
    assert!(july > november + november / 2, "{july} {november}");
}

/// Which activities a device has, told from the programs and tools in its records.
fn check_trade(device: (&str, &str, &str), expected: &str) {
    let (class, role, system) = device;
    let device = simulate::Device {
        name: "XA1-XX-01".to_owned(),
        class: class.to_owned(),
        role: role.to_owned(),
        system: system.to_owned(),
    };
    let site = simulate::Site {
        organisation: "XA1".to_owned(),
        name: String::new(),
        kind: "trust_acute".to_owned(),
        devices: vec![device],
    };
    let text: String = Telemetry::new(&[site], options(1))
        .unwrap()
        .take(400)
        .map(|record| String::from_utf8(record.json).unwrap())
        .collect();
    assert!(text.contains(expected), "{class} {role} {system} says nothing of {expected}");
}

#[test]
fn a_device_does_what_its_class_role_or_system_says() {
    check_trade(("server", "", "interface_engine"), "Mirth Connect");
    check_trade(("server", "", "XA1-PACS"), "ImageServer.exe");
    check_trade(("server", "file store", ""), "Shares");
    check_trade(("server", "", "lims"), "sqlservr.exe");
    check_trade(("server", "directory", ""), "\"4769\"");
    check_trade(("medical device", "", "pacs"), "HostApp.exe");
    check_trade(("medical device", "infusion pump", "device_gateway"), "device-service");
    check_trade(("workstation", "", "epr"), "PowerChart.exe");
    check_trade(("network", "firewall", ""), "FGT0000000000000");
    check_trade(("network", "sensor", ""), "id.orig_h");
    check_trade(("", "", ""), "WINWORD.EXE");
}

#[test]
fn only_so_many_devices_take_part() {
    let few = Options { devices: 10, ..options(4) };
    let devices: BTreeSet<_> =
        Telemetry::new(&sites(), few).unwrap().take(20_000).map(|record| record.device).collect();
    assert!((5..=10).contains(&devices.len()), "{devices:?}");
}

#[test]
fn the_processes_of_an_activity_refer_to_each_other() {
    // The child of a Word document names, as its parent, a process that was told before.
    let mut told = BTreeSet::new();
    let mut linked = 0;
    let one: Vec<_> = sites().into_iter().take(6).collect();
    for record in Telemetry::new(&one, options(2)).unwrap().take(30_000) {
        let json: serde_json::Value = serde_json::from_slice(&record.json).unwrap();
        if json["EventID"] != 1 {
            continue;
        }
        told.insert(json["ProcessGuid"].to_string());
        let child =
            json["ParentImage"].as_str().is_some_and(|image| image.ends_with("OUTLOOK.EXE"));
        if child {
            assert!(told.contains(&json["ParentProcessGuid"].to_string()), "{json}");
            linked += 1;
        }
    }
    assert!(linked > 20, "{linked}");
}

#[test]
fn no_sites_or_no_rate_end_at_once() {
    assert_eq!(Telemetry::new(&[], options(1)).unwrap().next(), None);
    let silent = Options { rate: EventsPerSecond(0.0), ..options(1) };
    assert_eq!(Telemetry::new(&sites(), silent).unwrap().next(), None);
}

#[test]
fn a_rate_that_makes_no_sense_is_refused_with_the_number() {
    for rate in [-1.0, f64::NAN, f64::INFINITY] {
        let wrong = Options { rate: EventsPerSecond(rate), ..options(1) };
        let error = Telemetry::new(&sites(), wrong).err().unwrap().to_string();
        assert!(error.starts_with("the rate must be 0 or more"), "{error}");
    }
}
