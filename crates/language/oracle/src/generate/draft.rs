//! Values that satisfy a rule, found by walking its condition. What must *not* hold is mostly
//! left to luck: the caller tries again.

use fastrand::Rng;

use super::sample;
use crate::{
    Json, OracleRule,
    condition::Condition,
    interpreter::Selection,
    item::Item,
    test::{Place, Test},
};

/// Names with values, before they are laid out as an object.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    /// A name may have several values.
    pub(super) fields: Vec<(String, Vec<Json>)>,
}

impl Draft {
    /// As one flat object, for asking the rule.
    pub(super) fn plain(&self) -> Json {
        let entries = self.fields.iter().map(|(name, values)| (name.clone(), together(values)));
        Json::Object(entries.collect())
    }

    fn values(&mut self, name: &str) -> &mut Vec<Json> {
        let at = self.fields.iter().position(|(known, _)| known == name).unwrap_or_else(|| {
            self.fields.push((name.to_owned(), Vec::new()));
            self.fields.len() - 1
        });
        &mut self.fields[at].1
    }
}

/// One value as it is, several as an array.
pub(super) fn together(values: &[Json]) -> Json {
    match values {
        [one] => one.clone(),
        several => Json::Array(several.to_vec()),
    }
}

/// Where keywords are put.
const MESSAGES: [&str; 4] = ["Message", "msg", "Payload", "log.text"];

pub(super) fn satisfy(rule: &OracleRule, rng: &mut Rng) -> Draft {
    let mut wishes = Vec::new();
    for (selection, wanted) in selections(rule, rng) {
        wish(selection, wanted, rng, &mut wishes);
    }
    build(&wishes, rng)
}

/// The same with one selection turned round: what should hold does not, or an exception applies.
pub(super) fn contradict(rule: &OracleRule, rng: &mut Rng) -> Draft {
    let mut selections = selections(rule, rng);
    if !selections.is_empty() {
        let unwanted: Vec<usize> = (0..selections.len()).filter(|at| !selections[*at].1).collect();
        let at = match unwanted.is_empty() {
            false if rng.u8(..4) > 0 => unwanted[rng.usize(..unwanted.len())],
            _ => rng.usize(..selections.len()),
        };
        selections[at].1 = !selections[at].1;
    }
    let mut wishes = Vec::new();
    for (selection, wanted) in selections {
        wish(selection, wanted, rng, &mut wishes);
    }
    build(&wishes, rng)
}

/// Selections that make the rule hold if they hold, or do not, as said.
fn selections<'r>(rule: &'r OracleRule, rng: &mut Rng) -> Vec<(&'r Selection, bool)> {
    let mut found = Vec::new();
    for detection in std::iter::once(&rule.detection).chain(&rule.filters) {
        let condition = &detection.conditions[rng.usize(..detection.conditions.len())];
        let mut names = Vec::new();
        walk(condition, true, rng, &mut names);
        let by_name = |(name, wanted)| Some((detection.selections.get(name)?, wanted));
        found.extend(names.into_iter().filter_map(by_name));
    }
    found
}

/// Which selections must hold and which must not.
fn walk<'c>(condition: &'c Condition, wanted: bool, rng: &mut Rng, out: &mut Vec<(&'c str, bool)>) {
    match (condition, wanted) {
        (Condition::Name(name), _) => out.push((name, wanted)),
        (Condition::Not(inner), _) => walk(inner, !wanted, rng, out),
        (Condition::And(parts), true) | (Condition::Or(parts), false) => {
            parts.iter().for_each(|part| walk(part, wanted, rng, out));
        }
        (Condition::Or(parts), true) | (Condition::And(parts), false) => {
            walk(&parts[rng.usize(..parts.len())], wanted, rng, out);
        }
        (Condition::AtLeast(number, names), _) => {
            let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
            rng.shuffle(&mut names);
            let touched = if wanted { *number } else { names.len() + 1 - number };
            out.extend(names.into_iter().take(touched).map(|name| (name, wanted)));
        }
    }
}

/// What is wanted of a field; `None` stands for keywords.
enum Wish<'r> {
    Passes(Option<&'r str>, &'r Test),
    Present(&'r str),
}

