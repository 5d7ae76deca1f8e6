//! How the sector stands now, as JSON: what the first page shows.

use access::Permission;
use axum::{Json, extract::State};
use detect::alert::Alerts;
use intake::Intake;
use sector::Map;
use serde::Serialize;
use utoipa::ToSchema;

use super::answers::Denied;
use crate::{
    Settings,
    caller::Authorised,
    failure::Failure,
    pages::{
        map::{failed::failed, standing::standings},
        today::{is_drawn, lag::Lag, picture::state},
    },
};

/// How one organisation stands.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StandingWire {
    /// Its ODS code.
    ods_code: String,
    name: String,
    /// As the import writes it.
    r#type: String,
    region: Option<String>,
    icb: Option<String>,
    /// Registered patients or people cared for.
    patients: Option<u32>,
    /// What its open alerts mean for care, worst first: `now`, `soon`, `possible`, `none`; `silent`
    /// where nothing is heard of it.
    state: &'static str,
    open_alerts: u64,
    devices_seen: u64,
    devices_expected: u64,
    /// When any of its devices was last seen (RFC 3339).
    last_seen: Option<String>,
}

/// How everything within the caller's scope stands.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OverviewWire {
    /// When this was so (RFC 3339).
    at: String,
    /// Seconds that detection is behind what was received.
    detection_lag_seconds: i64,
    open_alerts: u64,
    /// By ODS code; areas are not among them.
    organisations: Vec<StandingWire>,
}

/// How the organisations within the caller's scope stand, and how far detection is behind.
#[utoipa::path(
    get,
    path = "/api/v1/overview",
    tag = "map",
    responses(
        (status = 200, description = "how all stand", body = OverviewWire),
        Denied,
    ),
    security(("token" = []))
)]
pub(crate) async fn get(
    State(alerts): State<Alerts>,
    State(map): State<Map>,
    State(intake): State<Intake>,
    State(settings): State<Settings>,
    caller: Authorised,
) -> Result<Json<OverviewWire>, Failure> {
    let now = settings.now();
    let standings = standings(&alerts, &caller.scope(Permission::ViewAlerts)?).await?;
    let overview = map.overview(&caller.scope(Permission::ViewMap)?, now).await.map_err(failed)?;
    let lag = Lag::now(&alerts, &intake, now).await?;
    let graph = map.graph();
    let organisations = overview.iter().filter(|one| is_drawn(one.kind)).map(|one| StandingWire {
        ods_code: one.organisation.to_string(),
        name: one.name.clone(),
        r#type: one.kind.to_string(),
        region: one.region.as_ref().map(ToString::to_string),
        icb: one.icb.as_ref().map(ToString::to_string),
        patients: one.patients,
        state: state(one, &standings, &graph, now).map_or("silent", |harm| harm.key()),
        open_alerts: standings.of(&one.organisation).open,
        devices_seen: one.devices_seen,
        devices_expected: one.devices_expected,
        last_seen: one.last_seen.map(|at| at.to_string()),
    });
    Ok(Json(OverviewWire {
        at: now.to_string(),
        detection_lag_seconds: lag.seconds(now),
        open_alerts: standings.open(),
        organisations: organisations.collect(),
    }))
}
