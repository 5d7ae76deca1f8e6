//! Making a token, and the one page that shows it.

use access::{Access, NewToken, Permission};
use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use sector::{Graph, Map};
use serde::{Deserialize, Serialize};
use terms::{OdsCode, Part, Scope};

use crate::{
    Settings,
    failure::Failure,
    form::Posted,
    page::Desk,
    pages::{
        ask::{Ask, WrongField, at_field, button},
        days::{self, End},
        fields,
        place::Places,
        sources::setup::{Snippet, snippets},
        told,
    },
    pieces::{Code, ErrorSummary, Form, Input},
};

/// What is filled in.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TokenForm {
    organisation: String,
    name: String,
    expires_at: String,
}

/// The token, shown this once.
#[derive(Serialize)]
struct Made {
    name: String,
    organisation: String,
    /// As programs write it, each with the header.
    headers: Vec<Code>,
    snippets: Vec<Snippet>,
}

/// `GET /tokens/new`.
pub(super) async fn ask(State(map): State<Map>, desk: Desk) -> Result<Response, Failure> {
    let scope = desk.whole_scope(Permission::ManageTokens)?;
    let filled = TokenForm { organisation: only(&scope, &map.graph()), ..TokenForm::default() };
    let form = form(&desk, &filled);
    Ok(show(desk, StatusCode::OK, form, ErrorSummary::default()))
}

/// The organisation, where somebody looks after one only.
fn only(scope: &Scope, graph: &Graph) -> String {
    match scope.parts() {
        [Part::Organisation(code)] => {
            graph.organisation(code).map_or_else(|| code.to_string(), |one| one.name.clone())
        }
        _ => String::new(),
    }
}

fn form(desk: &Desk, filled: &TokenForm) -> Form {
    let expiry = Input::Text {
        value: filled.expires_at.clone(),
        of: "date",
        autocomplete: "off",
        is_digits: false,
        width: Some(10),
    };
    Form {
        fields: vec![
            fields::text("organisation", "Whose telemetry is sent", &filled.organisation)
                .hint("Name or ODS code of the organisation"),
            fields::text("name", "Name", &filled.name)
                .hint("What sends with it, and where: “Log server, main site”"),
            fields::field("expires_at", "Last day", expiry).hint("A year from now if empty"),
        ],
        cancel: Some("/tokens".to_owned()),
        ..button(desk, "/tokens/new", "Make token")
    }
}

fn show(desk: Desk, status: StatusCode, form: Form, errors: ErrorSummary) -> Response {
    let title = "Make a token";
    let lead = "A program that has it can send telemetry for this organisation, and do nothing \
                else.";
    let ask = Ask { title: title.to_owned(), lead: lead.to_owned(), errors, form };
    desk.page_with(status, "tokens/make.html", title, "/more", &[], ask)
}

/// `POST /tokens/new`.
pub(super) async fn make(
    State(access): State<Access>,
    State(map): State<Map>,
    State(settings): State<Settings>,
    desk: Desk,
    Posted { caller, form: filled }: Posted<TokenForm>,
) -> Result<Response, Failure> {
    let scope = desk.whole_scope(Permission::ManageTokens)?;
    let graph = map.graph();
    let mut form = form(&desk, &filled);
    let organisation = match chosen(&filled, &scope, &graph) {
        Ok(organisation) => organisation,
        Err(wrong) => {
            let told = at_field(&mut form, wrong);
            return Ok(show(desk, told.status, form, told.errors));
        }
    };
    let expires_at = days::moment(&filled.expires_at, &caller.time_zone, End::Last);
    let told = match expires_at {
        Err(why) => {
            let text = fields::sentence(&why);
            at_field(&mut form, WrongField { field: "expires_at", text })
        }
        Ok(expires_at) => {
            let (name, now) = (&filled.name, desk.now());
            let of = organisation.clone();
            match access.create_ingest_token(&caller, of, name, expires_at, now).await {
                Ok(token) => {
                    return Ok(shown(desk, &settings, &filled, &organisation, &graph, &token));
                }
                Err(error) => told::beside(&mut form, error)?,
            }
        }
    };
    Ok(show(desk, told.status, form, told.errors))
}

fn chosen(filled: &TokenForm, scope: &Scope, graph: &Graph) -> Result<OdsCode, WrongField> {
    let field = "organisation";
    let part = Places::new(scope, graph).chosen(BY_NAME, &filled.organisation);
    match part {
        Ok(Part::Organisation(code)) => Ok(code),
        Ok(_) => {
            let text = "Write the name or the code of one organisation.".to_owned();
            Err(WrongField { field, text })
        }
        Err(wrong) => Err(WrongField { field, text: wrong.text }),
    }
}

/// The choice by which an organisation is asked for by name.
const BY_NAME: &str = "organisation";

/// The page with the secret. No browser and no proxy may keep it.
fn shown(
    desk: Desk,
    settings: &Settings,
    filled: &TokenForm,
    organisation: &OdsCode,
    graph: &Graph,
    token: &NewToken,
) -> Response {
    let (text, key) = (token.text.expose(), token.api_key.expose());
    let code = |title: &str, text: String| Code::marked(title, &text, &[]);
    let name = graph.organisation(organisation);
    let made = Made {
        name: filled.name.trim().to_owned(),
        organisation: name.map_or_else(|| organisation.to_string(), |one| one.name.clone()),
        headers: vec![
            code("The token", text.to_owned()),
            code("As a header", format!("Authorization: Bearer {text}")),
            code(
                "As clients of Elasticsearch and OpenSearch send it",
                format!("Authorization: ApiKey {key}"),
            ),
        ],
        snippets: snippets(&settings.public_url, text),
    };
    let mut response = desk.page("tokens/made.html", "Your new token", "/more", &[], made);
    let no_store = HeaderValue::from_static("no-store");
    response.headers_mut().insert(header::CACHE_CONTROL, no_store);
    response
}
