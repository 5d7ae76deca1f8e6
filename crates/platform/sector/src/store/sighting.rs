//! Devices seen in telemetry. Sightings come out of order, twice, and from several writers at
//! once: first_seen only falls and last_seen only rises, whatever comes when.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{
    ConnectionTrait, ExprTrait,
    sea_query::{Expr, OnConflict, Query},
};
use terms::{DeviceId, OdsCode, Timestamp, TokenId};

use super::{Result, all, device, total};
use crate::device::{Device, DeviceKey};

/// All sightings of one device in a batch.
#[derive(Clone, Debug)]
pub(crate) struct Span {
    pub(crate) name: String,
    pub(crate) first: Timestamp,
    pub(crate) last: Timestamp,
    pub(crate) source: Option<TokenId>,
}

/// What a batch holds, by organisation and key.
pub(crate) type Spans = BTreeMap<OdsCode, BTreeMap<DeviceKey, Span>>;

/// Writes what was seen, and counts anew where devices were made or seen for the first time.
/// Gives the number of devices that were made.
pub(crate) async fn write(
    connection: &impl ConnectionTrait,
    spans: &Spans,
    now: Timestamp,
) -> Result<u64> {
    // Held until the end of the transaction and taken in the order of codes: two writers work on
    // one organisation after the other, and never wait for each other in a ring.
    total::hold(connection, &last_of_each(spans)).await?;
    let (mut made, mut to_count) = (0, Vec::new());
    for (organisation, seen) in spans {
        let known = known(connection, organisation, seen).await?;
        made += (seen.len() - known.len()) as u64;
        let seen_before = known.iter().filter(|(_, was_seen)| *was_seen).count();
        if seen_before < seen.len() {
            to_count.push(organisation);
        }
    }
    let silences = device::silences(connection, &spans.keys().collect::<Vec<_>>()).await?;
    let row = |(key, span): (&DeviceKey, &Span)| {
        let silence = silences.get(key.organisation()).copied();
        device::values(&fresh(key, span, now), silence.unwrap_or(device::UNKNOWN_SILENCE), now)
    };
    let rows = spans.values().flatten().map(row).collect();
    device::insert(connection, rows, on_sighting()).await?;
    total::count_anew(connection, &to_count).await?;
    Ok(made)
}

fn last_of_each(spans: &Spans) -> Vec<(&OdsCode, Option<Timestamp>)> {
    let last = |seen: &BTreeMap<DeviceKey, Span>| seen.values().map(|span| span.last).max();
    spans.iter().map(|(code, seen)| (code, last(seen))).collect()
}

/// Which devices of a batch are there, and whether they were seen before.
async fn known(
    connection: &impl ConnectionTrait,
    organisation: &OdsCode,
    seen: &BTreeMap<DeviceKey, Span>,
) -> Result<BTreeSet<(String, bool)>> {
    let keys: Vec<&str> = seen.keys().map(DeviceKey::key).collect();
    let mut known = BTreeSet::new();
    for keys in keys.chunks(10_000) {
        let select = Query::select()
            .columns(["key", "first_seen"])
            .from(device::TABLE)
            .and_where(Expr::col("organisation").eq(organisation.as_str()))
            .and_where(Expr::col("key").is_in(keys.iter().copied()))
            .take();
        let rows = all(connection, device::TABLE, &select, |row| {
            Ok((row.get::<String>("key")?, row.time("first_seen")?.is_some()))
        });
        known.extend(rows.await?);
    }
    Ok(known)
}

fn fresh(key: &DeviceKey, span: &Span, now: Timestamp) -> Device {
    Device {
        id: DeviceId::new(now),
        organisation: key.organisation().clone(),
        name: span.name.clone(),
        class: None,
        system: None,
        site: None,
        expected: false,
        first_seen: Some(span.first),
        last_seen: Some(span.last),
        source: span.source,
    }
}

fn on_sighting() -> OnConflict {
    let earlier = "CASE WHEN device.first_seen IS NULL OR excluded.first_seen < device.first_seen \
                   THEN excluded.first_seen ELSE device.first_seen END";
    let is_later = "device.last_seen IS NULL OR excluded.last_seen > device.last_seen";
    let later = |column: &str| {
        Expr::cust(format!("CASE WHEN {is_later} THEN excluded.{column} ELSE device.{column} END"))
    };
    OnConflict::columns(device::KEY.iter().copied())
        .value("first_seen", Expr::cust(earlier))
        .value("last_seen", later("last_seen"))
        .value("silent_at", later("silent_at"))
        .value("source", later("source"))
        .value("changed_at", later("changed_at"))
        .to_owned()
}
