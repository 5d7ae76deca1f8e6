//! The service of logs over gRPC, on the port of everything else: HTTP/2 tells them apart.

use std::{pin::Pin, time::Duration};

use axum::{
    body::Body,
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use bus::Refused;
use intake::{Intake, Sender};
use tonic::{
    Code, Status,
    codec::{CompressionEncoding, EnabledCompressionEncodings},
    server::{Grpc, UnaryService},
};
use tonic_prost::ProstCodec;
use wire::otlp::{ExportLogsServiceRequest, ExportLogsServiceResponse, rpc};

use super::{NotKept, accept};
use crate::{Settings, failure::Failure, sender::FromToken};

/// `Export` of the service.
pub(super) async fn export(
    State(intake): State<Intake>,
    State(settings): State<Settings>,
    sender: Result<FromToken, Failure>,
    request: Request,
) -> Response {
    let sender = match sender {
        Ok(FromToken(sender)) => sender,
        Err(failure) => return refused(&failure),
    };
    let mut packings = EnabledCompressionEncodings::default();
    packings.enable(CompressionEncoding::Gzip);
    let codec = ProstCodec::<ExportLogsServiceResponse, ExportLogsServiceRequest>::default();
    let mut grpc = Grpc::new(codec)
        .apply_compression_config(packings, packings)
        .apply_max_message_size_config(Some(settings.unpacked_bytes), None);
    let (told_of, at) = ((intake.clone(), sender.clone()), settings.clone());
    let response = grpc.unary(Export { intake, settings, sender }, request).await;
    // What cannot be read never reaches the service; whoever looks after the source sees it here.
    if let Some(code) = unread(response.headers()) {
        let (intake, sender) = told_of;
        intake.failed(&sender, &code, at.now());
    }
    response.map(Body::new)
}

/// The reason of an answer that the service itself never gives.
fn unread(headers: &axum::http::HeaderMap) -> Option<String> {
    let status = Status::from_header_map(headers)?;
    let is_unread = matches!(
        status.code(),
        Code::OutOfRange | Code::Internal | Code::Unimplemented | Code::InvalidArgument
    );
    is_unread.then(|| format!("the request cannot be read: {}", status.message()))
}

struct Export {
    intake: Intake,
    settings: Settings,
    sender: Sender,
}

impl UnaryService<ExportLogsServiceRequest> for Export {
    type Response = ExportLogsServiceResponse;
    type Future = Pin<Box<dyn Future<Output = Answer> + Send>>;

    fn call(&mut self, request: tonic::Request<ExportLogsServiceRequest>) -> Self::Future {
        let (intake, sender) = (self.intake.clone(), self.sender.clone());
        let now = self.settings.now();
        Box::pin(async move {
            let request = request.into_inner();
            let bytes = wire::otlp::length(&request);
            let accepted = accept(&intake, &sender, request, bytes, now).await;
            accepted.map(tonic::Response::new).map_err(|not_kept| match not_kept {
                NotKept::Refused(refused) => later(&refused),
                NotKept::Failed(failure) => Status::unavailable(failure.title()),
            })
        })
    }
}

type Answer = Result<tonic::Response<ExportLogsServiceResponse>, Status>;

/// Nothing was kept, with when to come again: without that, exporters take a full server for the
/// end.
fn later(refused: &Refused) -> Status {
    let (code, known, after) = match refused {
        Refused::Busy { retry_after } => {
            (Code::ResourceExhausted, rpc::Code::ResourceExhausted, *retry_after)
        }
        Refused::Full => {
            (Code::ResourceExhausted, rpc::Code::ResourceExhausted, Duration::from_secs(30))
        }
        Refused::Unavailable | Refused::Closing => {
            (Code::Unavailable, rpc::Code::Unavailable, Duration::from_secs(5))
        }
    };
    let told = refused.to_string();
    let details = rpc::Status::new(known, &told).retry_after(after).packed();
    Status::with_details(code, told, details.into())
}

fn refused(failure: &Failure) -> Response {
    match failure.status() {
        StatusCode::UNAUTHORIZED => {
            // The status of HTTP too, for what stands between and speaks no gRPC.
            let mut response = Status::unauthenticated(failure.title()).into_http::<Body>();
            *response.status_mut() = StatusCode::UNAUTHORIZED;
            response
        }
        _ => Status::unavailable(failure.title()).into_http::<Body>(),
    }
}
