//! One's own account: name and time zone, password, second factor, where one is signed in, and
//! tokens with which programs ask in one's name.

mod guard;
mod profile;
mod sessions;
mod tokens;
mod zones;

use access::{Access, Caller, Held, Permission, Person, Role, SessionEntry, tokens::TokenEntry};
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use sector::{Graph, Map};
use serde::Serialize;

use super::{
    ask::button,
    people::{in_a_sentence, token_row},
};
use crate::{
    failure::Failure,
    page::Desk,
    pieces::{
        Act, Cell, Column, ErrorSummary, Fact, Facts, FieldError, Form, Link, Row, Selection,
        Shown, Table, words,
    },
    routes::Routes,
    view,
};

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/account", show)
        .get("/account/profile", profile::ask)
        .post("/account/profile", profile::save)
        .get("/account/password", guard::ask_password)
        .post("/account/password", guard::change_password)
        .post("/account/recovery-codes", guard::renew_codes)
        .post("/account/sessions/end", sessions::end)
        .post("/account/sessions/end-all", sessions::end_all)
        .get("/account/tokens/new", tokens::ask)
        .post("/account/tokens/new", tokens::make)
        .post("/account/tokens/revoke", tokens::revoke)
}

/// Everything the page is made of.
struct Looked {
    person: Person,
    has_second_factor: bool,
    codes_left: u64,
    sessions: Vec<SessionEntry>,
    tokens: Vec<TokenEntry>,
}

impl Looked {
    async fn at(access: &Access, caller: &Caller, now: terms::Timestamp) -> Result<Self, Failure> {
        let tokens = access.api_tokens(caller, None, 100).await.map_err(Failure::of)?;
        Ok(Self {
            person: access.own(caller).await.map_err(Failure::of)?,
            has_second_factor: access.has_second_factor(caller).await.map_err(Failure::of)?,
            codes_left: access.recovery_codes_left(caller).await.map_err(Failure::of)?,
            sessions: access.sessions(caller, now).await.map_err(Failure::of)?,
            tokens: tokens.into_iter().filter(|token| token.revoked_at.is_none()).collect(),
        })
    }
}

/// The page.
#[derive(Serialize)]
struct Page {
    says: String,
    errors: ErrorSummary,
    facts: Facts,
    /// Ten new recovery codes, where there is a second factor.
    renew: Option<Form>,
    codes: String,
    sessions: Table,
    end_all: Form,
    may_use_api: bool,
    new_token: Link,
    tokens: Option<Table>,
}

async fn show(
    State(access): State<Access>,
    State(map): State<Map>,
    desk: Desk,
) -> Result<Response, Failure> {
    let looked = Looked::at(&access, &desk.caller, desk.now()).await?;
    Ok(page(desk, &map.graph(), &looked, StatusCode::OK, ErrorSummary::default()))
}

/// The page again, with what could not be done.
async fn again(
    desk: Desk,
    access: &Access,
    map: &Map,
    status: StatusCode,
    text: &str,
) -> Result<Response, Failure> {
    let looked = Looked::at(access, &desk.caller, desk.now()).await?;
    let error = FieldError { text: text.to_owned(), field: None };
    Ok(page(desk, &map.graph(), &looked, status, ErrorSummary { errors: vec![error] }))
}

fn page(
    desk: Desk,
    graph: &Graph,
    looked: &Looked,
    status: StatusCode,
    errors: ErrorSummary,
) -> Response {
    let renew = looked
        .has_second_factor
        .then(|| button(&desk, "/account/recovery-codes", "Make ten new recovery codes"));
    let body = Page {
        says: says(&desk.caller, graph),
        errors,
        facts: facts(looked),
        renew,
        codes: codes(looked.codes_left),
        sessions: sessions_table(&desk, looked),
        end_all: button(&desk, "/account/sessions/end-all", "Sign out everywhere"),
        may_use_api: desk.caller.may_somewhere(Permission::UseApi),
        new_token: Link::new("Make a token", "/account/tokens/new"),
        tokens: tokens_table(&desk, graph, looked),
    };
    desk.page_with(status, "account/one.html", "Your account", "/more", &[], body).into_response()
}

