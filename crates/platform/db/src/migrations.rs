//! The tables, in the order they came. A migration that was released is never edited: a later
//! one changes what it made.
//!
//! The event log has a line of migrations of its own, because on SQLite it lives in a file of its
//! own: telemetry is written all the time and must not keep people's writes waiting.

use sea_orm::DatabaseConnection;
use sea_orm_migration::prelude::*;

use crate::{DbError, Place};

mod l0001_event_log;
mod m0001_map;
mod m0002_access;
mod m0003_alerts;
mod m0004_sources;
mod m0005_rules;

/// Which tables a database holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schema {
    /// Everything but the event log.
    State,
    /// The event log.
    Log,
}

struct State;

#[async_trait::async_trait]
impl MigratorTrait for State {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_map::Migration),
            Box::new(m0002_access::Migration),
            Box::new(m0003_alerts::Migration),
            Box::new(m0004_sources::Migration),
            Box::new(m0005_rules::Migration),
        ]
    }

    fn migration_table_name() -> sea_orm::DynIden {
        Alias::new("migration").into_iden()
    }
}

struct Log;

#[async_trait::async_trait]
impl MigratorTrait for Log {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(l0001_event_log::Migration)]
    }

    fn migration_table_name() -> sea_orm::DynIden {
        Alias::new("log_migration").into_iden()
    }
}

/// Brings a database to the newest form. Errors: [`DbError::Open`], [`DbError::Newer`].
pub(crate) async fn run(
    schema: Schema,
    writer: &DatabaseConnection,
    place: &Place,
) -> Result<(), DbError> {
    match schema {
        Schema::State => forward::<State>(writer, place).await,
        Schema::Log => forward::<Log>(writer, place).await,
    }
}

async fn forward<M: MigratorTrait>(
    writer: &DatabaseConnection,
    place: &Place,
) -> Result<(), DbError> {
    let failed = |source| DbError::Open { place: place.to_string(), source };
    M::install(writer).await.map_err(failed)?;
    let known = M::migrations();
    let applied = M::get_migration_models(writer).await.map_err(failed)?;
    let newer = applied.iter().find(|one| known.iter().all(|m| m.name() != one.version));
    if let Some(newer) = newer {
        let migration = newer.version.clone();
        return Err(DbError::Newer { place: place.to_string(), migration });
    }
    M::up(writer, None).await.map_err(failed)
}
