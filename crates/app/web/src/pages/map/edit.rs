//! Changing the map by hand: forms to add and change, and closing what is no more. Each change is
//! written down and can be taken back.

use access::{Caller, Permission};
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use sector::{Change, Graph, SectorError, Thing};
use serde::{Deserialize, Serialize};
use terms::{OdsCode, Scope, Timestamp};

use super::{
    failed::failed,
    record::{Editing, on, wrong},
    said::{
        Back, DependencySaid, OrganisationSaid, ServiceSaid, SupplierSaid, SystemSaid, Wrong,
        called, instant,
    },
    words,
};
use crate::{
    failure::Failure,
    form::Posted,
    page::{Desk, done},
    pieces::{
        Breadcrumbs, Confirm, ErrorSummary, Fact, Facts, Field, FieldError, Form, Hidden, Link,
        Shown, Undo,
    },
};

/// A page with one form.
#[derive(Serialize)]
struct FormPage {
    title: String,
    breadcrumbs: Breadcrumbs,
    errors: ErrorSummary,
    form: Form,
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
}

/// Shows a form, with what was wrong with it before.
fn show(desk: Desk, asked: Asked, wrong: &Wrong) -> Response {
    let names: Vec<String> = asked.fields.iter().map(|field| field.name.clone()).collect();
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
    let body = FormPage { title: asked.title.clone(), breadcrumbs, errors, form };
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
    match is_there && super::picture::is_shown(thing, &graph, desk_scope) {
        true => Ok(()),
        false => Err(Failure::not_found()),
    }
}

/// Any of the forms.
enum Said {
    Organisation(OrganisationSaid),
    Service(ServiceSaid),
    System(SystemSaid),
    Supplier(SupplierSaid),
}

impl Said {
    fn fields(&self, wrong: &Wrong, is_new: bool) -> Vec<Field> {
        match self {
            Self::Organisation(said) => said.fields(wrong, is_new),
            Self::Service(said) => said.fields(wrong, is_new),
            Self::System(said) => said.fields(wrong, is_new),
            Self::Supplier(said) => said.fields(wrong, is_new),
        }
    }

    /// What is said of a thing that is on the map.
    fn of(editing: &Editing, thing: &Thing) -> Option<Self> {
        let graph = editing.map.graph();
        Some(match thing {
            Thing::Organisation(code) => {
                Self::Organisation(OrganisationSaid::of(graph.organisation(code)?))
            }
            Thing::Service(code) => Self::Service(ServiceSaid::of(graph.service(code)?)),
            Thing::System(code) => Self::System(SystemSaid::of(graph.system(code)?)),
            Thing::Supplier(code) => Self::Supplier(SupplierSaid::of(graph.supplier(code)?)),
        })
    }

    /// A form with nothing filled in.
    fn blank(kind: &str, organisation: String) -> Option<Self> {
        Some(match kind {
            "organisations" => Self::Organisation(OrganisationSaid::default()),
            "services" => Self::Service(ServiceSaid { organisation, ..ServiceSaid::default() }),
            "systems" => Self::System(SystemSaid { organisation, ..SystemSaid::default() }),
            "suppliers" => Self::Supplier(SupplierSaid::default()),
            _ => return None,
        })
    }

    /// What was filled in; with `code` for the thing of that code.
    fn posted(kind: &str, code: Option<&str>, pairs: &[(String, String)]) -> Option<Self> {
        let mut pairs = pairs.to_vec();
        if let Some(code) = code {
            pairs.retain(|(name, _)| name != "code");
            pairs.push(("code".to_owned(), code.to_owned()));
        }
        let text = serde_html_form::to_string(&pairs).ok()?;
        Some(match kind {
            "organisations" => Self::Organisation(serde_html_form::from_str(&text).ok()?),
            "services" => Self::Service(serde_html_form::from_str(&text).ok()?),
            "systems" => Self::System(serde_html_form::from_str(&text).ok()?),
            "suppliers" => Self::Supplier(serde_html_form::from_str(&text).ok()?),
            _ => return None,
        })
    }

