//! Laws of the rank: what must never move it the wrong way.

mod alert_common;

use alert_common::{pathology, rule};
use detect::alert::{
    Path, Rank, Ranker, Record, RuleText, Step, StepKind, Support, Verdicts, rank::Product,
};
use proptest::prelude::*;
use terms::Level;

fn rank(rule: &RuleText, record: Record, support: &Support) -> Rank {
    Product.rank(rule, record, support)
}

#[test]
fn the_reasons_read_as_a_duty_manager_would_say_them() {
    let record = Record {
        here: Verdicts { true_positive: 3, benign: 1, false_positive: 0 },
        elsewhere: Verdicts { true_positive: 1_200, benign: 200, false_positive: 600 },
    };
    let rank = rank(&rule("example", Level::Critical), record, &pathology());
    let reasons: Vec<String> = rank
        .factors
        .iter()
        .map(|one| format!("{} {:.2}: {}", one.name, one.value, one.because))
        .collect();
    insta::assert_snapshot!(reasons.join("\n"));
}

#[test]
fn what_is_not_known_is_said() {
    let rank = rank(&rule("example", Level::High), Record::default(), &Support::unknown());
    let text: Vec<&str> = rank.factors.iter().map(|one| one.because.as_str()).collect();
    assert!(text[1].contains("no alert of this rule was closed yet"), "{text:?}");
    assert!(text[2].contains("the map does not know"), "{text:?}");
}

#[test]
fn a_device_on_which_nothing_rests_ranks_below_one_nobody_knows() {
    let nothing = Support { is_known: true, paths: Vec::new() };
    let rule = rule("example", Level::High);
    let score = |support: &Support| rank(&rule, Record::default(), support).score;
    assert!(score(&nothing) < score(&Support::unknown()));
    assert!(score(&Support::unknown()) < score(&pathology()));
}

fn verdicts() -> impl Strategy<Value = Verdicts> {
    (0..500u64, 0..500u64, 0..500u64).prop_map(|(true_positive, benign, false_positive)| Verdicts {
        true_positive,
        benign,
        false_positive,
    })
}

fn records() -> impl Strategy<Value = Record> {
    (verdicts(), verdicts()).prop_map(|(here, elsewhere)| Record { here, elsewhere })
}

fn paths() -> impl Strategy<Value = Path> {
    (0..6u8, proptest::option::of(0..2_000_000u32), -0.5..1.5f64).prop_map(
        |(criticality, patients_per_day, strength)| Path {
            steps: vec![Step {
                kind: StepKind::Service,
                code: "EX".to_owned(),
                name: "an example service".to_owned(),
                reason: String::new(),
            }],
            patients_per_day,
            criticality,
            strength,
        },
    )
}

fn supports() -> impl Strategy<Value = Support> {
    prop::collection::vec(paths(), 0..5).prop_map(|paths| Support { is_known: true, paths })
}

fn levels() -> impl Strategy<Value = Level> {
    prop::sample::select(Level::ALL.to_vec())
}

proptest! {
    #[test]
    fn the_score_is_the_product_of_its_factors_and_lies_between_0_and_1(
        level in levels(), record in records(), support in supports(),
    ) {
        let rank = rank(&rule("example", level), record, &support);
        let product: f64 = rank.factors.iter().map(|one| one.value).product();
        prop_assert!((rank.score - product).abs() <= 1e-6);
        prop_assert!((0.0..=1.0).contains(&rank.score));
        prop_assert!(rank.factors.iter().all(|one| (0.0..=1.0).contains(&one.value)));
    }

    #[test]
    fn a_more_severe_rule_never_ranks_lower(
        a in levels(), b in levels(), record in records(), support in supports(),
    ) {
        let score = |level| rank(&rule("example", level), record, &support).score;
        prop_assert!(score(a.max(b)) >= score(a.min(b)));
    }

    #[test]
    fn a_true_positive_never_lowers_and_a_false_or_benign_one_never_raises(
        record in records(), support in supports(),
    ) {
        let rule = rule("example", Level::High);
        let score = |record| rank(&rule, record, &support).score;
        let mut better = record;
        better.here.true_positive += 1;
        let mut worse = [record; 4];
        worse[0].here.false_positive += 1;
        worse[1].here.benign += 1;
        worse[2].elsewhere.false_positive += 1;
        worse[3].elsewhere.benign += 1;
        prop_assert!(score(better) >= score(record));
        prop_assert!(worse.into_iter().all(|worse| score(worse) <= score(record)));
    }

    #[test]
    fn a_verdict_here_weighs_more_than_one_elsewhere(record in records()) {
        let rule = rule("example", Level::High);
        let score = |record| rank(&rule, record, &Support::unknown()).score;
        let (mut here, mut elsewhere) = (record, record);
        here.here.true_positive += 1;
        elsewhere.elsewhere.true_positive += 1;
        prop_assert!(score(here) >= score(elsewhere));
    }

    #[test]
    fn one_more_service_never_lowers_the_rank(support in supports(), path in paths()) {
        let rule = rule("example", Level::High);
        let score = |support: &Support| rank(&rule, Record::default(), support).score;
        let mut more = support.clone();
        more.paths.push(path);
        prop_assert!(score(&more) >= score(&support));
    }

    #[test]
    fn more_patients_a_higher_criticality_or_a_stronger_dependency_never_lower_the_rank(
        path in paths(), patients in 0..2_000_000u32,
    ) {
        let rule = rule("example", Level::High);
        let score = |path: &Path| {
            let support = Support { is_known: true, paths: vec![path.clone()] };
            rank(&rule, Record::default(), &support).score
        };
        let before = score(&path);
        let more = path.patients_per_day.unwrap_or(0).saturating_add(patients);
        let people = Path { patients_per_day: Some(more), ..path.clone() };
        let graver = Path { criticality: path.criticality + 1, ..path.clone() };
        let stronger = Path { strength: path.strength + 0.1, ..path.clone() };
        prop_assert!([people, graver, stronger].iter().all(|better| score(better) >= before));
    }
}
