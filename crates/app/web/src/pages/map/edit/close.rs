//! Closing what is no more, after showing what rests on it.

use access::{Caller, Permission};
use axum::{
    extract::{Path, State},
    response::Response,
};
use sector::{Change, Thing};
use serde::{Deserialize, Serialize};
use terms::Scope;

use super::{any::Said, nothing, seen, thing, told};
use crate::{
    failure::Failure,
    form::Posted,
    page::Desk,
    pages::map::{
        failed::failed,
        picture,
        record::{Editing, on},
        said::called,
        words,
    },
    pieces::{Breadcrumbs, Confirm, ErrorSummary, Fact, Facts, Form, Link, Shown},
};

#[derive(Serialize)]
struct ConfirmPage {
    breadcrumbs: Breadcrumbs,
    confirm: Confirm,
}

/// Asks before a thing is closed: what rests on it is shown first.
pub(in crate::pages::map) async fn ask_close(
    kind: &'static str,
    State(editing): State<Editing>,
    Path(code): Path<String>,
    desk: Desk,
) -> Result<Response, Failure> {
    let thing = thing(kind, &code)?;
    let scope = desk.whole_scope(Permission::ManageMap)?;
    seen(&editing, &scope, &thing)?;
    let graph = editing.map.graph();
    let name = called(&thing, &graph);
    let consequence = match &thing {
        Thing::Organisation(_) => {
            "It leaves the picture of the sector and the list of open organisations. Its alerts \
             and devices stay."
                .to_owned()
        }
        Thing::Service(_) => {
            "Alerts on devices that it rests on will no longer rank by its patients.".to_owned()
        }
        Thing::System(code) => match picture::in_words(&graph.system_supports(code, &scope)) {
            Some(what) => format!(
                "{what} rest on it today. Alerts on its devices will no longer rank by them."
            ),
            None => "No service rests on it.".to_owned(),
        },
        Thing::Supplier(_) => return Err(Failure::not_found()),
    };
    let fact = |key: &str, value: Shown| Fact { key: key.to_owned(), value, change: None };
    let owner = graph.owner(&thing).and_then(|code| graph.organisation(code));
    let rows = vec![
        fact("Code", Shown::text(thing.code())),
        fact("Organisation", owner.map_or(Shown::Unknown, |one| Shown::text(one.name.clone()))),
    ];
    let above = words::href(&thing);
    let form = Form {
        action: format!("{above}/close"),
        csrf: desk.csrf(),
        hidden: Vec::new(),
        fields: Vec::new(),
        submit: "Close it".to_owned(),
        is_warning: true,
        cancel: Some(above.clone()),
        has_files: false,
    };
    let title = format!("Close {name}?");
    let confirm = Confirm {
        title: title.clone(),
        consequence,
        facts: Facts { is_compact: false, rows },
        errors: ErrorSummary::default(),
        form,
    };
    let items = vec![Link::new("Map", "/map"), Link::new(name, above)];
    let body = ConfirmPage { breadcrumbs: Breadcrumbs { items }, confirm };
    Ok(desk.page("map/confirm.html", &title, "/map", &[], body))
}

#[derive(Deserialize)]
pub(in crate::pages::map) struct Nothing {}

/// Notes that a thing is no more.
pub(in crate::pages::map) async fn close(
    kind: &'static str,
    State(editing): State<Editing>,
    Path(code): Path<String>,
    Posted { caller, .. }: Posted<Nothing>,
) -> Result<Response, Failure> {
    let thing = thing(kind, &code)?;
    let scope = crate::caller::scope(&caller, Permission::ManageMap)?;
    seen(&editing, &scope, &thing)?;
    let before = Said::of(&editing, &thing).ok_or_else(Failure::not_found)?;
    let back = before.back(&editing, &thing);
    let changes = close_thing(&editing, &caller, &thing, &scope).await?;
    let to = words::href(&thing);
    if changes.is_empty() {
        return Ok(nothing(&to));
    }
    let name = called(&thing, &editing.map.graph());
    Ok(told(&to, &format!("{name} was closed"), Some(&back)))
}

/// Closes a thing and writes it down.
pub(super) async fn close_thing(
    editing: &Editing,
    caller: &Caller,
    thing: &Thing,
    scope: &Scope,
) -> Result<Vec<Change>, Failure> {
    let (map, now) = (editing.by(caller, "map.close", on(thing)), editing.now());
    let changes = match thing {
        Thing::Organisation(code) => map.close_organisation(code, scope, now).await,
        Thing::Service(code) => map.close_service(code, scope, now).await,
        Thing::System(code) => map.close_system(code, scope, now).await,
        Thing::Supplier(_) => return Err(Failure::not_found()),
    };
    let changes = changes.map_err(failed)?;
    editing.tell(&changes);
    Ok(changes)
}
