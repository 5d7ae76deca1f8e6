//! People.

use db::{DbError, Write, instant, micros, optional_instant};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
    sea_query::{Expr, Func, LikeExpr, SelectStatement},
};
use terms::{PersonId, Scope, Timestamp};

use crate::{
    colleagues::Colleague,
    model::{Email, Person, PersonState},
    people::{PeopleFilter, PersonCursor},
    store::{escaped, grant},
};

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "person")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) id: Uuid,
        pub(super) login: String,
        pub(super) email: String,
        pub(super) name: String,
        pub(super) state: String,
        pub(super) time_zone: String,
        pub(super) created_at: i64,
        pub(super) last_sign_in_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use row::{ActiveModel, Column as C, Entity, Model};

/// Whether anybody has an account that was ever used or may be.
pub(crate) async fn is_anybody(on: &impl ConnectionTrait) -> Result<bool, DbError> {
    Ok(Entity::find().limit(1).count(on).await? > 0)
}

/// By the folded address.
pub(crate) async fn by_login(
    on: &impl ConnectionTrait,
    login: &str,
) -> Result<Option<Person>, DbError> {
    let row = Entity::find().filter(C::Login.eq(login)).one(on).await?;
    row.map(read).transpose()
}

/// By id.
pub(crate) async fn by_id(
    on: &impl ConnectionTrait,
    id: PersonId,
) -> Result<Option<Person>, DbError> {
    let row = Entity::find_by_id(id.0).one(on).await?;
    row.map(read).transpose()
}

/// A new one.
pub(crate) async fn insert(write: &Write, person: &Person) -> Result<(), DbError> {
    let row = ActiveModel {
        id: Set(person.id.0),
        login: Set(person.email.login().to_owned()),
        email: Set(person.email.as_str().to_owned()),
        name: Set(person.name.clone()),
        state: Set(person.state.as_str().to_owned()),
        time_zone: Set(person.time_zone.clone()),
        created_at: Set(micros(person.created_at)),
        last_sign_in_at: Set(person.last_sign_in_at.map(micros)),
    };
    Entity::insert(row).exec_without_returning(write).await?;
    Ok(())
}

async fn set(write: &Write, id: PersonId, change: ActiveModel) -> Result<(), DbError> {
    Entity::update_many().set(change).filter(C::Id.eq(id.0)).exec(write).await?;
    Ok(())
}

/// Another state.
pub(crate) async fn set_state(
    write: &Write,
    id: PersonId,
    state: PersonState,
) -> Result<(), DbError> {
    let state = Set(state.as_str().to_owned());
    set(write, id, ActiveModel { state, ..Default::default() }).await
}

/// Another name and time zone.
pub(crate) async fn set_profile(
    write: &Write,
    id: PersonId,
    name: &str,
    time_zone: &str,
) -> Result<(), DbError> {
    let (name, time_zone) = (Set(name.to_owned()), Set(time_zone.to_owned()));
    set(write, id, ActiveModel { name, time_zone, ..Default::default() }).await
}

/// Signed in fully.
pub(crate) async fn set_signed_in(
    write: &Write,
    id: PersonId,
    now: Timestamp,
) -> Result<(), DbError> {
    let last_sign_in_at = Set(Some(micros(now)));
    set(write, id, ActiveModel { last_sign_in_at, ..Default::default() }).await
}

/// People with a grant inside `scope` (for the whole sector: all), by name.
pub(crate) async fn list(
    on: &impl ConnectionTrait,
    scope: &Scope,
    filter: &PeopleFilter,
    after: Option<&PersonCursor>,
    limit: u64,
) -> Result<Vec<Person>, DbError> {
    let rows = Entity::find()
        .filter(visible(scope))
        .filter(condition(scope, filter))
        .filter(Condition::all().add_option(after.map(later)))
        .order_by_asc(C::Name)
        .order_by_asc(C::Id)
        .limit(limit)
        .all(on)
        .await?;
    rows.into_iter().map(read).collect()
}

