//! Dependencies in the database. One belongs to the organisation whose thing depends; what a
//! supplier depends on belongs to nobody and is seen with the scope of the whole sector.

use db::within;
use sea_orm::{
    ConnectionTrait, ExprTrait,
    sea_query::{Expr, Query, SelectStatement, Value},
};
use terms::{OdsCode, Scope, Timestamp};

use super::{
    Result, Row, Target, all,
    page::{Page, PageRequest, Sorting, page},
    text,
};
use crate::{
    code::{Strength, Thing},
    error::statement,
    model::Dependency,
};

/// Which dependencies; all conditions hold together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DependencyFilter {
    /// In which this thing stands on either side.
    pub thing: Option<Thing>,
    /// Of this organisation's things.
    pub organisation: Option<OdsCode>,
}

const TABLE: &str = "dependency";
const TARGET: Target = Target {
    table: TABLE,
    key: &["from_kind", "from_code", "to_kind", "to_code"],
    columns: &[
        "from_kind",
        "from_code",
        "to_kind",
        "to_code",
        "organisation",
        "kind",
        "reason",
        "strength",
        "created_at",
        "changed_at",
    ],
    kept: &["created_at"],
};

fn select() -> SelectStatement {
    let columns = ["from_kind", "from_code", "to_kind", "to_code", "kind", "reason", "strength"];
    Query::select().columns(columns.map(|column| (TABLE, column))).from(TABLE).take()
}

fn read(row: &Row<'_>) -> Result<Dependency> {
    let thing = |kind: &'static str, code: &'static str| -> Result<Thing> {
        let (kind_text, code_text): (String, String) = (row.get(kind)?, row.get(code)?);
        Thing::of(&kind_text, &code_text).map_err(|_| row.odd(code, code_text))
    };
    Ok(Dependency {
        from: thing("from_kind", "from_code")?,
        to: thing("to_kind", "to_code")?,
        kind: row.get("kind")?,
        reason: row.get("reason")?,
        strength: row.scale("strength", Strength::new)?,
    })
}

fn values(one: &Dependency, owner: Option<&OdsCode>, now: Timestamp) -> Vec<Value> {
    vec![
        one.from.kind().into(),
        one.from.code().into(),
        one.to.kind().into(),
        one.to.code().into(),
        text(owner),
        one.kind.clone().into(),
        one.reason.clone().into(),
        i64::from(one.strength.get()).into(),
        db::micros(now).into(),
        db::micros(now).into(),
    ]
}

/// Writes dependencies, each with the organisation whose thing depends.
pub(crate) async fn upsert(
    connection: &impl ConnectionTrait,
    dependencies: &[(&Dependency, Option<&OdsCode>)],
    now: Timestamp,
) -> Result<()> {
    let rows = dependencies.iter().map(|(one, owner)| values(one, *owner, now)).collect();
    TARGET.upsert(connection, rows).await
}

/// Gives the dependencies of a thing that changed hands to its new owner.
pub(crate) async fn hand_over(
    connection: &impl ConnectionTrait,
    thing: &Thing,
    owner: &OdsCode,
    now: Timestamp,
) -> Result<()> {
    let update = Query::update()
        .table(TABLE)
        .value("organisation", owner.as_str())
        .value("changed_at", db::micros(now))
        .and_where(Expr::col("from_kind").eq(thing.kind()))
        .and_where(Expr::col("from_code").eq(thing.code()))
        .take();
    connection.execute(&update).await.map_err(statement)?;
    Ok(())
}

pub(crate) async fn remove(
    connection: &impl ConnectionTrait,
    from: &Thing,
    to: &Thing,
) -> Result<()> {
    let delete = Query::delete()
        .from_table(TABLE)
        .and_where(Expr::col("from_kind").eq(from.kind()))
        .and_where(Expr::col("from_code").eq(from.code()))
        .and_where(Expr::col("to_kind").eq(to.kind()))
        .and_where(Expr::col("to_code").eq(to.code()))
        .take();
    connection.execute(&delete).await.map_err(statement)?;
    Ok(())
}

/// Everything, for the graph.
pub(super) async fn whole(connection: &impl ConnectionTrait) -> Result<Vec<Dependency>> {
    all(connection, TABLE, &select(), read).await
}

pub(crate) async fn list(
    connection: &impl ConnectionTrait,
    filter: &DependencyFilter,
    request: &PageRequest,
    scope: &Scope,
) -> Result<Page<Dependency>> {
    let mut select = select();
    select.cond_where(within((TABLE, "organisation"), scope));
    if let Some(thing) = &filter.thing {
        let is_side = |kind: &'static str, code: &'static str| {
            let kind = Expr::col((TABLE, kind)).eq(thing.kind());
            kind.and(Expr::col((TABLE, code)).eq(thing.code()))
        };
        select.and_where(is_side("from_kind", "from_code").or(is_side("to_kind", "to_code")));
    }
    if let Some(code) = &filter.organisation {
        select.and_where(Expr::col((TABLE, "organisation")).eq(code.as_str()));
    }
    // Both sides together tell one from another; the tie is broken by the second.
    let from = Expr::cust("\"dependency\".\"from_kind\" || ':' || \"dependency\".\"from_code\"");
    let to = Expr::cust("\"dependency\".\"to_kind\" || ':' || \"dependency\".\"to_code\"");
    page(connection, TABLE, &select, &Sorting::text(from, to), request, read).await
}
