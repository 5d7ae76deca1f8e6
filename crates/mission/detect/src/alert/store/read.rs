//! Rows to alerts, and what is kept with one.

use std::sync::Arc;

use sea_orm::{
    ConnectionTrait,
    sea_query::{Expr, ExprTrait, Order, Query, SelectStatement},
};
use serde::{Deserialize, Serialize};
use terms::{AlertId, Scope};

use super::{Found, Row, row, rows};
use crate::alert::{
    Alert, AlertError, Evidence, MatchedField, Position, RuleText, State, Story, Verdict,
    key::device_key,
};

/// A matched field in the form that is kept.
#[derive(Serialize, Deserialize)]
pub(super) struct StoredMatch {
    pub(super) field: String,
    pub(super) value: String,
    pub(super) condition: String,
}

pub(super) const RULE_COLUMNS: [&str; 9] =
    ["number", "rule", "version", "title", "level", "status", "tags", "harm", "action"];

/// All an alert's line needs; the order is the caller's.
pub(super) fn alerts() -> SelectStatement {
    let mut select = Query::select();
    let own = [
        "number",
        "state",
        "level",
        "verdict",
        "flood",
        "organisation",
        "opened_at",
        "owner",
        "rank",
        "count",
        "first_seen",
        "last_seen",
        "closed_at",
        "devices",
        "device",
        "device_id",
        "id",
        "version",
    ];
    select.columns(own.map(|column| ("alert", column)));
    for column in &RULE_COLUMNS[1..] {
        select.expr_as(Expr::col(("alert_rule", *column)), rule_alias(column));
    }
    select
        .column(("alert_story", "headline"))
        .from("alert")
        .inner_join("alert_rule", Expr::col(("alert_rule", "number")).equals(("alert", "rule")))
        .inner_join("alert_story", Expr::col(("alert_story", "number")).equals(("alert", "number")))
        .take()
}

fn rule_alias(column: &str) -> &'static str {
    match column {
        "rule" => "rule_id",
        "version" => "rule_version",
        "title" => "rule_title",
        "level" => "rule_level",
        "status" => "rule_status",
        "tags" => "rule_tags",
        "harm" => "rule_harm",
        _ => "rule_action",
    }
}

/// The alert of a row of [`alerts`].
pub(super) fn alert(row: Row<'_>) -> Found<Alert> {
    let state = row.small("state")?;
    let verdict: Option<i16> = row.row.try_get("", "verdict")?;
    Ok(Alert {
        id: AlertId(row.uuid("id")?),
        organisation: row.organisation("organisation")?,
        rule: Arc::new(rule(&row)?),
        level: row.level("level")?,
        device: row.text("device")?,
        device_id: row.device("device_id")?,
        state: State::of_number(state).ok_or_else(|| row.unreadable("a state", state))?,
        owner: row.person("owner")?,
        verdict: verdict.map(|number| stored_verdict(&row, number)).transpose()?,
        closed_at: row.optional_at("closed_at")?,
        count: row.count("count")?,
        devices: row.count("devices")?,
        first_seen: row.at("first_seen")?,
        last_seen: row.at("last_seen")?,
        opened_at: row.at("opened_at")?,
        rank_millionths: row.int("rank")?,
        headline: row.text("headline")?,
        is_flood: row.small("flood")? != 0,
        version: row.int("version")?,
    })
}

pub(super) fn stored_verdict(row: &Row<'_>, number: i16) -> Found<Verdict> {
    Verdict::of_number(number).ok_or_else(|| row.unreadable("a verdict", number))
}

fn rule(row: &Row<'_>) -> Found<RuleText> {
    let tags = row.text("rule_tags")?;
    Ok(RuleText {
        id: row.text("rule_id")?,
        version: row.text("rule_version")?,
        title: row.text("rule_title")?,
        level: row.level("rule_level")?,
        status: row.text("rule_status")?,
        tags: tags.split(' ').filter(|tag| !tag.is_empty()).map(str::to_owned).collect(),
        harm: row.text("rule_harm")?,
        action: row.text("rule_action")?,
    })
}

