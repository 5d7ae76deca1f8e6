//! Records of a batch to findings, as the watch evaluates them.

mod common;

use std::sync::Arc;

use bus::{Batch, Seq};
use detect::watch::{Evaluator, LiveRules};
use sigma::{Placeholders, RuleSet, parse};
use terms::TokenId;
use testkit::now;

fn rule(name: &str, level: &str) -> String {
    format!(
        "title: Example {name}\nname: {name}\nlevel: {level}\nlogsource:\n  product: windows\n  \
         category: process_creation\ndetection:\n  selection:\n    CommandLine|contains: alpha\n  \
         condition: selection\n"
    )
}

/// Fires on three findings of both rules, which by the specification give none of their own.
const CORRELATION: &str = "title: Example of both\ncorrelation:\n  type: event_count\n  rules:\n    \
    - grave\n    - told\n  group-by:\n    - Computer\n  timespan: 5m\n  condition:\n    gte: 3\n";

#[test]
fn a_correlation_that_is_not_run_takes_no_alert_away_but_what_is_for_information_only() {
    let text = [rule("grave", "critical"), rule("told", "informational"), CORRELATION.to_owned()];
    let parsed = parse::file(&"example.yml".into(), &text.join("---\n"), &Placeholders::new());
    let set = RuleSet::new([parsed]);
    assert_eq!((set.rules().len(), set.correlations().list().len()), (2, 1), "{:?}", set.refused);
    let mut evaluator = Evaluator::new(Arc::new(LiveRules::new(set, common::catalogue())));
    let record = r#"{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","Provider_Name":"Microsoft-Windows-Sysmon","Computer":"EX-1","CommandLine":"alpha"}"#;
    let evaluated = evaluator.batch(&Batch {
        seq: Seq(1),
        organisation: "XAA".parse().expect("a code"),
        source: TokenId::new(now()),
        received_at: now(),
        count: 1,
        records: format!("{record}\n").into_bytes(),
    });
    let titles: Vec<&str> = evaluated.signals.iter().map(|one| one.rule.title.as_str()).collect();
    assert_eq!(titles, ["Example grave"]);
}
