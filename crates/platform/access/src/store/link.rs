//! One-time links: for the first administrator, for people invited, for lost passwords.

use db::{DbError, Write, instant, micros};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter,
};
use terms::{PersonId, Timestamp};
use uuid::Uuid;

use crate::{first::LinkKind, secret::Digest, session::after, store::new_id};

mod one_time_link {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "one_time_link")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) id: Uuid,
        pub(super) kind: String,
        pub(super) digest: Vec<u8>,
        pub(super) person: Option<Uuid>,
        pub(super) made_by: Option<Uuid>,
        pub(super) made_at: i64,
        pub(super) expires_at: i64,
        pub(super) used_at: Option<i64>,
        pub(super) voided_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use one_time_link::{ActiveModel, Column as C, Entity};

/// A link that can still be used.
pub(crate) struct Link {
    pub(crate) id: Uuid,
    pub(crate) kind: LinkKind,
    pub(crate) person: Option<PersonId>,
    pub(crate) expires_at: Timestamp,
}

/// A link to be made.
pub(crate) struct NewLink {
    pub(crate) kind: LinkKind,
    pub(crate) digest: Digest,
    pub(crate) person: Option<PersonId>,
    pub(crate) made_by: Option<PersonId>,
    pub(crate) expires_at: Timestamp,
}

fn open(now: Timestamp) -> Condition {
    Condition::all()
        .add(C::UsedAt.is_null())
        .add(C::VoidedAt.is_null())
        .add(C::ExpiresAt.gt(micros(now)))
}

/// A new one; those of the same kind for the same person can no longer be used.
pub(crate) async fn insert(write: &Write, link: &NewLink, now: Timestamp) -> Result<(), DbError> {
    let same = match link.person {
        Some(person) => C::Person.eq(person.0),
        None => C::Person.is_null(),
    };
    void(write, Condition::all().add(same).add(C::Kind.eq(link.kind.as_str())), now).await?;
    let row = ActiveModel {
        id: Set(new_id(now)),
        kind: Set(link.kind.as_str().to_owned()),
        digest: Set(link.digest.to_vec()),
        person: Set(link.person.map(|person| person.0)),
        made_by: Set(link.made_by.map(|person| person.0)),
        made_at: Set(micros(now)),
        expires_at: Set(micros(link.expires_at)),
        used_at: Set(None),
        voided_at: Set(None),
    };
    Entity::insert(row).exec_without_returning(write).await?;
    Ok(())
}

/// None of the person's links can be used any longer.
pub(crate) async fn void_all(
    write: &Write,
    person: PersonId,
    now: Timestamp,
) -> Result<(), DbError> {
    void(write, C::Person.eq(person.0).into(), now).await
}

async fn void(write: &Write, which: Condition, now: Timestamp) -> Result<(), DbError> {
    let change = ActiveModel { voided_at: Set(Some(micros(now))), ..Default::default() };
    Entity::update_many().set(change).filter(open(now)).filter(which).exec(write).await?;
    Ok(())
}

/// The link of a secret, while it can be used.
pub(crate) async fn by_digest(
    on: &impl ConnectionTrait,
    digest: Digest,
    now: Timestamp,
) -> Result<Option<Link>, DbError> {
    let row =
        Entity::find().filter(C::Digest.eq(digest.to_vec())).filter(open(now)).one(on).await?;
    let Some(row) = row else { return Ok(None) };
    let kind = LinkKind::of_str(&row.kind)
        .ok_or_else(|| DbError::row("one_time_link", "a kind of link", &row.kind))?;
    let person = row.person.map(PersonId);
    Ok(Some(Link { id: row.id, kind, person, expires_at: instant(row.expires_at) }))
}

/// Uses it up; false when it was used or withdrawn meanwhile.
pub(crate) async fn take(write: &Write, id: Uuid, now: Timestamp) -> Result<bool, DbError> {
    let change = ActiveModel { used_at: Set(Some(micros(now))), ..Default::default() };
    let done = Entity::update_many()
        .set(change)
        .filter(open(now))
        .filter(C::Id.eq(id))
        .exec(write)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Deletes those that expired `seconds` ago.
pub(crate) async fn prune(write: &Write, seconds: i64, now: Timestamp) -> Result<u64, DbError> {
    let done = Entity::delete_many()
        .filter(C::ExpiresAt.lte(micros(after(now, -seconds))))
        .exec(write)
        .await?;
    Ok(done.rows_affected)
}
