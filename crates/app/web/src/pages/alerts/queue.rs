//! The queue: one list, worst patient harm first.

use std::collections::HashMap;

use access::{Access, Caller, Colleague, Permission};
use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use detect::alert::{AlertError, Alerts, Filter, Page, Sort, Total};
use sector::{Graph, Map};
use serde::Serialize;
use terms::{Part, PersonId, Scope};

use super::{
    failed::failed,
    filters::{self, Offer, QueueFilters},
    query::{Cx, Query, Wrong},
    rows::{self, Told},
    says::{self, Says},
    views::{self, SaveView},
};
use crate::{
    failure::Failure,
    link,
    page::Desk,
    pages::fields::sentence,
    pieces::{
        Act, Link, Pagination, Panel, Selection, State as PanelState, Table, Tabs,
        words::{count, grouped},
    },
};

/// Rows of a page.
const ROWS: u16 = 50;

/// The page of the queue.
#[derive(Serialize)]
struct QueuePage {
    says: Says,
    /// What exceptions hid lately.
    hidden: Option<Link>,
    tabs: Tabs,
    filters: QueueFilters,
    /// Stands where the table would, when there is nothing to show.
    panel: Option<Panel>,
    table: Option<Table>,
    pagination: Option<Pagination>,
    /// The list as files.
    exports: Vec<Link>,
    /// The form that saves the view; where anything is set that could be saved.
    save: Option<SaveView>,
}

/// Shows the queue.
pub(crate) async fn queue(
    State(alerts): State<Alerts>,
    State(access): State<Access>,
    State(map): State<Map>,
    RawQuery(raw): RawQuery,
    desk: Desk,
) -> Result<Response, Failure> {
    let scope = desk.scope(Permission::ViewAlerts)?;
    let query = Query::read(raw.as_deref())
        .map_err(|error| Failure::new(StatusCode::BAD_REQUEST, format!("the address: {error}")))?;
    let graph = map.graph();
    let listed = listed(&alerts, &query, (&scope, &graph), &desk).await?;
    let mut body = around(&alerts, &access, &query, (&scope, &graph), &desk).await?;
    let status = match &listed {
        Err(wrong) => {
            body.panel = Some(refused(wrong));
            StatusCode::BAD_REQUEST
        }
        Ok((_, page)) if page.alerts.is_empty() => {
            body.panel = Some(empty(&query));
            StatusCode::OK
        }
        Ok((order, page)) => {
            let names = names(&access, page).await?;
            let told = Told {
                now: desk.now(),
                me: desk.caller.person,
                names: &names,
                graph: &graph,
                zone: &desk.caller.time_zone,
            };
            let selection = selection(&query, &desk);
            body.table = Some(table(page, &query, *order, &told, selection));
            body.pagination = Some(pagination(page, &query));
            StatusCode::OK
        }
    };
    let islands = ["queue", "filters"];
    Ok(desk.page_with(status, "alerts/queue.html", "Alerts", "/alerts", &islands, body))
}

/// The rows that are asked for, or the parameter that cannot be used.
async fn listed(
    alerts: &Alerts,
    query: &Query,
    (scope, graph): (&Scope, &Graph),
    desk: &Desk,
) -> Result<Result<(Sort, Page), Wrong>, Failure> {
    let cx = Cx { me: desk.caller.person, scope, graph, zone: &desk.caller.time_zone };
    match query.checked(&cx) {
        Ok(asked) => {
            let cursor = asked.cursor.as_ref();
            match alerts.page(scope, &asked.filter, asked.sort, cursor, ROWS).await {
                Ok(page) => Ok(Ok((asked.sort, page))),
                Err(AlertError::Cursor(why)) => {
                    Ok(Err(Wrong { parameter: "at", why: why.to_string() }))
                }
                Err(error) => Err(failed(error)),
            }
        }
        Err(wrong) => Ok(Err(wrong)),
    }
}

/// All of the page but its rows.
async fn around(
    alerts: &Alerts,
    access: &Access,
    query: &Query,
    (scope, graph): (&Scope, &Graph),
    desk: &Desk,
) -> Result<QueuePage, Failure> {
    let colleagues = colleagues(access, scope, desk).await?;
    let seen = desk.whole_scope(Permission::ViewAlerts)?;
    let views = alerts.views(&seen, desk.caller.person).await.map_err(failed)?;
    let offer = Offer { scope, graph, colleagues: &colleagues };
    Ok(QueuePage {
        says: says::now(alerts, scope).await?,
        hidden: hidden(alerts, scope, desk).await?,
        tabs: views::tabs(&views, query),
        filters: filters::form(query, &offer),
        panel: None,
        table: None,
        pagination: None,
        exports: vec![
            Link::new("CSV", query.href("/alerts/export.csv")),
            Link::new("JSON lines", query.href("/alerts/export.jsonl")),
        ],
        save: views::save_form(query, desk, graph),
    })
}

/// People who may work where the view is one organisation; elsewhere there are too many to list.
async fn colleagues(
    access: &Access,
    scope: &Scope,
    desk: &Desk,
) -> Result<Vec<Colleague>, Failure> {
    match scope.parts() {
        [Part::Organisation(code)] => {
            let found = access.colleagues(Permission::WorkAlerts, code, desk.now()).await;
            let mut found = found.map_err(Failure::of)?;
            found.retain(|one| one.id != desk.caller.person);
            Ok(found)
        }
        _ => Ok(Vec::new()),
    }
}

