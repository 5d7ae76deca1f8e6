//! A request's body, read and unpacked within bounds; large work off the async threads.

use axum::{
    body::Body,
    http::{HeaderMap, StatusCode, header},
};
use http_body_util::{BodyExt, Limited};
use intake::Encoding;

use crate::{Settings, failure::Failure};

/// The body, unpacked.
pub(crate) async fn read(
    settings: &Settings,
    headers: &HeaderMap,
    body: Body,
) -> Result<Vec<u8>, Failure> {
    let encoding = headers.get(header::CONTENT_ENCODING).map(|value| value.to_str());
    let encoding = match encoding {
        None => Encoding::of(None),
        Some(value) => value.ok().and_then(|value| Encoding::of(Some(value))),
    };
    let encoding = encoding.ok_or_else(|| {
        Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "this Content-Encoding is not offered")
            .detail("offered are gzip, deflate and zstd")
    })?;
    let packed = collect(settings, body).await?;
    unpack(settings, packed, encoding).await
}

/// Unpacks, within the bound.
pub(crate) async fn unpack(
    settings: &Settings,
    packed: Vec<u8>,
    encoding: Encoding,
) -> Result<Vec<u8>, Failure> {
    let most = settings.unpacked_bytes;
    // A little that is packed may be much.
    let work = if encoding == Encoding::Identity { 0 } else { most };
    Ok(blocking(work, move || intake::unpack(packed, encoding, most)).await??)
}

/// The body as it was sent, within the bound.
pub(crate) async fn collect(settings: &Settings, body: Body) -> Result<Vec<u8>, Failure> {
    let most_bytes = settings.body_bytes;
    match Limited::new(body, most_bytes).collect().await {
        Ok(collected) => Ok(collected.to_bytes().into()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => Err(Failure::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("the body is larger than {most_bytes} bytes: send smaller batches"),
        )
        .detail("nothing of this request was kept")),
        Err(_) => {
            Err(Failure::new(StatusCode::BAD_REQUEST, "the body could not be read to its end")
                .detail("nothing of this request was kept"))
        }
    }
}

/// A request whose records would take too much room.
pub(crate) fn too_large(error: &wire::TooLarge) -> Failure {
    Failure::new(StatusCode::PAYLOAD_TOO_LARGE, error.to_string())
        .detail("nothing of this request was kept")
}

/// Work on `bytes` bytes: here when it is little, else on a thread that may take its time.
pub(crate) async fn blocking<T: Send + 'static>(
    bytes: usize,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failure> {
    const HERE: usize = 64 << 10;
    if bytes <= HERE {
        return Ok(work());
    }
    tokio::task::spawn_blocking(work).await.map_err(|error| Failure::internal(&error))
}
