//! Devices in the database: lists, and what imports say of them.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use db::within;
use sea_orm::{
    ConnectionTrait, ExprTrait,
    sea_query::{Expr, OnConflict, Query, SelectStatement, Value},
};
use terms::{DeviceId, OdsCode, Scope, Timestamp, TokenId};
use uuid::Uuid;

use super::{
    Result, Row, Target, all, count, first, micros,
    page::{Page, PageRequest, Sorting, Stored, only, page},
    text,
};
use crate::{
    code::MapCode,
    device::{Device, DeviceKey, fold},
    error::statement,
};

/// Which devices; all conditions hold together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceFilter {
    /// Of this organisation.
    pub organisation: Option<OdsCode>,
    /// Part of this system.
    pub system: Option<MapCode>,
    /// How they are.
    pub state: Option<DeviceState>,
    /// Whose name begins with this text.
    pub search: Option<String>,
}

/// How a device is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceState {
    /// Seen, but not for longer than its organisation's devices may be silent; of organisations
    /// that have not ceased.
    Silent,
    /// Expected, and never seen.
    NeverSeen,
    /// Seen, and part of no known system: nothing can be said of what rests on it.
    Unmapped,
}

/// What a list of devices is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeviceSort {
    /// Name.
    #[default]
    Name,
    /// When it was last seen; never comes first. Of silent ones: when they fell silent. Of those
    /// never seen there is no such order: by name.
    LastSeen,
}

pub(super) const TABLE: &str = "device";
const COLUMNS: &[&str] = &[
    "id",
    "organisation",
    "key",
    "name",
    "class",
    "system",
    "site",
    "expected",
    "first_seen",
    "last_seen",
    "silent_at",
    "source",
    "created_at",
    "changed_at",
];
pub(super) const KEY: &[&str] = &["organisation", "key"];
const TARGET: Target = Target { table: TABLE, key: KEY, columns: COLUMNS, kept: &[] };

/// How long a device may be silent whose organisation nobody has put on the map yet.
pub(super) const UNKNOWN_SILENCE: Duration = Duration::from_secs(24 * 3600);

/// As its index has it: 0 for never.
const LAST_SEEN: &str = "COALESCE(\"device\".\"last_seen\", 0)";

fn select() -> SelectStatement {
    let columns = [
        "id",
        "organisation",
        "name",
        "class",
        "system",
        "site",
        "expected",
        "first_seen",
        "last_seen",
        "source",
    ];
    Query::select().columns(columns.map(|column| (TABLE, column))).from(TABLE).take()
}

fn read(row: &Row<'_>) -> Result<Device> {
    Ok(Device {
        id: DeviceId(row.get("id")?),
        organisation: row.parsed("organisation")?,
        name: row.get("name")?,
        class: row.get("class")?,
        system: row.optional("system")?,
        site: row.optional("site")?,
        expected: row.get("expected")?,
        first_seen: row.time("first_seen")?,
        last_seen: row.time("last_seen")?,
        source: row.get::<Option<Uuid>>("source")?.map(TokenId),
    })
}

/// A row as it is inserted; `silent_after` is its organisation's.
pub(super) fn values(device: &Device, silent_after: Duration, now: Timestamp) -> Vec<Value> {
    let silent_at = device.last_seen.map(|seen| db::micros(seen) + in_micros(silent_after));
    vec![
        device.id.0.into(),
        device.organisation.as_str().into(),
        fold(&device.name).into(),
        device.name.clone().into(),
        device.class.clone().into(),
        text(device.system.as_ref()),
        text(device.site.as_ref()),
        device.expected.into(),
        micros(device.first_seen),
        micros(device.last_seen),
        silent_at.into(),
        device.source.map(|token| token.0).into(),
        db::micros(now).into(),
        db::micros(now).into(),
    ]
}

/// Inserts devices; what is done where one is there, the caller says.
pub(super) async fn insert(
    connection: &impl ConnectionTrait,
    devices: Vec<Vec<Value>>,
    conflict: OnConflict,
) -> Result<()> {
    TARGET.insert(connection, devices, conflict).await
}

