//! Correlations: the state machine against a plain interpreter, over shuffled, late and doubled
//! events; its bounds; and what a restart keeps.

use std::{collections::BTreeMap, sync::Arc};

use detect::correlate::{CorrelationState, Firing, Hit, Limits, SaveError};
use oracle::correlation::{Correlations, Fired, Happening};
use proptest::prelude::*;
use sigma::{RuleId, RuleSet};
use terms::Timestamp;

const RULES: [&str; 4] = ["a", "b", "c", "d"];

fn base() -> String {
    RULES
        .iter()
        .map(|name| {
            format!(
                "title: {name}\nname: {name}\nlogsource: {{product: windows}}\n\
                 detection: {{x: {{n: {name}}}, condition: x}}\n---\n"
            )
        })
        .collect()
}

/// One of each type, and chains of them.
const CORRELATIONS: &str = r"
title: count
correlation: {type: event_count, rules: [a, b], group-by: [User], timespan: 10s, condition: {gte: 3}}
---
title: range
correlation: {type: event_count, rules: [a], group-by: [User], timespan: 4s, condition: {gt: 1, lte: 4, neq: 3}}
---
title: all in one group
correlation: {type: event_count, rules: [d], timespan: 5s, condition: {eq: 4}}
---
title: values
correlation: {type: value_count, rules: [a, c], group-by: [User], timespan: 10s, condition: {field: Host, gte: 3}}
---
title: pairs of values
correlation: {type: value_count, rules: [b, c], group-by: [Host], timespan: 6s, condition: {field: [User, n], gt: 2}}
---
title: sum
correlation: {type: value_sum, rules: [a, d], group-by: [User], timespan: 10s, condition: {field: n, gte: 20}}
---
title: mean
correlation: {type: value_avg, rules: [b], group-by: [Host], timespan: 10s, condition: {field: n, gt: 6}}
---
title: median
correlation: {type: value_median, rules: [a, b, c], group-by: [Host], timespan: 8s, condition: {field: n, gte: 7}}
---
title: percentile
correlation: {type: value_percentile, rules: [a, b], group-by: [User], timespan: 10s, condition: {field: n, percentile: 75, gte: 8}}
---
title: together
correlation: {type: temporal, rules: [a, b, c], group-by: [User], timespan: 6s}
---
title: some of them
correlation: {type: temporal, rules: [a, b, c], group-by: [User, Host], timespan: 9s, condition: {gte: 2}}
---
title: in words
correlation: {type: temporal, rules: [a, b, c], group-by: [User], timespan: 6s, condition: a and not b or c and b}
---
title: in order
correlation: {type: temporal_ordered, rules: [a, b, c], group-by: [User], timespan: 8s}
---
title: another order
correlation: {type: temporal_ordered, rules: [d, a], group-by: [Host], timespan: 5s}
---
title: by alias
name: by_alias
correlation:
  type: temporal
  rules: [a, d]
  group-by: [who]
  timespan: 7s
  aliases: {who: {a: User, d: Host}}
---
title: bursts
name: bursts
correlation: {type: event_count, rules: [a], group-by: [User], timespan: 5s, condition: {gte: 2}}
---
title: burst then c
correlation: {type: temporal_ordered, rules: [bursts, c], group-by: [User], timespan: 9s}
---
title: bursts on many
generate: true
correlation: {type: value_count, rules: [bursts], timespan: 20s, condition: {field: Host, gte: 2}}
---
title: alias again
correlation: {type: event_count, rules: [by_alias], group-by: [who, Host], timespan: 30s, condition: {gte: 2}}
";

fn parse(text: &str) -> Arc<RuleSet> {
    let parsed = sigma::parse::file(&"rules.yml".into(), text, &Default::default());
    let set = RuleSet::new([parsed]);
    assert_eq!(set.refused, [], "all can be used");
    assert_eq!(set.not_yet, []);
    Arc::new(set)
}

fn rules() -> Arc<RuleSet> {
    parse(&(base() + CORRELATIONS))
}

fn hit(rules: &RuleSet, happening: &Happening) -> Hit {
    let at = RULES.iter().position(|name| *name == happening.rule).expect("a rule of the test");
    let rule = RuleId(at as u32);
    let value = |name: &str| {
        let value = happening.fields.get(name)?;
        (!value.is_empty()).then(|| value.as_str().into())
    };
    Hit {
        rule,
        at: Timestamp::from_microsecond(happening.at).expect("in range"),
        order: happening.order,
        identity: happening.identity,
        within: happening.within.as_str().into(),
        host: "".into(),
        user: "".into(),
        values: rules.correlations().fields(rule).iter().map(|name| value(name)).collect(),
    }
}

