//! Rules as JSON: what is looked for, what it found, how that turned out, and turning it on and
//! off. The same services and the same trail as the pages.

use access::Permission;
use axum::{
    Json,
    body::Body,
    extract::{RawQuery, State},
    http::StatusCode,
};
use bus::Broadcast;
use detect::{
    alert::{Alerts, Record, Verdicts},
    rulebook::Rulebook,
};
use sector::Map;
use serde::{Deserialize, Serialize};
use sigma::Refused;
use terms::Part;
use utoipa::ToSchema;

use super::{
    alerts::{bad, sent},
    answers::{Denied, WrongBody, WrongPath, WrongQuery},
    query::{Asked, limit},
    segment::Segment,
};
use crate::{
    News, Settings,
    caller::Authorised,
    failure::{Failure, Problem},
    pages::{
        alerts::failed::failed,
        rules::{
            query::{Query, source},
            record, records,
            standing::{On, Standing, Standings},
            switch::{Turn, turn_all},
            text,
        },
    },
};

/// How closed alerts turned out.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VerdictsWire {
    true_positive: u64,
    benign: u64,
    false_positive: u64,
    /// True positives of 100 closed alerts; null without closed alerts.
    share: Option<u8>,
    /// Between this and `share_high` the share lies in 95 of 100 cases.
    share_low: Option<u8>,
    share_high: Option<u8>,
}

/// A rule.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RuleWire {
    id: String,
    title: String,
    /// The rule's level, as Sigma spells it.
    level: String,
    /// The rule's status, as Sigma spells it; may be empty.
    status: String,
    /// Product, category and service, those that are given.
    log_source: String,
    /// Techniques of ATT&CK.
    techniques: Vec<String>,
    /// Tactics of ATT&CK.
    tactics: Vec<String>,
    /// What it found on each of the last 30 days, oldest first, within your scope.
    hits: Vec<i64>,
    /// Alerts that opened.
    alerts: i64,
    /// Findings that exceptions hid.
    excepted: i64,
    /// How its closed alerts turned out within your scope.
    verdicts: VerdictsWire,
    /// Organisations of your scope for which it is off.
    organisations_off: u64,
    file: String,
    line: u32,
}

/// Rules in an order.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RulesWire {
    rules: Vec<RuleWire>,
    total: u64,
    /// Where the next page begins; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

/// All that is known of a rule.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WholeRuleWire {
    #[serde(flatten)]
    rule: RuleWire,
    description: String,
    /// What care is at stake; may be empty.
    harm: String,
    /// The first safe thing to do; may be empty.
    action: String,
    falsepositives: Vec<String>,
    references: Vec<String>,
    tags: Vec<String>,
    author: String,
    /// Log source, selections and condition as the rule in force has them.
    detection: String,
    /// How its closed alerts turned out in the rest of the sector.
    verdicts_elsewhere: VerdictsWire,
    /// Where it was turned on or off.
    switches: Vec<SwitchWire>,
}

/// A rule turned on or off for a part of the sector.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SwitchWire {
    /// `sector`, `region:…`, `icb:…`, `group:…` or `organisation:…`.
    part: String,
    is_on: bool,
    reason: String,
    /// The person's id.
    person: String,
    at: String,
}

/// A turn that is asked for.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct TurnWire {
    /// For whom, as `organisation:RX1`.
    part: String,
    is_on: bool,
    reason: String,
}

/// A document of a rule file that cannot be used.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UnusableWire {
    file: String,
    line: u32,
    /// May be empty.
    title: String,
    /// `refused`, `not_yet` (read but not run) or `note` (used all the same).
    kind: String,
    reason: String,
}

/// Documents that cannot be used.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UnusablesWire {
    documents: Vec<UnusableWire>,
    total: u64,
    /// Where the next page begins; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

fn verdicts(verdicts: Verdicts) -> VerdictsWire {
    let bounds = record::bounds(verdicts);
    VerdictsWire {
        true_positive: verdicts.true_positive,
        benign: verdicts.benign,
        false_positive: verdicts.false_positive,
        share: bounds.map(|(_, share, _)| share),
        share_low: bounds.map(|(low, ..)| low),
        share_high: bounds.map(|(.., high)| high),
    }
}

