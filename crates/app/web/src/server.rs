//! The router: pages, API and what shippers ask, under one set of guards.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{FromRef, State},
    http::{HeaderMap, Method, StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
};
use tokio::net::TcpListener;
use tower_http::{catch_panic::CatchPanicLayer, compression::CompressionLayer, trace::TraceLayer};

use crate::{
    Settings, api, assets, failure::Failure, form, pages, routes::Routes, security, state::App,
    templates::Templates,
};

fn routes() -> Routes {
    Routes::new().get("/", root).merge(pages::routes()).merge(api::routes())
}

/// Every route with its method, for tests that walk them. Built styles and scripts (`/assets/`)
/// are not among them: nothing in them is anybody's.
pub fn all_routes() -> Vec<(Method, String)> {
    routes().known().to_vec()
}

/// The router.
pub fn router(app: App) -> Router {
    let wrong = (Settings::from_ref(&app), Arc::<Templates>::from_ref(&app));
    routes()
        .into_router()
        .merge(assets::routes())
        .fallback(async || Failure::not_found())
        .layer(middleware::from_fn(form::same_site))
        .layer(middleware::from_fn_with_state(wrong, pages::wrong::as_page))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn(security::headers))
        .layer(CompressionLayer::new().gzip(true))
        .layer(TraceLayer::new_for_http().make_span_with(span))
        .with_state(app)
}

/// `GET /`: the first page for browsers, the handshake for shippers.
async fn root(
    State(app): State<App>,
    headers: HeaderMap,
    request: axum::extract::Request,
) -> Response {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    match accept.is_some_and(|accept| accept.contains("text/html")) {
        true => pages::first(app, request).await,
        false => api::elastic::answer_root(app, request).await,
    }
}

/// What a log line says of a request: the route, not the address, which may hold a one-time link.
fn span(request: &axum::extract::Request) -> tracing::Span {
    let route = request.extensions().get::<axum::extract::MatchedPath>();
    let route = route.map_or("none", axum::extract::MatchedPath::as_str);
    tracing::debug_span!("request", method = %request.method(), route)
}

fn panicked(panic: Box<dyn std::any::Any + Send>) -> Response {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied());
    tracing::error!(panic = text.unwrap_or("unknown"), "a handler panicked");
    Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "something inside Ward failed; it was logged")
        .into_response()
}

/// How long requests in flight may take once the process stops.
const GRACE: Duration = Duration::from_secs(10);

/// Serves until the app's `stop`, then lets requests in flight end. Errors: the listener fails.
pub async fn serve(listener: TcpListener, app: App) -> std::io::Result<()> {
    let stop = app.stop.clone();
    let routes = router(app).into_make_service_with_connect_info::<SocketAddr>();
    let stopping = stop.clone();
    let server = axum::serve(listener, routes)
        .with_graceful_shutdown(async move { stopping.cancelled().await });
    let late = async {
        stop.cancelled().await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        served = server => served,
        () = late => {
            tracing::warn!("some requests did not end in time and were cut");
            Ok(())
        }
    }
}
