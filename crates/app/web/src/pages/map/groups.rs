//! Named sets of organisations: who is in them. People are given scopes by groups, so only those
//! who manage the map of the whole sector change them.

use access::Permission;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use sector::{Graph, Group, SectorError};
use serde::{Deserialize, Serialize};
use terms::{GroupId, OdsCode, Scope};

use super::{
    address::number,
    failed::failed,
    parts::{column, row, table},
    record::Editing,
    words,
};
use crate::{
    failure::Failure,
    form::Posted,
    page::{Desk, done},
    pages::fields::{field, sentence, text},
    pieces::{
        Act, Breadcrumbs, Cell, ErrorSummary, Form, Input, Link, Panel, Selection,
        State as PanelState, Table, Undo, words::count,
    },
    routes::Routes,
};

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/groups", list)
        .post("/groups", make)
        .get("/groups/{id}", page)
        .post("/groups/{id}/name", rename)
        .post("/groups/{id}/add", add)
        .post("/groups/{id}/take", take)
        .post("/groups/{id}/members", members)
        .post("/groups/{id}/remove", remove)
}

#[derive(Serialize)]
struct GroupsPage {
    panel: Option<Panel>,
    table: Option<Table>,
    errors: ErrorSummary,
    make: Option<Form>,
}

/// Whether somebody may change groups.
fn may(desk: &Desk) -> bool {
    desk.caller.may_everywhere(Permission::ManageMap)
}

fn form(desk: &Desk, action: String, fields: Vec<crate::pieces::Field>, submit: &str) -> Form {
    Form {
        action,
        csrf: desk.csrf(),
        hidden: Vec::new(),
        fields,
        submit: submit.to_owned(),
        is_warning: false,
        cancel: None,
        has_files: false,
    }
}

/// All groups that somebody may see.
async fn list(State(editing): State<Editing>, desk: Desk) -> Result<Response, Failure> {
    desk.whole_scope(Permission::ViewMap)?;
    Ok(show_list(&editing, desk, "", None))
}

fn show_list(editing: &Editing, desk: Desk, name: &str, wrong: Option<String>) -> Response {
    let scope = desk.caller.scope(Permission::ViewMap);
    let groups = editing.map.groups(&scope);
    let rows = groups.iter().map(|group| {
        let href = format!("/groups/{}", group.id);
        row(
            group.id,
            vec![
                Cell::Link { text: group.name.clone(), href },
                Cell::Number { number: number(group.members.len() as u64) },
            ],
        )
    });
    let columns = vec![column("Group", false), column("Organisations", true)];
    let table = table("groups", "Groups", columns, rows.collect());
    let field = text("name", "Name of the new group", name).wrong(wrong);
    let make = may(&desk).then(|| form(&desk, "/groups".to_owned(), vec![field], "Make the group"));
    let errors = make.as_ref().map(Form::errors).unwrap_or_default();
    let status = status(&errors);
    let panel = groups.is_empty().then(|| Panel {
        state: PanelState::Empty,
        title: "There is no group yet".to_owned(),
        text: "A group gathers organisations that somebody looks after together, such as all \
               that share a supplier. People can be given roles for it."
            .to_owned(),
        next: None,
        progress: None,
    });
    let body = GroupsPage { panel, table, errors, make };
    desk.page_with(status, "map/groups.html", "Groups", "/map", &[], body)
}

fn status(errors: &ErrorSummary) -> StatusCode {
    match errors.errors.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    name: String,
}

/// Where groups may be changed. Errors: not by this caller.
fn changing(caller: &access::Caller) -> Result<Scope, Failure> {
    crate::caller::scope(caller, Permission::ManageMap)
}

/// What somebody could mend by writing something else.
fn mendable(error: SectorError) -> Result<String, Failure> {
    match error {
        SectorError::Invalid { ref message, .. } => Ok(sentence(message)),
        SectorError::Exists(_) => Ok(sentence(&error)),
        error => Err(failed(error)),
    }
}

/// Makes a group without members.
async fn make(
    State(editing): State<Editing>,
    desk: Desk,
    Posted { caller, form }: Posted<Named>,
) -> Result<Response, Failure> {
    let scope = changing(&caller)?;
    let map = editing.by(&caller, "group.make", None);
    match map.make_group(&form.name, &scope, editing.now()).await {
        Ok((id, changes)) => {
            editing.tell(&changes);
            let text = format!("The group {} was made: add organisations", form.name.trim());
            Ok(done(&format!("/groups/{id}"), &text, None))
        }
        Err(error) => Ok(show_list(&editing, desk, &form.name, Some(mendable(error)?))),
    }
}

#[derive(Serialize)]
struct GroupPage {
    breadcrumbs: Breadcrumbs,
    name: String,
    says: String,
    errors: ErrorSummary,
    table: Option<Table>,
    add: Option<Form>,
    rename: Option<Form>,
    remove: Option<Form>,
}

