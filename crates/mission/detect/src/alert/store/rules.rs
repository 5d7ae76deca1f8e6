//! What is kept about rules: what they found, how their alerts turned out, where they are off.

use std::collections::BTreeMap;

use db::{Write, micros};
use sea_orm::{
    ConnectionTrait, Value,
    sea_query::{Expr, ExprTrait, Order, Query, SelectStatement},
};
use terms::{Part, PersonId, Scope};

use super::{CHUNK, Conflict, Found, Row, bit, insert, known, part, row, rows, text};
use crate::alert::{
    AlertError, Filter, Record, Switch, Verdict, Verdicts, outcome::Found as Figures,
};

/// The verdicts of a row.
pub(super) fn verdicts(row: &Row<'_>) -> Found<Verdicts> {
    Ok(Verdicts {
        true_positive: row.count("true_positive")?,
        benign: row.count("benign")?,
        false_positive: row.count("false_positive")?,
    })
}

/// Verdicts that came or went, by rule and organisation (none for the sector), in the order of
/// [`Verdict::ALL`].
pub(super) type VerdictChanges = BTreeMap<(String, String), [i64; Verdict::ALL.len()]>;

/// Adds to the record of verdicts.
pub(super) async fn add_verdicts(write: &Write, changes: VerdictChanges) -> Found<()> {
    let rows = changes.into_iter().map(|((rule, organisation), changes)| {
        [text(rule), text(organisation)].into_iter().chain(changes.map(Value::from)).collect()
    });
    let columns = ["rule", "organisation", "true_positive", "benign", "false_positive"];
    let sums = Conflict::Add(&["true_positive", "benign", "false_positive"]);
    insert(write, "rule_verdict", &columns, &columns[..2], sums, rows).await
}

/// How a rule's closed alerts turned out in the scope, and in the rest of the sector.
pub(crate) async fn record<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    rule: &str,
) -> Found<Record> {
    let sum = |column: &str| Expr::cust(format!("CAST(COALESCE(SUM({column}), 0) AS BIGINT)"));
    let select = || {
        let mut select = Query::select();
        for column in ["true_positive", "benign", "false_positive"] {
            select.expr_as(sum(column), column);
        }
        select.from("rule_verdict").and_where(Expr::col("rule").eq(rule)).take()
    };
    let here = select()
        .and_where(Expr::col("organisation").ne(""))
        .cond_where(db::within("organisation", scope))
        .take();
    let all = select().and_where(Expr::col("organisation").eq("")).take();
    let read = async |select: &SelectStatement| {
        row(connection, "rule_verdict", select, |row| verdicts(&row)).await
    };
    let (here, all) = (read(&here).await?, read(&all).await?);
    Ok(known::record(here.unwrap_or_default(), all.unwrap_or_default()))
}

/// What a rule found on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayOfRule {
    /// The rule's id.
    pub rule: String,
    /// Days since 1970, UTC.
    pub day: i64,
    /// What it found, in the caller's scope.
    pub found: Figures,
}

/// What rules found from a day on, in the scope: of one rule, or of all.
pub(crate) async fn days<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    rule: Option<&str>,
    from_day: i64,
) -> Found<Vec<DayOfRule>> {
    let mut select = Query::select();
    select.columns(["rule", "day"]).from("rule_day");
    for column in ["hits", "alerts", "excepted", "off"] {
        select.expr_as(Expr::cust(format!("CAST(SUM({column}) AS BIGINT)")), column);
    }
    if let Some(rule) = rule {
        select.and_where(Expr::col("rule").eq(rule));
    }
    select
        .and_where(Expr::col("day").gte(from_day))
        .cond_where(db::within(("rule_day", "organisation"), scope))
        .group_by_columns(["rule", "day"])
        .order_by("rule", Order::Asc)
        .order_by("day", Order::Asc);
    rows(connection, "rule_day", &select, |row| {
        let found = Figures {
            hits: row.count("hits")?,
            alerts: row.count("alerts")?,
            excepted: row.count("excepted")?,
            off: row.count("off")?,
        };
        Ok(DayOfRule { rule: row.text("rule")?, day: row.int("day")?, found })
    })
    .await
}

