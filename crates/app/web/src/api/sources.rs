//! Sources as JSON: what sends telemetry, how fast, how late, and what could not be used.

use access::{Access, Permission};
use axum::{
    Json,
    extract::{RawQuery, State},
};
use intake::Intake;
use sector::Map;
use serde::Serialize;
use terms::{Timestamp, TokenId};
use utoipa::ToSchema;

use super::{
    alerts::bad,
    answers::{Absent, Denied, WrongPath, WrongQuery},
    query::{Asked, limit},
    segment::Segment,
};
use crate::{
    Settings,
    caller::Authorised,
    failure::Failure,
    pages::sources::{
        Query,
        heard::{self, Heard},
    },
};

/// A source.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SourceWire {
    /// The id of the token it sends with.
    id: String,
    /// What the token is called.
    name: String,
    /// The organisation's ODS code.
    organisation: String,
    organisation_name: String,
    /// `well`, `lagging`, `silent` or `failing`.
    state: String,
    first_heard: String,
    last_heard: String,
    /// How old its newest record was when it came; null while that is not known.
    lag_seconds: Option<i64>,
    /// Records accepted in all.
    records: i64,
    bytes: i64,
    /// Lines and requests refused in all.
    refused: i64,
    /// Records accepted in all that could not be read.
    unread: i64,
    /// Records in each of the last 60 minutes, oldest first.
    rates: Vec<i64>,
}

/// Sources in an order.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SourcesWire {
    sources: Vec<SourceWire>,
    total: u64,
    /// Where the next page begins; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

/// A minute of a source.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MinuteWire {
    at: String,
    records: i64,
    bytes: i64,
    refused: i64,
    unread: i64,
}

/// Something a source sent that could not be used.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FailureWire {
    at: String,
    /// The line of the request; null when it was no line's fault.
    line: Option<i64>,
    reason: String,
    /// How it began; may be empty.
    sample: String,
}

/// All that is known of a source.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WholeSourceWire {
    #[serde(flatten)]
    source: SourceWire,
    /// Minutes of the last 24 hours in which it was heard, oldest first.
    minutes: Vec<MinuteWire>,
    /// The latest first.
    failures: Vec<FailureWire>,
}

fn wire(one: &Heard, minutes: &[intake::Minute], now: Timestamp) -> SourceWire {
    let state = &one.state;
    SourceWire {
        id: state.source.to_string(),
        name: one.name.clone(),
        organisation: state.organisation.to_string(),
        organisation_name: one.organisation.clone(),
        state: one.doing.as_str().to_owned(),
        first_heard: state.first_at.to_string(),
        last_heard: state.last_at.to_string(),
        lag_seconds: state.lag_s,
        records: state.events,
        bytes: state.bytes,
        refused: state.refused,
        unread: state.unread,
        rates: heard::rates(minutes, now),
    }
}

/// Sources, by default the latest heard first.
#[utoipa::path(
    get,
    path = "/api/v1/sources",
    tag = "sources",
    params(
        ("q" = Option<String>, Query, description = "words of the name or of the organisation"),
        ("state" = Option<String>, Query, description = "well, lagging, silent or failing"),
        ("sort" = Option<String>, Query, description = "last, name, lag or refused"),
        ("order" = Option<String>, Query, description = "asc or desc"),
        ("after" = Option<String>, Query, description = "where the page begins, from the page before"),
        ("limit" = Option<u16>, Query, minimum = 1, maximum = 500, description = "rows; 100 without"),
    ),
    responses(
        (status = 200, description = "a page", body = SourcesWire),
        Denied,
        WrongQuery,
    ),
    security(("token" = []))
)]
pub(crate) async fn list(
    State(intake): State<Intake>,
    State(access): State<Access>,
    State(map): State<Map>,
    State(settings): State<Settings>,
    RawQuery(raw): RawQuery,
    caller: Authorised,
) -> Result<Json<SourcesWire>, Failure> {
    let (scope, now) = (caller.scope(Permission::ViewSources)?, settings.now());
    let asked = Asked::read(raw.as_deref())?;
    let limit = usize::from(limit(raw.as_deref())?);
    let query = Query::read(|name| asked.get(name))?;
    let all = heard::all(&intake, &access, &map.graph(), &scope, now).await?;
    let mut found = query.answer(&intake, &scope, all, now).await?;
    let total = found.len() as u64;
    if !asked.get("after").is_empty() {
        let after = asked.get("after");
        let at = found.iter().position(|one| one.state.source.to_string() == after);
        let at = at.ok_or_else(|| bad("after", &"this source is not in the list"))?;
        found.drain(..=at);
    }
    let has_more = found.len() > limit;
    found.truncate(limit);
    let after = found.last().filter(|_| has_more).map(|one| one.state.source.to_string());
    let found = heard::minutes(&intake, &scope, found, now).await?;
    let sources = found.iter().map(|(one, minutes)| wire(one, minutes, now)).collect();
    Ok(Json(SourcesWire { sources, total, after }))
}

const SECONDS_A_DAY: i64 = 86_400;

/// One source.
#[utoipa::path(
    get,
    path = "/api/v1/sources/{id}",
    tag = "sources",
    params(("id" = String, Path, description = "the id of the token it sends with")),
    responses(
        (status = 200, description = "the source", body = WholeSourceWire),
        Denied,
        WrongPath,
        Absent,
    ),
    security(("token" = []))
)]
pub(crate) async fn one(
    State(intake): State<Intake>,
    State(access): State<Access>,
    State(map): State<Map>,
    State(settings): State<Settings>,
    Segment(id): Segment,
    caller: Authorised,
) -> Result<Json<WholeSourceWire>, Failure> {
    let (scope, now) = (caller.scope(Permission::ViewSources)?, settings.now());
    let id: TokenId = id.parse().map_err(|_| Failure::not_found())?;
    let day_ago = Timestamp::from_second(now.as_second() - SECONDS_A_DAY).unwrap_or(now);
    let found = intake.source(&scope, id, day_ago).await;
    let found = found.map_err(|error| Failure::internal(&error))?;
    let (state, minutes, failures) = found.ok_or_else(Failure::not_found)?;
    let name = access.token_names([id]).await.map_err(Failure::of)?.remove(&id);
    let lately = heard::since(now);
    let last_hour: Vec<_> = minutes.iter().filter(|one| one.at >= lately).copied().collect();
    let source = heard::heard(state, name, &map.graph(), now).with(&last_hour, now);
    let minute = |one: &intake::Minute| MinuteWire {
        at: one.at.to_string(),
        records: one.events,
        bytes: one.bytes,
        refused: one.refused,
        unread: one.unread,
    };
    let failure = |one: intake::Failure| FailureWire {
        at: one.at.to_string(),
        line: Some(one.line).filter(|line| *line > 0),
        reason: one.reason,
        sample: one.sample,
    };
    Ok(Json(WholeSourceWire {
        source: wire(&source, &last_hour, now),
        minutes: minutes.iter().map(minute).collect(),
        failures: failures.into_iter().map(failure).collect(),
    }))
}
