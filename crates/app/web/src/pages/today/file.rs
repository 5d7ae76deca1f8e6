//! The picture as a file: a line for each organisation.

use access::Permission;
use axum::{extract::State, response::Response};
use detect::alert::Alerts;
use sector::Map;
use serde_json::{Value, json};
use terms::OdsCode;

use super::{is_drawn, picture::state};
use crate::{
    export::{Cells, Format, Sheet},
    failure::Failure,
    page::Desk,
    pages::map::{failed::failed, standing::standings},
};

const COLUMNS: &[&str] = &[
    "ods_code",
    "name",
    "type",
    "region",
    "icb",
    "patients",
    "state",
    "open_alerts",
    "devices_seen",
    "devices_expected",
    "last_seen",
];

/// Every organisation of the picture with its state: `now`, `soon`, `possible`, `none`, `silent`.
pub(super) async fn csv(
    State(alerts): State<Alerts>,
    State(map): State<Map>,
    desk: Desk,
) -> Result<Response, Failure> {
    let standings = standings(&alerts, &desk.scope(Permission::ViewAlerts)?).await?;
    let now = desk.now();
    let overview = map.overview(&desk.scope(Permission::ViewMap)?, now).await.map_err(failed)?;
    let graph = map.graph();
    let code =
        |code: &Option<OdsCode>| code.as_ref().map_or(Value::Null, |code| json!(code.as_str()));
    let row = |one: &sector::Tile| -> Cells {
        let harm = state(one, &standings, &graph, now);
        vec![
            json!(one.organisation.as_str()),
            json!(one.name),
            json!(one.kind.as_str()),
            code(&one.region),
            code(&one.icb),
            json!(one.patients),
            json!(harm.map_or("silent", |harm| harm.key())),
            json!(standings.of(&one.organisation).open),
            json!(one.devices_seen),
            json!(one.devices_expected),
            json!(one.last_seen.map(|at| at.to_string())),
        ]
    };
    let rows: Vec<Cells> = overview.iter().filter(|one| is_drawn(one.kind)).map(row).collect();
    Ok(Sheet { name: "today", columns: COLUMNS }.of(Format::Csv, rows))
}
