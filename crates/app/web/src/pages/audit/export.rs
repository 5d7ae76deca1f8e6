//! The audit trail as files: streamed, newest first, each line with what its digest is made of.

use access::{
    AccessError, Permission,
    audit::{self, AuditFilter, MOST_ENTRIES, Written},
};
use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use db::Db;
use terms::Scope;

use super::{Handles, cx, query::Unasked, read, refused};
use crate::{failure::Failure, page::Desk, pages::file};

const HEAD: &[&str] = &[
    "number",
    "at",
    "who",
    "what",
    "on_kind",
    "on_id",
    "organisation",
    "details",
    "previous",
    "digest",
];

pub(super) async fn csv(
    handles: State<Handles>,
    raw: RawQuery,
    desk: Desk,
) -> Result<Response, Failure> {
    export(handles, raw, desk, file::Kind::Csv).await
}

pub(super) async fn json_lines(
    handles: State<Handles>,
    raw: RawQuery,
    desk: Desk,
) -> Result<Response, Failure> {
    export(handles, raw, desk, file::Kind::JsonLines).await
}

async fn export(
    State(handles): State<Handles>,
    RawQuery(raw): RawQuery,
    desk: Desk,
    kind: file::Kind,
) -> Result<Response, Failure> {
    let scope = desk.scope(Permission::ViewAudit)?;
    let query = read(raw.as_deref())?;
    let graph = handles.map.graph();
    let filter = match query.filter(&cx(&handles, &desk, &scope, &graph)).await {
        Ok(filter) => filter,
        Err(Unasked::Wrong(wrong)) => return Err(refused(&wrong)),
        Err(Unasked::Failure(failure)) => return Err(failure),
    };
    let db = handles.alerts.db().clone();
    Ok(file::streamed("audit", kind, HEAD, Some(None), move |before| {
        part(db.clone(), scope.clone(), filter.clone(), before, kind)
    }))
}

/// The rows of one page as text, and before which number the next begins.
async fn part(
    db: Db,
    scope: Scope,
    filter: AuditFilter,
    before: Option<i64>,
    kind: file::Kind,
) -> Result<(Vec<u8>, Option<Option<i64>>), AccessError> {
    let page = audit::list(&db, &scope, &filter, before, MOST_ENTRIES).await?;
    let mut text = Vec::new();
    for entry in &page.entries {
        match kind {
            file::Kind::Csv => csv_line(&mut text, entry),
            file::Kind::JsonLines => file::json_row(&mut text, &entry.to_json()),
        }
    }
    Ok((text, page.next.map(Some)))
}

fn csv_line(out: &mut Vec<u8>, entry: &Written) {
    let organisation = entry.organisation.as_ref().map(ToString::to_string).unwrap_or_default();
    file::csv_row(
        out,
        [
            entry.number.to_string(),
            entry.at.to_string(),
            entry.who.to_string(),
            entry.what.clone(),
            entry.on.kind.clone(),
            entry.on.id.clone(),
            organisation,
            entry.details.clone(),
            entry.previous.to_string(),
            entry.digest.to_string(),
        ],
    );
}
