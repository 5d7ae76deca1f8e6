//! The engine against the slow interpreter, on events made from the rules themselves. A longer
//! run of the same comparison is `cargo xtask oracle`.

mod common;

use common::compare::{Pair, compare};

fn check(pair: &Pair, events_per_rule: usize, sample: impl Fn(usize, usize) -> bool) {
    let outcome = compare(pair, &common::catalogue(), 7, events_per_rule, sample, u64::MAX);
    eprintln!(
        "{} events, {} comparisons, {} matches",
        outcome.events, outcome.comparisons, outcome.matches
    );
    assert!(outcome.matches > 0, "no rule ever held");
    assert!(
        outcome.differences.is_empty(),
        "{} differences:\n{}",
        outcome.differences.len(),
        outcome.differences.join("\n")
    );
}

#[test]
fn rules_that_use_every_modifier_agree_with_the_interpreter() {
    let cases = oracle::table::cases().expect("the table of cases");
    let texts: Vec<(String, String)> = cases
        .into_iter()
        .filter(|case| case.filters.is_empty() && case.placeholders.is_empty())
        .enumerate()
        .map(|(at, case)| (format!("{at}: {}", case.says), case.rule))
        .filter(|(_, rule)| !rule.contains("\nid:") && !rule.starts_with("id:"))
        .collect();
    check(&Pair::new(&texts), 40, |at, other| (at + other).is_multiple_of(40));
}

#[test]
fn own_rules_agree_with_the_interpreter() {
    let mut texts = Vec::new();
    common::files(&common::root().join("rules/sigma"), "yml", &mut texts);
    check(&Pair::new(&texts), 30, |_, _| true);
}

#[test]
fn public_rules_agree_with_the_interpreter() {
    let texts = match oracle::testdata::rules() {
        Ok(texts) => texts,
        Err(missing) if std::env::var_os("CI").is_none() => {
            eprintln!("left out: {missing}");
            return;
        }
        Err(missing) => panic!("{missing}"),
    };
    check(&Pair::new(&texts), 2, |at, other| (at * 31 + other).is_multiple_of(97));
}
