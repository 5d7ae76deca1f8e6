//! Findings that somebody has looked at and does not want to see again: a file of exclusions,
//! one a line. In: its text and the rules in use. Out: which line, if any, leaves a finding out.
//! What is left out is counted by whoever asks, never forgotten. Pure.

use event::Event;
use sigma::{RuleId, RuleSet};

use crate::{correlate::Firing, filter::is_called};

/// One line of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exclusion {
    /// Line in the file, counted from 1.
    pub line: u32,
    /// Id, title or file name of the rule.
    pub rule: String,
    /// Field and pattern; all must hold. Empty: every finding of the rule.
    pub conditions: Vec<(String, String)>,
    /// Why, as written after `#`; may be empty.
    pub reason: String,
}

/// A line that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unusable {
    /// Line in the file, counted from 1.
    pub line: u32,
    /// What is wrong with it.
    pub reason: String,
}

/// All exclusions, sorted by rule.
#[derive(Clone, Debug, Default)]
pub struct Exclusions {
    list: Vec<Exclusion>,
    /// For each rule: positions in `list`.
    by_rule: Vec<Vec<usize>>,
}

/// Reads the text of a file of exclusions.
///
/// Errors: all lines that are none, so that they can be mended at once.
pub fn parse(text: &str) -> Result<Vec<Exclusion>, Vec<Unusable>> {
    let (mut list, mut unusable) = (Vec::new(), Vec::new());
    for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let number = number as u32 + 1;
        match one(number, line) {
            Ok(None) => {}
            Ok(Some(exclusion)) => list.push(exclusion),
            Err(reason) => unusable.push(Unusable { line: number, reason }),
        }
    }
    if unusable.is_empty() { Ok(list) } else { Err(unusable) }
}

fn one(line: u32, text: &str) -> Result<Option<Exclusion>, String> {
    let (text, reason) = without_comment(text);
    if text.is_empty() {
        return Ok(None);
    }
    let mut parts = text.split(" | ").map(str::trim);
    let rule = parts.next().unwrap_or_default();
    if rule.is_empty() || rule.contains('|') {
        return Err("write: rule | field = value, with blanks around each |".to_owned());
    }
    let mut conditions = Vec::new();
    for part in parts {
        let Some((field, value)) = part.split_once('=') else {
            return Err(format!("{part:?} has no =; write: field = value"));
        };
        let field = field.trim();
        if field.is_empty() {
            return Err(format!("{part:?} names no field before the ="));
        }
        conditions.push((field.to_owned(), value.trim().to_owned()));
    }
    Ok(Some(Exclusion { line, rule: rule.to_owned(), conditions, reason: reason.to_owned() }))
}

/// A comment starts with `#` at the beginning of a line or after a blank.
fn without_comment(line: &str) -> (&str, &str) {
    let line = line.trim();
    if let Some(comment) = line.strip_prefix('#') {
        return ("", comment.trim());
    }
    match line.split_once(" #") {
        Some((text, comment)) => (text.trim(), comment.trim()),
        None => (line, ""),
    }
}

impl Exclusions {
    /// The exclusions, put to the rules they name. One that names no rule in use is kept, and
    /// never counts.
    pub fn new(list: Vec<Exclusion>, rules: &RuleSet) -> Self {
        let by_rule = rules
            .metas()
            .map(|meta| {
                let named = |at: &usize| is_called(meta, &list[*at].rule);
                (0..list.len()).filter(named).collect()
            })
            .collect();
        Exclusions { list, by_rule }
    }

    /// The lines in the order of the file.
    pub fn list(&self) -> &[Exclusion] {
        &self.list
    }

    /// Positions in [`Exclusions::list`] of lines that name no rule in use.
    pub fn idle(&self) -> Vec<usize> {
        let used: Vec<usize> = self.by_rule.iter().flatten().copied().collect();
        (0..self.list.len()).filter(|at| !used.contains(at)).collect()
    }

    /// Position of the first line that leaves out this rule's finding in this event.
    pub fn covers(&self, rule: RuleId, event: Event<'_, '_>) -> Option<usize> {
        self.first(rule, |field, pattern| {
            event.values(field).filter_map(|raw| raw.text()).any(|text| fits(pattern, &text))
        })
    }

    /// The same for a firing, whose fields are those it is grouped by, and `host` and `user` of
    /// the event that made it fire.
    pub fn covers_firing(&self, firing: &Firing) -> Option<usize> {
        self.first(firing.rule, |field, pattern| {
            let group = firing.group.iter().map(|(name, value)| (&**name, &**value));
            let event = [("host", &*firing.host), ("user", &*firing.user)];
            let told = event.into_iter().filter(|(_, value)| !value.is_empty());
            group.chain(told).any(|(name, value)| name == field && fits(pattern, value))
        })
    }

    /// Position of the first line of this rule of which all conditions hold.
    fn first(&self, rule: RuleId, holds: impl Fn(&str, &str) -> bool) -> Option<usize> {
        let lines = self.by_rule.get(rule.0 as usize)?;
        lines.iter().copied().find(|at| {
            self.list[*at].conditions.iter().all(|(field, pattern)| holds(field, pattern))
        })
    }
}

/// Whether `text` is `pattern`, where `*` stands for any characters; letter case aside. Goes back only to the last
/// star, so the cost is bounded.
fn fits(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.to_lowercase().chars().collect(), text.to_lowercase().chars().collect());
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        if pattern.get(p) == Some(&'*') {
            star = Some((p, t));
            p += 1;
        } else if pattern.get(p) == Some(&text[t]) {
            (p, t) = (p + 1, t + 1);
        } else if let Some((at, from)) = star {
            star = Some((at, from + 1));
            (p, t) = (at + 1, from + 1);
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_rule_with_conditions_and_a_reason() {
        let list = parse(
            "# looked at on 24 November\n\n\
             Shadow copies deleted | Image = C:\\Backup\\* | User=SVC # the backup itself\n",
        );
        let expected = Exclusion {
            line: 3,
            rule: "Shadow copies deleted".to_owned(),
            conditions: vec![
                ("Image".to_owned(), "C:\\Backup\\*".to_owned()),
                ("User".to_owned(), "SVC".to_owned()),
            ],
            reason: "the backup itself".to_owned(),
        };
        assert_eq!(list, Ok(vec![expected]));
    }

    #[test]
    fn every_line_that_cannot_be_used_is_named() {
        let unusable = parse("a rule | Image\n| x = y\ngood\nrule | = z\n").expect_err("mistakes");
        assert_eq!(unusable.iter().map(|one| one.line).collect::<Vec<_>>(), [1, 2, 4]);
    }

    #[test]
    fn a_star_stands_for_any_characters_and_nothing_else_does() {
        for (pattern, text, expected) in [
            ("c:\\backup\\*", "c:\\backup\\run.exe", true),
            ("*\\run.exe", "c:\\backup\\run.exe", true),
            ("c:\\*\\run.*", "c:\\a\\b\\run.exe", true),
            ("run", "run.exe", false),
            ("r?n", "run", false),
            ("RUN*", "Run.exe", true),
            ("", "", true),
            ("*", "", true),
            ("", "x", false),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
    }
}
