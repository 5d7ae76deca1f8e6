//! The audit trail: who did what to what and when, narrowed, exported, and looked at for whether it
//! still holds.

mod export;
mod filters;
pub(crate) mod query;
pub(crate) mod verify;
mod words;

use std::collections::HashMap;

use access::{
    Access, Permission, Who,
    audit::{self, Written},
};
use axum::{
    extract::{FromRef, RawQuery, State},
    http::StatusCode,
    response::Response,
};
use detect::alert::Alerts;
use sector::{Graph, Map};
use serde::Serialize;
use terms::{PersonId, Scope, TokenId};

use self::filters::{TrailFilters, filters};
use self::query::{Cx, Query, Unasked, Wrong, number};
use super::fields::sentence;
use crate::{
    failure::Failure,
    page::Desk,
    pieces::{
        Cell, Column, Link, Pagination, Panel, Row, State as PanelState, Table, words as figures,
    },
    routes::Routes,
    state::App,
};

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/audit", list)
        .get("/audit/export.csv", export::csv)
        .get("/audit/export.jsonl", export::json_lines)
        .get("/audit/verify", verify::ask)
        .post("/audit/verify", verify::verify)
}

/// What the pages of the trail use.
#[derive(Clone)]
pub(crate) struct Handles {
    pub(crate) access: Access,
    pub(crate) map: Map,
    /// The database stands behind it.
    pub(crate) alerts: Alerts,
}

impl FromRef<App> for Handles {
    fn from_ref(app: &App) -> Self {
        Self { access: app.access.clone(), map: app.map.clone(), alerts: app.alerts.clone() }
    }
}

/// Rows of a page.
const ROWS: u64 = 50;

/// Entries are counted up to here.
const MOST_COUNTED: u64 = 10_000;

/// The page.
#[derive(Serialize)]
struct List {
    says: String,
    filters: TrailFilters,
    table: Option<Table>,
    pagination: Option<Pagination>,
    panel: Option<Panel>,
    exports: Vec<Link>,
}

/// Reads the query of an address. Errors: the texts do not fit, as a field given twice.
pub(crate) fn read(raw: Option<&str>) -> Result<Query, Failure> {
    serde_html_form::from_str(raw.unwrap_or_default())
        .map_err(|error| Failure::new(StatusCode::BAD_REQUEST, error.to_string()))
}

/// The answer where a parameter cannot be used, for files and the API.
pub(crate) fn refused(wrong: &Wrong) -> Failure {
    let what = format!("{}: {}", wrong.parameter, wrong.why);
    Failure::new(StatusCode::BAD_REQUEST, what)
}

fn cx<'c>(handles: &'c Handles, desk: &'c Desk, scope: &'c Scope, graph: &'c Graph) -> Cx<'c> {
    Cx { access: &handles.access, caller: &desk.caller, scope, graph }
}

async fn list(
    State(handles): State<Handles>,
    RawQuery(raw): RawQuery,
    desk: Desk,
) -> Result<Response, Failure> {
    let scope = desk.scope(Permission::ViewAudit)?;
    let query = read(raw.as_deref())?;
    let graph = handles.map.graph();
    match Found::read(&handles, &query, &cx(&handles, &desk, &scope, &graph)).await {
        Ok(found) => {
            let body = page_of(&desk, &query, &graph, &found);
            Ok(desk.page("audit/list.html", "Audit", "/more", &[], body))
        }
        Err(Unasked::Failure(failure)) => Err(failure),
        Err(Unasked::Wrong(wrong)) => Ok(again(desk, &query, &graph, &wrong)),
    }
}

/// Entries of one page, with the names of whom they are about.
struct Found {
    entries: Vec<Written>,
    people: HashMap<PersonId, String>,
    tokens: HashMap<TokenId, String>,
    total: u64,
    first_row: u64,
    has_more: bool,
}