    /// Puts it on the map: what changed, and the thing.
    async fn save(
        &self,
        editing: &Editing,
        scope: &Scope,
        is_new: bool,
    ) -> Result<(Thing, Vec<Change>), Unsaved> {
        let (map, now) = (&editing.map, editing.now());
        let graph = map.graph();
        match self {
            Self::Organisation(said) => {
                let before = said.code.parse::<OdsCode>().ok();
                let before = before.and_then(|code| graph.organisation(&code)).filter(|_| !is_new);
                let one = said.read(before)?;
                let thing = Thing::Organisation(one.code.clone());
                let changes = match is_new {
                    true => map.create_organisation(one, scope, now).await?,
                    false => map.change_organisation(one, scope, now).await?,
                };
                Ok((thing, changes))
            }
            Self::Service(said) => {
                let mut one = said.read()?;
                if !is_new {
                    one.closed_at = graph.service(&one.code).and_then(|before| before.closed_at);
                }
                let thing = Thing::Service(one.code.clone());
                let changes = match is_new {
                    true => map.create_service(one, scope, now).await?,
                    false => map.change_service(one, scope, now).await?,
                };
                Ok((thing, changes))
            }
            Self::System(said) => {
                let mut one = said.read()?;
                if !is_new {
                    one.closed_at = graph.system(&one.code).and_then(|before| before.closed_at);
                }
                let thing = Thing::System(one.code.clone());
                let changes = match is_new {
                    true => map.create_system(one, scope, now).await?,
                    false => map.change_system(one, scope, now).await?,
                };
                Ok((thing, changes))
            }
            Self::Supplier(said) => {
                let one = said.read()?;
                let thing = Thing::Supplier(one.code.clone());
                if is_new && graph.supplier(&one.code).is_some() {
                    return Err(SectorError::Exists(thing.to_string()).into());
                }
                Ok((thing, map.save_supplier(one, scope, now).await?))
            }
        }
    }

    /// The way back to it.
    fn back(self, editing: &Editing, thing: &Thing) -> Back {
        let closed = closed_at(&editing.map.graph(), thing).map(|at| at.as_second());
        match self {
            Self::Organisation(said) => Back::Organisation(said, closed),
            Self::Service(said) => Back::Service(said, closed),
            Self::System(said) => Back::System(said, closed),
            Self::Supplier(said) => Back::Supplier(said),
        }
    }
}

/// When a thing was closed.
fn closed_at(graph: &Graph, thing: &Thing) -> Option<Timestamp> {
    match thing {
        Thing::Organisation(code) => graph.organisation(code)?.closed_at,
        Thing::Service(code) => graph.service(code)?.closed_at,
        Thing::System(code) => graph.system(code)?.closed_at,
        Thing::Supplier(_) => None,
    }
}

/// Why something was not saved.
enum Unsaved {
    Wrong(Wrong),
    Refused(SectorError),
}

impl From<Wrong> for Unsaved {
    fn from(wrong: Wrong) -> Self {
        Self::Wrong(wrong)
    }
}

impl From<SectorError> for Unsaved {
    fn from(error: SectorError) -> Self {
        Self::Refused(error)
    }
}

