//! One's own name and time zone.

use access::Access;
use axum::{extract::State, http::StatusCode, response::Response};
use serde::Deserialize;

use super::zones;
use crate::{
    failure::Failure,
    form::Posted,
    page::{self, Desk},
    pages::{
        ask::{Ask, button},
        fields, told,
    },
    pieces::{ErrorSummary, Form},
};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Profile {
    name: String,
    time_zone: String,
}

fn form(desk: &Desk, profile: &Profile) -> Form {
    let name = fields::text("name", "Name", &profile.name).hint("As your colleagues know you");
    let zone = fields::select("time_zone", "Time zone", zones::choices(&profile.time_zone));
    Form {
        fields: vec![name, zone.hint("Times on pages are shown in it")],
        cancel: Some("/account".to_owned()),
        ..button(desk, "/account/profile", "Save")
    }
}

fn show(desk: Desk, status: StatusCode, form: Form, errors: ErrorSummary) -> Response {
    let title = "Your name and time zone";
    let ask = Ask { title: title.to_owned(), lead: String::new(), errors, form };
    desk.page_with(status, "account/form.html", title, "/more", &[], ask)
}

pub(super) async fn ask(State(access): State<Access>, desk: Desk) -> Result<Response, Failure> {
    let own = access.own(&desk.caller).await.map_err(Failure::of)?;
    let form = form(&desk, &Profile { name: own.name, time_zone: own.time_zone });
    Ok(show(desk, StatusCode::OK, form, ErrorSummary::default()))
}

pub(super) async fn save(
    State(access): State<Access>,
    desk: Desk,
    Posted { caller, form: filled }: Posted<Profile>,
) -> Result<Response, Failure> {
    match access.set_profile(&caller, &filled.name, &filled.time_zone, desk.now()).await {
        Ok(()) => Ok(page::done("/account", "Your name and time zone are saved", None)),
        Err(error) => {
            let mut form = form(&desk, &filled);
            let told = told::beside(&mut form, error)?;
            Ok(show(desk, told.status, form, told.errors))
        }
    }
}
