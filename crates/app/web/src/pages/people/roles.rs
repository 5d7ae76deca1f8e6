//! Roles of one person: given, taken, and given back by an undo. The services write the audit
//! entries.

use access::{
    Access, AccessError, Caller, Grant, Permission, Role, grant::NewGrant, people::NewPerson,
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use sector::{Graph, Map};
use terms::{PersonId, Timestamp};

use super::{
    Places,
    act::{Chosen, again, home, nothing_chosen, undo},
    invite::RoleForm,
    person::{self, Looked, id_of},
};
use crate::{
    failure::Failure,
    form::Posted,
    page::{self, Desk},
    pages::{
        ask::{at_field, button},
        told::{self, Told},
    },
    pieces::{Form, Undo, words},
    view,
};

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
