//! What the pages of an organisation, a system, a service and a supplier have in common: tables of
//! dependencies, a summary of devices, the newest alerts.

use access::Permission;
use detect::alert::{Alerts, Filter, Sort as Order, State};
use sector::{DeviceFilter, DeviceSort, DeviceState, Graph, Map, PageRequest, Thing, Total};
use terms::{OdsCode, Part, Scope};

use super::{address::number, failed::failed, picture::is_shown, said::called, words};
use crate::{
    failure::Failure,
    page::Desk,
    pages::alerts::{self, harm, rows},
    pieces::{Cell, Column, Fact, Link, Row, Shown, Table, words::grouped},
};

/// A column that is not sorted by.
pub(super) fn column(text: &str, is_numeric: bool) -> Column {
    Column { text: text.to_owned(), is_numeric, sort: None }
}

/// A table that is read.
pub(super) fn table(
    id: &str,
    caption: &str,
    columns: Vec<Column>,
    rows: Vec<Row>,
) -> Option<Table> {
    (!rows.is_empty()).then(|| Table {
        id: id.to_owned(),
        caption: caption.to_owned(),
        is_caption_hidden: true,
        is_compact: true,
        columns,
        rows,
        selection: None,
    })
}

/// A row.
pub(super) fn row(id: impl std::fmt::Display, cells: Vec<Cell>) -> Row {
    Row { id: id.to_string(), cells, is_new: false }
}

/// A fact.
pub(super) fn fact(key: &str, value: Shown) -> Fact {
    Fact { key: key.to_owned(), value, change: None }
}

/// A figure.
pub(super) fn figure(figure: u64) -> Shown {
    Shown::Number { number: number(figure) }
}

/// An organisation as a fact; a link for those who see it.
pub(super) fn organisation(code: &OdsCode, graph: &Graph, scope: &Scope) -> Shown {
    match graph.organisation(code) {
        Some(one) if graph.contains(scope, code) => {
            Shown::Link { text: one.name.clone(), href: words::organisation_href(code) }
        }
        Some(one) => Shown::text(one.name.clone()),
        None => Shown::text(code.as_str()),
    }
}

/// What somebody of a scope is told of a thing: its name with a link, or that it is not theirs.
pub(super) fn cell(thing: &Thing, graph: &Graph, scope: &Scope) -> Cell {
    match is_shown(thing, graph, scope) {
        true => Cell::Link { text: called(thing, graph), href: words::href(thing) },
        false => Cell::text("Another organisation’s"),
    }
}

/// What may be changed of dependencies, for those who may.
pub(super) struct May<'m> {
    /// Where.
    pub(super) scope: &'m Scope,
}

/// Dependencies of these things on others, with where each can be changed.
pub(super) fn depends_on(
    things: &[Thing],
    graph: &Graph,
    scope: &Scope,
    may: Option<&May<'_>>,
) -> Option<Table> {
    let mut rows = Vec::new();
    for thing in things {
        for one in graph.dependencies_of(thing).filter(|one| one.from == *thing) {
            let change = may.filter(|may| is_own(thing, graph, may.scope)).map(|_| {
                let [from, to] =
                    [&one.from, &one.to].map(|one| crate::link::encoded(&one.to_string()));
                Cell::Link {
                    text: "Change".to_owned(),
                    href: format!("/map/dependencies?from={from}&to={to}"),
                }
            });
            let why = if one.reason.is_empty() { &one.kind } else { &one.reason };
            let mut cells = vec![
                cell(&one.from, graph, scope),
                cell(&one.to, graph, scope),
                Cell::text(why.clone()),
                Cell::text(words::strength(one.strength)),
            ];
            if may.is_some() {
                cells.push(change.unwrap_or(Cell::Unknown));
            }
            rows.push(row(format!("{}-{}", one.from, one.to), cells));
        }
    }
    shorten(&mut rows);
    let mut columns = vec![
        column("This", false),
        column("depends on", false),
        column("Why", false),
        column("When that stops, this", false),
    ];
    if may.is_some() {
        columns.push(column("Change", false));
    }
    table("depends-on", "What this depends on", columns, rows)
}

/// Rows of a table of dependencies; each thing's own page has its own.
const ROWS: usize = 25;

/// Keeps the first rows and counts the others.
fn shorten(rows: &mut Vec<Row>) {
    let Some(more) = rows.len().checked_sub(ROWS).filter(|more| *more > 0) else { return };
    let columns = rows.first().map_or(0, |row| row.cells.len());
    rows.truncate(ROWS);
    let more = grouped(number(more as u64));
    let mut cells = vec![Cell::text(format!("{more} more, on the pages of the things themselves"))];
    cells.resize(columns, Cell::Unknown);
    rows.push(row("more", cells));
}

