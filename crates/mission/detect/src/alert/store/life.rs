//! People's moves: where alerts stand, locked until the commit, and where they stand then.

use db::{Write, micros};
use sea_orm::{
    ConnectionTrait,
    sea_query::{Expr, ExprTrait, LockType, Order, Query},
};
use terms::{AlertId, DeedId, ExceptionId, Level, OdsCode, PersonId, Scope, Timestamp};

use super::{
    CHUNK, Found, Row,
    added::{CountChanges, add_counts},
    bit,
    deed::{DEED_COLUMNS, NewDeed, add_deeds, deed},
    json,
    read::stored_verdict,
    row, rows,
    rules::{VerdictChanges, add_verdicts},
    text,
};
use crate::alert::{
    AlertError, Deed, DeedKind, LifeError, Standing, State,
    life::{Before, Moved},
};

/// An alert somebody is about to move.
pub(crate) struct Held {
    pub(crate) id: AlertId,
    number: i64,
    organisation: OdsCode,
    level: Level,
    rule: String,
    pub(crate) standing: Standing,
}

/// The alerts among these that lie in the scope, locked until the commit, always in the same
/// order, so that two people who move the same alerts never wait for each other.
pub(crate) async fn hold(write: &Write, scope: &Scope, alerts: &[AlertId]) -> Found<Vec<Held>> {
    let mut held = Vec::with_capacity(alerts.len());
    let mut ids: Vec<AlertId> = alerts.to_vec();
    ids.sort();
    ids.dedup();
    for ids in ids.chunks(CHUNK) {
        let own = [
            "number",
            "id",
            "organisation",
            "level",
            "state",
            "owner",
            "verdict",
            "closed_at",
            "version",
        ];
        let select = Query::select()
            .columns(own.map(|column| ("alert", column)))
            .expr_as(Expr::col(("alert_rule", "rule")), "rule_id")
            .column(("alert_story", "reason"))
            .from("alert")
            .inner_join("alert_rule", Expr::col(("alert_rule", "number")).equals(("alert", "rule")))
            .inner_join(
                "alert_story",
                Expr::col(("alert_story", "number")).equals(("alert", "number")),
            )
            .and_where(Expr::col(("alert", "id")).is_in(ids.iter().map(|id| id.0)))
            .cond_where(db::within(("alert", "organisation"), scope))
            .order_by(("alert", "number"), Order::Asc)
            .lock_with_tables(LockType::Update, ["alert"])
            .take();
        held.extend(rows(write, "alert", &select, read_held).await?);
    }
    Ok(held)
}

fn read_held(row: Row<'_>) -> Found<Held> {
    let state = row.small("state")?;
    let verdict: Option<i16> = row.row.try_get("", "verdict")?;
    Ok(Held {
        id: AlertId(row.uuid("id")?),
        number: row.int("number")?,
        organisation: row.organisation("organisation")?,
        level: row.level("level")?,
        rule: row.text("rule_id")?,
        standing: Standing {
            state: State::of_number(state).ok_or_else(|| row.unreadable("a state", state))?,
            owner: row.person("owner")?,
            verdict: verdict.map(|number| stored_verdict(&row, number)).transpose()?,
            reason: row.text("reason")?,
            closed_at: row.optional_at("closed_at")?,
            version: row.int("version")?,
        },
    })
}

/// Who did it, when, in which act.
#[derive(Clone, Copy)]
pub(crate) struct By {
    pub(crate) person: PersonId,
    pub(crate) now: Timestamp,
    pub(crate) act: DeedId,
}

