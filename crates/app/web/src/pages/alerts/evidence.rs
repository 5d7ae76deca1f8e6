//! An event kept with an alert, as text in which what made the rule hold is marked; and the rule
//! asked again about it.

use std::ops::Range;

use detect::{
    alert::{Alert, Evidence, MatchedField},
    watch::LiveRules,
};
use event::Reader;
use serde::Serialize;
use serde_json::Value;
use sigma::{
    Explanation, Rule,
    explain::{AskedSaid, BodySaid, ItemSaid, SelectionSaid},
    model::Body,
};

use crate::pieces::{Cell, Code, Column, Row, Table};

/// An event on the page.
#[derive(Debug, Serialize)]
pub(super) struct Shown {
    /// "Event 3 of 240".
    pub(super) heading: String,
    /// What made the rule hold, field by field.
    pub(super) matched: Option<Table>,
    /// The event, line by line.
    pub(super) code: Code,
    /// The event as it came, unless it is long.
    pub(super) raw: Option<String>,
    /// Where it is as a file.
    pub(super) file: String,
    /// What is missing of it, or empty.
    pub(super) cut: String,
}

/// The rule on the page.
#[derive(Debug, Serialize)]
pub(super) struct RuleShown {
    /// Whether what is shown is what fired.
    pub(super) about: String,
    /// The rule as it is now; `None` where it is in force no more.
    pub(super) code: Option<Code>,
}

/// Longer events are had as a file only: the page has the marked lines of it.
const RAW_BYTES: usize = 8 << 10;

/// An event with its marks; `file` is where it is had as it came.
pub(super) fn shown(evidence: &Evidence, heading: String, file: String) -> Shown {
    let cut = match evidence.cut_bytes {
        0 => String::new(),
        bytes => format!(
            "The event was too long to keep whole: {} of its end are missing.",
            crate::pieces::words::count(i64::try_from(bytes).unwrap_or(i64::MAX), "byte", None)
        ),
    };
    let (text, marks) = match serde_json::from_str::<Value>(&evidence.event) {
        Ok(value) => pretty(&value, &evidence.matched),
        Err(_) => (evidence.event.clone(), found(&evidence.event, 0, &evidence.matched)),
    };
    Shown {
        heading,
        matched: matched(&evidence.matched),
        code: Code {
            href: Some(file.clone()),
            ..Code::marked("The event, what matters marked", &text, &marks)
        },
        raw: Some(evidence.event.clone()).filter(|raw| raw.len() <= RAW_BYTES),
        file,
        cut,
    }
}

/// What made the rule hold, as a table.
fn matched(fields: &[MatchedField]) -> Option<Table> {
    let column = |text: &str| Column { text: text.to_owned(), is_numeric: false, sort: None };
    let rows = fields.iter().enumerate().map(|(at, one)| {
        let field = if one.field.is_empty() { "anywhere in the event" } else { &one.field };
        let value = if one.value.is_empty() { "(not there)" } else { &one.value };
        Row {
            id: format!("field-{at}"),
            cells: vec![
                Cell::text(field),
                Cell::text(crate::pieces::words::shortened(value, 400)),
                Cell::text(crate::pieces::words::shortened(&one.condition, 400)),
            ],
            is_new: false,
        }
    });
    (!fields.is_empty()).then(|| Table {
        id: "matched".to_owned(),
        caption: "What made the rule hold".to_owned(),
        is_caption_hidden: false,
        is_compact: true,
        columns: ["Field", "What the event says", "What the rule asks"].map(column).into(),
        rows: rows.collect(),
        selection: None,
    })
}

/// Deeper values are written in one line.
const DEEPEST: usize = 12;

/// A value over several lines, and where in it what matched stands.
fn pretty(value: &Value, matched: &[MatchedField]) -> (String, Vec<Range<usize>>) {
    let mut page = Page { text: String::new(), marks: Vec::new(), matched };
    page.value(value, 0);
    (page.text, page.marks)
}

struct Page<'m> {
    text: String,
    marks: Vec<Range<usize>>,
    matched: &'m [MatchedField],
}

impl Page<'_> {
    fn value(&mut self, value: &Value, depth: usize) {
        match value {
            Value::Object(map) if !map.is_empty() && depth < DEEPEST => {
                self.text.push('{');
                for (at, (key, value)) in map.iter().enumerate() {
                    self.line(at > 0, depth + 1);
                    self.text.push_str(&Value::from(key.as_str()).to_string());
                    self.text.push_str(": ");
                    self.value(value, depth + 1);
                }
                self.line(false, depth);
                self.text.push('}');
            }
            Value::Array(list) if !list.is_empty() && depth < DEEPEST => {
                self.text.push('[');
                for (at, value) in list.iter().enumerate() {
                    self.line(at > 0, depth + 1);
                    self.value(value, depth + 1);
                }
                self.line(false, depth);
                self.text.push(']');
            }
            other => self.scalar(other),
        }
    }

    fn line(&mut self, has_comma: bool, depth: usize) {
        if has_comma {
            self.text.push(',');
        }
        self.text.push('\n');
        for _ in 0..depth {
            self.text.push_str("  ");
        }
    }

    fn scalar(&mut self, value: &Value) {
        let (start, written) = (self.text.len(), value.to_string());
        self.text.push_str(&written);
        let said = value.as_str().map_or_else(|| written.clone(), str::to_owned);
        if self.matched.iter().any(|one| is_same(&said, &one.value)) {
            // Without the quotes around a text.
            let quote = usize::from(value.is_string());
            self.marks.push(start + quote..self.text.len() - quote);
        } else if value.is_string() {
            self.marks.extend(found(&written, start, self.matched));
        }
    }
}

