//! How many alerts stand where: kept up to date with every change, so that asking is cheap however
//! many alerts there are.

use sea_orm::{
    ConnectionTrait,
    sea_query::{Expr, ExprTrait, Order, Query, SelectStatement},
};
use terms::{Level, OdsCode, Scope};

use super::{Found, row, rows};
use crate::alert::{Filter, State};

/// Alerts of one organisation, level and state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// Whose.
    pub organisation: OdsCode,
    /// Severity.
    pub level: Level,
    /// New, taken or closed.
    pub state: State,
    /// How many.
    pub alerts: u64,
}

/// All counts above 0 in the scope, by organisation.
pub(crate) async fn all<C: ConnectionTrait>(connection: &C, scope: &Scope) -> Found<Vec<Count>> {
    let select = Query::select()
        .columns(["organisation", "level", "state", "count"])
        .from("alert_count")
        .and_where(Expr::col("count").gt(0))
        .cond_where(db::within(("alert_count", "organisation"), scope))
        .order_by("organisation", Order::Asc)
        .order_by("level", Order::Desc)
        .order_by("state", Order::Asc)
        .take();
    rows(connection, "alert_count", &select, |row| {
        let state = row.small("state")?;
        Ok(Count {
            organisation: row.organisation("organisation")?,
            level: row.level("level")?,
            state: State::of_number(state).ok_or_else(|| row.unreadable("a state", state))?,
            alerts: row.count("count")?,
        })
    })
    .await
}

/// Alerts in the scope, in the filter's parts, states and levels, whatever else it asks.
pub(super) async fn of<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    filter: &Filter,
) -> Found<u64> {
    let mut select = within(scope, filter);
    standing(&mut select, filter);
    Ok(row(connection, "alert_count", &select, |row| row.count("alerts")).await?.unwrap_or(0))
}

/// Alerts of the organisations in the scope and in the filter's parts.
pub(super) async fn of_organisations<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    filter: &Filter,
) -> Found<u64> {
    let select = within(scope, filter);
    Ok(row(connection, "alert_count", &select, |row| row.count("alerts")).await?.unwrap_or(0))
}

/// Alerts of the sector in the filter's states and levels.
pub(super) async fn of_standing<C: ConnectionTrait>(connection: &C, filter: &Filter) -> Found<u64> {
    let mut select = within(&Scope::sector(), &Filter::default());
    standing(&mut select, filter);
    Ok(row(connection, "alert_count", &select, |row| row.count("alerts")).await?.unwrap_or(0))
}

fn standing(select: &mut SelectStatement, filter: &Filter) {
    if !filter.states.is_empty() {
        select.and_where(Expr::col("state").is_in(filter.states.iter().map(|one| one.number())));
    }
    if !filter.levels.is_empty() {
        select.and_where(Expr::col("level").is_in(filter.levels.iter().map(|one| *one as i16)));
    }
}

fn within(scope: &Scope, filter: &Filter) -> SelectStatement {
    let mut select = Query::select();
    select
        .expr_as(Expr::cust("CAST(COALESCE(SUM(count), 0) AS BIGINT)"), "alerts")
        .from("alert_count")
        .cond_where(db::within(("alert_count", "organisation"), scope));
    if !filter.parts.is_empty() {
        let parts = Scope::of(filter.parts.iter().cloned());
        select.cond_where(db::within(("alert_count", "organisation"), &parts));
    }
    select.take()
}
