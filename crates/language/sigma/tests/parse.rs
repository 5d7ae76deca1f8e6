//! What becomes of rule files, good and bad: what is refused says where and why.

mod common;

use std::sync::Arc;

use sigma::{Parsed, Placeholders, Refused, RuleSet};

fn read(text: &str) -> Parsed {
    sigma::parse::file(&"dir/rule.yml".into(), text, &Placeholders::new())
}

/// The only thing said of the file: its line and reason.
fn said(list: &[Refused]) -> (u32, &str) {
    assert_eq!(list.len(), 1, "{list:?}");
    assert_eq!(&*list[0].file, "dir/rule.yml");
    (list[0].line, &list[0].reason)
}

fn check_refused(text: &str, line: u32, reason: &str) {
    let parsed = read(text);
    assert!(parsed.rules.is_empty(), "{text}");
    let (at, why) = said(&parsed.refused);
    assert!(why.contains(reason), "{why}");
    assert_eq!(at, line, "{why}");
}

const RULE: &str = "title: A rule\nlogsource: {product: windows}\n";

#[test]
fn a_contradiction_is_told_with_the_line_of_its_key() {
    let rule =
        format!("{RULE}detection:\n  sel:\n    a: 1\n    Image|re|contains: x\n  condition: sel\n");
    check_refused(&rule, 6, "exclude each other");
}

#[test]
fn an_expression_that_cannot_be_run_is_told_with_its_line() {
    let rule = format!("{RULE}detection:\n  sel:\n    Image|re: '(?<!x)y'\n  condition: sel\n");
    check_refused(&rule, 5, "look-around");
}

#[test]
fn a_selection_that_does_not_exist_is_told_with_the_line_of_the_condition() {
    let rule = format!("{RULE}detection:\n  sel: {{a: 1}}\n  condition: sel and not other\n");
    check_refused(&rule, 5, "\"other\"");
}

#[test]
fn yaml_that_cannot_be_read_is_told_with_its_line() {
    check_refused(&format!("{RULE}detection:\n  sel: [\n"), 5, "YAML");
}

#[test]
fn an_unknown_modifier_is_named() {
    let rule = format!("{RULE}detection:\n  sel:\n    Image|beginswith: x\n  condition: sel\n");
    let parsed = read(&rule);
    assert!(said(&parsed.refused).1.contains("beginswith"));
}

#[test]
fn a_file_without_a_rule_says_so() {
    check_refused("just: words\n", 1, "title");
    check_refused("- a list\n", 1, "not a YAML mapping");
}

#[test]
fn one_bad_document_leaves_the_others_of_its_file() {
    let good = format!("{RULE}detection:\n  sel: {{a: 1}}\n  condition: sel\n");
    let bad = format!("{RULE}detection:\n  sel:\n    a|nothing: 1\n  condition: sel\n");
    let parsed = read(&format!("{good}---\n{bad}---\n{good}"));
    assert_eq!(parsed.rules.len(), 2);
    assert_eq!(parsed.rules[1].meta.line, 14);
    assert!(said(&parsed.refused).1.contains("nothing"));
}

#[test]
fn correlations_are_read_and_those_with_other_windows_told_as_not_yet() {
    let text = "title: Many\nname: many\ncorrelation:\n  type: event_count\n  rules: [a]\n  \
                group-by: [host]\n  timespan: 5m\n  condition: {gte: 10}\n";
    let parsed = read(text);
    assert_eq!((parsed.rules.len(), parsed.refused.len()), (0, 0), "{:?}", parsed.refused);
    assert_eq!((parsed.correlations.len(), parsed.not_yet.len()), (1, 0));
    assert_eq!(parsed.correlations[0].meta.title, "Many");
    let parsed = read(&text.replace("timespan: 5m", "timespan: 5m\n  window: tumbling"));
    assert_eq!(parsed.correlations.len(), 0);
    assert!(said(&parsed.not_yet).1.contains("sliding"));
    assert_eq!(parsed.not_yet[0].title, "Many");
}

#[test]
fn an_odd_level_is_noted_and_the_rule_is_used() {
    let text = format!("{RULE}level: severe\ndetection:\n  sel: {{a: 1}}\n  condition: sel\n");
    let parsed = read(&text);
    assert_eq!(parsed.rules.len(), 1);
    assert!(said(&parsed.notes).1.contains("severe"));
}

#[test]
fn a_rule_whose_id_is_taken_is_left_out_and_noted() {
    let text = format!(
        "id: 11111111-1111-4111-8111-111111111111\n{RULE}detection:\n  sel: {{a: 1}}\n  condition: sel\n"
    );
    let set = RuleSet::new([read(&text), read(&text)]);
    assert_eq!(set.rules().len(), 1);
    assert!(set.notes[0].reason.contains("already used"));
}

#[test]
fn a_very_long_file_is_refused() {
    let text = format!("# {}\n", "x".repeat(sigma::parse::MAX_FILE_BYTES));
    check_refused(&text, 1, "longer than 4 MiB");
}

#[test]
fn what_a_rule_says_of_itself_is_kept() {
    let text = format!(
        "{RULE}id: x-1\nauthor: Somebody\nlevel: high\ntags: [attack.t1490, attack.impact, tlp.green]\n\
         falsepositives: [Backup change]\nward: {{harm: Care stops., action: Call the lead.}}\n\
         detection:\n  sel: {{a: 1}}\n  condition: sel\n"
    );
    let meta = read(&text).rules.remove(0).meta;
    assert_eq!(meta.techniques().collect::<Vec<_>>(), ["T1490"]);
    assert_eq!(meta.tactics().collect::<Vec<_>>(), ["impact"]);
    assert_eq!((meta.harm.as_str(), meta.action.as_str()), ("Care stops.", "Call the lead."));
    assert_eq!(meta.author, "Somebody");
}

#[test]
fn every_public_rule_loads_or_says_why_it_does_not() {
    let texts = match oracle::testdata::rules() {
        Ok(texts) => texts,
        Err(missing) => {
            assert!(std::env::var_os("CI").is_none(), "{missing}");
            eprintln!("left out: {missing}");
            return;
        }
    };
    let parsed = texts
        .iter()
        .map(|(name, text)| sigma::parse::file(&name.as_str().into(), text, &Placeholders::new()));
    let set = RuleSet::new(parsed);
    let lost = texts.len() - set.rules().len();
    assert_eq!(texts.len(), 3_754);
    assert_eq!(lost, set.refused.len() + set.not_yet.len(), "{:?}", set.notes);
    assert!(lost * 1_000 <= texts.len() * 5, "{lost} rules lost: {:?}", set.refused);
}

#[test]
fn a_placeholder_takes_the_values_it_is_given() {
    let text =
        format!("{RULE}detection:\n  sel: {{'User|expand': '%admins%'}}\n  condition: sel\n");
    assert!(said(&read(&text).refused).1.contains("%admins%"));
    let values = Placeholders::from([("admins".to_owned(), vec!["root".to_owned()])]);
    let parsed = sigma::parse::file(&Arc::from("rule.yml"), &text, &values);
    assert_eq!(parsed.rules.len(), 1);
}

#[test]
fn nesting_without_end_is_refused_before_it_costs_stack_or_time() {
    let condition = format!("{}sel", "not ".repeat(100_000));
    let rule = format!("{RULE}detection:\n  sel: {{a: 1}}\n  condition: {condition}\n");
    check_refused(&rule, 1, "nested deeper");
    check_refused(&format!("a: {}", "[".repeat(400_000)), 1, "nested deeper");
    check_refused(&format!("a:\n  {}x", "- ".repeat(100_000)), 1, "nested deeper");
}
