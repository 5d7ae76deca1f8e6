//! What people sign in with: password hashes, sealed TOTP secrets, digests of recovery codes.

use db::{DbError, Write, micros};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder,
};
use terms::{PersonId, Timestamp};
use uuid::Uuid;

use crate::{secret::Digest, store::new_id, totp::Step};

mod sign_in_method {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "sign_in_method")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) id: Uuid,
        pub(super) person: Uuid,
        pub(super) kind: String,
        pub(super) subject: Option<String>,
        pub(super) secret: Vec<u8>,
        pub(super) step: Option<i64>,
        pub(super) added_at: i64,
        pub(super) confirmed_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod recovery_code {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "recovery_code")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) id: Uuid,
        pub(super) person: Uuid,
        pub(super) digest: Vec<u8>,
        pub(super) made_at: i64,
        pub(super) used_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use recovery_code::Column as R;
use sign_in_method::{ActiveModel, Column as C, Entity};

const PASSWORD: &str = "password";
const TOTP: &str = "totp";

/// A TOTP secret, sealed.
pub(crate) struct Totp {
    pub(crate) id: Uuid,
    pub(crate) sealed: Vec<u8>,
    pub(crate) last: Option<Step>,
}

fn of(person: PersonId, kind: &str) -> Condition {
    Condition::all().add(C::Person.eq(person.0)).add(C::Kind.eq(kind))
}

/// The stored form of the password.
pub(crate) async fn password(
    on: &impl ConnectionTrait,
    person: PersonId,
) -> Result<Option<String>, DbError> {
    let row = Entity::find().filter(of(person, PASSWORD)).one(on).await?;
    let text = |bytes| {
        String::from_utf8(bytes)
            .map_err(|_| DbError::row("sign_in_method", "a hash", "other bytes"))
    };
    row.map(|row| text(row.secret)).transpose()
}

/// Another password instead of the one before, if there was one.
pub(crate) async fn set_password(
    write: &Write,
    person: PersonId,
    hash: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    Entity::delete_many().filter(of(person, PASSWORD)).exec(write).await?;
    insert(write, person, PASSWORD, hash.as_bytes().to_vec(), Some(now), now).await
}

/// The TOTP secret that counts.
pub(crate) async fn totp(
    on: &impl ConnectionTrait,
    person: PersonId,
) -> Result<Option<Totp>, DbError> {
    find_totp(on, of(person, TOTP).add(C::ConfirmedAt.is_not_null())).await
}

/// The TOTP secret that was shown, but of which no code was given yet.
pub(crate) async fn pending_totp(
    on: &impl ConnectionTrait,
    person: PersonId,
) -> Result<Option<Totp>, DbError> {
    find_totp(on, of(person, TOTP).add(C::ConfirmedAt.is_null())).await
}

async fn find_totp(
    on: &impl ConnectionTrait,
    condition: Condition,
) -> Result<Option<Totp>, DbError> {
    let row = Entity::find().filter(condition).order_by_desc(C::Id).one(on).await?;
    Ok(row.map(|row| Totp { id: row.id, sealed: row.secret, last: row.step }))
}

/// Another secret to be confirmed, instead of one that was not.
pub(crate) async fn set_pending_totp(
    write: &Write,
    person: PersonId,
    sealed: Vec<u8>,
    now: Timestamp,
) -> Result<(), DbError> {
    let pending = of(person, TOTP).add(C::ConfirmedAt.is_null());
    Entity::delete_many().filter(pending).exec(write).await?;
    insert(write, person, TOTP, sealed, None, now).await
}

/// The secret counts from now on and every other no more; false when it is gone or counted before.
pub(crate) async fn confirm_totp(
    write: &Write,
    person: PersonId,
    id: Uuid,
    step: Step,
    now: Timestamp,
) -> Result<bool, DbError> {
    let change = ActiveModel {
        confirmed_at: Set(Some(micros(now))),
        step: Set(Some(step)),
        ..Default::default()
    };
    let done = Entity::update_many()
        .set(change)
        .filter(C::Id.eq(id))
        .filter(C::ConfirmedAt.is_null())
        .exec(write)
        .await?;
    let others = of(person, TOTP).add(C::Id.ne(id));
    Entity::delete_many().filter(others).exec(write).await?;
    Ok(done.rows_affected == 1)
}

/// Uses a step up; false when it, or a later one, was used before.
pub(crate) async fn use_step(write: &Write, id: Uuid, step: Step) -> Result<bool, DbError> {
    let change = ActiveModel { step: Set(Some(step)), ..Default::default() };
    let done = Entity::update_many()
        .set(change)
        .filter(C::Id.eq(id))
        .filter(Condition::any().add(C::Step.is_null()).add(C::Step.lt(step)))
        .exec(write)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Takes away TOTP and recovery codes.
pub(crate) async fn remove_second_factor(write: &Write, person: PersonId) -> Result<(), DbError> {
    Entity::delete_many().filter(of(person, TOTP)).exec(write).await?;
    recovery_code::Entity::delete_many().filter(R::Person.eq(person.0)).exec(write).await?;
    Ok(())
}

async fn insert(
    write: &Write,
    person: PersonId,
    kind: &str,
    secret: Vec<u8>,
    confirmed_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<(), DbError> {
    let row = ActiveModel {
        id: Set(new_id(now)),
        person: Set(person.0),
        kind: Set(kind.to_owned()),
        subject: Set(None),
        secret: Set(secret),
        step: Set(None),
        added_at: Set(micros(now)),
        confirmed_at: Set(confirmed_at.map(micros)),
    };
    Entity::insert(row).exec_without_returning(write).await?;
    Ok(())
}

/// Other recovery codes instead of all before.
pub(crate) async fn set_recovery_codes(
    write: &Write,
    person: PersonId,
    digests: impl IntoIterator<Item = Digest>,
    now: Timestamp,
) -> Result<(), DbError> {
    recovery_code::Entity::delete_many().filter(R::Person.eq(person.0)).exec(write).await?;
    let rows = digests.into_iter().map(|digest| recovery_code::ActiveModel {
        id: Set(new_id(now)),
        person: Set(person.0),
        digest: Set(digest.to_vec()),
        made_at: Set(micros(now)),
        used_at: Set(None),
    });
    recovery_code::Entity::insert_many(rows).exec_without_returning(write).await?;
    Ok(())
}

fn unused(person: PersonId) -> Condition {
    Condition::all().add(R::Person.eq(person.0)).add(R::UsedAt.is_null())
}

/// Uses a code up; false when there is none such, or it was used.
pub(crate) async fn use_recovery_code(
    write: &Write,
    person: PersonId,
    digest: Digest,
    now: Timestamp,
) -> Result<bool, DbError> {
    let change =
        recovery_code::ActiveModel { used_at: Set(Some(micros(now))), ..Default::default() };
    let done = recovery_code::Entity::update_many()
        .set(change)
        .filter(unused(person))
        .filter(R::Digest.eq(digest.to_vec()))
        .exec(write)
        .await?;
    Ok(done.rows_affected == 1)
}

/// How many codes are left.
pub(crate) async fn recovery_codes_left(
    on: &impl ConnectionTrait,
    person: PersonId,
) -> Result<u64, DbError> {
    Ok(recovery_code::Entity::find().filter(unused(person)).count(on).await?)
}
