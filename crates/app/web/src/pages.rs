//! The pages: one file a noun, its templates in the folder of the same name.

pub(crate) mod account;
pub(crate) mod alerts;
mod ask;
pub(crate) mod audit;
mod days;
pub(crate) mod devices;
pub(crate) mod exceptions;
pub(crate) mod fields;
pub(crate) mod link;
mod live;
pub(crate) mod map;
pub(crate) mod people;
pub(crate) mod place;
pub(crate) mod rules;
mod search;
pub(crate) mod shell;
pub(crate) mod sign_in;
pub(crate) mod sources;
pub(crate) mod today;
pub(crate) mod tokens;
mod told;
pub(crate) mod wrong;

use axum::{extract::Request, handler::Handler, response::Response};

use crate::{routes::Routes, state::App};

/// All pages.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .merge(sign_in::routes())
        .merge(link::routes())
        .merge(people::routes())
        .merge(account::routes())
        .merge(audit::routes())
        .merge(shell::routes())
        .merge(alerts::routes())
        .merge(exceptions::routes())
        .merge(live::routes())
        .merge(rules::routes())
        .merge(sources::routes())
        .merge(tokens::routes())
        .merge(devices::routes())
        .merge(today::routes())
        .merge(map::routes())
        .merge(search::routes())
}

/// The first page.
pub(crate) async fn first(app: App, request: Request) -> Response {
    today::page.call(request, app).await
}
