//! Uploading a folder of rules: a zip archive or several files, kept to be looked at; nothing of it
//! is used before somebody says so.

use access::{
    Caller, Permission,
    audit::{self, Entry, On},
};
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use detect::alert::Alerts;
use detect::rulebook::{FolderName, NewFolder, Rulebook, unpack};
use serde::Serialize;
use serde_json::json;
use terms::RuleFolderId;

use super::failed::failed;
use crate::{
    api::body::blocking,
    failure::Failure,
    page::Desk,
    pages::{
        alerts::failed::db,
        fields::{self, sentence},
    },
    pieces::{Breadcrumbs, ErrorSummary, Form, Input, Link},
    upload::Upload,
};

/// The page.
#[derive(Serialize)]
struct UploadPage {
    breadcrumbs: Breadcrumbs,
    errors: ErrorSummary,
    form: Form,
}

/// Nobody but those who manage the rules of all the sector: what is uploaded is in force for
/// everybody.
pub(super) fn must_manage(caller: &Caller) -> Result<(), Failure> {
    match caller.may_everywhere(Permission::ManageRules) {
        true => Ok(()),
        false => Err(Failure::forbidden("manage the rules of the whole sector")),
    }
}

/// `GET /rules/upload`.
pub(super) async fn ask(desk: Desk) -> Result<Response, Failure> {
    must_manage(&desk.caller)?;
    Ok(show(desk, "", None))
}

/// What must be mended.
struct Mend {
    field: &'static str,
    why: String,
}

/// `POST /rules/upload`.
pub(super) async fn take(
    State(alerts): State<Alerts>,
    State(rulebook): State<Rulebook>,
    desk: Desk,
    upload: Upload,
) -> Result<Response, Failure> {
    must_manage(&upload.caller)?;
    let name = upload.text("name").to_owned();
    let new = match read(&rulebook, upload).await? {
        Ok(new) => new,
        Err(mend) => return Ok(show(desk, &name, Some(&mend))),
    };
    let id = keep(&alerts, &rulebook, &desk, &new).await?;
    Ok(Redirect::to(&format!("/rules/folders/{id}")).into_response())
}

/// The folder that was uploaded, or what must be mended.
async fn read(rulebook: &Rulebook, upload: Upload) -> Result<Result<NewFolder, Mend>, Failure> {
    let mend = |field, why: String| Ok(Err(Mend { field, why }));
    let name: FolderName = match upload.text("name").parse() {
        Ok(name) => name,
        Err(error) => return mend("name", sentence(&error)),
    };
    if upload.files.is_empty() {
        return mend("files", "Choose a zip archive, or rule files.".to_owned());
    }
    let bytes = upload.files.iter().map(|(_, bytes)| bytes.len()).sum();
    let uploaded = match blocking(bytes, move || unpack(upload.files)).await? {
        Ok(uploaded) => uploaded,
        Err(error) => return mend("files", sentence(&error)),
    };
    let unreadable = uploaded.unreadable.len() as u64;
    let (files, rules, refused) = rulebook.count(uploaded.files).await.map_err(failed)?;
    Ok(Ok(NewFolder { name, files, rules, refused: refused + unreadable }))
}

async fn keep(
    alerts: &Alerts,
    rulebook: &Rulebook,
    desk: &Desk,
    new: &NewFolder,
) -> Result<RuleFolderId, Failure> {
    let (caller, now) = (&desk.caller, desk.now());
    let write = alerts.db().write().await.map_err(db)?;
    let id = rulebook.keep(&write, new, caller.person, now).await.map_err(failed)?;
    let entry = Entry::new(now, caller.who(), "rule_folder.upload", On::new("rule_folder", id));
    let details =
        json!({ "name": new.name.as_str(), "files": new.files.len(), "rules": new.rules });
    audit::append(&write, entry.with(details)).await.map_err(db)?;
    write.commit().await.map_err(|error| db(error.into()))?;
    Ok(id)
}

fn show(desk: Desk, name: &str, mend: Option<&Mend>) -> Response {
    let why = |field: &str| mend.filter(|mend| mend.field == field).map(|mend| mend.why.clone());
    let files = Input::File { accept: ".zip,.yml,.yaml".to_owned(), is_multiple: true };
    let form = Form {
        action: "/rules/upload".to_owned(),
        csrf: desk.csrf(),
        hidden: Vec::new(),
        fields: vec![
            fields::text("name", "What to call the folder", name)
                .hint("A folder of this name that is in use is replaced, once you say so.")
                .wrong(why("name")),
            fields::field("files", "Rules", files)
                .hint(
                    "One zip archive, or several .yml files of Sigma rules: at most 20 MiB and \
                     20,000 files.",
                )
                .wrong(why("files")),
        ],
        submit: "Upload and look through".to_owned(),
        is_warning: false,
        cancel: Some("/rules/folders".to_owned()),
        has_files: true,
    };
    let status = match mend {
        None => StatusCode::OK,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let items = vec![Link::new("Rules", "/rules"), Link::new("Folders", "/rules/folders")];
    let breadcrumbs = Breadcrumbs { items };
    let body = UploadPage { breadcrumbs, errors: form.errors(), form };
    desk.page_with(status, "rules/upload.html", "Upload a folder of rules", "/more", &[], body)
}
