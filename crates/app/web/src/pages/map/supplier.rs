//! Suppliers: how much of care rests on each, and where.

use std::{cmp::Reverse, collections::BTreeMap};

use access::Permission;
use axum::{
    extract::{Path, RawQuery, State},
    response::Response,
};
use sector::{Dependents, Graph, Map, MapCode, Supplier, Thing};
use serde::Serialize;
use terms::{OdsCode, Scope};

use super::{
    address::{Address, number},
    parts::{self, May, column, fact, row},
    picture, words,
};
use crate::{
    failure::Failure,
    page::Desk,
    pieces::{
        Breadcrumbs, Cell, Facts, Filters, Link, Panel, Path as Picture, Search, Shown,
        State as PanelState, Table,
        words::{count, grouped},
    },
};

/// Suppliers that are listed at most; the search finds the others.
const MOST: usize = 500;

/// Bars of a picture.
const BARS: usize = 10;

/// One bar of how much rests on what.
#[derive(Serialize)]
struct Share {
    text: String,
    href: String,
    /// "about 4,200 patients a day".
    told: String,
    /// Width in percent of the longest.
    width: String,
}

#[derive(Serialize)]
struct SuppliersPage {
    says: String,
    shares: Vec<Share>,
    filters: Filters,
    panel: Option<Panel>,
    table: Option<Table>,
    add: Option<Link>,
}

/// How much rests on one supplier.
struct Borne {
    supplier: Supplier,
    systems: usize,
    organisations: usize,
    services: u32,
    patients: u64,
}

impl Borne {
    fn of(supplier: &Supplier, graph: &Graph, scope: &Scope) -> Self {
        let Dependents { systems, support } = graph.dependents_of(&supplier.code, scope);
        let owners = systems.iter().filter_map(|code| graph.system(code));
        let owners: std::collections::BTreeSet<&OdsCode> =
            owners.map(|system| &system.organisation).collect();
        Self {
            supplier: supplier.clone(),
            systems: systems.len(),
            organisations: owners.len(),
            services: support.services,
            patients: support.patients_per_day,
        }
    }
}

/// The list: most patients a day first.
pub(super) async fn list(
    State(map): State<Map>,
    RawQuery(raw): RawQuery,
    desk: Desk,
) -> Result<Response, Failure> {
    let scope = desk.scope(Permission::ViewMap)?;
    let address = Address::read("/map/suppliers", raw.as_deref(), &["q"]);
    let words = address.get("q").to_lowercase();
    let graph = map.graph();
    // Walking the graph from hundreds of suppliers takes a while: not on a thread that serves.
    let work = {
        let graph = graph.clone();
        move || borne(&graph, &scope, &words)
    };
    let found = tokio::task::spawn_blocking(work).await;
    let found = found.map_err(|error| Failure::internal(&error))?;
    let may_add = desk.caller.may_somewhere(Permission::ManageMap);
    let body = SuppliersPage {
        says: says(&found),
        shares: shares(&found),
        filters: filters(&address),
        panel: found.is_empty().then(|| empty(&address)),
        table: table(&found),
        add: may_add.then(|| Link::new("Add a supplier", "/map/suppliers/new")),
    };
    Ok(desk.page("map/suppliers.html", "Suppliers", "/map", &["filters"], body))
}

fn borne(graph: &Graph, scope: &Scope, words: &str) -> Vec<Borne> {
    let fits = |one: &&Supplier| {
        words.is_empty()
            || one.name.to_lowercase().contains(words)
            || one.code.as_str().to_lowercase().contains(words)
    };
    let found = graph.suppliers().iter().filter(fits).take(MOST);
    let mut found: Vec<Borne> = found.map(|one| Borne::of(one, graph, scope)).collect();
    found.sort_by(|a, b| {
        let rank = |one: &Borne| Reverse((one.patients, one.systems));
        rank(a).cmp(&rank(b)).then_with(|| a.supplier.name.cmp(&b.supplier.name))
    });
    found
}

/// "Most rests on Example Systems: 31 services for about 4,200 patients a day at 12 organisations."
fn says(found: &[Borne]) -> String {
    match found.first().filter(|one| one.patients > 0) {
        None => "No service is known to rest on a supplier.".to_owned(),
        Some(most) => format!(
            "Most rests on {}: {} for about {} a day at {}.",
            most.supplier.name,
            count(most.services.into(), "service", None),
            count(number(most.patients), "patient", None),
            count(number(most.organisations as u64), "organisation", None)
        ),
    }
}

