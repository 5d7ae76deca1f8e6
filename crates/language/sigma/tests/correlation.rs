//! Which correlations can be used, which cannot and why, and what they are put to.

use sigma::{RuleId, RuleSet, correlation::Holds};

const RULES: &str = "title: A\nname: a\nid: 00000000-0000-4000-8000-00000000000a\n\
    logsource: {product: windows}\ndetection: {x: {y: z}, condition: x}\n---\n\
    title: B\nname: b\nlogsource: {product: windows}\ndetection: {x: {y: z}, condition: x}\n---\n";

fn set(correlations: &str) -> RuleSet {
    let text = format!("{RULES}{correlations}\n");
    RuleSet::new([sigma::parse::file(&"rules.yml".into(), &text, &Default::default())])
}

fn one(section: &str) -> RuleSet {
    set(&format!("title: C\nname: c\ncorrelation: {{{section}}}"))
}

fn check_used(section: &str, expected: &str) {
    let set = one(section);
    assert_eq!((&*set.refused, &*set.not_yet), (&[][..], &[][..]), "{section}");
    let list = set.correlations().list();
    assert_eq!(list.len(), 1, "{section}");
    assert_eq!(list[0].correlation.to_string(), expected);
}

fn check_refused(section: &str, reason: &str) {
    let set = one(section);
    assert_eq!(set.correlations().list().len(), 0, "{section}");
    let [refused] = &*set.refused else { panic!("{section}: {:?}", set.refused) };
    assert!(refused.reason.contains(reason), "{section}: {}", refused.reason);
    assert!(refused.line > 6, "{refused:?}");
}

#[test]
fn each_type_can_be_used_and_says_what_it_asks_for() {
    for (section, expected) in [
        (
            "type: event_count, rules: [a, b], group-by: [U], timespan: 5m, condition: {gte: 3}",
            "event_count of a, b by U within 5m: gte 3",
        ),
        (
            "type: event_count, rules: a, timespan: 90m, condition: {gt: 100, lte: 200}",
            "event_count of a within 90m: lte 200 and gt 100",
        ),
        (
            "type: value_count, rules: [a], group-by: U, timespan: 1d, condition: {field: [H, I], neq: 2}",
            "value_count of a, field H + I by U within 1d: neq 2",
        ),
        (
            "type: value_sum, rules: [a], timespan: 1h, condition: {field: n, lt: 5}",
            "value_sum of a, field n within 1h: lt 5",
        ),
        (
            "type: value_percentile, rules: [a], timespan: 1h, condition: {field: n, percentile: 99, gte: 5}",
            "value_percentile of a, percentile 99, field n within 1h: gte 5",
        ),
        (
            "type: value_median, rules: [a], timespan: 1h, condition: {field: n, gte: 5}",
            "value_median of a, field n within 1h: gte 5",
        ),
        ("type: temporal, rules: [a, b], timespan: 10s", "temporal of a, b within 10s"),
        (
            "type: temporal, rules: [a, b], timespan: 10s, condition: a and not b",
            "temporal of a, b within 10s: (a and not b)",
        ),
        (
            "type: temporal_ordered, rules: [a, b], timespan: 10s, condition: {gte: 2}",
            "temporal_ordered of a, b within 10s",
        ),
    ] {
        check_used(section, expected);
    }
}

