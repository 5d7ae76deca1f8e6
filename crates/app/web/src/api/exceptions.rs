//! Exceptions as JSON: what is counted instead of shown, made and taken back.

use access::Permission;
use axum::{
    Json,
    body::Body,
    extract::{RawQuery, State},
    http::StatusCode,
};
use bus::Broadcast;
use detect::alert::{Alerts, Condition, Exception, NewException, Operator};
use serde::{Deserialize, Serialize};
use terms::{ExceptionId, Timestamp};
use utoipa::ToSchema;

use super::{
    alerts::{bad, sent},
    answers::{Absent, Denied, WrongBody, WrongPath, WrongQuery},
    query::limit,
    segment::Segment,
};
use crate::{
    Settings,
    caller::Authorised,
    failure::{Failure, Problem},
    news::News,
    pages::{
        alerts::failed::failed,
        exceptions::{made, revoked, words::Standing},
    },
};

/// One condition: any of the values suffices.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct ConditionWire {
    /// The field, as rules call it.
    field: String,
    /// `equals`, `contains`, `startswith`, `endswith`, `cidr` or `exists`.
    operator: String,
    #[serde(default)]
    values: Vec<String>,
}

/// An exception.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExceptionWire {
    id: String,
    name: String,
    /// `active`, `expired` or `revoked`.
    state: String,
    /// The rule's id; null for every rule.
    rule: Option<String>,
    /// Where it holds: `sector`, `region:…`, `icb:…`, `group:…` or `organisation:…`.
    part: String,
    /// Only this device; null for any.
    device: Option<String>,
    /// All of them must hold.
    conditions: Vec<ConditionWire>,
    reason: String,
    /// The person's id.
    owner: String,
    created_at: String,
    expires_at: String,
    revoked_at: Option<String>,
    /// Findings it hid within your scope.
    hits: u64,
    last_hit: Option<String>,
}

/// Exceptions, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExceptionsWire {
    exceptions: Vec<ExceptionWire>,
    /// Where the next page begins; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

/// An exception that is to be made.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct NewExceptionWire {
    name: String,
    /// The rule's id; without one it holds for every rule.
    #[serde(default)]
    rule: Option<String>,
    /// Where it holds, as `organisation:RX1`.
    part: String,
    #[serde(default)]
    device: Option<String>,
    #[serde(default)]
    conditions: Vec<ConditionWire>,
    reason: String,
    /// RFC 3339; at most a year from now.
    expires_at: String,
}

fn wire(one: Exception, now: Timestamp) -> ExceptionWire {
    let state = Standing::of(&one, now).as_str().to_owned();
    let condition = |one: Condition| ConditionWire {
        field: one.field,
        operator: one.operator.as_str().to_owned(),
        values: one.values,
    };
    ExceptionWire {
        id: one.id.to_string(),
        name: one.what.name,
        state,
        rule: one.what.rule,
        part: one.what.part.to_string(),
        device: one.what.device,
        conditions: one.what.conditions.into_iter().map(condition).collect(),
        reason: one.what.reason,
        owner: one.owner.to_string(),
        created_at: one.created_at.to_string(),
        expires_at: one.what.expires_at.to_string(),
        revoked_at: one.revoked.map(|(at, _)| at.to_string()),
        hits: one.hits,
        last_hit: one.last_hit.map(|at| at.to_string()),
    }
}

/// What a list may ask for.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    rule: String,
    state: String,
    after: String,
}

/// Exceptions that hold for any organisation of your scope, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/exceptions",
    tag = "alerts",
    params(
        ("rule" = Option<String>, Query, description = "those that can hide something of this rule"),
        ("state" = Option<String>, Query, description = "active, expired, revoked, or any; without one active"),
        ("after" = Option<String>, Query, description = "where the page begins, from the page before"),
        ("limit" = Option<u16>, Query, minimum = 1, maximum = 500, description = "rows; 100 without"),
    ),
    responses(
        (status = 200, description = "a page", body = ExceptionsWire),
        Denied,
        WrongQuery,
    ),
    security(("token" = []))
)]
pub(crate) async fn list(
    State(alerts): State<Alerts>,
    State(settings): State<Settings>,
    RawQuery(raw): RawQuery,
    caller: Authorised,
) -> Result<Json<ExceptionsWire>, Failure> {
    let scope = caller.scope(Permission::ViewAlerts)?;
    let asked: Asked = serde_html_form::from_str(raw.as_deref().unwrap_or_default())
        .map_err(|error| bad("the address", &error))?;
    if !["", "any", "active", "expired", "revoked"].contains(&asked.state.as_str()) {
        return Err(bad("state", &"write active, expired, revoked or any"));
    }
    let limit = usize::from(limit(raw.as_deref())?);
    let after = match asked.after.as_str() {
        "" => None,
        id => Some(id.parse::<ExceptionId>().map_err(|error| bad("after", &error))?),
    };
    let now = settings.now();
    let rule = Some(asked.rule.as_str()).filter(|rule| !rule.is_empty());
    let found = alerts.exceptions(&scope, rule).await.map_err(failed)?;
    let is_wanted = |one: &Exception| match asked.state.as_str() {
        "any" => true,
        "" => Standing::of(one, now) == Standing::Active,
        state => Standing::of(one, now).as_str() == state,
    };
    // Newest first is by id downwards.
    let rest = found.into_iter().filter(|one| after.is_none_or(|after| one.id < after));
    let mut rest: Vec<Exception> = rest.filter(is_wanted).collect();
    rest.sort_by_key(|one| std::cmp::Reverse(one.id));
    let has_more = rest.len() > limit;
    rest.truncate(limit);
    let after = rest.last().filter(|_| has_more).map(|one| one.id.to_string());
    let exceptions = rest.into_iter().map(|one| wire(one, now)).collect();
    Ok(Json(ExceptionsWire { exceptions, after }))
}

