//! Acts on folders of rules: put in use, remove, take back; each with its trace, and at once in
//! force.

use access::{
    Caller,
    audit::{self, Entry, On},
};
use axum::{
    extract::{FromRef, Path, State},
    http::StatusCode,
    response::Response,
};
use bus::Broadcast;
use db::Write;
use detect::{
    alert::Alerts,
    rulebook::{Change, Rulebook, RulebookError, folder::UnreadableChange},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use terms::{RuleFolderId, Timestamp};

use super::{failed::failed, upload::must_manage};
use crate::{
    App, News,
    failure::Failure,
    form::Posted,
    page::{Desk, done},
    pages::alerts::failed::db,
    pieces::{Confirm, ErrorSummary, Fact, Facts, Form, Shown, Undo},
};

/// What acts are made with.
#[derive(Clone)]
pub(super) struct Acts {
    alerts: Alerts,
    rulebook: Rulebook,
    news: Broadcast<News>,
}

impl FromRef<App> for Acts {
    fn from_ref(app: &App) -> Self {
        let (alerts, rulebook) = (app.alerts.clone(), app.rulebook.clone());
        Self { alerts, rulebook, news: app.news.clone() }
    }
}

/// Nothing but the mark.
#[derive(Deserialize)]
pub(super) struct Nothing {}

/// An act to take back.
#[derive(Deserialize)]
pub(super) struct UndoForm {
    #[serde(default)]
    undo: String,
}

/// The page that asks before a folder is removed.
#[derive(Serialize)]
struct RemovePage {
    confirm: Confirm,
}

fn id_of(text: &str) -> Result<RuleFolderId, Failure> {
    text.parse().map_err(|_| Failure::not_found())
}

/// `POST /rules/folders/{id}/use`.
pub(super) async fn put_in_use(
    State(acts): State<Acts>,
    Path(id): Path<String>,
    desk: Desk,
    Posted { caller, .. }: Posted<Nothing>,
) -> Result<Response, Failure> {
    must_manage(&caller)?;
    let (id, now) = (id_of(&id)?, desk.now());
    let name = acts.rulebook.folder(id).await.map_err(failed)?.name;
    let write = acts.begin().await?;
    let change = acts.rulebook.put_in_use(&write, id, now).await.map_err(failed)?;
    acts.finish(write, &caller, "rule_folder.use", change, now).await?;
    let text = format!("The rules of “{name}” are in use");
    Ok(done("/rules/folders", &text, Some(undo(change))))
}

/// `GET /rules/folders/{id}/remove`.
pub(super) async fn ask_remove(
    State(acts): State<Acts>,
    Path(id): Path<String>,
    desk: Desk,
) -> Result<Response, Failure> {
    must_manage(&desk.caller)?;
    let folder = acts.rulebook.folder(id_of(&id)?).await.map_err(failed)?;
    let fact = |key: &str, value| Fact { key: key.to_owned(), value, change: None };
    let number = |count: u64| Shown::Number { number: i64::try_from(count).unwrap_or(i64::MAX) };
    let title = format!("Remove the folder “{}”?", folder.name);
    let confirm = Confirm {
        title: title.clone(),
        consequence: "Its rules stop looking at once, for the whole sector. Alerts that are open \
                      stay. You can take it back."
            .to_owned(),
        facts: Facts {
            is_compact: true,
            rows: vec![
                fact("Rules", number(folder.rules)),
                fact("Uploaded", Shown::Time { at: desk.moment(folder.uploaded_at) }),
            ],
        },
        errors: ErrorSummary::default(),
        form: Form {
            action: format!("/rules/folders/{}/remove", folder.id),
            csrf: desk.csrf(),
            hidden: Vec::new(),
            fields: Vec::new(),
            submit: "Remove the folder".to_owned(),
            is_warning: true,
            cancel: Some(format!("/rules/folders/{}", folder.id)),
            has_files: false,
        },
    };
    Ok(desk.page("rules/remove.html", &title, "/more", &[], RemovePage { confirm }))
}

/// `POST /rules/folders/{id}/remove`.
pub(super) async fn remove(
    State(acts): State<Acts>,
    Path(id): Path<String>,
    desk: Desk,
    Posted { caller, .. }: Posted<Nothing>,
) -> Result<Response, Failure> {
    must_manage(&caller)?;
    let (id, now) = (id_of(&id)?, desk.now());
    let name = acts.rulebook.folder(id).await.map_err(failed)?.name;
    let write = acts.begin().await?;
    let change = acts.rulebook.remove(&write, id, now).await.map_err(failed)?;
    acts.finish(write, &caller, "rule_folder.remove", change, now).await?;
    let text = format!("The folder “{name}” was removed");
    Ok(done("/rules/folders", &text, Some(undo(change))))
}

fn undo(change: Change) -> Undo {
    Undo { action: "/rules/folders/undo".to_owned(), token: change.to_string() }
}

/// `POST /rules/folders/undo`.
pub(super) async fn take_back(
    State(acts): State<Acts>,
    desk: Desk,
    Posted { caller, form }: Posted<UndoForm>,
) -> Result<Response, Failure> {
    must_manage(&caller)?;
    let unreadable =
        |error: UnreadableChange| Failure::new(StatusCode::BAD_REQUEST, error.to_string());
    let act: Change = form.undo.parse().map_err(unreadable)?;
    let now = desk.now();
    let write = acts.begin().await?;
    let change = acts.rulebook.take_back(&write, act, now).await.map_err(failed)?;
    acts.finish(write, &caller, "rule_folder.undo", change, now).await?;
    Ok(done("/rules/folders", "Taken back", None))
}

impl Acts {
    async fn begin(&self) -> Result<Write, Failure> {
        self.alerts.db().write().await.map_err(db)
    }

    /// Writes the trace, commits, and puts what changed in force here; other nodes follow within
    /// a second.
    async fn finish(
        &self,
        write: Write,
        caller: &Caller,
        what: &'static str,
        change: Change,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let on = change.put_in.or(change.taken_out).ok_or_else(Failure::not_found)?;
        let text = |id: Option<RuleFolderId>| id.map(|id| id.to_string());
        let details = json!({ "put_in": text(change.put_in), "taken_out": text(change.taken_out) });
        let entry = Entry::new(now, caller.who(), what, On::new("rule_folder", on));
        audit::append(&write, entry.with(details)).await.map_err(db)?;
        write.commit().await.map_err(|error| db(error.into()))?;
        if let Err(error) = self.rulebook.refresh().await {
            // What was decided stands; the next look at the version, in a second, tries again.
            tracing::error!(error = &error as &dyn std::error::Error, "rules were not reloaded");
            return Err(not_yet(error));
        }
        self.news.publish(News::Rules);
        Ok(())
    }
}

fn not_yet(error: RulebookError) -> Failure {
    let title = format!("the change was saved but is not in force yet: {error}");
    Failure::new(StatusCode::SERVICE_UNAVAILABLE, title)
        .detail("Ward tries again each second; look at the folders in a moment")
}
