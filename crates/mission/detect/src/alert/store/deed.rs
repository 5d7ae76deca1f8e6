//! What was done with alerts: deeds to rows and back.

use db::{Write, micros};
use sea_orm::{
    ConnectionTrait,
    sea_query::{Expr, ExprTrait, Order, Query},
};
use terms::{AlertId, DeedId, ExceptionId, PersonId, Timestamp};

use super::{Conflict, Found, Row, bit, insert, rows, text};
use crate::alert::{Deed, DeedKind};

/// A deed to write down.
pub(super) struct NewDeed {
    pub(super) id: DeedId,
    pub(super) alert: AlertId,
    pub(super) at: Timestamp,
    pub(super) person: Option<PersonId>,
    pub(super) kind: DeedKind,
    pub(super) text: String,
    pub(super) before: Option<String>,
    pub(super) act: DeedId,
}

pub(super) async fn add_deeds(write: &Write, deeds: &[NewDeed]) -> Found<()> {
    let rows = deeds.iter().map(|deed| {
        let (kind, subject) = deed_words(deed.kind);
        vec![
            deed.id.0.into(),
            deed.alert.0.into(),
            micros(deed.at).into(),
            deed.person.map(|person| person.0).into(),
            kind.into(),
            subject.into(),
            text(&deed.text),
            deed.before.clone().into(),
            deed.act.0.into(),
            bit(false).into(),
        ]
    });
    insert(write, "alert_deed", &DEED_COLUMNS, &["id"], Conflict::None, rows).await
}

pub(super) const DEED_COLUMNS: [&str; 10] =
    ["id", "alert", "at", "person", "kind", "subject", "text", "before", "act", "undone"];

/// What was done with an alert, oldest first.
pub(crate) async fn deeds<C: ConnectionTrait>(connection: &C, alert: AlertId) -> Found<Vec<Deed>> {
    let select = Query::select()
        .columns(DEED_COLUMNS)
        .from("alert_deed")
        .and_where(Expr::col("alert").eq(alert.0))
        .order_by("at", Order::Asc)
        .order_by("id", Order::Asc)
        .take();
    rows(connection, "alert_deed", &select, |row| deed(&row)).await
}

pub(super) fn deed(row: &Row<'_>) -> Found<Deed> {
    Ok(Deed {
        id: DeedId(row.uuid("id")?),
        alert: AlertId(row.uuid("alert")?),
        at: row.at("at")?,
        person: row.person("person")?,
        kind: deed_kind(row)?,
        text: row.text("text")?,
        act: DeedId(row.uuid("act")?),
        is_undone: row.small("undone")? != 0,
    })
}

fn deed_kind(row: &Row<'_>) -> Found<DeedKind> {
    let kind = row.text("kind")?;
    let subject = row.optional_text("subject")?.unwrap_or_default();
    let wrong = || row.unreadable("a deed", format!("{kind} {subject}"));
    Ok(match kind.as_str() {
        "opened" => DeedKind::Opened,
        "taken" => DeedKind::Taken,
        "handed_over" => {
            DeedKind::HandedOver { to: subject.parse::<PersonId>().map_err(|_| wrong())? }
        }
        "commented" => DeedKind::Commented,
        "closed" => DeedKind::Closed { verdict: subject.parse().map_err(|_| wrong())? },
        "reopened" => DeedKind::Reopened,
        "exception_made" => DeedKind::ExceptionMade {
            exception: subject.parse::<ExceptionId>().map_err(|_| wrong())?,
        },
        "undone" => DeedKind::Undone { deed: subject.parse().map_err(|_| wrong())? },
        _ => return Err(wrong()),
    })
}

/// A deed's kind and what it is about, as they are kept.
pub(super) fn deed_words(kind: DeedKind) -> (&'static str, Option<String>) {
    match kind {
        DeedKind::Opened => ("opened", None),
        DeedKind::Taken => ("taken", None),
        DeedKind::HandedOver { to } => ("handed_over", Some(to.to_string())),
        DeedKind::Commented => ("commented", None),
        DeedKind::Closed { verdict } => ("closed", Some(verdict.to_string())),
        DeedKind::Reopened => ("reopened", None),
        DeedKind::ExceptionMade { exception } => ("exception_made", Some(exception.to_string())),
        DeedKind::Undone { deed } => ("undone", Some(deed.to_string())),
    }
}
