//! Alerts as JSON: the queue, one alert with its story, and what people do with it. The same
//! services and the same trail as the pages.

use std::collections::HashMap;

use access::{Access, Permission};
use axum::{
    Json,
    body::Body,
    extract::{RawQuery, State},
    http::StatusCode,
};
use detect::alert::{
    Alert, Alerts, Cursor, Deed, DeedKind, Evidence, Move, Sort, Story, Verdict, service::Act,
};
use sector::Map;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use terms::{AlertId, PersonId};
use utoipa::ToSchema;

use super::{
    answers::{Absent, Denied, WrongBody, WrongPath, WrongQuery},
    query::limit,
    segment::Segment,
};
use crate::{
    Settings,
    caller::Authorised,
    failure::{Failure, Problem},
    pages::alerts::{
        failed::failed,
        harm,
        moves::{Chosen, Moves},
        query::{Cx, Query},
        rows,
    },
};

/// A person.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PersonWire {
    id: String,
    /// Absent when they are not known any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

/// An alert as the queue shows it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AlertWire {
    id: String,
    /// The organisation's ODS code.
    organisation: String,
    organisation_name: String,
    /// `new`, `taken` or `closed`.
    state: String,
    /// The rule's level, as Sigma spells it.
    level: String,
    /// How close care is to being harmed: `none`, `possible`, `soon` or `now`.
    harm: String,
    /// How urgent it is, from 0 to 1. An estimate.
    rank: f64,
    /// What happened.
    headline: String,
    rule: String,
    rule_title: String,
    /// ATT&CK techniques of the rule.
    techniques: Vec<String>,
    /// As the event names it; empty for a flood.
    device: String,
    /// How many devices; more than one only in a flood.
    devices: u64,
    /// Findings in it.
    count: u64,
    first_seen: String,
    last_seen: String,
    opened_at: String,
    closed_at: Option<String>,
    owner: Option<PersonWire>,
    /// `true_positive`, `benign` or `false_positive`.
    verdict: Option<String>,
    /// Whether it collects what was too much for alerts of their own.
    flood: bool,
    /// Rises with each move of a person; send it back with the next move.
    version: i64,
}

/// A page of the queue.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AlertsPage {
    alerts: Vec<AlertWire>,
    /// How many pass the filters.
    total: u64,
    /// Whether counting stopped there and there are more.
    total_is_capped: bool,
    /// Where the next page begins; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

/// One reason of a rank.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FactorWire {
    name: String,
    /// From 0 to 1.
    value: f64,
    because: String,
}

/// A field of an event that made the rule hold.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MatchedWire {
    field: String,
    value: String,
    condition: String,
}

/// An event kept with an alert.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EvidenceWire {
    /// Which finding of the alert it is, from 1 on.
    ordinal: u64,
    at: String,
    received_at: String,
    device: String,
    /// The event as it came; only its beginning if `cut_bytes` is not 0.
    event: String,
    cut_bytes: usize,
    matched: Vec<MatchedWire>,
}

/// What was done with an alert.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeedWire {
    at: String,
    /// Absent for what Ward did by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<PersonWire>,
    /// `opened`, `taken`, `handed_over`, `commented`, `closed`, `reopened`, `exception_made` or
    /// `undone`.
    what: String,
    text: String,
    /// The act it belongs to; undo takes this.
    act: String,
    undone: bool,
}

/// Everything about an alert.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WholeWire {
    alert: AlertWire,
    /// Why it has its rank.
    factors: Vec<FactorWire>,
    /// Why it was closed, or empty.
    reason: String,
    evidence: Vec<EvidenceWire>,
    /// Oldest first.
    history: Vec<DeedWire>,
}

/// A move with an alert.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "move")]
pub(crate) enum MoveWire {
    /// To make it one's own work.
    Take {
        /// The version that was looked at; without one whatever stands there is moved.
        version: Option<i64>,
    },
    /// To give it to somebody who may work on it.
    HandOver {
        version: Option<i64>,
        /// The person's id.
        to: String,
        #[serde(default)]
        text: String,
    },
    /// To write about it.
    Comment { text: String },
    /// To give it a verdict.
    Close {
        version: Option<i64>,
        /// `true_positive`, `benign` or `false_positive`.
        verdict: String,
        reason: String,
    },
    /// To open it again.
    Reopen { version: Option<i64>, reason: String },
}

/// What a move led to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MovedWire {
    /// Where the alert stands now.
    state: String,
    /// What undo takes.
    act: String,
}