/// A firing in the words of the interpreter. Both sides name the last few events only.
fn plain(rules: &RuleSet, firing: &Firing) -> Fired {
    Fired {
        title: rules.meta(firing.rule).title.clone(),
        within: firing.within.to_string(),
        group: firing.group.iter().map(|(_, value)| value.to_string()).collect(),
        first: firing.first.as_microsecond(),
        last: firing.last.as_microsecond(),
        measure: firing.measure,
        orders: firing.events.clone(),
    }
}

fn short(mut fired: Vec<Fired>) -> Vec<Fired> {
    for one in &mut fired {
        let hidden = one.orders.len().saturating_sub(detect::correlate::model::MAX_EVENTS);
        one.orders.drain(..hidden);
    }
    fired
}

fn engine(
    rules: &Arc<RuleSet>,
    happenings: &[Happening],
    limits: Limits,
    watermark: impl Fn(usize) -> Option<i64>,
) -> Vec<Fired> {
    let mut state = CorrelationState::new(rules.clone(), limits);
    let mut out = Vec::new();
    for (at, one) in happenings.iter().enumerate() {
        if let Some(now) = watermark(at) {
            state.advance(Timestamp::from_microsecond(now).expect("in range"), &mut out);
        }
        state.observe(hit(rules, one), &mut out);
    }
    state.finish(&mut out);
    out.iter().map(|firing| plain(rules, firing)).collect()
}

const SECOND: i64 = 1_000_000;

prop_compose! {
    fn happening()(
        rule in 0..RULES.len(),
        at in 0..40i64,
        user in prop::sample::select(vec!["ann", "ANN", "bob", "zoë", "ZOË", ""]),
        host in prop::sample::select(vec!["pc-1", "pc-2", "pc-3", "ann"]),
        n in prop::sample::select(vec!["1", "5", "7", "8", "9", "ten", ""]),
        within in prop::sample::select(vec!["r1", "r1", "r2"]),
        identity in prop::option::of(0..30u64),
    ) -> Happening {
        let fields = [("User", user), ("Host", host), ("n", n)];
        Happening {
            rule: RULES[rule].to_owned(),
            // An event has one time: copies of it have the same.
            at: (1_700_000_000 + identity.map_or(at, |id| id as i64)) * SECOND,
            order: 0,
            identity,
            within: within.to_owned(),
            fields: fields.map(|(k, v)| (k.to_owned(), v.to_owned())).into_iter().collect(),
        }
    }
}

fn numbered(mut list: Vec<Happening>) -> Vec<Happening> {
    list.iter_mut().zip(1..).for_each(|(one, order)| one.order = order);
    list
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn whatever_the_order_all_that_waits_gives_what_the_interpreter_gives(
        list in prop::collection::vec(happening(), 0..70)
    ) {
        let (rules, list) = (rules(), numbered(list));
        let slow = Correlations::parse(CORRELATIONS).expect("readable");
        let expected = short(slow.run(&list, &RULES));
        prop_assert_eq!(engine(&rules, &list, Limits::WHOLE, |_| None), expected);
    }

    #[test]
    fn events_late_within_the_bound_change_nothing(
        list in prop::collection::vec((happening(), 0..10i64), 0..70)
    ) {
        let mut list = list;
        list.sort_by_key(|(one, delay)| one.at + delay * SECOND);
        let arrivals: Vec<i64> = list.iter().map(|(one, late)| one.at + late * SECOND).collect();
        let list = numbered(list.into_iter().map(|(one, _)| one).collect());
        let rules = rules();
        let slow = Correlations::parse(CORRELATIONS).expect("readable");
        let expected = short(slow.run(&list, &RULES));
        let limits = Limits { lateness_us: 10 * SECOND, backlog_us: 0, ..Limits::LIVE };
        // What arrives now is no older than ten seconds.
        let got = engine(&rules, &list, limits, |at| Some(arrivals[at]));
        prop_assert_eq!(got, expected);
    }

    #[test]
    fn what_comes_too_late_to_wait_for_is_put_in_its_place_while_that_is_open(
        list in prop::collection::vec(happening(), 0..70)
    ) {
        let mut list = numbered(list);
        list.iter_mut().for_each(|one| one.identity = None);
        let rules = rules();
        let slow = Correlations::parse(CORRELATIONS).expect("readable");
        let expected = short(slow.run_as_they_come(&list));
        let limits = Limits { lateness_us: 0, backlog_us: i64::MAX, ..Limits::LIVE };
        let end = 1_800_000_000 * SECOND;
        prop_assert_eq!(engine(&rules, &list, limits, |_| Some(end)), expected);
    }

    #[test]
    fn a_restart_at_any_point_neither_loses_nor_repeats_a_firing(
        list in prop::collection::vec(happening(), 1..60), cut in 0..60usize
    ) {
        let (rules, list) = (rules(), numbered(list));
        let limits = Limits { lateness_us: 8 * SECOND, ..Limits::LIVE };
        let newest = |upto: usize| list[..=upto].iter().map(|one| one.at).max();
        let whole = engine(&rules, &list, limits, newest);
        let mut state = CorrelationState::new(rules.clone(), limits);
        let mut out = Vec::new();
        for (at, one) in list.iter().enumerate() {
            if at == cut % list.len() {
                let saved = state.save();
                let restored = CorrelationState::restore(&saved, rules.clone(), limits);
                let restored = restored.expect("what was saved");
                prop_assert_eq!(restored.dropped, 0);
                prop_assert_eq!(restored.state.save(), saved);
                prop_assert_eq!(restored.state.groups(), state.groups());
                state = restored.state;
            }
            let now = Timestamp::from_microsecond(newest(at).expect("one")).expect("in range");
            state.advance(now, &mut out);
            state.observe(hit(&rules, one), &mut out);
        }
        state.finish(&mut out);
        let out: Vec<Fired> = out.iter().map(|firing| plain(&rules, firing)).collect();
        prop_assert_eq!(out, whole);
    }

    #[test]
    fn damaged_bytes_are_refused_and_never_more_than_that(
        list in prop::collection::vec(happening(), 1..30),
        at in 0..4000usize, byte in 0..=255u8, cut in 0..4000usize
    ) {
        let (rules, list) = (rules(), numbered(list));
        let mut state = CorrelationState::new(rules.clone(), Limits::WHOLE);
        let mut out = Vec::new();
        for one in &list[..list.len() / 2] {
            state.observe(hit(&rules, one), &mut out);
        }
        state.finish(&mut out);
        for one in &list[list.len() / 2..] {
            state.observe(hit(&rules, one), &mut out);
        }
        let mut saved = state.save();
        let len = saved.len();
        let cut_short = CorrelationState::restore(&saved[..cut % len], rules.clone(), Limits::LIVE);
        prop_assert!(cut_short.is_err());
        saved[at % len] = byte;
        if let Ok(restored) = CorrelationState::restore(&saved, rules.clone(), Limits::LIVE) {
            let mut state = restored.state;
            list.iter().for_each(|one| state.observe(hit(&rules, one), &mut out));
            state.finish(&mut out);
        }
    }
}

