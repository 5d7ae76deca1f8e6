//! What a batch of signals comes to, written with the reader's checkpoint in one transaction.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use db::{Write, micros};
use sea_orm::{
    ConnectionTrait, DatabaseBackend, Value,
    sea_query::{Expr, ExprTrait, Query},
};
use terms::AlertId;

use super::{
    CHUNK, Conflict, Found,
    added::{add_counts, add_found, count_changes},
    bit,
    deed::{NewDeed, add_deeds},
    insert, int, json,
    read::{RULE_COLUMNS, StoredMatch, rule_key},
    row, rows, text,
};
use crate::alert::{
    DeedKind, Evidence, Outcome, RuleText,
    key::device_key,
    outcome::{Growth, Opened},
    queue::{MAX_HEADLINE_WORDS, search_words},
};

/// Writes everything of an outcome, and where the reader is.
pub(crate) async fn write(write: &Write, outcome: &Outcome, consumer: &str, seq: i64) -> Found<()> {
    let rules = rule_numbers(write, outcome).await?;
    retire(write, &outcome.retired).await?;
    open(write, &outcome.opened, &rules).await?;
    for growth in &outcome.grown {
        grow(write, growth, &rules).await?;
    }
    keep_evidence(write, &outcome.evidence).await?;
    keep_flood_devices(write, outcome).await?;
    add_counts(write, count_changes(outcome)).await?;
    add_found(write, outcome).await?;
    let at = vec![consumer.into(), seq.into()];
    insert(
        write,
        "checkpoint",
        &["consumer", "seq"],
        &["consumer"],
        Conflict::Replace(&["seq"]),
        [at],
    )
    .await
}

type RuleNumbers = HashMap<(String, String), i64>;

/// Numbers of the rules an outcome speaks of; those met for the first time get one.
async fn rule_numbers(write: &Write, outcome: &Outcome) -> Found<RuleNumbers> {
    let opened = outcome.opened.iter().map(|one| &one.alert.rule);
    let raised = outcome.grown.iter().filter_map(|one| one.raised.as_ref()).map(|one| &one.rule);
    let wanted: BTreeMap<(String, String), &RuleText> =
        opened.chain(raised).map(|rule| (rule_key(rule), &**rule)).collect();
    let ids: Vec<&str> = wanted.keys().map(|(rule, _)| rule.as_str()).collect();
    let mut numbers = RuleNumbers::new();
    for ids in ids.chunks(CHUNK) {
        let select = Query::select()
            .columns(["number", "rule", "version"])
            .from("alert_rule")
            .and_where(Expr::col("rule").is_in(ids.iter().copied()))
            .take();
        let found = rows(write, "alert_rule", &select, |row| {
            Ok(((row.text("rule")?, row.text("version")?), row.int("number")?))
        });
        numbers.extend(found.await?);
    }
    let absent: Vec<&RuleText> = wanted
        .iter()
        .filter(|(key, _)| !numbers.contains_key(*key))
        .map(|(_, rule)| *rule)
        .collect();
    let first = take_numbers(write, "rule", absent.len()).await?;
    let new = absent.iter().zip(first..).map(|(rule, number)| rule_row(number, rule));
    insert(write, "alert_rule", &RULE_COLUMNS, &[], Conflict::None, new).await?;
    for (rule, number) in absent.into_iter().zip(first..) {
        numbers.insert((rule.id.clone(), rule.version.clone()), number);
    }
    Ok(numbers)
}

fn rule_row(number: i64, rule: &RuleText) -> Vec<Value> {
    let tags: Vec<&str> = rule.tags.iter().flat_map(|tag| tag.split_whitespace()).collect();
    vec![
        number.into(),
        text(&rule.id),
        text(&rule.version),
        text(&rule.title),
        (rule.level as i16).into(),
        text(&rule.status),
        text(tags.join(" ")),
        text(&rule.harm),
        text(&rule.action),
    ]
}

/// The first of `count` numbers nobody has.
async fn take_numbers(write: &Write, what: &'static str, count: usize) -> Found<i64> {
    let select = Query::select().column(what).from("alert_head").take();
    let last = row(write, "alert_head", &select, |row| row.int(what)).await?.unwrap_or(0);
    if count > 0 {
        let next = last + count as i64;
        write.execute(&Query::update().table("alert_head").value(what, next).take()).await?;
    }
    Ok(last + 1)
}