impl Found {
    async fn read(handles: &Handles, query: &Query, cx: &Cx<'_>) -> Result<Self, Unasked> {
        let failure = |error| Unasked::Failure(Failure::of(error));
        let filter = query.filter(cx).await?;
        let (before, after) = (number("before", &query.before)?, number("after", &query.after)?);
        let (db, scope) = (handles.alerts.db(), cx.scope);
        let (mut entries, mut first_row, mut has_more) = (Vec::new(), query.first_row(), true);
        if let Some(after) = after {
            let back = audit::list_back(db, scope, &filter, after, ROWS).await;
            entries = back.map_err(failure)?;
        }
        // The way back that ends before a whole page has come to the newest.
        if (entries.len() as u64) < ROWS {
            let before = before.filter(|_| after.is_none());
            let page = audit::list(db, scope, &filter, before, ROWS).await.map_err(failure)?;
            has_more = page.next.is_some();
            entries = page.entries;
            first_row = if before.is_some() { first_row } else { 1 };
        }
        let total = audit::count(db, scope, &filter, MOST_COUNTED + 1).await.map_err(failure)?;
        let people = handles.access.names(people_in(&entries)).await.map_err(failure)?;
        let tokens = handles.access.token_names(tokens_in(&entries)).await.map_err(failure)?;
        Ok(Self { entries, people, tokens, total, first_row, has_more })
    }
}

/// Everybody an entry names.
fn people_in(entries: &[Written]) -> Vec<PersonId> {
    let about = entries.iter().filter(|entry| entry.on.kind == "person");
    let about = about.filter_map(|entry| entry.on.id.parse().ok());
    let did = entries.iter().filter_map(|entry| match entry.who {
        Who::Person(id) => Some(id),
        Who::Token(_) | Who::Ward => None,
    });
    about.chain(did).collect()
}

fn tokens_in(entries: &[Written]) -> Vec<TokenId> {
    let about = entries.iter().filter(|entry| entry.on.kind == "token");
    let about = about.filter_map(|entry| entry.on.id.parse().ok());
    let did = entries.iter().filter_map(|entry| match entry.who {
        Who::Token(id) => Some(id),
        Who::Person(_) | Who::Ward => None,
    });
    about.chain(did).collect()
}

fn page_of(desk: &Desk, query: &Query, graph: &Graph, found: &Found) -> List {
    let has_rows = !found.entries.is_empty();
    List {
        says: says(found, query.is_narrowed()),
        filters: filters(query, graph),
        table: has_rows.then(|| table(desk, graph, found)),
        pagination: has_rows.then(|| pagination(query, found)),
        panel: (!has_rows).then(|| Panel {
            state: PanelState::Empty,
            title: "No entry matches these filters".to_owned(),
            text: "What is done from now on is written down here.".to_owned(),
            next: Some(Link::new("Show all entries", "/audit")),
            progress: None,
        }),
        exports: exports(query),
    }
}

fn again(desk: Desk, query: &Query, graph: &Graph, wrong: &Wrong) -> Response {
    let panel = Panel {
        state: PanelState::Failed,
        title: format!("The filter “{}” cannot be used", wrong.parameter),
        text: sentence(&wrong.why),
        next: Some(Link::new("Show all entries", "/audit")),
        progress: None,
    };
    let body = List {
        says: String::new(),
        filters: filters(query, graph),
        table: None,
        pagination: None,
        panel: Some(panel),
        exports: Vec::new(),
    };
    desk.page_with(StatusCode::BAD_REQUEST, "audit/list.html", "Audit", "/more", &[], body)
}

fn exports(query: &Query) -> Vec<Link> {
    let query = query.first_page();
    let link = |text, path| Link::new(text, query.href(path));
    vec![link("CSV", "/audit/export.csv"), link("JSON lines", "/audit/export.jsonl")]
}

/// The count in words, which stops at a bound.
fn total(found: &Found) -> String {
    let number = i64::try_from(found.total.min(MOST_COUNTED)).unwrap_or(i64::MAX);
    let words = figures::count(number, "entry", Some("entries"));
    if found.total > MOST_COUNTED { format!("more than {words}") } else { words }
}

fn says(found: &Found, is_narrowed: bool) -> String {
    let all = total(found);
    let mut chars = all.chars();
    let first = chars.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let all = format!("{first}{}", chars.as_str());
    let matches = if found.total == 1 { "matches" } else { "match" };
    match is_narrowed {
        true => format!("{all} {matches} these filters."),
        false => format!("{all}, each sealed by the digest of the one before it."),
    }
}

fn table(desk: &Desk, graph: &Graph, found: &Found) -> Table {
    let column = |text: &str| Column { text: text.to_owned(), is_numeric: false, sort: None };
    let number = Column { is_numeric: true, ..column("Number") };
    let mut columns = vec![number];
    columns.extend(["When", "Who", "What", "To what", "Organisation"].map(column));
    let rows = found.entries.iter().map(|entry| row(desk, graph, found, entry));
    Table {
        id: "trail".to_owned(),
        caption: "Entries, newest first".to_owned(),
        is_caption_hidden: true,
        is_compact: true,
        columns,
        rows: rows.collect(),
        selection: None,
    }
}

