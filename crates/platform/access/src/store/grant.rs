//! Grants of roles, and which of them lie inside a scope.

use db::{DbError, Write, instant, micros, optional_instant};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, Select,
    sea_query::{Expr, Query, SelectStatement},
};
use terms::{GrantId, GroupId, OdsCode, Part, PersonId, Scope, Timestamp};

use crate::{
    model::{Grant, PersonState},
    people::Holding,
    role::Role,
    store::map::{GroupMember, Organisation},
};

mod role_grant {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "role_grant")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) id: Uuid,
        pub(super) person: Uuid,
        pub(super) role: String,
        pub(super) part_kind: String,
        pub(super) part_code: Option<String>,
        pub(super) part_group: Option<Uuid>,
        pub(super) valid_from: i64,
        pub(super) valid_until: Option<i64>,
        pub(super) given_by: Option<Uuid>,
        pub(super) given_at: i64,
        pub(super) revoked_by: Option<Uuid>,
        pub(super) revoked_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

#[derive(sea_orm::DeriveIden)]
enum Person {
    Table,
    Id,
    State,
}

use role_grant::{ActiveModel, Column as C, Entity, Model};

const ICB: &str = "icb";
const GROUP: &str = "group";
const ORGANISATION: &str = "organisation";

/// Those of a person that were not revoked and have not ended, oldest first.
pub(crate) async fn of_person(
    on: &impl ConnectionTrait,
    person: PersonId,
    now: Timestamp,
) -> Result<Vec<Grant>, DbError> {
    let rows = Entity::find()
        .filter(C::Person.eq(person.0))
        .filter(C::RevokedAt.is_null())
        .filter(lasting(now))
        .order_by_asc(C::Id)
        .all(on)
        .await?;
    rows.into_iter().map(read).collect()
}

/// One that was not revoked.
pub(crate) async fn by_id(
    on: &impl ConnectionTrait,
    id: GrantId,
) -> Result<Option<Grant>, DbError> {
    let row = Entity::find_by_id(id.0).filter(C::RevokedAt.is_null()).one(on).await?;
    row.map(read).transpose()
}

/// A new one.
pub(crate) async fn insert(write: &Write, grant: &Grant, now: Timestamp) -> Result<(), DbError> {
    let (kind, code, group) = stored(&grant.part);
    let row = ActiveModel {
        id: Set(grant.id.0),
        person: Set(grant.person.0),
        role: Set(grant.role.as_str().to_owned()),
        part_kind: Set(kind.to_owned()),
        part_code: Set(code.map(ToString::to_string)),
        part_group: Set(group.map(|group| group.0)),
        valid_from: Set(micros(grant.from)),
        valid_until: Set(grant.until.map(micros)),
        given_by: Set(grant.given_by.map(|person| person.0)),
        given_at: Set(micros(now)),
        revoked_by: Set(None),
        revoked_at: Set(None),
    };
    Entity::insert(row).exec_without_returning(write).await?;
    Ok(())
}