fn shares(found: &[Borne]) -> Vec<Share> {
    let bars = found.iter().take(BARS).filter(|one| one.patients > 0);
    let bars: Vec<(String, String, u64)> = bars
        .map(|one| {
            let href = words::href(&Thing::Supplier(one.supplier.code.clone()));
            (one.supplier.name.clone(), href, one.patients)
        })
        .collect();
    drawn(bars)
}

fn drawn(bars: Vec<(String, String, u64)>) -> Vec<Share> {
    let top = bars.iter().map(|(.., patients)| *patients).max().unwrap_or_default().max(1);
    let share = |(text, href, patients): (String, String, u64)| Share {
        text,
        href,
        told: format!("about {} a day", count(number(patients), "patient", None)),
        width: format!("{:.1}%", (patients as f64 / top as f64 * 100.0).max(0.5)),
    };
    bars.into_iter().map(share).collect()
}

fn filters(address: &Address) -> Filters {
    let words = address.get("q");
    let chip = (!words.is_empty()).then(|| crate::pieces::Chip {
        text: format!("Words: {words}"),
        remove: address.with("q", "").href(),
    });
    Filters {
        action: "/map/suppliers".to_owned(),
        title: "Filter suppliers".to_owned(),
        search: Some(Search {
            name: "q".to_owned(),
            label: "Name or code".to_owned(),
            value: words.to_owned(),
        }),
        selects: Vec::new(),
        hidden: Vec::new(),
        chips: chip.into_iter().collect(),
        clear: "/map/suppliers".to_owned(),
    }
}

fn empty(address: &Address) -> Panel {
    let (title, text, next) = match address.is_narrowed() {
        true => (
            "No supplier matches",
            "Search for a part of the name or code.",
            Link::new("Show all suppliers", "/map/suppliers"),
        ),
        false => (
            "No supplier is on the map yet",
            "Import a file of suppliers, then one of systems that names them.",
            Link::new("See which columns a file needs", "/map/import"),
        ),
    };
    Panel {
        state: PanelState::Empty,
        title: title.to_owned(),
        text: text.to_owned(),
        next: Some(next),
        progress: None,
    }
}

fn table(found: &[Borne]) -> Option<Table> {
    let figure = |number: u64| Cell::Number { number: self::number(number) };
    let rows = found.iter().map(|one| {
        let href = words::href(&Thing::Supplier(one.supplier.code.clone()));
        row(
            &one.supplier.code,
            vec![
                Cell::Link { text: one.supplier.name.clone(), href },
                Cell::text(one.supplier.kind.clone()),
                figure(one.organisations as u64),
                figure(one.systems as u64),
                figure(one.services.into()),
                figure(one.patients),
            ],
        )
    });
    let columns = vec![
        column("Supplier", false),
        column("Kind", false),
        column("Organisations", true),
        column("Systems", true),
        column("Services", true),
        column("Patients a day", true),
    ];
    parts::table("suppliers", "Suppliers", columns, rows.collect())
}

#[derive(Serialize)]
struct SupplierPage {
    breadcrumbs: Breadcrumbs,
    name: String,
    says: String,
    /// Where patients depend on it.
    shares: Vec<Share>,
    picture: Option<Picture>,
    facts: Facts,
    organisations: Option<Table>,
    systems: Option<Table>,
    depends_on: Option<Table>,
    acts: Vec<Link>,
}

/// The page of a supplier.
pub(super) async fn page(
    State(map): State<Map>,
    Path(code): Path<String>,
    desk: Desk,
) -> Result<Response, Failure> {
    let code: MapCode = code.parse().map_err(|_| Failure::not_found())?;
    let scope = desk.scope(Permission::ViewMap)?;
    let graph = map.graph();
    let one = graph.supplier(&code).ok_or_else(Failure::not_found)?;
    let Dependents { systems, support } = graph.dependents_of(&code, &scope);
    let places = places(&systems, &graph, &scope);
    let what = picture::in_words(&support);
    let at = count(number(places.len() as u64), "organisation", None);
    let thing = Thing::Supplier(code);
    let changing = desk.caller.scope(Permission::ManageMap);
    let may = changing.is_sector().then_some(May { scope: &changing });
    let need = picture::verb(&support, "need");
    let title = format!("{} {need} {}", what.as_deref().unwrap_or("No services"), one.name);
    let bars = places.iter().filter(|one| one.patients > 0).take(BARS);
    let bars = bars.map(|one| (one.name.clone(), one.href.clone(), one.patients));
    let body = SupplierPage {
        breadcrumbs: Breadcrumbs {
            items: vec![Link::new("Map", "/map"), Link::new("Suppliers", "/map/suppliers")],
        },
        name: one.name.clone(),
        says: match &what {
            Some(what) => {
                format!("If it fails, {what} {} it, at {at}.", picture::verb(&support, "feel"))
            }
            None => "Nothing of this view is known to rest on it.".to_owned(),
        },
        shares: drawn(bars.collect()),
        picture: picture::resting_on("resting", &title, &support),
        facts: Facts {
            is_compact: true,
            rows: vec![
                fact("Code", Shown::Exact { text: one.code.to_string() }),
                fact("Kind", Shown::text(one.kind.clone())),
                fact("Systems", Shown::Number { number: number(systems.len() as u64) }),
                fact("Services", Shown::Number { number: support.services.into() }),
                fact("Patients a day", Shown::text(patients(support.patients_per_day))),
            ],
        },
        organisations: organisations_table(&places),
        systems: systems_table(&systems, &graph),
        depends_on: parts::depends_on(std::slice::from_ref(&thing), &graph, &scope, may.as_ref()),
        acts: may.map(|_| acts(&thing)).unwrap_or_default(),
    };
    let title = one.name.clone();
    Ok(desk.page("map/supplier.html", &title, "/map", &[], body))
}