fn row(desk: &Desk, graph: &Graph, found: &Found, entry: &Written) -> Row {
    let details = words::details(&entry.details, graph);
    let what = words::deed(&entry.what);
    let what = match details.is_empty() {
        true => Cell::text(what),
        false => Cell::Lines { text: what, below: details, href: None },
    };
    let organisation = entry.organisation.as_ref().map(|code| {
        let named = graph.organisation(code).map(|one| one.name.clone());
        named.unwrap_or_else(|| code.to_string())
    });
    let cells = vec![
        Cell::Number { number: entry.number },
        Cell::Time { at: desk.moment(entry.at), is_short: false },
        who(desk, found, entry.who),
        what,
        thing(desk, found, entry),
        Cell::text(organisation.unwrap_or_default()),
    ];
    Row { id: entry.number.to_string(), cells, is_new: false }
}

fn who(desk: &Desk, found: &Found, who: Who) -> Cell {
    let by = |text: String, who: Who| Cell::Link { text, href: asked_who(who) };
    match who {
        Who::Ward => Cell::text("Ward"),
        Who::Person(id) if id == desk.caller.person => by("You".to_owned(), who),
        Who::Person(id) => {
            let name = found.people.get(&id).cloned();
            by(name.unwrap_or_else(|| "Somebody whose account is gone".to_owned()), who)
        }
        Who::Token(id) => {
            let name = found.tokens.get(&id).map_or("whose record is gone", String::as_str);
            by(format!("Token {name}"), who)
        }
    }
}

/// The list of what somebody did.
fn asked_who(who: Who) -> String {
    Query { who: who.to_string(), ..Query::default() }.href("/audit")
}

/// What an entry is about, by name where there is one, with the way to it.
fn thing(desk: &Desk, found: &Found, entry: &Written) -> Cell {
    let (kind, id) = (entry.on.kind.as_str(), entry.on.id.as_str());
    let capital = |kind: &str| {
        let mut chars = kind.chars();
        let first = chars.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
        format!("{first}{}", chars.as_str())
    };
    let may_see = |permission| desk.caller.may_somewhere(permission);
    match kind {
        "person" => {
            let id = id.parse().ok();
            let name = id.and_then(|id| found.people.get(&id)).cloned();
            let name = name.unwrap_or_else(|| "Somebody unknown".to_owned());
            match id.filter(|_| may_see(Permission::ViewPeople)) {
                Some(id) => Cell::Link { text: name, href: format!("/people/{id}") },
                None => Cell::text(name),
            }
        }
        "token" => {
            let name = id.parse().ok().and_then(|id| found.tokens.get(&id));
            Cell::text(name.map_or_else(|| "A token".to_owned(), |name| format!("Token {name}")))
        }
        "alert" => Cell::Link { text: "Alert".to_owned(), href: format!("/alerts/{id}") },
        "exception" => {
            Cell::Link { text: "Exception".to_owned(), href: format!("/exceptions/{id}") }
        }
        "session" => Cell::text("Session"),
        // The ids of all others are codes and names that people know.
        _ => Cell::Lines { text: capital(kind), below: id.to_owned(), href: None },
    }
}

fn pagination(query: &Query, found: &Found) -> Pagination {
    let number = |count: u64| figures::grouped(i64::try_from(count).unwrap_or(i64::MAX));
    let (first, count) = (found.first_row, found.entries.len() as u64);
    let next = found.entries.last().filter(|_| found.has_more).map(|last| Query {
        before: last.number.to_string(),
        row: (first + count).to_string(),
        ..query.first_page()
    });
    let previous = found.entries.first().filter(|_| first > 1).map(|one| Query {
        after: one.number.to_string(),
        row: first.saturating_sub(ROWS).max(1).to_string(),
        ..query.first_page()
    });
    let last = number(first + count.saturating_sub(1));
    Pagination {
        label: "Audit".to_owned(),
        previous: previous.map(|there| there.href("/audit")),
        next: next.map(|there| there.href("/audit")),
        position: format!("{} to {last} of {}", number(first), total(found)),
    }
}
