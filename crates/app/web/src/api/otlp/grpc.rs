//! The service of logs over gRPC, on the port of everything else: HTTP/2 tells them apart.
//!
//! It has one call with one message each way, which is five bytes before a body: read here as any
//! other body, within the same bounds. Source: gRPC over HTTP2, PROTOCOL-HTTP2.md.

use std::{future, time::Duration};

use axum::{
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use http_body_util::{BodyExt, Full};
use intake::{Encoding, Intake};
use tonic::{Code, Status};
use wire::{
    Records,
    otlp::{self, ExportLogsServiceResponse, rpc},
};

use super::{code, keep, records, unread};
use crate::{Settings, api::body, failure::Failure, sender::FromToken};

/// Before a message: whether it is packed, and its length.
const HEADER_BYTES: usize = 5;

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
    let (parts, body) = request.into_parts();
    let records = read(&settings, &parts.headers, body).await;
    match keep(&intake, &settings, &sender, records).await {
        Ok(told) => answer(&told),
        Err(failure) => refused(&failure),
    }
}

async fn read(settings: &Settings, headers: &HeaderMap, body: Body) -> Result<Records, Failure> {
    let encoding = encoding(headers)?;
    let sent = body::collect(settings, body).await?;
    let (packed, encoding) = message(sent, encoding)?;
    let message = body::unpack(settings, packed, encoding).await?;
    let bytes = message.len();
    let read = move || otlp::protobuf(&message).map_err(|error| unread(&error));
    records(settings, bytes, read).await
}

/// How a message that is packed is packed.
fn encoding(headers: &HeaderMap) -> Result<Encoding, Failure> {
    let name = headers.get("grpc-encoding").map(HeaderValue::as_bytes);
    match name {
        None | Some(b"identity") => Ok(Encoding::Identity),
        Some(b"gzip") => Ok(Encoding::Gzip),
        Some(_) => Err(Failure::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "this grpc-encoding is not offered; gzip is",
        )),
    }
}

/// The one message of a body, and how it is packed.
fn message(mut sent: Vec<u8>, encoding: Encoding) -> Result<(Vec<u8>, Encoding), Failure> {
    let wrong = |what: &str| Failure::new(StatusCode::BAD_REQUEST, what);
    let Some(([packed, length @ ..], rest)) = sent.split_first_chunk::<HEADER_BYTES>() else {
        return Err(wrong("the body ends before its message begins"));
    };
    if rest.len() != u32::from_be_bytes(*length) as usize {
        return Err(wrong("the body is not the one message whose length it tells"));
    }
    let encoding = match (packed, encoding) {
        (0, _) => Encoding::Identity,
        (1, Encoding::Gzip) => Encoding::Gzip,
        _ => return Err(wrong("the message is packed, and it is not told how")),
    };
    sent.drain(..HEADER_BYTES);
    Ok((sent, encoding))
}

fn answer(told: &ExportLogsServiceResponse) -> Response {
    let message = otlp::packed(told);
    let length = u32::try_from(message.len()).expect("one reason is short");
    let body = [&[0][..], &length.to_be_bytes(), &message].concat();
    let end = HeaderMap::from_iter([(Status::GRPC_STATUS, HeaderValue::from_static("0"))]);
    let body = Full::new(Bytes::from(body)).with_trailers(future::ready(Some(Ok(end))));
    let mut response = Response::new(Body::new(body));
    let kind = HeaderValue::from_static("application/grpc");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

/// Nothing was kept. What may be sent again is told when: without that, exporters take a full server
/// for the end.
fn refused(failure: &Failure) -> Response {
    let code = code(failure);
    let status = rpc::Status::new(code, failure.title());
    let details = failure
        .retry_after_seconds()
        .map(|after| status.retry_after(Duration::from_secs(after)).packed());
    let code = Code::from_i32(code as i32);
    let status = Status::with_details(code, failure.title(), details.unwrap_or_default().into());
    let mut response = status.into_http::<Body>();
    match failure.status() {
        // The status of HTTP too, for what stands between and speaks no gRPC.
        StatusCode::UNAUTHORIZED => *response.status_mut() = StatusCode::UNAUTHORIZED,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            let offered = HeaderValue::from_static("gzip");
            response.headers_mut().insert("grpc-accept-encoding", offered);
        }
        _ => {}
    }
    response
}