/// Writes where an alert stands after a move, and the deed.
pub(crate) async fn put(write: &Write, held: &Held, moved: &Moved, by: By) -> Found<DeedId> {
    let next = &moved.standing;
    if *next != held.standing {
        let update = Query::update()
            .table("alert")
            .value("state", next.state.number())
            .value("owner", next.owner.map(|owner| owner.0))
            .value("verdict", next.verdict.map(|verdict| verdict.number()))
            .value("closed_at", next.closed_at.map(micros))
            .value("version", next.version)
            .and_where(Expr::col("number").eq(held.number))
            .take();
        write.execute(&update).await?;
        let reason = Query::update()
            .table("alert_story")
            .value("reason", text(&next.reason))
            .and_where(Expr::col("number").eq(held.number))
            .take();
        write.execute(&reason).await?;
    }
    let id = DeedId::new(by.now);
    let deed = NewDeed {
        id,
        alert: held.id,
        at: by.now,
        person: Some(by.person),
        kind: moved.kind,
        text: moved.text.clone(),
        before: Some(json(&Before::of(&held.standing))),
        act: by.act,
    };
    add_deeds(write, &[deed]).await?;
    Ok(id)
}

/// Adds what moves changed to the counts by state and by verdict, after all of them, so that the
/// rows are always locked in the same order.
pub(crate) async fn count(write: &Write, moved: &[(&Held, Standing)]) -> Found<()> {
    let mut verdicts = VerdictChanges::new();
    let mut changes = CountChanges::new();
    for (held, now) in moved {
        let of = |state| (held.organisation.clone(), held.level, state);
        *changes.entry(of(held.standing.state)).or_default() -= 1;
        *changes.entry(of(now.state)).or_default() += 1;
        for (verdict, change) in [(held.standing.verdict, -1), (now.verdict, 1)] {
            let Some(verdict) = verdict else { continue };
            // The sector's sum is kept under no organisation.
            for organisation in ["", held.organisation.as_str()] {
                let of = (held.rule.clone(), organisation.to_owned());
                verdicts.entry(of).or_default()[verdict as usize] += change;
            }
        }
    }
    add_verdicts(write, verdicts).await?;
    add_counts(write, changes).await
}

/// The deeds of an act, with what is needed to take each back.
pub(crate) async fn deeds_of_act(write: &Write, act: DeedId) -> Found<Vec<Done>> {
    let select = Query::select()
        .columns(DEED_COLUMNS)
        .from("alert_deed")
        .and_where(Expr::col("act").eq(act.0))
        .order_by("id", Order::Asc)
        .take();
    rows(write, "alert_deed", &select, |row| {
        let before = row.optional_text("before")?;
        let before = before.map(|text| {
            serde_json::from_str(&text).map_err(|_| row.unreadable("where an alert stood", &text))
        });
        Ok(Done { deed: deed(&row)?, before: before.transpose()? })
    })
    .await
}

/// A deed and where its alert stood before.
pub(crate) struct Done {
    pub(crate) deed: Deed,
    pub(crate) before: Option<Before>,
}

/// The newest deed of an alert that was not taken back.
pub(crate) async fn last_deed(write: &Write, alert: AlertId) -> Found<DeedId> {
    let select = Query::select()
        .column("id")
        .from("alert_deed")
        .and_where(Expr::col("alert").eq(alert.0))
        .and_where(Expr::col("undone").eq(bit(false)))
        .and_where(Expr::col("kind").ne("undone"))
        .order_by("at", Order::Desc)
        .order_by("id", Order::Desc)
        .limit(1)
        .take();
    let last = row(write, "alert_deed", &select, |row| Ok(DeedId(row.uuid("id")?))).await?;
    last.ok_or(AlertError::Life(LifeError::NothingToUndo))
}

/// Marks a deed as taken back.
pub(crate) async fn mark_undone(write: &Write, deed: DeedId) -> Found<()> {
    let update = Query::update()
        .table("alert_deed")
        .value("undone", bit(true))
        .and_where(Expr::col("id").eq(deed.0))
        .take();
    write.execute(&update).await?;
    Ok(())
}

/// Writes down that an exception was made from an alert.
pub(crate) async fn exception_made(
    write: &Write,
    held: &Held,
    exception: ExceptionId,
    by: By,
) -> Found<()> {
    let standing = held.standing.clone();
    let kind = DeedKind::ExceptionMade { exception };
    put(write, held, &Moved { standing, kind, text: String::new() }, by).await?;
    Ok(())
}
