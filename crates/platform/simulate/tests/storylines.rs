//! Storylines: each step fires what it says, quiet steps are quiet, in their order and time, in
//! each form that Windows events come in.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{Watch, only, options, sites};
use simulate::{Library, Mark, Options, Play, SimulateError, Speed, Telemetry};
use terms::Level;

/// How a Windows event begins in each form.
const FORMS: [&str; 3] = ["{\"@timestamp\":", "{\"Event\":", "{\"Provider_Name\":"];

/// Plays a storyline alone and compares every record with what its step says.
fn check(name: &str) {
    let mut watch = Watch::new();
    let mut devices = BTreeSet::new();
    let mut forms: BTreeSet<&str> = BTreeSet::new();
    // Another seed is another cast, and so another form of record.
    for seed in 1..=16 {
        let mut telemetry = Telemetry::new(&sites(), only(name, seed, 1.0)).unwrap();
        let marks: Vec<Mark> = telemetry.marks().to_vec();
        let mut besides: BTreeMap<Level, usize> = BTreeMap::new();
        for mark in &marks {
            let record = telemetry.advance().unwrap();
            assert!(record.staged);
            assert_eq!((record.at, record.device), (mark.at, &mark.device), "{}", mark.says);
            let seen = watch.see(record.json);
            let text = String::from_utf8_lossy(record.json);
            forms.extend(FORMS.into_iter().filter(|form| text.starts_with(form)));
            let fired: BTreeSet<&str> = seen.fired.iter().map(|(id, ..)| id.as_str()).collect();
            for wanted in &mark.fires {
                let known = watch.rules.rules().iter().any(|rule| rule.meta.id == *wanted);
                assert!(known, "{name}: there is no rule {wanted}");
                assert!(fired.contains(wanted.as_str()), "{}: not {wanted}: {text}", mark.says);
            }
            let expected = |id: &String| mark.fires.contains(id) || mark.may_fire.contains(id);
            let strange: Vec<_> = seen.fired.iter().filter(|(id, ..)| !expected(id)).collect();
            assert!(strange.is_empty(), "{}: {strange:?}: {text}", mark.says);
            for (_, _, level) in &seen.fired {
                *besides.entry(*level).or_default() += 1;
            }
            devices.insert(mark.device.clone());
        }
        assert!(telemetry.advance().is_none(), "{name} goes on after its last step");
        let storyline = Library::embedded().unwrap().storyline(name).unwrap();
        for (level, most) in storyline.at_most.iter().flatten() {
            let count = besides.get(level).copied().unwrap_or(0);
            assert!(count <= *most, "{name}: {count} of level {level}, at most {most}");
        }
    }
    assert!(devices.len() > 3, "chance chose no other cast: {devices:?}");
    // Which form the abused supplier's records have is written in the storyline.
    let wanted = if name == "supplier-access-abused" { 1 } else { 3 };
    assert_eq!(forms.len(), wanted, "{name} was played in {forms:?}");
}

#[test]
fn each_step_from_phish_to_ransomware_is_seen() {
    check("phish-to-ransomware");
}

#[test]
fn each_step_of_the_abused_supplier_is_seen() {
    check("supplier-access-abused");
}

#[test]
fn each_step_of_the_insider_is_seen() {
    check("insider-export");
}

#[test]
fn honest_administration_stays_within_its_limits() {
    check("noisy-but-harmless");
}

#[test]
fn each_step_of_the_information_stealer_is_seen() {
    check("care-home-infostealer");
}

#[test]
fn every_storyline_is_checked_here() {
    let names: Vec<String> =
        Library::embedded().unwrap().storylines().iter().map(|one| one.name.clone()).collect();
    let text = std::fs::read_to_string(file!().rsplit('/').next().map_or_else(
        || unreachable!("a file has a name"),
        |name| common::root().join("crates/platform/simulate/tests").join(name),
    ));
    let text = text.unwrap();
    assert_eq!(names.len(), 5);
    for name in names {
        assert!(text.contains(&format!("check(\"{name}\")")), "{name} is not checked");
    }
}

