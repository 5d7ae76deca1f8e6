//! Pages of the queue.

use std::collections::HashMap;

use sea_orm::{
    ConnectionTrait,
    sea_query::{Expr, ExprTrait, SelectStatement},
};
use terms::Scope;

use super::{
    Found,
    plan::{Question, parts_of_key, sort_column},
    read, rows,
};
use crate::alert::{
    Alert, Cursor, Filter, Page, Sort, Total,
    queue::{MAX_ROWS, UnreadableCursor},
};

/// A row's place in the list.
struct Placed {
    number: i64,
    key: [i64; 2],
}

/// A page of at most `rows` alerts that lie in the scope and pass the filter.
///
/// Errors: [`UnreadableCursor`] for a cursor of another order.
pub(crate) async fn page<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    filter: &Filter,
    sort: Sort,
    cursor: Option<&Cursor>,
    most: u16,
    few: u64,
) -> Found<Page> {
    if cursor.is_some_and(|cursor| cursor.sort != sort) {
        return Err(UnreadableCursor.into());
    }
    let Some(question) = Question::of(connection, scope, filter, few).await? else {
        return Ok(Page {
            alerts: Vec::new(),
            before: None,
            after: None,
            total: Total { count: 0, is_capped: false },
        });
    };
    let most = usize::from(most.clamp(1, MAX_ROWS));
    // One more than is shown tells whether there is a further page.
    let select = question.page(sort, cursor, most as u64 + 1);
    let mut placed = place(connection, &select, sort).await?;
    let has_more = placed.len() > most;
    placed.truncate(most);
    let is_forward = cursor.is_none_or(|cursor| cursor.is_forward);
    if !is_forward {
        placed.reverse();
    }
    let is_all = cursor.is_none() && !has_more;
    let total = total(connection, &question, is_all.then_some(placed.len() as u64)).await?;
    let cursor_at = |row: Option<&Placed>, is_forward: bool| {
        row.map(|row| Cursor { sort, is_forward, key: row.key, number: row.number })
    };
    // Where the reader came from there was a row; the other side is known by the further row.
    let has_before = if is_forward { cursor.is_some() } else { has_more };
    let has_after = if is_forward { has_more } else { true };
    Ok(Page {
        before: cursor_at(placed.first(), false).filter(|_| has_before),
        after: cursor_at(placed.last(), true).filter(|_| has_after),
        alerts: alerts(connection, &placed).await?,
        total,
    })
}

async fn place<C: ConnectionTrait>(
    connection: &C,
    select: &SelectStatement,
    sort: Sort,
) -> Found<Vec<Placed>> {
    rows(connection, "alert", select, |row| {
        let mut key = [0; 2];
        for (at, part) in key.iter_mut().enumerate().take(parts_of_key(sort)) {
            *part = number(&row, sort_column(at))?;
        }
        Ok(Placed { number: row.int("number")?, key })
    })
    .await
}

/// A number of whatever width: the level is a small one until something is added to it.
fn number(row: &super::Row<'_>, column: &str) -> Found<i64> {
    if let Ok(wide) = row.int(column) {
        return Ok(wide);
    }
    let middle: Result<i32, _> = row.row.try_get("", column);
    match middle {
        Ok(middle) => Ok(middle.into()),
        Err(_) => Ok(row.small(column)?.into()),
    }
}

async fn total<C: ConnectionTrait>(
    connection: &C,
    question: &Question<'_>,
    seen: Option<u64>,
) -> Found<Total> {
    let cap = question.cap();
    let count = match seen.or(question.known_total) {
        Some(count) => count,
        None => question.count(connection, cap + 1).await?,
    };
    Ok(Total { count: Ord::min(count, cap), is_capped: count > cap })
}

/// The alerts of these places, in their order.
async fn alerts<C: ConnectionTrait>(connection: &C, placed: &[Placed]) -> Found<Vec<Alert>> {
    if placed.is_empty() {
        return Ok(Vec::new());
    }
    let numbers = placed.iter().map(|row| row.number);
    let select = read::alerts().and_where(Expr::col(("alert", "number")).is_in(numbers)).take();
    let found =
        rows(connection, "alert", &select, |row| Ok((row.int("number")?, read::alert(row)?)))
            .await?;
    let mut found: HashMap<i64, Alert> = found.into_iter().collect();
    Ok(placed.iter().filter_map(|row| found.remove(&row.number)).collect())
}

/// The next alerts after a number, in the order they were opened, for reading all of them once;
/// and the number to go on from.
pub(crate) async fn after<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    filter: &Filter,
    number: i64,
    most: u16,
    few: u64,
) -> Found<(Vec<Alert>, i64)> {
    let Some(question) = Question::of(connection, scope, filter, few).await? else {
        return Ok((Vec::new(), number));
    };
    let select = question.after(number, most.into());
    let read = |row: super::Row<'_>| Ok(Placed { number: row.int("number")?, key: [0; 2] });
    let placed = rows(connection, "alert", &select, read).await?;
    let last = placed.last().map_or(number, |row| row.number);
    Ok((alerts(connection, &placed).await?, last))
}
