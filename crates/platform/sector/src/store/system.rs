//! Systems in the database.

use db::within;
use sea_orm::{
    ConnectionTrait, ExprTrait,
    sea_query::{Expr, Query, SelectStatement, Value},
};
use terms::{OdsCode, Scope, Timestamp};

use super::{
    Result, Row, Target, all, micros,
    organisation::name_or_code,
    page::{Page, PageRequest, Sorting, page},
    text,
};
use crate::{
    code::{Criticality, MapCode},
    device::fold,
    model::System,
};

/// Which systems; all conditions hold together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SystemFilter {
    /// Of this organisation.
    pub organisation: Option<OdsCode>,
    /// Of this supplier.
    pub supplier: Option<MapCode>,
    /// Of at least this criticality.
    pub least: Option<Criticality>,
    /// Whose name or code holds this text.
    pub search: Option<String>,
    /// Also those out of use.
    pub with_closed: bool,
}

/// What a list of systems is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SystemSort {
    /// Name.
    #[default]
    Name,
    /// How much care depends on it.
    Criticality,
}

const TABLE: &str = "system";
const TARGET: Target = Target {
    table: TABLE,
    key: &["code"],
    columns: &[
        "code",
        "organisation",
        "name",
        "name_key",
        "kind",
        "supplier",
        "criticality",
        "closed_at",
        "created_at",
        "changed_at",
    ],
    kept: &["created_at"],
};

fn select() -> SelectStatement {
    let columns = ["code", "organisation", "name", "kind", "supplier", "criticality", "closed_at"];
    Query::select().columns(columns.map(|column| (TABLE, column))).from(TABLE).take()
}

fn read(row: &Row<'_>) -> Result<System> {
    Ok(System {
        code: row.parsed("code")?,
        organisation: row.parsed("organisation")?,
        name: row.get("name")?,
        kind: row.get("kind")?,
        supplier: row.optional("supplier")?,
        criticality: row.scale("criticality", Criticality::new)?,
        closed_at: row.time("closed_at")?,
    })
}

fn values(system: &System, now: Timestamp) -> Vec<Value> {
    vec![
        system.code.as_str().into(),
        system.organisation.as_str().into(),
        system.name.clone().into(),
        fold(&system.name).into(),
        system.kind.clone().into(),
        text(system.supplier.as_ref()),
        i64::from(system.criticality.get()).into(),
        micros(system.closed_at),
        db::micros(now).into(),
        db::micros(now).into(),
    ]
}

pub(crate) async fn upsert(
    connection: &impl ConnectionTrait,
    systems: &[System],
    now: Timestamp,
) -> Result<()> {
    let rows = systems.iter().map(|system| values(system, now)).collect();
    TARGET.upsert(connection, rows).await
}

/// Everything, for the graph.
pub(super) async fn whole(connection: &impl ConnectionTrait) -> Result<Vec<System>> {
    all(connection, TABLE, &select(), read).await
}

pub(crate) async fn list(
    connection: &impl ConnectionTrait,
    filter: &SystemFilter,
    sort: SystemSort,
    request: &PageRequest,
    scope: &Scope,
) -> Result<Page<System>> {
    let mut select = select();
    select.cond_where(within((TABLE, "organisation"), scope));
    if let Some(code) = &filter.organisation {
        select.and_where(Expr::col((TABLE, "organisation")).eq(code.as_str()));
    }
    if let Some(code) = &filter.supplier {
        select.and_where(Expr::col((TABLE, "supplier")).eq(code.as_str()));
    }
    if let Some(least) = filter.least {
        select.and_where(Expr::col((TABLE, "criticality")).gte(i64::from(least.get())));
    }
    if let Some(typed) = &filter.search {
        select.and_where(name_or_code(TABLE, typed));
    }
    if !filter.with_closed {
        select.and_where(Expr::col((TABLE, "closed_at")).is_null());
    }
    let code = Expr::col((TABLE, "code"));
    let sorting = match sort {
        SystemSort::Name => Sorting::text(Expr::col((TABLE, "name_key")), code),
        SystemSort::Criticality => Sorting::number(Expr::col((TABLE, "criticality")), code),
    };
    page(connection, TABLE, &select, &sorting, request, read).await
}
