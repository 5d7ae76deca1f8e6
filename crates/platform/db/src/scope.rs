//! The condition that keeps a query within what its caller may see.

use sea_orm::{
    Condition, DeriveIden,
    sea_query::{Expr, ExprTrait, IntoColumnRef, Query, SelectStatement},
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
pub fn within(column: impl IntoColumnRef, scope: &Scope) -> Condition {
    if scope.is_sector() {
        return Condition::all();
    }
    let column = Expr::col(column.into_column_ref());
    let mut codes = Vec::new();
    let mut any = Condition::any();
    for part in scope.parts() {
        match part {
            Part::Sector => return Condition::all(),
            Part::Organisation(code) => codes.push(code.as_str()),
            Part::Region(code) => {
                any =
                    any.add(column.clone().in_subquery(organisations(Organisation::Region, code)));
            }
            Part::Icb(code) => {
                any = any.add(column.clone().in_subquery(organisations(Organisation::Icb, code)));
            }
            Part::Group(id) => any = any.add(column.clone().in_subquery(members(id.0))),
        }
    }
    // `IN ()` of nothing is false, so an empty scope sees nothing.
    any.add(column.is_in(codes))
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
