//! Parts of the sector in tables, and how they lie to a caller's scope.

use sea_orm::{
    Condition, ConnectionTrait,
    sea_query::{Expr, ExprTrait, Query, SelectStatement},
};
use terms::{Part, Scope};
use uuid::Uuid;

use super::{Found, Row, row};

/// A part as its two columns hold it.
pub(super) fn columns(part: &Part) -> (&'static str, String) {
    match part {
        Part::Sector => ("sector", String::new()),
        Part::Region(code) => ("region", code.to_string()),
        Part::Icb(code) => ("icb", code.to_string()),
        Part::Group(id) => ("group", id.to_string()),
        Part::Organisation(code) => ("organisation", code.to_string()),
    }
}

/// The part of a row.
pub(super) fn read(row: &Row<'_>) -> Found<Part> {
    let (kind, code) = (row.text("part_kind")?, row.text("part_code")?);
    let text = if code.is_empty() { kind } else { format!("{kind}:{code}") };
    text.parse().map_err(|_| row.unreadable("a part of the sector", &text))
}

/// Rows whose part has something in common with the scope: what holds for any of the caller's
/// organisations.
pub(super) async fn touching<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
) -> Found<Condition> {
    if scope.is_sector() {
        return Ok(Condition::all());
    }
    if scope.is_empty() {
        return Ok(Condition::any().add(Expr::val(1).eq(2)));
    }
    let of = |kind: &'static str| Expr::col("part_kind").eq(kind);
    let code = || Expr::col("part_code");
    let groups = groups(connection, scope).await?;
    Ok(Condition::any()
        .add(of("sector"))
        .add(Condition::all().add(of("organisation")).add(db::within("part_code", scope)))
        .add(of("region").and(code().in_subquery(organisations("region", scope))))
        .add(of("icb").and(code().in_subquery(organisations("icb", scope))))
        .add(of("group").and(code().is_in(groups))))
}

fn organisations(column: &'static str, scope: &Scope) -> SelectStatement {
    Query::select()
        .column(("organisation", column))
        .from("organisation")
        .cond_where(db::within(("organisation", "code"), scope))
        .and_where(Expr::col(("organisation", column)).is_not_null())
        .take()
}

/// Ids of the groups with a member in the scope, as text: parts are kept as text.
async fn groups<C: ConnectionTrait>(connection: &C, scope: &Scope) -> Found<Vec<String>> {
    let select = Query::select()
        .distinct()
        .column(("group_member", "group_id"))
        .from("group_member")
        .cond_where(db::within(("group_member", "organisation"), scope))
        .take();
    let ids = super::rows(connection, "group_member", &select, |row| row.uuid("group_id")).await?;
    Ok(ids.iter().map(Uuid::to_string).collect())
}

/// Whether every organisation of `part` lies in the scope. A part without organisations lies in
/// none but the sector's.
pub(super) async fn is_all_within<C: ConnectionTrait>(
    connection: &C,
    part: &Part,
    scope: &Scope,
) -> Found<bool> {
    if scope.is_sector() || scope.parts().contains(part) {
        return Ok(true);
    }
    if *part == Part::Sector || scope.is_empty() {
        return Ok(false);
    }
    let part = Scope::of([part.clone()]);
    let code = ("organisation", "code");
    let any = |condition: Condition| {
        Query::select()
            .column(code)
            .from("organisation")
            .cond_where(db::within(code, &part))
            .cond_where(condition)
            .limit(1)
            .take()
    };
    let inside = any(Condition::all());
    let outside = any(db::within(code, scope).not());
    let found = async |select: &SelectStatement| {
        let found = row(connection, "organisation", select, |row| row.text("code")).await?;
        Ok::<bool, crate::alert::AlertError>(found.is_some())
    };
    Ok(found(&inside).await? && !found(&outside).await?)
}
