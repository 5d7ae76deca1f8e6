//! Exceptions in tables.

use db::{Write, micros};
use sea_orm::{
    ConnectionTrait, Value,
    sea_query::{Expr, ExprTrait, Order, Query, SelectStatement},
};
use serde::{Deserialize, Serialize};
use terms::{ExceptionId, PersonId, Scope, Timestamp};

use super::{Conflict, Found, Row, insert, json, part, row, rows, text, without_nul};
use crate::alert::{AlertError, Condition, Exception, NewException, key::device_key};

/// A condition in the form that is kept.
#[derive(Serialize, Deserialize)]
struct Stored {
    field: String,
    operator: String,
    values: Vec<String>,
}

const COLUMNS: [&str; 13] = [
    "id",
    "name",
    "rule",
    "part_kind",
    "part_code",
    "conditions",
    "device",
    "reason",
    "owner",
    "created_at",
    "expires_at",
    "revoked_at",
    "revoked_by",
];

/// Writes a new exception, if its part lies in the scope.
pub(crate) async fn make(
    write: &Write,
    scope: &Scope,
    id: ExceptionId,
    new: &NewException,
    owner: PersonId,
    now: Timestamp,
) -> Found<()> {
    if !part::is_all_within(write, &new.part, scope).await? {
        return Err(AlertError::OutOfScope);
    }
    let (kind, code) = part::columns(&new.part);
    let conditions: Vec<Stored> = new
        .conditions
        .iter()
        .map(|one| Stored {
            field: one.field.trim().to_owned(),
            operator: one.operator.as_str().to_owned(),
            values: one.values.clone(),
        })
        .collect();
    let none: Option<i64> = None;
    let row: Vec<Value> = vec![
        id.0.into(),
        text(new.name.trim()),
        new.rule.as_deref().map(without_nul).into(),
        kind.into(),
        code.into(),
        json(&conditions).into(),
        new.device.as_deref().map(device_key).into(),
        text(new.reason.trim()),
        owner.0.into(),
        micros(now).into(),
        micros(new.expires_at).into(),
        none.into(),
        None::<uuid::Uuid>.into(),
    ];
    insert(write, "exception", &COLUMNS, &["id"], Conflict::None, [row]).await
}

/// Takes an exception back, if its part lies in the scope. Taking back twice changes nothing.
pub(crate) async fn revoke(
    write: &Write,
    scope: &Scope,
    id: ExceptionId,
    person: PersonId,
    now: Timestamp,
) -> Found<Exception> {
    let found = one(write, scope, id).await?;
    if !part::is_all_within(write, &found.what.part, scope).await? {
        return Err(AlertError::OutOfScope);
    }
    let update = Query::update()
        .table("exception")
        .value("revoked_at", micros(now))
        .value("revoked_by", person.0)
        .and_where(Expr::col("id").eq(id.0))
        .and_where(Expr::col("revoked_at").is_null())
        .take();
    write.execute(&update).await?;
    Ok(found)
}

/// An exception that holds for any organisation of the scope.
pub(crate) async fn one<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    id: ExceptionId,
) -> Found<Exception> {
    let select = select(connection, scope).await?.and_where(Expr::col("id").eq(id.0)).take();
    let found = row(connection, "exception", &select, read).await?;
    found.ok_or(AlertError::NotFound("exception"))
}

/// Exceptions that hold for any organisation of the scope, newest first, with what they hid there.
pub(crate) async fn list<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    rule: Option<&str>,
) -> Found<Vec<Exception>> {
    let mut select = select(connection, scope).await?;
    if let Some(rule) = rule {
        select.cond_where(
            sea_orm::Condition::any()
                .add(Expr::col("rule").eq(text(rule)))
                .add(Expr::col("rule").is_null()),
        );
    }
    select.order_by("created_at", Order::Desc).order_by("id", Order::Desc).limit(MOST);
    rows(connection, "exception", &select, read).await
}

/// Exceptions in one list.
const MOST: u64 = 5_000;

/// Exceptions in force at `now`, of the whole sector.
pub(crate) async fn in_force<C: ConnectionTrait>(
    connection: &C,
    now: Timestamp,
) -> Found<Vec<Exception>> {
    let select = select(connection, &Scope::sector())
        .await?
        .and_where(Expr::col("revoked_at").is_null())
        .and_where(Expr::col("expires_at").gt(micros(now)))
        .order_by("id", Order::Asc)
        .take();
    rows(connection, "exception", &select, read).await
}

async fn select<C: ConnectionTrait>(connection: &C, scope: &Scope) -> Found<SelectStatement> {
    let hits = |what: &'static str| {
        Query::select()
            .expr(Expr::cust(what))
            .from("exception_hit")
            .and_where(Expr::col(("exception_hit", "exception")).equals(("exception", "id")))
            .cond_where(db::within(("exception_hit", "organisation"), scope))
            .take()
    };
    let own = Expr::SubQuery(None, Box::new(hits("CAST(COALESCE(SUM(hits), 0) AS BIGINT)").into()));
    let last = Expr::SubQuery(None, Box::new(hits("MAX(last_hit)").into()));
    Ok(Query::select()
        .columns(COLUMNS.map(|column| ("exception", column)))
        .expr_as(own, "hits")
        .expr_as(last, "last_hit")
        .from("exception")
        .cond_where(part::touching(connection, scope).await?)
        .take())
}

fn read(row: Row<'_>) -> Found<Exception> {
    let stored: Vec<Stored> = row.json("conditions", "conditions")?;
    let conditions: Result<Vec<Condition>, _> = stored
        .into_iter()
        .map(|one| {
            let operator = one.operator.parse()?;
            Ok::<_, crate::alert::model::UnknownWord>(Condition {
                field: one.field,
                operator,
                values: one.values,
            })
        })
        .collect();
    let owner = row.person("owner")?.ok_or_else(|| row.unreadable("a person", "nobody"))?;
    let revoked = row.optional_at("revoked_at")?.zip(row.person("revoked_by")?);
    Ok(Exception {
        id: ExceptionId(row.uuid("id")?),
        what: NewException {
            name: row.text("name")?,
            rule: row.optional_text("rule")?,
            part: part::read(&row)?,
            conditions: conditions.map_err(|word| row.unreadable("conditions", word))?,
            device: row.optional_text("device")?,
            reason: row.text("reason")?,
            expires_at: row.at("expires_at")?,
        },
        owner,
        created_at: row.at("created_at")?,
        revoked,
        hits: row.count("hits")?,
        last_hit: row.optional_at("last_hit")?,
    })
}
