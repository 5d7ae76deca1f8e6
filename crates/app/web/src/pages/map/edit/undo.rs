//! Taking a change back.

use access::{Caller, Permission};
use axum::{extract::State, http::StatusCode, response::Response};
use sector::Thing;
use serde::Deserialize;
use terms::{OdsCode, Scope};

use super::{close::close_thing, depend::unlink};
use crate::{
    failure::Failure,
    form::Posted,
    page::done,
    pages::map::{
        failed::failed,
        record::{Editing, on},
        said::{Back, Wrong, instant},
        words,
    },
};

/// What an undo brings back.
#[derive(Deserialize)]
pub(in crate::pages::map) struct UndoForm {
    #[serde(default)]
    undo: String,
}

/// Takes a change back. It is a change like any other: the same may make it, and it is written
/// down.
pub(in crate::pages::map) async fn undo(
    State(editing): State<Editing>,
    Posted { caller, form }: Posted<UndoForm>,
) -> Result<Response, Failure> {
    let scope = crate::caller::scope(&caller, Permission::ManageMap)?;
    let unreadable = || Failure::new(StatusCode::BAD_REQUEST, "this cannot be taken back any more");
    let back = Back::read(&form.undo).ok_or_else(unreadable)?;
    let thing = bring_back(&editing, &caller, back, &scope).await?;
    Ok(done(&words::href(&thing), "The change was taken back", None))
}

async fn bring_back(
    editing: &Editing,
    caller: &Caller,
    back: Back,
    scope: &Scope,
) -> Result<Thing, Failure> {
    let now = editing.now();
    let by = |thing: &Thing| editing.by(caller, "map.undo", on(thing));
    let unreadable =
        |_: Wrong| Failure::new(StatusCode::BAD_REQUEST, "this cannot be taken back any more");
    let (thing, changes) = match back {
        Back::Close(text) => {
            let thing: Thing = text.parse().map_err(|_| Failure::not_found())?;
            close_thing(editing, caller, &thing, scope).await?;
            return Ok(thing);
        }
        Back::Unlink(from, to) => return unlink(editing, caller, &from, &to, scope).await,
        Back::Organisation(said, closed) => {
            let graph = editing.map.graph();
            let code: OdsCode = said.code.parse().map_err(|_| Failure::not_found())?;
            let mut one = said.read(graph.organisation(&code)).map_err(unreadable)?;
            one.closed_at = closed.and_then(instant);
            let thing = Thing::Organisation(code);
            let changes = by(&thing).change_organisation(one, scope, now).await;
            (thing, changes)
        }
        Back::Service(said, closed) => {
            let mut one = said.read().map_err(unreadable)?;
            one.closed_at = closed.and_then(instant);
            let thing = Thing::Service(one.code.clone());
            let changes = by(&thing).change_service(one, scope, now).await;
            (thing, changes)
        }
        Back::System(said, closed) => {
            let mut one = said.read().map_err(unreadable)?;
            one.closed_at = closed.and_then(instant);
            let thing = Thing::System(one.code.clone());
            let changes = by(&thing).change_system(one, scope, now).await;
            (thing, changes)
        }
        Back::Supplier(said) => {
            let one = said.read().map_err(unreadable)?;
            let thing = Thing::Supplier(one.code.clone());
            let changes = by(&thing).save_supplier(one, scope, now).await;
            (thing, changes)
        }
        Back::Dependency(said) => {
            let one = said.read().map_err(unreadable)?;
            let thing = one.from.clone();
            let changes = by(&thing).save_dependency(one, scope, now).await;
            (thing, changes)
        }
    };
    editing.tell(&changes.map_err(failed)?);
    Ok(thing)
}