async fn retire(write: &Write, alerts: &[AlertId]) -> Found<()> {
    for alerts in alerts.chunks(CHUNK) {
        let update = Query::update()
            .table("alert")
            .value("is_current", bit(false))
            .and_where(Expr::col("id").is_in(alerts.iter().map(|id| id.0)))
            .take();
        write.execute(&update).await?;
    }
    Ok(())
}

const ALERT_COLUMNS: [&str; 24] = [
    "number",
    "state",
    "level",
    "verdict",
    "flood",
    "rule",
    "organisation",
    "opened_at",
    "owner",
    "rank",
    "count",
    "first_seen",
    "last_seen",
    "closed_at",
    "devices",
    "device",
    "device_key",
    "device_id",
    "id",
    "is_current",
    "group_hash",
    "last_seq",
    "last_item",
    "version",
];

async fn open(write: &Write, opened: &[Opened], rules: &RuleNumbers) -> Found<()> {
    if opened.is_empty() {
        return Ok(());
    }
    let retired_here = retired_in_the_same_batch(opened);
    let first = take_numbers(write, "number", opened.len()).await?;
    let numbered = || opened.iter().zip(first..);
    let alerts = numbered()
        .map(|(one, number)| alert_row(one, number, rules, !retired_here.contains(&one.alert.id)));
    insert(write, "alert", &ALERT_COLUMNS, &[], Conflict::None, alerts).await?;
    let stories = numbered().map(|(one, number)| {
        vec![
            number.into(),
            text(&one.alert.headline),
            text(words(one).join(" ")),
            text(&one.story.reason),
            text(json(&one.story.rank)),
            text(json(&one.story.support)),
        ]
    });
    let columns = ["number", "headline", "words", "reason", "rank", "support"];
    insert(write, "alert_story", &columns, &[], Conflict::None, stories).await?;
    if write.get_database_backend() == DatabaseBackend::Sqlite {
        let words = numbered().map(|(one, number)| vec![number.into(), text(words(one).join(" "))]);
        insert(write, "alert_words", &["rowid", "words"], &[], Conflict::None, words).await?;
    }
    let deeds: Vec<NewDeed> = opened.iter().map(opening).collect();
    add_deeds(write, &deeds).await
}

fn opening(one: &Opened) -> NewDeed {
    NewDeed {
        id: one.deed,
        alert: one.alert.id,
        at: one.alert.opened_at,
        person: None,
        kind: DeedKind::Opened,
        text: String::new(),
        before: None,
        act: one.deed,
    }
}

/// An alert may be opened and succeeded in one batch; of a group's only the last is the newest.
fn retired_in_the_same_batch(opened: &[Opened]) -> BTreeSet<AlertId> {
    let mut newest: HashMap<(&str, &str, String, bool), AlertId> = HashMap::new();
    let mut retired = BTreeSet::new();
    for one in opened {
        let alert = &one.alert;
        let device = device_key(&alert.device);
        let group = (alert.organisation.as_str(), alert.rule.id.as_str(), device, alert.is_flood);
        retired.extend(newest.insert(group, alert.id));
    }
    retired
}

fn words(one: &Opened) -> Vec<String> {
    search_words(&one.alert.headline, MAX_HEADLINE_WORDS)
}

fn alert_row(one: &Opened, number: i64, rules: &RuleNumbers, is_current: bool) -> Vec<Value> {
    let alert = &one.alert;
    let rule = rules.get(&rule_key(&alert.rule)).copied();
    vec![
        number.into(),
        alert.state.number().into(),
        (alert.level as i16).into(),
        alert.verdict.map(|verdict| verdict.number()).into(),
        bit(alert.is_flood).into(),
        rule.expect("every rule of the outcome was given a number").into(),
        text(alert.organisation.as_str()),
        micros(alert.opened_at).into(),
        alert.owner.map(|owner| owner.0).into(),
        alert.rank_millionths.into(),
        int(alert.count),
        micros(alert.first_seen).into(),
        micros(alert.last_seen).into(),
        alert.closed_at.map(micros).into(),
        int(alert.devices),
        text(&alert.device),
        text(device_key(&alert.device)),
        alert.device_id.map(|id| id.0).into(),
        alert.id.0.into(),
        bit(is_current).into(),
        one.group_hash.into(),
        one.last.seq.into(),
        i64::from(one.last.item).into(),
        alert.version.into(),
    ]
}

