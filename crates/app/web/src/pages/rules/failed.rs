//! What an error of the rulebook comes to, for pages and API alike.

use axum::http::StatusCode;
use detect::rulebook::RulebookError;

use crate::failure::Failure;

/// The answer to an error. Errors of Ward's own are logged and not told.
pub(crate) fn failed(error: RulebookError) -> Failure {
    let status = match &error {
        RulebookError::Db(_) | RulebookError::Damaged { .. } | RulebookError::Compile(_) => {
            return Failure::internal(&error);
        }
        RulebookError::NotFound => StatusCode::NOT_FOUND,
        RulebookError::Changed | RulebookError::NameInUse(_) => StatusCode::CONFLICT,
    };
    Failure::new(status, error.to_string())
}