/// People before one, in the order of the way back.
pub(crate) async fn list_back(
    on: &impl ConnectionTrait,
    scope: &Scope,
    filter: &PeopleFilter,
    before: &PersonCursor,
    limit: u64,
) -> Result<Vec<Person>, DbError> {
    let rows = Entity::find()
        .filter(visible(scope))
        .filter(condition(scope, filter))
        .filter(earlier(before))
        .order_by_desc(C::Name)
        .order_by_desc(C::Id)
        .limit(limit)
        .all(on)
        .await?;
    rows.into_iter().map(read).collect()
}

/// How many there are.
pub(crate) async fn count(
    on: &impl ConnectionTrait,
    scope: &Scope,
    filter: &PeopleFilter,
) -> Result<u64, DbError> {
    Ok(Entity::find().filter(visible(scope)).filter(condition(scope, filter)).count(on).await?)
}

/// One of them.
pub(crate) async fn one_visible(
    on: &impl ConnectionTrait,
    scope: &Scope,
    id: PersonId,
) -> Result<Option<Person>, DbError> {
    let row = Entity::find_by_id(id.0).filter(visible(scope)).one(on).await?;
    row.map(read).transpose()
}

/// Ids asked for at once.
const NAMED_AT_ONCE: usize = 500;

/// The names of these.
pub(crate) async fn named(
    on: &impl ConnectionTrait,
    ids: &[PersonId],
) -> Result<Vec<Colleague>, DbError> {
    let mut named = Vec::with_capacity(ids.len());
    for ids in ids.chunks(NAMED_AT_ONCE) {
        let found = Entity::find().filter(C::Id.is_in(ids.iter().map(|id| id.0)));
        named.extend(found.all(on).await?.into_iter().map(colleague));
    }
    Ok(named)
}

/// Active ones among those whose ids a query gives, by name.
pub(crate) async fn active_among(
    on: &impl ConnectionTrait,
    ids: SelectStatement,
) -> Result<Vec<Colleague>, DbError> {
    let rows = Entity::find()
        .filter(C::Id.in_subquery(ids))
        .filter(C::State.eq(PersonState::Active.as_str()))
        .order_by_asc(C::Name)
        .order_by_asc(C::Id)
        .all(on)
        .await?;
    Ok(rows.into_iter().map(colleague).collect())
}

fn colleague(row: Model) -> Colleague {
    Colleague { id: PersonId(row.id), name: row.name }
}

fn visible(scope: &Scope) -> Condition {
    match scope.is_sector() {
        true => Condition::all(),
        false => Condition::all().add(C::Id.in_subquery(grant::people_inside(scope))),
    }
}

fn later(cursor: &PersonCursor) -> Condition {
    let name = cursor.name.as_str();
    Condition::any()
        .add(C::Name.gt(name))
        .add(Condition::all().add(C::Name.eq(name)).add(C::Id.gt(cursor.id.0)))
}

fn earlier(cursor: &PersonCursor) -> Condition {
    let name = cursor.name.as_str();
    Condition::any()
        .add(C::Name.lt(name))
        .add(Condition::all().add(C::Name.eq(name)).add(C::Id.lt(cursor.id.0)))
}

fn condition(scope: &Scope, filter: &PeopleFilter) -> Condition {
    let search = filter.search.as_ref().map(|text| text.trim().to_lowercase());
    let contains = |text: String| {
        let like = || LikeExpr::new(format!("%{}%", escaped(&text))).escape('\\');
        Condition::any()
            .add(Expr::expr(Func::lower(Expr::col(C::Name))).like(like()))
            .add(C::Login.like(like()))
    };
    let holding = filter.holding.as_ref().map(|asked| grant::people_holding(scope, asked));
    Condition::all()
        .add_option(filter.state.map(|state| C::State.eq(state.as_str())))
        .add_option(search.filter(|text| !text.is_empty()).map(contains))
        .add_option(holding.map(|ids| C::Id.in_subquery(ids)))
}

fn read(row: Model) -> Result<Person, DbError> {
    let email: Email =
        row.email.parse().map_err(|_| DbError::row("person", "an email address", "other text"))?;
    let state = PersonState::of_str(&row.state)
        .ok_or_else(|| DbError::row("person", "a state", &row.state))?;
    Ok(Person {
        id: PersonId(row.id),
        email,
        name: row.name,
        state,
        time_zone: row.time_zone,
        created_at: instant(row.created_at),
        last_sign_in_at: optional_instant(row.last_sign_in_at),
    })
}
