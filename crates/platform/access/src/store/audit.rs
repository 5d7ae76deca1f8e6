//! The audit trail's table and the row that notes its end.

use db::{DbError, Write, micros};
use sea_orm::{
    ActiveValue::Set,
    ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, LikeExpr, Query},
};
use sea_orm::{ColumnTrait, Condition, IntoActiveModel};
use terms::Scope;

use crate::{
    audit::{AuditFilter, Entry, Head, Row, stored_who},
    secret::Digest,
    store::{escaped, searchable},
};

mod audit_entry {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit_entry")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) number: i64,
        pub(super) at: i64,
        pub(super) who_kind: String,
        pub(super) who_id: Option<Uuid>,
        pub(super) what: String,
        pub(super) on_kind: String,
        pub(super) on_id: String,
        pub(super) organisation: Option<String>,
        pub(super) details: String,
        pub(super) previous: Vec<u8>,
        pub(super) digest: Vec<u8>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod audit_head {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit_head")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) id: i32,
        pub(super) number: i64,
        pub(super) digest: Vec<u8>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use audit_entry::Column as C;

/// Takes the next number, which locks the head until the transaction ends; writes the row; notes
/// its digest.
pub(crate) async fn append(write: &Write, entry: &Entry) -> Result<i64, DbError> {
    let taken = audit_head::Entity::update_many()
        .col_expr(audit_head::Column::Number, Expr::col(audit_head::Column::Number).add(1))
        .exec_with_returning(write)
        .await?;
    let taken = taken.into_iter().next().ok_or_else(no_head)?;
    let head = Head { number: taken.number - 1, digest: digest(&taken.digest)? };
    let row = Row::after(head, entry);
    let number = row.number;
    let noted = row.digest.clone();
    audit_entry::Entity::insert(stored(row).into_active_model())
        .exec_without_returning(write)
        .await?;
    audit_head::Entity::update_many()
        .set(audit_head::ActiveModel { digest: Set(noted), ..Default::default() })
        .exec(write)
        .await?;
    Ok(number)
}

/// The noted end.
pub(crate) async fn head(on: &impl ConnectionTrait) -> Result<Head, DbError> {
    let row = audit_head::Entity::find().one(on).await?.ok_or_else(no_head)?;
    Ok(Head { number: row.number, digest: digest(&row.digest)? })
}

/// The number of an entry before the first or after the last.
pub(crate) async fn foreign(on: &impl ConnectionTrait) -> Result<Option<i64>, DbError> {
    // The highest number first and then the head: entries written between only raise the head.
    let ends: Option<(Option<i64>, Option<i64>)> = audit_entry::Entity::find()
        .select_only()
        .column_as(C::Number.min(), "lowest")
        .column_as(C::Number.max(), "highest")
        .into_tuple()
        .one(on)
        .await?;
    let (lowest, highest) = ends.unwrap_or_default();
    let noted = head(on).await?.number;
    Ok(lowest.filter(|number| *number < 1).or(highest.filter(|number| *number > noted)))
}

/// Entries after one number and up to another, in order.
pub(crate) async fn after(
    on: &impl ConnectionTrait,
    number: i64,
    through: i64,
    limit: u64,
) -> Result<Vec<Row>, DbError> {
    let rows = audit_entry::Entity::find()
        .filter(C::Number.gt(number))
        .filter(C::Number.lte(through))
        .order_by_asc(C::Number)
        .limit(limit)
        .all(on)
        .await?;
    Ok(rows.into_iter().map(read).collect())
}

/// Entries within the scope before a number, newest first.
pub(crate) async fn before(
    on: &impl ConnectionTrait,
    scope: &Scope,
    filter: &AuditFilter,
    number: Option<i64>,
    limit: u64,
) -> Result<Vec<Row>, DbError> {
    let rows = audit_entry::Entity::find()
        .filter(db::within(C::Organisation, scope))
        .filter(condition(filter))
        .filter(Condition::all().add_option(number.map(|number| C::Number.lt(number))))
        .order_by_desc(C::Number)
        .limit(limit)
        .all(on)
        .await?;
    Ok(rows.into_iter().map(read).collect())
}

/// Entries within the scope after a number, oldest first.
pub(crate) async fn later(
    on: &impl ConnectionTrait,
    scope: &Scope,
    filter: &AuditFilter,
    number: i64,
    limit: u64,
) -> Result<Vec<Row>, DbError> {
    let rows = audit_entry::Entity::find()
        .filter(db::within(C::Organisation, scope))
        .filter(condition(filter))
        .filter(C::Number.gt(number))
        .order_by_asc(C::Number)
        .limit(limit)
        .all(on)
        .await?;
    Ok(rows.into_iter().map(read).collect())
}

/// How many there are, counted up to `most`.
pub(crate) async fn count(
    on: &impl ConnectionTrait,
    scope: &Scope,
    filter: &AuditFilter,
    most: u64,
) -> Result<u64, DbError> {
    let some = audit_entry::Entity::find()
        .select_only()
        .column(C::Number)
        .filter(db::within(C::Organisation, scope))
        .filter(condition(filter))
        .limit(most)
        .into_query();
    let count = Query::select()
        .expr_as(Expr::cust("COUNT(*)"), "entries")
        .from_subquery(some, "some")
        .take();
    let row = on.query_one(&count).await?;
    let entries: i64 = row.map_or(Ok(0), |row| row.try_get("", "entries"))?;
    Ok(u64::try_from(entries).unwrap_or(0))
}

fn condition(filter: &AuditFilter) -> Condition {
    let begins =
        |text: &String| C::What.like(LikeExpr::new(format!("{}%", escaped(text))).escape('\\'));
    let who = filter.who.map(|who| {
        let (kind, id) = stored_who(who);
        Condition::all().add(C::WhoKind.eq(kind)).add_option(id.map(|id| C::WhoId.eq(id)))
    });
    Condition::all()
        .add_option(filter.from.map(|from| C::At.gte(micros(from))))
        .add_option(filter.until.map(|until| C::At.lt(micros(until))))
        .add_option(who)
        .add_option(filter.what.as_ref().map(begins))
        .add_option(filter.on_kind.as_ref().map(|kind| C::OnKind.eq(searchable(kind))))
        .add_option(filter.on_id.as_ref().map(|id| C::OnId.eq(searchable(id))))
        .add_option(filter.organisation.as_ref().map(|code| C::Organisation.eq(code.as_str())))
}

fn digest(bytes: &[u8]) -> Result<Digest, DbError> {
    Digest::of_stored(bytes).ok_or_else(|| DbError::row("audit_head", "a digest", "other bytes"))
}

fn no_head() -> DbError {
    DbError::row("audit_head", "the one row", "nothing")
}

fn stored(row: Row) -> audit_entry::Model {
    audit_entry::Model {
        number: row.number,
        at: row.at,
        who_kind: row.who_kind,
        who_id: row.who_id,
        what: row.what,
        on_kind: row.on_kind,
        on_id: row.on_id,
        organisation: row.organisation,
        details: row.details,
        previous: row.previous,
        digest: row.digest,
    }
}

fn read(row: audit_entry::Model) -> Row {
    Row {
        number: row.number,
        at: row.at,
        who_kind: row.who_kind,
        who_id: row.who_id,
        what: row.what,
        on_kind: row.on_kind,
        on_id: row.on_id,
        organisation: row.organisation,
        details: row.details,
        previous: row.previous,
        digest: row.digest,
    }
}