/// Writes what somebody says of devices; what telemetry says of them stays.
pub(crate) async fn upsert_expected(
    connection: &impl ConnectionTrait,
    devices: &[Device],
    now: Timestamp,
) -> Result<()> {
    let said = ["class", "system", "site", "expected", "changed_at"];
    let conflict = OnConflict::columns(KEY.iter().copied()).update_columns(said).to_owned();
    let rows = devices.iter().map(|device| values(device, UNKNOWN_SILENCE, now)).collect();
    insert(connection, rows, conflict).await
}

/// Devices by their keys, whoever they belong to: for plans, which check that themselves.
pub(crate) async fn by_keys(
    connection: &impl ConnectionTrait,
    keys: &[&DeviceKey],
) -> Result<Vec<Device>> {
    let mut by_organisation: BTreeMap<&OdsCode, Vec<&str>> = BTreeMap::new();
    for key in keys {
        by_organisation.entry(key.organisation()).or_default().push(key.key());
    }
    let mut found = Vec::new();
    for (organisation, keys) in by_organisation {
        for keys in keys.chunks(10_000) {
            let mut select = select();
            select
                .and_where(Expr::col((TABLE, "organisation")).eq(organisation.as_str()))
                .and_where(Expr::col((TABLE, "key")).is_in(keys.iter().copied()));
            found.extend(all(connection, TABLE, &select, read).await?);
        }
    }
    Ok(found)
}

/// How many devices somebody said exist, of some organisations within a scope.
pub(crate) async fn expected_number(
    connection: &impl ConnectionTrait,
    organisations: &[&OdsCode],
    scope: &Scope,
) -> Result<u64> {
    let mut number = 0;
    for codes in organisations.chunks(10_000) {
        let mut select = only(TABLE, "id");
        select
            .and_where(Expr::col((TABLE, "expected")).eq(true))
            .and_where(Expr::col((TABLE, "organisation")).is_in(codes.iter().map(|c| c.as_str())))
            .cond_where(within((TABLE, "organisation"), scope));
        number += count(connection, select).await?;
    }
    Ok(number)
}

pub(crate) async fn find(
    connection: &impl ConnectionTrait,
    id: DeviceId,
    scope: &Scope,
) -> Result<Option<Device>> {
    let mut select = select();
    select
        .and_where(Expr::col((TABLE, "id")).eq(id.0))
        .cond_where(within((TABLE, "organisation"), scope));
    first(connection, TABLE, &select, read).await
}

pub(crate) async fn find_by_key(
    connection: &impl ConnectionTrait,
    key: &DeviceKey,
    scope: &Scope,
) -> Result<Option<Device>> {
    let mut select = select();
    select
        .and_where(Expr::col((TABLE, "organisation")).eq(key.organisation().as_str()))
        .and_where(Expr::col((TABLE, "key")).eq(key.key()))
        .cond_where(within((TABLE, "organisation"), scope));
    first(connection, TABLE, &select, read).await
}

/// Devices that are part of a system, for the graph.
pub(super) async fn mapped(connection: &impl ConnectionTrait) -> Result<Vec<(DeviceKey, MapCode)>> {
    let select = Query::select()
        .columns(["organisation", "key", "system"])
        .from(TABLE)
        .and_where(Expr::col("system").is_not_null())
        .take();
    let found = all(connection, TABLE, &select, |row| {
        let key: String = row.get("key")?;
        let key = DeviceKey::new(row.parsed("organisation")?, &key);
        Ok(key.zip(Some(row.parsed("system")?)))
    });
    Ok(found.await?.into_iter().flatten().collect())
}

