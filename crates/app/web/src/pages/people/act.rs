//! What is done to one person's account: roles given and taken, the account disabled and enabled,
//! help with what was lost. The services write the audit entries.

use access::{
    Access, AccessError, Caller, Grant, Permission, Role, grant::NewGrant, people::NewPerson,
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use sector::{Graph, Map};
use serde::Deserialize;
use terms::{PersonId, Timestamp, TokenId};

use super::{
    Places,
    invite::{RoleForm, fresh_link, show_link},
    person::{self, Looked, id_of},
};
use crate::{
    Settings,
    failure::Failure,
    form::Posted,
    page::{self, Desk},
    pages::{
        ask::{at_field, button},
        fields,
        sign_in::sign_in_again,
        told::{self, Told},
    },
    pieces::{Confirm, ErrorSummary, Fact, Facts, Form, Shown, Undo, words},
    view,
};

/// A form of one button, or of chosen rows, or of an undo.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Chosen {
    id: Vec<String>,
    undo: String,
}

impl Chosen {
    /// What was chosen, also by an undo.
    fn all(&self) -> impl Iterator<Item = &str> {
        self.id.iter().map(String::as_str).chain(Some(self.undo.as_str()))
    }
}

fn home(id: PersonId) -> String {
    format!("/people/{id}")
}

fn undo(action: String, token: String) -> Option<Undo> {
    Some(Undo { action, token })
}

