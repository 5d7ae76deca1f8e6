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
use serde_json::json;
use terms::Scope;

use super::{Handles, cx, query::Unasked, read, refused};
use crate::{
    export::{Format, Sheet, csv_row, json_row},
    failure::Failure,
    page::Desk,
};

const SHEET: Sheet = Sheet {
    name: "audit",
    columns: &[
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
    ],
};

pub(super) async fn csv(
    handles: State<Handles>,
    raw: RawQuery,
    desk: Desk,
) -> Result<Response, Failure> {
    export(handles, raw, desk, Format::Csv).await
}

pub(super) async fn json_lines(
    handles: State<Handles>,
    raw: RawQuery,
    desk: Desk,
) -> Result<Response, Failure> {
    export(handles, raw, desk, Format::JsonLines).await
}

async fn export(
    State(handles): State<Handles>,
    RawQuery(raw): RawQuery,
    desk: Desk,
    format: Format,
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
    Ok(SHEET.parts(format, None, move |before| {
        part(db.clone(), scope.clone(), filter.clone(), before, format)
    }))
}

/// The rows of one page as text, and before which number the next begins.
async fn part(
    db: Db,
    scope: Scope,
    filter: AuditFilter,
    before: Option<i64>,
    format: Format,
) -> Result<(String, Option<Option<i64>>), AccessError> {
    let page = audit::list(&db, &scope, &filter, before, MOST_ENTRIES).await?;
    let mut text = String::new();
    for entry in &page.entries {
        match format {
            Format::Csv => csv_line(&mut text, entry),
            Format::JsonLines => json_row(&mut text, &entry.to_json()),
        }
    }
    Ok((text, page.next.map(Some)))
}

fn csv_line(out: &mut String, entry: &Written) {
    let cells = [
        json!(entry.number),
        json!(entry.at.to_string()),
        json!(entry.who.to_string()),
        json!(entry.what),
        json!(entry.on.kind),
        json!(entry.on.id),
        json!(entry.organisation.as_ref().map(ToString::to_string)),
        json!(entry.details),
        json!(entry.previous.to_string()),
        json!(entry.digest.to_string()),
    ];
    csv_row(out, &cells);
}
