//! What is counted of devices, for each organisation: kept while devices come, so that a picture
//! of the sector does not read a million rows.

use db::within;
use sea_orm::{
    ConnectionTrait, ExprTrait, Order,
    sea_query::{Expr, LockType, OnConflict, Query},
};
use terms::{OdsCode, Scope, Timestamp};

use super::{Result, Target, all, device, micros};
use crate::error::statement;

/// What is counted of one organisation's devices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) organisation: OdsCode,
    pub(crate) seen: u64,
    pub(crate) expected: u64,
    pub(crate) last_seen: Option<Timestamp>,
}

const TABLE: &str = "device_total";
const TARGET: Target = Target {
    table: TABLE,
    key: &["organisation"],
    columns: &["organisation", "seen", "expected", "last_seen"],
    kept: &["last_seen"],
};

/// Takes the rows of some organisations for this transaction, makes those that are not there, and
/// raises when they were last seen. To be given in the order of codes.
pub(crate) async fn hold(
    connection: &impl ConnectionTrait,
    last_seen: &[(&OdsCode, Option<Timestamp>)],
) -> Result<()> {
    let rows = last_seen
        .iter()
        .map(|(code, at)| vec![code.as_str().into(), 0_i64.into(), 0_i64.into(), micros(*at)])
        .collect();
    let latest = "CASE WHEN device_total.last_seen IS NULL \
                  OR excluded.last_seen > device_total.last_seen \
                  THEN excluded.last_seen ELSE device_total.last_seen END";
    let conflict =
        OnConflict::column("organisation").value("last_seen", Expr::cust(latest)).to_owned();
    TARGET.insert(connection, rows, conflict).await
}

/// Takes the rows of some organisations that are there, in the order of codes, and makes none.
pub(crate) async fn lock(
    connection: &impl ConnectionTrait,
    organisations: &[&OdsCode],
) -> Result<()> {
    for codes in organisations.chunks(10_000) {
        let select = Query::select()
            .column("organisation")
            .from(TABLE)
            .and_where(Expr::col("organisation").is_in(codes.iter().map(|code| code.as_str())))
            .order_by("organisation", Order::Asc)
            .lock(LockType::Update)
            .take();
        connection.query_all(&select).await.map_err(statement)?;
    }
    Ok(())
}

/// Counts the devices of some organisations, whose rows are held.
pub(crate) async fn count_anew(
    connection: &impl ConnectionTrait,
    organisations: &[&OdsCode],
) -> Result<()> {
    for codes in organisations.chunks(1000) {
        let select = Query::select()
            .column("organisation")
            .expr_as(Expr::cust("COUNT(first_seen)"), "seen")
            .expr_as(Expr::cust("COUNT(CASE WHEN expected THEN 1 END)"), "expected")
            .from(device::TABLE)
            .and_where(Expr::col("organisation").is_in(codes.iter().map(|code| code.as_str())))
            .group_by_col("organisation")
            .take();
        let counted = all(connection, TABLE, &select, |row| {
            let code: String = row.get("organisation")?;
            let numbers: (i64, i64) = (row.get("seen")?, row.get("expected")?);
            Ok(vec![code.into(), numbers.0.into(), numbers.1.into(), micros(None)])
        });
        TARGET.upsert(connection, counted.await?).await?;
    }
    Ok(())
}

/// What is counted within a scope; an organisation without devices has no row.
pub(crate) async fn list(connection: &impl ConnectionTrait, scope: &Scope) -> Result<Vec<Counted>> {
    let select = Query::select()
        .columns(["organisation", "seen", "expected", "last_seen"])
        .from(TABLE)
        .cond_where(within((TABLE, "organisation"), scope))
        .take();
    all(connection, TABLE, &select, |row| {
        Ok(Counted {
            organisation: row.parsed("organisation")?,
            seen: row.number("seen")?,
            expected: row.number("expected")?,
            last_seen: row.time("last_seen")?,
        })
    })
    .await
}
