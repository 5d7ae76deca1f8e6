//! What guards one's account: the password, and codes for the day the phone is lost.

use access::{Access, AccessError};
use axum::{extract::State, http::StatusCode, response::Response};
use serde::Deserialize;

use crate::{
    caller::From,
    failure::Failure,
    form::{Hushed, Posted},
    page::{self, Desk},
    pages::{
        ask::{Ask, button},
        fields,
        link::PASSWORD_HINT,
        sign_in::{Nothing, Outside, show_codes, sign_in_again},
        told,
    },
    pieces::{ErrorSummary, Form},
};

/// Two passwords; neither is ever shown again.
#[derive(Default, Deserialize)]
pub(super) struct Passwords {
    #[serde(default)]
    present: Hushed,
    #[serde(default)]
    password: Hushed,
}

fn form(desk: &Desk) -> Form {
    let present = fields::password("present", "Present password", false);
    let new = fields::password("password", "New password", true).hint(PASSWORD_HINT);
    Form {
        fields: vec![present, new],
        cancel: Some("/account".to_owned()),
        ..button(desk, "/account/password", "Change password")
    }
}

fn show(desk: Desk, status: StatusCode, form: Form, errors: ErrorSummary) -> Response {
    let title = "Change your password";
    let lead = "You will be signed out everywhere else.";
    let ask = Ask { title: title.to_owned(), lead: lead.to_owned(), errors, form };
    desk.page_with(status, "account/form.html", title, "/more", &[], ask)
}

pub(super) async fn ask_password(desk: Desk) -> Response {
    let form = form(&desk);
    show(desk, StatusCode::OK, form, ErrorSummary::default())
}

pub(super) async fn change_password(
    State(access): State<Access>,
    From(origin): From,
    desk: Desk,
    Posted { caller, form: filled }: Posted<Passwords>,
) -> Result<Response, Failure> {
    let (present, new) = (filled.present.0, filled.password.0);
    match access.change_password(&caller, present, new, &origin, desk.now()).await {
        Ok(()) => {
            let text = "Your password is changed, and you are signed out everywhere else";
            Ok(page::done("/account", text, None))
        }
        Err(error) => {
            let mut form = form(&desk);
            let told = told::beside(&mut form, error)?;
            Ok(show(desk, told.status, form, told.errors))
        }
    }
}

pub(super) async fn renew_codes(
    State(access): State<Access>,
    State(outside): State<Outside>,
    Posted { caller, .. }: Posted<Nothing>,
) -> Result<Response, Failure> {
    match access.renew_recovery_codes(&caller, outside.settings.now()).await {
        Ok(codes) => Ok(show_codes(&outside, &codes, "/account")),
        Err(AccessError::SignInAgain) => Ok(sign_in_again("/account")),
        Err(error) => Err(Failure::of(error)),
    }
}
