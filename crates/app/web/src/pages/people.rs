//! People: who may do what, inviting, giving and taking roles, help with what was lost.

mod act;
mod export;
mod invite;
mod person;
mod query;
mod roles;

pub(super) use invite::in_a_sentence;
pub(super) use person::token_row;

use std::collections::HashMap;

use access::{
    Access, Grant, Permission, Person, PersonState, Role,
    people::{PeopleFilter, PersonCursor},
};
use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use sector::{Graph, Map};
use serde::Serialize;
use terms::{PersonId, Scope};

use self::query::{Query, STATES, Wrong};
use super::place::Places;
use crate::{
    failure::Failure,
    page::Desk,
    pieces::{
        Cell, Chip, Choice, Column, Filters, Link, Pagination, Panel, Row, Search, Select,
        State as PanelState, Table, words,
    },
    routes::Routes,
    view,
};

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/people", list)
        .get("/people/export.csv", export::csv)
        .get("/people/export.jsonl", export::json_lines)
        .get("/people/invite", invite::ask)
        .post("/people/invite", invite::invite)
        .get("/people/{id}", person::show)
        .post("/people/{id}/roles", roles::give)
        .post("/people/{id}/roles/revoke", roles::revoke)
        .post("/people/{id}/roles/back", roles::give_back)
        .post("/people/{id}/disable", act::disable)
        .post("/people/{id}/enable", act::enable)
        .post("/people/{id}/link", act::link)
        .post("/people/{id}/sessions/end", act::end_sessions)
        .get("/people/{id}/second-factor", act::ask_second_factor)
        .post("/people/{id}/second-factor", act::reset_second_factor)
        .post("/people/{id}/tokens/revoke", act::revoke_tokens)
}

/// Rows of a page.
const ROWS: u64 = 50;

/// The page.
#[derive(Serialize)]
struct List {
    /// One sentence: how many there are, and who is missing.
    says: String,
    /// Where somebody is invited; not for those who may not.
    invite: Option<Link>,
    filters: Filters,
    table: Option<Table>,
    pagination: Option<Pagination>,
    empty: Option<Panel>,
    exports: Vec<Link>,
    /// What was wrong with the address.
    wrong: Option<Panel>,
}

async fn list(
    State(access): State<Access>,
    State(map): State<Map>,
    RawQuery(raw): RawQuery,
    desk: Desk,
) -> Result<Response, Failure> {
    let scope = desk.scope(Permission::ViewPeople)?;
    let graph = map.graph();
    let places = Places::new(&scope, &graph);
    let query = match serde_html_form::from_str::<Query>(raw.as_deref().unwrap_or_default()) {
        Ok(query) => query,
        Err(error) => return Err(Failure::new(StatusCode::BAD_REQUEST, error.to_string())),
    };
    let asked = match asked(&query, &desk, &scope, &places) {
        Ok(asked) => asked,
        Err(wrong) => return Ok(refused(desk, &query, &places, &wrong)),
    };
    let found = Found::read(&access, &desk, &query, asked).await?;
    let body = page_of(&desk, &query, &places, &graph, &found);
    Ok(desk.page("people/list.html", "People", "/more", &[], body))
}

/// What is asked for, checked: the filter within the view, and where in the list.
struct Asked {
    filter: PeopleFilter,
    after: Option<PersonCursor>,
    before: Option<PersonCursor>,
}

fn asked(query: &Query, desk: &Desk, scope: &Scope, places: &Places<'_>) -> Result<Asked, Wrong> {
    Ok(Asked {
        filter: within_view(query.filter(places, desk.now())?, desk, scope),
        after: query::cursor("after", &query.after)?,
        before: query::cursor("before", &query.before)?,
    })
}

/// Whoever looks at one part of what they may see looks at the people there.
fn within_view(filter: PeopleFilter, desk: &Desk, scope: &Scope) -> PeopleFilter {
    let [part] = scope.parts() else { return filter };
    if scope.is_sector() || desk.caller.scope(Permission::ViewPeople) == *scope {
        return filter;
    }
    let anywhere = access::people::Holding { role: None, part: None, at: desk.now() };
    let holding = filter.holding.unwrap_or(anywhere);
    let part = holding.part.or_else(|| Some(part.clone()));
    PeopleFilter { holding: Some(access::people::Holding { part, ..holding }), ..filter }
}

/// People of one page with what they hold.
struct Found {
    people: Vec<Person>,
    held: HashMap<PersonId, Vec<Grant>>,
    total: u64,
    /// How many were invited and have not come.
    waiting: u64,
    first_row: u64,
    has_more: bool,
}