/// The person's page again, with why an act was refused.
async fn again(
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

pub(super) async fn give(
    State(access): State<Access>,
    State(map): State<Map>,
    Path(id): Path<String>,
    desk: Desk,
    Posted { caller, form: filled }: Posted<RoleForm>,
) -> Result<Response, Failure> {
    let scope = desk.whole_scope(Permission::ManagePeople)?;
    let (id, now, graph) = (id_of(&id)?, desk.now(), map.graph());
    // Whoever may not see the person learns nothing from what is wrong with the form.
    let looked = Looked::at(&access, &caller, id, now).await?;
    let places = Places::new(&scope, &graph);
    let mut form = Form { fields: filled.fields(&places), ..button(&desk, "", "") };
    let told = match filled.grant(&places, &caller.time_zone) {
        Err(wrong) => at_field(&mut form, wrong),
        Ok(grant) => match access.give(&caller, id, &grant, now).await {
            Ok(given) => {
                let text = format!("{} is given", given_text(&given.role, &given, &graph));
                let back = undo(format!("{}/roles/revoke", home(id)), given.id.to_string());
                return Ok(page::done(&home(id), &text, back));
            }
            Err(error) => told::beside(&mut form, error)?,
        },
    };
    let Told { status, errors } = told;
    Ok(person::page(desk, &graph, &looked, status, errors, |_| form.fields))
}

fn given_text(role: &Role, grant: &Grant, graph: &Graph) -> String {
    format!("{} for {}", role.label(), view::name_in(&grant.part, graph))
}

/// More than these are not carried along for an undo.
const MOST_UNDONE: usize = 20;

pub(super) async fn revoke(
    State(access): State<Access>,
    State(map): State<Map>,
    Path(id): Path<String>,
    desk: Desk,
    Posted { caller, form }: Posted<Chosen>,
) -> Result<Response, Failure> {
    desk.whole_scope(Permission::ManagePeople)?;
    let (id, now, graph) = (id_of(&id)?, desk.now(), map.graph());
    let view = access.person(&caller, id, now).await.map_err(Failure::of)?;
    let chosen: Vec<&Grant> =
        form.all().filter_map(|one| view.grants.iter().find(|g| g.id.to_string() == one)).collect();
    if chosen.is_empty() {
        return nothing_chosen(desk, &access, &graph, id, "Choose at least one role.").await;
    }
    let mut taken = Vec::new();
    for grant in chosen {
        match access.revoke(&caller, grant.id, now).await {
            Ok(()) => taken.push(grant),
            Err(error) => return again(desk, &access, &graph, id, error).await,
        }
    }
    let text = match taken.as_slice() {
        [one] => format!("{} is taken away", given_text(&one.role, one, &graph)),
        many => {
            let count = i64::try_from(many.len()).unwrap_or(i64::MAX);
            format!("{} are taken away", words::count(count, "role", None))
        }
    };
    let is_few = taken.len() <= MOST_UNDONE;
    let back = is_few.then(|| Undo {
        action: format!("{}/roles/back", home(id)),
        token: back_text(view.person.email.as_str(), &taken),
    });
    // Without a role here they may no longer be somebody the caller sees.
    let to = match access.person(&caller, id, now).await {
        Ok(_) => home(id),
        Err(_) => "/people".to_owned(),
    };
    Ok(page::done(&to, &text, back))
}

async fn nothing_chosen(
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

/// Roles as an undo carries them: the address they belong to, then one a line. The law is asked
/// again when they are given back, so that nothing depends on this text being ours.
fn back_text(email: &str, taken: &[&Grant]) -> String {
    let line = |grant: &&Grant| {
        let until = grant.until.map(|until| until.to_string()).unwrap_or_default();
        format!("{} {} {until}", grant.role, grant.part)
    };
    let lines = taken.iter().map(line);
    Some(email.to_owned()).into_iter().chain(lines).collect::<Vec<_>>().join("\n")
}

/// Reads [`back_text`]; nothing when it is none.
fn read_back(text: &str) -> Option<(&str, Vec<NewGrant>)> {
    let mut lines = text.lines();
    let email = lines.next()?;
    let grants = lines.map(|line| {
        let (role, rest) = line.split_once(' ')?;
        let (part, until) = rest.split_once(' ')?;
        let until = match until {
            "" => None,
            text => Some(text.parse::<Timestamp>().ok()?),
        };
        Some(NewGrant { until, ..NewGrant::of(role.parse().ok()?, part.parse().ok()?) })
    });
    let grants: Option<Vec<NewGrant>> = grants.take(MOST_UNDONE).collect();
    grants.filter(|grants| !grants.is_empty()).map(|grants| (email, grants))
}

pub(super) async fn give_back(
    State(access): State<Access>,
    State(map): State<Map>,
    Path(id): Path<String>,
    desk: Desk,
    Posted { caller, form }: Posted<Chosen>,
) -> Result<Response, Failure> {
    desk.whole_scope(Permission::ManagePeople)?;
    let (id, now) = (id_of(&id)?, desk.now());
    let bad = || Failure::new(StatusCode::BAD_REQUEST, "this cannot be undone any more");
    let (email, grants) = read_back(&form.undo).ok_or_else(bad)?;
    for grant in &grants {
        if let Err(error) = restore(&access, &caller, (id, email), grant, now).await {
            return again(desk, &access, &map.graph(), id, error).await;
        }
    }
    let text =
        if grants.len() == 1 { "The role is given back" } else { "The roles are given back" };
    Ok(page::done(&home(id), text, None))
}

/// Gives a role back to somebody who may have vanished from the caller's sight with it.
async fn restore(
    access: &Access,
    caller: &Caller,
    (id, email): (PersonId, &str),
    grant: &NewGrant,
    now: Timestamp,
) -> Result<(), AccessError> {
    match access.give(caller, id, grant, now).await {
        Err(AccessError::Unknown(_)) => {}
        other => return other.map(drop),
    }
    let is_theirs = access.names([id]).await?.get(&id).cloned();
    let name = is_theirs.ok_or(AccessError::Unknown("person"))?;
    let new = NewPerson { email, name: &name, grant: grant.clone() };
    access.invite(caller, &new, now).await.map(drop)
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

#[cfg(test)]
mod tests {
    use terms::{GrantId, Part};

    use super::*;

    #[test]
    fn roles_that_were_taken_are_read_back() {
        let now = Timestamp::UNIX_EPOCH;
        let grant = |role, part: &str, until| Grant {
            id: GrantId::new(now),
            person: PersonId::new(now),
            role,
            part: part.parse::<Part>().expect("a part"),
            from: now,
            until,
            given_by: None,
        };
        let one = grant(Role::Analyst, "organisation:XAA", None);
        let other = grant(Role::Viewer, "region:Y56", Some(Timestamp::MAX));
        let text = back_text("ann@example.org", &[&one, &other]);
        let (email, grants) = read_back(&text).expect("read");
        assert_eq!(email, "ann@example.org");
        let expected = [
            NewGrant::of(one.role, one.part),
            NewGrant { until: other.until, ..NewGrant::of(other.role, other.part) },
        ];
        assert_eq!(grants, expected);
        for text in ["", "ann@example.org", "a\nowner sector ", "a\nviewer nowhere ", "a\nviewer"] {
            assert!(read_back(text).is_none(), "{text:?}");
        }
    }
}
