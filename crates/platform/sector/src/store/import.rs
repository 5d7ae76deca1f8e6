//! Plans applied, and the record of who applied what when.

use std::collections::{BTreeSet, HashMap};

use sea_orm::{
    ConnectionTrait, ExprTrait,
    sea_query::{Expr, Query, Value},
};
use terms::{ImportId, OdsCode, PersonId, Scope, Timestamp};
use uuid::Uuid;

use super::{
    Result, Row, Target, dependency, device, organisation,
    page::{Page, PageRequest, Sorting, Stored, page},
    service, site, supplier, system, total,
};
use crate::{
    code::Thing,
    device::Device,
    graph::Graph,
    import::{Plan, Upserts},
};

/// An import that was applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportRecord {
    /// Its identifier.
    pub id: ImportId,
    /// Who applied it; `None` for the command line.
    pub person: Option<PersonId>,
    /// When.
    pub at: Timestamp,
    /// The file's name.
    pub file: String,
    /// What it was, in words: `trusts`.
    pub kind: String,
    /// Things that were made.
    pub added: u64,
    /// Things that were changed.
    pub changed: u64,
    /// Rows that said what was known.
    pub unchanged: u64,
    /// What was left out.
    pub problems: u64,
}

const TABLE: &str = "map_import";
const TARGET: Target = Target {
    table: TABLE,
    key: &["id"],
    columns: &["id", "person", "at", "file", "kind", "added", "changed", "unchanged", "problems"],
    kept: &[],
};

/// Writes what a plan says; `graph` is what it was made against.
pub(crate) async fn apply(
    connection: &impl ConnectionTrait,
    plan: &Plan,
    graph: &Graph,
    now: Timestamp,
) -> Result<()> {
    match &plan.upserts {
        Upserts::Organisations(rows) => organisation::upsert(connection, rows, now).await,
        Upserts::Sites(rows) => site::upsert(connection, rows, now).await,
        Upserts::Services(rows) => {
            service::upsert(connection, rows, now).await?;
            let owned = rows.iter().map(|one| (one.code.as_str(), &one.organisation));
            hand_over(connection, plan, owned.collect(), now).await
        }
        Upserts::Systems(rows) => {
            system::upsert(connection, rows, now).await?;
            let owned = rows.iter().map(|one| (one.code.as_str(), &one.organisation));
            hand_over(connection, plan, owned.collect(), now).await
        }
        Upserts::Suppliers(rows) => supplier::upsert(connection, rows, now).await,
        Upserts::Dependencies(rows) => {
            let owned: Vec<_> = rows.iter().map(|one| (one, graph.owner(&one.from))).collect();
            dependency::upsert(connection, &owned, now).await
        }
        Upserts::Devices(rows) => expect(connection, rows, now).await,
    }
}

/// Gives the dependencies of things whose organisation changes to the new one.
async fn hand_over(
    connection: &impl ConnectionTrait,
    plan: &Plan,
    owners: HashMap<&str, &OdsCode>,
    now: Timestamp,
) -> Result<()> {
    let changed = plan.changed.iter().filter(|change| change.field == "organisation");
    let things: Vec<Thing> = changed.filter_map(|change| change.what.parse().ok()).collect();
    for thing in things {
        if let Some(owner) = owners.get(thing.code()) {
            dependency::hand_over(connection, &thing, owner, now).await?;
        }
    }
    Ok(())
}

/// Writes devices that somebody says exist, and counts them.
pub(crate) async fn expect(
    connection: &impl ConnectionTrait,
    devices: &[Device],
    now: Timestamp,
) -> Result<()> {
    let organisations: BTreeSet<&OdsCode> = devices.iter().map(|one| &one.organisation).collect();
    let organisations: Vec<&OdsCode> = organisations.into_iter().collect();
    let held: Vec<_> = organisations.iter().map(|code| (*code, None)).collect();
    total::hold(connection, &held).await?;
    device::upsert_expected(connection, devices, now).await?;
    total::count_anew(connection, &organisations).await
}

/// Keeps the record of an import.
pub(crate) async fn record(connection: &impl ConnectionTrait, record: &ImportRecord) -> Result<()> {
    let number = |count: u64| -> Value { i64::try_from(count).unwrap_or(i64::MAX).into() };
    let row = vec![
        record.id.0.into(),
        record.person.map(|person| person.0).into(),
        db::micros(record.at).into(),
        record.file.clone().into(),
        record.kind.clone().into(),
        number(record.added),
        number(record.changed),
        number(record.unchanged),
        number(record.problems),
    ];
    TARGET.upsert(connection, vec![row]).await
}

fn read(row: &Row<'_>) -> Result<ImportRecord> {
    Ok(ImportRecord {
        id: ImportId(row.get("id")?),
        person: row.get::<Option<Uuid>>("person")?.map(PersonId),
        at: db::instant(row.get("at")?),
        file: row.get("file")?,
        kind: row.get("kind")?,
        added: row.number("added")?,
        changed: row.number("changed")?,
        unchanged: row.number("unchanged")?,
        problems: row.number("problems")?,
    })
}

/// Imports: all of them with the scope of the whole sector, else the person's own.
pub(crate) async fn list(
    connection: &impl ConnectionTrait,
    reader: PersonId,
    request: &PageRequest,
    scope: &Scope,
) -> Result<Page<ImportRecord>> {
    let columns =
        ["id", "person", "at", "file", "kind", "added", "changed", "unchanged", "problems"];
    let mut select =
        Query::select().columns(columns.map(|column| (TABLE, column))).from(TABLE).take();
    if !scope.is_sector() {
        select.and_where(Expr::col((TABLE, "person")).eq(reader.0));
    }
    let sorting = Sorting {
        tie_is: Stored::Id,
        ..Sorting::number(Expr::col((TABLE, "at")), Expr::col((TABLE, "id")))
    };
    page(connection, TABLE, &select, &sorting, request, read).await
}
