//! Saved views: a name for what an address of a list says.

use db::{Write, micros};
use sea_orm::{
    Condition, ConnectionTrait,
    sea_query::{Expr, ExprTrait, Order, Query},
};
use terms::{Part, PersonId, Scope, Timestamp, ViewId};

use super::{Conflict, Found, Row, insert, part, rows, text};
use crate::alert::AlertError;

/// A saved view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// Its id.
    pub id: ViewId,
    /// What people call it.
    pub name: String,
    /// The query of the list's address, as written: `state=new&level=critical`.
    pub query: String,
    /// Whose it is.
    pub owner: PersonId,
    /// The part of the sector whose people see it too.
    pub shared_with: Option<Part>,
    /// When it was saved.
    pub created_at: Timestamp,
}

const COLUMNS: [&str; 7] = ["id", "name", "query", "owner", "part_kind", "part_code", "created_at"];

/// Views of one list.
const MOST: u64 = 500;

/// Saves a view; it can be shared only with a part in the scope.
pub(crate) async fn save(write: &Write, scope: &Scope, view: &View) -> Found<()> {
    if let Some(shared) = &view.shared_with
        && !part::is_all_within(write, shared, scope).await?
    {
        return Err(AlertError::OutOfScope);
    }
    let shared = view.shared_with.as_ref().map(part::columns);
    let row = vec![
        view.id.0.into(),
        text(&view.name),
        text(&view.query),
        view.owner.0.into(),
        shared.as_ref().map(|(kind, _)| (*kind).to_owned()).into(),
        shared.map(|(_, code)| code).into(),
        micros(view.created_at).into(),
    ];
    insert(write, "saved_view", &COLUMNS, &["id"], Conflict::None, [row]).await
}

/// The views a person sees: their own, and those shared with a part their scope touches.
pub(crate) async fn list<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    person: PersonId,
) -> Found<Vec<View>> {
    let shared = Condition::all()
        .add(Expr::col("part_kind").is_not_null())
        .add(part::touching(connection, scope).await?);
    let select = Query::select()
        .columns(COLUMNS)
        .from("saved_view")
        .cond_where(Condition::any().add(Expr::col("owner").eq(person.0)).add(shared))
        .order_by("name", Order::Asc)
        .order_by("id", Order::Asc)
        .limit(MOST)
        .take();
    rows(connection, "saved_view", &select, read).await
}

/// Deletes a person's own view.
pub(crate) async fn delete(write: &Write, person: PersonId, id: ViewId) -> Found<()> {
    let delete = Query::delete()
        .from_table("saved_view")
        .and_where(Expr::col("id").eq(id.0))
        .and_where(Expr::col("owner").eq(person.0))
        .take();
    let done = write.execute(&delete).await?;
    if done.rows_affected() == 0 {
        Err(AlertError::NotFound("saved view of yours"))
    } else {
        Ok(())
    }
}

fn read(row: Row<'_>) -> Found<View> {
    let is_shared = row.optional_text("part_kind")?.is_some();
    Ok(View {
        id: ViewId(row.uuid("id")?),
        name: row.text("name")?,
        query: row.text("query")?,
        owner: PersonId(row.uuid("owner")?),
        shared_with: is_shared.then(|| part::read(&row)).transpose()?,
        created_at: row.at("created_at")?,
    })
}
