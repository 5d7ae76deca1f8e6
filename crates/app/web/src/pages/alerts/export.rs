//! The queue as files: streamed, so that a million rows need no more memory than a thousand.

use access::Permission;
use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use detect::alert::{Alert, AlertError, Alerts, Filter};
use futures_util::stream;
use sector::Map;
use serde_json::json;
use terms::Scope;

use super::queue::filter_of;
use crate::{
    export::{Cells, Format, Sheet},
    failure::Failure,
    page::Desk,
};

/// The list as CSV.
pub(super) async fn csv(
    State(alerts): State<Alerts>,
    State(map): State<Map>,
    RawQuery(raw): RawQuery,
    desk: Desk,
) -> Result<Response, Failure> {
    let (scope, filter) = asked(raw.as_deref(), &desk, &map)?;
    Ok(file(&alerts, scope, filter, Format::Csv))
}

/// The list as JSON, an object a line.
pub(super) async fn json_lines(
    State(alerts): State<Alerts>,
    State(map): State<Map>,
    RawQuery(raw): RawQuery,
    desk: Desk,
) -> Result<Response, Failure> {
    let (scope, filter) = asked(raw.as_deref(), &desk, &map)?;
    Ok(file(&alerts, scope, filter, Format::JsonLines))
}

fn asked(raw: Option<&str>, desk: &Desk, map: &Map) -> Result<(Scope, Filter), Failure> {
    let scope = desk.scope(Permission::ViewAlerts)?;
    let filter = filter_of(raw, &desk.caller, &scope, &map.graph())?;
    Ok((scope, filter))
}

fn file(alerts: &Alerts, scope: Scope, filter: Filter, format: Format) -> Response {
    let rows = stream::try_unfold(alerts.export(scope, filter), async |mut export| {
        let part = export.next().await?;
        Ok::<_, AlertError>(part.map(|alerts| (alerts.iter().map(cells).collect(), export)))
    });
    SHEET.stream(format, rows)
}

const SHEET: Sheet = Sheet {
    name: "alerts",
    columns: &[
        "id",
        "organisation",
        "state",
        "level",
        "rank",
        "headline",
        "rule_id",
        "rule_title",
        "techniques",
        "device",
        "devices",
        "count",
        "first_seen",
        "last_seen",
        "opened_at",
        "closed_at",
        "owner",
        "verdict",
        "flood",
    ],
};

fn cells(alert: &Alert) -> Cells {
    vec![
        json!(alert.id.to_string()),
        json!(alert.organisation.as_str()),
        json!(alert.state.as_str()),
        json!(alert.level.as_str()),
        json!(alert.rank_millionths as f64 / 1e6),
        json!(alert.headline),
        json!(alert.rule.id),
        json!(alert.rule.title),
        json!(alert.rule.techniques().collect::<Vec<_>>()),
        json!(alert.device),
        json!(alert.devices),
        json!(alert.count),
        json!(alert.first_seen.to_string()),
        json!(alert.last_seen.to_string()),
        json!(alert.opened_at.to_string()),
        json!(alert.closed_at.map(|at| at.to_string())),
        json!(alert.owner.map(|owner| owner.to_string())),
        json!(alert.verdict.map(|verdict| verdict.as_str())),
        json!(alert.is_flood),
    ]
}
