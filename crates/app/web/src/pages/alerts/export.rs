//! The queue as files: streamed, so that a million rows need no more memory than a thousand.

use access::Permission;
use axum::{
    body::{Body, Bytes},
    extract::{RawQuery, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use detect::alert::{
    AlertError, Alerts, Filter,
    export::{Format, head, rows},
    service::Export,
};
use futures_util::stream;
use sector::Map;
use terms::Scope;

use super::{failed::failed, queue::filter_of};
use crate::{failure::Failure, page::Desk};

/// The list as CSV.
pub(super) async fn csv(
    State(alerts): State<Alerts>,
    State(map): State<Map>,
    RawQuery(raw): RawQuery,
    desk: Desk,
) -> Result<Response, Failure> {
    let (scope, filter) = asked(raw.as_deref(), &desk, &map)?;
    file(&alerts, scope, filter, Format::Csv)
}

/// The list as JSON, an object a line.
pub(super) async fn json_lines(
    State(alerts): State<Alerts>,
    State(map): State<Map>,
    RawQuery(raw): RawQuery,
    desk: Desk,
) -> Result<Response, Failure> {
    let (scope, filter) = asked(raw.as_deref(), &desk, &map)?;
    file(&alerts, scope, filter, Format::JsonLines)
}

fn asked(raw: Option<&str>, desk: &Desk, map: &Map) -> Result<(Scope, Filter), Failure> {
    let scope = desk.scope(Permission::ViewAlerts)?;
    let filter = filter_of(raw, &desk.caller, &scope, &map.graph())?;
    Ok((scope, filter))
}

/// A file of all alerts of a filter.
fn file(
    alerts: &Alerts,
    scope: Scope,
    filter: Filter,
    format: Format,
) -> Result<Response, Failure> {
    let head = head(format).map_err(failed)?;
    let (kind, name) = match format {
        Format::Csv => ("text/csv; charset=utf-8", "attachment; filename=\"alerts.csv\""),
        Format::JsonLines => ("application/x-ndjson", "attachment; filename=\"alerts.jsonl\""),
    };
    let parts = stream::unfold(Some((alerts.export(scope, filter), Some(head))), move |state| {
        next(state, format)
    });
    let mut response = Body::from_stream(parts).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static(name));
    Ok(response)
}

/// What is still to be written: the head first, then rows; nothing after an error.
type Rest = Option<(Export, Option<Vec<u8>>)>;

async fn next(rest: Rest, format: Format) -> Option<(Result<Bytes, AlertError>, Rest)> {
    let (mut export, head) = rest?;
    if let Some(head) = head {
        return Some((Ok(head.into()), Some((export, None))));
    }
    let part = match export.next().await {
        Ok(None) => return None,
        Ok(Some(alerts)) => rows(format, &alerts),
        Err(error) => Err(error),
    };
    match part {
        Ok(part) => Some((Ok(part.into()), Some((export, None)))),
        Err(error) => {
            // The answer began; its end without the last chunk tells the reader that it is cut.
            tracing::error!(error = &error as &dyn std::error::Error, "an export was cut");
            Some((Err(error), None))
        }
    }
}
