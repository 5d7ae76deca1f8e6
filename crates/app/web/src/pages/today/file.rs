//! The picture as a file: a line for each organisation.

use access::Permission;
use axum::{body::Bytes, extract::State, response::Response};
use detect::alert::Alerts;
use futures_util::stream;
use sector::Map;

use super::{is_drawn, picture::state};
use crate::{
    failure::Failure,
    page::Desk,
    pages::map::{
        address::number,
        failed::failed,
        file::{Datum, Form},
        standing::standings,
    },
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

/// Lines written at once.
const AT_ONCE: usize = 1000;

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
    let row = |one: &sector::Tile| -> Vec<Datum> {
        let harm = state(one, &standings, &graph, now);
        let open = standings.of(&one.organisation).open;
        vec![
            one.organisation.as_str().into(),
            one.name.as_str().into(),
            one.kind.as_str().into(),
            one.region.as_ref().into(),
            one.icb.as_ref().into(),
            one.patients.map_or(Datum::None, |patients| Datum::Number(patients.into())),
            harm.map_or("silent", |harm| harm.key()).into(),
            Datum::Number(number(open)),
            Datum::Number(number(one.devices_seen)),
            Datum::Number(number(one.devices_expected)),
            one.last_seen.as_ref().into(),
        ]
    };
    let rows: Vec<Vec<Datum>> = overview.iter().filter(|one| is_drawn(one.kind)).map(row).collect();
    let head = std::iter::once(Form::Csv.head(COLUMNS));
    let parts = head.chain(rows.chunks(AT_ONCE).map(|rows| Form::Csv.rows(COLUMNS, rows)));
    let parts: Vec<Result<Bytes, std::convert::Infallible>> =
        parts.map(|part| Ok(part.into())).collect();
    Ok(Form::Csv.answer("organisations", stream::iter(parts)))
}