/// An alert and its story, if it lies in the scope.
pub(crate) async fn one<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    id: AlertId,
) -> Found<(Alert, Story)> {
    let select = alerts()
        .columns(["reason", "support"].map(|column| ("alert_story", column)))
        .expr_as(Expr::col(("alert_story", "rank")), "why")
        .and_where(Expr::col(("alert", "id")).eq(id.0))
        .cond_where(db::within(("alert", "organisation"), scope))
        .take();
    let read = |row: Row<'_>| {
        let story = Story {
            rank: row.json("why", "a rank")?,
            support: row.json("support", "what rests on a device")?,
            reason: row.text("reason")?,
        };
        Ok((alert(row)?, story))
    };
    row(connection, "alert", &select, read).await?.ok_or(AlertError::NotFound("alert"))
}

/// Earlier and later alerts of the same device in the same organisation, newest first.
pub(crate) async fn of_device<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    of: &Alert,
    most: u16,
) -> Found<Vec<Alert>> {
    let select = alerts()
        .and_where(Expr::col(("alert", "device_key")).eq(device_key(&of.device)))
        .and_where(Expr::col(("alert", "organisation")).eq(of.organisation.as_str()))
        .and_where(Expr::col(("alert", "id")).ne(of.id.0))
        .cond_where(db::within(("alert", "organisation"), scope))
        .order_by(("alert", "opened_at"), Order::Desc)
        .order_by(("alert", "number"), Order::Desc)
        .limit(most.into())
        .take();
    rows(connection, "alert", &select, alert).await
}

/// The events kept with an alert, in the order of the log.
pub(crate) async fn evidence<C: ConnectionTrait>(
    connection: &C,
    alert: AlertId,
) -> Found<Vec<Evidence>> {
    let columns =
        ["ordinal", "seq", "item", "at", "received_at", "device", "event", "cut_bytes", "matched"];
    let select = Query::select()
        .columns(columns)
        .from("alert_evidence")
        .and_where(Expr::col("alert").eq(alert.0))
        .order_by("ordinal", Order::Asc)
        .take();
    rows(connection, "alert_evidence", &select, |row| {
        let matched: Vec<StoredMatch> = row.json("matched", "matched fields")?;
        let matched = matched.into_iter().map(|one| MatchedField {
            field: one.field,
            value: one.value,
            condition: one.condition,
        });
        Ok(Evidence {
            alert,
            ordinal: row.count("ordinal")?,
            position: position(&row, "seq", "item")?,
            at: row.at("at")?,
            received_at: row.at("received_at")?,
            device: row.text("device")?,
            event: row.text("event")?,
            cut_bytes: usize::try_from(row.int("cut_bytes")?).unwrap_or(0),
            matched: matched.collect(),
        })
    })
    .await
}

pub(super) fn position(row: &Row<'_>, seq: &str, item: &str) -> Found<Position> {
    let number = row.int(item)?;
    let item = u32::try_from(number).map_err(|_| row.unreadable("a place in a batch", number))?;
    Ok(Position { seq: row.int(seq)?, item })
}

/// A device of a flood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceOfFlood {
    /// Its name.
    pub device: String,
    /// Signals of it.
    pub count: u64,
}

/// The devices of a flood with the most signals.
pub(crate) async fn flood_devices<C: ConnectionTrait>(
    connection: &C,
    alert: AlertId,
    most: u16,
) -> Found<Vec<DeviceOfFlood>> {
    let select = Query::select()
        .columns(["device", "count"])
        .from("alert_device")
        .and_where(Expr::col("alert").eq(alert.0))
        .order_by("count", Order::Desc)
        .order_by("device_key", Order::Asc)
        .limit(most.into())
        .take();
    rows(connection, "alert_device", &select, |row| {
        Ok(DeviceOfFlood { device: row.text("device")?, count: row.count("count")? })
    })
    .await
}

/// The rule of a signal as it is compared with the kept ones.
pub(super) fn rule_key(rule: &Arc<RuleText>) -> (String, String) {
    (rule.id.clone(), rule.version.clone())
}