/// Revokes one; false when it was revoked before.
pub(crate) async fn revoke(
    write: &Write,
    id: GrantId,
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

/// How many grants make an active person administrator of the sector without end, leaving out
/// those for which `but` holds.
async fn administrators(
    on: &impl ConnectionTrait,
    but: Condition,
    now: Timestamp,
) -> Result<u64, DbError> {
    let active = Query::select()
        .column(Person::Id)
        .from(Person::Table)
        .and_where(Expr::col(Person::State).eq(PersonState::Active.as_str()))
        .take();
    let count = Entity::find()
        .filter(C::Role.eq(Role::Administrator.as_str()))
        .filter(C::PartKind.eq(stored(&Part::Sector).0))
        .filter(C::RevokedAt.is_null())
        .filter(C::ValidUntil.is_null())
        .filter(C::ValidFrom.lte(micros(now)))
        .filter(C::Person.in_subquery(active))
        .filter(but)
        .count(on)
        .await?;
    Ok(count)
}

/// Whether the sector has a lasting administrator without this grant.
pub(crate) async fn is_administered_without_grant(
    on: &impl ConnectionTrait,
    grant: GrantId,
    now: Timestamp,
) -> Result<bool, DbError> {
    Ok(administrators(on, C::Id.ne(grant.0).into(), now).await? > 0)
}

/// Whether the sector has a lasting administrator without this person.
pub(crate) async fn is_administered_without_person(
    on: &impl ConnectionTrait,
    person: PersonId,
    now: Timestamp,
) -> Result<bool, DbError> {
    Ok(administrators(on, C::Person.ne(person.0).into(), now).await? > 0)
}

/// Those of several people that were not revoked and have not ended, oldest first.
pub(crate) async fn of_people(
    on: &impl ConnectionTrait,
    people: &[PersonId],
    now: Timestamp,
) -> Result<Vec<Grant>, DbError> {
    let rows = Entity::find()
        .filter(C::Person.is_in(people.iter().map(|person| person.0)))
        .filter(C::RevokedAt.is_null())
        .filter(lasting(now))
        .order_by_asc(C::Id)
        .all(on)
        .await?;
    rows.into_iter().map(read).collect()
}

/// Whether it has not ended.
fn lasting(now: Timestamp) -> Condition {
    Condition::any().add(C::ValidUntil.is_null()).add(C::ValidUntil.gt(micros(now)))
}

/// Ids of people with a grant, not revoked, that lies inside `scope`.
pub(crate) fn people_inside(scope: &Scope) -> SelectStatement {
    granted(scope).into_query()
}

/// Ids of those of them of whose grants one is as asked for.
pub(crate) fn people_holding(scope: &Scope, holding: &Holding) -> SelectStatement {
    granted(scope)
        .filter(lasting(holding.at))
        .filter(
            Condition::all()
                .add_option(holding.role.map(|role| C::Role.eq(role.as_str())))
                .add_option(holding.part.as_ref().map(inside)),
        )
        .into_query()
}

fn granted(scope: &Scope) -> Select<Entity> {
    let mut any = Condition::any().add(Expr::val(1).eq(0));
    for part in scope.parts() {
        any = any.add(inside(part));
    }
    Entity::find().select_only().column(C::Person).filter(C::RevokedAt.is_null()).filter(any)
}

/// Ids of people who hold one of the roles now, for one of the parts as it stands.
pub(crate) fn holders(roles: &[Role], parts: &[Part], now: Timestamp) -> SelectStatement {
    let one_of = parts.iter().fold(Condition::any(), |any, part| any.add(same(part)));
    Entity::find()
        .select_only()
        .column(C::Person)
        .filter(C::RevokedAt.is_null())
        .filter(C::ValidFrom.lte(micros(now)))
        .filter(lasting(now))
        .filter(C::Role.is_in(roles.iter().map(|role| role.as_str())))
        .filter(one_of)
        .into_query()
}

/// Whether a grant's part lies in `part`: as [`crate::store::map::around`] tells, in SQL.
fn inside(part: &Part) -> Condition {
    match part {
        Part::Sector => Condition::all(),
        Part::Region(region) => {
            let of_icb =
                || Query::select().column(Organisation::Icb).from(Organisation::Table).take();
            let is_here = || Expr::col(Organisation::Region).eq(region.as_str());
            let is_elsewhere = Condition::any()
                .add(is_here().not())
                .add(Expr::col(Organisation::Region).is_null());
            let elsewhere = of_icb()
                .cond_where(is_elsewhere)
                .and_where(Expr::col(Organisation::Icb).is_not_null())
                .take();
            let icb = Condition::all()
                .add(C::PartKind.eq(ICB))
                .add(C::PartCode.in_subquery(of_icb().and_where(is_here()).take()))
                .add(C::PartCode.not_in_subquery(elsewhere));
            let organisations = organisations(Organisation::Region, region);
            same(part).add(icb).add(groups_inside(&organisations)).add(one_of(organisations))
        }
        Part::Icb(icb) => {
            let organisations = organisations(Organisation::Icb, icb);
            same(part).add(groups_inside(&organisations)).add(one_of(organisations))
        }
        Part::Group(group) => {
            let members = Query::select()
                .column(GroupMember::Organisation)
                .from(GroupMember::Table)
                .and_where(Expr::col(GroupMember::GroupId).eq(group.0))
                .take();
            same(part).add(one_of(members))
        }
        Part::Organisation(_) => same(part),
    }
}

/// The part itself, to be widened.
fn same(part: &Part) -> Condition {
    let (kind, code, group) = stored(part);
    let this = Condition::all()
        .add(C::PartKind.eq(kind))
        .add_option(code.map(|code| C::PartCode.eq(code.as_str())))
        .add_option(group.map(|group| C::PartGroup.eq(group.0)));
    Condition::any().add(this)
}

fn one_of(organisations: SelectStatement) -> Condition {
    Condition::all().add(C::PartKind.eq(ORGANISATION)).add(C::PartCode.in_subquery(organisations))
}

/// Groups with members, none of them elsewhere.
fn groups_inside(organisations: &SelectStatement) -> Condition {
    let groups = || Query::select().column(GroupMember::GroupId).from(GroupMember::Table).take();
    let elsewhere = groups()
        .and_where(Expr::col(GroupMember::Organisation).not_in_subquery(organisations.clone()))
        .take();
    Condition::all()
        .add(C::PartKind.eq(GROUP))
        .add(C::PartGroup.in_subquery(groups()))
        .add(C::PartGroup.not_in_subquery(elsewhere))
}

fn organisations(column: Organisation, code: &OdsCode) -> SelectStatement {
    Query::select()
        .column(Organisation::Code)
        .from(Organisation::Table)
        .and_where(Expr::col(column).eq(code.as_str()))
        .take()
}

fn stored(part: &Part) -> (&'static str, Option<&OdsCode>, Option<GroupId>) {
    match part {
        Part::Sector => ("sector", None, None),
        Part::Region(code) => ("region", Some(code), None),
        Part::Icb(code) => (ICB, Some(code), None),
        Part::Group(id) => (GROUP, None, Some(*id)),
        Part::Organisation(code) => (ORGANISATION, Some(code), None),
    }
}

fn read_part(row: &Model) -> Option<Part> {
    let code = || row.part_code.as_ref()?.parse().ok();
    match row.part_kind.as_str() {
        "sector" => Some(Part::Sector),
        "region" => code().map(Part::Region),
        ICB => code().map(Part::Icb),
        GROUP => row.part_group.map(|id| Part::Group(GroupId(id))),
        ORGANISATION => code().map(Part::Organisation),
        _ => None,
    }
}

fn read(row: Model) -> Result<Grant, DbError> {
    let part = read_part(&row)
        .ok_or_else(|| DbError::row("role_grant", "a part of the sector", &row.part_kind))?;
    let role = row.role.parse().map_err(|_| DbError::row("role_grant", "a role", &row.role))?;
    Ok(Grant {
        id: GrantId(row.id),
        person: PersonId(row.person),
        role,
        part,
        from: instant(row.valid_from),
        until: optional_instant(row.valid_until),
        given_by: row.given_by.map(PersonId),
    })
}
