//! Narrowing the audit trail: the form, and what is set as chips.

use sector::Graph;
use serde::Serialize;

use super::{query::Query, words};
use crate::pieces::{Chip, Choice, Filters, Search, Select};

/// The form: what is always seen, and what opens. As the queue's, so that its template is the same.
#[derive(Serialize)]
pub(super) struct TrailFilters {
    first: Filters,
    more_selects: Vec<Select>,
    more_texts: Vec<Search>,
    days: Vec<Search>,
    is_open: bool,
}

/// The form of a query.
pub(super) fn filters(query: &Query, graph: &Graph) -> TrailFilters {
    let search = |name: &str, label: &str, value: &str| Search {
        name: name.to_owned(),
        label: label.to_owned(),
        value: value.to_owned(),
    };
    let mut verbs = vec![Choice::new("", "Anything", &query.what)];
    verbs.extend(
        words::GROUPS.iter().map(|(begins, text)| Choice::new(*begins, *text, &query.what)),
    );
    if !verbs.iter().any(|verb| verb.is_chosen) {
        verbs.push(Choice::new(query.what.as_str(), query.what.as_str(), &query.what));
    }
    let what = Select { name: "what".to_owned(), label: "What".to_owned(), choices: verbs };
    let first = Filters {
        action: "/audit".to_owned(),
        title: "Filter the trail".to_owned(),
        search: Some(search("who", "Who: a name, an address, or me", &query.who)),
        selects: vec![what],
        hidden: Vec::new(),
        chips: chips(query, graph),
        clear: "/audit".to_owned(),
    };
    let more_texts = vec![
        search("organisation", "Organisation, name or code", &query.organisation),
        search("on", "Kind of thing", &query.on),
        search("id", "The thing, by its id or code", &query.id),
    ];
    let days = vec![search("from", "From", &query.from), search("to", "to", &query.to)];
    let is_open = more_texts.iter().chain(&days).any(|one| !one.value.is_empty());
    TrailFilters { first, more_selects: Vec::new(), more_texts, days, is_open }
}

/// What is set, each with the list without it.
fn chips(query: &Query, graph: &Graph) -> Vec<Chip> {
    type Text = fn(&mut Query) -> &mut String;
    let texts: [(&str, Text); 7] = [
        ("Who", |q| &mut q.who),
        ("What", |q| &mut q.what),
        ("Kind", |q| &mut q.on),
        ("Thing", |q| &mut q.id),
        ("Organisation", |q| &mut q.organisation),
        ("From", |q| &mut q.from),
        ("To", |q| &mut q.to),
    ];
    let mut chips = Vec::new();
    for (label, text) in texts {
        let mut without = query.first_page();
        let value = std::mem::take(text(&mut without));
        if value.is_empty() {
            continue;
        }
        let shown = match label {
            "Who" if value.starts_with("person:") => "one person".to_owned(),
            "Who" if value.starts_with("token:") => "one token".to_owned(),
            "What" => words::group(&value),
            "Organisation" => {
                let known = value.parse().ok().and_then(|code| graph.organisation(&code));
                known.map_or_else(|| value.clone(), |one| one.name.clone())
            }
            _ => value,
        };
        chips.push(Chip { text: format!("{label}: {shown}"), remove: without.href("/audit") });
    }
    chips
}
