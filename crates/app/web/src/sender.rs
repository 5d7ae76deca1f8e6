//! Who sends telemetry: the token of the request's `Authorization`.

use access::{Access, AccessError};
use axum::{
    extract::{FromRef, FromRequestParts},
    http::{HeaderMap, header, request::Parts},
};
use intake::Sender;
use terms::Timestamp;

use crate::{Settings, failure::Failure};

/// The sender. A request without a valid token for telemetry never reaches its handler.
pub(crate) struct FromToken(pub(crate) Sender);

/// The value of `Authorization`, if it is text.
pub(crate) fn authorization(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok())
}

impl<S: Send + Sync> FromRequestParts<S> for FromToken
where
    Access: FromRef<S>,
    Settings: FromRef<S>,
{
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let (access, settings) = (Access::from_ref(state), Settings::from_ref(state));
        let header = authorization(&parts.headers).ok_or_else(Failure::unauthorised)?;
        known(&access, header, settings.now()).await.map(Self)
    }
}

/// Whose token a header holds. Errors: nobody's.
pub(crate) async fn known(
    access: &Access,
    header: &str,
    now: Timestamp,
) -> Result<Sender, Failure> {
    match access.authenticate_sender(header, now).await {
        Ok(sender) => Ok(Sender { source: sender.token, organisation: sender.organisation }),
        Err(AccessError::Db(error)) => {
            // Not the sender's fault, and over soon: it is to keep what it has.
            tracing::error!(error = &error as &dyn std::error::Error, "a sender is not known");
            Err(bus::Refused::Unavailable.into())
        }
        Err(_) => Err(Failure::unauthorised()),
    }
}
