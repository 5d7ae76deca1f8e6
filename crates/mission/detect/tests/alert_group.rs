//! Signals to alerts: what belongs together, what is new, what was there before.

mod alert_common;

use alert_common::{Setting, by, rule, signal};
use detect::alert::{Known, Limits, Outcome, Signal, fold};
use proptest::prelude::*;
use terms::Level;
use testkit::later;

fn folded(signals: &[Signal]) -> Outcome {
    fold(signals, &mut Known::default(), &Setting::default().cx())
}

#[test]
fn signals_of_one_rule_on_one_device_are_one_alert() {
    let outcome = folded(&[
        signal((1, 0), "RX1", "EX-1", 0),
        signal((1, 1), "RX1", "ex-1 ", 5),
        signal((2, 0), "RX1", "EX-2", 6),
        signal((2, 1), "RX2", "EX-1", 7),
        by(&rule("another", Level::Low), signal((2, 2), "RX1", "EX-1", 8)),
    ]);
    let counts: Vec<u64> = outcome.opened.iter().map(|one| one.alert.count).collect();
    assert_eq!(counts, [2, 1, 1, 1]);
    assert_eq!(outcome.grown, []);
}

#[test]
fn an_untouched_alert_takes_in_signals_of_days_later() {
    let outcome =
        folded(&[signal((1, 0), "RX1", "EX-1", 0), signal((2, 0), "RX1", "EX-1", 3 * 86_400)]);
    assert_eq!(outcome.opened.len(), 1);
    assert_eq!(outcome.opened[0].alert.last_seen, later(3 * 86_400));
}

#[test]
fn a_late_event_moves_the_beginning_back() {
    let late = Signal { received_at: later(500), ..signal((2, 0), "RX1", "EX-1", -7_200) };
    let outcome = folded(&[signal((1, 0), "RX1", "EX-1", 0), late]);
    let alert = &outcome.opened[0].alert;
    assert_eq!((alert.count, alert.first_seen, alert.last_seen), (2, later(-7_200), later(0)));
}

#[test]
fn a_clock_that_runs_ahead_is_taken_for_the_moment_of_receipt() {
    let ahead = Signal { received_at: later(0), ..signal((1, 0), "RX1", "EX-1", 90_000_000) };
    assert_eq!(folded(&[ahead]).opened[0].alert.last_seen, later(0));
}

#[test]
fn a_signal_that_comes_twice_is_counted_once() {
    let signals = [signal((1, 0), "RX1", "EX-1", 0), signal((1, 1), "RX1", "EX-1", 1)];
    let mut known = Known::default();
    let setting = Setting::default();
    fold(&signals, &mut known, &setting.cx());
    let again = fold(&signals, &mut known, &setting.cx());
    assert_eq!(again, Outcome { replayed: 2, ..Outcome::default() });
}

#[test]
fn the_first_ten_and_the_newest_ten_events_are_kept() {
    let signals: Vec<Signal> = (0..45).map(|n| signal((1, n), "RX1", "EX-1", n.into())).collect();
    let outcome = folded(&signals);
    let mut kept: Vec<u64> = outcome.evidence.iter().map(|one| one.ordinal).collect();
    kept.sort_unstable();
    assert_eq!(kept, (1..=10).chain(36..=45).collect::<Vec<_>>());
    assert_eq!(outcome.opened[0].alert.count, 45);
}

#[test]
fn an_event_too_long_to_keep_is_cut_and_says_so() {
    let event: String = "é".repeat(40_000);
    let one = Signal { event: event.as_str().into(), ..signal((1, 0), "RX1", "EX-1", 0) };
    let evidence = &folded(&[one]).evidence[0];
    assert_eq!(evidence.event.len() + evidence.cut_bytes, event.len());
    assert_eq!(evidence.event.len(), 64 << 10);
}

#[test]
fn the_same_signal_opens_an_alert_with_the_same_id_on_every_replay() {
    let signals = [signal((1, 0), "RX1", "EX-1", 0), signal((1, 1), "RX1", "EX-2", 0)];
    let ids = || folded(&signals).opened.iter().map(|one| one.alert.id).collect::<Vec<_>>();
    assert_eq!(ids(), ids());
    assert_ne!(ids()[0], ids()[1]);
    assert_eq!(ids()[0].0.get_version_num(), 7);
}

