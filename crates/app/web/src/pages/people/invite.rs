//! Inviting somebody: who, with which role, where. Ward sends no mail: the link is shown once, to
//! be passed on.

use access::{
    Access, AccessError, Permission, Role, first::OneTimeLink, grant::NewGrant, people::NewPerson,
};
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use sector::Map;
use serde::{Deserialize, Serialize};
use terms::{PersonId, Timestamp};

use super::Places;
use crate::{
    Settings,
    failure::Failure,
    form::Posted,
    page::{self, Desk},
    pages::{
        ask::{Ask, WrongField, at_field},
        days::{self, End},
        fields, told,
    },
    pieces::{Choice, ErrorSummary, Field, Form, Input, Moment},
};

/// A role as it is filled in.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RoleForm {
    pub(super) role: String,
    pub(super) place: String,
    pub(super) organisation: String,
    pub(super) from: String,
    pub(super) until: String,
}

/// Somebody new as they are filled in.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct InviteForm {
    email: String,
    name: String,
    #[serde(flatten)]
    role: RoleForm,
}

impl RoleForm {
    /// The fields of a role.
    pub(super) fn fields(&self, places: &Places<'_>) -> Vec<Field> {
        let roles = Role::ALL.iter().map(|role| Choice {
            hint: Some(about(*role).to_owned()),
            ..Choice::new(role.as_str(), role.label(), &self.role)
        });
        let mut all =
            vec![fields::field("role", "Role", Input::Radios { choices: roles.collect() })];
        all.extend(places.fields("Where", &self.place, &self.organisation));
        let hint = "Leave it empty for a role without end";
        all.push(day("from", "From", &self.from).hint("Leave it empty for at once"));
        all.push(day("until", "Last day", &self.until).hint(hint));
        all
    }

    /// The role that is filled in. Errors: the first field that cannot be used.
    pub(super) fn grant(&self, places: &Places<'_>, zone: &str) -> Result<NewGrant, WrongField> {
        let wrong = |field, text: &str| WrongField { field, text: fields::sentence(&text) };
        let role = self.role.parse::<Role>().map_err(|_| wrong("role", "choose a role"))?;
        let part = places.chosen(&self.place, &self.organisation);
        let part = part.map_err(|error| WrongField { field: error.field, text: error.text })?;
        let from = days::moment(&self.from, zone, End::First).map_err(|why| wrong("from", why))?;
        let until =
            days::moment(&self.until, zone, End::Last).map_err(|why| wrong("until", why))?;
        Ok(NewGrant { role, part, from, until })
    }
}

fn day(name: &str, label: &str, value: &str) -> Field {
    let input = Input::Text {
        value: value.to_owned(),
        of: "date",
        autocomplete: "off",
        is_digits: false,
        width: Some(10),
    };
    fields::field(name, label, input)
}

/// A role as it stands in a sentence: "an analyst".
pub(crate) fn in_a_sentence(role: Role) -> String {
    let label = role.label().to_lowercase();
    let article = if label.starts_with('a') { "an" } else { "a" };
    format!("{article} {label}")
}

/// What a role is for, in a line.
pub(super) fn about(role: Role) -> &'static str {
    match role {
        Role::Viewer => "Sees alerts, rules, the map, devices and sources; changes nothing",
        Role::Analyst => "Works the queue: takes, comments, closes alerts, makes exceptions",
        Role::Responder => "Works the queue, and acts on devices and sources",
        Role::Assurer => {
            "Sees everything an analyst sees, people and the audit trail; changes nothing"
        }
        Role::Administrator => "May do everything there, and says who else may do what",
    }
}

fn form(desk: &Desk, places: &Places<'_>, filled: &InviteForm) -> Form {
    let email = fields::email(&filled.email).hint("They sign in with it");
    let name = fields::text("name", "Name", &filled.name);
    let mut all = vec![email, name.hint("They can correct it when they accept")];
    all.extend(filled.role.fields(places));
    Form {
        action: "/people/invite".to_owned(),
        csrf: desk.csrf(),
        hidden: Vec::new(),
        fields: all,
        submit: "Invite".to_owned(),
        is_warning: false,
        cancel: Some("/people".to_owned()),
        has_files: false,
    }
}

fn show(desk: Desk, status: StatusCode, form: Form, errors: ErrorSummary) -> Response {
    let title = "Invite somebody";
    let lead = "You can give no more than you hold yourself. Whoever has an account already gets \
                the role at once.";
    let ask = Ask { title: title.to_owned(), lead: lead.to_owned(), errors, form };
    desk.page_with(status, "people/form.html", title, "/more", &[], ask)
}

pub(super) async fn ask(State(map): State<Map>, desk: Desk) -> Result<Response, Failure> {
    let scope = desk.whole_scope(Permission::ManagePeople)?;
    let graph = map.graph();
    let form = form(&desk, &Places::new(&scope, &graph), &InviteForm::default());
    Ok(show(desk, StatusCode::OK, form, ErrorSummary::default()))
}

pub(super) async fn invite(
    State(access): State<Access>,
    State(map): State<Map>,
    State(settings): State<Settings>,
    desk: Desk,
    Posted { caller, form: filled }: Posted<InviteForm>,
) -> Result<Response, Failure> {
    let scope = desk.whole_scope(Permission::ManagePeople)?;
    let (graph, now) = (map.graph(), desk.now());
    let places = Places::new(&scope, &graph);
    let mut form = form(&desk, &places, &filled);
    let grant = match filled.role.grant(&places, &caller.time_zone) {
        Ok(grant) => grant,
        Err(wrong) => {
            let told = at_field(&mut form, wrong);
            return Ok(show(desk, told.status, form, told.errors));
        }
    };
    let new = NewPerson { email: &filled.email, name: &filled.name, grant };
    match access.invite(&caller, &new, now).await {
        Ok(invited) => match invited.link {
            Some(link) => {
                let title = format!("{} is invited", filled.name.trim());
                Ok(show_link(desk, &settings, title, &link, invited.person))
            }
            None => {
                let to = format!("/people/{}", invited.person);
                let text = "They have an account already and got the role.";
                Ok(page::done(&to, text, None))
            }
        },
        Err(error) => {
            let told = told::beside(&mut form, error)?;
            Ok(show(desk, told.status, form, told.errors))
        }
    }
}

/// A link, shown this once to whoever made it.
#[derive(Serialize)]
struct Handover {
    title: String,
    address: String,
    until: Moment,
    person: String,
}

/// The page that shows a link this once.
pub(super) fn show_link(
    desk: Desk,
    settings: &Settings,
    title: String,
    link: &OneTimeLink,
    person: PersonId,
) -> Response {
    let address = format!("{}/link/{}", settings.public_url, link.secret.expose());
    let until = desk.moment(link.expires_at);
    let person = format!("/people/{person}");
    let body = Handover { title: title.clone(), address, until, person };
    desk.page("people/link.html", &title, "/more", &[], body).into_response()
}

/// The state an act finds an account in decides which link it needs.
pub(super) async fn fresh_link(
    access: &Access,
    caller: &access::Caller,
    person: &access::Person,
    now: Timestamp,
) -> Result<OneTimeLink, AccessError> {
    match person.state {
        access::PersonState::Invited => access.renew_invitation(caller, person.id, now).await,
        _ => access.reset_link(caller, person.id, now).await,
    }
}
