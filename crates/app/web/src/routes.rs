//! Routes that know themselves, so that a test can walk every one of them.

use axum::{Router, extract::DefaultBodyLimit, handler::Handler, http::Method, routing};

use crate::state::App;

/// Routes and a list of them.
#[derive(Default)]
pub(crate) struct Routes {
    router: Router<App>,
    known: Vec<(Method, String)>,
}

impl Routes {
    /// No routes.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds what answers GET (and HEAD) at a path.
    pub(crate) fn get<H: Handler<T, App>, T: 'static>(self, path: &str, handler: H) -> Self {
        self.add(Method::GET, path, routing::get(handler))
    }

    /// Adds what answers POST at a path.
    pub(crate) fn post<H: Handler<T, App>, T: 'static>(self, path: &str, handler: H) -> Self {
        self.add(Method::POST, path, routing::post(handler))
    }

    /// Adds what answers PUT at a path.
    pub(crate) fn put<H: Handler<T, App>, T: 'static>(self, path: &str, handler: H) -> Self {
        self.add(Method::PUT, path, routing::put(handler))
    }

    /// Adds what answers POST at a path and takes files: the handler bounds the body itself, by
    /// [`crate::upload::Upload`].
    pub(crate) fn upload<H: Handler<T, App>, T: 'static>(self, path: &str, handler: H) -> Self {
        self.add(Method::POST, path, routing::post(handler).layer(DefaultBodyLimit::disable()))
    }

    fn add(mut self, method: Method, path: &str, answer: routing::MethodRouter<App>) -> Self {
        self.known.push((method, path.to_owned()));
        self.router = self.router.route(path, answer);
        self
    }

    /// Adds others.
    pub(crate) fn merge(mut self, others: Self) -> Self {
        self.known.extend(others.known);
        self.router = self.router.merge(others.router);
        self
    }

    /// Adds others below a path.
    pub(crate) fn nest(mut self, below: &str, others: Self) -> Self {
        let known = others.known.into_iter();
        self.known.extend(known.map(|(method, path)| {
            let path = if path == "/" { below.to_owned() } else { format!("{below}{path}") };
            (method, path)
        }));
        self.router = self.router.nest(below, others.router);
        self
    }

    /// Adds a router and what is known of it.
    pub(crate) fn with(mut self, router: Router<App>, known: Vec<(Method, String)>) -> Self {
        self.known.extend(known);
        self.router = self.router.merge(router);
        self
    }

    /// Every route.
    pub(crate) fn known(&self) -> &[(Method, String)] {
        &self.known
    }

    /// The router.
    pub(crate) fn into_router(self) -> Router<App> {
        self.router
    }
}