/// What is left of outcomes when it no longer matters in which of them it stood.
fn sum(outcomes: &[Outcome]) -> Vec<String> {
    use std::collections::BTreeMap;
    let mut alerts = BTreeMap::new();
    let mut evidence = BTreeMap::new();
    let mut days = BTreeMap::new();
    let mut hours = BTreeMap::new();
    let mut devices = BTreeMap::new();
    for outcome in outcomes {
        for one in &outcome.opened {
            let alert = &one.alert;
            let opened = (alert.organisation.clone(), alert.device.clone(), alert.opened_at);
            let grown = (alert.count, alert.devices, alert.first_seen, alert.last_seen, one.last);
            alerts.insert(alert.id, (opened, grown, alert.headline.clone(), alert.rank_millionths));
        }
        for one in &outcome.grown {
            let alert = alerts.get_mut(&one.id).expect("opened before it grew");
            alert.1 = (one.count, one.devices, one.first_seen, one.last_seen, one.last);
            if let Some(headline) = &one.headline {
                alert.2.clone_from(headline);
            }
            if let Some(raised) = &one.raised {
                alert.3 = raised.rank.millionths();
            }
        }
        for one in &outcome.evidence {
            let slot =
                if one.ordinal <= 10 { one.ordinal - 1 } else { 10 + (one.ordinal - 1) % 10 };
            evidence.insert((one.alert, slot), one.ordinal);
        }
        for one in &outcome.days {
            let found: &mut (u64, u64) =
                days.entry((one.rule.clone(), one.organisation.clone(), one.day)).or_default();
            found.0 += one.found.hits;
            found.1 += one.found.alerts;
        }
        for (hour, brought) in &outcome.hours {
            let sum: &mut (u32, u64) = hours.entry(hour.clone()).or_default();
            sum.0 += brought.opened;
            sum.1 += brought.collected;
        }
        for one in &outcome.flood_devices {
            *devices.entry((one.alert, one.device.to_lowercase())).or_insert(0) += one.count;
        }
    }
    let mut all: Vec<String> = alerts.iter().map(|one| format!("{one:?}")).collect();
    all.extend(evidence.iter().map(|one| format!("{one:?}")));
    all.extend(days.iter().map(|one| format!("{one:?}")));
    all.extend(hours.iter().filter(|(_, sum)| **sum != (0, 0)).map(|one| format!("{one:?}")));
    all.extend(devices.iter().map(|one| format!("{one:?}")));
    all
}

proptest! {
    #[test]
    fn batches_cut_anywhere_and_handed_in_twice_give_the_same_alerts(
        drawn in prop::collection::vec((0..3u8, 0..6u8, 0..3u8, -4_000..4_000i64), 1..120),
        cuts in prop::collection::vec(0..120usize, 0..6),
    ) {
        let rules = [Level::Low, Level::High, Level::Critical]
            .map(|level| rule(&format!("rule-{level}"), level));
        let signals: Vec<Signal> = drawn.iter().zip(0..).map(|((o, d, r, jitter), item)| {
            let organisation = format!("RX{o}");
            let mut one = signal((1, item), &organisation, &format!("EX-{d}"), 0);
            one.event_time = Some(later(i64::from(item) * 60 + jitter));
            one.received_at = later(i64::from(item) * 60);
            by(&rules[usize::from(*r)], one)
        }).collect();
        let setting = Setting {
            limits: Limits { of_organisation: 3, of_sector: 7 },
            ..Setting::default()
        };
        let whole = fold(&signals, &mut Known::default(), &setting.cx());

        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut % signals.len()).collect();
        cuts.extend([0, signals.len()]);
        cuts.sort_unstable();
        let mut known = Known::default();
        let mut parts = Vec::new();
        for pair in cuts.windows(2) {
            let batch = &signals[pair[0]..pair[1]];
            parts.push(fold(batch, &mut known, &setting.cx()));
            let again = fold(batch, &mut known, &setting.cx());
            prop_assert_eq!(again.replayed as usize, batch.len());
        }
        prop_assert_eq!(sum(&parts), sum(&[whole]));
    }

    #[test]
    fn every_signal_is_in_exactly_one_alert(
        drawn in prop::collection::vec((0..3u8, 0..9u8), 1..200),
        limit in 0..5u32,
    ) {
        let signals: Vec<Signal> = drawn.iter().zip(0..).map(|((o, d), item)| {
            signal((1, item), &format!("RX{o}"), &format!("EX-{d}"), item.into())
        }).collect();
        let setting = Setting {
            limits: Limits { of_organisation: limit, of_sector: 2 * limit },
            ..Setting::default()
        };
        let outcome = fold(&signals, &mut Known::default(), &setting.cx());
        let counted: u64 = outcome.opened.iter().map(|one| one.alert.count).sum();
        prop_assert_eq!(counted as usize, signals.len());
    }
}
