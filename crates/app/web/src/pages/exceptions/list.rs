//! The list of exceptions: what each hid, until when, whose it is.

use std::collections::HashMap;

use access::{Access, Permission};
use axum::{
    extract::{Query as Address, State},
    response::Response,
};
use detect::{
    alert::{Alerts, Exception},
    watch::{LiveRules, RulesInForce},
};
use sector::{Graph, Map};
use serde::{Deserialize, Serialize};
use serde_json::json;
use terms::{PersonId, Scope, Timestamp};

use super::words::{self, Standing};
use crate::{
    export::{Cells, Format, Sheet},
    failure::Failure,
    page::Desk,
    pages::alerts::{failed::failed, rows::number},
    pieces::{
        Cell, Chip, Choice, Column, Filters, Hidden, Link, Moment, Pagination, Panel, Row, Search,
        Select, Sort, State as PanelState, Table,
        words::{count, shortened},
    },
};

/// Rows of a page.
const ROWS: usize = 100;

/// What the address asks for.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Query {
    #[serde(skip_serializing_if = "String::is_empty")]
    q: String,
    /// `active`, `expired`, `revoked`, `any`; without one: active.
    #[serde(skip_serializing_if = "String::is_empty")]
    state: String,
    /// The id of a rule.
    #[serde(skip_serializing_if = "String::is_empty")]
    rule: String,
    /// `newest`, `hits`, `last_hit`, `expiry`.
    #[serde(skip_serializing_if = "String::is_empty")]
    sort: String,
    /// The first row, from 1 on.
    #[serde(skip_serializing_if = "String::is_empty")]
    row: String,
}

impl Query {
    fn href(&self, path: &str) -> String {
        let first = Self { row: String::new(), ..self.clone() };
        match serde_html_form::to_string(first).unwrap_or_default().as_str() {
            "" => path.to_owned(),
            text => format!("{path}?{text}"),
        }
    }

    fn href_at(&self, row: usize) -> String {
        let there = Self { row: (row + 1).to_string(), ..self.clone() };
        format!("/exceptions?{}", serde_html_form::to_string(there).unwrap_or_default())
    }

    fn first_row(&self) -> usize {
        self.row.parse::<usize>().unwrap_or(1).clamp(1, 1_000_000) - 1
    }
}

/// The page.
#[derive(Serialize)]
struct ListPage {
    /// "2 exceptions hid 12 findings so far".
    says: String,
    filters: Filters,
    panel: Option<Panel>,
    table: Option<Table>,
    pagination: Option<Pagination>,
    exports: Vec<Link>,
}

/// Exceptions that are asked for, in the order that is asked for.
async fn asked(
    alerts: &Alerts,
    scope: &Scope,
    query: &Query,
    now: Timestamp,
) -> Result<Vec<Exception>, Failure> {
    let rule = Some(query.rule.as_str()).filter(|rule| !rule.is_empty());
    let mut found = alerts.exceptions(scope, rule).await.map_err(failed)?;
    let words = query.q.to_lowercase();
    found.retain(|one| {
        let standing = Standing::of(one, now).as_str();
        let is_wanted = match query.state.as_str() {
            "" => standing == "active",
            "any" => true,
            state => standing == state,
        };
        is_wanted && (words.is_empty() || says(one).contains(&words))
    });
    match query.sort.as_str() {
        "hits" => found.sort_by_key(|one| std::cmp::Reverse(one.hits)),
        "last_hit" => found.sort_by_key(|one| std::cmp::Reverse(one.last_hit)),
        "expiry" => found.sort_by_key(|one| one.what.expires_at),
        _ => {}
    }
    Ok(found)
}

/// All words of an exception, for the search.
fn says(exception: &Exception) -> String {
    let what = &exception.what;
    let device = what.device.as_deref().unwrap_or_default();
    let conditions: Vec<String> = what.conditions.iter().map(words::condition).collect();
    format!("{} {} {device} {}", what.name, what.reason, conditions.join(" ")).to_lowercase()
}

