//! The list of organisations: who they are, how they stand, what is heard of them.

use std::collections::{BTreeSet, HashMap};

use access::Permission;
use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use detect::alert::Alerts;
use sector::{
    Graph, Map, Organisation, OrganisationFilter, OrganisationSort, OrganisationType, Page, Tile,
};
use serde::Serialize;
use terms::{OdsCode, Scope};

use super::{
    address::{Address, number},
    failed::failed,
    standing::{Standings, standings},
    words,
};
use crate::{
    failure::Failure,
    page::Desk,
    pages::today::{is_drawn, picture},
    pieces::{
        Cell, Chip, Choice, Column, Filters, Hidden, Link, Pagination, Panel, Row, Search, Select,
        Shares, State as PanelState, Table, words::count,
    },
};

/// Names of the list's address.
pub(crate) const FILTERS: &[&str] = &["q", "region", "icb", "type", "closed", "sort", "order"];

#[derive(Serialize)]
struct ListPage {
    says: String,
    picture: Option<Shares>,
    filters: Filters,
    panel: Option<Panel>,
    table: Option<Table>,
    pagination: Option<Pagination>,
    exports: Vec<Link>,
    /// Where one can be added, for those who may.
    add: Option<Link>,
}

/// What an address asks of the store. Errors: 400 with which parameter is wrong.
pub(crate) fn filter(address: &Address) -> Result<OrganisationFilter, Failure> {
    let wrong =
        |name: &str, why: String| Failure::new(StatusCode::BAD_REQUEST, format!("{name}: {why}"));
    let code = |name: &str| match address.get(name) {
        "" => Ok(None),
        text => match text.parse::<OdsCode>() {
            Ok(code) => Ok(Some(code)),
            Err(error) => Err(wrong(name, error.to_string())),
        },
    };
    let kinds = match address.get("type") {
        "" => Vec::new(),
        "trust" => OrganisationType::ALL.iter().copied().filter(|one| one.is_trust()).collect(),
        text => vec![
            text.parse().map_err(|error: sector::Unreadable| wrong("type", error.to_string()))?,
        ],
    };
    Ok(OrganisationFilter {
        kinds,
        region: code("region")?,
        icb: code("icb")?,
        parent: None,
        search: Some(address.get("q").to_owned()).filter(|text| !text.is_empty()),
        with_closed: address.get("closed") == "yes",
    })
}

/// The order an address asks for, with its word. Errors: 400.
pub(crate) fn sort(address: &Address) -> Result<(OrganisationSort, &'static str), Failure> {
    match address.get("sort") {
        "" | "name" => Ok((OrganisationSort::Name, "name")),
        "code" => Ok((OrganisationSort::Code, "code")),
        "patients" => Ok((OrganisationSort::Patients, "patients")),
        other => {
            let title = format!("sort: {other:?} is no order: write name, code or patients");
            Err(Failure::new(StatusCode::BAD_REQUEST, title))
        }
    }
}

/// The page.
pub(super) async fn list(
    State(alerts): State<Alerts>,
    State(map): State<Map>,
    RawQuery(raw): RawQuery,
    desk: Desk,
) -> Result<Response, Failure> {
    let scope = desk.scope(Permission::ViewMap)?;
    let address = Address::read("/map", raw.as_deref(), FILTERS);
    let (filter, (order, word)) = (filter(&address)?, sort(&address)?);
    let (now, request) = (desk.now(), address.request());
    let page = map.organisations(&filter, order, &request, &scope, now).await.map_err(failed)?;
    let standings = match desk.caller.may_somewhere(Permission::ViewAlerts) {
        true => Some(standings(&alerts, &desk.scope(Permission::ViewAlerts)?).await?),
        false => None,
    };
    let overview = map.overview(&scope, now).await.map_err(failed)?;
    let picture = picture::hearing(&overview, &map.graph(), now);
    let covered: HashMap<OdsCode, Tile> =
        overview.into_iter().map(|tile| (tile.organisation.clone(), tile)).collect();
    let graph = map.graph();
    let table =
        table(&page, &address, (word, request.descending), standings.as_ref(), &covered, &graph);
    let body = ListPage {
        says: says(&graph, &scope, standings.as_ref()),
        picture,
        filters: filters(&address, &graph, &scope),
        panel: page.rows.is_empty().then(|| empty(&address, &desk)),
        table: (!page.rows.is_empty()).then_some(table),
        pagination: address.pages(&page, "organisation", "organisations"),
        exports: vec![
            Link::new("CSV", address.elsewhere("/map/export/organisations.csv")),
            Link::new("JSON lines", address.elsewhere("/map/export/organisations.jsonl")),
        ],
        add: desk
            .caller
            .may_everywhere(Permission::ManageMap)
            .then(|| Link::new("Add an organisation", "/map/organisations/new")),
    };
    Ok(desk.page("map/list.html", "Map", "/map", &["filters"], body))
}

