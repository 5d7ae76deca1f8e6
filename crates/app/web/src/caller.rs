//! Who asks: a signed-in browser for pages, a token or a browser for the API.

use access::{Access, AccessError, Caller, Permission, Secret, Visitor, session};
use axum::{
    extract::{ConnectInfo, FromRef, FromRequestParts},
    http::{HeaderMap, Method, StatusCode, Uri, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use std::net::{IpAddr, SocketAddr};
use terms::Scope;

use crate::{Settings, failure::Failure, sender::authorization};

/// Who is signed in, for a page. Others are led to the sign-in, and back afterwards.
#[derive(Clone, Debug)]
pub(crate) struct SignedIn(pub(crate) Caller);

/// Who asks the API: by an API token, or by the browser's session.
#[derive(Clone, Debug)]
pub(crate) struct Authorised(pub(crate) Caller);

/// What stands behind the session cookie, whatever its stage; nothing without a valid one.
#[derive(Clone, Debug)]
pub(crate) struct Anyone(pub(crate) Option<Visitor>);

/// From where the request comes.
#[derive(Clone, Debug)]
pub(crate) struct From(pub(crate) access::Origin);

/// The session cookie's value.
pub(crate) fn cookie(headers: &HeaderMap, settings: &Settings) -> Option<Secret> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies.filter_map(|cookies| session::cookie_of(cookies, settings.is_secure())).next()
}

async fn visitor<S>(parts: &Parts, state: &S) -> Result<Option<Visitor>, AccessError>
where
    Access: FromRef<S>,
    Settings: FromRef<S>,
{
    let (access, settings) = (Access::from_ref(state), Settings::from_ref(state));
    let Some(cookie) = cookie(&parts.headers, &settings) else { return Ok(None) };
    match access.visitor(&cookie, settings.now()).await {
        Ok(visitor) => Ok(Some(visitor)),
        Err(AccessError::NotSignedIn) => Ok(None),
        Err(error) => Err(error),
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Anyone
where
    Access: FromRef<S>,
    Settings: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        visitor(parts, state).await.map(Self).map_err(|error| Failure::of(error).into_response())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for SignedIn
where
    Access: FromRef<S>,
    Settings: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        match visitor(parts, state).await {
            Ok(Some(Visitor::Full(caller))) => Ok(Self(caller)),
            Ok(Some(Visitor::Pending { stage, .. })) => {
                Err(Redirect::to(crate::pages::sign_in::step(stage)).into_response())
            }
            Ok(None) => Err(Redirect::to(&sign_in(&parts.method, &parts.uri)).into_response()),
            Err(error) => Err(Failure::of(error).into_response()),
        }
    }
}

/// The sign-in that leads back to a page; after a form, to the beginning.
fn sign_in(method: &Method, uri: &Uri) -> String {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    match *method == Method::GET && path != "/" {
        true => format!("/sign-in?next={}", crate::link::encoded(path)),
        false => "/sign-in".to_owned(),
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Authorised
where
    Access: FromRef<S>,
    Settings: FromRef<S>,
{
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        if let Some(header) = authorization(&parts.headers) {
            let (access, settings) = (Access::from_ref(state), Settings::from_ref(state));
            return access
                .authenticate_program(header, settings.now())
                .await
                .map(Self)
                .map_err(Failure::of);
        }
        // A browser may read through the API; to change anything it must show the mark that only
        // our own pages have.
        let Some(Visitor::Full(caller)) = visitor(parts, state).await.map_err(Failure::of)? else {
            return Err(Failure::unauthorised());
        };
        let is_reading = matches!(parts.method, Method::GET | Method::HEAD);
        if !is_reading && !has_mark(&parts.headers, &caller, &Access::from_ref(state)) {
            return Err(Failure::new(
                StatusCode::FORBIDDEN,
                "the mark against forged requests is missing",
            ));
        }
        Ok(Self(caller))
    }
}

fn has_mark(headers: &HeaderMap, caller: &Caller, access: &Access) -> bool {
    let mark = headers.get("x-csrf-token").and_then(|value| value.to_str().ok());
    let session = caller.session();
    session
        .zip(mark)
        .is_some_and(|(session, mark)| access.is_csrf_token(session, &Secret::new(mark)))
}

impl Authorised {
    /// Where the caller may do this. Errors: nowhere.
    pub(crate) fn scope(&self, permission: Permission) -> Result<Scope, Failure> {
        scope(&self.0, permission)
    }
}

/// Where a caller may do this. Errors: nowhere.
pub(crate) fn scope(caller: &Caller, permission: Permission) -> Result<Scope, Failure> {
    let scope = caller.scope(permission);
    match scope.is_empty() {
        true => Err(Failure::forbidden(permission.label())),
        false => Ok(scope),
    }
}

impl<S: Send + Sync> FromRequestParts<S> for From
where
    Settings: FromRef<S>,
{
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &S,
    ) -> Result<Self, std::convert::Infallible> {
        let settings = Settings::from_ref(state);
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
        let told = forwarded(&parts.headers).filter(|_| settings.trust_proxy);
        let address = told.or(peer).unwrap_or(IpAddr::from([0, 0, 0, 0]));
        let agent = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        Ok(Self(access::Origin { address, agent: agent.unwrap_or_default().to_owned() }))
    }
}

/// The last address of `X-Forwarded-For`: the one the nearest proxy saw.
fn forwarded(headers: &HeaderMap) -> Option<IpAddr> {
    let value = headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
    value.rsplit(',').next()?.trim().parse().ok()
}