/// Shows them.
pub(super) async fn list(
    State(alerts): State<Alerts>,
    State(access): State<Access>,
    State(map): State<Map>,
    State(rules): State<RulesInForce>,
    Address(query): Address<Query>,
    desk: Desk,
) -> Result<Response, Failure> {
    let scope = desk.scope(Permission::ViewAlerts)?;
    let found = asked(&alerts, &scope, &query, desk.now()).await?;
    let shown: Vec<Exception> = found.iter().skip(query.first_row()).take(ROWS).cloned().collect();
    let names = access.names(shown.iter().map(|one| one.owner)).await.map_err(Failure::of)?;
    let (graph, rules) = (map.graph(), rules.now());
    let told = Told {
        now: desk.now(),
        names: &names,
        graph: &graph,
        rules: &rules,
        zone: &desk.caller.time_zone,
    };
    let table = (!shown.is_empty()).then(|| table(&shown, &query, &told));
    let panel = shown.is_empty().then(|| empty(&query));
    let pagination = table.is_some().then(|| pagination(&query, shown.len(), found.len()));
    let body = ListPage {
        says: sentence(&found),
        filters: filters(&query),
        panel,
        table,
        pagination,
        exports: vec![
            Link::new("CSV", query.href("/exceptions/export.csv")),
            Link::new("JSON lines", query.href("/exceptions/export.jsonl")),
        ],
    };
    Ok(desk.page("exceptions/list.html", "Exceptions", "/more", &["filters"], body))
}

fn sentence(found: &[Exception]) -> String {
    let hits: u64 = found.iter().map(|one| one.hits).fold(0, u64::saturating_add);
    let exceptions = count(number(found.len() as u64), "exception", None);
    match found.len() {
        0 => "Nothing is hidden by an exception of this list.".to_owned(),
        _ => format!(
            "{exceptions}, which counted {} instead of showing them.",
            count(number(hits), "finding", None)
        ),
    }
}

struct Told<'t> {
    now: Timestamp,
    names: &'t HashMap<PersonId, String>,
    graph: &'t Graph,
    rules: &'t LiveRules,
    zone: &'t str,
}

impl Told<'_> {
    fn row(&self, one: &Exception) -> Row {
        let rule = one.what.rule.as_deref().and_then(|id| self.rules.find(id));
        let title = rule.map(|(_, text)| text.title.as_str());
        let covers = words::covers(&one.what, title, self.graph);
        let (word, colour) = Standing::of(one, self.now).tag();
        let time = |at| Cell::Time { at: Moment::within(at, self.now, self.zone), is_short: true };
        Row {
            id: one.id.to_string(),
            cells: vec![
                Cell::Lines {
                    text: one.what.name.clone(),
                    below: shortened(&covers, 200),
                    href: Some(format!("/exceptions/{}", one.id)),
                },
                Cell::Number { number: number(one.hits) },
                one.last_hit.map_or(Cell::text("Never"), time),
                time(one.what.expires_at),
                Cell::text(self.names.get(&one.owner).cloned().unwrap_or_default()),
                Cell::Tag { text: word.to_owned(), colour },
            ],
            is_new: false,
        }
    }
}

fn table(shown: &[Exception], query: &Query, told: &Told<'_>) -> Table {
    let sort = |word: &str, direction: &'static str| {
        let is_sorted = query.sort == word;
        let next = if is_sorted { String::new() } else { word.to_owned() };
        let href = Query { sort: next, ..query.clone() }.href("/exceptions");
        Some(Sort { href, direction: if is_sorted { direction } else { "none" } })
    };
    let column = |text: &str, is_numeric, sort| Column { text: text.to_owned(), is_numeric, sort };
    Table {
        id: "exceptions".to_owned(),
        caption: "Exceptions".to_owned(),
        is_caption_hidden: true,
        is_compact: true,
        columns: vec![
            column("Exception", false, None),
            column("Findings counted", true, sort("hits", "descending")),
            column("Last", false, sort("last_hit", "descending")),
            column("Ends", false, sort("expiry", "ascending")),
            column("Owner", false, None),
            column("State", false, None),
        ],
        rows: shown.iter().map(|one| told.row(one)).collect(),
        selection: None,
    }
}

fn pagination(query: &Query, shown: usize, all: usize) -> Pagination {
    let first = query.first_row();
    let int = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    Pagination {
        label: "Exceptions".to_owned(),
        previous: (first > 0).then(|| query.href_at(first.saturating_sub(ROWS))),
        next: (first + shown < all).then(|| query.href_at(first + shown)),
        position: Pagination::position(int(first + 1), int(first + shown), int(all), "exception"),
    }
}