/// Turns a rule on or off, if the part lies in the scope; what was turned there before.
pub(crate) async fn turn(write: &Write, scope: &Scope, switch: &Switch) -> Found<Option<Switch>> {
    if !part::is_all_within(write, &switch.part, scope).await? {
        return Err(AlertError::OutOfScope);
    }
    let before = switch_at(write, &switch.rule, &switch.part).await?;
    let (kind, code) = part::columns(&switch.part);
    let row = vec![
        text(&switch.rule),
        kind.into(),
        code.into(),
        bit(switch.is_on).into(),
        text(&switch.reason),
        switch.person.0.into(),
        micros(switch.at).into(),
    ];
    let conflict = Conflict::Replace(&SWITCH_COLUMNS[3..]);
    insert(write, "rule_switch", &SWITCH_COLUMNS, &SWITCH_COLUMNS[..3], conflict, [row]).await?;
    Ok(before)
}

/// Takes a turn back to where nobody had turned the rule there, if the part lies in the scope.
pub(crate) async fn unturn(write: &Write, scope: &Scope, rule: &str, of: &Part) -> Found<()> {
    if !part::is_all_within(write, of, scope).await? {
        return Err(AlertError::OutOfScope);
    }
    let (kind, code) = part::columns(of);
    let delete = Query::delete()
        .from_table("rule_switch")
        .and_where(Expr::col("rule").eq(text(rule)))
        .and_where(Expr::col("part_kind").eq(kind))
        .and_where(Expr::col("part_code").eq(code))
        .take();
    write.execute(&delete).await?;
    Ok(())
}

const SWITCH_COLUMNS: [&str; 7] =
    ["rule", "part_kind", "part_code", "is_on", "reason", "person", "at"];

async fn switch_at(write: &Write, rule: &str, of: &Part) -> Found<Option<Switch>> {
    let (kind, code) = part::columns(of);
    let select = Query::select()
        .columns(SWITCH_COLUMNS)
        .from("rule_switch")
        .and_where(Expr::col("rule").eq(rule))
        .and_where(Expr::col("part_kind").eq(kind))
        .and_where(Expr::col("part_code").eq(code))
        .take();
    row(write, "rule_switch", &select, switch).await
}

/// Switches that hold for any organisation of the scope.
pub(crate) async fn switches<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
) -> Found<Vec<Switch>> {
    let select = Query::select()
        .columns(SWITCH_COLUMNS)
        .from("rule_switch")
        .cond_where(part::touching(connection, scope).await?)
        .order_by("rule", Order::Asc)
        .order_by("at", Order::Desc)
        .take();
    rows(connection, "rule_switch", &select, switch).await
}

fn switch(row: Row<'_>) -> Found<Switch> {
    Ok(Switch {
        rule: row.text("rule")?,
        part: part::read(&row)?,
        is_on: row.small("is_on")? != 0,
        reason: row.text("reason")?,
        person: PersonId(row.uuid("person")?),
        at: row.at("at")?,
    })
}

/// Numbers of the rules the filter asks for, every version of each.
pub(super) async fn wanted<C: ConnectionTrait>(
    connection: &C,
    filter: &Filter,
) -> Found<Option<Vec<i64>>> {
    if filter.rules.is_empty() && filter.technique.is_none() {
        return Ok(None);
    }
    let mut select = Query::select();
    select.columns(["number", "tags"]).from("alert_rule");
    if !filter.rules.is_empty() {
        let rules = filter.rules.iter().take(CHUNK).map(text);
        select.and_where(Expr::col("rule").is_in(rules));
    }
    let found =
        rows(connection, "alert_rule", &select, |row| Ok((row.int("number")?, row.text("tags")?)))
            .await?;
    let technique = filter.technique.as_deref().map(|text| text.trim().to_lowercase());
    let has = |tags: &str| {
        technique.as_deref().is_none_or(|wanted| tags.split(' ').any(|tag| is_of(tag, wanted)))
    };
    Ok(Some(found.into_iter().filter(|(_, tags)| has(tags)).map(|(number, _)| number).collect()))
}

/// Whether a rule's tag is the technique or one of its sub-techniques.
fn is_of(tag: &str, technique: &str) -> bool {
    let tag = tag.to_lowercase();
    let Some(rest) = tag.strip_prefix("attack.").and_then(|name| name.strip_prefix(technique))
    else {
        return false;
    };
    !technique.is_empty() && (rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_technique_stands_for_its_sub_techniques_but_not_for_longer_numbers() {
        assert!(is_of("attack.t1003.001", "t1003"));
        assert!(is_of("attack.T1003", "t1003"));
        assert!(!is_of("attack.t1003", "t10"));
        assert!(!is_of("attack.t1003", ""));
        assert!(!is_of("cve.t1003", "t1003"));
    }
}
