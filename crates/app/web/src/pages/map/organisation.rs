//! The page of an organisation: how it stands, what it does for patients, what that rests on.

use access::Permission;
use axum::{
    extract::{Path, State},
    response::Response,
};
use detect::alert::Alerts;
use sector::{DeviceFilter, Graph, Map, Organisation, Service, Support, System, Thing};
use serde::Serialize;
use terms::{OdsCode, Scope};

use super::{
    failed::failed,
    parts::{self, May, column, fact, figure, row},
    picture, words,
};
use crate::{
    failure::Failure,
    page::Desk,
    pieces::{
        Breadcrumbs, Cell, Column, Facts, Link, Path as Picture, Row, Shown, Table, words::count,
    },
};

#[derive(Serialize)]
struct OrganisationPage {
    breadcrumbs: Breadcrumbs,
    name: String,
    says: String,
    picture: Option<Picture>,
    facts: Facts,
    devices: Facts,
    alerts: Option<Table>,
    all_alerts: String,
    services: Option<Table>,
    systems: Option<Table>,
    /// The lists of all, where some are not shown.
    all_services: Option<Link>,
    all_systems: Option<Link>,
    depends_on: Option<Table>,
    depended_on: Option<Table>,
    /// What those who may can do here.
    acts: Vec<Link>,
}

/// The page.
pub(super) async fn page(
    State(alerts): State<Alerts>,
    State(map): State<Map>,
    Path(code): Path<String>,
    desk: Desk,
) -> Result<Response, Failure> {
    let code: OdsCode = code.parse().map_err(|_| Failure::not_found())?;
    let scope = desk.whole_scope(Permission::ViewMap)?;
    let one = map.organisation(&code, &scope).await.map_err(failed)?;
    let graph = map.graph();
    let services: Vec<&Service> = graph
        .services()
        .iter()
        .filter(|service| service.organisation == code && service.closed_at.is_none())
        .collect();
    let systems: Vec<(&System, Support)> = graph
        .systems()
        .iter()
        .filter(|system| system.organisation == code && system.closed_at.is_none())
        .map(|system| (system, graph.system_supports(&system.code, &scope)))
        .collect();
    let changing = desk.caller.scope(Permission::ManageMap);
    let may = graph.contains(&changing, &code).then_some(May { scope: &changing });
    let things = things(&one, &services, &systems);
    let filter = DeviceFilter { organisation: Some(code.clone()), ..DeviceFilter::default() };
    let link = format!("/devices?organisation={code}");
    let body = OrganisationPage {
        breadcrumbs: Breadcrumbs { items: vec![Link::new("Map", "/map")] },
        name: one.name.clone(),
        says: says(&services, &systems),
        picture: worst(&systems),
        facts: facts(&one, &graph, &scope, &desk),
        devices: Facts {
            is_compact: true,
            rows: parts::devices(&map, &desk, &filter, &link).await?,
        },
        alerts: parts::open_alerts(&alerts, &desk, &code).await?,
        all_alerts: format!("/alerts?organisation={code}"),
        services: services_table(&services),
        systems: systems_table(&systems, &graph),
        all_services: all("service", services.len(), &code),
        all_systems: all("system", systems.len(), &code),
        depends_on: parts::depends_on(&things, &graph, &scope, may.as_ref()),
        depended_on: parts::depended_on(&things, &graph, &scope),
        acts: may.map(|_| acts(&one)).unwrap_or_default(),
    };
    let title = one.name.clone();
    Ok(desk.page("map/organisation.html", &title, "/map", &[], body))
}

fn all(one: &str, number: usize, code: &OdsCode) -> Option<Link> {
    let text = format!("All {number} {one}s");
    (number > ROWS).then(|| Link::new(text, format!("/map/{one}s?organisation={code}")))
}

fn things(one: &Organisation, services: &[&Service], systems: &[(&System, Support)]) -> Vec<Thing> {
    let services = services.iter().map(|service| Thing::Service(service.code.clone()));
    let systems = systems.iter().map(|(system, _)| Thing::System(system.code.clone()));
    std::iter::once(Thing::Organisation(one.code.clone())).chain(services).chain(systems).collect()
}

/// "12 services for about 4,200 patients a day run on 31 systems."
fn says(services: &[&Service], systems: &[(&System, Support)]) -> String {
    if services.is_empty() && systems.is_empty() {
        return "Nothing is known of its services and systems yet.".to_owned();
    }
    let patients: u64 = services.iter().map(|one| u64::from(one.patients_per_day)).sum();
    let counted =
        |number: usize, one: &str| count(super::address::number(number as u64), one, None);
    let patients = count(super::address::number(patients), "patient", None);
    format!(
        "{} for about {patients} a day, and {} behind them.",
        counted(services.len(), "service"),
        counted(systems.len(), "system")
    )
}

