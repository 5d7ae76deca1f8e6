//! The map's version: raised with every change of what the graph holds, in the same transaction.

use sea_orm::{
    ConnectionTrait, ExprTrait,
    sea_query::{Expr, Query},
};

use super::{Result, first};
use crate::error::{SectorError, statement};

const TABLE: &str = "map_version";

/// The version that is stored.
pub(crate) async fn current(connection: &impl ConnectionTrait) -> Result<u64> {
    let select = Query::select().column("version").from(TABLE).take();
    let version = first(connection, TABLE, &select, |row| row.number("version")).await?;
    Ok(version.unwrap_or(0))
}

/// Raises the version if it is still `known`. Writers of the map wait for each other here.
///
/// Errors: [`SectorError::Stale`] when somebody else has changed the map since.
pub(crate) async fn raise(connection: &impl ConnectionTrait, known: u64) -> Result<()> {
    let known = i64::try_from(known).map_err(|_| SectorError::Stale)?;
    let update = Query::update()
        .table(TABLE)
        .value("version", known + 1)
        .and_where(Expr::col("version").eq(known))
        .take();
    let done = connection.execute(&update).await.map_err(statement)?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(SectorError::Stale) }
}