fn at(seconds: i64, rule: &str, user: &str, order: u64) -> Happening {
    let fields: BTreeMap<String, String> =
        [("User", user), ("Host", "pc"), ("n", "1")].map(|(k, v)| (k.into(), v.into())).into();
    let at = (1_700_000_000 + seconds) * SECOND;
    Happening { rule: rule.into(), at, order, identity: None, within: "r1".into(), fields }
}

const BURST: &str = "title: burst\nid: 00000000-0000-4000-8000-000000000001\n\
    correlation: {type: event_count, rules: [a], group-by: [User], timespan: 1m, condition: {gte: 2}}\n";

fn state(rules: &Arc<RuleSet>, limits: Limits) -> CorrelationState {
    CorrelationState::new(rules.clone(), Limits { lateness_us: 0, ..limits })
}

#[test]
fn beyond_its_bound_the_group_that_was_silent_longest_is_given_up_and_counted() {
    let rules = parse(&(base() + BURST));
    let mut state = state(&rules, Limits { max_groups: 2, ..Limits::LIVE });
    let mut out = Vec::new();
    let end = Timestamp::from_second(1_700_000_100).expect("in range");
    state.advance(end, &mut out);
    // Ann is not the first who came, but the one who was silent longest.
    for (seconds, user) in [(0, "bob"), (1, "ann"), (2, "bob"), (3, "bob"), (4, "eve"), (5, "ann")]
    {
        state.observe(hit(&rules, &at(seconds, "a", user, seconds as u64)), &mut out);
    }
    let who: Vec<&str> = out.iter().map(|firing| &*firing.group[0].1).collect();
    assert_eq!(who, ["bob"], "ann's first was given up");
    assert_eq!((state.groups(), state.counts().evicted), (2, 2));
}

#[test]
fn memory_stays_within_its_bound_whatever_comes() {
    let rules = parse(&(base() + BURST));
    let mut state = state(&rules, Limits { max_bytes: 100_000, ..Limits::LIVE });
    let mut out = Vec::new();
    state.advance(Timestamp::from_second(1_700_000_300).expect("in range"), &mut out);
    for n in 0..20_000 {
        state.observe(hit(&rules, &at(n / 100, "a", &n.to_string(), n as u64)), &mut out);
    }
    assert!(state.counts().evicted > 10_000, "{:?}", state.counts());
    assert!(state.bytes_held() < 1_000_000, "{}", state.bytes_held());
}

