//! Why a rule held for an event, or did not: every question of the rule with its answer.
//!
//! Plain on purpose: nothing is compiled, every test is asked.

use std::borrow::Cow;

use event::{Event, PathId, Raw};

use crate::{
    Rule, Test,
    model::{Asked, Body, Condition, Item},
    test::{View, fold},
};

/// A rule's questions and the event's answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// Whether the event belongs to the rule's log source.
    pub belongs: bool,
    /// Whether the condition holds, log source aside.
    pub condition: bool,
    /// The named selections in the order of the rule.
    pub selections: Vec<SelectionSaid>,
}

impl Explanation {
    /// Whether the rule holds for the event.
    pub fn holds(&self) -> bool {
        self.belongs && self.condition
    }
}

/// A selection and its answer.
#[derive(Clone, Debug, PartialEq)]
pub struct SelectionSaid {
    /// Its name.
    pub name: String,
    /// Whether it holds.
    pub holds: bool,
    /// What it asks.
    pub body: BodySaid,
}

/// What a selection asks, answered.
#[derive(Clone, Debug, PartialEq)]
pub enum BodySaid {
    /// A map: all must hold.
    Items(Vec<ItemSaid>),
    /// A list: one must hold.
    Any(Vec<(bool, BodySaid)>),
    /// All must hold.
    All(Vec<(bool, BodySaid)>),
}

/// An entry of a map, answered.
#[derive(Clone, Debug, PartialEq)]
pub struct ItemSaid {
    /// Key as written, for example `CommandLine|contains|all`.
    pub key: String,
    /// The field; none for keywords.
    pub field: Option<String>,
    /// Whether the entry holds.
    pub holds: bool,
    /// Whether all values must hold, not just one.
    pub all: bool,
    /// Whether the event has the field at all.
    pub present: bool,
    /// Texts of the field in the event; for keywords those that were found.
    pub values: Vec<String>,
    /// Each value of the rule, whether it holds, and the text of the event that made it hold.
    pub asked: Vec<AskedSaid>,
}

/// A value of the rule, answered.
#[derive(Clone, Debug, PartialEq)]
pub struct AskedSaid {
    /// As written in the rule.
    pub written: String,
    /// Whether it holds.
    pub holds: bool,
    /// The event's text that made it hold, where there is one.
    pub by: Option<String>,
}

/// A part of an event that made a rule hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Matched {
    /// The selection.
    pub selection: String,
    /// The field; empty for keywords.
    pub field: String,
    /// The event's text; empty where the field had to be absent.
    pub value: String,
    /// The key of the rule that asked.
    pub key: String,
    /// The value of the rule that held.
    pub written: String,
}

/// Asks every question of `rule`.
pub fn explain(rule: &Rule, event: Event<'_, '_>) -> Explanation {
    let values = Values::of(event);
    let selections: Vec<SelectionSaid> = rule
        .selections
        .iter()
        .map(|selection| {
            let (holds, body) = values.body(&selection.body);
            SelectionSaid { name: selection.name.clone(), holds, body }
        })
        .collect();
    let answers: Vec<bool> = selections.iter().map(|selection| selection.holds).collect();
    Explanation {
        belongs: event.kind.belongs_to(&rule.logsource),
        condition: condition(&rule.condition, &answers),
        selections,
    }
}

/// Selections that a condition asks to hold rather than not, each once.
pub(crate) fn wanted(condition: &Condition) -> impl Iterator<Item = usize> {
    fn walk(condition: &Condition, negated: bool, out: &mut Vec<usize>) {
        match condition {
            Condition::And(list) | Condition::Or(list) => {
                list.iter().for_each(|one| walk(one, negated, out));
            }
            Condition::Not(inner) => walk(inner, !negated, out),
            Condition::Selection(at) if !negated => out.push(*at),
            Condition::AtLeast(_, list) if !negated => out.extend(list),
            Condition::Selection(_) | Condition::AtLeast(..) => {}
        }
    }
    let mut out = Vec::new();
    walk(condition, false, &mut out);
    out.sort_unstable();
    out.dedup();
    out.into_iter()
}

fn condition(asked: &Condition, answers: &[bool]) -> bool {
    match asked {
        Condition::And(list) => list.iter().all(|one| condition(one, answers)),
        Condition::Or(list) => list.iter().any(|one| condition(one, answers)),
        Condition::Not(inner) => !condition(inner, answers),
        Condition::Selection(at) => answers[*at],
        Condition::AtLeast(n, list) => list.iter().filter(|at| answers[**at]).count() as u64 >= *n,
    }
}