/// An act to take back.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct UndoWire {
    act: String,
}

/// What was taken back.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UndoneWire {
    /// Alerts that stand as before the act.
    undone: Vec<String>,
    /// Alerts that were left, each with why.
    left: Vec<LeftWire>,
}

/// An alert that was left as it is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LeftWire {
    id: String,
    why: String,
}

/// Where a page begins.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Place {
    after: String,
}

impl Place {
    fn read(raw: Option<&str>) -> Result<Option<Cursor>, Failure> {
        let place: Self = serde_html_form::from_str(raw.unwrap_or_default())
            .map_err(|error| bad("the address", &error))?;
        match place.after.as_str() {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|error| bad("after", &error)),
        }
    }
}

pub(super) fn bad(parameter: &str, why: &dyn std::fmt::Display) -> Failure {
    Failure::new(StatusCode::BAD_REQUEST, format!("{parameter}: {why}"))
}

/// The largest JSON that is read.
const MOST_BYTES: usize = 256 << 10;

/// A JSON body.
pub(super) async fn sent<T: DeserializeOwned>(body: Body) -> Result<T, Failure> {
    let bytes = axum::body::to_bytes(body, MOST_BYTES).await.map_err(|_| {
        Failure::new(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large or did not end")
    })?;
    serde_json::from_slice(&bytes).map_err(|error| bad("the body", &error))
}

/// A page of the queue, worst patient harm first unless asked otherwise.
#[utoipa::path(
    get,
    path = "/api/v1/alerts",
    tag = "alerts",
    params(
        ("q" = Option<String>, Query, description = "words of the headline"),
        ("state" = Option<Vec<String>>, Query, description = "new, taken, closed, or any; without one what is open"),
        ("level" = Option<Vec<String>>, Query, description = "levels as Sigma spells them"),
        ("organisation" = Option<Vec<String>>, Query, description = "ODS codes"),
        ("region" = Option<Vec<String>>, Query, description = "codes of regions"),
        ("icb" = Option<Vec<String>>, Query, description = "codes of integrated care boards"),
        ("group" = Option<Vec<String>>, Query, description = "ids of groups"),
        ("rule" = Option<Vec<String>>, Query, description = "ids of rules"),
        ("device" = Option<String>, Query, description = "a device's name"),
        ("technique" = Option<String>, Query, description = "a technique of ATT&CK, as T1490"),
        ("owner" = Option<String>, Query, description = "me, nobody, or a person's id"),
        ("verdict" = Option<Vec<String>>, Query, description = "verdicts"),
        ("from" = Option<String>, Query, description = "opened at or after; a day or RFC 3339"),
        ("to" = Option<String>, Query, description = "opened before; a day is included"),
        ("flood" = Option<String>, Query, description = "only or none"),
        ("sort" = Option<String>, Query, description = "rank, newest, oldest, level or count"),
        ("after" = Option<String>, Query, description = "where the page begins, from the page before"),
        ("limit" = Option<u16>, Query, minimum = 1, maximum = 500, description = "rows; 100 without"),
    ),
    responses(
        (status = 200, description = "a page", body = AlertsPage),
        Denied,
        WrongQuery,
    ),
    security(("token" = []))
)]
pub(crate) async fn list(
    State(alerts): State<Alerts>,
    State(access): State<Access>,
    State(map): State<Map>,
    RawQuery(raw): RawQuery,
    caller: Authorised,
) -> Result<Json<AlertsPage>, Failure> {
    let scope = caller.scope(Permission::ViewAlerts)?;
    let (cursor, limit) = (Place::read(raw.as_deref())?, limit(raw.as_deref())?);
    let query = Query::read(raw.as_deref()).map_err(|error| bad("the address", &error))?;
    let graph = map.graph();
    let (me, zone) = (caller.0.person, caller.0.time_zone.as_str());
    let asked = query.checked(&Cx { me, scope: &scope, graph: &graph, zone });
    let asked = asked.map_err(|wrong| bad(wrong.parameter, &wrong.why))?;
    let sort: Sort = asked.sort;
    let page = alerts.page(&scope, &asked.filter, sort, cursor.as_ref(), limit).await;
    let page = page.map_err(failed)?;
    let owners = page.alerts.iter().filter_map(|alert| alert.owner);
    let names = access.names(owners.collect::<Vec<_>>()).await.map_err(Failure::of)?;
    let wire = |alert: &Alert| wire(alert, &names, &graph);
    Ok(Json(AlertsPage {
        alerts: page.alerts.iter().map(wire).collect(),
        total: page.total.count,
        total_is_capped: page.total.is_capped,
        after: page.after.map(|cursor| cursor.to_string()),
    }))
}

