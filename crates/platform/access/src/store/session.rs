//! Sessions.

use std::net::IpAddr;

use db::{DbError, Write, instant, micros};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect,
};
use terms::{PersonId, SessionId, Timestamp};

use crate::{
    model::Origin,
    secret::Digest,
    session::{Method, NewSession, SessionEntry, Stage, after},
};

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "session")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) id: Uuid,
        pub(super) digest: Vec<u8>,
        pub(super) person: Uuid,
        pub(super) stage: String,
        pub(super) method: String,
        pub(super) address: String,
        pub(super) agent: String,
        pub(super) started_at: i64,
        pub(super) seen_at: i64,
        pub(super) expires_at: i64,
        pub(super) ended_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use row::{ActiveModel, Column as C, Entity, Model};

/// A session and whose it is.
pub(crate) struct Found {
    pub(crate) person: PersonId,
    pub(crate) entry: SessionEntry,
}

const LONGEST_AGENT: usize = 200;

/// A new one.
pub(crate) async fn insert(
    write: &Write,
    session: &NewSession,
    person: PersonId,
    method: Method,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), DbError> {
    let agent = origin.agent.chars().filter(|c| !c.is_control()).take(LONGEST_AGENT).collect();
    let address: IpAddr = origin.address.to_canonical();
    let row = ActiveModel {
        id: Set(session.id.0),
        digest: Set(session.cookie.digest().to_vec()),
        person: Set(person.0),
        stage: Set(session.stage.as_str().to_owned()),
        method: Set(method.as_str().to_owned()),
        address: Set(address.to_string()),
        agent: Set(agent),
        started_at: Set(micros(now)),
        seen_at: Set(micros(now)),
        expires_at: Set(micros(session.expires_at)),
        ended_at: Set(None),
    };
    Entity::insert(row).exec_without_returning(write).await?;
    Ok(())
}

fn alive(now: Timestamp) -> Condition {
    Condition::all().add(C::EndedAt.is_null()).add(C::ExpiresAt.gt(micros(now)))
}

/// The session of a cookie that has neither ended nor expired.
pub(crate) async fn by_digest(
    on: &impl ConnectionTrait,
    digest: Digest,
    now: Timestamp,
) -> Result<Option<Found>, DbError> {
    let row =
        Entity::find().filter(C::Digest.eq(digest.to_vec())).filter(alive(now)).one(on).await?;
    row.map(read).transpose()
}

/// Notes that it asked for something.
pub(crate) async fn touch(write: &Write, id: SessionId, now: Timestamp) -> Result<(), DbError> {
    let change = ActiveModel { seen_at: Set(micros(now)), ..Default::default() };
    Entity::update_many()
        .set(change)
        .filter(C::Id.eq(id.0))
        .filter(C::SeenAt.lt(micros(now)))
        .exec(write)
        .await?;
    Ok(())
}

/// Most sessions in the list of one person.
const MOST: u64 = 200;

/// A person's sessions that have not ended, newest first.
pub(crate) async fn of_person(
    on: &impl ConnectionTrait,
    person: PersonId,
    now: Timestamp,
) -> Result<Vec<SessionEntry>, DbError> {
    let rows = Entity::find()
        .filter(C::Person.eq(person.0))
        .filter(alive(now))
        .order_by_desc(C::StartedAt)
        .limit(MOST)
        .all(on)
        .await?;
    rows.into_iter().map(|row| read(row).map(|found| found.entry)).collect()
}

/// Ends one of the person's; false when there is none such that had not ended.
pub(crate) async fn end(
    write: &Write,
    person: PersonId,
    id: SessionId,
    now: Timestamp,
) -> Result<bool, DbError> {
    Ok(end_where(write, person, C::Id.eq(id.0).into(), now).await? == 1)
}

/// Ends all of the person's, but for one if it is told; how many.
pub(crate) async fn end_all(
    write: &Write,
    person: PersonId,
    except: Option<SessionId>,
    now: Timestamp,
) -> Result<u64, DbError> {
    let but = Condition::all().add_option(except.map(|id| C::Id.ne(id.0)));
    end_where(write, person, but, now).await
}

async fn end_where(
    write: &Write,
    person: PersonId,
    which: Condition,
    now: Timestamp,
) -> Result<u64, DbError> {
    let change = ActiveModel { ended_at: Set(Some(micros(now))), ..Default::default() };
    let done = Entity::update_many()
        .set(change)
        .filter(C::Person.eq(person.0))
        .filter(C::EndedAt.is_null())
        .filter(which)
        .exec(write)
        .await?;
    Ok(done.rows_affected)
}

/// Deletes those that expired `seconds` ago.
pub(crate) async fn prune(write: &Write, seconds: i64, now: Timestamp) -> Result<u64, DbError> {
    let done = Entity::delete_many()
        .filter(C::ExpiresAt.lte(micros(after(now, -seconds))))
        .exec(write)
        .await?;
    Ok(done.rows_affected)
}

fn read(row: Model) -> Result<Found, DbError> {
    let stage =
        Stage::of_str(&row.stage).ok_or_else(|| DbError::row("session", "a stage", &row.stage))?;
    let method = Method::of_str(&row.method)
        .ok_or_else(|| DbError::row("session", "a way to sign in", &row.method))?;
    let entry = SessionEntry {
        id: SessionId(row.id),
        stage,
        method,
        address: row.address,
        agent: row.agent,
        started_at: instant(row.started_at),
        seen_at: instant(row.seen_at),
        expires_at: instant(row.expires_at),
    };
    Ok(Found { person: PersonId(row.person), entry })
}
