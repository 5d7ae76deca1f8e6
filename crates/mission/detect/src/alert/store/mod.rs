//! The tables of alerts: rows to nouns and back. In: a transaction or a reader, a scope. Out: what
//! lies in the scope, nothing else. No decision is made here.

use std::pin::Pin;

use db::{DbError, Engine};
use sea_orm::{
    ConnectionTrait, DatabaseBackend, QueryResult, Value,
    sea_query::{Expr, ExprTrait, InsertStatement, OnConflict, Query, SelectStatement},
};
use terms::{DeviceId, Level, OdsCode, PersonId, Timestamp};
use uuid::Uuid;

use super::AlertError;

pub(crate) mod added;
pub(crate) mod commit;
pub(crate) mod counts;
pub(crate) mod deed;
pub(crate) mod exception;
pub(crate) mod known;
pub(crate) mod life;
pub(crate) mod part;
pub(crate) mod plan;
pub(crate) mod queue;
pub(crate) mod read;
pub(crate) mod rules;
pub(crate) mod view;

impl From<sea_orm::DbErr> for AlertError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Db(error.into())
    }
}

type Found<T> = Result<T, AlertError>;

/// Rows of one insert, and values of one list: both engines bound how many values a statement has.
const CHUNK: usize = 400;

/// A row with its table's name, for errors that say where they were met.
struct Row<'r> {
    table: &'static str,
    row: &'r QueryResult,
}

impl Row<'_> {
    fn int(&self, column: &str) -> Found<i64> {
        Ok(self.row.try_get("", column)?)
    }

    fn optional_int(&self, column: &str) -> Found<Option<i64>> {
        Ok(self.row.try_get("", column)?)
    }

    fn count(&self, column: &str) -> Found<u64> {
        Ok(u64::try_from(self.int(column)?).unwrap_or(0))
    }

    fn small(&self, column: &str) -> Found<i16> {
        Ok(self.row.try_get("", column)?)
    }

    fn text(&self, column: &str) -> Found<String> {
        Ok(self.row.try_get("", column)?)
    }

    fn optional_text(&self, column: &str) -> Found<Option<String>> {
        Ok(self.row.try_get("", column)?)
    }

    fn uuid(&self, column: &str) -> Found<Uuid> {
        Ok(self.row.try_get("", column)?)
    }

    fn optional_uuid(&self, column: &str) -> Found<Option<Uuid>> {
        Ok(self.row.try_get("", column)?)
    }

    fn person(&self, column: &str) -> Found<Option<PersonId>> {
        Ok(self.optional_uuid(column)?.map(PersonId))
    }

    fn device(&self, column: &str) -> Found<Option<DeviceId>> {
        Ok(self.optional_uuid(column)?.map(DeviceId))
    }

    fn at(&self, column: &str) -> Found<Timestamp> {
        Ok(db::instant(self.int(column)?))
    }

    fn optional_at(&self, column: &str) -> Found<Option<Timestamp>> {
        Ok(db::optional_instant(self.optional_int(column)?))
    }

    fn organisation(&self, column: &str) -> Found<OdsCode> {
        let text = self.text(column)?;
        text.parse().map_err(|_| self.unreadable("an organisation's code", &text))
    }

    fn level(&self, column: &str) -> Found<Level> {
        let number = self.small(column)?;
        let level = usize::try_from(number).ok().and_then(|at| Level::ALL.get(at));
        level.copied().ok_or_else(|| self.unreadable("a level", number))
    }

    fn json<T: serde::de::DeserializeOwned>(&self, column: &str, what: &'static str) -> Found<T> {
        let text = self.text(column)?;
        serde_json::from_str(&text).map_err(|_| self.unreadable(what, &text))
    }

    fn unreadable(&self, what: &'static str, found: impl std::fmt::Display) -> AlertError {
        DbError::row(self.table, what, found).into()
    }
}

/// The rows of a question, read one by one.
async fn rows<C: ConnectionTrait, T>(
    connection: &C,
    table: &'static str,
    select: &SelectStatement,
    read: impl Fn(Row<'_>) -> Found<T>,
) -> Found<Vec<T>> {
    let found = connection.query_all(select).await?;
    found.iter().map(|row| read(Row { table, row })).collect()
}

/// The one row of a question, if there is one.
async fn row<C: ConnectionTrait, T>(
    connection: &C,
    table: &'static str,
    select: &SelectStatement,
    read: impl Fn(Row<'_>) -> Found<T>,
) -> Found<Option<T>> {
    let found = connection.query_one(select).await?;
    found.as_ref().map(|row| read(Row { table, row })).transpose()
}

/// What to do with a row whose key is there already.
enum Conflict<'c> {
    /// It is an error.
    None,
    /// These columns take the new value.
    Replace(&'c [&'static str]),
    /// To these columns the new value is added.
    Add(&'c [&'static str]),
}

/// Inserts rows, a bounded number at a time. `key` are the columns of the primary key.
///
/// The statements are made before the first of them runs, so that the future holds no iterator
/// and may move between threads.
fn insert<'c, C: ConnectionTrait>(
    connection: &'c C,
    table: &'static str,
    columns: &[&'static str],
    key: &[&'static str],
    conflict: Conflict<'_>,
    rows: impl IntoIterator<Item = Vec<Value>>,
) -> Pin<Box<dyn Future<Output = Found<()>> + Send + 'c>> {
    let mut rows = rows.into_iter().peekable();
    let mut statements = Vec::new();
    while rows.peek().is_some() {
        let mut insert = Query::insert();
        insert.into_table(table).columns(columns.iter().copied());
        for row in rows.by_ref().take(CHUNK) {
            insert.values_panic(row.into_iter().map(Expr::val));
        }
        on_conflict(&mut insert, table, key, &conflict);
        statements.push(insert);
    }
    Box::pin(async move {
        for statement in &statements {
            connection.execute(statement).await?;
        }
        Ok(())
    })
}

fn on_conflict(
    insert: &mut InsertStatement,
    table: &'static str,
    key: &[&'static str],
    conflict: &Conflict<'_>,
) {
    let mut on = OnConflict::columns(key.iter().copied());
    match conflict {
        Conflict::None => return,
        Conflict::Replace(columns) => {
            on.update_columns(columns.iter().copied());
        }
        Conflict::Add(columns) => {
            for column in *columns {
                let sum = Expr::col((table, *column)).add(Expr::col(("excluded", *column)));
                on.value(*column, sum);
            }
        }
    }
    insert.on_conflict(on);
}

fn int(number: u64) -> Value {
    i64::try_from(number).unwrap_or(i64::MAX).into()
}

/// PostgreSQL keeps no NUL in a text: one such event would stop a reader for ever.
fn text(text: impl AsRef<str>) -> Value {
    without_nul(text.as_ref()).into()
}

fn without_nul(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// Truth as it is stored.
fn bit(truth: bool) -> i16 {
    i16::from(truth)
}

fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("plain structs and numbers can always be written")
}

/// Which database a transaction writes to.
fn engine(connection: &impl ConnectionTrait) -> Engine {
    match connection.get_database_backend() {
        DatabaseBackend::Postgres => Engine::Postgres,
        _ => Engine::Sqlite,
    }
}
