//! What is done to one person's account: disabled and enabled, signed out, helped with what was
//! lost. The services write the audit entries.

use access::{Access, AccessError, Permission};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use sector::{Graph, Map};
use serde::Deserialize;
use terms::{PersonId, TokenId};

use super::{
    invite::{RoleForm, fresh_link, show_link},
    person::{self, Looked, id_of},
};
use crate::{
    Settings,
    failure::Failure,
    form::Posted,
    page::{self, Desk},
    pages::{
        ask::button,
        fields,
        sign_in::sign_in_again,
        told::{self, Told},
    },
    pieces::{Confirm, ErrorSummary, Fact, Facts, Form, Shown, Undo, words},
};

/// A form of one button, or of chosen rows, or of an undo.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Chosen {
    pub(super) id: Vec<String>,
    pub(super) undo: String,
}

impl Chosen {
    /// What was chosen, also by an undo.
    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        self.id.iter().map(String::as_str).chain(Some(self.undo.as_str()))
    }
}

pub(super) fn home(id: PersonId) -> String {
    format!("/people/{id}")
}

pub(super) fn undo(action: String, token: String) -> Option<Undo> {
    Some(Undo { action, token })
}

/// The person's page again, with why an act was refused.
pub(super) async fn again(
    desk: Desk,
    access: &Access,
    graph: &Graph,
    id: PersonId,
    error: AccessError,
) -> Result<Response, Failure> {
    if matches!(error, AccessError::SignInAgain) {
        return Ok(sign_in_again(&home(id)));
    }
    let Told { status, errors } = told::above(error)?;
    let looked = Looked::at(access, &desk.caller, id, desk.now()).await?;
    let form = RoleForm::default();
    Ok(person::page(desk, graph, &looked, status, errors, |places| form.fields(places)))
}

pub(super) async fn nothing_chosen(
    desk: Desk,
    access: &Access,
    graph: &Graph,
    id: PersonId,
    what: &str,
) -> Result<Response, Failure> {
    let looked = Looked::at(access, &desk.caller, id, desk.now()).await?;
    let error = crate::pieces::FieldError { text: what.to_owned(), field: None };
    let errors = ErrorSummary { errors: vec![error] };
    let (status, form) = (StatusCode::UNPROCESSABLE_ENTITY, RoleForm::default());
    Ok(person::page(desk, graph, &looked, status, errors, |places| form.fields(places)))
}

pub(super) async fn disable(
    State(access): State<Access>,
    State(map): State<Map>,
    Path(id): Path<String>,
    desk: Desk,
    Posted { caller, .. }: Posted<Chosen>,
) -> Result<Response, Failure> {
    desk.whole_scope(Permission::ManagePeople)?;
    let id = id_of(&id)?;
    match access.disable(&caller, id, desk.now()).await {
        Ok(()) => {
            let back = undo(format!("{}/enable", home(id)), "enable".to_owned());
            Ok(page::done(&home(id), "The account is disabled", back))
        }
        Err(error) => again(desk, &access, &map.graph(), id, error).await,
    }
}

pub(super) async fn enable(
    State(access): State<Access>,
    State(map): State<Map>,
    Path(id): Path<String>,
    desk: Desk,
    Posted { caller, .. }: Posted<Chosen>,
) -> Result<Response, Failure> {
    desk.whole_scope(Permission::ManagePeople)?;
    let id = id_of(&id)?;
    match access.enable(&caller, id, desk.now()).await {
        Ok(_) => {
            let back = undo(format!("{}/disable", home(id)), "disable".to_owned());
            Ok(page::done(&home(id), "The account is enabled", back))
        }
        Err(error) => again(desk, &access, &map.graph(), id, error).await,
    }
}

pub(super) async fn link(
    State(access): State<Access>,
    State(map): State<Map>,
    State(settings): State<Settings>,
    Path(id): Path<String>,
    desk: Desk,
    Posted { caller, .. }: Posted<Chosen>,
) -> Result<Response, Failure> {
    desk.whole_scope(Permission::ManagePeople)?;
    let (id, now) = (id_of(&id)?, desk.now());
    let view = access.person(&caller, id, now).await.map_err(Failure::of)?;
    match fresh_link(&access, &caller, &view.person, now).await {
        Ok(link) => {
            let title = format!("A link for {}", view.person.name);
            Ok(show_link(desk, &settings, title, &link, id))
        }
        Err(error) => again(desk, &access, &map.graph(), id, error).await,
    }
}

