//! The oracle reads the public rules, and events made from a rule do what they were meant to.
//! Without the public rules (see `testdata`) these tests say so and pass.

use oracle::{
    Oracle, OracleRule, Placeholders,
    generate::{Generated, Intent, generate},
    testdata,
};

const SEED: u64 = 20_261_124;
const EVENTS: usize = 20;

fn rules() -> Option<Vec<(String, String)>> {
    match testdata::rules() {
        Ok(rules) => Some(rules),
        Err(why) => {
            eprintln!("skipped: {why}");
            None
        }
    }
}

/// The name that the public rules expect the user to fill in.
fn placeholders() -> Placeholders {
    Placeholders([("known_cdcs".to_owned(), vec!["cdc1".to_owned(), "cdc2".to_owned()])].into())
}

fn readable() -> Option<Vec<(String, OracleRule)>> {
    let rule = |(name, yaml): (String, String)| {
        Oracle::parse_with(&yaml, &placeholders()).ok().map(|rule| (name, rule))
    };
    Some(rules()?.into_iter().filter_map(rule).collect())
}

#[test]
fn public_rules_are_read_or_refused_with_a_reason() {
    let Some(rules) = rules() else { return };
    let refused: Vec<String> = rules
        .iter()
        .filter_map(|(name, yaml)| Oracle::parse(yaml).err().map(|why| format!("{name}: {why}")))
        .collect();
    eprintln!("{} rules, {} refused:\n{}", rules.len(), refused.len(), refused.join("\n"));
    assert!(rules.len() > 3_000 && refused.len() < 30);
}

#[test]
fn events_made_from_a_rule_do_mostly_what_they_were_meant_to() {
    let Some(rules) = readable() else { return };
    let (mut with_hit, mut hits, mut held, mut misses, mut missed) = (0, 0, 0, 0, 0);
    let mut without = Vec::new();
    for (number, (name, rule)) in rules.iter().enumerate() {
        let events: Vec<Generated> = generate(rule, SEED + number as u64, EVENTS);
        let of = |intent| events.iter().filter(move |event| event.intent == intent);
        hits += of(Intent::Hit).count();
        held += of(Intent::Hit).filter(|event| event.holds).count();
        misses += of(Intent::NearMiss).count();
        missed += of(Intent::NearMiss).filter(|event| !event.holds).count();
        match events.iter().any(|event| event.holds) {
            true => with_hit += 1,
            false => without.push(name.as_str()),
        }
    }
    let share = |part: usize, whole: usize| 100.0 * part as f64 / whole as f64;
    eprintln!(
        "{} rules: {:.2} % with a hit; {:.2} % of {hits} hits hold; {:.1} % of {misses} near misses do not",
        rules.len(),
        share(with_hit, rules.len()),
        share(held, hits),
        share(missed, misses),
    );
    eprintln!("without a hit:\n{}", without.join("\n"));
    assert!(share(with_hit, rules.len()) > 98.0);
    assert!(share(held, hits) > 95.0);
    assert!(share(missed, misses) > 50.0);
}

#[test]
fn rules_of_the_cases_have_hits_too() {
    let cases = oracle::table::cases().expect("the cases lie in the project");
    let (mut with_hit, mut all) = (0, 0);
    for case in cases.iter().filter(|case| case.expected != oracle::table::Expected::Refused) {
        let given = Placeholders(case.placeholders.clone());
        let rule = Oracle::parse_with(&case.rule, &given).expect("the case says it is read");
        all += 1;
        match generate(&rule, SEED, EVENTS).iter().any(|event| event.holds) {
            true => with_hit += 1,
            false => eprintln!("no hit: {}", case.says),
        }
    }
    eprintln!("{with_hit} of {all} rules of the cases have a hit");
    assert!(with_hit * 100 > all * 98);
}

#[test]
fn the_same_seed_makes_the_same_events_and_each_is_one_line_of_json() {
    let Some(rules) = readable() else { return };
    for (name, rule) in rules.iter().step_by(37) {
        let lines = oracle::events_for(rule, SEED, EVENTS);
        assert_eq!(lines, oracle::events_for(rule, SEED, EVENTS), "{name}");
        assert_ne!(lines, oracle::events_for(rule, SEED + 1, EVENTS), "{name}");
        for line in &lines {
            assert!(!line.contains(['\n', '\r']), "{name}: {line:?}");
            let read = oracle::FlatEvent::parse(line);
            assert!(read.is_ok(), "{name}: {read:?} {line}");
        }
    }
}

#[test]
fn samples_of_the_public_rules_match_in_json() {
    let Some(rules) = readable() else { return };
    let cases = testdata::regression_cases().expect("the samples lie beside the rules");
    let mut failures = Vec::new();
    for case in cases.iter().filter(|case| !case.json.is_empty()) {
        let rule = rules.iter().find(|(_, rule)| rule.id == case.rule_id);
        let (_, rule) = rule.unwrap_or_else(|| panic!("{} has no rule", case.name));
        let events = oracle::Json::parse_many(&case.json).unwrap_or_else(|why| panic!("{why}"));
        let matching = events.iter().filter(|event| rule.holds(&short_names(event))).count();
        if matching < case.match_count.unwrap_or(1) {
            failures.push(format!("{}: {matching} of {:?}", case.name, case.match_count));
        }
    }
    eprintln!("{} samples, {} do not match:\n{}", cases.len(), failures.len(), failures.join("\n"));
    assert!(cases.len() > 90 && failures.len() * 20 < cases.len());
}

/// The fields of `Event.EventData`, `Event.UserData.*` and `Event.System` under their last names, as rules call them.
fn short_names(json: &oracle::Json) -> oracle::FlatEvent {
    let mut event = oracle::FlatEvent::flatten(json);
    for (name, _) in &mut event.fields {
        for prefix in ["Event.EventData.", "Event.UserData.", "Event.System."] {
            if let Some(short) = name.strip_prefix(prefix) {
                let short = match prefix {
                    "Event.UserData." => short.split_once('.').map_or(short, |(_, rest)| rest),
                    _ => short,
                };
                *name = match short {
                    "Provider.#attributes.Name" => "Provider_Name".into(),
                    _ => short.trim_end_matches(".#text").to_owned(),
                };
                break;
            }
        }
    }
    event
}
