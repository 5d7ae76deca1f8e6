//! The handle: opened once, shared by clones.
//!
//! On SQLite reads go to several connections and every write to one, so that writers wait in
//! order instead of failing; a transaction takes the write lock at its start, because another
//! process (the command line) may write too.

use std::{fmt, time::Duration};

use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DatabaseTransaction, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
    sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous},
};

use crate::{DbError, Place, Schema, migrations};

/// Which database answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// SQLite in a file.
    Sqlite,
    /// A PostgreSQL server.
    Postgres,
}

/// An open transaction that may write: `commit` keeps it, dropping it takes everything back.
pub type Write = DatabaseTransaction;

/// The database.
#[derive(Clone)]
pub struct Db {
    engine: Engine,
    reader: DatabaseConnection,
    writer: DatabaseConnection,
}

const READERS: u32 = 8;
const POSTGRES_CONNECTIONS: u32 = 16;
const WAIT: Duration = Duration::from_secs(10);

impl Db {
    /// Opens the database at `place`, makes it when absent, and migrates it forward.
    ///
    /// Errors: [`DbError::Open`], [`DbError::Newer`].
    pub async fn open(place: &Place) -> Result<Self, DbError> {
        Self::open_as(Schema::State, place).await
    }

    /// As [`Self::open`], with the tables of `schema`.
    pub async fn open_as(schema: Schema, place: &Place) -> Result<Self, DbError> {
        let db = Self::connect(place).await?;
        migrations::run(schema, &db.writer, place).await?;
        Ok(db)
    }

    /// Opens without migrating: for commands that only look.
    pub async fn connect(place: &Place) -> Result<Self, DbError> {
        let connected = match place {
            Place::Sqlite(_) => connect_sqlite(place).await,
            Place::Postgres(url) => connect_postgres(url).await,
        };
        connected.map_err(|source| DbError::Open { place: place.to_string(), source })
    }

    /// Which database answers.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// A connection for statements that only read.
    pub fn read(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// Begins a transaction that may write.
    pub async fn write(&self) -> Result<Write, DbError> {
        let options = TransactionOptions {
            sqlite_transaction_mode: (self.engine == Engine::Sqlite)
                .then_some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(self.writer.begin_with_options(options).await?)
    }

    /// Closes all connections; SQLite's log of changes is folded into its file.
    pub async fn close(self) -> Result<(), DbError> {
        self.reader.close().await?;
        self.writer.close().await?;
        Ok(())
    }
}

impl fmt::Debug for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Db({:?})", self.engine)
    }
}

async fn connect_sqlite(place: &Place) -> Result<Db, sea_orm::DbErr> {
    let Place::Sqlite(path) = place else { unreachable!("asked for a file only") };
    let options = |connections: u32| {
        let path = path.clone();
        // The URL only says which driver; the path, whatever its characters, is set below.
        let mut options = ConnectOptions::new("sqlite::memory:");
        options
            .max_connections(connections)
            .min_connections(1)
            .acquire_timeout(WAIT)
            .sqlx_logging(false)
            .map_sqlx_sqlite_opts(move |sqlite| {
                sqlite
                    .filename(&path)
                    .in_memory(false)
                    .shared_cache(false)
                    .create_if_missing(true)
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Full)
                    .foreign_keys(true)
                    .busy_timeout(WAIT)
                    .pragma("cache_size", "-32000")
                    .pragma("temp_store", "memory")
            });
        options
    };
    let writer = Database::connect(options(1)).await?;
    let reader = Database::connect(options(READERS)).await?;
    Ok(Db { engine: Engine::Sqlite, reader, writer })
}

async fn connect_postgres(url: &str) -> Result<Db, sea_orm::DbErr> {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(POSTGRES_CONNECTIONS)
        .acquire_timeout(WAIT)
        .connect_timeout(WAIT)
        .sqlx_logging(false);
    let writer = Database::connect(options).await?;
    Ok(Db { engine: Engine::Postgres, reader: writer.clone(), writer })
}