/// A group that somebody may see.
fn find(editing: &Editing, scope: &Scope, id: GroupId) -> Result<Group, Failure> {
    let groups = editing.map.groups(scope);
    groups.into_iter().find(|group| group.id == id).ok_or_else(Failure::not_found)
}

fn read(id: &str) -> Result<GroupId, Failure> {
    id.parse().map_err(|_| Failure::not_found())
}

/// One group with its members.
async fn page(
    State(editing): State<Editing>,
    Path(id): Path<String>,
    desk: Desk,
) -> Result<Response, Failure> {
    let scope = desk.whole_scope(Permission::ViewMap)?;
    let group = find(&editing, &scope, read(&id)?)?;
    Ok(show(&editing.map.graph(), desk, &group, &Wrong::default()))
}

/// What was wrong with one of the page's forms.
#[derive(Default)]
struct Wrong {
    codes: String,
    add: Option<String>,
    name: Option<(String, String)>,
}

fn show(graph: &Graph, desk: Desk, group: &Group, wrong: &Wrong) -> Response {
    let may = may(&desk);
    let here = format!("/groups/{}", group.id);
    let members = members_table(graph, group, may.then(|| selection(&desk, &here)));
    let codes = Input::Area { value: wrong.codes.clone(), rows: 4, most: None };
    let codes = field("codes", "Organisations to add, by their ODS codes", codes)
        .hint("Separated by blanks, commas or new lines")
        .wrong(wrong.add.clone());
    let name = wrong.name.as_ref().map_or(group.name.as_str(), |(name, _)| name);
    let name =
        text("name", "Name", name).wrong(wrong.name.as_ref().map(|(_, error)| error.clone()));
    let add = form(&desk, format!("{here}/add"), vec![codes], "Add");
    let rename = form(&desk, format!("{here}/name"), vec![name], "Rename");
    let remove = Form {
        is_warning: true,
        ..form(&desk, format!("{here}/remove"), Vec::new(), "Remove the group")
    };
    let mut errors = add.errors();
    errors.errors.extend(rename.errors().errors);
    let status = status(&errors);
    let body = GroupPage {
        breadcrumbs: Breadcrumbs {
            items: vec![Link::new("Map", "/map"), Link::new("Groups", "/groups")],
        },
        name: group.name.clone(),
        says: format!(
            "{} in this group.",
            count(number(group.members.len() as u64), "organisation is", Some("organisations are"))
        ),
        errors,
        table: members,
        add: may.then_some(add),
        rename: may.then_some(rename),
        remove: may.then_some(remove),
    };
    desk.page_with(status, "map/group.html", &group.name, "/map", &[], body)
}

fn selection(desk: &Desk, here: &str) -> Selection {
    let take = Act { value: "take".to_owned(), text: "Take out".to_owned(), key: None };
    Selection {
        action: format!("{here}/take"),
        name: "code".to_owned(),
        csrf: desk.csrf(),
        acts: vec![take],
        noun: "organisations".to_owned(),
    }
}

fn members_table(graph: &Graph, group: &Group, selection: Option<Selection>) -> Option<Table> {
    let rows = group.members.iter().map(|code| {
        let known = graph.organisation(code);
        let kind = known.map_or(Cell::Unknown, |one| Cell::text(words::one(one.kind)));
        let name = known.map_or_else(|| code.to_string(), |one| one.name.clone());
        let href = words::organisation_href(code);
        row(code, vec![Cell::Link { text: name, href }, Cell::text(code.as_str()), kind])
    });
    let columns = ["Organisation", "Code", "Type"].map(|text| column(text, false)).into();
    let table = table("members", "Members", columns, rows.collect())?;
    Some(Table { selection, ..table })
}

/// Gives a group another name.
async fn rename(
    State(editing): State<Editing>,
    Path(id): Path<String>,
    desk: Desk,
    Posted { caller, form }: Posted<Named>,
) -> Result<Response, Failure> {
    let (scope, id) = (changing(&caller)?, read(&id)?);
    let group = find(&editing, &scope, id)?;
    let map = editing.by(&caller, "group.rename", None);
    match map.rename_group(id, &form.name, &scope, editing.now()).await {
        Ok(changes) => {
            editing.tell(&changes);
            Ok(done(&format!("/groups/{id}"), "The group has another name", None))
        }
        Err(error) => {
            let name = Some((form.name, mendable(error)?));
            let wrong = Wrong { name, ..Wrong::default() };
            Ok(show(&editing.map.graph(), desk, &group, &wrong))
        }
    }
}

#[derive(Deserialize)]
struct Codes {
    #[serde(default)]
    codes: String,
}

