//! Figures that are added to: alerts by state, what rules found, what exceptions hid. Each insert
//! goes in the order of the keys, so that two writers never wait for each other.

use std::collections::BTreeMap;

use db::{Write, micros};
use sea_orm::{
    ConnectionTrait,
    sea_query::{Expr, ExprTrait, Query},
};
use terms::{Level, OdsCode};

use super::{Conflict, Found, insert, int, text};
use crate::alert::{Outcome, State, outcome::Opened};

/// Counts of alerts that changed, to be added.
pub(super) type CountChanges = BTreeMap<(OdsCode, Level, State), i64>;

pub(super) fn count_changes(outcome: &Outcome) -> CountChanges {
    let mut changes = CountChanges::new();
    for Opened { alert, .. } in &outcome.opened {
        *changes.entry((alert.organisation.clone(), alert.level, alert.state)).or_default() += 1;
    }
    for growth in &outcome.grown {
        let Some(raised) = &growth.raised else { continue };
        let (before, after) = (raised.level_before, raised.rule.level.max(raised.level_before));
        let of = |level| (growth.organisation.clone(), level, growth.state);
        *changes.entry(of(before)).or_default() -= 1;
        *changes.entry(of(after)).or_default() += 1;
    }
    changes
}

/// Adds to the counts by organisation, level and state, always in the same order, so that two
/// writers never wait for each other.
pub(super) async fn add_counts(write: &Write, changes: CountChanges) -> Found<()> {
    let changes = changes.into_iter().filter(|(_, change)| *change != 0);
    let rows = changes.map(|((organisation, level, state), change)| {
        vec![
            text(organisation.as_str()),
            (level as i16).into(),
            state.number().into(),
            change.into(),
        ]
    });
    let key = ["organisation", "level", "state"];
    let columns = ["organisation", "level", "state", "count"];
    insert(write, "alert_count", &columns, &key, Conflict::Add(&["count"]), rows).await
}

pub(super) async fn add_found(write: &Write, outcome: &Outcome) -> Found<()> {
    let days = outcome.days.iter().map(|day| {
        let found = [day.found.hits, day.found.alerts, day.found.excepted, day.found.off];
        let key = [text(&day.rule), text(day.organisation.as_str()), day.day.into()];
        key.into_iter().chain(found.map(int)).collect()
    });
    let columns = ["rule", "organisation", "day", "hits", "alerts", "excepted", "off"];
    let sums = Conflict::Add(&["hits", "alerts", "excepted", "off"]);
    insert(write, "rule_day", &columns, &columns[..3], sums, days).await?;

    let hours = outcome.hours.iter().map(|(hour, brought)| {
        let organisation = hour.organisation.as_ref().map_or("", OdsCode::as_str);
        let (opened, collected) = (int(brought.opened.into()), int(brought.collected));
        vec![text(&hour.rule), text(organisation), hour.hour.into(), opened, collected]
    });
    let columns = ["rule", "organisation", "hour", "opened", "collected"];
    let sums = Conflict::Add(&["opened", "collected"]);
    insert(write, "alert_flood", &columns, &columns[..3], sums, hours).await?;

    let hidden = outcome.excepted.iter().map(|one| {
        let last = micros(one.last_hit).into();
        vec![one.exception.0.into(), text(one.organisation.as_str()), int(one.hits), last]
    });
    let columns = ["exception", "organisation", "hits", "last_hit"];
    insert(write, "exception_hit", &columns, &columns[..2], Conflict::Add(&["hits"]), hidden)
        .await?;
    for one in &outcome.excepted {
        let update = Query::update()
            .table("exception_hit")
            .value("last_hit", micros(one.last_hit))
            .and_where(Expr::col("exception").eq(one.exception.0))
            .and_where(Expr::col("organisation").eq(one.organisation.as_str()))
            .and_where(Expr::col("last_hit").lt(micros(one.last_hit)))
            .take();
        write.execute(&update).await?;
    }
    Ok(())
}

/// Forgets what rules brought in hours before `hour`: no limit asks for it any more.
pub(crate) async fn forget_hours(write: &Write, hour: i64) -> Found<u64> {
    let delete =
        Query::delete().from_table("alert_flood").and_where(Expr::col("hour").lt(hour)).take();
    Ok(write.execute(&delete).await?.rows_affected())
}