fn wish<'r>(selection: &'r Selection, wanted: bool, rng: &mut Rng, out: &mut Vec<Wish<'r>>) {
    match (selection, wanted) {
        (Selection::All(items), true) => {
            items.iter().for_each(|item| wish_item(item, true, rng, out));
        }
        (Selection::All(items), false) => {
            wish_item(&items[rng.usize(..items.len())], false, rng, out);
        }
        (Selection::Any(members), true) => {
            wish(&members[rng.usize(..members.len())], true, rng, out);
        }
        (Selection::Any(members), false) => {
            members.iter().for_each(|member| wish(member, false, rng, out));
        }
    }
}

fn wish_item<'r>(item: &'r Item, wanted: bool, rng: &mut Rng, out: &mut Vec<Wish<'r>>) {
    let field = item.field.as_deref();
    if wanted != item.negated {
        let listed: Vec<&Vec<Test>> = match item.all {
            true => item.values.iter().collect(),
            false => vec![&item.values[rng.usize(..item.values.len())]],
        };
        for alternatives in listed {
            out.push(Wish::Passes(field, &alternatives[rng.usize(..alternatives.len())]));
        }
        return;
    }
    // Not to hold: nearly always by chance, except where absence is asked for.
    let asks_absence = |test: &Test| matches!(test, Test::Null | Test::Exists(false));
    let absence = item.values.iter().flatten().any(asks_absence);
    if let Some(name) = field
        && (absence || rng.u8(..4) == 0)
    {
        out.push(Wish::Present(name));
    }
}

fn build(wishes: &[Wish<'_>], rng: &mut Rng) -> Draft {
    let mut draft = Draft::default();
    let mut fields: Vec<Option<&str>> = Vec::new();
    for wish in wishes {
        if let Wish::Passes(field, _) = wish
            && !fields.contains(field)
        {
            fields.push(*field);
        }
    }
    for field in fields {
        let tests: Vec<&Test> = wishes
            .iter()
            .filter_map(|wish| match wish {
                Wish::Passes(of, test) if *of == field => Some(*test),
                _ => None,
            })
            .collect();
        let message = MESSAGES[rng.usize(..MESSAGES.len())];
        add_values(&mut draft, field.unwrap_or(message), &tests, rng);
    }
    for wish in wishes {
        match wish {
            Wish::Passes(field, Test::FieldRef { name, place, .. }) => {
                refer(&mut draft, field.unwrap_or("Message"), name, *place, rng);
            }
            Wish::Present(name) if draft.values(name).is_empty() => {
                let text = sample::filler(rng);
                draft.values(name).push(Json::Text(text));
            }
            _ => {}
        }
    }
    draft.fields.retain(|(_, values)| !values.is_empty());
    draft
}

/// Texts are joined into one where that can be; other tests get a value each.
fn add_values(draft: &mut Draft, name: &str, tests: &[&Test], rng: &mut Rng) {
    let mut pieces = Vec::new();
    for test in tests {
        match test {
            Test::Text { pattern, cased } => pieces.push(sample::piece(pattern, *cased, rng)),
            Test::FieldRef { .. } => {}
            Test::Null | Test::Exists(false) if rng.bool() => {
                draft.values(name).push(Json::Null);
            }
            Test::Null | Test::Exists(false) => {}
            Test::Exists(true) => draft.values(name).push(Json::Text(sample::filler(rng))),
            other => {
                if let Some(value) = sample::value(other, rng) {
                    draft.values(name).push(value);
                }
            }
        }
    }
    let separate = rng.u8(..16) == 0;
    for text in sample::join(pieces, separate, rng) {
        let value = sample::typed(text, rng);
        draft.values(name).push(value);
    }
}

fn refer(draft: &mut Draft, name: &str, other: &str, place: Place, rng: &mut Rng) {
    let known = draft.values(other).iter().find_map(|value| match value {
        Json::Text(text) => Some(text.clone()),
        _ => None,
    });
    let text = known.unwrap_or_else(|| {
        let text = sample::filler(rng);
        draft.values(other).push(Json::Text(text.clone()));
        text
    });
    let (before, after) = (sample::filler(rng), sample::filler(rng));
    let text = match place {
        Place::Whole => text,
        Place::Start => format!("{text}{after}"),
        Place::End => format!("{before}{text}"),
        Place::Anywhere => format!("{before}{text}{after}"),
    };
    draft.values(name).push(Json::Text(text));
}