/// One sentence: what the caller is for.
fn says(caller: &Caller, graph: &Graph) -> String {
    let held = |held: &Held| {
        let role = Role::ALL.iter().find(|role| role.permissions() == held.permissions);
        let role = role.map_or_else(|| "a part of a role".to_owned(), |one| in_a_sentence(*one));
        format!("{role} for {}", view::name_in(&held.part, graph))
    };
    let all: Vec<String> = caller.held.iter().take(3).map(held).collect();
    let rest = caller.held.len() - all.len();
    match (all.as_slice(), rest) {
        ([], _) => format!("{}, you have no role at this moment.", caller.name),
        (some, 0) => format!("{}, you are {}.", caller.name, some.join(", and ")),
        (some, rest) => {
            format!("{}, you are {}, and hold {rest} more roles.", caller.name, some.join(", "))
        }
    }
}

fn codes(left: u64) -> String {
    let left = i64::try_from(left).unwrap_or(i64::MAX);
    match left {
        0 => "You have no recovery code left. If you lose your phone, only an administrator can \
              let you in again."
            .to_owned(),
        _ => format!(
            "You have {} left for the day you lose your phone. New ones replace them.",
            words::count(left, "recovery code", None)
        ),
    }
}

fn facts(looked: &Looked) -> Facts {
    let person = &looked.person;
    let fact = |key: &str, text: &str, change: Option<(&str, &str)>| Fact {
        key: key.to_owned(),
        value: Shown::text(text),
        change: change.map(|(text, href)| Link::new(text, href)),
    };
    let set_up = "/sign-in/set-up?next=/account";
    let factor = match looked.has_second_factor {
        true => fact("Second factor", "Authenticator app", Some(("Replace", set_up))),
        false => {
            fact("Second factor", "None: your password alone lets you in", Some(("Set up", set_up)))
        }
    };
    Facts {
        is_compact: false,
        rows: vec![
            fact("Name", &person.name, Some(("Change", "/account/profile"))),
            fact("Email address", person.email.as_str(), None),
            fact(
                "Time zone",
                &zones::name(&person.time_zone),
                Some(("Change", "/account/profile")),
            ),
            fact("Password", "Set", Some(("Change", "/account/password"))),
            factor,
        ],
    }
}

fn column(text: &str) -> Column {
    Column { text: text.to_owned(), is_numeric: false, sort: None }
}

fn selection(desk: &Desk, action: &str, noun: &str, act: (&str, &str)) -> Selection {
    let act = Act { value: act.0.to_owned(), text: act.1.to_owned(), key: None };
    Selection {
        action: action.to_owned(),
        name: "id".to_owned(),
        csrf: desk.csrf(),
        acts: vec![act],
        noun: noun.to_owned(),
    }
}

fn sessions_table(desk: &Desk, looked: &Looked) -> Table {
    let rows = looked.sessions.iter().map(|session| {
        let is_this = desk.caller.session() == Some(session.id);
        let name =
            if is_this { "This browser".to_owned() } else { sessions::browser(&session.agent) };
        let cells = vec![
            Cell::Lines { text: name, below: session.agent.clone(), href: None },
            Cell::text(session.address.as_str()),
            Cell::Time { at: desk.moment(session.started_at), is_short: false },
            Cell::Time { at: desk.moment(session.seen_at), is_short: true },
        ];
        Row { id: session.id.to_string(), cells, is_new: false }
    });
    Table {
        id: "sessions".to_owned(),
        caption: "Where you are signed in".to_owned(),
        is_caption_hidden: true,
        is_compact: true,
        columns: ["Browser", "Address", "Signed in", "Last seen"].map(column).into(),
        rows: rows.collect(),
        selection: Some(selection(desk, "/account/sessions/end", "sessions", ("end", "Sign out"))),
    }
}

fn tokens_table(desk: &Desk, graph: &Graph, looked: &Looked) -> Option<Table> {
    let rows: Vec<Row> = looked.tokens.iter().map(|token| token_row(desk, graph, token)).collect();
    (!rows.is_empty()).then(|| Table {
        id: "tokens".to_owned(),
        caption: "Your API tokens".to_owned(),
        is_caption_hidden: true,
        is_compact: true,
        columns: ["Name", "Where", "Last used", "Until"].map(column).into(),
        rows,
        selection: Some(selection(desk, "/account/tokens/revoke", "tokens", ("revoke", "Revoke"))),
    })
}
