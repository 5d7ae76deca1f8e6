//! Sites in the database.

use db::within;
use sea_orm::{
    ConnectionTrait, ExprTrait,
    sea_query::{Expr, Query, SelectStatement, Value},
};
use terms::{OdsCode, Scope, Timestamp};

use super::{
    Result, Row, Target, all, count,
    organisation::{name_or_code, position},
    page::{Page, PageRequest, Sorting, only, page},
};
use crate::{device::fold, model::Site, organisation::Position};

/// Which sites; all conditions hold together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SiteFilter {
    /// Of this organisation.
    pub organisation: Option<OdsCode>,
    /// Whose name or code holds this text.
    pub search: Option<String>,
}

const TABLE: &str = "site";
const TARGET: Target = Target {
    table: TABLE,
    key: &["code"],
    columns: &[
        "code",
        "name",
        "name_key",
        "organisation",
        "town",
        "postcode",
        "latitude",
        "longitude",
        "created_at",
        "changed_at",
    ],
    kept: &["created_at"],
};

fn select() -> SelectStatement {
    let columns = ["code", "name", "organisation", "town", "postcode", "latitude", "longitude"];
    Query::select().columns(columns.map(|column| (TABLE, column))).from(TABLE).take()
}

fn read(row: &Row<'_>) -> Result<Site> {
    Ok(Site {
        code: row.parsed("code")?,
        name: row.get("name")?,
        organisation: row.parsed("organisation")?,
        town: row.get("town")?,
        postcode: row.get("postcode")?,
        position: position(row)?,
    })
}

fn values(site: &Site, now: Timestamp) -> Vec<Value> {
    vec![
        site.code.as_str().into(),
        site.name.clone().into(),
        fold(&site.name).into(),
        site.organisation.as_str().into(),
        site.town.clone().into(),
        site.postcode.clone().into(),
        site.position.map(Position::latitude).into(),
        site.position.map(Position::longitude).into(),
        db::micros(now).into(),
        db::micros(now).into(),
    ]
}

pub(crate) async fn upsert(
    connection: &impl ConnectionTrait,
    sites: &[Site],
    now: Timestamp,
) -> Result<()> {
    let rows = sites.iter().map(|site| values(site, now)).collect();
    TARGET.upsert(connection, rows).await
}

/// Sites by their codes, whoever they belong to: for plans, which check that themselves.
pub(crate) async fn by_codes(
    connection: &impl ConnectionTrait,
    codes: &[OdsCode],
) -> Result<Vec<Site>> {
    let mut found = Vec::new();
    for codes in codes.chunks(10_000) {
        let mut select = select();
        select.and_where(Expr::col((TABLE, "code")).is_in(codes.iter().map(OdsCode::as_str)));
        found.extend(all(connection, TABLE, &select, read).await?);
    }
    Ok(found)
}

pub(crate) async fn number(connection: &impl ConnectionTrait, scope: &Scope) -> Result<u64> {
    let mut select = only(TABLE, "code");
    select.cond_where(within((TABLE, "organisation"), scope));
    count(connection, select).await
}

pub(crate) async fn list(
    connection: &impl ConnectionTrait,
    filter: &SiteFilter,
    request: &PageRequest,
    scope: &Scope,
) -> Result<Page<Site>> {
    let mut select = select();
    select.cond_where(within((TABLE, "organisation"), scope));
    if let Some(code) = &filter.organisation {
        select.and_where(Expr::col((TABLE, "organisation")).eq(code.as_str()));
    }
    if let Some(typed) = &filter.search {
        select.and_where(name_or_code(TABLE, typed));
    }
    let sorting = Sorting::text(Expr::col((TABLE, "name_key")), Expr::col((TABLE, "code")));
    page(connection, TABLE, &select, &sorting, request, read).await
}