fn person(id: PersonId, names: &HashMap<PersonId, String>) -> PersonWire {
    PersonWire { id: id.to_string(), name: names.get(&id).cloned() }
}

fn wire(alert: &Alert, names: &HashMap<PersonId, String>, graph: &sector::Graph) -> AlertWire {
    AlertWire {
        id: alert.id.to_string(),
        organisation: alert.organisation.to_string(),
        organisation_name: rows::organisation(graph, &alert.organisation),
        state: alert.state.to_string(),
        level: alert.level.to_string(),
        harm: harm::of(alert).key().to_owned(),
        rank: alert.rank_millionths as f64 / 1e6,
        headline: alert.headline.clone(),
        rule: alert.rule.id.clone(),
        rule_title: alert.rule.title.clone(),
        techniques: alert.rule.techniques().collect(),
        device: alert.device.clone(),
        devices: alert.devices,
        count: alert.count,
        first_seen: alert.first_seen.to_string(),
        last_seen: alert.last_seen.to_string(),
        opened_at: alert.opened_at.to_string(),
        closed_at: alert.closed_at.map(|at| at.to_string()),
        owner: alert.owner.map(|owner| person(owner, names)),
        verdict: alert.verdict.map(|verdict| verdict.to_string()),
        flood: alert.is_flood,
        version: alert.version,
    }
}

/// An alert with why it stands where it stands, what was kept and what was done.
#[utoipa::path(
    get,
    path = "/api/v1/alerts/{id}",
    tag = "alerts",
    params(("id" = String, Path, description = "the alert's id")),
    responses(
        (status = 200, description = "the alert", body = WholeWire),
        Denied,
        WrongPath,
        Absent,
    ),
    security(("token" = []))
)]
pub(crate) async fn one(
    State(alerts): State<Alerts>,
    State(access): State<Access>,
    State(map): State<Map>,
    Segment(id): Segment,
    caller: Authorised,
) -> Result<Json<WholeWire>, Failure> {
    let scope = caller.scope(Permission::ViewAlerts)?;
    let id: AlertId = id.parse().map_err(|_| Failure::not_found())?;
    let whole = alerts.whole(&scope, id).await.map_err(failed)?;
    let people = whole.deeds.iter().filter_map(|deed| deed.person).chain(whole.alert.owner);
    let names = access.names(people.collect::<Vec<_>>()).await.map_err(Failure::of)?;
    Ok(Json(WholeWire {
        alert: wire(&whole.alert, &names, &map.graph()),
        factors: factors(&whole.story),
        reason: whole.story.reason.clone(),
        evidence: whole.evidence.iter().map(kept).collect(),
        history: whole.deeds.iter().map(|one| deed(one, &names)).collect(),
    }))
}

fn factors(story: &Story) -> Vec<FactorWire> {
    let factor = |one: &detect::alert::Factor| FactorWire {
        name: one.name.clone(),
        value: one.value,
        because: one.because.clone(),
    };
    story.rank.factors.iter().map(factor).collect()
}

fn kept(evidence: &Evidence) -> EvidenceWire {
    let matched = evidence.matched.iter().map(|one| MatchedWire {
        field: one.field.clone(),
        value: one.value.clone(),
        condition: one.condition.clone(),
    });
    EvidenceWire {
        ordinal: evidence.ordinal,
        at: evidence.at.to_string(),
        received_at: evidence.received_at.to_string(),
        device: evidence.device.clone(),
        event: evidence.event.clone(),
        cut_bytes: evidence.cut_bytes,
        matched: matched.collect(),
    }
}

fn deed(deed: &Deed, names: &HashMap<PersonId, String>) -> DeedWire {
    let what = match deed.kind {
        DeedKind::Opened => "opened",
        DeedKind::Taken => "taken",
        DeedKind::HandedOver { .. } => "handed_over",
        DeedKind::Commented => "commented",
        DeedKind::Closed { .. } => "closed",
        DeedKind::Reopened => "reopened",
        DeedKind::ExceptionMade { .. } => "exception_made",
        DeedKind::Undone { .. } => "undone",
    };
    DeedWire {
        at: deed.at.to_string(),
        person: deed.person.map(|id| person(id, names)),
        what: what.to_owned(),
        text: deed.text.clone(),
        act: deed.act.to_string(),
        undone: deed.is_undone,
    }
}

