//! Logs of OpenTelemetry (OTLP 1.x): over HTTP in both encodings, and over gRPC on the same port.
//!
//! Modules: [`http`] `POST /v1/logs`, [`grpc`] the service of the same. Metrics and traces are not
//! found. Source: OpenTelemetry Protocol Specification 1.x.

mod grpc;
mod http;

use axum::http::StatusCode;
use intake::{Intake, Sender};
use wire::{
    Records,
    otlp::{self, ExportLogsServiceRequest, ExportLogsServiceResponse, OtlpError, rpc::Code},
};

use crate::{Settings, api::body, failure::Failure, routes::Routes};

/// Routes for exporters.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .post("/v1/logs", http::export)
        .post("/opentelemetry.proto.collector.logs.v1.LogsService/Export", grpc::export)
}

/// The records of a request that `read` reads from `bytes` bytes, off the async threads when they
/// are many.
async fn records(
    settings: &Settings,
    bytes: usize,
    read: impl FnOnce() -> Result<ExportLogsServiceRequest, Failure> + Send + 'static,
) -> Result<Records, Failure> {
    let most_bytes = settings.unpacked_bytes;
    let read = move || {
        let records = otlp::records_within(&read()?, most_bytes);
        records.map_err(|error| body::too_large(&error))
    };
    body::blocking(bytes, read).await?
}

/// What cannot be read.
fn unread(error: &OtlpError) -> Failure {
    let status = match error {
        OtlpError::TooMany => StatusCode::PAYLOAD_TOO_LARGE,
        OtlpError::Protobuf(_) | OtlpError::Json(_) => StatusCode::BAD_REQUEST,
    };
    Failure::new(status, error.to_string())
}

/// Makes records durable; what is told of those that could not be kept. What could not be read at
/// all is shown at its source.
async fn keep(
    intake: &Intake,
    settings: &Settings,
    sender: &Sender,
    records: Result<Records, Failure>,
) -> Result<ExportLogsServiceResponse, Failure> {
    let now = settings.now();
    let records = records.inspect_err(|failure| intake.failed(sender, failure.title(), now))?;
    let answer = otlp::answer(&records);
    intake.accept(sender, records.into(), now).await?;
    Ok(answer)
}

/// What the protocol calls a failure. Exporters send again what is unavailable, or exhausted with a
/// moment to come again.
fn code(failure: &Failure) -> Code {
    match failure.status() {
        StatusCode::UNAUTHORIZED => Code::Unauthenticated,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::INSUFFICIENT_STORAGE => Code::ResourceExhausted,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Code::Unimplemented,
        StatusCode::INTERNAL_SERVER_ERROR => Code::Internal,
        status if status.is_server_error() => Code::Unavailable,
        _ => Code::InvalidArgument,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bus::Refused;

    use super::*;

    #[test]
    fn only_what_may_be_sent_again_is_called_so() {
        let busy = Refused::Busy { retry_after: Duration::from_secs(1) };
        for (failure, expected) in [
            (Failure::unauthorised(), Code::Unauthenticated),
            (busy.into(), Code::ResourceExhausted),
            (Refused::Full.into(), Code::ResourceExhausted),
            (Refused::Unavailable.into(), Code::Unavailable),
            (Refused::Closing.into(), Code::Unavailable),
            (Failure::internal(&std::fmt::Error), Code::Internal),
            (unread(&OtlpError::TooMany), Code::InvalidArgument),
            (body::too_large(&wire::TooLarge { most_bytes: 1 }), Code::InvalidArgument),
        ] {
            assert_eq!(code(&failure), expected, "{failure:?}");
        }
    }
}
