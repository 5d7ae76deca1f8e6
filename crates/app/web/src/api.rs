//! The HTTP API: telemetry in, and the same nouns as the pages as JSON.

pub(crate) mod alerts;
pub(crate) mod answers;
pub(crate) mod audit;
pub(crate) mod body;
pub(crate) mod devices;
pub(crate) mod elastic;
pub(crate) mod events;
pub(crate) mod exceptions;
pub(crate) mod health;
pub(crate) mod hec;
pub(crate) mod map;
mod metrics;
pub(crate) mod otlp;
pub(crate) mod overview;
pub(crate) mod query;
pub(crate) mod rules;
pub(crate) mod segment;
pub(crate) mod sources;

use axum::http::Method;
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{routes::Routes, state::App};

/// What the description says of the whole.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Ward",
        description = "Telemetry in, alerts out. Every answer lies within the scope of the token \
                       or session that asks."
    ),
    tags((name = "telemetry", description = "Sending records"), (name = "alerts", description = "The queue, and what people do with it"), (name = "audit", description = "Who did what when, and whether that record holds"), (name = "map", description = "Who depends on what, and how all stand"), (name = "rules", description = "What is looked for"), (name = "sources", description = "What sends"), (name = "devices", description = "What is watched"), (name = "health", description = "Whether Ward is well")),
    components(schemas(crate::failure::Problem)),
    modifiers(&Tokens)
)]
struct Whole;

/// Names the ways to show who asks.
struct Tokens;

impl utoipa::Modify for Tokens {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
        let components = openapi.components.get_or_insert_with(Default::default);
        let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        components.add_security_scheme("token", bearer);
    }
}

/// Routes with their description.
fn described() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Whole::openapi())
        .routes(routes!(events::post))
        .routes(routes!(alerts::list))
        .routes(routes!(alerts::one))
        .routes(routes!(alerts::act))
        .routes(routes!(alerts::undo))
        .routes(routes!(exceptions::list, exceptions::make))
        .routes(routes!(exceptions::one))
        .routes(routes!(exceptions::revoke))
        .routes(routes!(audit::list))
        .routes(routes!(audit::verification))
        .routes(routes!(overview::get))
        .routes(routes!(map::organisations))
        .routes(routes!(map::one_organisation))
        .routes(routes!(map::services))
        .routes(routes!(map::systems))
        .routes(routes!(map::suppliers))
        .routes(routes!(map::dependencies))
        .routes(routes!(rules::list))
        .routes(routes!(rules::one))
        .routes(routes!(rules::switch))
        .routes(routes!(rules::unusable))
        .routes(routes!(sources::list))
        .routes(routes!(sources::one))
        .routes(routes!(devices::list))
        .routes(routes!(devices::one, devices::change))
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
        .routes(routes!(metrics::get))
}

/// All of the API.
pub(crate) fn routes() -> Routes {
    let (router, openapi) = described().split_for_parts();
    Routes::new()
        .with(router, known(&openapi))
        .merge(elastic::routes())
        .merge(hec::routes())
        .merge(otlp::routes())
}

/// The routes a description has.
fn known(openapi: &utoipa::openapi::OpenApi) -> Vec<(Method, String)> {
    let mut known = Vec::new();
    for (path, item) in &openapi.paths.paths {
        for (method, operation) in [
            (Method::GET, &item.get),
            (Method::POST, &item.post),
            (Method::PUT, &item.put),
            (Method::PATCH, &item.patch),
            (Method::DELETE, &item.delete),
        ] {
            if operation.is_some() {
                known.push((method, path.clone()));
            }
        }
    }
    known
}

/// The OpenAPI description, made from the handlers.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let (_, openapi) = described().split_for_parts();
    openapi
}
