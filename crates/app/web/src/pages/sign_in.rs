//! Signing in: password, then a code; setting the second factor up; one-time links; signing out.

use std::sync::Arc;

use access::{Access, AccessError, NewSession, Stage, Visitor, session, sign_in::Factor};
use axum::{
    extract::{Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use serde::{Deserialize, Serialize};

mod set_up;

pub(super) use set_up::show_codes;

use super::fields::{self, sentence};
use crate::{
    Settings,
    caller::{Anyone, From, cookie},
    failure::Failure,
    form::{Filled, Hushed, Posted},
    link, page,
    pieces::{ErrorSummary, FieldError, Form},
    routes::Routes,
    state::App,
    templates::Templates,
};

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/sign-in", ask_password)
        .post("/sign-in", password)
        .get("/sign-in/code", ask_code)
        .post("/sign-in/code", code)
        .get("/sign-in/recovery", ask_recovery)
        .post("/sign-in/recovery", recovery)
        .get("/sign-in/set-up", set_up::ask)
        .post("/sign-in/set-up", set_up::confirm)
        .post("/sign-out", sign_out)
}

/// The page of a step that is still to be taken.
pub(crate) fn step(stage: Stage) -> &'static str {
    match stage {
        Stage::SecondFactor => "/sign-in/code",
        Stage::Enrolment => "/sign-in/set-up",
        Stage::Full => "/",
    }
}

/// Where to go afterwards.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Next {
    #[serde(default)]
    next: String,
    /// Not empty: whoever is signed in gives their password again.
    #[serde(default)]
    again: String,
}

/// The sign-in for somebody who is signed in, but too long to change what guards their account.
pub(crate) fn sign_in_again(next: &str) -> Response {
    Redirect::to(&format!("/sign-in?again=yes&next={}", link::encoded(next))).into_response()
}

impl Next {
    fn back(&self) -> &str {
        link::back(Some(self.next.as_str()).filter(|next| !next.is_empty()))
    }

    /// `path`, from which the way leads on to where it was going.
    fn by_way_of(&self, path: &str) -> String {
        match self.back() {
            "/" => path.to_owned(),
            next => format!("{path}?next={}", link::encoded(next)),
        }
    }
}

/// A page with one form, before the sign-in.
#[derive(Serialize)]
struct Step {
    title: String,
    lead: String,
    errors: ErrorSummary,
    form: Form,
    /// Another way, as text and address.
    other: Option<crate::pieces::Link>,
}

fn form(action: String, next: &Next, fields: Vec<crate::pieces::Field>, submit: &str) -> Form {
    Form {
        action,
        csrf: String::new(),
        hidden: vec![fields::hidden("next", &next.next)],
        fields,
        submit: submit.to_owned(),
        is_warning: false,
        cancel: None,
        has_files: false,
    }
}

/// What pages before the sign-in are made with.
#[derive(Clone)]
pub(crate) struct Outside {
    pub(super) settings: Settings,
    pub(super) templates: Arc<Templates>,
}

impl axum::extract::FromRef<App> for Outside {
    fn from_ref(app: &App) -> Self {
        Self { settings: app.settings.clone(), templates: app.templates.clone() }
    }
}

impl Outside {
    fn show(&self, step: Step, error: Option<&AccessError>) -> Response {
        let (status, errors) = match error {
            None => (StatusCode::OK, step.form.errors()),
            Some(error) => {
                let error = FieldError { text: sentence(error), field: None };
                (StatusCode::UNPROCESSABLE_ENTITY, ErrorSummary { errors: vec![error] })
            }
        };
        let shell = page::outside(&self.settings, &step.title);
        page::html(&self.templates, status, "sign_in/step.html", &shell, Step { errors, ..step })
    }
}

/// What went wrong: the same page again, or where the way leads from a session that is over.
fn again(outside: &Outside, step: Step, error: AccessError) -> Response {
    match error {
        AccessError::NotSignedIn => Redirect::to("/sign-in").into_response(),
        AccessError::Db(_) | AccessError::Key => Failure::of(error).into_response(),
        AccessError::TooMany { retry_after_seconds } => {
            let mut response = outside.show(step, Some(&error));
            *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
            response.headers_mut().insert(header::RETRY_AFTER, retry_after_seconds.into());
            response
        }
        error => outside.show(step, Some(&error)),
    }
}

/// Leads on with the new session's cookie.
pub(super) fn onward(settings: &Settings, session: &NewSession, next: &Next) -> Response {
    let to = match session.stage {
        Stage::Full => next.back().to_owned(),
        stage => next.by_way_of(step(stage)),
    };
    with_cookie(Redirect::to(&to).into_response(), settings, session)
}

