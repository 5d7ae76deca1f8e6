//! Saved views of the queue: a name for an address, kept to oneself or shared with a part of the
//! sector.

use access::{
    Access, Permission,
    audit::{self, Entry, On},
};
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use detect::alert::{Alerts, service::View};
use sector::{Graph, Map};
use serde::{Deserialize, Serialize};
use serde_json::json;
use terms::{Part, Timestamp, ViewId};

use super::{
    failed::{db, failed},
    query::Query,
};
use crate::{
    Settings,
    failure::Failure,
    form::Posted,
    page::{Desk, done},
    pages::fields::{self, sentence},
    pieces::{
        Act, Cell, Choice, Column, ErrorSummary, Form, Input, Link, Panel, Row, Selection,
        State as PanelState, Tab, Table, Tabs, Undo, words::count,
    },
    view,
};

/// Views every queue has, as name and query.
const BUILT_IN: [(&str, &str); 3] =
    [("Open", ""), ("Mine", "owner=me"), ("Nobody’s yet", "owner=nobody")];

/// The views as tabs; the one that is open is that whose query the address has.
pub(super) fn tabs(views: &[View], query: &Query) -> Tabs {
    let open = query.text();
    let tab = |text: &str, written: &str| {
        let known = Query::read(Some(written)).unwrap_or_default();
        Tab {
            text: text.to_owned(),
            href: known.href("/alerts"),
            is_current: known.text() == open,
            count: None,
        }
    };
    let built_in = BUILT_IN.iter().map(|(text, written)| tab(text, written));
    let saved = views.iter().map(|view| tab(&view.name, &view.query));
    Tabs { label: "Views of the queue".to_owned(), items: built_in.chain(saved).collect() }
}

/// The form by which the address is saved.
#[derive(Serialize)]
pub(super) struct SaveView {
    form: Form,
}

/// The form, where the address says anything.
pub(super) fn save_form(query: &Query, desk: &Desk, graph: &Graph) -> Option<SaveView> {
    let text = query.text();
    let is_built_in = BUILT_IN.iter().any(|(_, written)| *written == text);
    if is_built_in {
        return None;
    }
    Some(SaveView { form: form(&text, "", None, desk, graph) })
}

fn form(query: &str, name: &str, error: Option<String>, desk: &Desk, graph: &Graph) -> Form {
    let mut fields = vec![
        fields::text("name", "Name of the view", name)
            .hint("What you will look for in it: “Theatres at night”")
            .wrong(error),
    ];
    let parts = desk.caller.scope(Permission::ShareViews);
    if !parts.is_empty() {
        let mut choices = vec![Choice::new("", "Only me", "")];
        choices.extend(parts.parts().iter().map(|part| {
            Choice::new(part.to_string(), format!("Everybody of {}", part_name(part, graph)), "")
        }));
        fields.push(fields::field("share", "Who sees it", Input::Select { choices }));
    }
    Form {
        action: "/alerts/views".to_owned(),
        csrf: desk.csrf(),
        hidden: vec![fields::hidden("query", query)],
        fields,
        submit: "Save this view".to_owned(),
        is_warning: false,
        cancel: None,
        has_files: false,
    }
}

/// A part as people of it call it.
fn part_name(part: &Part, graph: &Graph) -> String {
    match part {
        Part::Sector => "the whole sector".to_owned(),
        part => view::name_in(part, graph),
    }
}

/// A view that is to be saved.
#[derive(Deserialize)]
pub(super) struct NewView {
    #[serde(default)]
    name: String,
    #[serde(default)]
    query: String,
    #[serde(default)]
    share: String,
}

/// The page on which a name is asked for again.
#[derive(Serialize)]
struct Again {
    title: &'static str,
    errors: ErrorSummary,
    form: Form,
}

