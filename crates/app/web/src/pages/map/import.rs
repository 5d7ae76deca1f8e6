//! Importing files: uploaded, looked through, then applied; and what was imported before.
//!
//! An upload is kept in memory for its person until it is applied, replaced or an hour old. What
//! is applied is what was shown: each file is looked through again, and where that gives anything
//! but what was on the page, nothing of it is written and the page is shown anew. Files that build
//! on each other are applied one after the other, so that a second one may have to be looked at
//! again once the first is on the map.

mod draft;
mod show;

use access::Permission;
use axum::{
    extract::{Path, RawQuery, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use sector::{Plan, SectorError};
use serde::Deserialize;
use terms::{Scope, Timestamp};

use super::{failed::failed, record::Editing};
use crate::{
    failure::Failure,
    form::Posted,
    page::{Desk, done},
    pieces::words::count,
    upload::Upload,
};

pub(super) use draft::Drafts;
use draft::{Draft, File};
pub(super) use show::history;

/// Files of one upload.
const MOST_FILES: usize = 20;

/// Takes files and leads to what they would change.
pub(super) async fn upload(
    drafts: Drafts,
    State(editing): State<Editing>,
    upload: Upload,
) -> Result<Response, Failure> {
    let caller = &upload.caller;
    crate::caller::scope(caller, Permission::ManageMap)?;
    if upload.files.is_empty() {
        return Ok(Redirect::to("/map/import?error=none").into_response());
    }
    if upload.files.len() > MOST_FILES {
        let title = format!("more than {MOST_FILES} files at once: send them in several uploads");
        return Err(Failure::new(StatusCode::UNPROCESSABLE_ENTITY, title));
    }
    let draft = Draft::new(caller.person, upload.files, editing.now());
    let number = drafts.keep(draft).ok_or_else(full)?;
    Ok(Redirect::to(&format!("/map/import/{number}")).into_response())
}

fn full() -> Failure {
    Failure::new(StatusCode::SERVICE_UNAVAILABLE, "too many uploads wait to be looked through")
        .detail("nothing was kept: try again in some minutes")
}

/// A file and what it would change.
struct Looked {
    name: String,
    plan: Result<Plan, SectorError>,
}

/// Looks through all files of a draft, in the order in which they would be applied.
async fn look(
    editing: &Editing,
    draft: &Draft,
    scope: &Scope,
    now: Timestamp,
) -> Result<Vec<Looked>, Failure> {
    let mut looked = Vec::new();
    for file in &draft.files {
        let plan = plan(editing, file, scope, now).await?;
        if let Err(error @ SectorError::Database(_)) = plan {
            return Err(failed(error));
        }
        looked.push(Looked { name: file.name.clone(), plan });
    }
    Ok(looked)
}

/// What a file would change. A large one takes seconds of work, so it is done where nobody waits.
async fn plan(
    editing: &Editing,
    file: &File,
    scope: &Scope,
    now: Timestamp,
) -> Result<Result<Plan, SectorError>, Failure> {
    let (map, file, scope) = (editing.map.clone(), file.clone(), scope.clone());
    let runtime = tokio::runtime::Handle::current();
    let work = move || runtime.block_on(map.plan(&file.name, &file.bytes, &scope, now));
    tokio::task::spawn_blocking(work).await.map_err(|error| Failure::internal(&error))
}

/// What the files of an upload would change.
pub(super) async fn page(
    drafts: Drafts,
    State(editing): State<Editing>,
    Path(number): Path<u64>,
    desk: Desk,
) -> Result<Response, Failure> {
    let scope = desk.whole_scope(Permission::ManageMap)?;
    let Some(draft) = drafts.find(number, desk.caller.person, desk.now()) else {
        return Ok(done(
            "/map/import",
            "That upload is not kept any more: send the files again",
            None,
        ));
    };
    let looked = look(&editing, &draft, &scope, desk.now()).await?;
    Ok(show::page(desk, number, &looked))
}

/// What was shown: a fingerprint for each file.
#[derive(Deserialize)]
pub(super) struct Shown {
    #[serde(default)]
    plan: Vec<String>,
}

/// Applies what was shown, file by file, as long as each would still change just that.
pub(super) async fn apply(
    drafts: Drafts,
    State(editing): State<Editing>,
    Path(number): Path<u64>,
    Posted { caller, form }: Posted<Shown>,
) -> Result<Response, Failure> {
    let scope = crate::caller::scope(&caller, Permission::ManageMap)?;
    let Some(mut draft) = drafts.find(number, caller.person, editing.now()) else {
        return Ok(done(
            "/map/import",
            "That upload is not kept any more: send the files again",
            None,
        ));
    };
    let shown = form.plan;
    let mut applied = 0;
    while let Some(file) = draft.files.first() {
        let now = editing.now();
        let plan = plan(&editing, file, &scope, now).await?;
        let plan = match plan {
            Ok(plan) => plan,
            // A file that cannot be read was shown as such; the others go on.
            Err(SectorError::File(_)) => {
                draft.files.remove(0);
                continue;
            }
            Err(error) => return Err(failed(error)),
        };
        if !shown.contains(&show::fingerprint(&plan)) {
            break;
        }
        let map = editing.by(&caller, "map.import", None);
        match map.apply(&plan, Some(caller.person), now).await {
            Ok(_) => editing.tell_imported(),
            Err(SectorError::Stale) => break,
            Err(error) => return Err(failed(error)),
        }
        applied += 1;
        draft.files.remove(0);
        drafts.shorten(number, draft.files.clone());
    }
    Ok(told(&drafts, number, applied, draft.files.len()))
}

fn told(drafts: &Drafts, number: u64, applied: i64, left: usize) -> Response {
    let left = i64::try_from(left).unwrap_or(i64::MAX);
    if left == 0 {
        drafts.forget(number);
        return done("/map/import", &format!("{} imported", count(applied, "file", None)), None);
    }
    let text = format!(
        "{} imported. {} would change something else than was shown: look again, then apply",
        count(applied, "file", None),
        count(left, "file", None)
    );
    done(&format!("/map/import/{number}"), &text, None)
}

/// Which upload is thrown away.
#[derive(Deserialize)]
pub(super) struct Nothing {}

/// Throws an upload away.
pub(super) async fn discard(
    drafts: Drafts,
    State(editing): State<Editing>,
    Path(number): Path<u64>,
    Posted { caller, .. }: Posted<Nothing>,
) -> Result<Response, Failure> {
    crate::caller::scope(&caller, Permission::ManageMap)?;
    if drafts.find(number, caller.person, editing.now()).is_some() {
        drafts.forget(number);
    }
    Ok(done("/map/import", "The upload was thrown away; nothing was changed", None))
}

/// The page of imports, with the form.
pub(super) async fn home(
    State(editing): State<Editing>,
    State(access): State<access::Access>,
    RawQuery(raw): RawQuery,
    desk: Desk,
) -> Result<Response, Failure> {
    history(&editing, &access, raw.as_deref(), desk).await
}