fn wire(one: &Standing<'_>, record: &Record, organisations: usize) -> RuleWire {
    let meta = &one.rule.meta;
    let off = match one.on {
        On::Everywhere => 0,
        On::Not(off) => off,
        On::Nowhere => organisations,
    };
    RuleWire {
        id: one.text.id.clone(),
        title: meta.title.clone(),
        level: meta.level.as_str().to_owned(),
        status: meta.status.clone(),
        log_source: source(one),
        techniques: meta.techniques().collect(),
        tactics: meta.tactics().collect(),
        hits: one.days.hits.to_vec(),
        alerts: one.days.alerts,
        excepted: one.days.excepted,
        verdicts: verdicts(record.here),
        organisations_off: off as u64,
        file: meta.file.to_string(),
        line: meta.line,
    }
}

/// Rules in force, by default those that found most in the last 30 days first.
#[utoipa::path(
    get,
    path = "/api/v1/rules",
    tag = "rules",
    params(
        ("q" = Option<String>, Query, description = "words of title, description, tag or file"),
        ("level" = Option<String>, Query, description = "a level, as Sigma spells it"),
        ("source" = Option<String>, Query, description = "a log source, as windows/process_creation"),
        ("tactic" = Option<String>, Query, description = "a tactic of ATT&CK, as credential-access"),
        ("state" = Option<String>, Query, description = "on, off, found or silent"),
        ("sort" = Option<String>, Query, description = "hits, alerts, level or title"),
        ("order" = Option<String>, Query, description = "asc or desc"),
        ("after" = Option<String>, Query, description = "where the page begins, from the page before"),
        ("limit" = Option<u16>, Query, minimum = 1, maximum = 500, description = "rows; 100 without"),
    ),
    responses(
        (status = 200, description = "a page", body = RulesWire),
        Denied,
        WrongQuery,
    ),
    security(("token" = []))
)]
pub(crate) async fn list(
    State(alerts): State<Alerts>,
    State(rulebook): State<Rulebook>,
    State(map): State<Map>,
    State(settings): State<Settings>,
    RawQuery(raw): RawQuery,
    caller: Authorised,
) -> Result<Json<RulesWire>, Failure> {
    let scope = caller.scope(Permission::ViewRules)?;
    let asked = Asked::read(raw.as_deref())?;
    let limit = usize::from(limit(raw.as_deref())?);
    let query = Query::read(|name| asked.get(name));
    let query = query.map_err(|wrong| bad(wrong.parameter, &wrong.why))?;
    let (rules, graph) = (rulebook.in_force().now(), map.graph());
    let standings = Standings::read(&alerts, rules, &graph, &scope, settings.now()).await;
    let standings = standings.map_err(failed)?;
    let found = query.answer(&standings);
    let total = found.len() as u64;
    let start = match asked.get("after") {
        "" => 0,
        id => {
            let at = found.iter().position(|one| one.text.id == id);
            at.ok_or_else(|| bad("after", &"this rule is not in the list"))? + 1
        }
    };
    let rows = &found[start..(start + limit).min(found.len())];
    let after = rows.last().filter(|_| start + limit < found.len());
    let after = after.map(|one| one.text.id.clone());
    let records = records(&alerts, &scope, rows).await?;
    let all = standings.organisations;
    let rules = rows.iter().zip(&records).map(|(one, record)| wire(one, record, all)).collect();
    Ok(Json(RulesWire { rules, total, after }))
}

/// One rule.
#[utoipa::path(
    get,
    path = "/api/v1/rules/{id}",
    tag = "rules",
    params(("id" = String, Path, description = "the rule's id")),
    responses(
        (status = 200, description = "the rule", body = WholeRuleWire),
        Denied,
        WrongPath,
        (status = 404, description = "no such rule is in force", body = Problem, content_type = "application/problem+json"),
    ),
    security(("token" = []))
)]
pub(crate) async fn one(
    State(alerts): State<Alerts>,
    State(rulebook): State<Rulebook>,
    State(map): State<Map>,
    State(settings): State<Settings>,
    Segment(id): Segment,
    caller: Authorised,
) -> Result<Json<WholeRuleWire>, Failure> {
    let scope = caller.scope(Permission::ViewRules)?;
    let (rules, graph) = (rulebook.in_force().now(), map.graph());
    let standings = Standings::read(&alerts, rules, &graph, &scope, settings.now()).await;
    let standings = standings.map_err(failed)?;
    let found = standings.find(&id).ok_or_else(Failure::not_found)?;
    let record = alerts.record(&scope, &id).await.map_err(failed)?;
    let switches = alerts.switches(&scope).await.map_err(failed)?.into_iter();
    let switches = switches.filter(|one| one.rule == id).map(|one| SwitchWire {
        part: one.part.to_string(),
        is_on: one.is_on,
        reason: one.reason,
        person: one.person.to_string(),
        at: one.at.to_string(),
    });
    let meta = &found.rule.meta;
    Ok(Json(WholeRuleWire {
        rule: wire(&found, &record, standings.organisations),
        description: meta.description.clone(),
        harm: meta.harm.clone(),
        action: meta.action.clone(),
        falsepositives: meta.falsepositives.clone(),
        references: meta.references.clone(),
        tags: meta.tags.clone(),
        author: meta.author.clone(),
        detection: text::of(found.rule),
        verdicts_elsewhere: verdicts(record.elsewhere),
        switches: switches.collect(),
    }))
}