fn is_own(thing: &Thing, graph: &Graph, scope: &Scope) -> bool {
    match graph.owner(thing) {
        Some(owner) => graph.contains(scope, owner),
        None => scope.is_sector(),
    }
}

/// What depends on these things, beyond the things themselves.
pub(super) fn depended_on(things: &[Thing], graph: &Graph, scope: &Scope) -> Option<Table> {
    let mut rows = Vec::new();
    let mut hidden = 0_u64;
    for thing in things {
        for one in graph.dependencies_of(thing).filter(|one| one.to == *thing) {
            if things.contains(&one.from) {
                continue;
            }
            if !is_shown(&one.from, graph, scope) {
                hidden += 1;
                continue;
            }
            let why = if one.reason.is_empty() { &one.kind } else { &one.reason };
            let owner = graph.owner(&one.from).and_then(|code| graph.organisation(code));
            let cells = vec![
                cell(&one.from, graph, scope),
                owner.map_or(Cell::Unknown, |one| Cell::text(one.name.clone())),
                cell(&one.to, graph, scope),
                Cell::text(why.clone()),
                Cell::text(words::strength(one.strength)),
            ];
            rows.push(row(format!("{}-{}", one.from, one.to), cells));
        }
    }
    shorten(&mut rows);
    if hidden > 0 {
        let text = format!("{} more, of other organisations", grouped(number(hidden)));
        let blank = || Cell::Unknown;
        rows.push(row("hidden", vec![Cell::text(text), blank(), blank(), blank(), blank()]));
    }
    let columns = ["What depends", "Of", "on", "Why", "When that stops, it"];
    let columns = columns.map(|text| column(text, false)).into();
    table("depended-on", "What depends on this", columns, rows)
}

/// How many devices there are, how many are silent, never seen, part of no system.
pub(super) async fn devices(
    map: &Map,
    desk: &Desk,
    filter: &DeviceFilter,
    link: &str,
) -> Result<Vec<Fact>, Failure> {
    if !desk.caller.may_somewhere(Permission::ViewDevices) {
        return Ok(Vec::new());
    }
    let scope = desk.whole_scope(Permission::ViewDevices)?;
    let states = [
        (None, "Devices", ""),
        (Some(DeviceState::Silent), "Silent devices", "silent"),
        (Some(DeviceState::NeverSeen), "Expected and never seen", "never_seen"),
        (Some(DeviceState::Unmapped), "Part of no known system", "unmapped"),
    ];
    let mut facts = Vec::new();
    for (state, key, word) in states {
        // A device of a system is part of a known one.
        if state == Some(DeviceState::Unmapped) && filter.system.is_some() {
            continue;
        }
        let asked = DeviceFilter { state, ..filter.clone() };
        let request = PageRequest { rows: 1, ..PageRequest::default() };
        let page = map.list_devices(&asked, DeviceSort::Name, &request, &scope, desk.now()).await;
        let total = page.map_err(failed)?.total;
        let text = match total {
            Total::Exactly(total) => grouped(number(total)),
            Total::AtLeast(total) => format!("{}+", grouped(number(total))),
        };
        let href = match word {
            "" => link.to_owned(),
            word => format!("{link}&state={word}"),
        };
        let is_none = matches!(total, Total::Exactly(0));
        let change = (!is_none).then(|| Link::new("See", href));
        facts.push(Fact { change, ..fact(key, Shown::text(text)) });
    }
    Ok(facts)
}

/// The most urgent open alerts of an organisation; the devices of a system when given by name.
pub(super) async fn open_alerts(
    alerts: &Alerts,
    desk: &Desk,
    organisation: &OdsCode,
) -> Result<Option<Table>, Failure> {
    if !desk.caller.may_somewhere(Permission::ViewAlerts) {
        return Ok(None);
    }
    let filter = Filter {
        states: vec![State::New, State::Taken],
        parts: vec![Part::Organisation(organisation.clone())],
        ..Filter::default()
    };
    let scope = desk.whole_scope(Permission::ViewAlerts)?;
    let page = alerts.page(&scope, &filter, Order::Rank, None, 5).await;
    let page = page.map_err(alerts::failed::failed)?;
    let rows = page.alerts.iter().map(|alert| {
        let what = rows::what(alert);
        let cells = vec![
            Cell::Link { text: what, href: format!("/alerts/{}", alert.id) },
            Cell::Harm { harm: harm::of(alert) },
            Cell::text(alert.device.clone()),
            Cell::Time { at: desk.moment(alert.last_seen), is_short: true },
        ];
        row(alert.id, cells)
    });
    let columns = ["What happened", "What it means", "Device", "Last seen"];
    let columns = columns.map(|text| column(text, false)).into();
    Ok(table("open-alerts", "Most urgent open alerts", columns, rows.collect()))
}
