//! What an error of the alerts comes to, for pages and API alike.

use axum::http::StatusCode;
use detect::alert::{AlertError, LifeError};

use crate::failure::Failure;

/// The answer to an error. Errors of Ward's own are logged and not told.
pub(crate) fn failed(error: AlertError) -> Failure {
    let title = error.to_string();
    let status = match &error {
        AlertError::Db(_) | AlertError::Beyond { .. } => return Failure::internal(&error),
        AlertError::NotFound(_) => StatusCode::NOT_FOUND,
        AlertError::OutOfScope => StatusCode::FORBIDDEN,
        AlertError::Cursor(_) => StatusCode::BAD_REQUEST,
        AlertError::Life(life) => of_life(life),
        AlertError::Exception(_) | AlertError::TooMany { .. } | AlertError::Invalid(_) => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
    };
    Failure::new(status, title)
}

/// A text that is missing can be mended by writing it; the rest is decided by where the alert
/// stands, which somebody else may have changed.
fn of_life(error: &LifeError) -> StatusCode {
    match error {
        LifeError::NoText(_) | LifeError::TooLong { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::CONFLICT,
    }
}

/// An error of a transaction.
pub(crate) fn db(error: db::DbError) -> Failure {
    Failure::internal(&error)
}