/// Turns a rule on or off for a part of the sector.
#[utoipa::path(
    post,
    path = "/api/v1/rules/{id}/switch",
    tag = "rules",
    params(("id" = String, Path, description = "the rule's id")),
    request_body = TurnWire,
    responses(
        (status = 204, description = "turned"),
        Denied,
        WrongBody,
        (status = 403, description = "not allowed, or the part is not all within your scope", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "no such rule is in force", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "it cannot be turned so; why is told", body = Problem, content_type = "application/problem+json"),
    ),
    security(("token" = []))
)]
pub(crate) async fn switch(
    State(alerts): State<Alerts>,
    State(rulebook): State<Rulebook>,
    State(news): State<Broadcast<News>>,
    State(settings): State<Settings>,
    Segment(id): Segment,
    caller: Authorised,
    body: Body,
) -> Result<StatusCode, Failure> {
    let scope = caller.scope(Permission::ManageRules)?;
    if rulebook.in_force().now().find(&id).is_none() {
        return Err(Failure::not_found());
    }
    let turn = sent::<TurnWire>(body).await?.checked()?;
    turn_all(&alerts, &caller.0, &scope, &[id], &turn, settings.now()).await?;
    news.publish(News::Rules);
    Ok(StatusCode::NO_CONTENT)
}

/// Characters of a reason.
const MOST_REASON: usize = 1_000;

impl TurnWire {
    fn checked(self) -> Result<Turn, Failure> {
        let refused = |what: &str, why: &dyn std::fmt::Display| {
            Failure::new(StatusCode::UNPROCESSABLE_ENTITY, format!("{what}: {why}"))
        };
        let part: Part = self.part.parse().map_err(|error| refused("part", &error))?;
        let reason = self.reason.trim().to_owned();
        if !(1..=MOST_REASON).contains(&reason.chars().count()) {
            return Err(refused("reason", &"write 1 to 1,000 characters"));
        }
        Ok(Turn { part, is_on: self.is_on, reason })
    }
}

/// Documents of rule files that cannot be used, each with file, line and reason.
#[utoipa::path(
    get,
    path = "/api/v1/unusable-rules",
    tag = "rules",
    params(
        ("after" = Option<String>, Query, description = "where the page begins, from the page before"),
        ("limit" = Option<u16>, Query, minimum = 1, maximum = 500, description = "rows; 100 without"),
    ),
    responses(
        (status = 200, description = "a page", body = UnusablesWire),
        Denied,
        WrongQuery,
    ),
    security(("token" = []))
)]
pub(crate) async fn unusable(
    State(rulebook): State<Rulebook>,
    RawQuery(raw): RawQuery,
    caller: Authorised,
) -> Result<Json<UnusablesWire>, Failure> {
    caller.scope(Permission::ViewRules)?;
    let asked = Asked::read(raw.as_deref())?;
    let limit = usize::from(limit(raw.as_deref())?);
    let start: usize = match asked.get("after") {
        "" => 0,
        text => text.parse().map_err(|_| bad("after", &"this is no place in the list"))?,
    };
    let rules = rulebook.in_force().now();
    let set = rules.set();
    let kinds = [("refused", &set.refused), ("not_yet", &set.not_yet), ("note", &set.notes)];
    let all: Vec<(&str, &Refused)> = kinds
        .into_iter()
        .flat_map(|(kind, list)| list.iter().map(move |one| (kind, one)))
        .collect();
    let start = start.min(all.len());
    let end = start.saturating_add(limit).min(all.len());
    let documents = all[start..end].iter().map(|(kind, one)| UnusableWire {
        file: one.file.to_string(),
        line: one.line,
        title: one.title.clone(),
        kind: (*kind).to_owned(),
        reason: one.reason.clone(),
    });
    Ok(Json(UnusablesWire {
        documents: documents.collect(),
        total: all.len() as u64,
        after: (end < all.len()).then(|| end.to_string()),
    }))
}
