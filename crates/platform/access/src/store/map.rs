//! What lies in what: the few columns of the map that decide how far a grant reaches.

use db::DbError;
use sea_orm::{
    ConnectionTrait, DeriveIden, ExprTrait,
    sea_query::{Expr, Query, SelectStatement},
};
use terms::{GroupId, OdsCode, Part};
use uuid::Uuid;

#[derive(Clone, Copy, DeriveIden)]
pub(crate) enum Organisation {
    Table,
    Code,
    Region,
    Icb,
}

#[derive(Clone, Copy, DeriveIden)]
pub(crate) enum GroupMember {
    Table,
    GroupId,
    Organisation,
}

/// The parts of the sector in which `part` lies wholly: itself first, the sector last.
pub(crate) async fn around(on: &impl ConnectionTrait, part: &Part) -> Result<Vec<Part>, DbError> {
    let mut parts = vec![part.clone()];
    match part {
        Part::Sector => return Ok(parts),
        Part::Region(_) => {}
        Part::Icb(code) => {
            let places = places(on, members_of_icb(code)).await?;
            parts.extend(common(&places, |place| place.region.as_ref()).map(Part::Region));
        }
        Part::Group(group) => {
            let places = places(on, members_of_group(*group)).await?;
            parts.extend(common(&places, |place| place.icb.as_ref()).map(Part::Icb));
            parts.extend(common(&places, |place| place.region.as_ref()).map(Part::Region));
        }
        Part::Organisation(code) => {
            let places = places(on, just(code)).await?;
            parts.extend(groups_of(on, code).await?.into_iter().map(Part::Group));
            parts.extend(common(&places, |place| place.icb.as_ref()).map(Part::Icb));
            parts.extend(common(&places, |place| place.region.as_ref()).map(Part::Region));
        }
    }
    parts.push(Part::Sector);
    Ok(parts)
}

/// Where an organisation lies.
struct Place {
    region: Option<OdsCode>,
    icb: Option<OdsCode>,
}

/// What all places share; nothing when one of them has none, or there is no place.
fn common(places: &[Place], of: impl Fn(&Place) -> Option<&OdsCode>) -> Option<OdsCode> {
    let first = of(places.first()?)?;
    places.iter().all(|place| of(place) == Some(first)).then(|| first.clone())
}

fn just(code: &OdsCode) -> SelectStatement {
    distinct_places().and_where(Expr::col(Organisation::Code).eq(code.as_str())).take()
}

fn members_of_icb(code: &OdsCode) -> SelectStatement {
    distinct_places().and_where(Expr::col(Organisation::Icb).eq(code.as_str())).take()
}

/// A member that is not on the map lies nowhere, so it is kept in the result.
fn members_of_group(group: GroupId) -> SelectStatement {
    Query::select()
        .distinct()
        .column((Organisation::Table, Organisation::Region))
        .column((Organisation::Table, Organisation::Icb))
        .from(GroupMember::Table)
        .left_join(
            Organisation::Table,
            Expr::col((Organisation::Table, Organisation::Code))
                .equals((GroupMember::Table, GroupMember::Organisation)),
        )
        .and_where(Expr::col(GroupMember::GroupId).eq(group.0))
        .take()
}

fn distinct_places() -> SelectStatement {
    Query::select()
        .distinct()
        .columns([Organisation::Region, Organisation::Icb])
        .from(Organisation::Table)
        .take()
}

async fn places(on: &impl ConnectionTrait, select: SelectStatement) -> Result<Vec<Place>, DbError> {
    let rows = on.query_all(&select).await?;
    let code = |text: Option<String>| {
        let read =
            |text: String| text.parse().map_err(|_| DbError::row("organisation", "a code", &text));
        text.map(read).transpose()
    };
    rows.into_iter()
        .map(|row| {
            let (region, icb) = (row.try_get("", "region")?, row.try_get("", "icb")?);
            Ok(Place { region: code(region)?, icb: code(icb)? })
        })
        .collect()
}

async fn groups_of(on: &impl ConnectionTrait, code: &OdsCode) -> Result<Vec<GroupId>, DbError> {
    let select = Query::select()
        .column(GroupMember::GroupId)
        .from(GroupMember::Table)
        .and_where(Expr::col(GroupMember::Organisation).eq(code.as_str()))
        .take();
    let rows = on.query_all(&select).await?;
    rows.into_iter().map(|row| Ok(GroupId(row.try_get::<Uuid>("", "group_id")?))).collect()
}