fn with_cookie(mut response: Response, settings: &Settings, session: &NewSession) -> Response {
    let cookie = session::set_cookie(&session.cookie, settings.is_secure());
    if let Ok(value) = HeaderValue::from_str(cookie.expose()) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

fn password_step(next: &Next, email: &str) -> Step {
    let fields = vec![fields::email(email), fields::password("password", "Password", false)];
    Step {
        title: "Sign in".to_owned(),
        lead: String::new(),
        errors: ErrorSummary::default(),
        form: form("/sign-in".to_owned(), next, fields, "Sign in"),
        other: None,
    }
}

fn again_step(next: &Next) -> Step {
    let lead = "What you asked for changes how your account is guarded. Give your password once \
                more, so that nobody else can do it at your screen.";
    let step = password_step(next, "");
    Step { title: "Sign in again".to_owned(), lead: lead.to_owned(), ..step }
}

async fn ask_password(
    State(outside): State<Outside>,
    Anyone(visitor): Anyone,
    Query(next): Query<Next>,
) -> Response {
    match visitor {
        Some(Visitor::Full(_)) if next.again.is_empty() => {
            Redirect::to(next.back()).into_response()
        }
        Some(Visitor::Full(_)) => outside.show(again_step(&next), None),
        _ => outside.show(password_step(&next, ""), None),
    }
}

#[derive(Deserialize)]
pub(crate) struct PasswordForm {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: Hushed,
    #[serde(flatten)]
    next: Next,
}

async fn password(
    State(outside): State<Outside>,
    State(access): State<Access>,
    From(origin): From,
    headers: HeaderMap,
    Filled(form): Filled<PasswordForm>,
) -> Response {
    let settings = &outside.settings;
    match access.sign_in(&form.email, form.password.0, &origin, settings.now()).await {
        Ok(session) => {
            leave(&access, &headers, settings).await;
            onward(settings, &session, &form.next)
        }
        Err(error) => again(&outside, password_step(&form.next, &form.email), error),
    }
}

/// Ends the session that the browser had before: its cookie is about to be replaced, and nobody
/// could end it from this browser any more.
pub(super) async fn leave(access: &Access, headers: &HeaderMap, settings: &Settings) {
    if let Some(cookie) = cookie(headers, settings)
        && let Err(error) = access.sign_out(&cookie, settings.now()).await
    {
        tracing::warn!(error = &error as &dyn std::error::Error, "an old session was not ended");
    }
}

fn code_step(next: &Next) -> Step {
    let field = fields::code().hint("From the authenticator app you set up for Ward");
    Step {
        title: "Enter your code".to_owned(),
        lead: String::new(),
        errors: ErrorSummary::default(),
        form: form("/sign-in/code".to_owned(), next, vec![field], "Continue"),
        other: Some(crate::pieces::Link::new(
            "I cannot use my app: use a recovery code",
            next.by_way_of("/sign-in/recovery"),
        )),
    }
}

async fn ask_code(State(outside): State<Outside>, Query(next): Query<Next>) -> Response {
    outside.show(code_step(&next), None)
}

#[derive(Deserialize)]
pub(crate) struct CodeForm {
    #[serde(default)]
    code: Hushed,
    #[serde(flatten)]
    next: Next,
}

async fn code(
    State(outside): State<Outside>,
    State(access): State<Access>,
    From(origin): From,
    headers: HeaderMap,
    Filled(form): Filled<CodeForm>,
) -> Response {
    let factor = Factor::Totp(form.code.0);
    let given = give(&outside, &access, &origin, &headers, factor).await;
    match given {
        Ok(session) => onward(&outside.settings, &session, &form.next),
        Err(error) => again(&outside, code_step(&form.next), error),
    }
}

async fn give(
    outside: &Outside,
    access: &Access,
    origin: &access::Origin,
    headers: &HeaderMap,
    factor: Factor,
) -> Result<NewSession, AccessError> {
    let cookie = cookie(headers, &outside.settings).ok_or(AccessError::NotSignedIn)?;
    access.give_second_factor(&cookie, factor, origin, outside.settings.now()).await
}

fn recovery_step(next: &Next) -> Step {
    let field = fields::text("code", "Recovery code", "")
        .hint("One of the ten codes you kept when you set up your app. Each works once.");
    Step {
        title: "Use a recovery code".to_owned(),
        lead: String::new(),
        errors: ErrorSummary::default(),
        form: form("/sign-in/recovery".to_owned(), next, vec![field], "Continue"),
        other: Some(crate::pieces::Link::new("Use my app", next.by_way_of("/sign-in/code"))),
    }
}

async fn ask_recovery(State(outside): State<Outside>, Query(next): Query<Next>) -> Response {
    outside.show(recovery_step(&next), None)
}

async fn recovery(
    State(outside): State<Outside>,
    State(access): State<Access>,
    From(origin): From,
    headers: HeaderMap,
    Filled(form): Filled<CodeForm>,
) -> Response {
    let factor = Factor::RecoveryCode(form.code.0);
    match give(&outside, &access, &origin, &headers, factor).await {
        Ok(session) => onward(&outside.settings, &session, &form.next),
        Err(error) => again(&outside, recovery_step(&form.next), error),
    }
}

#[derive(Deserialize)]
pub(crate) struct Nothing {}

async fn sign_out(
    State(settings): State<Settings>,
    State(access): State<Access>,
    headers: HeaderMap,
    Posted { .. }: Posted<Nothing>,
) -> Response {
    if let Some(cookie) = cookie(&headers, &settings)
        && let Err(error) = access.sign_out(&cookie, settings.now()).await
    {
        return Failure::of(error).into_response();
    }
    let mut response = Redirect::to("/sign-in").into_response();
    if let Ok(value) = HeaderValue::from_str(&session::clear_cookie(settings.is_secure())) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}
