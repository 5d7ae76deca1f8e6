//! What the database knows of the groups that a batch of signals touches.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use db::Write;
use sea_orm::{
    ConnectionTrait,
    sea_query::{Expr, ExprTrait, LockType, Order, Query},
};
use terms::{AlertId, OdsCode};

use super::{CHUNK, Found, Row, read::position, row, rows};
use crate::alert::{
    Known, Record, Signal, State, Support, Verdicts,
    flood::{Brought, HourOf},
    group::Head,
    key::Key,
};

/// Where a reader of the log is; 0 before its first batch.
pub(crate) async fn checkpoint<C: ConnectionTrait>(connection: &C, consumer: &str) -> Found<i64> {
    let select = Query::select()
        .column("seq")
        .from("checkpoint")
        .and_where(Expr::col("consumer").eq(consumer))
        .take();
    Ok(row(connection, "checkpoint", &select, |row| row.int("seq")).await?.unwrap_or(0))
}

/// Waits until no other process lays signals over alerts, and keeps others waiting until the
/// commit: what is read from here on stays true.
pub(crate) async fn wait_for_turn(write: &Write) -> Found<()> {
    let update = Query::update().table("alert_head").value("number", Expr::col("number")).take();
    write.execute(&update).await?;
    Ok(())
}

/// All that [`crate::alert::fold`] needs to know for these signals.
pub(crate) async fn load(write: &Write, signals: &[Signal]) -> Found<Known> {
    let mut known = Known::default();
    let own: BTreeSet<Key> = signals.iter().map(Key::of).collect();
    let floods: BTreeSet<Key> = own.iter().map(Key::flood).collect();
    load_heads(write, own.iter().chain(&floods), &mut known).await?;
    load_flood_devices(write, &own, &mut known).await?;
    load_hours(write, signals, &mut known).await?;
    load_records(write, signals, &mut known).await?;
    Ok(known)
}

async fn load_heads(
    write: &Write,
    keys: impl Iterator<Item = &Key>,
    known: &mut Known,
) -> Found<()> {
    let wanted: HashSet<&Key> = keys.collect();
    let hashes: Vec<i64> = wanted.iter().map(|key| key.hash()).collect();
    for hashes in hashes.chunks(CHUNK) {
        let own = [
            "id",
            "organisation",
            "device_key",
            "flood",
            "state",
            "level",
            "count",
            "devices",
            "first_seen",
            "last_seen",
            "last_seq",
            "last_item",
            "rank",
        ];
        let select = Query::select()
            .columns(own.map(|column| ("alert", column)))
            .expr_as(Expr::col(("alert_rule", "rule")), "rule_id")
            .column(("alert_story", "support"))
            .from("alert")
            .inner_join("alert_rule", Expr::col(("alert_rule", "number")).equals(("alert", "rule")))
            .inner_join(
                "alert_story",
                Expr::col(("alert_story", "number")).equals(("alert", "number")),
            )
            .and_where(Expr::col(("alert", "group_hash")).is_in(hashes.iter().copied()))
            // Written out, so that the index of the newest alerts is seen to hold the answer.
            .and_where(Expr::cust("alert.is_current = 1"))
            .order_by(("alert", "number"), Order::Asc)
            .lock_with_tables(LockType::Update, ["alert"])
            .take();
        for (key, head) in rows(write, "alert", &select, |row| head(&row)).await? {
            if wanted.contains(&key) {
                known.heads.insert(key, head);
            }
        }
    }
    Ok(())
}

fn head(row: &Row<'_>) -> Found<(Key, Head)> {
    let is_flood = row.small("flood")? != 0;
    let key = Key {
        organisation: row.organisation("organisation")?,
        rule: row.text("rule_id")?,
        device: row.text("device_key")?,
        is_flood,
    };
    let state = row.small("state")?;
    let worst =
        if is_flood { row.json("support", "what rests on a device")? } else { Support::default() };
    let head = Head {
        id: AlertId(row.uuid("id")?),
        state: State::of_number(state).ok_or_else(|| row.unreadable("a state", state))?,
        level: row.level("level")?,
        count: row.count("count")?,
        devices: row.count("devices")?,
        first_seen: row.at("first_seen")?,
        last_seen: row.at("last_seen")?,
        last: position(row, "last_seq", "last_item")?,
        rank_millionths: row.int("rank")?,
        worst,
    };
    Ok((key, head))
}

