//! Whether Ward lives, and whether it can work: for whatever watches over it.

use axum::{Json, extract::State, http::StatusCode};
use intake::Intake;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    Settings,
    failure::{Failure, Problem},
};

/// Ward is well.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Well {
    /// `ok`.
    status: &'static str,
}

/// Whether the process answers.
#[utoipa::path(get, path = "/health/live", tag = "health", responses(
    (status = 200, description = "it answers", body = Well)
))]
pub(crate) async fn live() -> Json<Well> {
    Json(Well { status: "ok" })
}

/// Whether telemetry would be accepted and pages could be made: both databases answer.
#[utoipa::path(get, path = "/health/ready", tag = "health", responses(
    (status = 200, description = "it can work", body = Well),
    (status = 503, description = "it cannot work now", body = Problem, content_type = "application/problem+json")
))]
pub(crate) async fn ready(
    State(intake): State<Intake>,
    State(settings): State<Settings>,
) -> Result<Json<Well>, Failure> {
    match intake.is_ready(settings.clock).await {
        true => Ok(Json(Well { status: "ok" })),
        false => Err(Failure::new(StatusCode::SERVICE_UNAVAILABLE, "a database does not answer")),
    }
}
