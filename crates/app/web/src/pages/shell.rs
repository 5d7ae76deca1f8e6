//! What belongs to the frame of all pages: the view switcher, help, and the page of further places.

use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use sector::Map;
use serde::{Deserialize, Serialize};
use terms::Part;

use crate::{
    failure::Failure,
    form::Posted,
    link,
    page::{self, Desk},
    pages::sign_in::Outside,
    pieces::Link,
    routes::Routes,
    view,
};

pub(super) fn routes() -> Routes {
    Routes::new()
        .post("/view", choose)
        .get("/more", more)
        .get("/help", help)
        .get("/help/accessibility", accessibility)
}

#[derive(Deserialize)]
struct Chosen {
    view: String,
    #[serde(default)]
    back: String,
}

async fn choose(State(map): State<Map>, Posted { caller, form }: Posted<Chosen>) -> Response {
    let Ok(part) = form.view.parse::<Part>() else {
        return Failure::new(StatusCode::BAD_REQUEST, "this is no view").into_response();
    };
    let scope = caller.scope(access::Permission::ViewMap);
    if !view::may_look(&scope, &part, &map) {
        return Failure::not_found().into_response();
    }
    let mut response = Redirect::to(link::back(Some(&form.back))).into_response();
    if let Ok(value) = HeaderValue::from_str(&view::keep(&part)) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

/// A place of the page of further places.
#[derive(Serialize)]
struct Further {
    link: Link,
    about: &'static str,
}

#[derive(Serialize)]
struct More {
    places: Vec<Further>,
}

async fn more(desk: Desk) -> Response {
    use access::Permission as P;
    let all = [
        (
            "Rules",
            "/rules",
            "What is looked for, how often it was right, and for whom it is on",
            P::ViewRules,
        ),
        ("Exceptions", "/exceptions", "What is counted instead of shown", P::ViewAlerts),
        ("Devices", "/devices", "Who sends, who fell silent, who was never seen", P::ViewDevices),
        (
            "Sources",
            "/sources",
            "What comes in, how fast, and what could not be read",
            P::ViewSources,
        ),
        ("Tokens", "/tokens", "With what programs send telemetry", P::ManageTokens),
        ("People", "/people", "Who may do what", P::ViewPeople),
        ("Groups", "/groups", "Named sets of organisations", P::ViewMap),
        (
            "Import",
            "/map/import",
            "Organisations, services, systems and devices from files",
            P::ManageMap,
        ),
        (
            "Audit",
            "/audit",
            "Who did what when, in a chain that cannot be changed unseen",
            P::ViewAudit,
        ),
        ("Your account", "/account", "Password, app, sessions, API tokens", P::ViewAlerts),
    ];
    let may = all.into_iter().filter(|(.., permission)| desk.caller.may_somewhere(*permission));
    let places = may.map(|(text, href, about, _)| Further { link: Link::new(text, href), about });
    let body = More { places: places.collect() };
    desk.page("more.html", "More", "/more", &[], body)
}

async fn help(State(outside): State<Outside>) -> Response {
    outside.plain("help.html", "Help")
}

async fn accessibility(State(outside): State<Outside>) -> Response {
    outside.plain("accessibility.html", "Accessibility")
}

impl Outside {
    fn plain(&self, template: &str, title: &str) -> Response {
        let shell = page::outside(&self.settings, title);
        page::html(&self.templates, StatusCode::OK, template, &shell, More { places: Vec::new() })
    }
}
