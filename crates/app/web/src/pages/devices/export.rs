//! The list of devices as files, a page of the database at a time.

use access::Permission;
use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use futures_util::stream;
use sector::{Cursor, Device, Map, PageRequest, SectorError};
use serde_json::json;
use terms::{Scope, Timestamp};

use super::query::{NAMES, Query, Standing};
use crate::{
    export::{Cells, Format, Sheet},
    failure::Failure,
    page::Desk,
    pages::map::address::Address,
};

const SHEET: Sheet = Sheet {
    name: "devices",
    columns: &[
        "id",
        "name",
        "organisation",
        "class",
        "system",
        "site",
        "expected",
        "state",
        "first_seen",
        "last_seen",
    ],
};

const AT_ONCE: u16 = 1_000;

/// The list as CSV.
pub(super) async fn csv(
    State(map): State<Map>,
    RawQuery(raw): RawQuery,
    desk: Desk,
) -> Result<Response, Failure> {
    file(Format::Csv, map, raw.as_deref(), &desk)
}

/// The list as JSON, an object a line.
pub(super) async fn json_lines(
    State(map): State<Map>,
    RawQuery(raw): RawQuery,
    desk: Desk,
) -> Result<Response, Failure> {
    file(Format::JsonLines, map, raw.as_deref(), &desk)
}

fn file(format: Format, map: Map, raw: Option<&str>, desk: &Desk) -> Result<Response, Failure> {
    let (scope, graph) = (desk.scope(Permission::ViewDevices)?, map.graph());
    let address = Address::read("/devices", raw, &NAMES);
    let query = Query::read(|name| address.get(name), &graph, &scope).map_err(|wrong| {
        let what = format!("{}: {}", wrong.parameter, wrong.why);
        Failure::new(StatusCode::BAD_REQUEST, what)
    })?;
    let reading = Reading { map, query, scope, now: desk.now() };
    let parts = stream::unfold((reading, Next::First), |(reading, next)| async {
        let after = match next {
            Next::First => None,
            Next::After(cursor) => Some(cursor),
            Next::Nothing => return None,
        };
        match reading.part(after).await {
            Ok((rows, next)) => {
                let next = next.map_or(Next::Nothing, Next::After);
                Some((Ok(rows), (reading, next)))
            }
            Err(error) => Some((Err(error), (reading, Next::Nothing))),
        }
    });
    Ok(SHEET.stream(format, parts))
}

/// Where the file goes on.
enum Next {
    First,
    After(Cursor),
    Nothing,
}

/// What is read.
struct Reading {
    map: Map,
    query: Query,
    scope: Scope,
    now: Timestamp,
}

impl Reading {
    async fn part(
        &self,
        after: Option<Cursor>,
    ) -> Result<(Vec<Cells>, Option<Cursor>), SectorError> {
        let Query { filter, sort, is_descending } = &self.query;
        let request = PageRequest { rows: AT_ONCE, after, descending: *is_descending };
        let page = self.map.list_devices(filter, *sort, &request, &self.scope, self.now).await?;
        let graph = self.map.graph();
        let cells = |device: &Device| cells(device, Standing::of(device, &graph, self.now));
        Ok((page.rows.iter().map(cells).collect(), page.next))
    }
}

fn cells(device: &Device, standing: Standing) -> Cells {
    let at = |at: Option<Timestamp>| json!(at.map(|at| at.to_string()));
    vec![
        json!(device.id.to_string()),
        json!(device.name),
        json!(device.organisation.as_str()),
        json!(device.class),
        json!(device.system.as_ref().map(|code| code.as_str())),
        json!(device.site.as_ref().map(|code| code.as_str())),
        json!(device.expected),
        json!(standing.as_str()),
        at(device.first_seen),
        at(device.last_seen),
    ]
}