pub(super) async fn end_sessions(
    State(access): State<Access>,
    State(map): State<Map>,
    Path(id): Path<String>,
    desk: Desk,
    Posted { caller, .. }: Posted<Chosen>,
) -> Result<Response, Failure> {
    desk.whole_scope(Permission::ManagePeople)?;
    let id = id_of(&id)?;
    match access.end_sessions_of(&caller, id, desk.now()).await {
        Ok(count) => {
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            let text = format!("They were signed out of {}", words::count(count, "session", None));
            Ok(page::done(&home(id), &text, None))
        }
        Err(error) => again(desk, &access, &map.graph(), id, error).await,
    }
}

#[derive(serde::Serialize)]
struct Question {
    confirm: Confirm,
}

pub(super) async fn ask_second_factor(
    State(access): State<Access>,
    Path(id): Path<String>,
    desk: Desk,
) -> Result<Response, Failure> {
    desk.whole_scope(Permission::ManagePeople)?;
    let id = id_of(&id)?;
    let view = access.person(&desk.caller, id, desk.now()).await.map_err(Failure::of)?;
    let title = format!("Take the second factor of {} away?", view.person.name);
    let action = format!("{}/second-factor", home(id));
    let email = Shown::text(view.person.email.as_str());
    let email = Fact { key: "Email address".to_owned(), value: email, change: None };
    let consequence = "Their app and their recovery codes stop working, they are signed out \
                       everywhere, and until they set up another app their password alone lets \
                       them in. Be sure who asks: call them back on a number you know.";
    let confirm = Confirm {
        title: title.clone(),
        consequence: consequence.to_owned(),
        facts: Facts { is_compact: true, rows: vec![email] },
        errors: ErrorSummary::default(),
        form: Form {
            is_warning: true,
            cancel: Some(home(id)),
            ..button(&desk, &action, "Take it away")
        },
    };
    Ok(desk.page("people/confirm.html", &title, "/more", &[], Question { confirm }))
}

pub(super) async fn reset_second_factor(
    State(access): State<Access>,
    State(map): State<Map>,
    Path(id): Path<String>,
    desk: Desk,
    Posted { caller, .. }: Posted<Chosen>,
) -> Result<Response, Failure> {
    desk.whole_scope(Permission::ManagePeople)?;
    let id = id_of(&id)?;
    match access.reset_second_factor(&caller, id, desk.now()).await {
        Ok(()) => Ok(page::done(&home(id), "The second factor is taken away", None)),
        Err(error) => again(desk, &access, &map.graph(), id, error).await,
    }
}

pub(super) async fn revoke_tokens(
    State(access): State<Access>,
    State(map): State<Map>,
    Path(id): Path<String>,
    desk: Desk,
    Posted { caller, form }: Posted<Chosen>,
) -> Result<Response, Failure> {
    desk.whole_scope(Permission::ManagePeople)?;
    let (id, now, graph) = (id_of(&id)?, desk.now(), map.graph());
    let theirs = access.api_tokens_of(&caller, id, None, 500).await.map_err(Failure::of)?;
    let is_theirs = |token: &TokenId| theirs.iter().any(|one| one.id == *token);
    let chosen: Vec<TokenId> =
        form.all().filter_map(|one| one.parse().ok()).filter(is_theirs).collect();
    if chosen.is_empty() {
        return nothing_chosen(desk, &access, &graph, id, "Choose at least one token.").await;
    }
    for token in &chosen {
        if let Err(error) = access.revoke_token(&caller, *token, now).await {
            return again(desk, &access, &graph, id, error).await;
        }
    }
    let count = i64::try_from(chosen.len()).unwrap_or(i64::MAX);
    let verb = if count == 1 { "is" } else { "are" };
    let text = format!("{} {verb} revoked", words::count(count, "token", None));
    Ok(page::done(&home(id), &fields::sentence(&text), None))
}
