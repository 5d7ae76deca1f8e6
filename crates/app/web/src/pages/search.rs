//! One box for everything: devices, organisations, services, systems, suppliers, alerts and rules
//! whose name, code or words fit, each with why it was found.

use access::Permission;
use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use detect::{
    alert::{Alerts, Filter, RuleText, Sort},
    watch::RulesInForce,
};
use sector::{DeviceFilter, DeviceSort, Graph, Map, PageRequest, Thing};
use serde::Serialize;
use terms::OdsCode;

use super::{
    alerts::{self, harm, rows},
    map::{address::Address, failed::failed, words as things},
};
use crate::{
    failure::Failure,
    link,
    page::Desk,
    pieces::{Harm, Link, Panel, State as PanelState, words::shortened},
    routes::Routes,
};

pub(super) fn routes() -> Routes {
    Routes::new().get("/search", page)
}

/// Things of a group that are shown; where there are more, a link leads to all.
const SHOWN: usize = 10;

/// Things of the map that are looked for.
const MOST_THINGS: usize = 200;

#[derive(Serialize)]
struct SearchPage {
    q: String,
    says: String,
    groups: Vec<Found>,
    panel: Option<Panel>,
}

/// What was found of one kind.
#[derive(Serialize)]
struct Found {
    name: &'static str,
    hits: Vec<Hit>,
    /// Where all of them are.
    more: Option<Link>,
}

/// Something that was found.
#[derive(Serialize)]
struct Hit {
    text: String,
    href: String,
    /// What it is, whose it is.
    below: String,
    /// Why it was found.
    why: String,
    harm: Option<Harm>,
}

/// The page.
async fn page(
    State(alerts): State<Alerts>,
    State(map): State<Map>,
    State(rules): State<RulesInForce>,
    RawQuery(raw): RawQuery,
    desk: Desk,
) -> Result<Response, Failure> {
    let address = Address::read("/search", raw.as_deref(), &["q"]);
    let q = address.get("q").to_owned();
    let mut groups = Vec::new();
    if !q.is_empty() {
        groups.extend(found_alerts(&alerts, &map, &desk, &q).await?);
        groups.extend(found_devices(&map, &desk, &q).await?);
        groups.extend(found_things(&map.graph(), &desk, &q));
        groups.extend(found_rules(&rules, &desk, &q));
    }
    let panel = panel(&q, groups.is_empty());
    let number: usize = groups.iter().map(|group| group.hits.len()).sum();
    let says = match (q.is_empty(), number) {
        (true, _) => "Find devices, organisations, services, systems, suppliers, alerts and rules \
                      by name, code or words."
            .to_owned(),
        (_, 0) => format!("Nothing was found for “{}”.", shortened(&q, 80)),
        (_, 1) => format!("1 thing was found for “{}”.", shortened(&q, 80)),
        (_, more) => format!("{more} things were found for “{}”.", shortened(&q, 80)),
    };
    let desk = desk.with_search(&q);
    let body = SearchPage { q, says, groups, panel };
    Ok(desk.page("search/page.html", "Search", "", &[], body))
}

fn panel(q: &str, is_empty: bool) -> Option<Panel> {
    (is_empty && !q.is_empty()).then(|| Panel {
        state: PanelState::Empty,
        title: "Nothing within your view fits".to_owned(),
        text: "A device is found by how its name begins; other things by a part of their name or \
               by how their code begins; alerts by words of their headline. Look also at whose \
               view is chosen at the top."
            .to_owned(),
        next: Some(Link::new("Look at the map", "/map")),
        progress: None,
    })
}

fn group(name: &'static str, mut hits: Vec<Hit>, all: Option<String>) -> Option<Found> {
    let has_more = hits.len() > SHOWN;
    hits.truncate(SHOWN);
    let more = all.filter(|_| has_more).map(|href| Link::new("Show all", href));
    (!hits.is_empty()).then_some(Found { name, hits, more })
}

fn name_of(code: &OdsCode, graph: &Graph) -> String {
    graph.organisation(code).map_or_else(|| code.to_string(), |one| one.name.clone())
}

async fn found_alerts(
    alerts: &Alerts,
    map: &Map,
    desk: &Desk,
    q: &str,
) -> Result<Option<Found>, Failure> {
    if !desk.caller.may_somewhere(Permission::ViewAlerts) {
        return Ok(None);
    }
    let scope = desk.scope(Permission::ViewAlerts)?;
    let filter = Filter { text: Some(q.to_owned()), ..Filter::default() };
    let rows_of_page = SHOWN as u16 + 1;
    let page = alerts.page(&scope, &filter, Sort::Rank, None, rows_of_page).await;
    let page = page.map_err(alerts::failed::failed)?;
    let graph = map.graph();
    let hits = page.alerts.iter().map(|alert| {
        let text = rows::what(alert);
        Hit {
            text,
            href: format!("/alerts/{}", alert.id),
            below: name_of(&alert.organisation, &graph),
            why: "its headline has these words".to_owned(),
            harm: Some(harm::of(alert)),
        }
    });
    let all = format!("/alerts?state=new&state=taken&state=closed&q={}", link::encoded(q));
    Ok(group("Alerts", hits.collect(), Some(all)))
}