async fn names(access: &Access, page: &Page) -> Result<HashMap<PersonId, String>, Failure> {
    let owners = page.alerts.iter().filter_map(|alert| alert.owner);
    access.names(owners.collect::<Vec<_>>()).await.map_err(Failure::of)
}

/// What exceptions hid in the last seven days, where they hid anything.
async fn hidden(alerts: &Alerts, scope: &Scope, desk: &Desk) -> Result<Option<Link>, Failure> {
    let now = desk.now();
    let today = now.as_second().div_euclid(SECONDS_A_DAY);
    let days = alerts.days(scope, None, today - 6).await.map_err(failed)?;
    let excepted: u64 = days.iter().map(|day| day.found.excepted).sum();
    if excepted == 0 {
        return Ok(None);
    }
    let week_ago = now.as_second() - 7 * SECONDS_A_DAY;
    let all = alerts.exceptions(scope, None).await.map_err(failed)?;
    let lately = all.iter().filter_map(|one| one.last_hit).filter(|at| at.as_second() >= week_ago);
    let exceptions = i64::try_from(lately.count()).unwrap_or(i64::MAX).max(1);
    let text = format!(
        "{} hidden by {} in the last 7 days",
        count(rows::number(excepted), "finding", None),
        count(exceptions, "exception", None)
    );
    Ok(Some(Link::new(text, "/exceptions?sort=last_hit")))
}

pub(super) const SECONDS_A_DAY: i64 = 86_400;

fn table(
    page: &Page,
    query: &Query,
    order: Sort,
    told: &Told<'_>,
    selection: Option<Selection>,
) -> Table {
    Table {
        id: "alerts".to_owned(),
        caption: "Alerts".to_owned(),
        is_caption_hidden: true,
        is_compact: true,
        columns: rows::columns(query, order),
        rows: page.alerts.iter().map(|alert| told.row(alert)).collect(),
        selection,
    }
}

/// Acting on chosen rows, for those who may.
fn selection(query: &Query, desk: &Desk) -> Option<Selection> {
    let act = |value: &str, text: &str, key| crate::pieces::Act {
        value: value.to_owned(),
        text: text.to_owned(),
        key: Some(key),
    };
    let acts: Vec<Act> = vec![
        act("take", "Take", 't'),
        act("hand_over", "Hand over…", 'h'),
        act("close", "Close…", 'c'),
    ];
    desk.caller.may_somewhere(Permission::WorkAlerts).then(|| Selection {
        action: format!("/alerts/act?back={}", link::encoded(&query.href("/alerts"))),
        name: "alert".to_owned(),
        csrf: desk.csrf(),
        acts,
        noun: "alerts".to_owned(),
    })
}

fn pagination(page: &Page, query: &Query) -> Pagination {
    let first = query.first_row();
    let rows = page.alerts.len() as u64;
    let before = first.saturating_sub(u64::from(ROWS)).max(1);
    Pagination {
        label: "Alerts".to_owned(),
        previous: page.before.map(|cursor| query.href_at(&cursor, before)),
        next: page.after.map(|cursor| query.href_at(&cursor, first + rows)),
        position: position(first, rows, page.total),
    }
}

/// "1 to 50 of 10,000+ alerts".
fn position(first: u64, rows: u64, total: Total) -> String {
    let [from, to] = [first, first + rows - 1].map(|row| grouped(rows::number(row)));
    let noun = if total.count == 1 { "alert" } else { "alerts" };
    format!("{from} to {to} of {total} {noun}")
}

fn empty(query: &Query) -> Panel {
    let panel = |title: &str, text: &str, next: Link| Panel {
        state: PanelState::Empty,
        title: title.to_owned(),
        text: text.to_owned(),
        next: Some(next),
        progress: None,
    };
    match query.is_narrowed() {
        true => panel(
            "No alerts match these filters",
            "Take a filter away, or look at all that is open.",
            Link::new("Show all open alerts", "/alerts"),
        ),
        false => panel(
            "Nothing is open",
            "Every alert of this view has a verdict, or none came. Check that telemetry is arriving.",
            Link::new("Look at the sources", "/sources"),
        ),
    }
}

fn refused(wrong: &Wrong) -> Panel {
    Panel {
        state: PanelState::Failed,
        title: format!("The filter “{}” cannot be used", wrong.parameter),
        text: sentence(&wrong.why),
        next: Some(Link::new("Show all open alerts", "/alerts")),
        progress: None,
    }
}

/// What an address asks for, for pages that have no place to say what is wrong: files.
pub(super) fn filter_of(
    raw: Option<&str>,
    caller: &Caller,
    scope: &Scope,
    graph: &Graph,
) -> Result<Filter, Failure> {
    let bad = |what: String| Failure::new(StatusCode::BAD_REQUEST, what);
    let query = Query::read(raw).map_err(bad)?;
    let cx = Cx { me: caller.person, scope, graph, zone: &caller.time_zone };
    let asked = query.checked(&cx);
    Ok(asked.map_err(|wrong| bad(format!("{}: {}", wrong.parameter, wrong.why)))?.filter)
}