/// Whether a value of the event is the one that was kept with the match; long ones were cut.
fn is_same(value: &str, kept: &str) -> bool {
    const CUT: usize = 4 << 10;
    !kept.is_empty() && (value == kept || (kept.len() + 4 > CUT && value.starts_with(kept)))
}

/// Shorter values are found everywhere.
const SHORTEST: usize = 4;

/// Where kept values stand inside a text, as JSON writes them: an event may be kept as a text
/// within another.
fn found(text: &str, start: usize, matched: &[MatchedField]) -> Vec<Range<usize>> {
    let mut marks = Vec::new();
    for one in matched.iter().filter(|one| one.value.len() >= SHORTEST) {
        let quoted = Value::from(one.value.as_str()).to_string();
        let written = &quoted[1..quoted.len() - 1];
        marks.extend(
            text.match_indices(written).map(|(at, found)| start + at..start + at + found.len()),
        );
    }
    marks
}

/// The rule as it is now, asked about the event.
pub(super) fn rule(alert: &Alert, evidence: Option<&Evidence>, rules: &LiveRules) -> RuleShown {
    let Some((rule, text)) = rules.find(&alert.rule.id) else {
        let about = "This rule is in use no more. What it asked and what the event said stands \
                     in the table above.";
        return RuleShown { about: about.to_owned(), code: None };
    };
    let whole = evidence.filter(|evidence| evidence.cut_bytes == 0);
    let said = whole.and_then(|evidence| ask(rule, &evidence.event, rules));
    let about = match (text.version == alert.rule.version, said.as_ref()) {
        (true, Some(_)) => "What the event answered with yes is marked.".to_owned(),
        (true, None) => "The event is not kept whole, so nothing is marked.".to_owned(),
        (false, Some(said)) if !said.holds() => {
            "The rule was changed since. As it is now it would not fire on this event; what the \
             event still answers with yes is marked."
                .to_owned()
        }
        (false, _) => "The rule was changed since; this is how it is now.".to_owned(),
    };
    let (text, marks) = written(rule, said.as_ref());
    let title = format!("The rule: {}", rule.meta.title);
    RuleShown { about, code: Some(Code::marked(title, &text, &marks)) }
}

fn ask(rule: &Rule, event: &str, rules: &LiveRules) -> Option<Explanation> {
    let mut reader = Reader::new(rules.catalogue().clone());
    let asked =
        detect::with_event(&mut reader, event.as_bytes(), |event| sigma::explain(rule, event));
    asked.ok()
}

/// A rule's questions as a rule file has them, and where in the text the answer was yes.
fn written(rule: &Rule, said: Option<&Explanation>) -> (String, Vec<Range<usize>>) {
    let mut page = RulePage::default();
    page.line(0, &format!("logsource: {}", rule.logsource), false);
    page.line(0, "detection:", false);
    match said {
        Some(said) => said.selections.iter().for_each(|one| page.selection(one)),
        None => rule.selections.iter().for_each(|one| {
            let (name, body) = (one.name.clone(), unasked(&one.body));
            page.selection(&SelectionSaid { name, holds: false, body });
        }),
    }
    page.line(1, &format!("condition: {}", rule.condition_text), false);
    (page.text, page.marks)
}

/// Questions without answers.
fn unasked(body: &Body) -> BodySaid {
    let each = |list: &[Body]| list.iter().map(|one| (false, unasked(one))).collect();
    match body {
        Body::Any(list) => BodySaid::Any(each(list)),
        Body::All(list) => BodySaid::All(each(list)),
        Body::Items(items) => BodySaid::Items(
            items
                .iter()
                .map(|item| ItemSaid {
                    key: item.key.to_string(),
                    field: item.field.as_deref().map(str::to_owned),
                    holds: false,
                    all: item.all,
                    present: false,
                    values: Vec::new(),
                    asked: item
                        .values
                        .iter()
                        .map(|one| AskedSaid {
                            written: one.written.to_string(),
                            holds: false,
                            by: None,
                        })
                        .collect(),
                })
                .collect(),
        ),
    }
}

#[derive(Default)]
struct RulePage {
    text: String,
    marks: Vec<Range<usize>>,
}

/// Values of one question that are written; of more, those that held and the first others.
const VALUES: usize = 12;