#[test]
fn what_cannot_be_meant_is_refused_with_the_reason() {
    for (section, reason) in [
        ("type: event_count, rules: [a], condition: {gte: 3}", "timeframe"),
        ("type: event_count, rules: [a], timespan: 0s, condition: {gte: 3}", "no time"),
        ("type: event_count, rules: [a], timespan: 5m", "condition"),
        ("type: event_count, rules: [], timespan: 5m, condition: {gte: 3}", "no rule is named"),
        ("type: event_count, rules: [a, a], timespan: 5m, condition: {gte: 3}", "named twice"),
        (
            "type: event_count, rules: [a, 00000000-0000-4000-8000-00000000000a], timespan: 5m, condition: {gte: 3}",
            "named twice",
        ),
        ("type: event_count, rules: [d], timespan: 5m, condition: {gte: 3}", "id or name d"),
        ("type: event_count, rules: [c], timespan: 5m, condition: {gte: 3}", "circle"),
        ("type: event_count, rules: [a], timespan: 5m, condition: {gte: -3}", "from 0 on"),
        ("type: event_count, rules: [a], timespan: 5m, condition: {gte: 2.5}", "numeric"),
        ("type: event_count, rules: [a], timespan: 5m, condition: {field: U, gte: 3}", "too many"),
        (
            "type: event_count, rules: [a], timespan: 5m, condition: {gte: 3}, gruop-by: [U]",
            "gruop-by",
        ),
        (
            "type: event_count, rules: [a], timespan: 5m, condition: {gte: 3}, group-by: [1]",
            "group-by",
        ),
        ("type: event_count, rules: [a], timespan: 5m, condition: a", "temporal"),
        ("type: value_count, rules: [a], timespan: 5m, condition: {gte: 3}", "field names none"),
        (
            "type: value_sum, rules: [a], timespan: 5m, condition: {field: [n, m], gte: 3}",
            "too many",
        ),
        (
            "type: value_percentile, rules: [a], timespan: 5m, condition: {field: n, percentile: 101, gte: 3}",
            "not 0 to 100",
        ),
        ("type: temporal, rules: [a, b], timespan: 5m, condition: a", "does not name b"),
        ("type: temporal_ordered, rules: [a, b], timespan: 5m, condition: {gte: 1}", "no order"),
        (
            "type: temporal, rules: [a, b], timespan: 5m, group-by: [w], aliases: {w: {a: U}}",
            "no field for b",
        ),
        (
            "type: temporal, rules: [a], timespan: 5m, group-by: [w], aliases: {w: {a: U, b: V}}",
            "not among the rules",
        ),
    ] {
        check_refused(section, reason);
    }
}

#[test]
fn windows_of_other_kinds_are_listed_and_not_run() {
    let set =
        one("type: event_count, rules: [a], timespan: 5m, window: tumbling, condition: {gte: 3}");
    assert_eq!((set.not_yet.len(), set.correlations().list().len()), (1, 0));
}

#[test]
fn a_temporal_condition_that_is_written_counts_rules_and_one_that_is_not_wants_all() {
    let written = one("type: temporal, rules: [a, b], timespan: 5m, condition: {gte: 1}");
    let absent = one("type: temporal, rules: [a, b], timespan: 5m");
    let condition = |set: &RuleSet| set.correlations().list()[0].correlation.condition.clone();
    assert!(condition(&written).rules(0b01, 2));
    assert_eq!(condition(&absent), Holds::AllRules);
}

#[test]
fn rules_that_only_correlations_are_about_give_no_findings_unless_one_generates() {
    let section = "correlation: {type: temporal, rules: [a], timespan: 5m}";
    let (a, b, c) = (RuleId(0), RuleId(1), RuleId(2));
    let silent = set(&format!("title: C\n{section}"));
    let speaks = |set: &RuleSet, id| set.correlations().speaks(id);
    assert_eq!([a, b, c].map(|id| speaks(&silent, id)), [false, true, true]);
    let generates = set(&format!("title: C\n{section}\n---\ntitle: D\ngenerate: true\n{section}"));
    assert!(speaks(&generates, a));
}

#[test]
fn what_a_wanted_correlation_stands_on_stays_and_is_silent() {
    let text = "title: C\nname: c\ngenerate: true\n\
        correlation: {type: event_count, rules: [a], group-by: [U], timespan: 5m, condition: {gte: 2}}\n---\n\
        title: D\ngenerate: true\ncorrelation: {type: temporal_ordered, rules: [c, b], group-by: [H], timespan: 5m}";
    let mut set = set(text);
    // A hit of the innermost rule brings what the outermost groups by.
    let fields = |set: &RuleSet, id| {
        set.correlations().fields(id).iter().map(|f| f.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(fields(&set, RuleId(0)), ["U", "H"]);
    assert_eq!(fields(&set, RuleId(2)), ["H"]);
    set.narrow(|meta| meta.title == "C");
    let titles: Vec<&str> = set.metas().map(|meta| &*meta.title).collect();
    assert_eq!(titles, ["A", "C"]);
    let speaks = [0, 1].map(|at| set.correlations().speaks(RuleId(at)));
    assert_eq!(speaks, [false, true]);
    assert_eq!(fields(&set, RuleId(0)), ["U"]);
    assert_eq!(set.refused, []);
}