fn filters(query: &Query) -> Filters {
    let choices =
        [("", "Active"), ("expired", "Expired"), ("revoked", "Taken back"), ("any", "All")];
    let mut hidden = Vec::new();
    for (name, value) in [("rule", &query.rule), ("sort", &query.sort)] {
        if !value.is_empty() {
            hidden.push(Hidden { name: name.to_owned(), value: value.clone() });
        }
    }
    let mut chips = Vec::new();
    let mut chip = |text: String, without: Query| {
        chips.push(Chip { text, remove: without.href("/exceptions") });
    };
    if !query.q.is_empty() {
        chip(format!("Words: {}", query.q), Query { q: String::new(), ..query.clone() });
    }
    if !query.rule.is_empty() {
        chip("One rule".to_owned(), Query { rule: String::new(), ..query.clone() });
    }
    if !query.state.is_empty() {
        let named = choices.iter().find(|(value, _)| *value == query.state);
        let text = named.map_or(query.state.as_str(), |(_, text)| text);
        chip(format!("State: {text}"), Query { state: String::new(), ..query.clone() });
    }
    Filters {
        action: "/exceptions".to_owned(),
        title: "Filter exceptions".to_owned(),
        search: Some(Search {
            name: "q".to_owned(),
            label: "Words".to_owned(),
            value: query.q.clone(),
        }),
        selects: vec![Select {
            name: "state".to_owned(),
            label: "State".to_owned(),
            choices: choices.map(|(value, text)| Choice::new(value, text, &query.state)).into(),
        }],
        hidden,
        chips,
        clear: "/exceptions".to_owned(),
    }
}

fn empty(query: &Query) -> Panel {
    let is_narrowed = !query.q.is_empty() || !query.rule.is_empty() || !query.state.is_empty();
    let (title, text, next) = match is_narrowed {
        true => (
            "No exceptions match these filters",
            "Take a filter away.",
            Link::new("Show all active exceptions", "/exceptions"),
        ),
        false => (
            "Nothing is hidden",
            "An exception is made from an alert that you have looked at and need not see again.",
            Link::new("Go to the alerts", "/alerts"),
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

/// The list as CSV.
pub(super) async fn csv(
    State(alerts): State<Alerts>,
    Address(query): Address<Query>,
    desk: Desk,
) -> Result<Response, Failure> {
    file(Format::Csv, &alerts, &query, &desk).await
}

/// The list as JSON, an object a line.
pub(super) async fn json_lines(
    State(alerts): State<Alerts>,
    Address(query): Address<Query>,
    desk: Desk,
) -> Result<Response, Failure> {
    file(Format::JsonLines, &alerts, &query, &desk).await
}

async fn file(
    format: Format,
    alerts: &Alerts,
    query: &Query,
    desk: &Desk,
) -> Result<Response, Failure> {
    let scope = desk.scope(Permission::ViewAlerts)?;
    let found = asked(alerts, &scope, query, desk.now()).await?;
    let rows = found.iter().map(|one| cells(one, desk.now())).collect();
    Ok(SHEET.of(format, rows))
}

const SHEET: Sheet = Sheet {
    name: "exceptions",
    columns: &[
        "id",
        "name",
        "state",
        "rule",
        "part",
        "device",
        "conditions",
        "reason",
        "owner",
        "created_at",
        "expires_at",
        "hits",
        "last_hit",
    ],
};

fn cells(one: &Exception, now: Timestamp) -> Cells {
    let conditions: Vec<String> = one.what.conditions.iter().map(words::condition).collect();
    vec![
        json!(one.id.to_string()),
        json!(one.what.name),
        json!(Standing::of(one, now).as_str()),
        json!(one.what.rule),
        json!(one.what.part.to_string()),
        json!(one.what.device),
        json!(conditions.join(" and ")),
        json!(one.what.reason),
        json!(one.owner.to_string()),
        json!(one.created_at.to_string()),
        json!(one.what.expires_at.to_string()),
        json!(one.hits),
        json!(one.last_hit.map(|at| at.to_string())),
    ]
}