/// One exception.
#[utoipa::path(
    get,
    path = "/api/v1/exceptions/{id}",
    tag = "alerts",
    params(("id" = String, Path, description = "the exception's id")),
    responses(
        (status = 200, description = "the exception", body = ExceptionWire),
        Denied,
        WrongPath,
        Absent,
    ),
    security(("token" = []))
)]
pub(crate) async fn one(
    State(alerts): State<Alerts>,
    State(settings): State<Settings>,
    Segment(id): Segment,
    caller: Authorised,
) -> Result<Json<ExceptionWire>, Failure> {
    let scope = caller.scope(Permission::ViewAlerts)?;
    let id: ExceptionId = id.parse().map_err(|_| Failure::not_found())?;
    let found = alerts.exception(&scope, id).await.map_err(failed)?;
    Ok(Json(wire(found, settings.now())))
}

/// Makes an exception.
#[utoipa::path(
    post,
    path = "/api/v1/exceptions",
    tag = "alerts",
    request_body = NewExceptionWire,
    responses(
        (status = 201, description = "made", body = ExceptionWire),
        Denied,
        WrongBody,
        (status = 403, description = "not allowed, or its part is not all within your scope", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "it cannot be made; why is told", body = Problem, content_type = "application/problem+json"),
    ),
    security(("token" = []))
)]
pub(crate) async fn make(
    State(alerts): State<Alerts>,
    State(news): State<Broadcast<News>>,
    State(settings): State<Settings>,
    caller: Authorised,
    body: Body,
) -> Result<(StatusCode, Json<ExceptionWire>), Failure> {
    let scope = caller.scope(Permission::ManageExceptions)?;
    let new = sent::<NewExceptionWire>(body).await?.checked()?;
    let now = settings.now();
    let id = made(&alerts, &news, (&caller.0, &scope), &new, None, now).await;
    let id = id.map_err(failed)?;
    let found = alerts.exception(&scope, id).await.map_err(failed)?;
    Ok((StatusCode::CREATED, Json(wire(found, now))))
}

impl NewExceptionWire {
    fn checked(self) -> Result<NewException, Failure> {
        let refused = |what: &str, why: &dyn std::fmt::Display| {
            Failure::new(StatusCode::UNPROCESSABLE_ENTITY, format!("{what}: {why}"))
        };
        let conditions: Result<Vec<Condition>, Failure> = self
            .conditions
            .into_iter()
            .map(|one| {
                let operator: Operator =
                    one.operator.parse().map_err(|error| refused("operator", &error))?;
                Ok(Condition { field: one.field, operator, values: one.values })
            })
            .collect();
        let expires_at = terms::parse_time(&self.expires_at);
        Ok(NewException {
            name: self.name,
            rule: self.rule,
            part: self.part.parse().map_err(|error| refused("part", &error))?,
            conditions: conditions?,
            device: self.device,
            reason: self.reason,
            expires_at: expires_at.map_err(|error| refused("expires_at", &error))?,
        })
    }
}

/// Takes an exception back: what it covers is shown again.
#[utoipa::path(
    post,
    path = "/api/v1/exceptions/{id}/revoke",
    tag = "alerts",
    params(("id" = String, Path, description = "the exception's id")),
    responses(
        (status = 200, description = "taken back", body = ExceptionWire),
        Denied,
        WrongPath,
        Absent,
        (status = 403, description = "not allowed, or its part is not all within your scope", body = Problem, content_type = "application/problem+json"),
    ),
    security(("token" = []))
)]
pub(crate) async fn revoke(
    State(alerts): State<Alerts>,
    State(news): State<Broadcast<News>>,
    State(settings): State<Settings>,
    Segment(id): Segment,
    caller: Authorised,
) -> Result<Json<ExceptionWire>, Failure> {
    let scope = caller.scope(Permission::ManageExceptions)?;
    let id: ExceptionId = id.parse().map_err(|_| Failure::not_found())?;
    let now = settings.now();
    revoked(&alerts, &news, (&caller.0, &scope), id, now).await?;
    let found = alerts.exception(&scope, id).await.map_err(failed)?;
    Ok(Json(wire(found, now)))
}
