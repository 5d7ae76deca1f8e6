//! Lists in pages. A page begins after a place in the order (the sorted value and a key that
//! breaks ties), so that it costs the same wherever it is and nothing is told twice when rows come
//! between. Totals are counted up to a bound.

use data_encoding::BASE64URL_NOPAD;
use sea_orm::{
    ConnectionTrait, ExprTrait, Order,
    sea_query::{Expr, Query, SelectStatement, Value},
};
use uuid::Uuid;

use super::{Result, Row, all, count};
use crate::error::SectorError;

/// Rows that are counted at most.
pub const MAX_COUNTED: u64 = 10_000;
/// Most rows of a page.
pub const MAX_PAGE_ROWS: u16 = 1000;

/// Which page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// Rows at most, 1 to [`MAX_PAGE_ROWS`]; what lies beyond is taken for the nearest.
    pub rows: u16,
    /// Begin after this place; `None` for the first page.
    pub after: Option<Cursor>,
    /// From the last to the first.
    pub descending: bool,
}

impl Default for PageRequest {
    fn default() -> Self {
        Self { rows: 50, after: None, descending: false }
    }
}

/// A place in a list: opaque text for an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(pub String);

/// How many rows a list has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Total {
    /// So many.
    Exactly(u64),
    /// So many or more: counting ends at [`MAX_COUNTED`].
    AtLeast(u64),
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<Cursor>,
    /// How many rows the whole list has.
    pub total: Total,
}

/// What a list is sorted by, and what breaks ties.
pub(super) struct Sorting {
    pub(super) value: Expr,
    pub(super) value_is: Stored,
    pub(super) tie: Expr,
    pub(super) tie_is: Stored,
}

/// How a sorted value is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stored {
    Text,
    Number,
    Id,
}

impl Stored {
    fn encode(self, row: &Row<'_>, column: &'static str) -> Result<String> {
        match self {
            Self::Text => row.get(column),
            Self::Number => row.get::<i64>(column).map(|number| number.to_string()),
            Self::Id => row.get::<Uuid>(column).map(|id| id.to_string()),
        }
    }

    fn decode(self, text: &str) -> Option<Value> {
        match self {
            Self::Text => Some(text.to_owned().into()),
            Self::Number => text.parse::<i64>().ok().map(Value::from),
            Self::Id => Uuid::try_parse(text).ok().map(Value::from),
        }
    }
}

/// Between the two parts of a place; no code or name holds it.
const BETWEEN: char = '\u{1f}';

impl Sorting {
    pub(super) fn text(value: impl Into<Expr>, tie: impl Into<Expr>) -> Self {
        Self { value: value.into(), value_is: Stored::Text, tie: tie.into(), tie_is: Stored::Text }
    }

    pub(super) fn number(value: impl Into<Expr>, tie: impl Into<Expr>) -> Self {
        Self { value_is: Stored::Number, ..Self::text(value, tie) }
    }

    fn place(&self, row: &Row<'_>) -> Result<Cursor> {
        let value = self.value_is.encode(row, "sorted_by")?;
        let tie = self.tie_is.encode(row, "tie_by")?;
        Ok(Cursor(BASE64URL_NOPAD.encode(format!("{value}{BETWEEN}{tie}").as_bytes())))
    }

    fn values(&self, cursor: &Cursor) -> Option<[Value; 2]> {
        let bytes = BASE64URL_NOPAD.decode(cursor.0.as_bytes()).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        let (value, tie) = text.rsplit_once(BETWEEN)?;
        let is_stored = |text: &str| !text.contains('\0');
        if !is_stored(value) || !is_stored(tie) {
            return None;
        }
        Some([self.value_is.decode(value)?, self.tie_is.decode(tie)?])
    }

    /// Rows after a place.
    fn after(&self, cursor: &Cursor, descending: bool) -> Result<Expr> {
        let [value, tie] = self.values(cursor).ok_or(SectorError::Cursor)?;
        let here = Expr::tuple([self.value.clone(), self.tie.clone()]);
        let place = Expr::tuple([Expr::val(value), Expr::val(tie)]);
        Ok(if descending { here.lt(place) } else { here.gt(place) })
    }
}

/// One page of a question that has its columns, tables and conditions, and no order.
pub(super) async fn page<T>(
    connection: &impl ConnectionTrait,
    table: &'static str,
    select: &SelectStatement,
    sorting: &Sorting,
    request: &PageRequest,
    read: impl Fn(&Row<'_>) -> Result<T>,
) -> Result<Page<T>> {
    let wanted = usize::from(request.rows.clamp(1, MAX_PAGE_ROWS));
    let mut paged = select.clone();
    if let Some(cursor) = &request.after {
        paged.and_where(sorting.after(cursor, request.descending)?);
    }
    let order = if request.descending { Order::Desc } else { Order::Asc };
    paged
        .expr_as(sorting.value.clone(), "sorted_by")
        .expr_as(sorting.tie.clone(), "tie_by")
        .order_by_expr(sorting.value.clone(), order.clone())
        .order_by_expr(sorting.tie.clone(), order)
        .limit(wanted as u64 + 1);
    let placed = |row: &Row<'_>| Ok((read(row)?, sorting.place(row)?));
    let mut rows = all(connection, table, &paged, placed).await?;
    let has_more = rows.len() > wanted;
    rows.truncate(wanted);
    let next = rows.last().filter(|_| has_more).map(|(_, place)| place.clone());
    let rows = rows.into_iter().map(|(noun, _)| noun).collect();
    Ok(Page { rows, next, total: total(connection, select).await? })
}

async fn total(connection: &impl ConnectionTrait, select: &SelectStatement) -> Result<Total> {
    let mut bounded = select.clone();
    bounded.clear_selects().expr_as(Expr::val(1), "one").limit(MAX_COUNTED + 1);
    let counted = count(connection, bounded).await?;
    Ok(if counted > MAX_COUNTED { Total::AtLeast(MAX_COUNTED) } else { Total::Exactly(counted) })
}

/// The code of one row, as text, of a table; used to ask whether something is there.
pub(super) fn only(table: &'static str, column: &'static str) -> SelectStatement {
    Query::select().column((table, column)).from(table).take()
}