/// Takes, hands over, comments, closes or reopens an alert.
#[utoipa::path(
    post,
    path = "/api/v1/alerts/{id}/moves",
    tag = "alerts",
    params(("id" = String, Path, description = "the alert's id")),
    request_body = MoveWire,
    responses(
        (status = 200, description = "done", body = MovedWire),
        Denied,
        WrongBody,
        Absent,
        (status = 409, description = "where the alert stands does not allow it, or somebody else was quicker", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "something that must be there is missing", body = Problem, content_type = "application/problem+json"),
    ),
    security(("token" = []))
)]
pub(crate) async fn act(
    State(moves): State<Moves>,
    State(access): State<Access>,
    State(settings): State<Settings>,
    Segment(id): Segment,
    caller: Authorised,
    body: Body,
) -> Result<Json<MovedWire>, Failure> {
    let scope = caller.scope(Permission::WorkAlerts)?;
    let id: AlertId = id.parse().map_err(|_| Failure::not_found())?;
    let asked: MoveWire = sent(body).await?;
    let now = settings.now();
    let known = moves.looked_up(&scope, &[Chosen { id, seen: None }]).await?;
    let Some(alert) = known.first() else { return Err(Failure::not_found()) };
    let (seen, asked) = asked.checked()?;
    if let Move::HandOver { to, .. } = &asked {
        let found = access.colleagues(Permission::WorkAlerts, &alert.organisation, now).await;
        if !found.map_err(Failure::of)?.iter().any(|one| one.id == *to) {
            let what = "to: nobody with this id may work on alerts there";
            return Err(Failure::new(StatusCode::UNPROCESSABLE_ENTITY, what));
        }
    }
    let chosen = [Chosen { id, seen }];
    let Act { id: act, done } =
        moves.make(&caller.0, &scope, (&chosen, &known), &asked, now).await?;
    match done.into_iter().next().map(|one| one.result) {
        Some(Ok(state)) => Ok(Json(MovedWire { state: state.to_string(), act: act.to_string() })),
        Some(Err(error)) => Err(failed(error)),
        None => Err(Failure::not_found()),
    }
}

impl MoveWire {
    fn checked(self) -> Result<(Option<i64>, Move), Failure> {
        let refused = |what: String| Failure::new(StatusCode::UNPROCESSABLE_ENTITY, what);
        Ok(match self {
            Self::Take { version } => (version, Move::Take),
            Self::HandOver { version, to, text } => {
                let to = to.parse().map_err(|error| refused(format!("to: {error}")))?;
                (version, Move::HandOver { to, text })
            }
            Self::Comment { text } => (None, Move::Comment { text }),
            Self::Close { version, verdict, reason } => {
                let verdict: Verdict =
                    verdict.parse().map_err(|error| refused(format!("verdict: {error}")))?;
                (version, Move::Close { verdict, reason })
            }
            Self::Reopen { version, reason } => (version, Move::Reopen { reason }),
        })
    }
}

/// Takes an act back, for ten minutes, where nothing was done since.
#[utoipa::path(
    post,
    path = "/api/v1/alerts/undo",
    tag = "alerts",
    request_body = UndoWire,
    responses(
        (status = 200, description = "what was taken back and what was left", body = UndoneWire),
        Denied,
        WrongBody,
        (status = 404, description = "no such act within your scope", body = Problem, content_type = "application/problem+json"),
    ),
    security(("token" = []))
)]
pub(crate) async fn undo(
    State(moves): State<Moves>,
    State(settings): State<Settings>,
    caller: Authorised,
    body: Body,
) -> Result<Json<UndoneWire>, Failure> {
    let scope = caller.scope(Permission::WorkAlerts)?;
    let asked: UndoWire = sent(body).await?;
    let act = asked.act.parse().map_err(|error: terms::id::UnreadableId| bad("act", &error))?;
    let undone = moves.undo(&caller.0, &scope, act, settings.now()).await?;
    let (mut back, mut left) = (Vec::new(), Vec::new());
    for one in undone.done {
        match one.result {
            Ok(_) => back.push(one.id.to_string()),
            Err(error) => left.push(LeftWire { id: one.id.to_string(), why: error.to_string() }),
        }
    }
    Ok(Json(UndoneWire { undone: back, left }))
}
