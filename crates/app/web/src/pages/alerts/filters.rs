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

/// A list of a query.
type List = fn(&mut Query) -> &mut Vec<String>;
/// A text of a query.
type Text = fn(&mut Query) -> &mut String;
/// How a value of the address is told.
type Name<'n> = &'n dyn Fn(&str) -> String;

/// What is set, each with the list without it.
fn chips(query: &Query, offer: &Offer<'_>) -> Vec<Chip> {
    let as_written: Name<'_> = &str::to_owned;
    let mut chips = Vec::new();
    chips.extend(of_text(query, "Words", |query| &mut query.q, as_written));
    chips.extend(of_lists(query, offer.graph));
    let owner = |text: &str| owner(text, offer.colleagues);
    let texts: [(&str, Text, Name<'_>); 6] = [
        ("Who has it", |query| &mut query.owner, &owner),
        ("Device", |query| &mut query.device, as_written),
        ("Technique", |query| &mut query.technique, as_written),
        ("Opened from", |query| &mut query.from, as_written),
        ("Opened to", |query| &mut query.to, as_written),
        ("Floods", |query| &mut query.flood, as_written),
    ];
    chips.extend(
        texts.into_iter().filter_map(|(label, text, name)| of_text(query, label, text, name)),
    );
    chips
}

fn chip(label: &str, value: &str, without: &Query) -> Chip {
    Chip { text: format!("{label}: {value}"), remove: without.href("/alerts") }
}

fn of_text(query: &Query, label: &str, text: Text, name: Name<'_>) -> Option<Chip> {
    let mut without = query.clone();
    let value = std::mem::take(text(&mut without));
    (!value.is_empty()).then(|| chip(label, &name(&value), &without))
}

fn of_lists(query: &Query, graph: &Graph) -> Vec<Chip> {
    let as_written: Name<'_> = &str::to_owned;
    let place: Name<'_> = &|text| named(text, graph);
    let state: Name<'_> =
        &|text| if text == "any" { "open and closed".to_owned() } else { text.to_owned() };
    let group: Name<'_> = &|text| {
        let group = text.parse().ok().and_then(|id| graph.group(id));
        group.map_or_else(|| text.to_owned(), |group| group.name.clone())
    };
    let verdict: Name<'_> = &|text| {
        text.parse().map_or_else(|_| text.to_owned(), |one| verdict_in_words(one).to_owned())
    };
    let lists: [(&str, List, Name<'_>); 8] = [
        ("State", |query| &mut query.state, state),
        ("Severity", |query| &mut query.level, as_written),
        ("Organisation", |query| &mut query.organisation, place),
        ("Region", |query| &mut query.region, place),
        ("Integrated care board", |query| &mut query.icb, place),
        ("Group", |query| &mut query.group, group),
        ("Rule", |query| &mut query.rule, as_written),
        ("Closed as", |query| &mut query.verdict, verdict),
    ];
    let mut chips = Vec::new();
    for (label, list, name) in lists {
        for (at, value) in list(&mut query.clone()).iter().enumerate() {
            let mut without = query.clone();
            list(&mut without).remove(at);
            chips.push(chip(label, &name(value), &without));
        }
    }
    chips
}

fn owner(text: &str, colleagues: &[Colleague]) -> String {
    match text {
        "me" => "me".to_owned(),
        "nobody" => "nobody yet".to_owned(),
        id => {
            let found = colleagues.iter().find(|one| one.id.to_string() == id);
            found.map_or_else(|| "one person".to_owned(), |one| one.name.clone())
        }
    }
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
