//! The table in `fixtures/sigma/semantics/`, on the engine and on the explanation.

mod common;

use event::Reader;
use oracle::table::{Case, Expected, cases};
use sigma::{RuleId, RuleSet, explain};

/// What the engine, and the explanation, make of a case.
fn outcomes(case: &Case) -> [Expected; 2] {
    let texts = std::iter::once(&case.rule).chain(&case.filters);
    let parsed: Vec<_> = texts
        .map(|text| sigma::parse::file(&"case.yml".into(), text, &case.placeholders))
        .collect();
    let set = RuleSet::new(parsed);
    if !set.refused.is_empty() || !set.not_yet.is_empty() || set.rules().len() != 1 {
        return [Expected::Refused; 2];
    }
    let mut reader = Reader::new(common::catalogue());
    let mut fields = Vec::new();
    let event = if case.event.is_empty() { "{}" } else { case.event.as_str() };
    let kind = reader.json(event.as_bytes(), &mut fields).expect("a readable event");
    let event = reader.event(kind, &fields);
    let said = explain(set.rule(RuleId(0)), event).holds();
    let mut matcher = common::matcher(set);
    let first = matcher.matches(event).len() == 1;
    let again = matcher.matches(event).len() == 1;
    assert_eq!(first, again, "{}: the second look differs", case.says);
    [first, said].map(|holds| if holds { Expected::Holds } else { Expected::DoesNot })
}

#[test]
fn the_engine_and_the_explanation_answer_every_case_of_the_table() {
    let cases = cases().expect("the table of cases");
    assert!(cases.len() > 400, "only {} cases", cases.len());
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|case| {
            let [engine, said] = outcomes(case);
            (engine != case.expected || said != case.expected).then(|| {
                format!(
                    "{}: {:?} expected, engine {engine:?}, explanation {said:?}",
                    case.says, case.expected
                )
            })
        })
        .collect();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
