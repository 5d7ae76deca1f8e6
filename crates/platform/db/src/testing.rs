//! What `testkit` needs of a server and nobody else: making a database.

use sea_orm::{ConnectionTrait, Database};

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
