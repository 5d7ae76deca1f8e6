//! Changing the map by hand: forms to add and change. Each change is written down and can be taken
//! back.
//!
//! In reading order: `any` a form of any kind of thing, this file how it is asked and saved,
//! `depend` dependencies, `close` what is no more, `undo` the way back.

mod any;
pub(super) mod close;
pub(super) mod depend;
pub(super) mod undo;

use access::Permission;
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
};
use sector::Thing;
use serde::{Deserialize, Serialize};
use terms::{OdsCode, Scope};

use super::{
    picture::is_shown,
    record::Editing,
    said::{Back, Wrong, called},
    words,
};
use crate::{
    failure::Failure,
    form::Posted,
    page::{Desk, done},
    pieces::{Breadcrumbs, ErrorSummary, Field, FieldError, Form, Hidden, Link, Undo},
};
use any::Said;

/// A page with one form.
#[derive(Serialize)]
struct FormPage {
    title: String,
    breadcrumbs: Breadcrumbs,
    errors: ErrorSummary,
    form: Form,
    /// Another form below it: taking away what the first one changes.
    also: Option<Form>,
}

/// What a form is for.
struct Asked {
    title: String,
    action: String,
    /// The page above, with its name.
    above: Link,
    fields: Vec<Field>,
    hidden: Vec<Hidden>,
    submit: &'static str,
    /// Where what is changed can be taken away, and what the button says.
    remove: Option<(&'static str, &'static str)>,
}

/// Shows a form, with what was wrong with it before.
fn show(desk: Desk, asked: Asked, wrong: &Wrong) -> Response {
    let names: Vec<String> = asked.fields.iter().map(|field| field.name.clone()).collect();
    let also = asked.remove.map(|(action, submit)| Form {
        action: action.to_owned(),
        csrf: desk.csrf(),
        hidden: asked.hidden.clone(),
        fields: Vec::new(),
        submit: submit.to_owned(),
        is_warning: true,
        cancel: None,
        has_files: false,
    });
    let form = Form {
        action: asked.action,
        csrf: desk.csrf(),
        hidden: asked.hidden,
        fields: asked.fields,
        submit: asked.submit.to_owned(),
        is_warning: false,
        cancel: Some(asked.above.href.clone()),
        has_files: false,
    };
    let mut errors = form.errors();
    let beside = wrong.beside(&names).into_iter();
    errors.errors.extend(beside.map(|text| FieldError { text, field: None }));
    let status = match errors.errors.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let breadcrumbs = Breadcrumbs { items: vec![Link::new("Map", "/map"), asked.above] };
    let body = FormPage { title: asked.title.clone(), breadcrumbs, errors, form, also };
    desk.page_with(status, "map/form.html", &asked.title, "/map", &[], body)
}

/// What was done, with the way back.
fn told(to: &str, text: &str, back: Option<&Back>) -> Response {
    let token = back.and_then(Back::token);
    let undo = token.map(|token| Undo { action: "/map/undo".to_owned(), token });
    done(to, text, undo)
}

fn nothing(to: &str) -> Response {
    done(to, "Nothing was different, so nothing was changed", None)
}

/// What a form was begun with.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Begun {
    organisation: String,
    from: String,
    to: String,
}

fn thing(kind: &str, code: &str) -> Result<Thing, Failure> {
    // Addresses name things in the plural.
    let kind = kind.strip_suffix('s').unwrap_or(kind);
    Thing::of(kind, code).map_err(|_| Failure::not_found())
}

/// A thing of the map that the caller may see.
fn seen(editing: &Editing, desk_scope: &Scope, thing: &Thing) -> Result<(), Failure> {
    let graph = editing.map.graph();
    let is_there = graph.name(thing).is_some();
    match is_there && is_shown(thing, &graph, desk_scope) {
        true => Ok(()),
        false => Err(Failure::not_found()),
    }
}

fn of_kind(kind: &str) -> Option<(&'static str, &'static str)> {
    Some(match kind {
        "organisations" => ("organisation", "an organisation"),
        "services" => ("service", "a service"),
        "systems" => ("system", "a system"),
        "suppliers" => ("supplier", "a supplier"),
        _ => return None,
    })
}

