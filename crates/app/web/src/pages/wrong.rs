//! Pages that say what is wrong: nothing there, not allowed, something failed.

use axum::{
    extract::Request,
    http::{StatusCode, header},
    middleware::Next,
    response::Response,
};
use serde::Serialize;
use std::sync::Arc;

use crate::{Settings, page, templates::Templates};

#[derive(Serialize)]
struct Wrong {
    title: &'static str,
    what: String,
    next: &'static str,
}

/// A failure that a browser would show as JSON becomes a page. The API's answers stay as they are.
pub(crate) async fn as_page(
    axum::extract::State((settings, templates)): axum::extract::State<(Settings, Arc<Templates>)>,
    request: Request,
    next: Next,
) -> Response {
    let wants_page = wants_page(&request);
    let response = next.run(request).await;
    let is_problem = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_none_or(|kind| kind.as_bytes() == b"application/problem+json");
    let status = response.status();
    if !wants_page || !is_problem || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let wrong = wrong(status, title_of(response).await);
    let shell = page::outside(&settings, wrong.title);
    page::html(&templates, status, "wrong.html", &shell, wrong)
}

fn wants_page(request: &Request) -> bool {
    let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let path = request.uri().path();
    accept.is_some_and(|accept| accept.contains("text/html"))
        && !path.starts_with("/api/")
        && !path.starts_with("/elastic/")
}

/// What the problem says.
async fn title_of(response: Response) -> String {
    #[derive(serde::Deserialize)]
    struct Problem {
        title: String,
    }
    const MOST: usize = 64 << 10;
    let bytes = axum::body::to_bytes(response.into_body(), MOST).await.unwrap_or_default();
    serde_json::from_slice::<Problem>(&bytes).map(|problem| problem.title).unwrap_or_default()
}

fn wrong(status: StatusCode, what: String) -> Wrong {
    let what = if what.is_empty() { String::new() } else { super::fields::sentence(&what) };
    match status {
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => Wrong {
            title: "Page not found",
            what: "There is nothing at this address, or it lies outside what you may see."
                .to_owned(),
            next: "If you typed the address, check it. If you followed a link from somebody else, \
                   ask them whether you should be able to see it.",
        },
        StatusCode::FORBIDDEN => Wrong {
            title: "You cannot do this",
            what,
            next: "If you need it for your work, ask an administrator of your organisation.",
        },
        status if status.is_server_error() => Wrong {
            title: "Something went wrong",
            what,
            next: "Nothing you saved before is lost. Try again in a minute. If it goes on, tell the \
                   people who run Ward the time it happened.",
        },
        _ => Wrong { title: "That did not work", what, next: "Go back, change it and try again." },
    }
}