/// Signals do not raise the version: an alert that grows while somebody looks at it can still be
/// closed by them.
async fn grow(write: &Write, growth: &Growth, rules: &RuleNumbers) -> Found<()> {
    let mut update = Query::update();
    update
        .table("alert")
        .value("count", int(growth.count))
        .value("devices", int(growth.devices))
        .value("first_seen", micros(growth.first_seen))
        .value("last_seen", micros(growth.last_seen))
        .value("last_seq", growth.last.seq)
        .value("last_item", i64::from(growth.last.item))
        .and_where(Expr::col("id").eq(growth.id.0));
    if let Some(raised) = &growth.raised {
        let number = rules.get(&rule_key(&raised.rule)).copied();
        update
            .value("rule", number.expect("every rule of the outcome was given a number"))
            .value("rank", raised.rank.millionths())
            .value("level", raised.rule.level.max(raised.level_before) as i16);
    }
    write.execute(&update).await?;
    tell(write, growth).await
}

/// The story of an alert that grew.
async fn tell(write: &Write, growth: &Growth) -> Found<()> {
    if growth.raised.is_none() && growth.headline.is_none() {
        return Ok(());
    }
    let number = Query::select()
        .column("number")
        .from("alert")
        .and_where(Expr::col("id").eq(growth.id.0))
        .take();
    let mut update = Query::update();
    update.table("alert_story").and_where(Expr::col("number").in_subquery(number));
    if let Some(headline) = &growth.headline {
        update.value("headline", headline.as_str());
    }
    if let Some(raised) = &growth.raised {
        update.value("rank", json(&raised.rank)).value("support", json(&raised.support));
    }
    write.execute(&update).await?;
    Ok(())
}

async fn keep_evidence(write: &Write, evidence: &[Evidence]) -> Found<()> {
    let columns = [
        "alert",
        "slot",
        "ordinal",
        "seq",
        "item",
        "at",
        "received_at",
        "device",
        "event",
        "cut_bytes",
        "matched",
    ];
    let rows = evidence.iter().map(|one| {
        let matched: Vec<StoredMatch> = one
            .matched
            .iter()
            .map(|field| StoredMatch {
                field: field.field.clone(),
                value: field.value.clone(),
                condition: field.condition.clone(),
            })
            .collect();
        vec![
            one.alert.0.into(),
            one.slot().into(),
            int(one.ordinal),
            one.position.seq.into(),
            i64::from(one.position.item).into(),
            micros(one.at).into(),
            micros(one.received_at).into(),
            text(&one.device),
            text(&one.event),
            int(one.cut_bytes as u64),
            text(json(&matched)),
        ]
    });
    let conflict = Conflict::Replace(&columns[2..]);
    insert(write, "alert_evidence", &columns, &["alert", "slot"], conflict, rows).await
}

async fn keep_flood_devices(write: &Write, outcome: &Outcome) -> Found<()> {
    let columns = ["alert", "device_key", "device", "count", "first_seen", "last_seen"];
    let rows = outcome.flood_devices.iter().map(|one| {
        vec![
            one.alert.0.into(),
            text(device_key(&one.device)),
            text(&one.device),
            int(one.count),
            micros(one.first_seen).into(),
            micros(one.last_seen).into(),
        ]
    });
    let key = ["alert", "device_key"];
    insert(write, "alert_device", &columns, &key, Conflict::Add(&["count"]), rows).await?;
    for one in &outcome.flood_devices {
        let update = Query::update()
            .table("alert_device")
            .value("last_seen", micros(one.last_seen))
            .and_where(Expr::col("alert").eq(one.alert.0))
            .and_where(Expr::col("device_key").eq(device_key(&one.device)))
            .and_where(Expr::col("last_seen").lt(micros(one.last_seen)))
            .take();
        write.execute(&update).await?;
    }
    Ok(())
}