/// "202 organisations run 1,400 services on 3,100 systems."
fn says(graph: &Graph, scope: &Scope, standings: Option<&Standings>) -> String {
    let organisations = graph.organisations_in(scope);
    let codes: BTreeSet<&OdsCode> = organisations.iter().map(|one| &one.code).collect();
    let bodies = organisations.iter().filter(|one| is_drawn(one.kind) && one.closed_at.is_none());
    let services = graph.services().iter().filter(|one| one.closed_at.is_none());
    let systems = graph.systems().iter().filter(|one| one.closed_at.is_none());
    let services = services.filter(|one| codes.contains(&one.organisation)).count();
    let systems = systems.filter(|one| codes.contains(&one.organisation)).count();
    let counted = |found: usize, one: &str| count(number(found as u64), one, None);
    let open = standings.map_or_else(String::new, |standings| {
        let open = number(standings.open());
        let are = if open == 1 { "is" } else { "are" };
        format!(" {} {are} open.", count(open, "alert", None))
    });
    format!(
        "{} with {} and {}.{open}",
        counted(bodies.count(), "organisation"),
        counted(services, "service"),
        counted(systems, "system")
    )
}

fn table(
    page: &Page<Organisation>,
    address: &Address,
    (word, is_descending): (&str, bool),
    standings: Option<&Standings>,
    covered: &HashMap<OdsCode, Tile>,
    graph: &Graph,
) -> Table {
    let plain = |text: &str, is_numeric| Column { text: text.to_owned(), is_numeric, sort: None };
    let sorted = |text: &str, name: &str, is_numeric| Column {
        sort: Some(address.sorted_by(name, word, is_descending)),
        ..plain(text, is_numeric)
    };
    let columns = vec![
        sorted("Name", "name", false),
        sorted("Code", "code", false),
        plain("Type", false),
        plain("Region", false),
        plain("What its alerts mean", false),
        plain("Open alerts", true),
        plain("Devices seen", true),
        plain("Devices expected", true),
        sorted("Patients", "patients", true),
    ];
    let rows = page.rows.iter().map(|one| {
        let tile = covered.get(&one.code);
        Row { id: one.code.to_string(), cells: cells(one, tile, standings, graph), is_new: false }
    });
    Table {
        id: "organisations".to_owned(),
        caption: "Organisations".to_owned(),
        is_caption_hidden: true,
        is_compact: true,
        columns,
        rows: rows.collect(),
        selection: None,
    }
}

fn cells(
    one: &Organisation,
    tile: Option<&Tile>,
    standings: Option<&Standings>,
    graph: &Graph,
) -> Vec<Cell> {
    let standing = standings.map(|standings| standings.of(&one.code));
    let figure = |number: u64| Cell::Number { number: self::number(number) };
    let region = one.region.as_ref().and_then(|code| graph.organisation(code));
    let harm = match standing {
        Some(standing) if standing.open > 0 => Cell::Harm { harm: standing.worst },
        _ => Cell::Unknown,
    };
    let name = Cell::Link { text: one.name.clone(), href: words::organisation_href(&one.code) };
    vec![
        name,
        Cell::text(one.code.as_str()),
        Cell::text(match one.closed_at {
            Some(_) => format!("{}, closed", words::one(one.kind)),
            None => words::one(one.kind).to_owned(),
        }),
        region.map_or(Cell::Unknown, |region| Cell::text(region.name.clone())),
        harm,
        standing.map_or(Cell::Unknown, |standing| figure(standing.open)),
        tile.map_or(Cell::Unknown, |tile| figure(tile.devices_seen)),
        tile.map_or(Cell::Unknown, |tile| figure(tile.devices_expected)),
        one.patients.map_or(Cell::Unknown, |patients| figure(patients.into())),
    ]
}