impl Found {
    async fn read(
        access: &Access,
        desk: &Desk,
        query: &Query,
        asked: Asked,
    ) -> Result<Self, Failure> {
        let caller = &desk.caller;
        let Asked { filter, after, before } = asked;
        let (mut people, mut first_row, mut has_more) = (Vec::new(), query.first_row(), true);
        if let Some(before) = &before {
            let back = access.people_back(caller, &filter, before, ROWS).await;
            people = back.map_err(Failure::of)?;
        }
        // The way back that ends before a whole page has come to the beginning.
        if (people.len() as u64) < ROWS {
            let after = after.filter(|_| before.is_none());
            let page = access.people(caller, &filter, after.as_ref(), ROWS).await;
            let page = page.map_err(Failure::of)?;
            has_more = page.next.is_some();
            people = page.people;
            first_row = if after.is_some() { first_row } else { 1 };
        }
        let ids: Vec<PersonId> = people.iter().map(|person| person.id).collect();
        let mut held = access.grants_of(caller, &ids, desk.now()).await.map_err(Failure::of)?;
        held.values_mut().for_each(|grants| person::in_order(grants));
        let total = access.people_count(caller, &filter).await.map_err(Failure::of)?;
        let invited = PeopleFilter { state: Some(PersonState::Invited), ..filter };
        let waiting = access.people_count(caller, &invited).await.map_err(Failure::of)?;
        Ok(Self { people, held, total, waiting, first_row, has_more })
    }
}

fn page_of(desk: &Desk, query: &Query, places: &Places<'_>, graph: &Graph, found: &Found) -> List {
    let may_manage = desk.caller.may_somewhere(Permission::ManagePeople);
    let has_rows = !found.people.is_empty();
    List {
        says: says(found, query.is_narrowed()),
        invite: may_manage.then(|| Link::new("Invite somebody", "/people/invite")),
        filters: filters(query, places, graph),
        table: has_rows.then(|| table(desk, graph, found)),
        pagination: has_rows.then(|| pagination(query, found)),
        empty: (!has_rows).then(|| empty(may_manage)),
        exports: exports(query),
        wrong: None,
    }
}

fn exports(query: &Query) -> Vec<Link> {
    let query = query.first_page();
    let link = |text, path| Link::new(text, query.href(path));
    vec![link("CSV", "/people/export.csv"), link("JSON lines", "/people/export.jsonl")]
}

/// The list with what was wrong with its address instead of rows.
fn refused(desk: Desk, query: &Query, places: &Places<'_>, wrong: &Wrong) -> Response {
    let panel = Panel {
        state: PanelState::Failed,
        title: format!("The filter “{}” cannot be used", wrong.parameter),
        text: super::fields::sentence(&wrong.why),
        next: Some(Link::new("Show everybody", "/people")),
        progress: None,
    };
    let body = List {
        says: String::new(),
        invite: None,
        filters: filters(query, places, places.graph()),
        table: None,
        pagination: None,
        empty: None,
        exports: Vec::new(),
        wrong: Some(panel),
    };
    desk.page_with(StatusCode::BAD_REQUEST, "people/list.html", "People", "/more", &[], body)
        .into_response()
}

fn says(found: &Found, is_narrowed: bool) -> String {
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let all = words::count(number(found.total), "person", Some("people"));
    let which = if is_narrowed { " match these filters" } else { " have an account" };
    let which = if found.total == 1 { which.replace("match", "matches") } else { which.into() };
    let which = if found.total == 1 { which.replace("have", "has") } else { which };
    match found.waiting {
        0 => format!("{all}{which}."),
        1 => format!("{all}{which}; 1 of them was invited and has not come yet."),
        waiting => {
            let waiting = words::grouped(number(waiting));
            format!("{all}{which}; {waiting} of them were invited and have not come yet.")
        }
    }
}

fn empty(may_manage: bool) -> Panel {
    let invite = Link::new("Invite somebody", "/people/invite");
    Panel {
        state: PanelState::Empty,
        title: "Nobody matches these filters".to_owned(),
        text: "Look for a part of the name or of the email address, or show everybody.".to_owned(),
        next: Some(if may_manage { invite } else { Link::new("Show everybody", "/people") }),
        progress: None,
    }
}

fn table(desk: &Desk, graph: &Graph, found: &Found) -> Table {
    let column = |text: &str| Column { text: text.to_owned(), is_numeric: false, sort: None };
    let rows = found.people.iter().map(|person| {
        let held = found.held.get(&person.id).map(Vec::as_slice).unwrap_or_default();
        row(desk, graph, person, held)
    });
    Table {
        id: "people".to_owned(),
        caption: "People by name".to_owned(),
        is_caption_hidden: true,
        is_compact: true,
        columns: vec![column("Name"), column("Roles"), column("Account"), column("Last sign-in")],
        rows: rows.collect(),
        selection: None,
    }
}

fn row(desk: &Desk, graph: &Graph, person: &Person, held: &[Grant]) -> Row {
    let name = Cell::Lines {
        text: person.name.clone(),
        below: person.email.as_str().to_owned(),
        href: Some(format!("/people/{}", person.id)),
    };
    let last = match person.last_sign_in_at {
        Some(at) => Cell::Time { at: desk.moment(at), is_short: true },
        None => Cell::text("Never"),
    };
    let cells = vec![name, roles(graph, held), account(person.state), last];
    Row { id: person.id.to_string(), cells, is_new: false }
}

