//! `POST /v1/logs`: protocol buffers or JSON, answered in the encoding of the request.

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use intake::Intake;
use wire::{
    Records,
    otlp::{self, ExportLogsServiceRequest, ExportLogsServiceResponse, rpc::Status},
};

use super::{code, keep, records, unread};
use crate::{Settings, api::body, failure::Failure, sender::FromToken};

/// How a request is written, and its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Protobuf,
    Json,
}

impl Encoding {
    fn of(headers: &HeaderMap) -> Option<Self> {
        let kind = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
        match kind.split(';').next()?.trim().to_ascii_lowercase().as_str() {
            "application/x-protobuf" => Some(Self::Protobuf),
            "application/json" => Some(Self::Json),
            _ => None,
        }
    }

    fn read(self, bytes: &[u8]) -> Result<ExportLogsServiceRequest, Failure> {
        match self {
            Self::Protobuf => otlp::protobuf(bytes),
            Self::Json => otlp::json(bytes),
        }
        .map_err(|error| unread(&error))
    }

    fn answer(self, told: &ExportLogsServiceResponse) -> Response {
        match self {
            Self::Protobuf => self.with(StatusCode::OK, otlp::packed(told)),
            Self::Json => self.with(StatusCode::OK, otlp::written(told)),
        }
    }

    /// A request that came to nothing, as `google.rpc.Status`, with when to come again.
    fn failure(self, failure: &Failure) -> Response {
        let status = Status::new(code(failure), failure.title());
        let body = match self {
            Self::Protobuf => status.packed(),
            Self::Json => status.written(),
        };
        // The protocol lets exporters send again after 429, 502, 503 and 504 only.
        let http = match failure.status() {
            StatusCode::INSUFFICIENT_STORAGE => StatusCode::SERVICE_UNAVAILABLE,
            status => status,
        };
        let mut response = self.with(http, body);
        if let Some(after) = failure.retry_after_seconds() {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(after));
        }
        response
    }

    fn with(self, status: StatusCode, body: Vec<u8>) -> Response {
        let kind = match self {
            Self::Protobuf => "application/x-protobuf",
            Self::Json => "application/json",
        };
        (status, [(header::CONTENT_TYPE, HeaderValue::from_static(kind))], body).into_response()
    }
}

/// `POST /v1/logs`.
pub(super) async fn export(
    State(intake): State<Intake>,
    State(settings): State<Settings>,
    sender: Result<FromToken, Failure>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let encoding = Encoding::of(&headers);
    let sender = match sender {
        Ok(FromToken(sender)) => sender,
        Err(failure) => return encoding.unwrap_or(Encoding::Json).failure(&failure),
    };
    let Some(encoding) = encoding else {
        let failure = Failure::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "offered are application/x-protobuf and application/json",
        );
        intake.failed(&sender, failure.title(), settings.now());
        return Encoding::Json.failure(&failure);
    };
    let records = read(&settings, encoding, &headers, body).await;
    match keep(&intake, &settings, &sender, records).await {
        Ok(told) => encoding.answer(&told),
        Err(failure) => encoding.failure(&failure),
    }
}

async fn read(
    settings: &Settings,
    encoding: Encoding,
    headers: &HeaderMap,
    body: Body,
) -> Result<Records, Failure> {
    let bytes = body::read(settings, headers, body).await?;
    records(settings, bytes.len(), move || encoding.read(&bytes)).await
}
