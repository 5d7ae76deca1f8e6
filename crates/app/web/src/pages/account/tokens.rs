//! Tokens with which programs ask the API in one's name: made with a part of what one holds, shown
//! once, revoked.

use access::{Access, Permission, tokens::NewApiToken};
use axum::{extract::State, http::StatusCode, response::Response};
use sector::Map;
use serde::{Deserialize, Serialize};
use terms::TokenId;

use super::again;
use crate::{
    failure::Failure,
    form::Posted,
    page::{self, Desk},
    pages::{
        ask::{Ask, WrongField, at_field, button},
        days::{self, End},
        fields,
        place::Places,
        told,
    },
    pieces::{Choice, ErrorSummary, Form, Input, words},
};

/// A token as it is filled in.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TokenForm {
    name: String,
    permissions: Vec<String>,
    place: String,
    organisation: String,
    expires_at: String,
}

/// Tokens that were chosen.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Chosen {
    id: Vec<String>,
}

fn form(desk: &Desk, places: &Places<'_>, filled: &TokenForm) -> Form {
    let held = Permission::ALL.iter().filter(|one| desk.caller.may_somewhere(**one));
    let choices = held.map(|one| Choice {
        is_chosen: filled.permissions.iter().any(|chosen| chosen == one.as_str()),
        ..Choice::new(one.as_str(), one.label(), "")
    });
    let name = fields::text("name", "Name", &filled.name).hint("What the program is, and where");
    let permissions = Input::Checkboxes { choices: choices.collect() };
    let permissions = fields::field("permissions", "What the program may do", permissions)
        .hint("Never more than you may do yourself at that moment");
    let expiry = Input::Text {
        value: filled.expires_at.clone(),
        of: "date",
        autocomplete: "off",
        is_digits: false,
        width: Some(10),
    };
    let expiry = fields::field("expires_at", "Last day", expiry).hint("A year from now if empty");
    let mut all = vec![name, permissions];
    all.extend(places.fields("Where", &filled.place, &filled.organisation));
    all.push(expiry);
    Form {
        fields: all,
        cancel: Some("/account".to_owned()),
        ..button(desk, "/account/tokens/new", "Make token")
    }
}

fn show(desk: Desk, status: StatusCode, form: Form, errors: ErrorSummary) -> Response {
    let title = "Make an API token";
    let lead = "A program that has it asks in your name. It stops when your account does.";
    let ask = Ask { title: title.to_owned(), lead: lead.to_owned(), errors, form };
    desk.page_with(status, "account/form.html", title, "/more", &[], ask)
}

pub(super) async fn ask(State(map): State<Map>, desk: Desk) -> Result<Response, Failure> {
    let scope = desk.whole_scope(Permission::UseApi)?;
    let graph = map.graph();
    let form = form(&desk, &Places::new(&scope, &graph), &TokenForm::default());
    Ok(show(desk, StatusCode::OK, form, ErrorSummary::default()))
}

/// A token, shown this once.
#[derive(Serialize)]
struct Made {
    name: String,
    token: String,
    api_key: String,
}

/// What is filled in, as far as it can be read. Errors: the first field that cannot.
fn read<'f>(
    filled: &'f TokenForm,
    places: &Places<'_>,
    zone: &str,
) -> Result<NewApiToken<'f>, WrongField> {
    let wrong = |field, text: &str| WrongField { field, text: fields::sentence(&text) };
    let permissions: Result<Vec<Permission>, _> =
        filled.permissions.iter().map(|one| one.parse()).collect();
    let permissions = permissions.map_err(|_| wrong("permissions", "choose from the list"))?;
    let part = places.chosen(&filled.place, &filled.organisation);
    let part = part.map_err(|error| WrongField { field: error.field, text: error.text })?;
    let expires_at = days::moment(&filled.expires_at, zone, End::Last);
    let expires_at = expires_at.map_err(|why| wrong("expires_at", why))?;
    Ok(NewApiToken { name: &filled.name, part, permissions, expires_at })
}

pub(super) async fn make(
    State(access): State<Access>,
    State(map): State<Map>,
    desk: Desk,
    Posted { caller, form: filled }: Posted<TokenForm>,
) -> Result<Response, Failure> {
    let scope = desk.whole_scope(Permission::UseApi)?;
    let graph = map.graph();
    let places = Places::new(&scope, &graph);
    let mut form = form(&desk, &places, &filled);
    let told = match read(&filled, &places, &caller.time_zone) {
        Err(wrong) => at_field(&mut form, wrong),
        Ok(new) => match access.create_api_token(&caller, &new, desk.now()).await {
            Ok(token) => {
                let made = Made {
                    name: new.name.trim().to_owned(),
                    token: token.text.expose().to_owned(),
                    api_key: token.api_key.expose().to_owned(),
                };
                return Ok(desk.page("account/token.html", "Your new token", "/more", &[], made));
            }
            Err(error) => told::beside(&mut form, error)?,
        },
    };
    Ok(show(desk, told.status, form, told.errors))
}

pub(super) async fn revoke(
    State(access): State<Access>,
    State(map): State<Map>,
    desk: Desk,
    Posted { caller, form }: Posted<Chosen>,
) -> Result<Response, Failure> {
    let own = access.api_tokens(&caller, None, 500).await.map_err(Failure::of)?;
    let is_own = |id: &TokenId| own.iter().any(|token| token.id == *id);
    let chosen: Vec<TokenId> =
        form.id.iter().filter_map(|id| id.parse().ok()).filter(is_own).collect();
    if chosen.is_empty() {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return again(desk, &access, &map, status, "Choose at least one token.").await;
    }
    let mut count = 0;
    for id in chosen {
        match access.revoke_token(&caller, id, desk.now()).await {
            Ok(()) => count += 1,
            Err(access::AccessError::Unknown(_)) => {}
            Err(error) => return Err(Failure::of(error)),
        }
    }
    let verb = if count == 1 { "is" } else { "are" };
    let text = format!("{} {verb} revoked", words::count(count, "token", None));
    Ok(page::done("/account", &text, None))
}
