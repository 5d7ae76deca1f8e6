//! The pages of a system and of a service: what rests on it, and what it rests on.

use access::Permission;
use axum::{
    extract::{Path, State},
    response::Response,
};
use detect::alert::Alerts;
use sector::{DeviceFilter, Graph, Map, MapCode, Support, Thing};
use serde::Serialize;
use terms::{OdsCode, Scope};

use super::{
    parts::{self, May, fact},
    picture, words,
};
use crate::{
    failure::Failure,
    page::Desk,
    pieces::{Breadcrumbs, Fact, Facts, Link, Path as Picture, Shown, Table, words::count},
};

#[derive(Serialize)]
struct ThingPage {
    breadcrumbs: Breadcrumbs,
    name: String,
    says: String,
    /// What rests on it.
    above: Option<Picture>,
    /// What it rests on.
    beneath: Option<Picture>,
    facts: Facts,
    devices: Facts,
    alerts: Option<Table>,
    depends_on: Option<Table>,
    depended_on: Option<Table>,
    acts: Vec<Link>,
}

/// What is told of a system or service alone.
struct Told {
    thing: Thing,
    name: String,
    owner: OdsCode,
    says: String,
    above: Option<Picture>,
    rows: Vec<Fact>,
    is_closed: bool,
    devices: Vec<Fact>,
}

/// The page of a system.
pub(super) async fn system(
    State(alerts): State<Alerts>,
    State(map): State<Map>,
    Path(code): Path<String>,
    desk: Desk,
) -> Result<Response, Failure> {
    let code: MapCode = code.parse().map_err(|_| Failure::not_found())?;
    let scope = desk.whole_scope(Permission::ViewMap)?;
    let graph = map.graph();
    let one = graph.system(&code).filter(|one| graph.contains(&scope, &one.organisation));
    let one = one.ok_or_else(Failure::not_found)?;
    let support = graph.system_supports(&code, &scope);
    let what = picture::in_words(&support);
    let supplier = one.supplier.as_ref().and_then(|code| graph.supplier(code));
    let mut rows = common(&one.organisation, &one.kind, &code, (&graph, &scope));
    rows.push(fact(
        "How much care depends on it",
        Shown::text(words::criticality(one.criticality)),
    ));
    rows.push(fact(
        "Supplier",
        match supplier {
            Some(supplier) => Shown::Link {
                text: supplier.name.clone(),
                href: words::href(&Thing::Supplier(supplier.code.clone())),
            },
            None => Shown::Unknown,
        },
    ));
    rows.extend(closed(one.closed_at, &desk));
    let filter = DeviceFilter { system: Some(code.clone()), ..DeviceFilter::default() };
    let link = format!("/devices?system={code}");
    let told = Told {
        thing: Thing::System(code),
        name: one.name.clone(),
        owner: one.organisation.clone(),
        says: match &what {
            Some(what) => format!("If it stops, {what} {} it.", picture::verb(&support, "feel")),
            None => "No service is known to rest on it.".to_owned(),
        },
        above: picture::resting_on(
            "above",
            &title_above(what.as_deref(), &one.name, &support),
            &support,
        ),
        rows,
        is_closed: one.closed_at.is_some(),
        devices: parts::devices(&map, &desk, &filter, &link).await?,
    };
    show(&alerts, &graph, &scope, told, desk).await
}

fn title_above(what: Option<&str>, name: &str, support: &Support) -> String {
    format!("{} {} {name}", what.unwrap_or("No services"), picture::verb(support, "need"))
}

/// The page of a service.
pub(super) async fn service(
    State(alerts): State<Alerts>,
    State(map): State<Map>,
    Path(code): Path<String>,
    desk: Desk,
) -> Result<Response, Failure> {
    let code: MapCode = code.parse().map_err(|_| Failure::not_found())?;
    let scope = desk.whole_scope(Permission::ViewMap)?;
    let graph = map.graph();
    let one = graph.service(&code).filter(|one| graph.contains(&scope, &one.organisation));
    let one = one.ok_or_else(Failure::not_found)?;
    let patients = count(one.patients_per_day.into(), "patient", None);
    let mut rows = common(&one.organisation, &one.kind, &code, (&graph, &scope));
    rows.push(fact(
        "Patients on an average day",
        Shown::Number { number: one.patients_per_day.into() },
    ));
    rows.push(fact(
        "How much care depends on it",
        Shown::text(words::criticality(one.criticality)),
    ));
    rows.push(fact("Open", Shown::text(one.hours.clone())));
    rows.extend(closed(one.closed_at, &desk));
    let told = Told {
        thing: Thing::Service(code),
        name: one.name.clone(),
        owner: one.organisation.clone(),
        says: format!("About {patients} a day; {}.", words::criticality_alone(one.criticality)),
        above: None,
        rows,
        is_closed: one.closed_at.is_some(),
        devices: Vec::new(),
    };
    show(&alerts, &graph, &scope, told, desk).await
}

fn common(
    owner: &OdsCode,
    kind: &str,
    code: &MapCode,
    (graph, scope): (&Graph, &Scope),
) -> Vec<Fact> {
    vec![
        fact("Organisation", parts::organisation(owner, graph, scope)),
        fact("Code", Shown::Exact { text: code.to_string() }),
        fact("Kind", Shown::text(kind)),
    ]
}

fn closed(at: Option<terms::Timestamp>, desk: &Desk) -> Option<Fact> {
    at.map(|at| fact("Closed", Shown::Time { at: desk.moment(at) }))
}

async fn show(
    alerts: &Alerts,
    graph: &Graph,
    scope: &Scope,
    told: Told,
    desk: Desk,
) -> Result<Response, Failure> {
    let Told { thing, name, owner, says, above, rows, is_closed, devices } = told;
    let changing = desk.caller.scope(Permission::ManageMap);
    let may = graph.contains(&changing, &owner).then_some(May { scope: &changing });
    let things = std::slice::from_ref(&thing);
    let organisation = graph.organisation(&owner);
    let organisation = organisation.map_or_else(|| owner.to_string(), |one| one.name.clone());
    let items =
        vec![Link::new("Map", "/map"), Link::new(organisation, words::organisation_href(&owner))];
    let body = ThingPage {
        breadcrumbs: Breadcrumbs { items },
        beneath: picture::rests_on(
            "beneath",
            &format!("What {name} rests on"),
            &thing,
            graph,
            scope,
        ),
        says,
        above,
        facts: Facts { is_compact: true, rows },
        devices: Facts { is_compact: true, rows: devices },
        alerts: parts::open_alerts(alerts, &desk, &owner).await?,
        depends_on: parts::depends_on(things, graph, scope, may.as_ref()),
        depended_on: parts::depended_on(things, graph, scope),
        acts: may.map(|_| acts(&thing, is_closed)).unwrap_or_default(),
        name: name.clone(),
    };
    Ok(desk.page("map/thing.html", &name, "/map", &[], body))
}

fn acts(thing: &Thing, is_closed: bool) -> Vec<Link> {
    let here = words::href(thing);
    let from = crate::link::encoded(&thing.to_string());
    let mut acts = vec![
        Link::new("Change", format!("{here}/edit")),
        Link::new("Add a dependency", format!("/map/dependencies?from={from}")),
    ];
    if !is_closed {
        acts.push(Link::new("Close", format!("{here}/close")));
    }
    acts
}
