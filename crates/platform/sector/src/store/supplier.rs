//! Suppliers in the database. They are known to everybody whose scope is not empty.

use sea_orm::{
    ConnectionTrait,
    sea_query::{Expr, Query, SelectStatement, Value},
};
use terms::{Scope, Timestamp};

use super::{
    Result, Row, Target, all,
    organisation::name_or_code,
    page::{Page, PageRequest, Sorting, page},
};
use crate::{device::fold, model::Supplier};

const TABLE: &str = "supplier";
const TARGET: Target = Target {
    table: TABLE,
    key: &["code"],
    columns: &["code", "name", "name_key", "kind", "created_at", "changed_at"],
    kept: &["created_at"],
};

fn select() -> SelectStatement {
    let columns = ["code", "name", "kind"];
    Query::select().columns(columns.map(|column| (TABLE, column))).from(TABLE).take()
}

fn read(row: &Row<'_>) -> Result<Supplier> {
    Ok(Supplier { code: row.parsed("code")?, name: row.get("name")?, kind: row.get("kind")? })
}

fn values(supplier: &Supplier, now: Timestamp) -> Vec<Value> {
    vec![
        supplier.code.as_str().into(),
        supplier.name.clone().into(),
        fold(&supplier.name).into(),
        supplier.kind.clone().into(),
        db::micros(now).into(),
        db::micros(now).into(),
    ]
}

pub(crate) async fn upsert(
    connection: &impl ConnectionTrait,
    suppliers: &[Supplier],
    now: Timestamp,
) -> Result<()> {
    let rows = suppliers.iter().map(|supplier| values(supplier, now)).collect();
    TARGET.upsert(connection, rows).await
}

/// Everything, for the graph.
pub(super) async fn whole(connection: &impl ConnectionTrait) -> Result<Vec<Supplier>> {
    all(connection, TABLE, &select(), read).await
}

pub(crate) async fn list(
    connection: &impl ConnectionTrait,
    search: Option<&str>,
    request: &PageRequest,
    scope: &Scope,
) -> Result<Page<Supplier>> {
    let mut select = select();
    if scope.is_empty() {
        select.and_where(Expr::cust("1 = 0"));
    }
    if let Some(typed) = search {
        select.and_where(name_or_code(TABLE, typed));
    }
    let sorting = Sorting::text(Expr::col((TABLE, "name_key")), Expr::col((TABLE, "code")));
    page(connection, TABLE, &select, &sorting, request, read).await
}