pub(crate) async fn list(
    connection: &impl ConnectionTrait,
    filter: &DeviceFilter,
    sort: DeviceSort,
    request: &PageRequest,
    scope: &Scope,
    now: Timestamp,
) -> Result<Page<Device>> {
    let mut select = select();
    select.cond_where(within((TABLE, "organisation"), scope));
    if let Some(code) = &filter.organisation {
        select.and_where(Expr::col((TABLE, "organisation")).eq(code.as_str()));
    }
    if let Some(code) = &filter.system {
        select.and_where(Expr::col((TABLE, "system")).eq(code.as_str()));
    }
    if let Some(typed) = &filter.search {
        begins_with(&mut select, typed);
    }
    match filter.state {
        None => {}
        Some(DeviceState::NeverSeen) => {
            select
                .and_where(Expr::col((TABLE, "last_seen")).is_null())
                .and_where(Expr::col((TABLE, "expected")).eq(true));
        }
        Some(DeviceState::Unmapped) => {
            select
                .and_where(Expr::col((TABLE, "system")).is_null())
                .and_where(Expr::col((TABLE, "last_seen")).is_not_null());
        }
        Some(DeviceState::Silent) => silent(&mut select, now),
    }
    let by_time = |time: Expr| Sorting {
        tie_is: Stored::Id,
        ..Sorting::number(time, Expr::col((TABLE, "id")))
    };
    let sorting = match (sort, filter.state) {
        (DeviceSort::Name, _) | (_, Some(DeviceState::NeverSeen)) => {
            Sorting::text(Expr::col((TABLE, "key")), Expr::col((TABLE, "organisation")))
        }
        (DeviceSort::LastSeen, Some(DeviceState::Silent)) => {
            by_time(Expr::col((TABLE, "silent_at")))
        }
        (DeviceSort::LastSeen, _) => by_time(Expr::cust(LAST_SEEN)),
    };
    page(connection, TABLE, &select, &sorting, request, read).await
}

/// A range of the index, which both engines order by bytes; `LIKE` would read everything.
/// PostgreSQL takes no NUL in a text, and no name holds one.
fn begins_with(select: &mut SelectStatement, typed: &str) {
    let from = fold(&typed.replace('\0', "\u{fffd}"));
    let end = format!("{from}{}", char::MAX);
    let key = Expr::col((TABLE, "key"));
    select.and_where(key.clone().gte(from)).and_where(key.lt(end));
}

fn silent(select: &mut SelectStatement, now: Timestamp) {
    let now = db::micros(now);
    let closed = Query::select()
        .column("code")
        .from("organisation")
        .and_where(Expr::col("closed_at").lte(now))
        .take();
    select
        .and_where(Expr::col((TABLE, "silent_at")).lt(now))
        .and_where(Expr::col((TABLE, "organisation")).not_in_subquery(closed));
}

/// How long devices of some organisations may be silent; one that is not on the map has
/// [`UNKNOWN_SILENCE`].
pub(super) async fn silences(
    connection: &impl ConnectionTrait,
    organisations: &[&OdsCode],
) -> Result<HashMap<OdsCode, Duration>> {
    let mut silences = HashMap::new();
    for codes in organisations.chunks(10_000) {
        let select = Query::select()
            .columns(["code", "silent_after"])
            .from("organisation")
            .and_where(Expr::col("code").is_in(codes.iter().map(|code| code.as_str())))
            .take();
        let rows = all(connection, "organisation", &select, |row| {
            Ok((row.parsed("code")?, Duration::from_micros(row.number("silent_after")?)))
        });
        silences.extend(rows.await?);
    }
    Ok(silences)
}

/// Reckons anew when the devices of some organisations count as silent.
pub(super) async fn reckon_silence(
    connection: &impl ConnectionTrait,
    organisations: &[&OdsCode],
) -> Result<()> {
    let silent_after = "device.last_seen + (SELECT organisation.silent_after FROM organisation \
                        WHERE organisation.code = device.organisation)";
    for codes in organisations.chunks(10_000) {
        let update = Query::update()
            .table(TABLE)
            .value("silent_at", Expr::cust(silent_after))
            .and_where(Expr::col("organisation").is_in(codes.iter().map(|code| code.as_str())))
            .and_where(Expr::col("last_seen").is_not_null())
            .take();
        connection.execute(&update).await.map_err(statement)?;
    }
    Ok(())
}

fn in_micros(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}
