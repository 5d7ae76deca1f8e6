//! Answers of the API when something is wrong: problem details (RFC 9457), with what was kept and
//! what to do.

use std::time::Duration;

use access::AccessError;
use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

/// Problem details (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// The HTTP status once more.
    pub status: u16,
    /// What is wrong, in one line.
    pub title: String,
    /// What was kept and what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The line of the body at fault, from 1 on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
}

/// An answer that is no success.
#[derive(Debug)]
pub struct Failure {
    problem: Problem,
    retry_after: Option<Duration>,
}

impl Failure {
    /// A problem with a status and what is wrong.
    pub fn new(status: StatusCode, title: impl Into<String>) -> Self {
        let problem =
            Problem { status: status.as_u16(), title: title.into(), detail: None, line: None };
        Self { problem, retry_after: None }
    }

    /// The same with what was kept and what to do.
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.problem.detail = Some(detail.into());
        self
    }

    /// The same with the line at fault.
    pub fn line(mut self, line: usize) -> Self {
        self.problem.line = Some(line);
        self
    }

    /// The same with when to come again.
    pub fn retry_after(mut self, after: Duration) -> Self {
        self.retry_after = Some(after);
        self
    }

    /// Nobody is signed in, or the token is not valid.
    pub fn unauthorised() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "no valid token or sign-in came with the request")
            .detail("send the token as Authorization: Bearer <token>, ApiKey <base64> or Basic")
    }

    /// It is not there, or not within the caller's scope; the answer is the same for both.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not found")
    }

    /// The caller may not do this.
    pub fn forbidden(what: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, format!("your roles do not allow this: {what}"))
    }

    /// Something of Ward's own failed. The cause is logged, not told.
    pub fn internal(error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error, "a request failed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "something inside Ward failed; it was logged")
    }

    /// What an error of [`access`] comes to.
    pub fn of(error: AccessError) -> Self {
        let title = error.to_string();
        match error {
            AccessError::Db(error) => Self::internal(&error),
            AccessError::Key => Self::internal(&error),
            AccessError::NotSignedIn | AccessError::Token => Self::unauthorised(),
            AccessError::Refused => Self::new(StatusCode::UNAUTHORIZED, title),
            AccessError::Unknown(_) | AccessError::Link => Self::new(StatusCode::NOT_FOUND, title),
            AccessError::Forbidden(_)
            | AccessError::Exceeds(_)
            | AccessError::SignInAgain
            | AccessError::LastAdministrator => Self::new(StatusCode::FORBIDDEN, title),
            AccessError::Password(_) | AccessError::Input { .. } => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, title)
            }
            AccessError::State(_) => Self::new(StatusCode::CONFLICT, title),
            AccessError::Busy => Self::new(StatusCode::SERVICE_UNAVAILABLE, title)
                .retry_after(Duration::from_secs(3)),
            AccessError::TooMany { retry_after_seconds } => {
                Self::new(StatusCode::TOO_MANY_REQUESTS, title)
                    .retry_after(Duration::from_secs(retry_after_seconds))
            }
        }
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// When to come again.
    pub(crate) fn retry_after_seconds(&self) -> Option<u64> {
        self.retry_after.map(|after| after.as_secs().max(1))
    }

    /// What is wrong, in one line.
    pub fn title(&self) -> &str {
        &self.problem.title
    }
}

impl From<bus::Refused> for Failure {
    fn from(refused: bus::Refused) -> Self {
        let title = refused.to_string();
        match refused {
            bus::Refused::Busy { retry_after } => {
                Self::new(StatusCode::TOO_MANY_REQUESTS, title).retry_after(retry_after)
            }
            bus::Refused::Full => Self::new(StatusCode::INSUFFICIENT_STORAGE, title)
                .retry_after(Duration::from_secs(30)),
            bus::Refused::Unavailable | bus::Refused::Closing => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, title)
                    .retry_after(Duration::from_secs(5))
            }
        }
        .detail("nothing of this request was kept: send it again")
    }
}

impl From<intake::BodyError> for Failure {
    fn from(error: intake::BodyError) -> Self {
        let status = match error {
            intake::BodyError::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            intake::BodyError::Damaged { .. } => StatusCode::BAD_REQUEST,
        };
        Self::new(status, error.to_string()).detail("nothing of this request was kept")
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = (self.status(), Json(&self.problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(after) = self.retry_after_seconds() {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(after));
        }
        if self.status() == StatusCode::UNAUTHORIZED {
            headers.insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"ward\", ApiKey, Basic realm=\"ward\""),
            );
        }
        response
    }
}
