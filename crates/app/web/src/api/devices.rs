//! Devices as JSON: who sends, who fell silent, who was never seen, and saying what one is. The
//! same services and the same trail as the pages.

use access::{Access, Permission};
use axum::{
    Json,
    body::Body,
    extract::{RawQuery, State},
    http::StatusCode,
};
use sector::{Cursor, Device, DeviceSaid, Graph, Map, PageRequest, SectorError, Total};
use serde::{Deserialize, Serialize};
use terms::{DeviceId, Part, Timestamp};
use utoipa::ToSchema;

use super::{
    alerts::{bad, sent},
    answers::{Absent, Denied, WrongBody, WrongPath, WrongQuery},
    query::{Asked, limit},
    segment::Segment,
};
use crate::{
    Settings,
    caller::Authorised,
    failure::{Failure, Problem},
    pages::{
        devices::{
            Editing,
            query::{Query, Standing},
        },
        map::failed::failed,
    },
};

/// A device.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeviceWire {
    id: String,
    name: String,
    /// The organisation's ODS code.
    organisation: String,
    /// `workstation`, `infusion pump`; null while unknown.
    class: Option<String>,
    /// Code of the system it is part of.
    system: Option<String>,
    /// Code of the site where it stands.
    site: Option<String>,
    /// Whether somebody said that it exists.
    expected: bool,
    /// `heard`, `silent`, `never_seen`, or `unknown` where it is neither expected nor seen.
    state: String,
    first_seen: Option<String>,
    last_seen: Option<String>,
    /// Id of the source it was last heard through.
    source: Option<String>,
}

/// Devices in an order.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DevicesWire {
    devices: Vec<DeviceWire>,
    /// Rows of the list; counting ends at 10,000.
    total: u64,
    /// Whether there are more than `total`.
    total_is_capped: bool,
    /// Where the next page begins; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

/// What is said of a device; what is left out is not known.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct DeviceSaidWire {
    #[serde(default)]
    class: Option<String>,
    #[serde(default)]
    system: Option<String>,
    #[serde(default)]
    site: Option<String>,
    expected: bool,
}

fn wire(device: &Device, graph: &Graph, now: Timestamp) -> DeviceWire {
    DeviceWire {
        id: device.id.to_string(),
        name: device.name.clone(),
        organisation: device.organisation.to_string(),
        class: device.class.clone(),
        system: device.system.as_ref().map(ToString::to_string),
        site: device.site.as_ref().map(ToString::to_string),
        expected: device.expected,
        state: Standing::of(device, graph, now).as_str().to_owned(),
        first_seen: device.first_seen.map(|at| at.to_string()),
        last_seen: device.last_seen.map(|at| at.to_string()),
        source: device.source.map(|source| source.to_string()),
    }
}

/// Devices, by default by name.
#[utoipa::path(
    get,
    path = "/api/v1/devices",
    tag = "devices",
    params(
        ("q" = Option<String>, Query, description = "how the name begins"),
        ("organisation" = Option<String>, Query, description = "an organisation's code, or a part of its name"),
        ("system" = Option<String>, Query, description = "a system's code"),
        ("state" = Option<String>, Query, description = "silent, never_seen or unmapped"),
        ("sort" = Option<String>, Query, description = "name or last_seen"),
        ("order" = Option<String>, Query, description = "asc or desc"),
        ("after" = Option<String>, Query, description = "where the page begins, from the page before"),
        ("limit" = Option<u16>, Query, minimum = 1, maximum = 500, description = "rows; 100 without"),
    ),
    responses(
        (status = 200, description = "a page", body = DevicesWire),
        Denied,
        WrongQuery,
    ),
    security(("token" = []))
)]
pub(crate) async fn list(
    State(map): State<Map>,
    State(settings): State<Settings>,
    RawQuery(raw): RawQuery,
    caller: Authorised,
) -> Result<Json<DevicesWire>, Failure> {
    let (scope, now) = (caller.scope(Permission::ViewDevices)?, settings.now());
    let asked = Asked::read(raw.as_deref())?;
    let rows = limit(raw.as_deref())?;
    let graph = map.graph();
    let query = Query::read(|name| asked.get(name), &graph, &scope);
    let query = query.map_err(|wrong| bad(wrong.parameter, &wrong.why))?;
    let after = Some(asked.get("after")).filter(|after| !after.is_empty());
    let after = after.map(|after| Cursor(after.to_owned()));
    let request = PageRequest { rows, after, descending: query.is_descending };
    let page = map.list_devices(&query.filter, query.sort, &request, &scope, now).await;
    let page = page.map_err(|error| match error {
        SectorError::Cursor => bad("after", &error),
        error => failed(error),
    })?;
    let (total, total_is_capped) = match page.total {
        Total::Exactly(total) => (total, false),
        Total::AtLeast(total) => (total, true),
    };
    let devices = page.rows.iter().map(|device| wire(device, &graph, now)).collect();
    let after = page.next.map(|next| next.0);
    Ok(Json(DevicesWire { devices, total, total_is_capped, after }))
}