impl Unsaved {
    fn wrong(self) -> Result<Wrong, Failure> {
        match self {
            Self::Wrong(wrong) => Ok(wrong),
            Self::Refused(error) => wrong(error),
        }
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
    match said.save(&editing, &scope, true).await {
        Ok((thing, changes)) => {
            let owner = editing.owner(&thing);
            editing.note(&caller, "map.add", on(&thing), owner, &changes).await?;
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
    match said.save(&editing, &scope, false).await {
        Ok((thing, changes)) if changes.is_empty() => Ok(nothing(&words::href(&thing))),
        Ok((thing, changes)) => {
            let owner = editing.owner(&thing);
            editing.note(&caller, "map.change", on(&thing), owner, &changes).await?;
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

#[derive(Serialize)]
struct ConfirmPage {
    breadcrumbs: Breadcrumbs,
    confirm: Confirm,
}

/// Asks before a thing is closed: what rests on it is shown first.
pub(super) async fn ask_close(
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
        Thing::System(code) => match super::picture::in_words(&graph.system_supports(code, &scope)) {
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
pub(super) struct Nothing {}

/// Notes that a thing is no more.
pub(super) async fn close(
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

async fn close_thing(
    editing: &Editing,
    caller: &Caller,
    thing: &Thing,
    scope: &Scope,
) -> Result<Vec<Change>, Failure> {
    let (map, now) = (&editing.map, editing.now());
    let changes = match thing {
        Thing::Organisation(code) => map.close_organisation(code, scope, now).await,
        Thing::Service(code) => map.close_service(code, scope, now).await,
        Thing::System(code) => map.close_system(code, scope, now).await,
        Thing::Supplier(_) => return Err(Failure::not_found()),
    };
    let changes = changes.map_err(failed)?;
    editing.note(caller, "map.close", on(thing), editing.owner(thing), &changes).await?;
    Ok(changes)
}

fn dependency_form(said: &DependencySaid, wrong: &Wrong, is_new: bool) -> Asked {
    let above = match said.from.parse::<Thing>() {
        Ok(from) => Link::new(from.code(), words::href(&from)),
        Err(_) => Link::new("Organisations", "/map"),
    };
    let hidden = match is_new {
        true => Vec::new(),
        false => vec![
            crate::pages::fields::hidden("from", &said.from),
            crate::pages::fields::hidden("to", &said.to),
        ],
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
pub(super) async fn ask_dependency(
    State(editing): State<Editing>,
    Query(begun): Query<Begun>,
    desk: Desk,
) -> Result<Response, Failure> {
    let scope = desk.whole_scope(Permission::ManageMap)?;
    let known = found(&editing, &scope, &begun.from, &begun.to);
    let is_new = known.is_none();
    let fresh = DependencySaid { from: begun.from, to: begun.to, ..DependencySaid::default() };
    let wrong = Wrong::default();
    Ok(show(desk, dependency_form(&known.unwrap_or(fresh), &wrong, is_new), &wrong))
}

/// Notes a dependency, or changes it.
pub(super) async fn save_dependency(
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
            let text = if is_new { "The dependency was added" } else { "The dependency was changed" };
            Ok(told(&words::href(&from), text, Some(&back)))
        }
        Err(wrong) => Ok(show(desk, dependency_form(&form, &wrong, is_new), &wrong)),
    }
}

/// Writes a dependency; what is wrong with it otherwise.
async fn link(
    editing: &Editing,
    caller: &Caller,
    one: sector::Dependency,
    scope: &Scope,
) -> Result<Result<(Thing, Vec<Change>), Wrong>, Failure> {
    let from = one.from.clone();
    match editing.map.save_dependency(one, scope, editing.now()).await {
        Ok(changes) => {
            let owner = editing.owner(&from);
            editing.note(caller, "map.depend", on(&from), owner, &changes).await?;
            Ok(Ok((from, changes)))
        }
        Err(error) => wrong(error).map(Err),
    }
}

/// Which dependency.
#[derive(Deserialize)]
pub(super) struct Pair {
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
}

/// Notes that a dependency is no more.
pub(super) async fn remove_dependency(
    State(editing): State<Editing>,
    Posted { caller, form }: Posted<Pair>,
) -> Result<Response, Failure> {
    let scope = crate::caller::scope(&caller, Permission::ManageMap)?;
    let before = found(&editing, &scope, &form.from, &form.to).ok_or_else(Failure::not_found)?;
    let from = unlink(&editing, &caller, &form.from, &form.to, &scope).await?;
    let back = Back::Dependency(before);
    Ok(told(&words::href(&from), "The dependency was removed", Some(&back)))
}

async fn unlink(
    editing: &Editing,
    caller: &Caller,
    from: &str,
    to: &str,
    scope: &Scope,
) -> Result<Thing, Failure> {
    let read = |text: &str| text.parse::<Thing>().map_err(|_| Failure::not_found());
    let (from, to) = (read(from)?, read(to)?);
    let changes = editing.map.remove_dependency(&from, &to, scope, editing.now()).await;
    let changes = changes.map_err(failed)?;
    editing.note(caller, "map.undepend", on(&from), editing.owner(&from), &changes).await?;
    Ok(from)
}

/// What an undo brings back.
#[derive(Deserialize)]
pub(super) struct UndoForm {
    #[serde(default)]
    undo: String,
}

/// Takes a change back. It is a change like any other: the same may make it, and it is written
/// down.
pub(super) async fn undo(
    State(editing): State<Editing>,
    Posted { caller, form }: Posted<UndoForm>,
) -> Result<Response, Failure> {
    let scope = crate::caller::scope(&caller, Permission::ManageMap)?;
    let unreadable = || Failure::new(StatusCode::BAD_REQUEST, "this cannot be taken back any more");
    let back = Back::read(&form.undo).ok_or_else(unreadable)?;
    let thing = bring_back(&editing, &caller, back, &scope).await?;
    Ok(done(&words::href(&thing), "The change was taken back", None).into_response())
}

async fn bring_back(
    editing: &Editing,
    caller: &Caller,
    back: Back,
    scope: &Scope,
) -> Result<Thing, Failure> {
    let (map, now) = (&editing.map, editing.now());
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
            let graph = map.graph();
            let code: OdsCode = said.code.parse().map_err(|_| Failure::not_found())?;
            let mut one = said.read(graph.organisation(&code)).map_err(unreadable)?;
            one.closed_at = closed.and_then(instant);
            (Thing::Organisation(code), map.change_organisation(one, scope, now).await)
        }
        Back::Service(said, closed) => {
            let mut one = said.read().map_err(unreadable)?;
            one.closed_at = closed.and_then(instant);
            (Thing::Service(one.code.clone()), map.change_service(one, scope, now).await)
        }
        Back::System(said, closed) => {
            let mut one = said.read().map_err(unreadable)?;
            one.closed_at = closed.and_then(instant);
            (Thing::System(one.code.clone()), map.change_system(one, scope, now).await)
        }
        Back::Supplier(said) => {
            let one = said.read().map_err(unreadable)?;
            (Thing::Supplier(one.code.clone()), map.save_supplier(one, scope, now).await)
        }
        Back::Dependency(said) => {
            let one = said.read().map_err(unreadable)?;
            (one.from.clone(), map.save_dependency(one, scope, now).await)
        }
    };
    let changes = changes.map_err(failed)?;
    editing.note(caller, "map.undo", on(&thing), editing.owner(&thing), &changes).await?;
    Ok(thing)
}
