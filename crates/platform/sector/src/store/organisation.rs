//! Organisations in the database.

use std::time::Duration;

use db::within;
use sea_orm::{
    ConnectionTrait, ExprTrait,
    sea_query::{Expr, Query, SelectStatement, Value},
};
use terms::{OdsCode, Scope, Timestamp};

use super::{
    Result, Row, Target, all, device, first, holding, micros,
    page::{Page, PageRequest, Sorting, page},
    text, total,
};
use crate::{
    device::fold,
    organisation::{Organisation, OrganisationType, Position},
};

/// Which organisations; all conditions hold together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrganisationFilter {
    /// Of one of these types; empty: of any.
    pub kinds: Vec<OrganisationType>,
    /// In this region.
    pub region: Option<OdsCode>,
    /// In this board's area.
    pub icb: Option<OdsCode>,
    /// Belonging to this organisation.
    pub parent: Option<OdsCode>,
    /// Whose name or code holds this text.
    pub search: Option<String>,
    /// Also those that ceased.
    pub with_closed: bool,
}

/// What a list of organisations is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OrganisationSort {
    /// Name.
    #[default]
    Name,
    /// Code.
    Code,
    /// Registered patients; unknown counts as none.
    Patients,
}

const TABLE: &str = "organisation";
const TARGET: Target = Target {
    table: TABLE,
    key: &["code"],
    columns: &[
        "code",
        "name",
        "name_key",
        "type",
        "region",
        "icb",
        "parent",
        "town",
        "postcode",
        "patients",
        "latitude",
        "longitude",
        "silent_after",
        "closed_at",
        "created_at",
        "changed_at",
    ],
    kept: &["created_at"],
};

fn select() -> SelectStatement {
    let columns = [
        "code",
        "name",
        "type",
        "region",
        "icb",
        "parent",
        "town",
        "postcode",
        "patients",
        "latitude",
        "longitude",
        "silent_after",
        "closed_at",
    ];
    Query::select().columns(columns.map(|column| (TABLE, column))).from(TABLE).take()
}

fn read(row: &Row<'_>) -> Result<Organisation> {
    Ok(Organisation {
        code: row.parsed("code")?,
        name: row.get("name")?,
        kind: row.parsed("type")?,
        region: row.optional("region")?,
        icb: row.optional("icb")?,
        parent: row.optional("parent")?,
        town: row.get("town")?,
        postcode: row.get("postcode")?,
        patients: row.optional_number("patients")?,
        position: position(row)?,
        silent_after: Duration::from_micros(row.number("silent_after")?),
        closed_at: row.time("closed_at")?,
    })
}

/// The position in a row; a place that is none on Earth is none.
pub(super) fn position(row: &Row<'_>) -> Result<Option<Position>> {
    let latitude: Option<f64> = row.get("latitude")?;
    let longitude: Option<f64> = row.get("longitude")?;
    Ok(latitude.zip(longitude).and_then(|(north, east)| Position::new(north, east)))
}

fn values(one: &Organisation, now: Timestamp) -> Vec<Value> {
    vec![
        one.code.as_str().into(),
        one.name.clone().into(),
        fold(&one.name).into(),
        one.kind.as_str().into(),
        text(one.region.as_ref()),
        text(one.icb.as_ref()),
        text(one.parent.as_ref()),
        one.town.clone().into(),
        one.postcode.clone().into(),
        one.patients.map(i64::from).into(),
        one.position.map(Position::latitude).into(),
        one.position.map(Position::longitude).into(),
        i64::try_from(one.silent_after.as_micros()).unwrap_or(i64::MAX).into(),
        micros(one.closed_at),
        db::micros(now).into(),
        db::micros(now).into(),
    ]
}

/// Writes organisations; how long their devices may be silent holds from now on.
pub(crate) async fn upsert(
    connection: &impl ConnectionTrait,
    organisations: &[Organisation],
    now: Timestamp,
) -> Result<()> {
    let rows = organisations.iter().map(|one| values(one, now)).collect();
    TARGET.upsert(connection, rows).await?;
    let mut codes: Vec<&OdsCode> = organisations.iter().map(|one| &one.code).collect();
    codes.sort();
    total::lock(connection, &codes).await?;
    device::reckon_silence(connection, &codes).await
}

/// Everything, for the graph.
pub(super) async fn whole(connection: &impl ConnectionTrait) -> Result<Vec<Organisation>> {
    all(connection, TABLE, &select(), read).await
}

pub(crate) async fn find(
    connection: &impl ConnectionTrait,
    code: &OdsCode,
    scope: &Scope,
) -> Result<Option<Organisation>> {
    let mut select = select();
    select
        .and_where(Expr::col((TABLE, "code")).eq(code.as_str()))
        .cond_where(within((TABLE, "code"), scope));
    first(connection, TABLE, &select, read).await
}

pub(crate) async fn list(
    connection: &impl ConnectionTrait,
    filter: &OrganisationFilter,
    sort: OrganisationSort,
    request: &PageRequest,
    scope: &Scope,
    now: Timestamp,
) -> Result<Page<Organisation>> {
    let mut select = select();
    select.cond_where(within((TABLE, "code"), scope));
    if !filter.kinds.is_empty() {
        let kinds = filter.kinds.iter().map(|kind| kind.as_str());
        select.and_where(Expr::col((TABLE, "type")).is_in(kinds));
    }
    let areas = [("region", &filter.region), ("icb", &filter.icb), ("parent", &filter.parent)];
    for (column, code) in areas {
        if let Some(code) = code {
            select.and_where(Expr::col((TABLE, column)).eq(code.as_str()));
        }
    }
    if !filter.with_closed {
        let closed_at = Expr::col((TABLE, "closed_at"));
        select.and_where(closed_at.clone().is_null().or(closed_at.gt(db::micros(now))));
    }
    if let Some(typed) = &filter.search {
        select.and_where(name_or_code(TABLE, typed));
    }
    let code = Expr::col((TABLE, "code"));
    let sorting = match sort {
        OrganisationSort::Name => Sorting::text(Expr::col((TABLE, "name_key")), code),
        OrganisationSort::Code => Sorting::text(code.clone(), code),
        OrganisationSort::Patients => {
            Sorting::number(Expr::cust("COALESCE(\"organisation\".\"patients\", 0)"), code)
        }
    };
    page(connection, TABLE, &select, &sorting, request, read).await
}

/// Rows whose name or code holds a text.
pub(super) fn name_or_code(table: &'static str, typed: &str) -> Expr {
    let code = Expr::expr(sea_orm::sea_query::Func::lower(Expr::col((table, "code"))));
    Expr::col((table, "name_key")).like(holding(typed)).or(code.like(holding(typed)))
}