/// One device.
#[utoipa::path(
    get,
    path = "/api/v1/devices/{id}",
    tag = "devices",
    params(("id" = String, Path, description = "the device's id")),
    responses(
        (status = 200, description = "the device", body = DeviceWire),
        Denied,
        WrongPath,
        Absent,
    ),
    security(("token" = []))
)]
pub(crate) async fn one(
    State(map): State<Map>,
    State(settings): State<Settings>,
    Segment(id): Segment,
    caller: Authorised,
) -> Result<Json<DeviceWire>, Failure> {
    let scope = caller.scope(Permission::ViewDevices)?;
    let id: DeviceId = id.parse().map_err(|_| Failure::not_found())?;
    let device = map.device(id, &scope).await.map_err(failed)?;
    Ok(Json(wire(&device, &map.graph(), settings.now())))
}

/// Says what a device is, what it is part of, and whether it should be heard.
#[utoipa::path(
    put,
    path = "/api/v1/devices/{id}",
    tag = "devices",
    params(("id" = String, Path, description = "the device's id")),
    request_body = DeviceSaidWire,
    responses(
        (status = 200, description = "the device as it is now", body = DeviceWire),
        Denied,
        WrongBody,
        Absent,
        (status = 409, description = "the map changed meanwhile; come again", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "it cannot be said so; why is told", body = Problem, content_type = "application/problem+json"),
    ),
    security(("token" = []))
)]
pub(crate) async fn change(
    State(editing): State<Editing>,
    State(access): State<Access>,
    State(map): State<Map>,
    State(settings): State<Settings>,
    Segment(id): Segment,
    caller: Authorised,
    body: Body,
) -> Result<Json<DeviceWire>, Failure> {
    let (seen, now) = (caller.scope(Permission::ViewDevices)?, settings.now());
    let id: DeviceId = id.parse().map_err(|_| Failure::not_found())?;
    let device = map.device(id, &seen).await.map_err(failed)?;
    let part = Part::Organisation(device.organisation.clone());
    let parts = access.parts_around(&part).await.map_err(Failure::of)?;
    caller.0.must(Permission::ManageDevices, &parts).map_err(Failure::of)?;
    let scope = caller.scope(Permission::ManageDevices)?;
    let said = sent::<DeviceSaidWire>(body).await?.checked()?;
    editing.change(&caller.0, &scope, &device, &said, now).await.map_err(failed)?;
    let device = map.device(id, &seen).await.map_err(failed)?;
    Ok(Json(wire(&device, &map.graph(), now)))
}

impl DeviceSaidWire {
    fn checked(self) -> Result<DeviceSaid, Failure> {
        let refused = |what: &str, why: &dyn std::fmt::Display| {
            Failure::new(StatusCode::UNPROCESSABLE_ENTITY, format!("{what}: {why}"))
        };
        let system = self.system.map(|code| code.parse()).transpose();
        let site = self.site.map(|code| code.parse()).transpose();
        Ok(DeviceSaid {
            class: self.class,
            system: system.map_err(|error| refused("system", &error))?,
            site: site.map_err(|error| refused("site", &error))?,
            expected: self.expected,
        })
    }
}
