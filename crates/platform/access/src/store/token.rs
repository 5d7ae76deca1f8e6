//! Tokens of programs.

use db::{DbError, Write, instant, micros, optional_instant};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect,
};
use terms::{PersonId, Scope, Timestamp, TokenId};

use crate::{
    role::Permission,
    secret::Digest,
    session::after,
    token::TokenKind,
    tokens::{TokenEntry, TokenUse},
};

mod access_token {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "access_token")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) id: Uuid,
        pub(super) kind: String,
        pub(super) digest: Vec<u8>,
        pub(super) name: String,
        pub(super) organisation: Option<String>,
        pub(super) person: Option<Uuid>,
        pub(super) part: Option<String>,
        pub(super) permissions: Option<String>,
        pub(super) made_by: Option<Uuid>,
        pub(super) made_at: i64,
        pub(super) expires_at: i64,
        pub(super) last_used_at: Option<i64>,
        pub(super) revoked_by: Option<Uuid>,
        pub(super) revoked_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use access_token::{ActiveModel, Column as C, Entity, Model};

/// A new one.
pub(crate) async fn insert(
    write: &Write,
    token: &TokenEntry,
    digest: Digest,
) -> Result<(), DbError> {
    let mut row = ActiveModel {
        id: Set(token.id.0),
        kind: Set(token.what.kind().as_str().to_owned()),
        digest: Set(digest.to_vec()),
        name: Set(token.name.clone()),
        organisation: Set(None),
        person: Set(None),
        part: Set(None),
        permissions: Set(None),
        made_by: Set(token.made_by.map(|person| person.0)),
        made_at: Set(micros(token.made_at)),
        expires_at: Set(micros(token.expires_at)),
        last_used_at: Set(None),
        revoked_by: Set(None),
        revoked_at: Set(None),
    };
    match &token.what {
        TokenUse::Ingest { organisation } => row.organisation = Set(Some(organisation.to_string())),
        TokenUse::Api { person, part, permissions } => {
            let words: Vec<&str> = permissions.iter().map(|one| one.as_str()).collect();
            row.person = Set(Some(person.0));
            row.part = Set(Some(part.to_string()));
            row.permissions = Set(Some(words.join(" ")));
        }
    }
    Entity::insert(row).exec_without_returning(write).await?;
    Ok(())
}

/// The one with this digest that was not revoked.
pub(crate) async fn by_digest(
    on: &impl ConnectionTrait,
    digest: Digest,
) -> Result<Option<TokenEntry>, DbError> {
    let row = Entity::find()
        .filter(C::Digest.eq(digest.to_vec()))
        .filter(C::RevokedAt.is_null())
        .one(on)
        .await?;
    row.map(read).transpose()
}

/// By id, revoked or not.
pub(crate) async fn by_id(
    on: &impl ConnectionTrait,
    id: TokenId,
) -> Result<Option<TokenEntry>, DbError> {
    Entity::find_by_id(id.0).one(on).await?.map(read).transpose()
}

/// The names of these; the ids are few, those of one page.
pub(crate) async fn named(
    on: &impl ConnectionTrait,
    ids: &[TokenId],
) -> Result<Vec<(TokenId, String)>, DbError> {
    let rows = Entity::find().filter(C::Id.is_in(ids.iter().map(|id| id.0))).all(on).await?;
    Ok(rows.into_iter().map(|row| (TokenId(row.id), row.name)).collect())
}

/// Ingest tokens of organisations within `scope`, after one, by id.
pub(crate) async fn of_scope(
    on: &impl ConnectionTrait,
    scope: &Scope,
    after: Option<TokenId>,
    limit: u64,
) -> Result<Vec<TokenEntry>, DbError> {
    let which =
        Condition::all().add(C::Organisation.is_not_null()).add(db::within(C::Organisation, scope));
    find(on, which, after, limit).await
}

/// API tokens of a person, after one, by id.
pub(crate) async fn of_person(
    on: &impl ConnectionTrait,
    person: PersonId,
    after: Option<TokenId>,
    limit: u64,
) -> Result<Vec<TokenEntry>, DbError> {
    find(on, C::Person.eq(person.0).into(), after, limit).await
}

async fn find(
    on: &impl ConnectionTrait,
    which: Condition,
    after: Option<TokenId>,
    limit: u64,
) -> Result<Vec<TokenEntry>, DbError> {
    let rows = Entity::find()
        .filter(which)
        .filter(Condition::all().add_option(after.map(|id| C::Id.lt(id.0))))
        .order_by_desc(C::Id)
        .limit(limit)
        .all(on)
        .await?;
    rows.into_iter().map(read).collect()
}

/// Revokes one; false when it was revoked before.
pub(crate) async fn revoke(
    write: &Write,
    id: TokenId,
    by: PersonId,
    now: Timestamp,
) -> Result<bool, DbError> {
    let change = ActiveModel {
        revoked_by: Set(Some(by.0)),
        revoked_at: Set(Some(micros(now))),
        ..Default::default()
    };
    let done = Entity::update_many()
        .set(change)
        .filter(C::Id.eq(id.0))
        .filter(C::RevokedAt.is_null())
        .exec(write)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Notes that it was used, unless that was noted within the last `seconds`.
pub(crate) async fn touch(
    write: &Write,
    id: TokenId,
    seconds: i64,
    now: Timestamp,
) -> Result<(), DbError> {
    let change = ActiveModel { last_used_at: Set(Some(micros(now))), ..Default::default() };
    let long_ago = C::LastUsedAt.lte(micros(after(now, -seconds)));
    Entity::update_many()
        .set(change)
        .filter(C::Id.eq(id.0))
        .filter(Condition::any().add(C::LastUsedAt.is_null()).add(long_ago))
        .exec(write)
        .await?;
    Ok(())
}

fn read(row: Model) -> Result<TokenEntry, DbError> {
    let what = read_use(&row).ok_or_else(|| DbError::row("access_token", "a use", &row.kind))?;
    Ok(TokenEntry {
        id: TokenId(row.id),
        what,
        name: row.name,
        made_by: row.made_by.map(PersonId),
        made_at: instant(row.made_at),
        expires_at: instant(row.expires_at),
        last_used_at: optional_instant(row.last_used_at),
        revoked_at: optional_instant(row.revoked_at),
    })
}

fn read_use(row: &Model) -> Option<TokenUse> {
    match TokenKind::of_str(&row.kind)? {
        TokenKind::Ingest => {
            let organisation = row.organisation.as_ref()?.parse().ok()?;
            Some(TokenUse::Ingest { organisation })
        }
        TokenKind::Api => {
            let words = row.permissions.as_ref()?.split_whitespace();
            // A permission of a later Ward, after a step back, is left out, never guessed.
            let permissions: Vec<Permission> = words.filter_map(|word| word.parse().ok()).collect();
            let part = row.part.as_ref()?.parse().ok()?;
            Some(TokenUse::Api { person: PersonId(row.person?), part, permissions })
        }
    }
}
