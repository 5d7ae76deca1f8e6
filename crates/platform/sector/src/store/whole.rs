//! All of the map, as the graph is made of it, at one moment.

use db::{Db, Engine};
use sea_orm::{AccessMode, ConnectionTrait, IsolationLevel, TransactionTrait};

use super::{Result, dependency, device, group, organisation, service, supplier, system, version};
use crate::{error::statement, graph::Parts};

/// Reads everything in one transaction, so that no part is newer than another.
pub(crate) async fn parts(db: &Db) -> Result<Parts> {
    // SQLite's transactions see one moment by themselves.
    let settings = match db.engine() {
        Engine::Postgres => (Some(IsolationLevel::RepeatableRead), Some(AccessMode::ReadOnly)),
        Engine::Sqlite => (None, None),
    };
    let moment = db.read().begin_with_config(settings.0, settings.1).await.map_err(statement)?;
    let parts = read(&moment).await;
    moment.commit().await.map_err(statement)?;
    parts
}

async fn read(moment: &impl ConnectionTrait) -> Result<Parts> {
    Ok(Parts {
        version: version::current(moment).await?,
        organisations: organisation::whole(moment).await?,
        groups: group::whole(moment).await?,
        services: service::whole(moment).await?,
        systems: system::whole(moment).await?,
        suppliers: supplier::whole(moment).await?,
        dependencies: dependency::whole(moment).await?,
        devices: device::mapped(moment).await?,
    })
}