async fn found_devices(map: &Map, desk: &Desk, q: &str) -> Result<Option<Found>, Failure> {
    if !desk.caller.may_somewhere(Permission::ViewDevices) {
        return Ok(None);
    }
    let scope = desk.scope(Permission::ViewDevices)?;
    let filter = DeviceFilter { search: Some(q.to_owned()), ..DeviceFilter::default() };
    let request = PageRequest { rows: SHOWN as u16 + 1, ..PageRequest::default() };
    let page = map.list_devices(&filter, DeviceSort::Name, &request, &scope, desk.now()).await;
    let page = page.map_err(failed)?;
    let graph = map.graph();
    let hits = page.rows.iter().map(|device| {
        let class = device.class.as_deref().unwrap_or("device");
        Hit {
            text: device.name.clone(),
            href: format!("/devices/{}", device.id),
            below: format!("{class} of {}", name_of(&device.organisation, &graph)),
            why: "its name begins so".to_owned(),
            harm: None,
        }
    });
    let all = format!("/devices?q={}", link::encoded(q));
    Ok(group("Devices", hits.collect(), Some(all)))
}

fn found_things(graph: &Graph, desk: &Desk, q: &str) -> Vec<Found> {
    let Ok(scope) = desk.scope(Permission::ViewMap) else { return Vec::new() };
    let found = graph.search(q, &scope, MOST_THINGS);
    let kinds = [
        ("organisation", "Organisations", Some("/map?q=")),
        ("service", "Services", None),
        ("system", "Systems", None),
        ("supplier", "Suppliers", Some("/map/suppliers?q=")),
    ];
    let of = |(kind, name, all): (&str, &'static str, Option<&str>)| {
        let hits = found.iter().filter(|hit| hit.thing.kind() == kind);
        let hits = hits.map(|hit| Hit {
            text: hit.name.clone(),
            href: things::href(&hit.thing),
            below: below(&hit.thing, hit.organisation.as_ref(), graph),
            why: why(q, hit.thing.code(), &hit.name),
            harm: None,
        });
        let all = all.map(|all| format!("{all}{}", link::encoded(q)));
        group(name, hits.collect(), all)
    };
    kinds.into_iter().filter_map(of).collect()
}

fn below(thing: &Thing, owner: Option<&OdsCode>, graph: &Graph) -> String {
    match (thing, owner) {
        (Thing::Organisation(code), _) => {
            let kind = graph.organisation(code).map_or("Organisation", |one| things::one(one.kind));
            format!("{kind}, {code}")
        }
        (Thing::Supplier(code), _) => code.to_string(),
        (thing, Some(owner)) => format!("{} of {}", thing.code(), name_of(owner, graph)),
        (thing, None) => thing.code().to_owned(),
    }
}

/// Why a thing was found.
fn why(q: &str, code: &str, name: &str) -> String {
    let (q, code, name) = (q.to_lowercase(), code.to_lowercase(), name.to_lowercase());
    match () {
        () if code == q => "this is its code",
        () if code.starts_with(&q) => "its code begins so",
        () if name.starts_with(&q) => "its name begins so",
        () => "its name holds this",
    }
    .to_owned()
}

fn found_rules(rules: &RulesInForce, desk: &Desk, q: &str) -> Option<Found> {
    if !desk.caller.may_somewhere(Permission::ViewRules) {
        return None;
    }
    let q = q.to_lowercase();
    let rules = rules.now();
    let hits = rules.texts().iter().filter_map(|rule| Some((rule, why_rule(&q, rule)?)));
    let hits = hits.take(SHOWN + 1).map(|(rule, why)| Hit {
        text: rule.title.clone(),
        href: format!("/rules/{}", link::encoded(&rule.id).replace('/', "%2F")),
        below: format!("Rule of level {}", rule.level),
        why,
        harm: None,
    });
    group("Rules", hits.collect(), Some(format!("/rules?q={}", link::encoded(&q))))
}

/// Why a rule fits; `None`: it does not.
fn why_rule(q: &str, rule: &RuleText) -> Option<String> {
    if rule.title.to_lowercase().contains(q) {
        return Some("its title holds this".to_owned());
    }
    if rule.id.to_lowercase() == *q {
        return Some("this is its id".to_owned());
    }
    let bare = |tag: &str| tag.strip_prefix("attack.").unwrap_or(tag).to_lowercase();
    let tag = rule.tags.iter().find(|tag| bare(tag).starts_with(q))?;
    Some(format!("it is tagged {tag}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_hit_says_why_it_was_found() {
        for (q, expected) in [
            ("rx1-epr", "this is its code"),
            ("RX1", "its code begins so"),
            ("patient", "its name begins so"),
            ("record", "its name holds this"),
        ] {
            assert_eq!(why(q, "RX1-EPR", "Patient record"), expected, "{q}");
        }
    }
}