async fn load_flood_devices(write: &Write, own: &BTreeSet<Key>, known: &mut Known) -> Found<()> {
    let mut devices: BTreeMap<AlertId, Vec<&str>> = BTreeMap::new();
    for key in own {
        if let Some(head) = known.heads.get(&key.flood()) {
            devices.entry(head.id).or_default().push(&key.device);
        }
    }
    for (alert, devices) in devices {
        for devices in devices.chunks(CHUNK) {
            let select = Query::select()
                .column("device_key")
                .from("alert_device")
                .and_where(Expr::col("alert").eq(alert.0))
                .and_where(Expr::col("device_key").is_in(devices.iter().copied()))
                .take();
            let found = rows(write, "alert_device", &select, |row| row.text("device_key")).await?;
            known.flood_devices.extend(found.into_iter().map(|device| (alert, device)));
        }
    }
    Ok(())
}

async fn load_hours(write: &Write, signals: &[Signal], known: &mut Known) -> Found<()> {
    let wanted: BTreeSet<HourOf> = signals
        .iter()
        .flat_map(|one| HourOf::both(&one.rule.id, &one.organisation, one.received_at))
        .collect();
    let hours: BTreeSet<i64> = wanted.iter().map(|one| one.hour).collect();
    let rules: BTreeSet<&str> = wanted.iter().map(|one| one.rule.as_str()).collect();
    let rules: Vec<&str> = rules.into_iter().collect();
    for hour in hours {
        for rules in rules.chunks(CHUNK) {
            let select = Query::select()
                .columns(["rule", "organisation", "opened", "collected"])
                .from("alert_flood")
                .and_where(Expr::col("rule").is_in(rules.iter().copied()))
                .and_where(Expr::col("hour").eq(hour))
                .take();
            let found = rows(write, "alert_flood", &select, |row| {
                let organisation = optional_organisation(&row)?;
                let opened = u32::try_from(row.count("opened")?).unwrap_or(u32::MAX);
                let brought = Brought { opened, collected: row.count("collected")? };
                Ok((HourOf { rule: row.text("rule")?, organisation, hour }, brought))
            })
            .await?;
            let asked = found.into_iter().filter(|(hour, _)| wanted.contains(hour));
            asked.for_each(|(hour, brought)| known.hours.insert(hour, brought));
        }
    }
    Ok(())
}

fn optional_organisation(row: &Row<'_>) -> Found<Option<OdsCode>> {
    match row.text("organisation")?.as_str() {
        "" => Ok(None),
        _ => row.organisation("organisation").map(Some),
    }
}

async fn load_records(write: &Write, signals: &[Signal], known: &mut Known) -> Found<()> {
    let wanted: BTreeSet<(&str, &OdsCode)> =
        signals.iter().map(|one| (one.rule.id.as_str(), &one.organisation)).collect();
    let rules: BTreeSet<&str> = wanted.iter().map(|(rule, _)| *rule).collect();
    let codes: BTreeSet<&str> = wanted.iter().map(|(_, code)| code.as_str()).collect();
    let codes: Vec<&str> = codes.into_iter().chain([""]).collect();
    let rules: Vec<&str> = rules.into_iter().collect();
    let mut found: BTreeMap<(String, String), Verdicts> = BTreeMap::new();
    for rules in rules.chunks(CHUNK) {
        for codes in codes.chunks(CHUNK) {
            let select = Query::select()
                .columns(["rule", "organisation", "true_positive", "benign", "false_positive"])
                .from("rule_verdict")
                .and_where(Expr::col("rule").is_in(rules.iter().copied()))
                .and_where(Expr::col("organisation").is_in(codes.iter().copied()))
                .take();
            let read = |row: Row<'_>| {
                Ok(((row.text("rule")?, row.text("organisation")?), super::rules::verdicts(&row)?))
            };
            found.extend(rows(write, "rule_verdict", &select, read).await?);
        }
    }
    for (rule, organisation) in wanted {
        let of = |code: &str| {
            found.get(&(rule.to_owned(), code.to_owned())).copied().unwrap_or_default()
        };
        let record = record(of(organisation.as_str()), of(""));
        known.records.insert((rule.to_owned(), organisation.clone()), record);
    }
    Ok(())
}

/// What is kept under no organisation is the sector's sum.
pub(super) fn record(here: Verdicts, all: Verdicts) -> Record {
    let elsewhere = Verdicts {
        true_positive: all.true_positive.saturating_sub(here.true_positive),
        benign: all.benign.saturating_sub(here.benign),
        false_positive: all.false_positive.saturating_sub(here.false_positive),
    };
    Record { here, elsewhere }
}
