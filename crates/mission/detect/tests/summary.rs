//! Findings counted: by rule, name and time, in bounded memory.

use detect::{Finding, Summary, summary::MAX_HOSTS_OF_A_RULE};
use sigma::{RuleId, RuleSet};
use terms::{Level, Place, Position, Timestamp};

fn rules() -> RuleSet {
    let rule = |n: u8, level: &str, tag: &str| {
        let text = format!(
            "title: Rule {n}\nid: 11111111-2222-4333-8444-00000000000{n}\nlevel: {level}\n\
             tags: [{tag}]\nlogsource: {{product: windows}}\n\
             detection: {{a: {{b: c}}, condition: a}}\n"
        );
        sigma::parse::file(&"rule.yml".into(), &text, &Default::default())
    };
    RuleSet::new([
        rule(1, "low", "attack.discovery"),
        rule(2, "critical", "attack.impact, attack.t1490"),
    ])
}

fn finding(rule: u32, host: &str, second: Option<i64>) -> Finding {
    Finding {
        rule: RuleId(rule),
        at: second.and_then(|second| Timestamp::from_second(second).ok()),
        place: Place { file: "log".into(), position: Position::Line(1) },
        host: host.to_owned(),
        user: String::new(),
        matched: Vec::new(),
        event: "".into(),
    }
}

fn counted(findings: impl IntoIterator<Item = Finding>) -> (Summary, RuleSet) {
    let (mut summary, rules) = (Summary::default(), rules());
    findings.into_iter().for_each(|finding| summary.add(&finding, &rules));
    (summary, rules)
}

#[test]
fn one_critical_finding_comes_before_many_low_ones() {
    let low = (0..9).map(|n| finding(0, "many", Some(n)));
    let (summary, rules) = counted(low.chain([finding(1, "one", Some(20))]));
    let order: Vec<u64> = summary.rules(&rules).iter().map(|(_, n)| n.findings).collect();
    assert_eq!(order, [1, 9]);
    assert_eq!(summary.hosts().iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["one", "many"]);
    assert_eq!(summary.levels(&rules).worst(), Some(Level::Critical));
    assert_eq!(summary.techniques(&rules).len(), 1);
    let tactics: Vec<&str> = summary.tactics(&rules).iter().map(|(name, _)| *name).collect();
    assert_eq!(tactics, ["discovery", "impact"]);
}

#[test]
fn devices_of_a_rule_are_counted_once_and_up_to_a_limit() {
    let findings = (0..10_000).map(|n| finding(0, &format!("pc-{}", n / 2), Some(n)));
    let (summary, rules) = counted(findings);
    let (_, rule) = summary.rules(&rules)[0];
    assert_eq!(rule.hosts(), MAX_HOSTS_OF_A_RULE);
    assert_eq!(summary.first_hosts(rule), ["pc-0", "pc-1", "pc-2", "pc-3", "pc-4"]);
    assert_eq!(summary.names().0, 5000);
}

#[test]
fn the_timeline_holds_every_timed_finding_in_at_most_the_bars_asked_for() {
    for span_s in [0, 1, 59, 3600, 86_400 * 3, 86_400 * 365 * 12] {
        for bars in [2, 10, 48, 96] {
            let at = |n: i64| Some(1_700_000_000 + span_s * n / 100);
            let findings = (0..=100).map(|n| finding(0, "pc", at(n)));
            let (summary, _) = counted(findings.chain([finding(0, "pc", None)]));
            let timeline = summary.timeline(bars).expect("findings tell their time");
            let total: u64 = timeline.bars.iter().map(|bar| bar.count.total()).sum();
            assert_eq!(total, 101, "{span_s} {bars}");
            assert!(timeline.bars.len() <= bars, "{span_s} {bars}: {}", timeline.bars.len());
            assert_eq!(timeline.untimed, 1);
        }
    }
}

#[test]
fn times_spread_over_centuries_stay_bounded() {
    let findings = (0..20_000).map(|n| finding(0, "pc", Some(n * 86_400)));
    let (summary, _) = counted(findings);
    let timeline = summary.timeline(48).expect("findings tell their time");
    assert_eq!(timeline.bars.iter().map(|bar| bar.count.total()).sum::<u64>(), 20_000);
}
