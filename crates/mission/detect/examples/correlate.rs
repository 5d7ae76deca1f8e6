//! What a million live groups cost: nanoseconds a hit, bytes a group, and how long saving and
//! restoring them takes. `cargo run --release -p detect --example correlate [groups]`

#![allow(clippy::print_stdout)]

use std::{sync::Arc, time::Instant};

use detect::correlate::{CorrelationState, Hit, Limits};
use sigma::{RuleId, RuleSet};
use terms::Timestamp;

const RULES: &str = "title: base\nname: base\nlogsource: {product: windows}\n\
    detection: {x: {a: b}, condition: x}\n---\ntitle: together\n";

fn main() {
    let groups: u64 = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(1_000_000);
    println!(
        "{:28} {:>10} {:>10} {:>10} {:>12}",
        "correlation", "new ns", "known ns", "bytes", "save+restore"
    );
    for (name, section) in [
        (
            "event_count, gte 5",
            "{type: event_count, rules: [base], group-by: [User], timespan: 1h, condition: {gte: 5}}",
        ),
        (
            "value_count, gte 5",
            "{type: value_count, rules: [base], group-by: [User], timespan: 1h, condition: {field: Host, gte: 5}}",
        ),
        (
            "value_sum, gte 100",
            "{type: value_sum, rules: [base], group-by: [User], timespan: 1h, condition: {field: n, gte: 100}}",
        ),
    ] {
        one(name, section, groups);
    }
}

fn one(name: &str, section: &str, groups: u64) {
    let text = format!("{RULES}correlation: {section}\n");
    let parsed = sigma::parse::file(&"bench.yml".into(), &text, &Default::default());
    let rules = Arc::new(RuleSet::new([parsed]));
    assert_eq!(rules.correlations().list().len(), 1, "{:?}", rules.refused);
    let limits = Limits {
        max_groups: groups as usize + 1,
        max_bytes: usize::MAX,
        lateness_us: 0,
        ..Limits::LIVE
    };
    let mut state = CorrelationState::new(rules.clone(), limits);
    let mut out = Vec::new();
    state.advance(time(u64::MAX >> 16), &mut out);
    let first = round(&mut state, &rules, groups, 0, &mut out);
    let bytes = state.bytes_held() as f64 / state.groups() as f64;
    assert_eq!(state.groups() as u64, groups);
    // Three more for each: groups are known now, and none fires yet.
    let known: f64 =
        (1..4).map(|n| round(&mut state, &rules, groups, n, &mut out)).sum::<f64>() / 3.0;
    assert!(out.is_empty(), "{} fired", out.len());
    let started = Instant::now();
    let saved = state.save();
    let restored = CorrelationState::restore(&saved, rules, limits).expect("what was saved");
    let took = started.elapsed();
    assert_eq!(restored.state.groups() as u64, groups);
    println!(
        "{name:28} {first:>10.0} {known:>10.0} {bytes:>10.0} {:>9} ms  ({} MB saved, {:.0} bytes a group with 4 hits)",
        took.as_millis(),
        saved.len() >> 20,
        state.bytes_held() as f64 / state.groups() as f64,
    );
}

/// One hit for each group; gives nanoseconds a hit, without the making of it.
fn round(
    state: &mut CorrelationState,
    rules: &RuleSet,
    groups: u64,
    round: u64,
    out: &mut Vec<detect::correlate::Firing>,
) -> f64 {
    const PART: u64 = 10_000;
    let mut ns = 0;
    for part in 0..groups.div_ceil(PART) {
        let hits: Vec<Hit> = (part * PART..((part + 1) * PART).min(groups))
            .map(|n| hit(rules, n, round, groups))
            .collect();
        let started = Instant::now();
        hits.into_iter().for_each(|hit| state.observe(hit, out));
        ns += started.elapsed().as_nanos();
    }
    ns as f64 / groups as f64
}

fn hit(rules: &RuleSet, n: u64, round: u64, groups: u64) -> Hit {
    // A stride that meets every group once, in no order.
    let user = n.wrapping_mul(0x9e37_79b9) % groups.next_power_of_two();
    let value = |name: &str| {
        Some(match name {
            "User" => format!("TRUST\\user.{user:07}").into(),
            "Host" => format!("WS-EXAMPLE-{round}").into(),
            _ => "7".into(),
        })
    };
    Hit {
        rule: RuleId(0),
        at: time(round * groups + n),
        order: round * groups + n,
        identity: None,
        within: "R1A".into(),
        host: "".into(),
        user: "".into(),
        values: rules.correlations().fields(RuleId(0)).iter().map(|name| value(name)).collect(),
    }
}

/// A hit each hundred microseconds.
fn time(n: u64) -> Timestamp {
    Timestamp::from_microsecond(1_700_000_000_000_000 + (n.min(1 << 40) * 100) as i64)
        .expect("in range")
}
