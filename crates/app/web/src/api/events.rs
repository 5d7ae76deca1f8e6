//! `POST /api/v1/events`: records, one JSON object a line.

use axum::{
    Json,
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use intake::{Intake, Lines, Refusal, RefusalKind, Sender};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    Settings,
    api::body,
    failure::{Failure, Problem},
    sender::FromToken,
};

/// What became of the records.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventsAnswer {
    /// Records that are durable now.
    accepted: u32,
    /// Lines that were refused.
    refused: u32,
    /// The refused lines, at most 100 of them.
    problems: Vec<LineProblem>,
}

/// A line that was refused.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LineProblem {
    /// From 1 on.
    line: usize,
    /// Why.
    reason: String,
}

/// Accepts records, one JSON object a line (NDJSON).
///
/// The body may be packed: `Content-Encoding: gzip`, `deflate` or `zstd`. An answer of 200 means
/// that every line counted as accepted is durable. A line that is no JSON object is refused and
/// told; the others are accepted. When none could be accepted the answer is 400, or 413 when the
/// first was too long, with the line's number.
#[utoipa::path(
    post,
    path = "/api/v1/events",
    tag = "telemetry",
    request_body(content = String, content_type = "application/x-ndjson"),
    responses(
        (status = 200, description = "accepted and durable", body = EventsAnswer),
        (status = 400, description = "no line could be used", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "no valid token", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "too large", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "an encoding that is not offered", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "too much waits; come again", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "cannot be written now", body = Problem, content_type = "application/problem+json"),
        (status = 507, description = "the disk is full", body = Problem, content_type = "application/problem+json"),
    ),
    security(("token" = []))
)]
pub(crate) async fn post(
    State(intake): State<Intake>,
    State(settings): State<Settings>,
    FromToken(sender): FromToken,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Failure> {
    let now = settings.now();
    let lines = read(&settings, &headers, body).await.inspect_err(|failure| {
        intake.failed(&sender, failure.title(), now);
    })?;
    accept(&intake, &sender, lines, now).await
}

async fn read(settings: &Settings, headers: &HeaderMap, body: Body) -> Result<Lines, Failure> {
    let bytes = body::read(settings, headers, body).await?;
    body::blocking(bytes.len(), move || Lines::read(&bytes)).await
}

async fn accept(
    intake: &Intake,
    sender: &Sender,
    mut lines: Lines,
    now: terms::Timestamp,
) -> Result<Response, Failure> {
    let refused = lines.refused_count;
    let told = lines.refused.clone();
    if lines.count == 0 {
        if let Some(first) = told.first() {
            lines.records.clear();
            intake.accept(sender, lines, now).await?;
            return Err(all_refused(first));
        }
        return Err(Failure::new(StatusCode::BAD_REQUEST, "the body holds no record"));
    }
    let accepted = intake.accept(sender, lines, now).await?.count;
    let problems = told.into_iter().map(|one| LineProblem { line: one.line, reason: one.reason });
    let answer = EventsAnswer { accepted, refused, problems: problems.collect() };
    Ok(Json(answer).into_response())
}

fn all_refused(first: &Refusal) -> Failure {
    let status = match first.kind {
        RefusalKind::TooLong => StatusCode::PAYLOAD_TOO_LARGE,
        RefusalKind::NotAnObject => StatusCode::BAD_REQUEST,
    };
    Failure::new(status, format!("line {}: {}", first.line, first.reason))
        .line(first.line)
        .detail("no line could be used; nothing was kept")
}
