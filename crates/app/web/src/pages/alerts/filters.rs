//! Narrowing the queue: the form, what it offers to whom, and what is set as chips.

use access::Colleague;
use detect::alert::{State, Verdict};
use sector::{Graph, OrganisationType};
use serde::Serialize;
use terms::{Level, Part, Scope};

use super::{query::Query, rows::verdict_in_words};
use crate::pieces::{Chip, Choice, Filters, Hidden, Search, Select};

/// The form: what is always seen, and what opens.
#[derive(Serialize)]
pub(crate) struct QueueFilters {
    /// Always seen.
    pub(crate) first: Filters,
    /// Further choices.
    more_selects: Vec<Select>,
    /// Further texts.
    more_texts: Vec<Search>,
    /// Days, of the kind `date`.
    days: Vec<Search>,
    /// Whether one of the further ones is set.
    is_open: bool,
}

/// What the form offers.
pub(crate) struct Offer<'o> {
    pub(crate) scope: &'o Scope,
    pub(crate) graph: &'o Graph,
    /// People who may have alerts, where they are few enough to list.
    pub(crate) colleagues: &'o [Colleague],
}

/// The form of a query.
pub(crate) fn form(query: &Query, offer: &Offer<'_>) -> QueueFilters {
    let selects = vec![states(query), levels(query), owners(query, offer.colleagues)];
    let first = Filters {
        action: "/alerts".to_owned(),
        title: "Filter alerts".to_owned(),
        search: Some(search("q", "Words", &query.q)),
        selects,
        hidden: hidden(query),
        chips: chips(query, offer),
        clear: "/alerts".to_owned(),
    };
    let mut more_selects = places(query, offer);
    more_selects.push(verdicts(query));
    more_selects.push(floods(query));
    let more_texts = vec![
        search("organisation", "Organisation, name or code", &one(&query.organisation)),
        search("device", "Device", &query.device),
        search("technique", "ATT&CK technique", &query.technique),
        search("rule", "Rule, by its id", &one(&query.rule)),
    ];
    let days = vec![search("from", "Opened from", &query.from), search("to", "to", &query.to)];
    let is_set = |search: &Search| !search.value.is_empty();
    let is_chosen = |select: &Select| {
        select.choices.iter().any(|choice| choice.is_chosen && !choice.value.is_empty())
    };
    let is_open = more_texts.iter().chain(&days).any(is_set) || more_selects.iter().any(is_chosen);
    QueueFilters { first, more_selects, more_texts, days, is_open }
}

fn search(name: &str, label: &str, value: &str) -> Search {
    Search { name: name.to_owned(), label: label.to_owned(), value: value.to_owned() }
}

fn select(name: &str, label: &str, choices: Vec<Choice>) -> Select {
    Select { name: name.to_owned(), label: label.to_owned(), choices }
}

/// The value of a list in a field that holds one. Several stay set through hidden fields.
fn one(list: &[String]) -> String {
    match list {
        [only] => only.clone(),
        _ => String::new(),
    }
}

/// What the address holds and the fields cannot: the order, and lists of several.
fn hidden(query: &Query) -> Vec<Hidden> {
    let mut kept = Vec::new();
    if !query.sort.is_empty() {
        kept.push(("sort", query.sort.clone()));
    }
    let lists = [
        ("state", &query.state),
        ("level", &query.level),
        ("organisation", &query.organisation),
        ("region", &query.region),
        ("icb", &query.icb),
        ("group", &query.group),
        ("rule", &query.rule),
        ("verdict", &query.verdict),
    ];
    for (name, list) in lists.into_iter().filter(|(_, list)| list.len() > 1) {
        kept.extend(list.iter().map(|value| (name, value.clone())));
    }
    let hidden = |(name, value): (&str, String)| Hidden { name: name.to_owned(), value };
    kept.into_iter().map(hidden).collect()
}

fn states(query: &Query) -> Select {
    let chosen = one(&query.state);
    let choices = [
        ("", "Open"),
        ("new", "New"),
        ("taken", "Taken"),
        ("closed", "Closed"),
        ("any", "Open and closed"),
    ];
    select("state", "State", choices.map(|(value, text)| Choice::new(value, text, &chosen)).into())
}

fn levels(query: &Query) -> Select {
    let chosen = one(&query.level);
    let mut choices = vec![Choice::new("", "Any", &chosen)];
    let level = |level: &Level| Choice::new(level.as_str(), capital(level.as_str()), &chosen);
    choices.extend(Level::ALL.iter().rev().map(level));
    select("level", "Severity", choices)
}

fn owners(query: &Query, colleagues: &[Colleague]) -> Select {
    let chosen = query.owner.as_str();
    let mut choices = vec![
        Choice::new("", "Anybody", chosen),
        Choice::new("me", "Me", chosen),
        Choice::new("nobody", "Nobody yet", chosen),
    ];
    choices.extend(
        colleagues.iter().map(|one| Choice::new(one.id.to_string(), one.name.as_str(), chosen)),
    );
    select("owner", "Who has it", choices)
}

fn verdicts(query: &Query) -> Select {
    let chosen = one(&query.verdict);
    let mut choices = vec![Choice::new("", "Any", &chosen)];
    choices.extend(Verdict::ALL.iter().map(|verdict| {
        Choice::new(verdict.as_str(), capital(verdict_in_words(*verdict)), &chosen)
    }));
    select("verdict", "Closed as", choices)
}

