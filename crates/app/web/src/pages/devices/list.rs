//! All devices in one list.

use access::Permission;
use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use sector::{Device, DeviceFilter, DeviceSort, DeviceState, Graph, Map, Page, PageRequest, Total};
use serde::Serialize;
use terms::Scope;

use super::query::{NAMES, Query, Standing, Wrong};
use crate::{
    failure::Failure,
    page::Desk,
    pages::{
        fields::sentence,
        map::{
            address::{Address, number},
            failed::failed,
        },
        rules::chips,
        today::picture,
    },
    pieces::{
        Cell, Chip, Choice, Column, Filters, Hidden, Link, Pagination, Panel, Row, Search, Select,
        Shares, State as PanelState, Table,
        words::{count, grouped},
    },
};

/// The page.
#[derive(Serialize)]
struct ListPage {
    says: String,
    picture: Option<Shares>,
    filters: Filters,
    panel: Option<Panel>,
    table: Option<Table>,
    pagination: Option<Pagination>,
    exports: Vec<Link>,
}

/// `GET /devices`.
pub(super) async fn list(
    State(map): State<Map>,
    RawQuery(raw): RawQuery,
    desk: Desk,
) -> Result<Response, Failure> {
    let (scope, graph) = (desk.scope(Permission::ViewDevices)?, map.graph());
    let address = Address::read("/devices", raw.as_deref(), &NAMES);
    let overview = map.overview(&scope, desk.now()).await.map_err(failed)?;
    let first = (says(&map, &scope, &desk).await?, picture::devices(&overview));
    let query = match Query::read(|name| address.get(name), &graph, &scope) {
        Ok(query) => query,
        Err(wrong) => {
            let body = page(first, &address, &graph, Listed::none(refused(&wrong)));
            let status = StatusCode::BAD_REQUEST;
            return Ok(desk.page_with(status, "devices/list.html", "Devices", "/more", &[], body));
        }
    };
    let request = PageRequest { descending: query.is_descending, ..address.request() };
    let found = map.list_devices(&query.filter, query.sort, &request, &scope, desk.now()).await;
    let found = found.map_err(failed)?;
    let listed = match found.rows.is_empty() {
        true => Listed::none(empty(&address)),
        false => Listed {
            panel: None,
            table: Some(table(&found, &address, &query, &desk, &graph)),
            pagination: address.pages(&found, "device", "devices"),
        },
    };
    let body = page(first, &address, &graph, listed);
    Ok(desk.page("devices/list.html", "Devices", "/more", &["filters"], body))
}

struct Listed {
    panel: Option<Panel>,
    table: Option<Table>,
    pagination: Option<Pagination>,
}

impl Listed {
    fn none(panel: Panel) -> Self {
        Self { panel: Some(panel), table: None, pagination: None }
    }
}

fn page(
    (says, picture): (String, Option<Shares>),
    address: &Address,
    graph: &Graph,
    listed: Listed,
) -> ListPage {
    ListPage {
        says,
        picture,
        filters: filters(address, graph),
        panel: listed.panel,
        table: listed.table,
        pagination: listed.pagination,
        exports: vec![
            Link::new("CSV", address.elsewhere("/devices/export.csv")),
            Link::new("JSON lines", address.elsewhere("/devices/export.jsonl")),
        ],
    }
}

/// "1,240 devices: 12 fell silent, 3 are expected and were never seen."
async fn says(map: &Map, scope: &Scope, desk: &Desk) -> Result<String, Failure> {
    let request = PageRequest { rows: 1, ..PageRequest::default() };
    let total = async |state| {
        let filter = DeviceFilter { state, ..DeviceFilter::default() };
        let page = map.list_devices(&filter, DeviceSort::Name, &request, scope, desk.now()).await;
        page.map(|page| page.total).map_err(failed)
    };
    let all = total(None).await?;
    let (silent, never) =
        (total(Some(DeviceState::Silent)).await?, total(Some(DeviceState::NeverSeen)).await?);
    let devices = match all {
        Total::Exactly(0) => return Ok("No device is known yet.".to_owned()),
        Total::Exactly(all) => count(number(all), "device", None),
        Total::AtLeast(all) => format!("More than {} devices", grouped(number(all))),
    };
    Ok(format!(
        "{devices}: {} fell silent, {} expected and never seen.",
        told(silent),
        match never {
            Total::Exactly(1) => "1 is".to_owned(),
            never => format!("{} are", told(never)),
        }
    ))
}

fn told(total: Total) -> String {
    match total {
        Total::Exactly(0) => "none".to_owned(),
        Total::Exactly(total) => grouped(number(total)),
        Total::AtLeast(total) => format!("more than {}", grouped(number(total))),
    }
}

/// What the system of a device is called; its code where the map does not know it.
pub(super) fn system_name(device: &Device, graph: &Graph) -> String {
    let Some(code) = &device.system else { return String::new() };
    graph.system(code).map_or_else(|| code.to_string(), |system| system.name.clone())
}

