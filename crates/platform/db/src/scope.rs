//! The condition that keeps a query within what its caller may see.

use sea_orm::{
    Condition, DeriveIden,
    sea_query::{Expr, ExprTrait, IntoColumnRef, Query, SelectStatement, UnionType, ValueTuple},
};
use terms::{Part, Scope};

#[derive(DeriveIden)]
enum Organisation {
    Table,
    Code,
    Region,
    Icb,
}

#[derive(DeriveIden)]
enum GroupMember {
    Table,
    GroupId,
    Organisation,
}

/// Rows whose `column`, an organisation's code, lies in `scope`. For the whole sector nothing is
/// asked; for an empty scope no row holds.
///
/// It is always one `IN`, never an `OR`: with an `OR` both engines read the whole table.
pub fn within(column: impl IntoColumnRef, scope: &Scope) -> Condition {
    if scope.is_sector() {
        return Condition::all();
    }
    let column = Expr::col(column.into_column_ref());
    let mut codes = Vec::new();
    let mut parts = Vec::new();
    for part in scope.parts() {
        match part {
            Part::Sector => return Condition::all(),
            Part::Organisation(code) => codes.push(code.as_str()),
            Part::Region(code) => parts.push(organisations(Organisation::Region, code)),
            Part::Icb(code) => parts.push(organisations(Organisation::Icb, code)),
            Part::Group(id) => parts.push(members(id.0)),
        }
    }
    if !codes.is_empty() && !parts.is_empty() {
        parts.push(listed(&codes));
    }
    let all = parts.into_iter().reduce(|mut all, one| all.union(UnionType::All, one).take());
    // `IN ()` of nothing is false, so an empty scope sees nothing.
    Condition::all().add(match all {
        Some(all) => column.in_subquery(all),
        None => column.is_in(codes),
    })
}

/// The codes as rows, which need not be those of organisations on the map.
fn listed(codes: &[&str]) -> SelectStatement {
    let rows = codes.iter().map(|code| ValueTuple::One((*code).into()));
    Query::select().expr(Expr::cust("*")).from_values(rows, "listed").take()
}

fn organisations(column: Organisation, code: &terms::OdsCode) -> SelectStatement {
    Query::select()
        .column(Organisation::Code)
        .from(Organisation::Table)
        .and_where(Expr::col(column).eq(code.as_str()))
        .take()
}

fn members(group: uuid::Uuid) -> SelectStatement {
    Query::select()
        .column(GroupMember::Organisation)
        .from(GroupMember::Table)
        .and_where(Expr::col(GroupMember::GroupId).eq(group))
        .take()
}
