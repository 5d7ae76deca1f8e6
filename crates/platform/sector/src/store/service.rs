//! Services in the database.

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
};
use crate::{code::Criticality, device::fold, model::Service};

/// Which services; all conditions hold together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceFilter {
    /// Of this organisation.
    pub organisation: Option<OdsCode>,
    /// Of at least this criticality.
    pub least: Option<Criticality>,
    /// Whose name or code holds this text.
    pub search: Option<String>,
    /// Also those that ceased.
    pub with_closed: bool,
}

/// What a list of services is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ServiceSort {
    /// Name.
    #[default]
    Name,
    /// How much care depends on it.
    Criticality,
    /// Patients on an average day.
    Patients,
}

const TABLE: &str = "service";
const TARGET: Target = Target {
    table: TABLE,
    key: &["code"],
    columns: &[
        "code",
        "organisation",
        "name",
        "name_key",
        "kind",
        "patients_per_day",
        "criticality",
        "hours",
        "closed_at",
        "created_at",
        "changed_at",
    ],
    kept: &["created_at"],
};

fn select() -> SelectStatement {
    let columns = [
        "code",
        "organisation",
        "name",
        "kind",
        "patients_per_day",
        "criticality",
        "hours",
        "closed_at",
    ];
    Query::select().columns(columns.map(|column| (TABLE, column))).from(TABLE).take()
}

fn read(row: &Row<'_>) -> Result<Service> {
    Ok(Service {
        code: row.parsed("code")?,
        organisation: row.parsed("organisation")?,
        name: row.get("name")?,
        kind: row.get("kind")?,
        patients_per_day: row.number("patients_per_day")?,
        criticality: row.scale("criticality", Criticality::new)?,
        hours: row.get("hours")?,
        closed_at: row.time("closed_at")?,
    })
}

fn values(service: &Service, now: Timestamp) -> Vec<Value> {
    vec![
        service.code.as_str().into(),
        service.organisation.as_str().into(),
        service.name.clone().into(),
        fold(&service.name).into(),
        service.kind.clone().into(),
        i64::from(service.patients_per_day).into(),
        i64::from(service.criticality.get()).into(),
        service.hours.clone().into(),
        micros(service.closed_at),
        db::micros(now).into(),
        db::micros(now).into(),
    ]
}

pub(crate) async fn upsert(
    connection: &impl ConnectionTrait,
    services: &[Service],
    now: Timestamp,
) -> Result<()> {
    let rows = services.iter().map(|service| values(service, now)).collect();
    TARGET.upsert(connection, rows).await
}

/// Everything, for the graph.
pub(super) async fn whole(connection: &impl ConnectionTrait) -> Result<Vec<Service>> {
    all(connection, TABLE, &select(), read).await
}

pub(crate) async fn list(
    connection: &impl ConnectionTrait,
    filter: &ServiceFilter,
    sort: ServiceSort,
    request: &PageRequest,
    scope: &Scope,
) -> Result<Page<Service>> {
    let mut select = select();
    select.cond_where(within((TABLE, "organisation"), scope));
    if let Some(code) = &filter.organisation {
        select.and_where(Expr::col((TABLE, "organisation")).eq(code.as_str()));
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
        ServiceSort::Name => Sorting::text(Expr::col((TABLE, "name_key")), code),
        ServiceSort::Criticality => Sorting::number(Expr::col((TABLE, "criticality")), code),
        ServiceSort::Patients => Sorting::number(Expr::col((TABLE, "patients_per_day")), code),
    };
    page(connection, TABLE, &select, &sorting, request, read).await
}
