//! The pages: one file a noun, its templates in the folder of the same name.

pub(crate) mod alerts;
pub(crate) mod exceptions;
pub(crate) mod fields;
mod live;
pub(crate) mod shell;
pub(crate) mod sign_in;
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
        .merge(shell::routes())
        .merge(alerts::routes())
        .merge(exceptions::routes())
        .merge(live::routes())
}

/// The first page.
pub(crate) async fn first(_app: App, _request: Request) -> Response {
    Redirect::to("/more").into_response()
}