#[test]
fn waiting_hits_stay_within_their_bound_and_haste_is_counted() {
    let rules = parse(&(base() + BURST));
    let limits = Limits { max_waiting_bytes: 50_000, ..Limits::WHOLE };
    let mut state = CorrelationState::new(rules.clone(), limits);
    let mut out = Vec::new();
    for n in 0..5_000 {
        state.observe(hit(&rules, &at(n, "a", &n.to_string(), n as u64)), &mut out);
    }
    assert!(state.waiting() < 500, "{}", state.waiting());
    assert_eq!(state.counts().hurried, 5_000 - state.waiting() as u64);
}

#[test]
fn groups_in_which_nothing_can_happen_any_more_are_let_go() {
    let rules = parse(&(base() + BURST));
    let mut state = state(&rules, Limits { backlog_us: 3600 * SECOND, ..Limits::LIVE });
    let mut out = Vec::new();
    state.observe(hit(&rules, &at(0, "a", "ann", 1)), &mut out);
    state.advance(Timestamp::from_second(1_700_000_000 + 3660).expect("in range"), &mut out);
    assert_eq!(state.groups(), 1);
    state.advance(Timestamp::from_second(1_700_000_000 + 3661).expect("in range"), &mut out);
    assert_eq!((state.groups(), state.counts().evicted), (0, 0));
}

#[test]
fn a_change_of_one_rule_drops_only_what_stands_on_it() {
    let other = "---\ntitle: other\nid: 00000000-0000-4000-8000-000000000002\n\
        correlation: {type: event_count, rules: [b], group-by: [User], timespan: 1m, condition: {gte: 2}}\n";
    let before = parse(&(base() + BURST + other));
    let mut state = state(&before, Limits::LIVE);
    let mut out = Vec::new();
    state.advance(Timestamp::from_second(1_700_000_100).expect("in range"), &mut out);
    state.observe(hit(&before, &at(0, "a", "ann", 1)), &mut out);
    state.observe(hit(&before, &at(0, "b", "ann", 2)), &mut out);
    let saved = state.save();
    // Rule a looks for something else now.
    let after = parse(&(base().replace("{n: a}", "{n: other}") + BURST + other));
    let restored = CorrelationState::restore(&saved, after.clone(), Limits::LIVE).expect("whole");
    assert_eq!(restored.dropped, 1);
    let mut state = restored.state;
    for (rule, order) in [("a", 3), ("b", 4)] {
        state.observe(hit(&after, &at(1, rule, "ann", order)), &mut out);
    }
    state.finish(&mut out);
    let titles: Vec<&str> = out.iter().map(|one| &*after.meta(one.rule).title).collect();
    assert_eq!(titles, ["other"]);
}

#[test]
fn a_state_of_a_later_version_is_refused_by_its_number() {
    let rules = parse(&(base() + BURST));
    let mut saved = CorrelationState::new(rules.clone(), Limits::LIVE).save();
    saved[8] = 9;
    let refused = CorrelationState::restore(&saved, rules, Limits::LIVE).map(|_| ());
    assert_eq!(refused, Err(SaveError::Version(9)));
}

#[test]
fn a_firing_that_an_exclusion_covers_is_counted_and_feeds_nothing() {
    let upon = "name: burst\n---\ntitle: upon\n\
        correlation: {type: event_count, rules: [burst], group-by: [User], timespan: 1h, condition: {gte: 1}}\n";
    let rules = parse(&(base() + BURST + upon));
    let list = detect::exclude::parse("burst | User = an* | host = PC").expect("an exclusion");
    let exclusions = Arc::new(detect::Exclusions::new(list, &rules));
    assert!(exclusions.idle().is_empty());
    let mut state = CorrelationState::new(rules.clone(), Limits::WHOLE).without(exclusions);
    let mut out = Vec::new();
    for (order, user) in ["ann", "ann", "bob", "bob"].into_iter().enumerate() {
        let mut hit = hit(&rules, &at(0, "a", user, order as u64));
        hit.host = "pc".into();
        state.observe(hit, &mut out);
    }
    state.finish(&mut out);
    let who: Vec<&str> = out.iter().map(|firing| &*firing.group[0].1).collect();
    assert_eq!(who, ["bob"], "only what stands upon a burst speaks");
    assert_eq!((state.excluded(), state.counts().firings), (&[1][..], 2));
}

#[test]
fn hits_that_wait_can_be_taken_one_by_one() {
    let rules = parse(&(base() + BURST));
    let mut state = CorrelationState::new(rules.clone(), Limits::WHOLE);
    let mut out = Vec::new();
    for order in 0..4 {
        state.observe(hit(&rules, &at(order as i64, "a", "ann", order)), &mut out);
    }
    let mut fired = Vec::new();
    while state.release(&mut out) {
        fired.push(std::mem::take(&mut out).len());
    }
    assert_eq!(fired, [0, 1, 0, 1]);
}
