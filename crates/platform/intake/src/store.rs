//! What is kept of sources: totals, counts by the minute, the latest failures.

use std::collections::HashMap;

use db::{Db, DbError, Write, instant, micros, within};
use sea_orm::{
    ActiveValue::Set,
    QueryFilter, QueryOrder, QuerySelect,
    entity::prelude::*,
    sea_query::{Alias, Expr, ExprTrait, OnConflict},
};
use terms::{OdsCode, Scope, Timestamp, TokenId};

use crate::tally::{Counts, Entry, MOST_FAILURES};

mod source_state {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "source_state")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) source: Uuid,
        pub(super) organisation: String,
        pub(super) first_at: i64,
        pub(super) last_at: i64,
        pub(super) events: i64,
        pub(super) bytes: i64,
        pub(super) refused: i64,
        pub(super) unread: i64,
        pub(super) lag_s: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod source_minute {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "source_minute")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) source: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) minute: i64,
        pub(super) events: i64,
        pub(super) bytes: i64,
        pub(super) refused: i64,
        pub(super) unread: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod source_failure {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "source_failure")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) id: Uuid,
        pub(super) source: Uuid,
        pub(super) at: i64,
        pub(super) line: i64,
        pub(super) reason: String,
        pub(super) sample: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A source and its totals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceState {
    /// The token it sends with.
    pub source: TokenId,
    /// Whose devices it speaks for.
    pub organisation: OdsCode,
    /// First heard.
    pub first_at: Timestamp,
    /// Last heard.
    pub last_at: Timestamp,
    /// Records accepted.
    pub events: i64,
    /// Their bytes.
    pub bytes: i64,
    /// Lines and requests refused.
    pub refused: i64,
    /// Records accepted that detection could not read.
    pub unread: i64,
    /// Seconds between the newest record's own time and its arrival.
    pub lag_s: Option<i64>,
}

/// Counts of one minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Minute {
    /// Its beginning.
    pub at: Timestamp,
    /// Records accepted.
    pub events: i64,
    /// Their bytes.
    pub bytes: i64,
    /// Lines and requests refused.
    pub refused: i64,
    /// Records detection could not read.
    pub unread: i64,
}

/// Something a source sent that could not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// When.
    pub at: Timestamp,
    /// Its line in the request; 0 when it was no line's fault.
    pub line: i64,
    /// Why.
    pub reason: String,
    /// How it began.
    pub sample: String,
}

/// Adds what was counted, in one transaction.
pub(crate) async fn write(db: &Db, entries: &HashMap<TokenId, Entry>) -> Result<(), DbError> {
    let write = db.write().await?;
    for (source, entry) in entries {
        let Some(organisation) = &entry.organisation else { continue };
        add_state(&write, *source, organisation, entry).await?;
        for (minute, counts) in &entry.minutes {
            add_minute(&write, *source, *minute, *counts).await?;
        }
        add_failures(&write, *source, entry).await?;
    }
    Ok(write.commit().await?)
}

/// `column = column + excluded.column` for each.
fn adding<C: ColumnTrait>(table: &str, columns: &[C]) -> Vec<(C, Expr)> {
    let sum = |column: &C| {
        let name = column.as_str();
        let old = Expr::col((Alias::new(table), Alias::new(name)));
        (*column, old.add(Expr::col((Alias::new("excluded"), Alias::new(name)))))
    };
    columns.iter().map(sum).collect()
}

async fn add_state(
    write: &Write,
    source: TokenId,
    organisation: &OdsCode,
    entry: &Entry,
) -> Result<(), DbError> {
    use source_state::Column;
    let sum = |part: fn(&Counts) -> i64| entry.minutes.values().map(part).sum::<i64>();
    let row = source_state::ActiveModel {
        source: Set(source.0),
        organisation: Set(organisation.to_string()),
        first_at: Set(entry.first_at.map_or(0, micros)),
        last_at: Set(entry.last_at.map_or(0, micros)),
        events: Set(sum(|c| c.events)),
        bytes: Set(sum(|c| c.bytes)),
        refused: Set(sum(|c| c.refused)),
        unread: Set(sum(|c| c.unread)),
        lag_s: Set(entry.lag_s),
    };
    let sums = [Column::Events, Column::Bytes, Column::Refused, Column::Unread];
    let mut conflict = OnConflict::column(Column::Source)
        .update_column(Column::LastAt)
        .values(adding("source_state", &sums))
        .to_owned();
    if entry.lag_s.is_some() {
        conflict.update_column(Column::LagS);
    }
    source_state::Entity::insert(row).on_conflict(conflict).exec_without_returning(write).await?;
    Ok(())
}

