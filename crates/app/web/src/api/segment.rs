//! The part of a path that names one thing, refused as the API refuses where it is no text.

use axum::{
    extract::{FromRequestParts, Path},
    http::{StatusCode, request::Parts},
};

use crate::failure::Failure;

/// What stands in the path where the route has its one name.
pub(crate) struct Segment(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Segment {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let Path(text) = Path::from_request_parts(parts, state)
            .await
            .map_err(|_| Failure::new(StatusCode::BAD_REQUEST, "the address cannot be read"))?;
        Ok(Self(text))
    }
}
