//! A rule as it reads: its selections and its condition, in the words of its author. Made of the
//! rule in force, so it shows what is looked for, filters included, whatever a file says by now.

use std::fmt::Write as _;

use sigma::{
    Rule,
    model::{Body, Item},
};

/// What a rule looks for, as Sigma writes it.
pub(crate) fn of(rule: &Rule) -> String {
    let mut out = String::from("logsource:\n");
    let source = &rule.logsource;
    for (name, value) in
        [("category", &source.category), ("product", &source.product), ("service", &source.service)]
    {
        if let Some(value) = value {
            let _ = writeln!(out, "  {name}: {value}");
        }
    }
    out.push_str("detection:\n");
    for selection in &rule.selections {
        let _ = writeln!(out, "  {}:", selection.name);
        body(&mut out, &selection.body, 4);
    }
    let _ = writeln!(out, "  condition: {}", rule.condition_text);
    out
}

fn body(out: &mut String, one: &Body, indent: usize) {
    match one {
        Body::Items(items) => items.iter().for_each(|one| item(out, one, indent)),
        Body::Any(list) => listed(out, "any of these", list, indent),
        Body::All(list) => listed(out, "all of these", list, indent),
    }
}

fn listed(out: &mut String, what: &str, list: &[Body], indent: usize) {
    let _ = writeln!(out, "{:indent$}# {what}", "");
    for (at, one) in list.iter().enumerate() {
        let _ = writeln!(out, "{:indent$}- # {}", "", at + 1);
        body(out, one, indent + 4);
    }
}

fn item(out: &mut String, one: &Item, indent: usize) {
    match &one.values[..] {
        [only] => {
            let _ = writeln!(out, "{:indent$}{}: {}", "", one.key, quoted(&only.written));
        }
        values => {
            let _ = writeln!(out, "{:indent$}{}:", "", one.key);
            for value in values {
                let _ = writeln!(out, "{:indent$}  - {}", "", quoted(&value.written));
            }
        }
    }
}

/// A value as YAML can hold it on one line.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "_.-/\\".contains(c);
    match !text.is_empty() && text.chars().all(is_plain) && !text.starts_with('-') {
        true => text.to_owned(),
        false if text.chars().any(char::is_control) => format!("{text:?}"),
        false => format!("'{}'", text.replace('\'', "''")),
    }
}

#[cfg(test)]
mod tests {
    use sigma::Placeholders;

    use super::*;

    fn rule(detection: &str) -> Rule {
        let text = format!(
            "title: Example\nlogsource:\n  product: windows\n  category: process_creation\n\
             detection:\n{detection}"
        );
        let mut parsed = sigma::parse::file(&"x.yml".into(), &text, &Placeholders::new());
        assert!(parsed.refused.is_empty(), "{:?}", parsed.refused);
        parsed.rules.remove(0)
    }

    #[test]
    fn selections_and_condition_read_as_their_author_wrote_them() {
        let detection = "  selection:\n    CommandLine|contains|all:\n      - 'delete shadows'\n      \
                         - \"it's\"\n    Image|endswith: \\vssadmin.exe\n  condition: selection\n";
        let expected = "logsource:\n  category: process_creation\n  product: windows\n\
                        detection:\n  selection:\n    CommandLine|contains|all:\n      \
                        - 'delete shadows'\n      - 'it''s'\n    Image|endswith: \\vssadmin.exe\n  \
                        condition: selection\n";
        assert_eq!(of(&rule(detection)), expected);
    }

    #[test]
    fn alternatives_and_keywords_are_told_apart() {
        let detection = "  selection:\n    - Image: a\n    - User: b\n  keywords:\n    - evil\n  \
                         condition: selection or keywords\n";
        let text = of(&rule(detection));
        assert!(text.contains("# any of these"), "{text}");
        assert!(text.contains("keywords: evil"), "{text}");
    }
}