/// Saves a view and shows it.
pub(super) async fn save(
    State(alerts): State<Alerts>,
    State(map): State<Map>,
    desk: Desk,
    Posted { form: new, .. }: Posted<NewView>,
) -> Result<Response, Failure> {
    desk.whole_scope(Permission::ViewAlerts)?;
    let query = Query::read(Some(&new.query)).unwrap_or_default();
    let error = match new.name.trim() {
        "" => Some("Write a name for the view.".to_owned()),
        name if name.len() > 200 => Some("The name is too long: use a few words.".to_owned()),
        _ => None,
    };
    if error.is_some() {
        let form = form(&query.text(), &new.name, error, &desk, &map.graph());
        let title = "Save this view";
        let body = Again { title, errors: form.errors(), form };
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(desk.page_with(status, "alerts/form.html", title, "/alerts", &[], body));
    }
    let now = desk.now();
    let view = View {
        id: ViewId::new(now),
        name: new.name.trim().to_owned(),
        query: query.text(),
        owner: desk.caller.person,
        shared_with: shared_with(&new.share)?,
        created_at: now,
    };
    let write = alerts.db().write().await.map_err(db)?;
    put(&alerts, &write, &desk.caller, &view).await?;
    write.commit().await.map_err(|error| db(error.into()))?;
    Ok(done(&query.href("/alerts"), &format!("The view “{}” is saved", view.name), None))
}

fn shared_with(text: &str) -> Result<Option<Part>, Failure> {
    match text {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|error: terms::scope::UnreadablePart| {
            Failure::new(StatusCode::BAD_REQUEST, error.to_string())
        }),
    }
}

/// Writes a view within the sharing rights of the caller, with its trace.
async fn put(
    alerts: &Alerts,
    write: &::db::Write,
    caller: &access::Caller,
    view: &View,
) -> Result<(), Failure> {
    let scope = caller.scope(Permission::ShareViews);
    alerts.save_view(write, &scope, view).await.map_err(failed)?;
    let entry = Entry::new(view.created_at, caller.who(), "view.save", On::new("view", view.id));
    let shared = view.shared_with.as_ref().map(ToString::to_string);
    let entry = entry.with(json!({ "name": view.name, "shared_with": shared }));
    audit::append(write, entry).await.map_err(db)?;
    Ok(())
}

/// The page of a person's views.
#[derive(Serialize)]
struct ViewsPage {
    panel: Option<Panel>,
    table: Option<Table>,
    /// Those that others share.
    others: Option<Table>,
}

/// Shows the views a person sees; their own can be shared and deleted.
pub(super) async fn list(
    State(alerts): State<Alerts>,
    State(access): State<Access>,
    State(map): State<Map>,
    desk: Desk,
) -> Result<Response, Failure> {
    let scope = desk.whole_scope(Permission::ViewAlerts)?;
    let views = alerts.views(&scope, desk.caller.person).await.map_err(failed)?;
    let names = access.names(views.iter().map(|view| view.owner)).await.map_err(Failure::of)?;
    let graph = map.graph();
    let (own, others): (Vec<View>, Vec<View>) =
        views.into_iter().partition(|view| view.owner == desk.caller.person);
    let row = |view: &View, who: Option<String>| {
        let query = Query::read(Some(&view.query)).unwrap_or_default();
        let shared = view.shared_with.as_ref();
        let seen_by = shared.map_or_else(|| "Only me".to_owned(), |part| part_name(part, &graph));
        let cells = vec![
            Cell::Link { text: view.name.clone(), href: query.href("/alerts") },
            Cell::text(who.unwrap_or(seen_by)),
            Cell::Time { at: desk.moment(view.created_at), is_short: false },
        ];
        Row { id: view.id.to_string(), cells, is_new: false }
    };
    let table = |id: &str, caption: &str, second: &str, rows: Vec<Row>, selection| Table {
        id: id.to_owned(),
        caption: caption.to_owned(),
        is_caption_hidden: false,
        is_compact: false,
        columns: ["Name", second, "Saved"].map(column).into(),
        rows,
        selection,
    };
    let panel = own.is_empty().then(|| Panel {
        state: PanelState::Empty,
        title: "You have saved no view".to_owned(),
        text: "Filter the queue to what you often look for, then save it under a name.".to_owned(),
        next: Some(Link::new("Go to the queue", "/alerts")),
        progress: None,
    });
    let own_rows: Vec<Row> = own.iter().map(|view| row(view, None)).collect();
    let own_table = (!own_rows.is_empty())
        .then(|| table("views", "Your views", "Who sees it", own_rows, Some(acts(&desk, &graph))));
    let other_rows: Vec<Row> = others
        .iter()
        .map(|view| {
            let owner = names.get(&view.owner).cloned();
            row(view, Some(owner.unwrap_or_else(|| "Somebody who left".to_owned())))
        })
        .collect();
    let others = (!other_rows.is_empty())
        .then(|| table("shared", "Shared with you", "By whom", other_rows, None));
    let body = ViewsPage { panel, table: own_table, others };
    Ok(desk.page("alerts/views.html", "Saved views", "/alerts", &[], body))
}