fn empty(address: &Address, desk: &Desk) -> Panel {
    let may_import = desk.caller.may_somewhere(Permission::ManageMap);
    let (title, text, next) = match (address.is_narrowed(), may_import) {
        (true, _) => (
            "No organisation matches",
            "Take a filter away, or search for a part of the name or code.",
            Some(Link::new("Show all organisations", "/map")),
        ),
        (false, true) => (
            "No organisation is on the map yet",
            "Import the official lists, or a file of your own.",
            Some(Link::new("Import files", "/map/import")),
        ),
        (false, false) => (
            "No organisation is on the map yet",
            "Ask an administrator to import the official lists.",
            None,
        ),
    };
    Panel {
        state: PanelState::Empty,
        title: title.to_owned(),
        text: text.to_owned(),
        next,
        progress: None,
    }
}

/// Areas of a type that organisations of a scope lie in, as code and name, by name.
fn areas(graph: &Graph, scope: &Scope, is_region: bool) -> Vec<(String, String)> {
    let organisations = graph.organisations_in(scope);
    let area = |one: &&Organisation| match is_region {
        true => one.region.clone(),
        false => one.icb.clone(),
    };
    let codes: BTreeSet<OdsCode> = organisations.iter().filter_map(area).collect();
    let name = |code: &OdsCode| {
        graph.organisation(code).map_or_else(|| code.to_string(), |one| one.name.clone())
    };
    let mut areas: Vec<(String, String)> =
        codes.iter().map(|code| (code.to_string(), name(code))).collect();
    areas.sort_by(|a, b| a.1.cmp(&b.1));
    areas
}

fn filters(address: &Address, graph: &Graph, scope: &Scope) -> Filters {
    let regions = areas(graph, scope, true);
    let icbs = areas(graph, scope, false);
    let mut types: Vec<(String, String)> = vec![("trust".into(), "All trusts".into())];
    types.extend(
        OrganisationType::ALL.iter().map(|one| (one.to_string(), words::one(*one).to_owned())),
    );
    let closed = vec![("yes".to_owned(), "Open and closed".to_owned())];
    let named = [
        ("region", "Region", "Any", &regions),
        ("icb", "Integrated care board", "Any", &icbs),
        ("type", "Type", "Any", &types),
        ("closed", "State", "Open", &closed),
    ];
    let select = |(name, label, any, known): &(&str, &str, &str, &Vec<(String, String)>)| {
        let chosen = address.get(name);
        let any = Choice::new("", *any, chosen);
        let choices = known.iter().map(|(value, text)| Choice::new(value, text, chosen));
        Select {
            name: (*name).to_owned(),
            label: (*label).to_owned(),
            choices: std::iter::once(any).chain(choices).collect(),
        }
    };
    let mut chips = Vec::new();
    if !address.get("q").is_empty() {
        let text = format!("Words: {}", address.get("q"));
        chips.push(Chip { text, remove: address.with("q", "").href() });
    }
    for (name, label, _, known) in &named {
        let chosen = address.get(name);
        let text = known.iter().find(|(value, _)| value == chosen).map(|(_, text)| text.as_str());
        if !chosen.is_empty() {
            let text = format!("{label}: {}", text.unwrap_or(chosen));
            chips.push(Chip { text, remove: address.with(name, "").href() });
        }
    }
    let hidden = ["sort", "order"].map(|name| (name, address.get(name)));
    let hidden = hidden.into_iter().filter(|(_, value)| !value.is_empty());
    Filters {
        action: "/map".to_owned(),
        title: "Filter organisations".to_owned(),
        search: Some(Search {
            name: "q".to_owned(),
            label: "Name or code".to_owned(),
            value: address.get("q").to_owned(),
        }),
        selects: named.iter().map(select).collect(),
        hidden: hidden
            .map(|(name, value)| Hidden { name: name.to_owned(), value: value.to_owned() })
            .collect(),
        chips,
        clear: "/map".to_owned(),
    }
}