fn new_form(kind: &str, said: &Said, wrong: &Wrong, organisation: &str) -> Option<Asked> {
    let (_, one) = of_kind(kind)?;
    let above = match organisation.is_empty() {
        true if kind == "suppliers" => Link::new("Suppliers", "/map/suppliers"),
        true => Link::new("Organisations", "/map"),
        false => Link::new(organisation, format!("/map/organisations/{organisation}")),
    };
    Some(Asked {
        title: format!("Add {one}"),
        action: format!("/map/{kind}/new"),
        above,
        fields: said.fields(wrong, true),
        hidden: Vec::new(),
        submit: "Add",
        remove: None,
    })
}

/// The form that adds something of a kind.
pub(super) async fn ask_new(
    kind: &'static str,
    Query(begun): Query<Begun>,
    desk: Desk,
) -> Result<Response, Failure> {
    desk.whole_scope(Permission::ManageMap)?;
    let organisation = begun.organisation.parse::<OdsCode>().map(|code| code.to_string());
    let organisation = organisation.unwrap_or_default();
    let said = Said::blank(kind, organisation.clone()).ok_or_else(Failure::not_found)?;
    let wrong = Wrong::default();
    let asked = new_form(kind, &said, &wrong, &organisation).ok_or_else(Failure::not_found)?;
    Ok(show(desk, asked, &wrong))
}

/// Adds something of a kind.
pub(super) async fn add(
    kind: &'static str,
    State(editing): State<Editing>,
    desk: Desk,
    Posted { caller, form }: Posted<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    let scope = crate::caller::scope(&caller, Permission::ManageMap)?;
    let said = Said::posted(kind, None, &form).ok_or_else(Failure::not_found)?;
    match said.save(&editing, &caller, &scope, true).await {
        Ok((thing, changes)) => {
            editing.tell(&changes);
            let name = called(&thing, &editing.map.graph());
            // Suppliers stay known once they are; the others can be closed again.
            let back = (kind != "suppliers").then(|| Back::Close(thing.to_string()));
            Ok(told(&words::href(&thing), &format!("{name} was added"), back.as_ref()))
        }
        Err(unsaved) => {
            let wrong = unsaved.wrong()?;
            let asked = new_form(kind, &said, &wrong, "").ok_or_else(Failure::not_found)?;
            Ok(show(desk, asked, &wrong))
        }
    }
}

fn change_form(editing: &Editing, thing: &Thing, said: &Said, wrong: &Wrong) -> Asked {
    let name = called(thing, &editing.map.graph());
    Asked {
        title: format!("Change {name}"),
        action: format!("{}/edit", words::href(thing)),
        above: Link::new(name, words::href(thing)),
        fields: said.fields(wrong, false),
        hidden: Vec::new(),
        submit: "Save",
        remove: None,
    }
}

/// The form that changes a thing.
pub(super) async fn ask_change(
    kind: &'static str,
    State(editing): State<Editing>,
    Path(code): Path<String>,
    desk: Desk,
) -> Result<Response, Failure> {
    let thing = thing(kind, &code)?;
    seen(&editing, &desk.whole_scope(Permission::ManageMap)?, &thing)?;
    let said = Said::of(&editing, &thing).ok_or_else(Failure::not_found)?;
    let wrong = Wrong::default();
    let asked = change_form(&editing, &thing, &said, &wrong);
    Ok(show(desk, asked, &wrong))
}

/// Changes a thing.
pub(super) async fn change(
    kind: &'static str,
    State(editing): State<Editing>,
    Path(code): Path<String>,
    desk: Desk,
    Posted { caller, form }: Posted<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    let scope = crate::caller::scope(&caller, Permission::ManageMap)?;
    let thing = thing(kind, &code)?;
    seen(&editing, &scope, &thing)?;
    let before = Said::of(&editing, &thing).ok_or_else(Failure::not_found)?;
    let said = Said::posted(kind, Some(thing.code()), &form).ok_or_else(Failure::not_found)?;
    let back = before.back(&editing, &thing);
    match said.save(&editing, &caller, &scope, false).await {
        Ok((thing, changes)) if changes.is_empty() => Ok(nothing(&words::href(&thing))),
        Ok((thing, changes)) => {
            editing.tell(&changes);
            let name = called(&thing, &editing.map.graph());
            Ok(told(&words::href(&thing), &format!("{name} was changed"), Some(&back)))
        }
        Err(unsaved) => {
            let wrong = unsaved.wrong()?;
            let asked = change_form(&editing, &thing, &said, &wrong);
            Ok(show(desk, asked, &wrong))
        }
    }
}
