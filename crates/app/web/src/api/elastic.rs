//! What Elastic's shippers ask of a cluster: the handshake, `_bulk`, and the few questions that
//! come before it. Everything else is not found.
//!
//! Source: Elasticsearch reference 8, Bulk API and REST API compatibility; OpenSearch's bulk API is
//! the same. Records are only added: what would read, change or delete them is not offered.

mod answer;
mod bulk;

use axum::{
    extract::{Request, State},
    handler::Handler,
    http::StatusCode,
    response::Response,
};
use serde_json::json;

use crate::{Settings, routes::Routes, sender::FromToken, state::App};
use answer::Compatible;

/// The version Ward answers with: clients refuse to talk to a cluster older than themselves.
pub(crate) const VERSION: &str = "8.19.0";

/// Routes for shippers. They hang at the root, where shippers without a path setting look, and
/// below `/elastic`.
pub(crate) fn routes() -> Routes {
    let all = || {
        Routes::new()
            .post("/_bulk", bulk::everywhere)
            .put("/_bulk", bulk::everywhere)
            .post("/{index}/_bulk", bulk::into)
            .put("/{index}/_bulk", bulk::into)
            .get("/_license", license)
            .get("/_xpack", license)
            .get("/_cluster/health", health)
    };
    let below = all().get("/", handshake);
    all().nest("/elastic", below)
}

/// `GET /` and `HEAD /` of what is no browser.
pub(crate) async fn answer_root(app: App, request: Request) -> Response {
    handshake.call(request, app).await
}

/// `GET /`: who answers.
async fn handshake(
    State(settings): State<Settings>,
    compatible: Compatible,
    FromToken(_): FromToken,
) -> Response {
    let told = json!({
        "name": "ward",
        "cluster_name": "ward",
        "cluster_uuid": settings.instance,
        "version": {
            "number": VERSION,
            "build_flavor": "default",
            "build_type": "tar",
            "build_hash": "unknown",
            "build_date": "2025-07-01T00:00:00.000000000Z",
            "build_snapshot": false,
            "lucene_version": "9.12.1",
            "minimum_wire_compatibility_version": "7.17.0",
            "minimum_index_compatibility_version": "7.0.0",
        },
        "tagline": "You Know, for Search",
    });
    compatible.answer(StatusCode::OK, &told)
}

/// `GET /_license`: Beats ask before they send.
async fn license(
    State(settings): State<Settings>,
    compatible: Compatible,
    FromToken(_): FromToken,
) -> Response {
    let told = json!({
        "license": {
            "status": "active",
            "uid": settings.instance,
            "type": "basic",
            "issued_to": "ward",
            "issuer": "ward",
        },
    });
    compatible.answer(StatusCode::OK, &told)
}

/// `GET /_cluster/health`.
async fn health(compatible: Compatible, FromToken(_): FromToken) -> Response {
    let told = json!({
        "cluster_name": "ward",
        "status": "green",
        "timed_out": false,
        "number_of_nodes": 1,
        "number_of_data_nodes": 1,
        "active_primary_shards": 1,
        "active_shards": 1,
    });
    compatible.answer(StatusCode::OK, &told)
}
