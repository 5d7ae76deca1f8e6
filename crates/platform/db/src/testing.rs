//! What `testkit` needs of a server and nobody else: making a database.

use sea_orm::{ConnectionTrait, Database, Statement};

use crate::{Db, DbError, Place};

/// Makes the database `name` (letters, digits, underscores) on the server of `url`.
#[doc(hidden)]
pub async fn create_postgres_database(url: &str, name: &str) -> Result<(), DbError> {
    let is_plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if !is_plain {
        return Err(DbError::Place(name.to_owned()));
    }
    let server = Database::connect(url).await?;
    server.execute_unprepared(&format!("CREATE DATABASE {name}")).await?;
    server.close().await?;
    Ok(())
}

/// Runs raw SQL at `place`, past all checks.
#[doc(hidden)]
pub async fn execute(place: &Place, sql: &str) -> Result<(), DbError> {
    let db = Db::connect(place).await?;
    let write = db.write().await?;
    write.execute_unprepared(sql).await?;
    write.commit().await?;
    Ok(())
}

/// One number, by raw SQL.
#[doc(hidden)]
pub async fn number(place: &Place, sql: &str) -> Result<i64, DbError> {
    let db = Db::connect(place).await?;
    let row =
        db.read().query_one_raw(Statement::from_string(db.read().get_database_backend(), sql));
    let row = row.await?.ok_or_else(|| DbError::row("asked for", "a row", sql))?;
    let number = row.try_get_by_index(0)?;
    db.close().await?;
    Ok(number)
}
