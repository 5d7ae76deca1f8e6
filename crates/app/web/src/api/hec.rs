//! What senders to Splunk's HTTP Event Collector ask: events, raw lines, health. Everything else
//! is not found.
//!
//! Answers and their numbers are the protocol's. What can be read of a request is kept even when
//! the answer names an event that cannot: such senders throw a refused request away. Source:
//! Splunk Enterprise 9, HTTP Event Collector REST API endpoints; Troubleshoot HTTP Event Collector.

use axum::{
    Json,
    body::Body,
    extract::{FromRequestParts, Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use intake::{Intake, Sender};
use serde_json::{Value, json};
use wire::{
    TooLarge,
    hec::{self, HecError, RawQuery, Read},
};

use crate::{
    Settings,
    api::body,
    failure::Failure,
    routes::Routes,
    sender::{self, authorization},
    state::App,
};

/// Routes for senders.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .post("/services/collector", events)
        .post("/services/collector/event", events)
        .post("/services/collector/event/1.0", events)
        .post("/services/collector/raw", raw)
        .post("/services/collector/raw/1.0", raw)
        .get("/services/collector/health", health)
        .get("/services/collector/health/1.0", health)
}

/// An answer of the protocol.
struct Told {
    status: StatusCode,
    text: String,
    code: u8,
    event: Option<u32>,
    retry_after_s: Option<u64>,
}

impl Told {
    fn new(status: StatusCode, code: u8, text: impl Into<String>) -> Self {
        Self { status, text: text.into(), code, event: None, retry_after_s: None }
    }

    fn success() -> Self {
        Self::new(StatusCode::OK, 0, "Success")
    }

    /// Of a request that could not be read at all, or of a token that is none or not known now.
    fn of(failure: &Failure) -> Self {
        if let Some(after) = failure.retry_after_seconds() {
            return Self::busy(after);
        }
        let (code, text) = match failure.status() {
            StatusCode::UNAUTHORIZED => (4, "Invalid token"),
            StatusCode::PAYLOAD_TOO_LARGE => (27, "Request entity too large"),
            StatusCode::BAD_REQUEST | StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                (6, "Invalid data format")
            }
            _ => (8, "Internal server error"),
        };
        let status = match failure.status() {
            // The protocol keeps 401 for a header that is absent or of another scheme.
            StatusCode::UNAUTHORIZED => StatusCode::FORBIDDEN,
            status => status,
        };
        Self::new(status, code, text)
    }

    /// Nothing was kept, and it may be sent again.
    fn busy(after_s: u64) -> Self {
        let told = Self::new(StatusCode::SERVICE_UNAVAILABLE, 9, "Server is busy");
        Self { retry_after_s: Some(after_s), ..told }
    }

    fn event(event: u32, error: HecError) -> Self {
        let told = Self::new(StatusCode::BAD_REQUEST, error.code(), error.to_string());
        Self { event: Some(event).filter(|_| error != HecError::NoData), ..told }
    }
}

impl IntoResponse for Told {
    fn into_response(self) -> Response {
        let mut body = json!({ "text": self.text, "code": self.code });
        if let Some(event) = self.event {
            body["invalid-event-number"] = Value::from(event);
        }
        let mut response = (self.status, Json(body)).into_response();
        if let Some(after) = self.retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(after));
        }
        response
    }
}

/// The sender, by `Authorization: Splunk <token>`, or Basic with the token as the password.
struct Collector(Sender);

impl FromRequestParts<App> for Collector {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let unauthorised =
            |code, text| Told::new(StatusCode::UNAUTHORIZED, code, text).into_response();
        let Some(header) = authorization(&parts.headers) else {
            return Err(unauthorised(2, "Token is required"));
        };
        let Some((scheme, token)) = header.trim().split_once(' ') else {
            return Err(unauthorised(3, "Invalid authorization"));
        };
        let header = match scheme.to_ascii_lowercase().as_str() {
            "splunk" => format!("Bearer {token}"),
            "basic" => header.to_owned(),
            _ => return Err(unauthorised(3, "Invalid authorization")),
        };
        let known = sender::known(&app.access, &header, app.settings.now()).await;
        known.map(Self).map_err(|failure| Told::of(&failure).into_response())
    }
}

/// `POST /services/collector/event`.
async fn events(
    State(intake): State<Intake>,
    State(settings): State<Settings>,
    Collector(sender): Collector,
    headers: HeaderMap,
    body: Body,
) -> Response {
    answer(&intake, &settings, &sender, &headers, body, hec::events_within).await
}

/// `POST /services/collector/raw`.
async fn raw(
    State(intake): State<Intake>,
    State(settings): State<Settings>,
    Collector(sender): Collector,
    Query(query): Query<RawQuery>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let read = move |body: &[u8], most_bytes| hec::raw_within(body, &query, most_bytes);
    answer(&intake, &settings, &sender, &headers, body, read).await
}

async fn answer(
    intake: &Intake,
    settings: &Settings,
    sender: &Sender,
    headers: &HeaderMap,
    body: Body,
    read: impl FnOnce(&[u8], usize) -> Result<Read, TooLarge> + Send + 'static,
) -> Response {
    let now = settings.now();
    let read = match unpacked(settings, headers, body, read).await {
        Ok(read) => read,
        Err(failure) => {
            intake.failed(sender, failure.title(), now);
            return Told::of(&failure).into_response();
        }
    };
    match intake.accept(sender, read.records.into(), now).await {
        Err(refused) => Told::of(&refused.into()),
        Ok(_) => match read.first_error {
            Some((event, error)) => Told::event(event, error),
            None => Told::success(),
        },
    }
    .into_response()
}

async fn unpacked(
    settings: &Settings,
    headers: &HeaderMap,
    body: Body,
    read: impl FnOnce(&[u8], usize) -> Result<Read, TooLarge> + Send + 'static,
) -> Result<Read, Failure> {
    let bytes = body::read(settings, headers, body).await?;
    let most_bytes = settings.unpacked_bytes;
    let read = body::blocking(bytes.len(), move || read(&bytes, most_bytes)).await?;
    read.map_err(|error| body::too_large(&error))
}

/// `GET /services/collector/health`: asked without a token by what spreads load.
async fn health(State(intake): State<Intake>, State(settings): State<Settings>) -> Response {
    match intake.is_ready(|| settings.now()).await {
        true => Told::new(StatusCode::OK, 17, "HEC is healthy"),
        false => Told::new(StatusCode::SERVICE_UNAVAILABLE, 18, "HEC is unhealthy"),
    }
    .into_response()
}