fn column(text: &str) -> Column {
    Column { text: text.to_owned(), is_numeric: false, sort: None }
}

/// Parts that are offered for sharing; more than these are chosen when a view is saved.
const OFFERED: usize = 4;

fn acts(desk: &Desk, graph: &Graph) -> Selection {
    let act = |value: String, text: String| Act { value, text, key: None };
    let parts = desk.caller.scope(Permission::ShareViews);
    let mut acts = vec![act("delete".to_owned(), "Delete".to_owned())];
    for part in parts.parts().iter().take(OFFERED) {
        acts.push(act(format!("share {part}"), format!("Share with {}", part_name(part, graph))));
    }
    acts.push(act("share ".to_owned(), "Keep to myself".to_owned()));
    Selection {
        action: "/alerts/views/act".to_owned(),
        name: "view".to_owned(),
        csrf: desk.csrf(),
        acts,
        noun: "views".to_owned(),
    }
}

/// What is done with chosen views.
#[derive(Deserialize)]
pub(super) struct ActForm {
    #[serde(default)]
    act: String,
    #[serde(default)]
    view: Vec<String>,
}

/// Deletes or shares chosen views of the caller's own.
pub(super) async fn act(
    State(alerts): State<Alerts>,
    State(settings): State<Settings>,
    Posted { caller, form }: Posted<ActForm>,
) -> Result<Response, Failure> {
    let scope = crate::caller::scope(&caller, Permission::ViewAlerts)?;
    let views = alerts.views(&scope, caller.person).await.map_err(failed)?;
    let chosen: Vec<View> = views
        .into_iter()
        .filter(|view| view.owner == caller.person && form.view.contains(&view.id.to_string()))
        .collect();
    if chosen.is_empty() {
        return Ok(done("/alerts/views", "Nothing was chosen, so nothing was changed", None));
    }
    let now = settings.now();
    let share = match form.act.strip_prefix("share ") {
        Some(part) => Some(shared_with(part)?),
        None if form.act == "delete" => None,
        None => return Err(Failure::new(StatusCode::BAD_REQUEST, "this is no act on views")),
    };
    let write = alerts.db().write().await.map_err(db)?;
    for view in &chosen {
        alerts.delete_view(&write, caller.person, view.id).await.map_err(failed)?;
        match &share {
            Some(part) => {
                let shared = View { shared_with: part.clone(), ..view.clone() };
                put(&alerts, &write, &caller, &shared).await?;
            }
            None => {
                let on = On::new("view", view.id);
                let entry = Entry::new(now, caller.who(), "view.delete", on);
                let entry = entry.with(json!({ "name": view.name }));
                audit::append(&write, entry).await.map_err(db)?;
            }
        }
    }
    write.commit().await.map_err(|error| db(error.into()))?;
    let number = i64::try_from(chosen.len()).unwrap_or(i64::MAX);
    let views = count(number, "view", None);
    let (text, undo) = match share {
        None => (format!("{views} deleted"), undo(&chosen)),
        Some(None) => (format!("{views} kept to yourself"), None),
        Some(Some(_)) => (format!("{views} shared"), None),
    };
    Ok(done("/alerts/views", &text, undo))
}