/// The system on which most patients depend.
fn worst(systems: &[(&System, Support)]) -> Option<Picture> {
    let (system, support) = systems
        .iter()
        .max_by_key(|(one, support)| (support.patients_per_day, support.services, &one.code))?;
    let what = picture::in_words(support)?;
    let rest = picture::verb(support, "rest");
    picture::resting_on("worst", &format!("{what} {rest} on {}", system.name), support)
}

fn facts(one: &Organisation, graph: &Graph, scope: &Scope, desk: &Desk) -> Facts {
    let area = |code: &Option<OdsCode>| match code {
        Some(code) => parts::organisation(code, graph, scope),
        None => Shown::Unknown,
    };
    let place = [one.town.as_str(), one.postcode.as_str()];
    let place: Vec<&str> = place.into_iter().filter(|text| !text.is_empty()).collect();
    let hours = one.silent_after.as_secs() / 3600;
    let mut rows = vec![
        fact("Code", Shown::Exact { text: one.code.to_string() }),
        fact("Type", Shown::text(words::one(one.kind))),
        fact("Region", area(&one.region)),
        fact("Integrated care board", area(&one.icb)),
        fact("Belongs to", area(&one.parent)),
        fact("Place", Shown::text(place.join(", "))),
        fact("Patients", one.patients.map_or(Shown::Unknown, |number| figure(number.into()))),
        fact(
            "A device counts as silent after",
            Shown::text(count(super::address::number(hours), "hour", None)),
        ),
    ];
    if let Some(closed) = one.closed_at {
        rows.push(fact("Closed", Shown::Time { at: desk.moment(closed) }));
    }
    Facts { is_compact: true, rows }
}

fn services_table(services: &[&Service]) -> Option<Table> {
    let mut services = services.to_vec();
    services.sort_by(|a, b| {
        let rank = |one: &Service| (one.criticality, one.patients_per_day);
        rank(b).cmp(&rank(a)).then_with(|| a.name.cmp(&b.name))
    });
    let rows = services.iter().map(|one| {
        let href = words::href(&Thing::Service(one.code.clone()));
        row(
            &one.code,
            vec![
                Cell::Link { text: one.name.clone(), href },
                Cell::text(one.kind.clone()),
                Cell::Number { number: one.patients_per_day.into() },
                Cell::text(words::criticality(one.criticality)),
                Cell::text(one.hours.clone()),
            ],
        )
    });
    let columns = vec![
        column("Service", false),
        column("Kind", false),
        column("Patients a day", true),
        column("How much care depends on it", false),
        column("Open", false),
    ];
    capped("services", "Services", columns, rows.collect())
}

fn systems_table(systems: &[(&System, Support)], graph: &Graph) -> Option<Table> {
    let mut systems: Vec<&(&System, Support)> = systems.iter().collect();
    systems.sort_by(|(a, a_bears), (b, b_bears)| {
        let rank = |one: &System, bears: &Support| (bears.patients_per_day, one.criticality);
        rank(b, b_bears).cmp(&rank(a, a_bears)).then_with(|| a.name.cmp(&b.name))
    });
    let rows = systems.iter().map(|(one, support)| {
        let supplier = one.supplier.as_ref().and_then(|code| graph.supplier(code));
        let supplier = supplier.map_or(Cell::Unknown, |supplier| Cell::Link {
            text: supplier.name.clone(),
            href: words::href(&Thing::Supplier(supplier.code.clone())),
        });
        let href = words::href(&Thing::System(one.code.clone()));
        row(
            &one.code,
            vec![
                Cell::Link { text: one.name.clone(), href },
                Cell::text(one.kind.clone()),
                supplier,
                Cell::Number { number: support.services.into() },
                Cell::Number { number: super::address::number(support.patients_per_day) },
                Cell::text(words::criticality(one.criticality)),
            ],
        )
    });
    let columns = vec![
        column("System", false),
        column("Kind", false),
        column("Supplier", false),
        column("Services that rest on it", true),
        column("Their patients a day", true),
        column("How much care depends on it", false),
    ];
    capped("systems", "Systems", columns, rows.collect())
}

/// Rows of a table here; the lists hold all.
const ROWS: usize = 25;

fn capped(id: &str, caption: &str, columns: Vec<Column>, mut rows: Vec<Row>) -> Option<Table> {
    rows.truncate(ROWS);
    parts::table(id, caption, columns, rows)
}

fn acts(one: &Organisation) -> Vec<Link> {
    let (code, here) = (&one.code, words::organisation_href(&one.code));
    let mut acts = vec![
        Link::new("Change", format!("{here}/edit")),
        Link::new("Add a service", format!("/map/services/new?organisation={code}")),
        Link::new("Add a system", format!("/map/systems/new?organisation={code}")),
        Link::new("Add a dependency", format!("/map/dependencies?from=organisation:{code}")),
    ];
    if one.closed_at.is_none() {
        acts.push(Link::new("Close", format!("{here}/close")));
    }
    acts
}
