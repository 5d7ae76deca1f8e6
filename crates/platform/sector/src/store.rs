//! The map in the database: rows to nouns and back, one file for each noun. The only place with
//! SQL. Every function that lists or finds takes the caller's scope.
//!
//! Modules in reading order: [`page`] lists in pages, then one a noun, `total` what is counted of
//! devices, `version` when the graph is stale, `whole` all of the map for the graph.

pub(crate) mod dependency;
pub(crate) mod device;
pub(crate) mod group;
pub(crate) mod import;
pub(crate) mod organisation;
pub mod page;
pub(crate) mod service;
pub(crate) mod sighting;
pub(crate) mod site;
pub(crate) mod supplier;
pub(crate) mod system;
pub(crate) mod total;
pub(crate) mod version;
pub(crate) mod whole;

use std::{fmt::Display, str::FromStr};

use db::DbError;
use sea_orm::{
    ConnectionTrait, QueryResult, TryGetable,
    sea_query::{Expr, LikeExpr, OnConflict, Query, SelectStatement, Value},
};

use crate::error::{SectorError, statement};

type Result<T> = std::result::Result<T, SectorError>;

/// Values bound in one statement at most; SQLite allows 32,766, PostgreSQL 65,535.
const MAX_BOUND: usize = 30_000;

/// A row with the name of its table, for errors.
struct Row<'r> {
    table: &'static str,
    row: &'r QueryResult,
}

impl Row<'_> {
    fn get<T: TryGetable>(&self, column: &'static str) -> Result<T> {
        self.row.try_get("", column).map_err(statement)
    }

    /// A value stored as text.
    fn parsed<T: FromStr<Err: Display>>(&self, column: &'static str) -> Result<T> {
        let text: String = self.get(column)?;
        text.parse().map_err(|_| self.odd(column, &text))
    }

    fn optional<T: FromStr<Err: Display>>(&self, column: &'static str) -> Result<Option<T>> {
        let text: Option<String> = self.get(column)?;
        text.map(|text| text.parse().map_err(|_| self.odd(column, &text))).transpose()
    }

    /// A number that fits a smaller type.
    fn number<T: TryFrom<i64>>(&self, column: &'static str) -> Result<T> {
        let number: i64 = self.get(column)?;
        T::try_from(number).map_err(|_| self.odd(column, number))
    }

    fn optional_number<T: TryFrom<i64>>(&self, column: &'static str) -> Result<Option<T>> {
        let number: Option<i64> = self.get(column)?;
        number.map(|n| T::try_from(n).map_err(|_| self.odd(column, n))).transpose()
    }

    fn time(&self, column: &'static str) -> Result<Option<terms::Timestamp>> {
        Ok(db::optional_instant(self.get(column)?))
    }

    /// One of a scale from one to four.
    fn scale<T>(&self, column: &'static str, of: impl Fn(u8) -> Option<T>) -> Result<T> {
        let number: u8 = self.number(column)?;
        of(number).ok_or_else(|| self.odd(column, number))
    }

    fn odd(&self, column: &'static str, found: impl Display) -> SectorError {
        DbError::row(self.table, column, found).into()
    }
}

/// All rows of a question, as nouns.
async fn all<T>(
    connection: &impl ConnectionTrait,
    table: &'static str,
    select: &SelectStatement,
    read: impl Fn(&Row<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let rows = connection.query_all(select).await.map_err(statement)?;
    rows.iter().map(|row| read(&Row { table, row })).collect()
}

/// The first row of a question, as a noun.
async fn first<T>(
    connection: &impl ConnectionTrait,
    table: &'static str,
    select: &SelectStatement,
    read: impl Fn(&Row<'_>) -> Result<T>,
) -> Result<Option<T>> {
    let row = connection.query_one(select).await.map_err(statement)?;
    row.map(|row| read(&Row { table, row: &row })).transpose()
}

/// Where rows are written.
struct Target {
    table: &'static str,
    /// What tells one row from another.
    key: &'static [&'static str],
    /// All columns, in the order of the values.
    columns: &'static [&'static str],
    /// Columns that stay when the row is there.
    kept: &'static [&'static str],
}

impl Target {
    /// Writes rows; one that is there is overwritten but for the columns that stay.
    async fn upsert(&self, connection: &impl ConnectionTrait, rows: Vec<Vec<Value>>) -> Result<()> {
        let is_written = |name: &&&str| !self.key.contains(name) && !self.kept.contains(name);
        let written: Vec<&'static str> = self.columns.iter().filter(is_written).copied().collect();
        let conflict =
            OnConflict::columns(self.key.iter().copied()).update_columns(written).to_owned();
        self.insert(connection, rows, conflict).await
    }

    async fn insert(
        &self,
        connection: &impl ConnectionTrait,
        rows: Vec<Vec<Value>>,
        conflict: OnConflict,
    ) -> Result<()> {
        for chunk in rows.chunks(MAX_BOUND / self.columns.len()) {
            let mut insert = Query::insert();
            insert.into_table(self.table).columns(self.columns.iter().copied());
            insert.on_conflict(conflict.clone());
            for row in chunk {
                insert.values_panic(row.iter().cloned().map(Expr::val));
            }
            connection.execute(&insert).await.map_err(statement)?;
        }
        Ok(())
    }
}

/// The number of rows a question without order or limit has.
async fn count(connection: &impl ConnectionTrait, select: SelectStatement) -> Result<u64> {
    let outer = Query::select()
        .expr_as(Expr::cust("COUNT(*)"), "number")
        .from_subquery(select, "counted")
        .take();
    let row = first(connection, "counted", &outer, |row| row.number("number")).await?;
    Ok(row.unwrap_or(0))
}

fn text(value: Option<impl Display>) -> Value {
    value.map(|value| value.to_string()).into()
}

fn micros(value: Option<terms::Timestamp>) -> Value {
    value.map(db::micros).into()
}

/// A condition's pattern for text that holds what a person typed.
fn holding(typed: &str) -> LikeExpr {
    let mut pattern = String::from("%");
    for c in crate::device::fold(typed).chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    LikeExpr::new(pattern).escape('\\')
}
