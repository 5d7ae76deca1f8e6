//! The tables of rule folders: rows to nouns and back. No decision is made here.

use db::{DbError, Write, micros};
use sea_orm::{
    ConnectionTrait, QueryResult,
    sea_query::{Expr, ExprTrait, Order, Query, SelectStatement},
};
use terms::{PersonId, RuleFolderId, Timestamp};
use uuid::Uuid;

use super::{
    FolderState, NewFolder, RuleFile, RuleFolder, RulebookError,
    pack::{pack, unpack},
};

type Found<T> = Result<T, RulebookError>;

const TABLE: &str = "rule_folder";
const COLUMNS: [&str; 9] = [
    "id",
    "name",
    "uploaded_by",
    "uploaded_at",
    "state",
    "changed_at",
    "files",
    "rules",
    "refused",
];

fn select() -> SelectStatement {
    Query::select().columns(COLUMNS).from(TABLE).take()
}

fn read(row: &QueryResult) -> Found<RuleFolder> {
    let count = |column: &str| -> Found<u64> {
        Ok(u64::try_from(row.try_get::<i64>("", column)?).unwrap_or(0))
    };
    let at = |column: &str| -> Found<Timestamp> { Ok(db::instant(row.try_get("", column)?)) };
    let state: i16 = row.try_get("", "state")?;
    let name: String = row.try_get("", "name")?;
    Ok(RuleFolder {
        id: RuleFolderId(row.try_get::<Uuid>("", "id")?),
        name: name.parse().map_err(|_| DbError::row(TABLE, "a folder's name", &name))?,
        uploaded_by: PersonId(row.try_get::<Uuid>("", "uploaded_by")?),
        uploaded_at: at("uploaded_at")?,
        state: FolderState::of_number(state)
            .ok_or_else(|| DbError::row(TABLE, "a folder's state", state))?,
        changed_at: at("changed_at")?,
        files: count("files")?,
        rules: count("rules")?,
        refused: count("refused")?,
    })
}

/// The version of what is in use.
pub(super) async fn version<C: ConnectionTrait>(connection: &C) -> Found<i64> {
    let select = Query::select().column("version").from("rule_book").take();
    let row = connection.query_one(&select).await?;
    row.map_or(Ok(0), |row| Ok(row.try_get("", "version")?))
}

/// Raises the version. Whoever changes what is in use waits here for others who do.
pub(super) async fn raise(write: &Write) -> Found<()> {
    let update = Query::update()
        .table("rule_book")
        .value("version", Expr::col("version").add(1))
        .and_where(Expr::col("id").eq(1))
        .take();
    write.execute(&update).await?;
    Ok(())
}

/// Folders in a state, the oldest upload first: that is the order in which rules are read.
pub(super) async fn list<C: ConnectionTrait>(
    connection: &C,
    state: FolderState,
) -> Found<Vec<RuleFolder>> {
    let select = select()
        .and_where(Expr::col("state").eq(state.number()))
        .order_by("uploaded_at", Order::Asc)
        .order_by("id", Order::Asc)
        .take();
    connection.query_all(&select).await?.iter().map(read).collect()
}

/// One folder. Errors: [`RulebookError::NotFound`].
pub(super) async fn one<C: ConnectionTrait>(connection: &C, id: RuleFolderId) -> Found<RuleFolder> {
    let select = select().and_where(Expr::col("id").eq(id.0)).take();
    let row = connection.query_one(&select).await?.ok_or(RulebookError::NotFound)?;
    read(&row)
}

/// A folder's files.
pub(super) async fn files<C: ConnectionTrait>(
    connection: &C,
    folder: &RuleFolder,
) -> Found<Vec<RuleFile>> {
    let select = Query::select()
        .column("packed")
        .from(TABLE)
        .and_where(Expr::col("id").eq(folder.id.0))
        .take();
    let row = connection.query_one(&select).await?.ok_or(RulebookError::NotFound)?;
    let packed: Vec<u8> = row.try_get("", "packed")?;
    let name = folder.name.to_string();
    unpack(&packed).map_err(|source| RulebookError::Damaged { name, source })
}

/// Keeps a folder that waits to be used.
pub(super) async fn insert(
    write: &Write,
    id: RuleFolderId,
    new: &NewFolder,
    person: PersonId,
    now: Timestamp,
) -> Found<()> {
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let mut insert = Query::insert();
    insert.into_table(TABLE).columns(COLUMNS.into_iter().chain(["packed"])).values_panic([
        id.0.into(),
        new.name.as_str().into(),
        person.0.into(),
        micros(now).into(),
        FolderState::Waiting.number().into(),
        micros(now).into(),
        count(new.files.len() as u64).into(),
        count(new.rules).into(),
        count(new.refused).into(),
        pack(&new.files).into(),
    ]);
    write.execute(&insert).await?;
    Ok(())
}

/// Moves a folder from one state to another. Errors: [`RulebookError::Changed`] when it stands
/// elsewhere, [`RulebookError::NotFound`].
pub(super) async fn turn(
    write: &Write,
    id: RuleFolderId,
    from: &[FolderState],
    to: FolderState,
    now: Timestamp,
) -> Found<()> {
    let update = Query::update()
        .table(TABLE)
        .value("state", to.number())
        .value("changed_at", micros(now))
        .and_where(Expr::col("id").eq(id.0))
        .and_where(Expr::col("state").is_in(from.iter().map(|state| state.number())))
        .take();
    match write.execute(&update).await?.rows_affected() {
        0 => one(write, id).await.and(Err(RulebookError::Changed)),
        _ => Ok(()),
    }
}

/// Forgets folders that are not in use since before `before`; how many.
pub(super) async fn forget(write: &Write, before: Timestamp) -> Found<u64> {
    let delete = Query::delete()
        .from_table(TABLE)
        .and_where(Expr::col("state").ne(FolderState::InUse.number()))
        .and_where(Expr::col("changed_at").lt(micros(before)))
        .take();
    Ok(write.execute(&delete).await?.rows_affected())
}