async fn add_minute(
    write: &Write,
    source: TokenId,
    minute: i64,
    counts: Counts,
) -> Result<(), DbError> {
    use source_minute::Column;
    let row = source_minute::ActiveModel {
        source: Set(source.0),
        minute: Set(minute),
        events: Set(counts.events),
        bytes: Set(counts.bytes),
        refused: Set(counts.refused),
        unread: Set(counts.unread),
    };
    let sums = [Column::Events, Column::Bytes, Column::Refused, Column::Unread];
    let conflict = OnConflict::columns([Column::Source, Column::Minute])
        .values(adding("source_minute", &sums))
        .to_owned();
    source_minute::Entity::insert(row).on_conflict(conflict).exec_without_returning(write).await?;
    Ok(())
}

async fn add_failures(write: &Write, source: TokenId, entry: &Entry) -> Result<(), DbError> {
    if entry.failures.is_empty() {
        return Ok(());
    }
    let rows = entry.failures.iter().map(|failed| source_failure::ActiveModel {
        id: Set(uuid::Uuid::now_v7()),
        source: Set(source.0),
        at: Set(micros(failed.at)),
        line: Set(failed.line),
        reason: Set(failed.reason.clone()),
        sample: Set(failed.sample.replace('\0', "\u{fffd}")),
    });
    source_failure::Entity::insert_many(rows).exec_without_returning(write).await?;
    let oldest_kept: Option<source_failure::Model> = source_failure::Entity::find()
        .filter(source_failure::Column::Source.eq(source.0))
        .order_by_desc(source_failure::Column::Id)
        .offset(MOST_FAILURES as u64 - 1)
        .one(write)
        .await?;
    if let Some(oldest) = oldest_kept {
        source_failure::Entity::delete_many()
            .filter(source_failure::Column::Source.eq(source.0))
            .filter(source_failure::Column::Id.lt(oldest.id))
            .exec(write)
            .await?;
    }
    Ok(())
}

pub(crate) async fn sources(db: &Db, scope: &Scope) -> Result<Vec<SourceState>, DbError> {
    let rows = source_state::Entity::find()
        .filter(within(source_state::Column::Organisation, scope))
        .order_by_desc(source_state::Column::LastAt)
        .limit(MOST_SOURCES)
        .all(db.read())
        .await?;
    rows.into_iter().map(to_state).collect()
}

/// Sources listed at once.
const MOST_SOURCES: u64 = 10_000;

pub(crate) async fn source(
    db: &Db,
    scope: &Scope,
    source: TokenId,
) -> Result<Option<SourceState>, DbError> {
    let row = source_state::Entity::find_by_id(source.0)
        .filter(within(source_state::Column::Organisation, scope))
        .one(db.read())
        .await?;
    row.map(to_state).transpose()
}

fn to_state(row: source_state::Model) -> Result<SourceState, DbError> {
    let organisation = row
        .organisation
        .parse()
        .map_err(|_| DbError::row("source_state", "an organisation's code", &row.organisation))?;
    Ok(SourceState {
        source: TokenId(row.source),
        organisation,
        first_at: instant(row.first_at),
        last_at: instant(row.last_at),
        events: row.events,
        bytes: row.bytes,
        refused: row.refused,
        unread: row.unread,
        lag_s: row.lag_s,
    })
}

pub(crate) async fn minutes(
    db: &Db,
    source: TokenId,
    since: Timestamp,
) -> Result<Vec<Minute>, DbError> {
    let rows = source_minute::Entity::find()
        .filter(source_minute::Column::Source.eq(source.0))
        .filter(source_minute::Column::Minute.gte(since.as_second().div_euclid(60)))
        .order_by_asc(source_minute::Column::Minute)
        .all(db.read())
        .await?;
    let to_minute = |row: source_minute::Model| Minute {
        at: instant(row.minute * 60_000_000),
        events: row.events,
        bytes: row.bytes,
        refused: row.refused,
        unread: row.unread,
    };
    Ok(rows.into_iter().map(to_minute).collect())
}

pub(crate) async fn failures(db: &Db, source: TokenId) -> Result<Vec<Failure>, DbError> {
    let rows = source_failure::Entity::find()
        .filter(source_failure::Column::Source.eq(source.0))
        .order_by_desc(source_failure::Column::Id)
        .limit(MOST_FAILURES as u64)
        .all(db.read())
        .await?;
    let to_failure = |row: source_failure::Model| Failure {
        at: instant(row.at),
        line: row.line,
        reason: row.reason,
        sample: row.sample,
    };
    Ok(rows.into_iter().map(to_failure).collect())
}

pub(crate) async fn forget(db: &Db, before: Timestamp) -> Result<u64, DbError> {
    let write = db.write().await?;
    let done = source_minute::Entity::delete_many()
        .filter(source_minute::Column::Minute.lt(before.as_second().div_euclid(60)))
        .exec(&write)
        .await?;
    write.commit().await?;
    Ok(done.rows_affected)
}
