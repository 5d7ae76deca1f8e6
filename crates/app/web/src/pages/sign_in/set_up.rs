//! Setting an authenticator app up, at the first sign-in or later, and the codes for the day it is
//! lost.

use access::{Access, AccessError, Secret, totp::Enrolment};
use axum::{
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use serde::Serialize;

use super::{CodeForm, Next, Outside, form, sign_in_again, with_cookie};
use crate::{
    caller::{From, cookie},
    failure::Failure,
    form::Filled,
    page,
    pages::fields::{self, sentence},
    pieces::{ErrorSummary, Form},
};

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
    let begun = begin(outside, access, headers, error.is_some()).await;
    let enrolment = match begun {
        Ok(enrolment) => enrolment,
        Err(AccessError::NotSignedIn) => return Redirect::to("/sign-in").into_response(),
        Err(AccessError::SignInAgain) => {
            return sign_in_again(&next.by_way_of("/sign-in/set-up"));
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

/// A new secret; after a wrong code the one that was shown before, which the app has by now.
async fn begin(
    outside: &Outside,
    access: &Access,
    headers: &HeaderMap,
    has_begun: bool,
) -> Result<Enrolment, AccessError> {
    let now = outside.settings.now();
    let cookie = cookie(headers, &outside.settings).ok_or(AccessError::NotSignedIn)?;
    if has_begun && let Some(begun) = access.begun_totp(&cookie, now).await? {
        return Ok(begun);
    }
    access.begin_totp(&cookie, now).await
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

pub(super) async fn ask(
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

/// The page that shows recovery codes this once, and leads on.
pub(crate) fn show_codes(outside: &Outside, codes: &[Secret], next: &str) -> Response {
    let title = "Keep your recovery codes";
    let codes = codes.iter().map(|code| code.expose().to_owned());
    let body = Codes { title, codes: codes.collect(), next: next.to_owned() };
    let shell = page::outside(&outside.settings, title);
    page::html(&outside.templates, StatusCode::OK, "sign_in/codes.html", &shell, body)
}

pub(super) async fn confirm(
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
            let page = show_codes(&outside, &enrolled.recovery_codes, form.next.back());
            with_cookie(page, settings, &enrolled.session)
        }
        Err(error @ (AccessError::Refused | AccessError::TooMany { .. })) => {
            show_set_up(&outside, &access, &headers, &form.next, Some(&error)).await
        }
        Err(AccessError::NotSignedIn) => Redirect::to("/sign-in").into_response(),
        Err(AccessError::SignInAgain) => sign_in_again(&form.next.by_way_of("/sign-in/set-up")),
        Err(error) => Failure::of(error).into_response(),
    }
}
