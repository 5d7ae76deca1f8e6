//! Logs of OpenTelemetry (OTLP 1.x): over HTTP in both encodings, and over gRPC on the same port.
//!
//! Modules: [`http`] `POST /v1/logs`, [`grpc`] the service of the same. Metrics and traces are not
//! found. Source: OpenTelemetry Protocol Specification 1.x.

mod grpc;
mod http;

use bus::Refused;
use intake::{Intake, Sender};
use terms::Timestamp;
use wire::otlp::{self, ExportLogsServiceRequest, ExportLogsServiceResponse};

use crate::{api::body, failure::Failure, routes::Routes};

/// Routes for exporters.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .post("/v1/logs", http::export)
        .post("/opentelemetry.proto.collector.logs.v1.LogsService/Export", grpc::export)
}

/// Why a request came to nothing.
enum NotKept {
    /// It cannot be kept now.
    Refused(Refused),
    /// Something of Ward's own failed.
    Failed(Failure),
}

/// Makes a request's records durable; what is told of those that could not be kept.
async fn accept(
    intake: &Intake,
    sender: &Sender,
    request: ExportLogsServiceRequest,
    bytes: usize,
    now: Timestamp,
) -> Result<ExportLogsServiceResponse, NotKept> {
    let records = body::blocking(bytes, move || otlp::records(&request)).await;
    let records = records.map_err(NotKept::Failed)?;
    let answer = otlp::answer(&records);
    let accepted = intake.accept(sender, receive::lines(records), now).await;
    accepted.map_err(NotKept::Refused)?;
    Ok(answer)
}
