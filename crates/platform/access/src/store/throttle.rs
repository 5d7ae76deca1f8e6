//! Counters of failed sign-ins, and the networks in which an account was used.

use db::{DbError, Write, instant, micros};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter,
    QuerySelect, sea_query::OnConflict,
};
use terms::Timestamp;

use crate::{
    session::after,
    throttle::{FORGOTTEN_AFTER_SECONDS, KNOWN_FOR_SECONDS, Subject},
};

mod sign_in_throttle {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "sign_in_throttle")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) subject: String,
        pub(super) failures: i64,
        pub(super) last_at: i64,
        pub(super) next_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use sign_in_throttle::{ActiveModel, Column as C, Entity, Model};

/// The counter as it stands at `now`; locked until the transaction ends.
async fn locked(write: &Write, subject: &Subject, now: Timestamp) -> Result<Model, DbError> {
    let fresh =
        Model { subject: subject.key.clone(), failures: 0, last_at: micros(now), next_at: 0 };
    Entity::insert(active(&fresh))
        .on_conflict(OnConflict::column(C::Subject).do_nothing().to_owned())
        .exec_without_returning(write)
        .await?;
    let row = Entity::find_by_id(&subject.key).lock_exclusive().one(write).await?;
    let row = row.unwrap_or(fresh);
    let is_forgotten = after(instant(row.last_at), FORGOTTEN_AFTER_SECONDS) <= now;
    Ok(if is_forgotten { Model { failures: 0, ..row } } else { row })
}

/// Counts one more try for each, unless one of them has to wait: then the seconds until it may.
pub(crate) async fn reserve(
    write: &Write,
    subjects: &[&Subject],
    now: Timestamp,
) -> Result<Option<u64>, DbError> {
    let mut rows = Vec::new();
    for subject in subjects {
        rows.push(locked(write, subject, now).await?);
    }
    let wait = rows.iter().map(|row| row.next_at - micros(now)).max().unwrap_or(0);
    if wait > 0 {
        return Ok(Some(wait.unsigned_abs().div_ceil(1_000_000)));
    }
    for (subject, row) in subjects.iter().zip(rows) {
        set(write, subject, row.failures + 1, now).await?;
    }
    Ok(None)
}

/// Takes a try back that was right.
pub(crate) async fn release(
    write: &Write,
    subjects: &[&Subject],
    now: Timestamp,
) -> Result<(), DbError> {
    for subject in subjects {
        let failures = match subject.is_cleared {
            true => 0,
            false => (locked(write, subject, now).await?.failures - 1).max(0),
        };
        set(write, subject, failures, now).await?;
    }
    Ok(())
}

async fn set(
    write: &Write,
    subject: &Subject,
    failures: i64,
    now: Timestamp,
) -> Result<(), DbError> {
    let wait = subject.rule.wait_seconds(u32::try_from(failures).unwrap_or(u32::MAX));
    let next_at = after(now, i64::try_from(wait).unwrap_or(i64::MAX));
    let row = Model {
        subject: subject.key.clone(),
        failures,
        last_at: micros(now),
        next_at: micros(next_at),
    };
    Entity::update_many().set(active(&row)).filter(C::Subject.eq(&subject.key)).exec(write).await?;
    Ok(())
}

/// Notes that something was used now.
pub(crate) async fn note(write: &Write, key: &str, now: Timestamp) -> Result<(), DbError> {
    let row = Model { subject: key.to_owned(), failures: 0, last_at: micros(now), next_at: 0 };
    Entity::insert(active(&row))
        .on_conflict(OnConflict::column(C::Subject).update_column(C::LastAt).to_owned())
        .exec_without_returning(write)
        .await?;
    Ok(())
}

/// Whether it was noted lately.
pub(crate) async fn is_noted(
    on: &impl ConnectionTrait,
    key: &str,
    now: Timestamp,
) -> Result<bool, DbError> {
    let row = Entity::find_by_id(key).one(on).await?;
    Ok(row.is_some_and(|row| after(instant(row.last_at), KNOWN_FOR_SECONDS) > now))
}

/// Deletes what counts no more.
pub(crate) async fn prune(write: &Write, now: Timestamp) -> Result<u64, DbError> {
    let old = |seconds: i64| C::LastAt.lte(micros(after(now, -seconds)));
    let done = Entity::delete_many()
        .filter(
            Condition::any()
                .add(Condition::all().add(C::NextAt.gt(0)).add(old(FORGOTTEN_AFTER_SECONDS)))
                .add(old(KNOWN_FOR_SECONDS)),
        )
        .exec(write)
        .await?;
    Ok(done.rows_affected)
}

fn active(row: &Model) -> ActiveModel {
    ActiveModel {
        subject: Set(row.subject.clone()),
        failures: Set(row.failures),
        last_at: Set(row.last_at),
        next_at: Set(row.next_at),
    }
}
