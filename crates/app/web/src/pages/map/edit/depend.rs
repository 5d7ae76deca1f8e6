//! Dependencies: added, changed, removed.

use access::{Caller, Permission};
use axum::{
    extract::{Query, State},
    response::Response,
};
use sector::{Change, Dependency, Thing};
use serde::Deserialize;
use terms::Scope;

use super::{Asked, Begun, nothing, seen, show, told};
use crate::{
    failure::Failure,
    form::Posted,
    page::Desk,
    pages::{
        fields::hidden,
        map::{
            failed::failed,
            record::{Editing, on, wrong},
            said::{Back, DependencySaid, Wrong},
            words,
        },
    },
    pieces::Link,
};

fn dependency_form(said: &DependencySaid, wrong: &Wrong, is_new: bool) -> Asked {
    let above = match said.from.parse::<Thing>() {
        Ok(from) => Link::new(from.code(), words::href(&from)),
        Err(_) => Link::new("Organisations", "/map"),
    };
    let hidden = match is_new {
        true => Vec::new(),
        false => vec![hidden("from", &said.from), hidden("to", &said.to)],
    };
    let title = match is_new {
        true => "Add a dependency".to_owned(),
        false => format!("Change how {} depends on {}", said.from, said.to),
    };
    Asked {
        title,
        action: "/map/dependencies".to_owned(),
        above,
        fields: said.fields(wrong, is_new),
        hidden,
        submit: if is_new { "Add" } else { "Save" },
        remove: (!is_new).then_some(("/map/dependencies/remove", "Remove it")),
    }
}

/// The dependency of two things, when both are named and the caller may change it.
fn found(editing: &Editing, scope: &Scope, from: &str, to: &str) -> Option<DependencySaid> {
    let (from, to) = (from.parse::<Thing>().ok()?, to.parse::<Thing>().ok()?);
    seen(editing, scope, &from).ok()?;
    let graph = editing.map.graph();
    graph.dependency(&from, &to).map(DependencySaid::of)
}

/// The form that adds a dependency, or changes one that is named.
pub(in crate::pages::map) async fn ask_dependency(
    State(editing): State<Editing>,
    Query(begun): Query<Begun>,
    desk: Desk,
) -> Result<Response, Failure> {
    let scope = desk.whole_scope(Permission::ManageMap)?;
    let known = found(&editing, &scope, &begun.from, &begun.to);
    let is_new = known.is_none();
    let fresh = DependencySaid::blank(begun.from, begun.to);
    let wrong = Wrong::default();
    Ok(show(desk, dependency_form(&known.unwrap_or(fresh), &wrong, is_new), &wrong))
}

/// Notes a dependency, or changes it.
pub(in crate::pages::map) async fn save_dependency(
    State(editing): State<Editing>,
    desk: Desk,
    Posted { caller, form }: Posted<DependencySaid>,
) -> Result<Response, Failure> {
    let scope = crate::caller::scope(&caller, Permission::ManageMap)?;
    let before = found(&editing, &scope, &form.from, &form.to);
    let is_new = before.is_none();
    let saved = match form.read() {
        Ok(one) => link(&editing, &caller, one, &scope).await?,
        Err(wrong) => Err(wrong),
    };
    match saved {
        Ok((from, changes)) if changes.is_empty() => Ok(nothing(&words::href(&from))),
        Ok((from, _)) => {
            let back = match before {
                Some(before) => Back::Dependency(before),
                None => Back::Unlink(form.from.clone(), form.to.clone()),
            };
            let text =
                if is_new { "The dependency was added" } else { "The dependency was changed" };
            Ok(told(&words::href(&from), text, Some(&back)))
        }
        Err(wrong) => Ok(show(desk, dependency_form(&form, &wrong, is_new), &wrong)),
    }
}

/// Writes a dependency; what is wrong with it otherwise.
async fn link(
    editing: &Editing,
    caller: &Caller,
    one: Dependency,
    scope: &Scope,
) -> Result<Result<(Thing, Vec<Change>), Wrong>, Failure> {
    let from = one.from.clone();
    let map = editing.by(caller, "map.depend", on(&from));
    match map.save_dependency(one, scope, editing.now()).await {
        Ok(changes) => {
            editing.tell(&changes);
            Ok(Ok((from, changes)))
        }
        Err(error) => wrong(error).map(Err),
    }
}

/// Which dependency.
#[derive(Deserialize)]
pub(in crate::pages::map) struct Pair {
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
}

/// Notes that a dependency is no more.
pub(in crate::pages::map) async fn remove_dependency(
    State(editing): State<Editing>,
    Posted { caller, form }: Posted<Pair>,
) -> Result<Response, Failure> {
    let scope = crate::caller::scope(&caller, Permission::ManageMap)?;
    let before = found(&editing, &scope, &form.from, &form.to).ok_or_else(Failure::not_found)?;
    let from = unlink(&editing, &caller, &form.from, &form.to, &scope).await?;
    let back = Back::Dependency(before);
    Ok(told(&words::href(&from), "The dependency was removed", Some(&back)))
}

/// Removes a dependency and writes it down.
pub(super) async fn unlink(
    editing: &Editing,
    caller: &Caller,
    from: &str,
    to: &str,
    scope: &Scope,
) -> Result<Thing, Failure> {
    let read = |text: &str| text.parse::<Thing>().map_err(|_| Failure::not_found());
    let (from, to) = (read(from)?, read(to)?);
    let map = editing.by(caller, "map.undepend", on(&from));
    let changes = map.remove_dependency(&from, &to, scope, editing.now()).await;
    editing.tell(&changes.map_err(failed)?);
    Ok(from)
}