/// Codes of a text; the first that is none.
fn codes(text: &str) -> Result<Vec<OdsCode>, String> {
    let words = text.split(|c: char| c.is_whitespace() || c == ',' || c == ';');
    let words = words.filter(|word| !word.is_empty());
    words.map(|word| word.to_ascii_uppercase().parse().map_err(|error| sentence(&error))).collect()
}

/// Adds organisations to a group.
async fn add(
    State(editing): State<Editing>,
    Path(id): Path<String>,
    desk: Desk,
    Posted { caller, form }: Posted<Codes>,
) -> Result<Response, Failure> {
    let (scope, id) = (changing(&caller)?, read(&id)?);
    let group = find(&editing, &scope, id)?;
    let graph = editing.map.graph();
    let wrong = match codes(&form.codes) {
        Err(why) => Some(why),
        Ok(added) if added.is_empty() => Some("Write at least one code.".to_owned()),
        Ok(added) => match added.iter().find(|code| graph.organisation(code).is_none()) {
            Some(code) => Some(format!("{code} is not on the map. Nothing was added.")),
            None => {
                let members = group.members.iter().chain(&added).cloned().collect::<Vec<_>>();
                return set(&editing, &caller, &group, &members, &scope).await;
            }
        },
    };
    let wrong = Wrong { codes: form.codes, add: wrong, ..Wrong::default() };
    Ok(show(&graph, desk, &group, &wrong))
}

#[derive(Deserialize)]
struct Chosen {
    #[serde(default)]
    code: Vec<String>,
}

/// Takes chosen organisations out of a group.
async fn take(
    State(editing): State<Editing>,
    Path(id): Path<String>,
    Posted { caller, form }: Posted<Chosen>,
) -> Result<Response, Failure> {
    let (scope, id) = (changing(&caller)?, read(&id)?);
    let group = find(&editing, &scope, id)?;
    let stay = |code: &&OdsCode| !form.code.iter().any(|chosen| chosen == code.as_str());
    let members: Vec<OdsCode> = group.members.iter().filter(stay).cloned().collect();
    if members.len() == group.members.len() {
        let text = "Nothing was chosen, so nothing was changed";
        return Ok(done(&format!("/groups/{id}"), text, None));
    }
    set(&editing, &caller, &group, &members, &scope).await
}

#[derive(Deserialize)]
struct UndoForm {
    #[serde(default)]
    undo: String,
}

/// Makes the members what they were.
async fn members(
    State(editing): State<Editing>,
    Path(id): Path<String>,
    Posted { caller, form }: Posted<UndoForm>,
) -> Result<Response, Failure> {
    let (scope, id) = (changing(&caller)?, read(&id)?);
    let group = find(&editing, &scope, id)?;
    let members = codes(&form.undo)
        .map_err(|why| Failure::new(StatusCode::BAD_REQUEST, format!("undo: {why}")))?;
    set(&editing, &caller, &group, &members, &scope).await
}

/// The most a cookie keeps beside the rest.
const MOST_BYTES: usize = 1_500;

/// Makes exactly these the members, with the way back.
async fn set(
    editing: &Editing,
    caller: &access::Caller,
    group: &Group,
    members: &[OdsCode],
    scope: &Scope,
) -> Result<Response, Failure> {
    let id = group.id;
    let map = editing.by(caller, "group.members", None);
    let changes = map.set_group_members(id, members, scope, editing.now()).await;
    let changes = changes.map_err(failed)?;
    editing.tell(&changes);
    let before: Vec<&str> = group.members.iter().map(OdsCode::as_str).collect();
    let token = before.join(" ");
    let undo = (token.len() <= MOST_BYTES && !changes.is_empty())
        .then(|| Undo { action: format!("/groups/{id}/members"), token });
    let changed = number(changes.len() as u64);
    let text = match changed {
        0 => "Nothing was different, so nothing was changed".to_owned(),
        some => format!("{} changed in the group", count(some, "membership", None)),
    };
    Ok(done(&format!("/groups/{id}"), &text, undo))
}

#[derive(Deserialize)]
struct Nothing {}

/// Takes a group away.
async fn remove(
    State(editing): State<Editing>,
    Path(id): Path<String>,
    Posted { caller, .. }: Posted<Nothing>,
) -> Result<Response, Failure> {
    let (scope, id) = (changing(&caller)?, read(&id)?);
    let group = find(&editing, &scope, id)?;
    let map = editing.by(&caller, "group.remove", None);
    editing.tell(&map.remove_group(id, &scope, editing.now()).await.map_err(failed)?);
    Ok(done("/groups", &format!("The group {} was removed", group.name), None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_however_they_are_separated() {
        let read = codes(" rx1, RX2;\nY56 ").expect("codes");
        assert_eq!(read.iter().map(OdsCode::as_str).collect::<Vec<_>>(), ["RX1", "RX2", "Y56"]);
        assert!(codes("RX1 ?!").is_err());
        assert_eq!(codes(""), Ok(Vec::new()));
    }
}
