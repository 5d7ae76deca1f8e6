//! The oracle passes every case in `fixtures/sigma/semantics/`.

use oracle::{
    FlatEvent, Oracle, Placeholders,
    table::{Case, Expected, cases},
};

fn outcome(case: &Case) -> Result<bool, String> {
    let placeholders = Placeholders(case.placeholders.clone());
    let mut rule = Oracle::parse_with(&case.rule, &placeholders)?;
    for filter in &case.filters {
        rule.apply_filter(&Oracle::parse_filter(filter, &placeholders)?);
    }
    Ok(case.expected != Expected::Refused && rule.holds(&FlatEvent::parse(&case.event)?))
}

fn check(file: &str, at_least: usize) {
    let all = cases().expect("the cases can be read");
    let of_file: Vec<&Case> =
        all.iter().filter(|case| case.says.starts_with(&format!("{file}: "))).collect();
    assert!(of_file.len() >= at_least, "{file} has only {} cases", of_file.len());
    let failures: Vec<String> = of_file
        .iter()
        .filter_map(|case| {
            let right = match (outcome(case), case.expected) {
                (Ok(holds), Expected::Holds) => holds,
                (Ok(holds), Expected::DoesNot) => !holds,
                (Ok(_), Expected::Refused) => false,
                (Err(_), expected) => expected == Expected::Refused,
            };
            let got =
                || format!("{}: expected {:?}, got {:?}", case.says, case.expected, outcome(case));
            (!right).then(got)
        })
        .collect();
    assert!(
        failures.is_empty(),
        "{} of {}:\n{}",
        failures.len(),
        of_file.len(),
        failures.join("\n")
    );
}

#[test]
fn events_are_fields_with_values() {
    check("events", 30);
}

#[test]
fn text_is_compared_with_wildcards_and_without_letter_case() {
    check("text", 70);
}

#[test]
fn numbers_null_and_existence_are_told_apart() {
    check("numbers", 80);
}

#[test]
fn modifiers_do_what_the_page_says() {
    check("modifiers", 120);
}

#[test]
fn parts_of_times_are_compared_in_utc() {
    check("times", 25);
}

#[test]
fn keywords_look_everywhere() {
    check("keywords", 30);
}

#[test]
fn conditions_join_selections() {
    check("conditions", 55);
}

#[test]
fn filters_add_their_condition_to_the_rules_they_fit() {
    check("filters", 15);
}