fn floods(query: &Query) -> Select {
    let choices = [("", "With the rest"), ("only", "Only floods"), ("none", "No floods")];
    let choices = choices.map(|(value, text)| Choice::new(value, text, &query.flood));
    select("flood", "Floods", choices.into())
}

/// Regions, boards and groups, each where there is more than one to choose from.
fn places(query: &Query, offer: &Offer<'_>) -> Vec<Select> {
    let of_kind = |kind: OrganisationType| -> Vec<(String, String)> {
        let all = offer.graph.organisations_in(offer.scope).into_iter();
        let mut found: Vec<(String, String)> = all
            .filter(|one| one.kind == kind && one.closed_at.is_none())
            .map(|one| (one.code.to_string(), one.name.clone()))
            .collect();
        found.sort_by(|a, b| a.1.cmp(&b.1));
        found
    };
    let may_see = |id| offer.scope.is_sector() || offer.scope.parts().contains(&Part::Group(id));
    let groups = offer.graph.groups().filter(|group| may_see(group.id));
    let mut groups: Vec<(String, String)> =
        groups.map(|group| (group.id.to_string(), group.name.clone())).collect();
    groups.sort_by(|a, b| a.1.cmp(&b.1));
    let kinds = [
        ("region", "Region", of_kind(OrganisationType::Region), one(&query.region)),
        ("icb", "Integrated care board", of_kind(OrganisationType::Icb), one(&query.icb)),
        ("group", "Group", groups, one(&query.group)),
    ];
    let offered = kinds.into_iter().filter(|(_, _, found, _)| !found.is_empty());
    offered
        .map(|(name, label, found, chosen)| {
            let mut choices = vec![Choice::new("", "Any", &chosen)];
            choices
                .extend(found.into_iter().map(|(value, text)| Choice::new(value, text, &chosen)));
            select(name, label, choices)
        })
        .collect()
}

/// What is set, each with the list without it.
fn chips(query: &Query, offer: &Offer<'_>) -> Vec<Chip> {
    let mut chips = Vec::new();
    let mut chip = |text: String, without: Query| {
        chips.push(Chip { text, remove: without.href("/alerts") });
    };
    if !query.q.is_empty() {
        chip(format!("Words: {}", query.q), Query { q: String::new(), ..query.clone() });
    }
    type List = fn(&mut Query) -> &mut Vec<String>;
    let lists: [(&str, List, &dyn Fn(&str) -> String); 8] = [
        ("State", |q| &mut q.state, &|text| match text {
            "any" => "open and closed".to_owned(),
            other => other.to_owned(),
        }),
        ("Severity", |q| &mut q.level, &str::to_owned),
        ("Organisation", |q| &mut q.organisation, &|text| named(text, offer.graph)),
        ("Region", |q| &mut q.region, &|text| named(text, offer.graph)),
        ("Integrated care board", |q| &mut q.icb, &|text| named(text, offer.graph)),
        ("Group", |q| &mut q.group, &|text| {
            let group = text.parse().ok().and_then(|id| offer.graph.group(id));
            group.map_or_else(|| text.to_owned(), |group| group.name.clone())
        }),
        ("Rule", |q| &mut q.rule, &str::to_owned),
        ("Closed as", |q| &mut q.verdict, &|text| {
            text.parse().map_or_else(|_| text.to_owned(), |one| verdict_in_words(one).to_owned())
        }),
    ];
    for (label, list, name) in lists {
        let values = list(&mut query.clone()).clone();
        for (at, value) in values.iter().enumerate() {
            let mut without = query.clone();
            list(&mut without).remove(at);
            chip(format!("{label}: {}", name(value)), without);
        }
    }
    type Text = fn(&mut Query) -> &mut String;
    let owner = |text: &str| match text {
        "me" => "me".to_owned(),
        "nobody" => "nobody yet".to_owned(),
        id => {
            let found = offer.colleagues.iter().find(|one| one.id.to_string() == id);
            found.map_or_else(|| "one person".to_owned(), |one| one.name.clone())
        }
    };
    let texts: [(&str, Text, &dyn Fn(&str) -> String); 6] = [
        ("Who has it", |q| &mut q.owner, &owner),
        ("Device", |q| &mut q.device, &str::to_owned),
        ("Technique", |q| &mut q.technique, &str::to_owned),
        ("Opened from", |q| &mut q.from, &str::to_owned),
        ("Opened to", |q| &mut q.to, &str::to_owned),
        ("Floods", |q| &mut q.flood, &str::to_owned),
    ];
    for (label, text, name) in texts {
        let mut without = query.clone();
        let value = std::mem::take(text(&mut without));
        if !value.is_empty() {
            chip(format!("{label}: {}", name(&value)), without);
        }
    }
    chips
}

fn named(text: &str, graph: &Graph) -> String {
    let known = text.parse().ok().and_then(|code| graph.organisation(&code));
    known.map_or_else(|| text.to_owned(), |one| one.name.clone())
}

/// With a capital.
pub(crate) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// What a state is called in a sentence.
pub(crate) fn state_in_words(state: State) -> &'static str {
    match state {
        State::New => "new",
        State::Taken => "taken",
        State::Closed => "closed",
    }
}
