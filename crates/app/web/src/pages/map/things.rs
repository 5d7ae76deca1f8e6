//! The lists of services and of systems: of everybody in the view, or of one organisation.

use access::Permission;
use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use sector::{
    Graph, Map, Page, Service, ServiceFilter, ServiceSort, System, SystemFilter, SystemSort, Thing,
};
use serde::Serialize;
use terms::{OdsCode, Scope};

use super::{
    address::{Address, number},
    failed::failed,
    parts::{column, row},
    words,
};
use crate::{
    failure::Failure,
    page::Desk,
    pieces::{
        Cell, Chip, Column, Filters, Hidden, Link, Pagination, Panel, Row, Search,
        State as PanelState, Table,
    },
};

/// Names of the lists' addresses.
pub(super) const FILTERS: &[&str] = &["q", "organisation", "sort", "order"];

#[derive(Serialize)]
struct ThingsPage {
    title: &'static str,
    current: &'static str,
    filters: Filters,
    panel: Option<Panel>,
    table: Option<Table>,
    pagination: Option<Pagination>,
    exports: Vec<Link>,
}

fn wrong(title: String) -> Failure {
    Failure::new(StatusCode::BAD_REQUEST, title)
}

/// Whose things an address asks for. Errors: 400.
pub(super) fn organisation(address: &Address) -> Result<Option<OdsCode>, Failure> {
    match address.get("organisation") {
        "" => Ok(None),
        text => match text.parse() {
            Ok(code) => Ok(Some(code)),
            Err(error) => Err(wrong(format!("organisation: {error}"))),
        },
    }
}

/// What name or code an address asks for.
pub(super) fn search(address: &Address) -> Option<String> {
    Some(address.get("q").to_owned()).filter(|text| !text.is_empty())
}

/// Services.
pub(super) async fn services(
    State(map): State<Map>,
    RawQuery(raw): RawQuery,
    desk: Desk,
) -> Result<Response, Failure> {
    let scope = desk.scope(Permission::ViewMap)?;
    let address = Address::read("/map/services", raw.as_deref(), FILTERS);
    let filter = ServiceFilter {
        organisation: organisation(&address)?,
        search: search(&address),
        ..ServiceFilter::default()
    };
    let (order, word) = match address.get("sort") {
        "" | "name" => (ServiceSort::Name, "name"),
        "criticality" => (ServiceSort::Criticality, "criticality"),
        "patients" => (ServiceSort::Patients, "patients"),
        _ => return Err(wrong("sort: write name, criticality or patients".to_owned())),
    };
    let request = address.request();
    let page = map.services(&filter, order, &request, &scope).await.map_err(failed)?;
    let graph = map.graph();
    let sorted = sorted(&address, word, request.descending);
    let columns = vec![
        sorted("Service", "name", false),
        column("Organisation", false),
        column("Kind", false),
        sorted("Patients a day", "patients", true),
        sorted("How much care depends on it", "criticality", false),
        column("Open", false),
    ];
    let rows = page.rows.iter().map(|one| service(one, &graph)).collect();
    let list = List { title: "Services", one: "service", many: "services", columns, rows };
    Ok(show(desk, &address, list, &page, (&graph, &scope)))
}

/// Systems.
pub(super) async fn systems(
    State(map): State<Map>,
    RawQuery(raw): RawQuery,
    desk: Desk,
) -> Result<Response, Failure> {
    let scope = desk.scope(Permission::ViewMap)?;
    let address = Address::read("/map/systems", raw.as_deref(), FILTERS);
    let filter = SystemFilter {
        organisation: organisation(&address)?,
        search: search(&address),
        ..SystemFilter::default()
    };
    let (order, word) = match address.get("sort") {
        "" | "name" => (SystemSort::Name, "name"),
        "criticality" => (SystemSort::Criticality, "criticality"),
        _ => return Err(wrong("sort: write name or criticality".to_owned())),
    };
    let request = address.request();
    let page = map.systems(&filter, order, &request, &scope).await.map_err(failed)?;
    let graph = map.graph();
    let sorted = sorted(&address, word, request.descending);
    let columns = vec![
        sorted("System", "name", false),
        column("Organisation", false),
        column("Kind", false),
        column("Supplier", false),
        column("Services that rest on it", true),
        column("Their patients a day", true),
        sorted("How much care depends on it", "criticality", false),
    ];
    let rows = page.rows.iter().map(|one| system(one, &graph, &scope)).collect();
    let list = List { title: "Systems", one: "system", many: "systems", columns, rows };
    Ok(show(desk, &address, list, &page, (&graph, &scope)))
}

fn sorted<'a>(
    address: &'a Address,
    word: &'a str,
    is_descending: bool,
) -> impl Fn(&str, &str, bool) -> Column + 'a {
    move |text, name, is_numeric| Column {
        sort: Some(address.sorted_by(name, word, is_descending)),
        ..column(text, is_numeric)
    }
}