#[test]
fn the_supplier_is_met_in_three_trusts_twenty_minutes_apart() {
    let telemetry = Telemetry::new(&sites(), only("supplier-access-abused", 1, 1.0)).unwrap();
    let first: Vec<&Mark> = telemetry.marks().iter().filter(|mark| mark.step == 0).collect();
    let trusts: BTreeSet<_> = first.iter().map(|mark| mark.organisation.clone()).collect();
    assert_eq!((first.len(), trusts.len()), (3, 3));
    let minutes: Vec<i64> =
        first.iter().map(|mark| mark.at.duration_since(first[0].at).as_mins()).collect();
    assert_eq!(minutes, [0, 20, 40]);
    assert_eq!(first[0].at.to_string(), "2026-11-25T01:20:00Z");
}

#[test]
fn ransomware_reaches_the_patient_record_and_the_laboratory_after_the_desk() {
    let telemetry = Telemetry::new(&sites(), only("phish-to-ransomware", 1, 1.0)).unwrap();
    let mut order: Vec<String> = Vec::new();
    for mark in telemetry.marks() {
        let kind = mark.device.split('-').nth(1).unwrap().to_owned();
        if !order.contains(&kind) {
            order.push(kind);
        }
    }
    assert_eq!(order, ["WARD", "DC", "EPR", "LIMS"]);
    let (first, last) = (&telemetry.marks()[0], telemetry.marks().last().unwrap());
    assert_eq!(last.at.duration_since(first.at), jiff::SignedDuration::from_secs(42 * 60 + 25));
    assert_eq!(first.organisation, last.organisation);
}

#[test]
fn a_storyline_can_be_played_sixty_times_faster() {
    let slow = Telemetry::new(&sites(), only("insider-export", 1, 1.0)).unwrap();
    let fast = Telemetry::new(&sites(), only("insider-export", 1, 60.0)).unwrap();
    let lasts = |marks: &[Mark]| marks.last().unwrap().at.duration_since(marks[0].at).as_secs();
    assert_eq!(lasts(slow.marks()), 52 * 60 + 3);
    assert_eq!(lasts(fast.marks()), 52);
}

#[test]
fn storylines_and_background_come_in_one_order_of_time() {
    let library = Library::embedded().unwrap();
    let plays = library.storylines().iter().map(|storyline| Play {
        storyline: storyline.clone(),
        after: jiff::SignedDuration::from_secs(2),
        speed: Speed(600.0),
    });
    let all = Options { storylines: plays.collect(), devices: 20, ..options(9) };
    let mut telemetry = Telemetry::new(&sites(), all).unwrap();
    let marks = telemetry.marks().len();
    let (mut staged, mut before) = (0, options(9).start);
    for _ in 0..20_000 {
        let record = telemetry.advance().unwrap();
        assert!(record.at >= before);
        before = record.at;
        staged += usize::from(record.staged);
    }
    assert_eq!(staged, marks);
}

#[test]
fn a_cast_that_cannot_be_found_is_told_with_what_is_lacking() {
    let practices: Vec<_> = sites().into_iter().filter(|site| site.kind == "gp_practice").collect();
    let error = Telemetry::new(&practices, only("phish-to-ransomware", 1, 1.0)).err().unwrap();
    assert!(matches!(error, SimulateError::NoCast { wanted: 1, found: 0, .. }), "{error}");
    let mut trusts = sites();
    trusts.iter_mut().for_each(|site| site.devices.retain(|device| device.class != "server"));
    let error = Telemetry::new(&trusts, only("phish-to-ransomware", 1, 1.0)).err().unwrap();
    assert!(error.to_string().contains("6 lack a device for \"directory\""), "{error}");
}

#[test]
fn an_unknown_storyline_is_refused_with_the_known_ones() {
    let error = Library::embedded().unwrap().storyline("flood").unwrap_err().to_string();
    assert!(error.contains("\"flood\"") && error.contains("insider-export"), "{error}");
}