/// An event's values by the names rules use.
struct Values<'e, 'a> {
    event: Event<'e, 'a>,
    /// For each field of the event.
    names: Vec<Vec<String>>,
}

impl<'e, 'a> Values<'e, 'a> {
    fn of(event: Event<'e, 'a>) -> Self {
        let names = |path: PathId| event.kind.names_of(event.names.text(path));
        Values { names: event.fields.iter().map(|field| names(field.path)).collect(), event }
    }

    fn named<'v>(&'v self, name: &'v str) -> impl Iterator<Item = Raw<'a>> + 'v {
        let called = move |names: &Vec<String>| names.iter().any(|own| own == name);
        let fields = self.event.fields.iter().zip(&self.names);
        fields.filter(move |(_, names)| called(names)).map(|(field, _)| field.raw)
    }

    fn texts<'v>(&'v self, name: &'v str) -> impl Iterator<Item = Cow<'a, str>> + 'v {
        self.named(name).filter_map(Raw::text).map(|text| {
            match self.event.kind.value_for(name, &text) {
                Some(expected) => Cow::Owned(expected.to_owned()),
                None => text,
            }
        })
    }

    fn keywords(&self) -> impl Iterator<Item = Cow<'a, str>> + '_ {
        let ignore = &self.event.kind.shape.ignore;
        let content = |path: PathId| {
            ignore.is_empty() || {
                let path = self.event.names.text(path);
                !ignore.iter().any(|ignored| **ignored == *path)
            }
        };
        let fields = self.event.fields.iter().filter(move |field| content(field.path));
        fields.filter_map(|field| field.raw.text())
    }

    fn present(&self, name: &str) -> bool {
        self.named(name).any(Raw::is_present)
    }

    fn body(&self, body: &Body) -> (bool, BodySaid) {
        let each = |list: &[Body]| list.iter().map(|one| self.body(one)).collect::<Vec<_>>();
        match body {
            Body::Items(items) => {
                let items: Vec<ItemSaid> = items.iter().map(|item| self.item(item)).collect();
                (items.iter().all(|item| item.holds), BodySaid::Items(items))
            }
            Body::Any(list) => {
                let list = each(list);
                (list.iter().any(|(holds, _)| *holds), BodySaid::Any(list))
            }
            Body::All(list) => {
                let list = each(list);
                (list.iter().all(|(holds, _)| *holds), BodySaid::All(list))
            }
        }
    }

    fn item(&self, item: &Item) -> ItemSaid {
        let field = item.field.as_deref();
        let asked: Vec<AskedSaid> =
            item.values.iter().map(|asked| self.asked(field, asked)).collect();
        let mut held = asked.iter().map(|asked| asked.holds);
        let holds = if item.all { held.all(|one| one) } else { held.any(|one| one) };
        ItemSaid {
            key: item.key.to_string(),
            field: field.map(str::to_owned),
            holds: holds != item.negated,
            all: item.all,
            present: field.is_none_or(|field| self.present(field)),
            values: match field {
                Some(field) => self.texts(field).map(Cow::into_owned).collect(),
                None => asked.iter().filter_map(|asked| asked.by.clone()).collect(),
            },
            asked,
        }
    }

    fn asked(&self, field: Option<&str>, asked: &Asked) -> AskedSaid {
        let (mut holds, mut by) = (false, None);
        for test in &asked.any_of {
            let (passed, text) = self.test(field, test);
            holds |= passed;
            by = by.or(text);
        }
        AskedSaid { written: asked.written.to_string(), holds, by }
    }

    fn test(&self, field: Option<&str>, test: &Test) -> (bool, Option<String>) {
        let passes = |text: &Cow<'_, str>| test.passes(View { text, folded: &fold(text) });
        let by_text = |found: Option<Cow<'_, str>>| (found.is_some(), found.map(Cow::into_owned));
        let Some(field) = field else { return by_text(self.keywords().find(passes)) };
        match test {
            Test::Null => (!self.present(field), None),
            Test::Exists(wanted) => {
                let holds = self.present(field) == *wanted;
                (holds, self.texts(field).next().filter(|_| holds).map(Cow::into_owned))
            }
            Test::FieldRef { field: other, .. } => by_text(self.texts(field).find(|text| {
                let own = View { text, folded: &fold(text) };
                self.texts(other)
                    .any(|other| test.refers(own, View { text: &other, folded: &fold(&other) }))
            })),
            _ => by_text(self.texts(field).find(passes)),
        }
    }
}