fn owner(code: &OdsCode, graph: &Graph) -> Cell {
    let name = graph.organisation(code).map_or_else(|| code.to_string(), |one| one.name.clone());
    Cell::Link { text: name, href: words::organisation_href(code) }
}

fn service(one: &Service, graph: &Graph) -> Row {
    let href = words::href(&Thing::Service(one.code.clone()));
    let cells = vec![
        Cell::Link { text: one.name.clone(), href },
        owner(&one.organisation, graph),
        Cell::text(one.kind.clone()),
        Cell::Number { number: one.patients_per_day.into() },
        Cell::text(words::criticality(one.criticality)),
        Cell::text(one.hours.clone()),
    ];
    row(&one.code, cells)
}

fn system(one: &System, graph: &Graph, scope: &Scope) -> Row {
    let href = words::href(&Thing::System(one.code.clone()));
    let support = graph.system_supports(&one.code, scope);
    let supplier = one.supplier.as_ref().and_then(|code| graph.supplier(code));
    let supplier = supplier.map_or(Cell::Unknown, |supplier| Cell::Link {
        text: supplier.name.clone(),
        href: words::href(&Thing::Supplier(supplier.code.clone())),
    });
    let cells = vec![
        Cell::Link { text: one.name.clone(), href },
        owner(&one.organisation, graph),
        Cell::text(one.kind.clone()),
        supplier,
        Cell::Number { number: support.services.into() },
        Cell::Number { number: number(support.patients_per_day) },
        Cell::text(words::criticality(one.criticality)),
    ];
    row(&one.code, cells)
}

/// What differs between the lists.
struct List {
    title: &'static str,
    one: &'static str,
    many: &'static str,
    columns: Vec<Column>,
    rows: Vec<Row>,
}

fn show<T>(
    desk: Desk,
    address: &Address,
    list: List,
    page: &Page<T>,
    seen: (&Graph, &Scope),
) -> Response {
    let List { title, one, many, columns, rows } = list;
    let current = if many == "services" { "/map/services" } else { "/map/systems" };
    let panel = rows.is_empty().then(|| empty(address, many, current));
    let table = (!rows.is_empty()).then(|| Table {
        id: many.to_owned(),
        caption: title.to_owned(),
        is_caption_hidden: true,
        is_compact: true,
        columns,
        rows,
        selection: None,
    });
    let export = |ending: &str| address.elsewhere(&format!("/map/export/{many}.{ending}"));
    let body = ThingsPage {
        title,
        current,
        filters: filters(address, many, current, seen),
        panel,
        table,
        pagination: address.pages(page, one, many),
        exports: vec![Link::new("CSV", export("csv")), Link::new("JSON lines", export("jsonl"))],
    };
    desk.page("map/things.html", title, "/map", &["filters"], body)
}

fn empty(address: &Address, many: &str, current: &str) -> Panel {
    let (title, text, next) = match address.is_narrowed() {
        true => (
            format!("No {many} match"),
            "Take a filter away, or search for a part of the name or code.",
            Link::new(format!("Show all {many}"), current),
        ),
        false => (
            format!("No {many} are known yet"),
            "What an attack would stop cannot be told without them. Import a file of them.",
            Link::new("See which columns a file needs", "/map/import"),
        ),
    };
    let text = text.to_owned();
    Panel { state: PanelState::Empty, title, text, next: Some(next), progress: None }
}

fn filters(
    address: &Address,
    many: &str,
    current: &str,
    (graph, scope): (&Graph, &Scope),
) -> Filters {
    let mut chips = Vec::new();
    let words = address.get("q");
    if !words.is_empty() {
        let remove = address.with("q", "").href();
        chips.push(Chip { text: format!("Words: {words}"), remove });
    }
    let code = address.get("organisation");
    if !code.is_empty() {
        // A name is told only to those who see whose it is.
        let known = code.parse().ok().filter(|code| graph.contains(scope, code));
        let known = known.and_then(|code| graph.organisation(&code));
        let name = known.map_or(code, |one| one.name.as_str());
        let remove = address.with("organisation", "").href();
        chips.push(Chip { text: format!("Organisation: {name}"), remove });
    }
    let hidden = ["organisation", "sort", "order"].map(|name| (name, address.get(name)));
    let hidden = hidden.into_iter().filter(|(_, value)| !value.is_empty());
    Filters {
        action: current.to_owned(),
        title: format!("Filter {many}"),
        search: Some(Search {
            name: "q".to_owned(),
            label: "Name or code".to_owned(),
            value: words.to_owned(),
        }),
        selects: Vec::new(),
        hidden: hidden
            .map(|(name, value)| Hidden { name: name.to_owned(), value: value.to_owned() })
            .collect(),
        chips,
        clear: current.to_owned(),
    }
}
