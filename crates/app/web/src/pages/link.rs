//! One-time links: the first administrator, somebody who was invited, somebody who forgot their
//! password. Whoever has the link is believed; it works once.

use access::{
    Access, AccessError, Origin, Secret,
    first::{Claim, LinkKind, LinkView},
};
use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use serde::{Deserialize, Serialize};

use super::{
    fields,
    sign_in::{self, Next, Outside},
    told,
};
use crate::{
    caller::From,
    failure::Failure,
    form::{Filled, Hushed},
    page,
    pieces::{ErrorSummary, Field, Form, Moment},
    routes::Routes,
};

pub(super) fn routes() -> Routes {
    Routes::new().get("/link/{secret}", ask_claim).post("/link/{secret}", claim)
}

/// The page of a link that can be used.
#[derive(Serialize)]
struct Open {
    title: &'static str,
    lead: String,
    until: Moment,
    errors: ErrorSummary,
    form: Form,
}

/// The page of a link that cannot.
#[derive(Serialize)]
struct Over {
    title: &'static str,
}

#[derive(Default, Deserialize)]
pub(crate) struct ClaimForm {
    #[serde(default)]
    email: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    password: Hushed,
}

/// What makes a good password.
pub(super) const PASSWORD_HINT: &str = "At least 12 characters. Three words that have nothing to do with each \
                             other do well. Not your name, and not a password you use elsewhere.";

fn chosen_password() -> Field {
    fields::password("password", "Password", true).hint(PASSWORD_HINT)
}

fn name(value: &str) -> Field {
    fields::text("name", "Your name", value).hint("As your colleagues know you")
}

fn page_of(secret: &Secret, link: &LinkView, filled: &ClaimForm, now: terms::Timestamp) -> Open {
    let person = link.person.as_ref();
    let email = person.map(|person| person.email.as_str()).unwrap_or_default();
    let known_as = person.map(|person| person.name.as_str()).unwrap_or_default();
    let written = if filled.name.is_empty() { known_as } else { &filled.name };
    let (title, lead, fields, submit) = match link.kind {
        LinkKind::First => (
            "Set up Ward",
            "You will be the first administrator: you may do everything, and invite everybody \
             else."
                .to_owned(),
            vec![fields::email(&filled.email), name(&filled.name), chosen_password()],
            "Become administrator",
        ),
        LinkKind::Invitation => (
            "Accept your invitation",
            format!("You will sign in as {email}."),
            vec![name(written), chosen_password()],
            "Accept",
        ),
        LinkKind::Reset => (
            "Choose another password",
            format!("For the account {email}. You will be signed out everywhere else."),
            vec![chosen_password()],
            "Set password",
        ),
    };
    let form = Form {
        action: format!("/link/{}", crate::link::encoded(secret.expose())),
        csrf: String::new(),
        hidden: Vec::new(),
        fields,
        submit: submit.to_owned(),
        is_warning: false,
        cancel: None,
        has_files: false,
    };
    let until = Moment::new(link.expires_at, now);
    Open { title, lead, until, errors: ErrorSummary::default(), form }
}

impl Outside {
    fn open(&self, status: StatusCode, open: Open) -> Response {
        let shell = page::outside(&self.settings, open.title);
        page::html(&self.templates, status, "link/open.html", &shell, open)
    }

    fn over(&self) -> Response {
        let title = "This link cannot be used";
        let shell = page::outside(&self.settings, title);
        let status = StatusCode::NOT_FOUND;
        page::html(&self.templates, status, "link/over.html", &shell, Over { title })
    }
}

async fn ask_claim(
    State(outside): State<Outside>,
    State(access): State<Access>,
    Path(secret): Path<String>,
) -> Response {
    let (secret, now) = (Secret::new(secret), outside.settings.now());
    match access.look_at_link(&secret, now).await {
        Ok(link) => {
            outside.open(StatusCode::OK, page_of(&secret, &link, &ClaimForm::default(), now))
        }
        Err(AccessError::Link) => outside.over(),
        Err(error) => Failure::of(error).into_response(),
    }
}

async fn claim(
    State(outside): State<Outside>,
    State(access): State<Access>,
    Path(secret): Path<String>,
    From(origin): From,
    headers: HeaderMap,
    Filled(form): Filled<ClaimForm>,
) -> Response {
    let (secret, now) = (Secret::new(secret), outside.settings.now());
    let link = match access.look_at_link(&secret, now).await {
        Ok(link) => link,
        Err(AccessError::Link) => return outside.over(),
        Err(error) => return Failure::of(error).into_response(),
    };
    match use_up(&access, &secret, &link, &form, now).await {
        Ok(()) => enter(&outside, &access, &link, form, &origin, &headers).await,
        Err(AccessError::Link) => outside.over(),
        Err(error) => {
            let mut open = page_of(&secret, &link, &form, now);
            match told::beside(&mut open.form, error) {
                Ok(told) => outside.open(told.status, Open { errors: told.errors, ..open }),
                Err(failure) => failure.into_response(),
            }
        }
    }
}

/// Does what the link is for.
async fn use_up(
    access: &Access,
    secret: &Secret,
    link: &LinkView,
    form: &ClaimForm,
    now: terms::Timestamp,
) -> Result<(), AccessError> {
    let password = form.password.0.clone();
    match link.kind {
        LinkKind::First => {
            let claim = Claim { email: &form.email, name: &form.name, password };
            access.claim(secret, claim, now).await?;
        }
        LinkKind::Invitation => {
            access.accept_invitation(secret, &form.name, password, now).await?;
        }
        LinkKind::Reset => {
            access.reset_password(secret, password, now).await?;
        }
    }
    Ok(())
}

/// Signs in with the password that was just chosen; where that cannot be now, the sign-in follows.
async fn enter(
    outside: &Outside,
    access: &Access,
    link: &LinkView,
    form: ClaimForm,
    origin: &Origin,
    headers: &HeaderMap,
) -> Response {
    let settings = &outside.settings;
    let email = link.person.as_ref().map_or(form.email.as_str(), |person| person.email.as_str());
    match access.sign_in(email, form.password.0, origin, settings.now()).await {
        Ok(session) => {
            sign_in::leave(access, headers, settings).await;
            sign_in::onward(settings, &session, &Next::default())
        }
        Err(_) => Redirect::to("/sign-in").into_response(),
    }
}