fn patients(number: u64) -> String {
    format!("about {}", grouped(self::number(number)))
}

/// An organisation with what of it rests on the supplier.
struct At {
    name: String,
    href: String,
    systems: u64,
    patients: u64,
}

/// Organisations whose systems need it; the patients of each are those of the system on which
/// most depend, because services that rest on two systems would count twice.
fn places(systems: &[MapCode], graph: &Graph, scope: &Scope) -> Vec<At> {
    let mut places: BTreeMap<&OdsCode, At> = BTreeMap::new();
    for system in systems.iter().filter_map(|code| graph.system(code)) {
        let of = &system.organisation;
        let place = places.entry(of).or_insert_with(|| At {
            name: graph.organisation(of).map_or_else(|| of.to_string(), |one| one.name.clone()),
            href: words::organisation_href(of),
            systems: 0,
            patients: 0,
        });
        place.systems += 1;
        let bears = graph.system_supports(&system.code, scope).patients_per_day;
        place.patients = place.patients.max(bears);
    }
    let mut places: Vec<At> = places.into_values().collect();
    places.sort_by(|a, b| b.patients.cmp(&a.patients).then_with(|| a.name.cmp(&b.name)));
    places
}

/// Rows of a table that has no pages; the rest is counted.
const ROWS: usize = 100;

fn organisations_table(places: &[At]) -> Option<Table> {
    let mut rows: Vec<_> = places
        .iter()
        .take(ROWS)
        .map(|one| {
            row(
                &one.href,
                vec![
                    Cell::Link { text: one.name.clone(), href: one.href.clone() },
                    Cell::Number { number: number(one.systems) },
                    Cell::Number { number: number(one.patients) },
                ],
            )
        })
        .collect();
    rows.extend(rest(places.len(), 3));
    let columns = vec![
        column("Organisation", false),
        column("Systems", true),
        column("Patients a day that depend on one of them", true),
    ];
    parts::table("organisations", "Organisations", columns, rows)
}

fn rest(all: usize, columns: usize) -> Option<crate::pieces::Row> {
    let more = all.checked_sub(ROWS).filter(|more| *more > 0)?;
    let mut cells = vec![Cell::text(format!("{} more", grouped(number(more as u64))))];
    cells.resize(columns, Cell::Unknown);
    Some(row("more", cells))
}

fn systems_table(systems: &[MapCode], graph: &Graph) -> Option<Table> {
    let known = systems.iter().filter_map(|code| graph.system(code));
    let mut rows: Vec<_> = known
        .take(ROWS)
        .map(|system| {
            let href = words::href(&Thing::System(system.code.clone()));
            let owner = graph.organisation(&system.organisation);
            row(
                &system.code,
                vec![
                    Cell::Link { text: system.name.clone(), href },
                    owner.map_or(Cell::Unknown, |one| Cell::text(one.name.clone())),
                    Cell::text(system.kind.clone()),
                    Cell::text(words::criticality(system.criticality)),
                ],
            )
        })
        .collect();
    rows.extend(rest(systems.len(), 4));
    let columns = ["System", "Organisation", "Kind", "How much care depends on it"];
    let columns = columns.map(|text| column(text, false)).into();
    parts::table("systems", "Systems", columns, rows)
}

fn acts(thing: &Thing) -> Vec<Link> {
    let from = crate::link::encoded(&thing.to_string());
    vec![
        Link::new("Change", format!("{}/edit", words::href(thing))),
        Link::new("Add a dependency", format!("/map/dependencies?from={from}")),
    ]
}
