//! The pages: one file a noun, its templates in the folder of the same name.

pub(crate) mod account;
pub(crate) mod alerts;
mod ask;
mod days;
pub(crate) mod exceptions;
pub(crate) mod fields;
mod file;
pub(crate) mod link;
mod live;
pub(crate) mod map {
    pub(crate) mod address;
    pub(crate) mod failed;
}
pub(crate) mod people;
pub(crate) mod place;
pub(crate) mod rules;
pub(crate) mod shell;
pub(crate) mod sign_in;
mod told;
pub(crate) mod wrong;

use axum::{
    extract::Request,
    response::{IntoResponse, Redirect, Response},
};

use crate::{routes::Routes, state::App};

/// All pages.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .merge(sign_in::routes())
        .merge(link::routes())
        .merge(people::routes())
        .merge(account::routes())
        .merge(shell::routes())
        .merge(alerts::routes())
        .merge(exceptions::routes())
        .merge(live::routes())
        .merge(rules::routes())
}

/// The first page.
pub(crate) async fn first(_app: App, _request: Request) -> Response {
    Redirect::to("/more").into_response()
}