/// What was deleted, as undo takes it.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Deleted {
    name: Vec<String>,
    query: Vec<String>,
    share: Vec<String>,
}

/// The most a cookie keeps beside the rest.
const MOST_UNDONE_BYTES: usize = 1_500;

fn undo(deleted: &[View]) -> Option<Undo> {
    let share = |view: &View| match &view.shared_with {
        Some(part) => part.to_string(),
        None => "-".to_owned(),
    };
    let deleted = Deleted {
        name: deleted.iter().map(|view| view.name.clone()).collect(),
        query: deleted.iter().map(|view| format!("?{}", view.query)).collect(),
        share: deleted.iter().map(share).collect(),
    };
    let token = serde_html_form::to_string(deleted).ok()?;
    let action = "/alerts/views/undo".to_owned();
    (token.len() <= MOST_UNDONE_BYTES).then_some(Undo { action, token })
}

/// What an undo brings back.
#[derive(Deserialize)]
pub(super) struct UndoForm {
    #[serde(default)]
    undo: String,
}

/// Saves deleted views again.
pub(super) async fn restore(
    State(alerts): State<Alerts>,
    State(settings): State<Settings>,
    Posted { caller, form }: Posted<UndoForm>,
) -> Result<Response, Failure> {
    crate::caller::scope(&caller, Permission::ViewAlerts)?;
    let deleted: Deleted = serde_html_form::from_str(&form.undo)
        .map_err(|error| Failure::new(StatusCode::BAD_REQUEST, sentence(&error)))?;
    let now = settings.now();
    let write = alerts.db().write().await.map_err(db)?;
    for ((name, query), share) in deleted.name.iter().zip(&deleted.query).zip(&deleted.share) {
        let view = restored(&caller, (name, query, share), now)?;
        put(&alerts, &write, &caller, &view).await?;
    }
    write.commit().await.map_err(|error| db(error.into()))?;
    Ok(Redirect::to("/alerts/views").into_response())
}

fn restored(
    caller: &access::Caller,
    (name, query, share): (&str, &str, &str),
    now: Timestamp,
) -> Result<View, Failure> {
    let query = Query::read(Some(query.trim_start_matches('?'))).unwrap_or_default();
    Ok(View {
        id: ViewId::new(now),
        name: name.to_owned(),
        query: query.text(),
        owner: caller.person,
        shared_with: shared_with(share.trim_start_matches('-'))?,
        created_at: now,
    })
}

#[cfg(test)]
mod tests {
    use terms::PersonId;

    use super::*;

    fn view(name: &str, query: &str) -> View {
        View {
            id: ViewId::new(Timestamp::UNIX_EPOCH),
            name: name.to_owned(),
            query: query.to_owned(),
            owner: PersonId::new(Timestamp::UNIX_EPOCH),
            shared_with: None,
            created_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn the_tab_is_current_whose_query_the_address_has() {
        let views = [view("Closed ones", "state=closed"), view("By age", "sort=oldest")];
        let current = |raw: &str| -> Vec<String> {
            let query = Query::read(Some(raw)).expect("a query");
            let items = tabs(&views, &query).items;
            items.into_iter().filter(|tab| tab.is_current).map(|tab| tab.text).collect()
        };
        assert_eq!(current(""), ["Open"]);
        assert_eq!(current("owner=me"), ["Mine"]);
        assert_eq!(current("state=closed&at=x&row=51"), ["Closed ones"]);
        assert!(current("state=closed&level=high").is_empty());
    }

    #[test]
    fn undo_holds_what_was_deleted_and_nothing_too_large_for_a_cookie() {
        let undo_of = |views: &[View]| undo(views).map(|undo| undo.token);
        let token = undo_of(&[view("a", ""), view("b", "q=x")]).expect("small enough");
        let read: Deleted = serde_html_form::from_str(&token).expect("read back");
        assert_eq!((read.name.len(), read.query.len(), read.share.len()), (2, 2, 2));
        assert_eq!(undo_of(&[view("a", &"x".repeat(2_000))]), None);
    }
}