/// What the organisation of a device is called.
pub(super) fn organisation_name(device: &Device, graph: &Graph) -> String {
    let organisation = graph.organisation(&device.organisation);
    organisation.map_or_else(|| device.organisation.to_string(), |one| one.name.clone())
}

fn table(
    page: &Page<Device>,
    address: &Address,
    query: &Query,
    desk: &Desk,
    graph: &Graph,
) -> Table {
    let current = if query.sort == DeviceSort::Name { "name" } else { "last_seen" };
    let column = |text: &str, word: Option<&str>| Column {
        text: text.to_owned(),
        is_numeric: false,
        sort: word.map(|word| address.sorted_by(word, current, query.is_descending)),
    };
    let row = |device: &Device| {
        let (text, colour) = Standing::of(device, graph, desk.now()).tag();
        let cells = vec![
            Cell::Lines {
                text: device.name.clone(),
                below: device.class.clone().unwrap_or_default(),
                href: Some(format!("/devices/{}", device.id)),
            },
            Cell::text(organisation_name(device, graph)),
            Cell::text(system_name(device, graph)),
            match device.last_seen {
                Some(at) => Cell::Time { at: desk.moment(at), is_short: true },
                None => Cell::text("Never"),
            },
            Cell::Tag { text: text.to_owned(), colour },
            Cell::text(if device.expected { "Yes" } else { "No" }),
        ];
        Row { id: device.id.to_string(), cells, is_new: false }
    };
    Table {
        id: "devices".to_owned(),
        caption: "Devices".to_owned(),
        is_caption_hidden: true,
        is_compact: true,
        columns: vec![
            column("Device", Some("name")),
            column("Organisation", None),
            column("Part of", None),
            column("Last seen", Some("last_seen")),
            column("State", None),
            column("Expected", None),
        ],
        rows: page.rows.iter().map(row).collect(),
        selection: None,
    }
}

fn filters(address: &Address, graph: &Graph) -> Filters {
    let chosen = address.get("state");
    let choices = [
        ("", "Any"),
        ("silent", "Silent"),
        ("never_seen", "Expected, never seen"),
        ("unmapped", "Part of no known system"),
    ];
    let choices = choices.map(|(value, text)| Choice::new(value, text, chosen)).into();
    let selects = vec![Select { name: "state".to_owned(), label: "State".to_owned(), choices }];
    let mut chips = chips(address, &selects);
    chips.extend(places(address, graph));
    let hidden = ["sort", "order", "organisation", "system"].into_iter();
    let hidden = hidden.filter(|name| !address.get(name).is_empty());
    Filters {
        action: "/devices".to_owned(),
        title: "Filter devices".to_owned(),
        search: Some(Search {
            name: "q".to_owned(),
            label: "Name begins with".to_owned(),
            value: address.get("q").to_owned(),
        }),
        hidden: hidden
            .map(|name| Hidden { name: name.to_owned(), value: address.get(name).to_owned() })
            .collect(),
        chips,
        selects,
        clear: "/devices".to_owned(),
    }
}

/// Organisation and system that are set, each with the list without it.
fn places(address: &Address, graph: &Graph) -> Vec<Chip> {
    let chip = |name: &str, label: &str, called: Option<String>| {
        let value = address.get(name);
        let text = format!("{label}: {}", called.unwrap_or_else(|| value.to_owned()));
        (!value.is_empty()).then(|| Chip { text, remove: address.with(name, "").href() })
    };
    let organisation = address.get("organisation").parse().ok();
    let organisation = organisation.and_then(|code| graph.organisation(&code));
    let system = address.get("system").parse().ok().and_then(|code| graph.system(&code));
    let chips = [
        chip("organisation", "Organisation", organisation.map(|one| one.name.clone())),
        chip("system", "Part of", system.map(|one| one.name.clone())),
    ];
    chips.into_iter().flatten().collect()
}

fn empty(address: &Address) -> Panel {
    let (title, text, next) = match address.is_narrowed() {
        true => (
            "No devices match these filters",
            "Take a filter away, or look at all devices.",
            Link::new("Show all devices", "/devices"),
        ),
        false => (
            "No device is known yet",
            "Devices make themselves known when they first send. Those that should send can be \
             imported beforehand.",
            Link::new("Set up a source", "/sources/new"),
        ),
    };
    panel(PanelState::Empty, title, text, next)
}

fn refused(wrong: &Wrong) -> Panel {
    let title = format!("The filter “{}” cannot be used", wrong.parameter);
    let next = Link::new("Show all devices", "/devices");
    panel(PanelState::Failed, &title, &sentence(&wrong.why), next)
}

fn panel(state: PanelState, title: &str, text: &str, next: Link) -> Panel {
    Panel {
        state,
        title: title.to_owned(),
        text: text.to_owned(),
        next: Some(next),
        progress: None,
    }
}
