//! Signing in: password, then a code; setting the second factor up; one-time links; signing out.

use std::sync::Arc;

use access::{Access, AccessError, NewSession, Stage, Visitor, session, sign_in::Factor};
use axum::{
    extract::{Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use serde::{Deserialize, Serialize};

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
        .get("/sign-in/set-up", ask_set_up)
        .post("/sign-in/set-up", set_up)
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
fn onward(settings: &Settings, session: &NewSession, next: &Next) -> Response {
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

async fn ask_password(
    State(outside): State<Outside>,
    Anyone(visitor): Anyone,
    Query(next): Query<Next>,
) -> Response {
    match visitor {
        Some(Visitor::Full(_)) => Redirect::to(next.back()).into_response(),
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
    Filled(form): Filled<PasswordForm>,
) -> Response {
    let settings = &outside.settings;
    match access.sign_in(&form.email, form.password.0, &origin, settings.now()).await {
        Ok(session) => onward(settings, &session, &form.next),
        Err(error) => again(&outside, password_step(&form.next, &form.email), error),
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

/// The page on which an authenticator app is set up.
#[derive(Serialize)]
struct SetUp {
    title: &'static str,
    /// The address as a picture that apps scan.
    picture: String,
    /// The secret in groups of four, for typing in.
    secret: String,
    errors: ErrorSummary,
    form: Form,
}

/// Shows a new secret: before the first sign-in is complete, or later from the account's page.
async fn show_set_up(
    outside: &Outside,
    access: &Access,
    headers: &HeaderMap,
    next: &Next,
    error: Option<&AccessError>,
) -> Response {
    let begun = match cookie(headers, &outside.settings) {
        Some(cookie) => access.begin_totp(&cookie, outside.settings.now()).await,
        None => Err(AccessError::NotSignedIn),
    };
    let enrolment = match begun {
        Ok(enrolment) => enrolment,
        Err(AccessError::NotSignedIn | AccessError::SignInAgain) => {
            return Redirect::to("/sign-in").into_response();
        }
        Err(error) => return Failure::of(error).into_response(),
    };
    let picture = match picture(enrolment.uri.expose()) {
        Ok(picture) => picture,
        Err(error) => return Failure::internal(&error).into_response(),
    };
    let letters: Vec<char> = enrolment.secret.expose().chars().collect();
    let groups = letters.chunks(4).map(|group| group.iter().collect::<String>());
    let field = fields::code()
        .hint("Shown by the app once it knows Ward")
        .wrong(error.map(|error| sentence(error)));
    let form = form("/sign-in/set-up".to_owned(), next, vec![field], "Continue");
    let errors = form.errors();
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let title = "Set up your authenticator app";
    let secret = groups.collect::<Vec<_>>().join(" ");
    let shell = page::outside(&outside.settings, title);
    let body = SetUp { title, picture, secret, errors, form };
    page::html(&outside.templates, status, "sign_in/set_up.html", &shell, body)
}

/// A QR code as SVG, without anything a strict page would refuse.
fn picture(uri: &str) -> Result<String, qrcode::types::QrError> {
    let code = qrcode::QrCode::with_error_correction_level(uri, qrcode::EcLevel::M)?;
    let width = code.width();
    let mut path = String::new();
    for (at, colour) in code.to_colors().into_iter().enumerate() {
        if colour == qrcode::Color::Dark {
            path.push_str(&format!("M{} {}h1v1h-1z", at % width + 4, at / width + 4));
        }
    }
    let size = width + 8;
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {size} {size}\" width=\"240\" \
         height=\"240\" role=\"img\" aria-label=\"QR code for your authenticator app\" \
         shape-rendering=\"crispEdges\"><rect width=\"{size}\" height=\"{size}\" fill=\"#fff\"/>\
         <path d=\"{path}\" fill=\"#212b32\"/></svg>"
    ))
}

async fn ask_set_up(
    State(outside): State<Outside>,
    State(access): State<Access>,
    headers: HeaderMap,
    Query(next): Query<Next>,
) -> Response {
    show_set_up(&outside, &access, &headers, &next, None).await
}

/// Recovery codes, shown this once.
#[derive(Serialize)]
struct Codes {
    title: &'static str,
    codes: Vec<String>,
    next: String,
}

async fn set_up(
    State(outside): State<Outside>,
    State(access): State<Access>,
    From(origin): From,
    headers: HeaderMap,
    Filled(form): Filled<CodeForm>,
) -> Response {
    let settings = &outside.settings;
    let Some(cookie) = cookie(&headers, settings) else {
        return Redirect::to("/sign-in").into_response();
    };
    match access.confirm_totp(&cookie, &form.code.0, &origin, settings.now()).await {
        Ok(enrolled) => {
            let title = "Keep your recovery codes";
            let codes = enrolled.recovery_codes.iter().map(|code| code.expose().to_owned());
            let body = Codes { title, codes: codes.collect(), next: form.next.back().to_owned() };
            let shell = page::outside(settings, title);
            let page =
                page::html(&outside.templates, StatusCode::OK, "sign_in/codes.html", &shell, body);
            with_cookie(page, settings, &enrolled.session)
        }
        Err(error @ (AccessError::Refused | AccessError::TooMany { .. })) => {
            show_set_up(&outside, &access, &headers, &form.next, Some(&error)).await
        }
        Err(AccessError::NotSignedIn | AccessError::SignInAgain) => {
            Redirect::to("/sign-in").into_response()
        }
        Err(error) => Failure::of(error).into_response(),
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