/// The first role, and how many more.
fn roles(graph: &Graph, held: &[Grant]) -> Cell {
    let Some(first) = held.first() else { return Cell::text("No role here") };
    let place = view::name_in(&first.part, graph);
    let below = match held.len() - 1 {
        0 => place,
        1 => format!("{place}, and 1 more role"),
        more => format!("{place}, and {more} more roles"),
    };
    Cell::Lines { text: first.role.label().to_owned(), below, href: None }
}

/// How an account stands, as a tag.
fn account(state: PersonState) -> Cell {
    let (text, colour) = match state {
        PersonState::Invited => ("Invited", "yellow"),
        PersonState::Active => ("Active", "green"),
        PersonState::Disabled => ("Disabled", "grey"),
    };
    Cell::Tag { text: text.to_owned(), colour }
}

fn pagination(query: &Query, found: &Found) -> Pagination {
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let (first, count) = (found.first_row, found.people.len() as u64);
    let cursor = |person: &Person| {
        query::cursor_text(&PersonCursor { name: person.name.clone(), id: person.id })
    };
    let next = found.people.last().filter(|_| found.has_more).map(|last| Query {
        after: cursor(last),
        row: (first + count).to_string(),
        ..query.first_page()
    });
    let previous = found.people.first().filter(|_| first > 1).map(|one| Query {
        before: cursor(one),
        row: first.saturating_sub(ROWS).max(1).to_string(),
        ..query.first_page()
    });
    // Somebody may have been invited meanwhile.
    let last = first + count.saturating_sub(1);
    let total = number(found.total.max(last));
    let all = words::count(total, "person", Some("people"));
    Pagination {
        label: "People".to_owned(),
        previous: previous.map(|there| there.href("/people")),
        next: next.map(|there| there.href("/people")),
        position: format!(
            "{} to {} of {all}",
            words::grouped(number(first)),
            words::grouped(number(last))
        ),
    }
}

fn filters(query: &Query, places: &Places<'_>, graph: &Graph) -> Filters {
    let any = |chosen: &str| Choice::new("", "Any", chosen);
    let select = |name: &str, label: &str, choices| Select {
        name: name.to_owned(),
        label: label.to_owned(),
        choices,
    };
    let mut roles = vec![any(&query.role)];
    roles.extend(Role::ALL.iter().map(|one| Choice::new(one.as_str(), one.label(), &query.role)));
    let mut parts = vec![any(&query.place)];
    // A list has no field for a name: the search of organisations leads to it by its code.
    parts
        .extend(places.choices(&query.place).into_iter().filter(|one| one.value != "organisation"));
    let mut states = vec![any(&query.state)];
    states.extend(
        STATES.iter().map(|(state, text)| Choice::new(state.as_str(), *text, &query.state)),
    );
    Filters {
        action: "/people".to_owned(),
        title: "Filter people".to_owned(),
        search: Some(Search {
            name: "q".to_owned(),
            label: "Name or email address".to_owned(),
            value: query.q.clone(),
        }),
        selects: vec![
            select("role", "Role", roles),
            select("place", "Where", parts),
            select("state", "Account", states),
        ],
        hidden: Vec::new(),
        chips: chips(query, graph),
        clear: "/people".to_owned(),
    }
}

fn chips(query: &Query, graph: &Graph) -> Vec<Chip> {
    let query = query.first_page();
    let mut chips = Vec::new();
    let mut chip = |text: String, without: Query| {
        chips.push(Chip { text, remove: without.href("/people") });
    };
    if !query.q.is_empty() {
        chip(format!("Name: {}", query.q), Query { q: String::new(), ..query.clone() });
    }
    if !query.role.is_empty() {
        let known = query.role.parse::<Role>().map(Role::label);
        let label = known.unwrap_or(query.role.as_str()).to_owned();
        chip(format!("Role: {label}"), Query { role: String::new(), ..query.clone() });
    }
    if !query.place.is_empty() {
        let name = query.place.parse().map(|part| view::name_in(&part, graph));
        let name = name.unwrap_or_else(|_| query.place.clone());
        chip(format!("Where: {name}"), Query { place: String::new(), ..query.clone() });
    }
    if !query.organisation.is_empty() {
        let without = Query { organisation: String::new(), ..query.clone() };
        chip(format!("Organisation: {}", query.organisation), without);
    }
    if !query.state.is_empty() {
        let known = STATES.iter().find(|(state, _)| state.as_str() == query.state);
        let name = known.map_or(query.state.as_str(), |(_, text)| text);
        chip(format!("Account: {name}"), Query { state: String::new(), ..query.clone() });
    }
    chips
}
