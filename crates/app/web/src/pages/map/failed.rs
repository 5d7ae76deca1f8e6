//! What an error of the map comes to, for pages and API alike.

use axum::http::StatusCode;
use sector::SectorError;

use crate::failure::Failure;

/// The answer to an error. Errors of Ward's own are logged and not told.
pub(crate) fn failed(error: SectorError) -> Failure {
    let title = error.to_string();
    let status = match &error {
        SectorError::Database(_) => return Failure::internal(&error),
        SectorError::Unknown(_) => StatusCode::NOT_FOUND,
        SectorError::Exists(_) | SectorError::Stale => StatusCode::CONFLICT,
        SectorError::OutOfScope(_) => StatusCode::FORBIDDEN,
        SectorError::Cursor => StatusCode::BAD_REQUEST,
        SectorError::Invalid { .. } | SectorError::File(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Failure::new(status, title)
}