impl RulePage {
    fn line(&mut self, depth: usize, text: &str, is_marked: bool) {
        for _ in 0..depth {
            self.text.push_str("  ");
        }
        let start = self.text.len();
        self.text.extend(text.chars().map(|c| if c == '\n' { ' ' } else { c }));
        if is_marked {
            self.marks.push(start..self.text.len());
        }
        self.text.push('\n');
    }

    fn selection(&mut self, selection: &SelectionSaid) {
        let answer = if selection.holds { "  # holds" } else { "" };
        self.line(1, &format!("{}:{answer}", selection.name), false);
        self.body(&selection.body, 2);
    }

    fn body(&mut self, body: &BodySaid, depth: usize) {
        match body {
            BodySaid::Items(items) => items.iter().for_each(|item| self.item(item, depth)),
            BodySaid::Any(list) | BodySaid::All(list) => {
                let word = if matches!(body, BodySaid::Any(_)) { "one of:" } else { "all of:" };
                self.line(depth, &format!("# {word}"), false);
                for (holds, one) in list {
                    let answer = if *holds { "-  # holds" } else { "-" };
                    self.line(depth, answer, false);
                    self.body(one, depth + 1);
                }
            }
        }
    }

    fn item(&mut self, item: &ItemSaid, depth: usize) {
        let key = if item.key.is_empty() { "any text" } else { &item.key };
        if let [only] = item.asked.as_slice() {
            self.line(depth, &format!("{key}: {}", only.written), item.holds && only.holds);
            return;
        }
        self.line(depth, &format!("{key}:"), false);
        let (held, others): (Vec<&AskedSaid>, Vec<&AskedSaid>) =
            item.asked.iter().partition(|one| one.holds);
        let shown = held.len().min(VALUES);
        for one in &held[..shown] {
            self.line(depth + 1, &format!("- {}", one.written), item.holds);
        }
        let room = VALUES - shown;
        for one in others.iter().take(room) {
            self.line(depth + 1, &format!("- {}", one.written), false);
        }
        let left = item.asked.len() - shown - others.len().min(room);
        if left > 0 {
            self.line(depth + 1, &format!("# and {left} more"), false);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(value: &str) -> MatchedField {
        MatchedField {
            field: "CommandLine".to_owned(),
            value: value.to_owned(),
            condition: "CommandLine|contains: x".to_owned(),
        }
    }

    fn marked(event: &str, values: &[&str]) -> Vec<String> {
        let fields: Vec<MatchedField> = values.iter().map(|value| field(value)).collect();
        let value: Value = serde_json::from_str(event).expect("JSON");
        let (text, marks) = pretty(&value, &fields);
        marks.into_iter().map(|mark| text[mark].to_owned()).collect()
    }

    #[test]
    fn what_matched_is_marked_as_json_writes_it() {
        let event = r#"{"a":{"CommandLine":"say \"x\" C:\\y","n":7},"b":["other"]}"#;
        assert_eq!(marked(event, &["say \"x\" C:\\y"]), [r#"say \"x\" C:\\y"#]);
        assert_eq!(marked(event, &["7"]), ["7"]);
        assert!(marked(event, &["absent", ""]).is_empty());
    }

    #[test]
    fn a_value_inside_a_longer_text_is_marked_and_a_short_one_is_not() {
        let event = r#"{"message":"{\"CommandLine\":\"vssadmin delete\"}"}"#;
        assert_eq!(marked(event, &["vssadmin delete"]), ["vssadmin delete"]);
        assert!(marked(event, &["vs"]).is_empty());
    }

    #[test]
    fn an_event_is_written_over_lines_and_means_the_same() {
        for event in [r#"{"a":[1,{"b":null}],"c":{},"d":[]}"#, "[]", "3", "\"x\""] {
            let value: Value = serde_json::from_str(event).expect("JSON");
            let (text, _) = pretty(&value, &[]);
            assert_eq!(serde_json::from_str::<Value>(&text).expect("JSON"), value, "{text}");
        }
        let nested = format!("{}1{}", "[".repeat(100), "]".repeat(100));
        let value: Value = serde_json::from_str(&nested).expect("JSON");
        let lines = pretty(&value, &[]).0.lines().count();
        assert!(lines < 30, "{lines}");
    }

    #[test]
    fn a_long_list_of_values_shows_what_held_and_counts_the_rest() {
        let asked =
            |at: usize| AskedSaid { written: format!("value {at}"), holds: at == 900, by: None };
        let item = ItemSaid {
            key: "Image".to_owned(),
            field: Some("Image".to_owned()),
            holds: true,
            all: false,
            present: true,
            values: Vec::new(),
            asked: (0..1_000).map(asked).collect(),
        };
        let mut page = RulePage::default();
        page.item(&item, 0);
        assert_eq!(page.text.lines().count(), 14);
        assert!(page.text.ends_with("# and 988 more\n"), "{}", page.text);
        let marks: Vec<&str> = page.marks.iter().map(|mark| &page.text[mark.clone()]).collect();
        assert_eq!(marks, ["- value 900"]);
    }
}
