//! Forms of pages: who posts, and that the form came from a page of ours.

use access::{Access, Caller, Secret};
use axum::{
    body::Bytes,
    extract::{FromRef, FromRequest, FromRequestParts, Request},
    http::{HeaderMap, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde::de::DeserializeOwned;

use crate::{Settings, caller::SignedIn, failure::Failure};

/// A form posted by somebody signed in, with the mark that only our own pages have.
///
/// Fields that repeat (`id=1&id=2`) are read into lists by `serde_html_form`'s rules.
pub(crate) struct Posted<T> {
    /// Who.
    pub(crate) caller: Caller,
    /// What was filled in.
    pub(crate) form: T,
}

/// A field whose text is never shown or logged: a password, a code.
pub(crate) struct Hushed(pub(crate) Secret);

impl<'de> serde::Deserialize<'de> for Hushed {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Secret::new(text)))
    }
}

impl Default for Hushed {
    fn default() -> Self {
        Self(Secret::new(String::new()))
    }
}

/// The largest form.
const MOST_BYTES: usize = 1 << 20;

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Posted<T>
where
    Access: FromRef<S>,
    Settings: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let SignedIn(caller) = SignedIn::from_request_parts(&mut parts, state).await?;
        let bytes = axum::body::to_bytes(body, MOST_BYTES).await.map_err(|_| too_large())?;
        if !has_mark(&bytes, &caller, &Access::from_ref(state)) {
            return Err(forged());
        }
        let form = fields(&bytes).map_err(IntoResponse::into_response)?;
        Ok(Self { caller, form })
    }
}

/// A form posted by anybody: before the sign-in there is no session to bind a mark to, and
/// [`same_site`] alone keeps other sites' forms out.
pub(crate) struct Filled<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Filled<T> {
    type Rejection = Response;

    async fn from_request(request: Request, _: &S) -> Result<Self, Response> {
        let bytes =
            axum::body::to_bytes(request.into_body(), MOST_BYTES).await.map_err(|_| too_large())?;
        fields(&bytes).map(Self).map_err(IntoResponse::into_response)
    }
}

fn fields<T: DeserializeOwned>(bytes: &Bytes) -> Result<T, Failure> {
    serde_html_form::from_bytes(bytes)
        .map_err(|error| Failure::new(StatusCode::BAD_REQUEST, format!("the form: {error}")))
}

#[derive(serde::Deserialize)]
struct Mark {
    #[serde(default)]
    csrf: String,
}

fn has_mark(bytes: &Bytes, caller: &Caller, access: &Access) -> bool {
    let mark = serde_html_form::from_bytes::<Mark>(bytes).map(|mark| mark.csrf);
    mark.is_ok_and(|mark| is_mark(&mark, caller, access))
}

/// Whether a text is the mark that only pages of the caller's session have.
pub(crate) fn is_mark(mark: &str, caller: &Caller, access: &Access) -> bool {
    let session = caller.session();
    session.is_some_and(|session| access.is_csrf_token(session, &Secret::new(mark)))
}

fn too_large() -> Response {
    Failure::new(StatusCode::PAYLOAD_TOO_LARGE, "the form is too large").into_response()
}

/// The answer to a form that came from elsewhere.
pub(crate) fn forged() -> Response {
    Failure::new(StatusCode::FORBIDDEN, "the form did not come from a page of this session")
        .detail("open the page again and repeat what you did; nothing was changed")
        .into_response()
}

/// Keeps out what another site's page makes a browser send. Programs send no such headers, and
/// are known by their tokens.
pub(crate) async fn same_site(request: Request, next: Next) -> Response {
    let is_reading = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if is_reading || !is_from_elsewhere(request.headers()) {
        return next.run(request).await;
    }
    forged()
}

fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    let text =
        |name| headers.get(name).and_then(|value: &axum::http::HeaderValue| value.to_str().ok());
    if let Some(site) = text(header::HeaderName::from_static("sec-fetch-site")) {
        return !matches!(site, "same-origin" | "none");
    }
    let Some(origin) = text(header::ORIGIN) else { return false };
    let host = origin.split_once("://").map_or("", |(_, host)| host);
    text(header::HOST) != Some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(headers: &[(&'static str, &str)], expected: bool) {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().expect("a value"));
        }
        assert_eq!(is_from_elsewhere(&map), expected, "{headers:?}");
    }

    #[test]
    fn a_form_of_another_site_is_known_by_what_the_browser_says() {
        check(&[("sec-fetch-site", "cross-site")], true);
        check(&[("sec-fetch-site", "same-site")], true);
        check(&[("sec-fetch-site", "same-origin")], false);
        check(&[("origin", "https://evil.example"), ("host", "ward.example")], true);
        check(&[("origin", "null"), ("host", "ward.example")], true);
        check(&[("origin", "https://ward.example"), ("host", "ward.example")], false);
        check(&[("host", "ward.example")], false);
    }
}
