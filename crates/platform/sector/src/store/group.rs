//! Named sets of organisations in the database.

use std::collections::BTreeMap;

use sea_orm::{
    ConnectionTrait, ExprTrait,
    sea_query::{Expr, OnConflict, Query, SelectStatement},
};
use terms::{GroupId, OdsCode, Timestamp};
use uuid::Uuid;

use super::{Result, Row, Target, all};
use crate::{error::statement, organisation::Group};

const TABLE: &str = "organisation_group";
const TARGET: Target = Target {
    table: TABLE,
    key: &["id"],
    columns: &["id", "name", "created_at", "changed_at"],
    kept: &["created_at"],
};
const MEMBERS: &str = "group_member";
const MEMBER: Target = Target {
    table: MEMBERS,
    key: &["group_id", "organisation"],
    columns: &["group_id", "organisation", "created_at"],
    kept: &["created_at"],
};

/// Makes a group, or gives it another name.
pub(crate) async fn save(
    connection: &impl ConnectionTrait,
    id: GroupId,
    name: &str,
    now: Timestamp,
) -> Result<()> {
    let now = db::micros(now);
    let row = vec![id.0.into(), name.into(), now.into(), now.into()];
    TARGET.upsert(connection, vec![row]).await
}

/// Takes a group away, with its members' membership.
pub(crate) async fn remove(connection: &impl ConnectionTrait, id: GroupId) -> Result<()> {
    for (table, column) in [(MEMBERS, "group_id"), (TABLE, "id")] {
        let delete = Query::delete().from_table(table).and_where(Expr::col(column).eq(id.0)).take();
        connection.execute(&delete).await.map_err(statement)?;
    }
    Ok(())
}

/// Makes exactly these its members.
pub(crate) async fn set_members(
    connection: &impl ConnectionTrait,
    id: GroupId,
    added: &[OdsCode],
    removed: &[OdsCode],
    now: Timestamp,
) -> Result<()> {
    for removed in removed.chunks(1000) {
        let delete = Query::delete()
            .from_table(MEMBERS)
            .and_where(Expr::col("group_id").eq(id.0))
            .and_where(Expr::col("organisation").is_in(removed.iter().map(OdsCode::as_str)))
            .take();
        connection.execute(&delete).await.map_err(statement)?;
    }
    let row = |code: &OdsCode| vec![id.0.into(), code.as_str().into(), db::micros(now).into()];
    let there_already = OnConflict::columns(MEMBER.key.iter().copied()).do_nothing().to_owned();
    MEMBER.insert(connection, added.iter().map(row).collect(), there_already).await
}

/// Everything, for the graph.
pub(super) async fn whole(connection: &impl ConnectionTrait) -> Result<Vec<Group>> {
    let select = groups();
    let groups = all(connection, TABLE, &select, |row| {
        Ok((GroupId(row.get::<Uuid>("id")?), row.get::<String>("name")?))
    });
    let named = groups.await?.into_iter();
    let mut groups: BTreeMap<GroupId, Group> =
        named.map(|(id, name)| (id, Group { id, name, members: Vec::new() })).collect();
    for (id, code) in all(connection, MEMBERS, &members(), member).await? {
        if let Some(group) = groups.get_mut(&id) {
            group.members.push(code);
        }
    }
    for group in groups.values_mut() {
        group.members.sort();
    }
    Ok(groups.into_values().collect())
}

fn groups() -> SelectStatement {
    Query::select().columns(["id", "name"]).from(TABLE).take()
}

fn members() -> SelectStatement {
    Query::select().columns(["group_id", "organisation"]).from(MEMBERS).take()
}

fn member(row: &Row<'_>) -> Result<(GroupId, OdsCode)> {
    Ok((GroupId(row.get::<Uuid>("group_id")?), row.parsed("organisation")?))
}
