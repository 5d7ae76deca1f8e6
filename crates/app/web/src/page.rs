//! A page: its template, its own context, and the shell around it.

use std::sync::Arc;

use access::{Access, Caller, Permission, Role};
use axum::{
    extract::{FromRef, FromRequestParts},
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{Html, IntoResponse, Redirect, Response},
};
use sector::Map;
use serde::Serialize;
use terms::{Part, Scope};

use crate::{
    Settings,
    caller::SignedIn,
    failure::Failure,
    link,
    pieces::{Band, Link, Moment, Notice, Person, Place, Shell, Undo, View},
    templates::Templates,
    view,
};

/// What every page of somebody signed in needs; an extractor, so that no page is without.
pub(crate) struct Desk {
    /// Who.
    pub(crate) caller: Caller,
    /// Which part of the sector they look at; within what they may see.
    pub(crate) view: Part,
    settings: Settings,
    access: Access,
    map: Map,
    templates: Arc<Templates>,
    path: String,
    notice: Option<Notice>,
    bands: Vec<Band>,
    search: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Desk
where
    Access: FromRef<S>,
    Settings: FromRef<S>,
    Map: FromRef<S>,
    Arc<Templates>: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let SignedIn(caller) = SignedIn::from_request_parts(parts, state).await?;
        let map = Map::from_ref(state);
        let view = view::of(&parts.headers, &caller, &map);
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let notice = notice_of(&parts.headers);
        Ok(Self {
            caller,
            view,
            settings: Settings::from_ref(state),
            access: Access::from_ref(state),
            map,
            templates: Arc::from_ref(state),
            path,
            notice,
            bands: Vec::new(),
            search: String::new(),
        })
    }
}

impl Desk {
    /// Where the caller may do this, within the view. Errors: nowhere.
    pub(crate) fn scope(&self, permission: Permission) -> Result<Scope, Failure> {
        let scope = crate::caller::scope(&self.caller, permission)?;
        Ok(view::within(&scope, &self.view, &self.map))
    }

    /// Where the caller may do this, whatever the view. Errors: nowhere.
    pub(crate) fn whole_scope(&self, permission: Permission) -> Result<Scope, Failure> {
        crate::caller::scope(&self.caller, permission)
    }

    /// The moment.
    pub(crate) fn now(&self) -> terms::Timestamp {
        self.settings.now()
    }

    /// A time as the caller reads it.
    pub(crate) fn moment(&self, at: terms::Timestamp) -> Moment {
        Moment::within(at, self.now(), &self.caller.time_zone)
    }

    /// With a band above the page.
    pub(crate) fn with_band(mut self, band: Band) -> Self {
        self.bands.push(band);
        self
    }

    /// With this in the search box.
    pub(crate) fn with_search(mut self, text: &str) -> Self {
        self.search = text.to_owned();
        self
    }

    /// A mark for forms of the page.
    pub(crate) fn csrf(&self) -> String {
        let session = self.caller.session();
        let mark = session.map(|session| self.access.csrf_token(session));
        mark.map(|mark| mark.expose().to_owned()).unwrap_or_default()
    }

    /// The page: `template` with `body`, in the shell. `place` is the navigation's place it lies
    /// in, by address; `islands` the scripts it has beside the shell's.
    pub(crate) fn page(
        self,
        template: &str,
        title: &str,
        place: &str,
        islands: &[&str],
        body: impl Serialize,
    ) -> Response {
        self.page_with(StatusCode::OK, template, title, place, islands, body)
    }

    /// As [`Self::page`], with a status: a form that has to be filled in again.
    pub(crate) fn page_with(
        self,
        status: StatusCode,
        template: &str,
        title: &str,
        place: &str,
        islands: &[&str],
        body: impl Serialize,
    ) -> Response {
        let had_notice = self.notice.is_some();
        let templates = self.templates.clone();
        let shell = self.shell(title, place, islands);
        let mut response = html(&templates, status, template, &shell, body);
        if had_notice {
            response.headers_mut().append(header::SET_COOKIE, HeaderValue::from_static(NO_NOTICE));
        }
        response
    }

    fn shell(self, title: &str, place: &str, islands: &[&str]) -> Shell {
        let csrf = self.csrf();
        let view = View {
            name: view::name(&self.view, &self.map),
            value: self.view.to_string(),
            choices: view::choices(&self.caller, &self.map),
            action: "/view".to_owned(),
            back: self.path.clone(),
        };
        Shell {
            title: title.to_owned(),
            version: self.settings.version.clone(),
            view: Some(view),
            search: Some(self.search),
            person: Some(person(&self.caller)),
            csrf,
            places: places(&self.caller, place),
            bands: self.bands,
            notice: self.notice,
            events: Some("/live".to_owned()),
            islands: islands.iter().map(|island| (*island).to_owned()).collect(),
            footer: footer(),
        }
    }
}

/// The shell before the sign-in.
pub(crate) fn outside(settings: &Settings, title: &str) -> Shell {
    Shell {
        title: title.to_owned(),
        version: settings.version.clone(),
        view: None,
        search: None,
        person: None,
        csrf: String::new(),
        places: Vec::new(),
        bands: Vec::new(),
        notice: None,
        events: None,
        islands: Vec::new(),
        footer: footer(),
    }
}

/// A page's context: its own, flat, beside the shell.
#[derive(Serialize)]
struct Context<'a, T> {
    shell: &'a Shell,
    #[serde(flatten)]
    body: T,
}

/// Renders a page.
pub(crate) fn html(
    templates: &Templates,
    status: StatusCode,
    template: &str,
    shell: &Shell,
    body: impl Serialize,
) -> Response {
    match templates.render(template, Context { shell, body }) {
        Ok(page) => (status, Html(page)).into_response(),
        Err(error) => Failure::internal(&error).into_response(),
    }
}

/// Places in the user's words; one that the caller may not use is not shown.
fn places(caller: &Caller, current: &str) -> Vec<Place> {
    let all = [
        ("Today", "/", Permission::ViewAlerts),
        ("Alerts", "/alerts", Permission::ViewAlerts),
        ("Map", "/map", Permission::ViewMap),
        ("More", "/more", Permission::ViewAlerts),
    ];
    let may = all.into_iter().filter(|(_, _, permission)| caller.may_somewhere(*permission));
    may.map(|(text, href, _)| Place {
        text: text.to_owned(),
        href: href.to_owned(),
        is_current: href == current,
        count: None,
    })
    .collect()
}

fn person(caller: &Caller) -> Person {
    // The role in words: the first whose permissions are all held somewhere.
    let holds = |role: &&Role| role.permissions().iter().all(|one| caller.may_somewhere(*one));
    let role = Role::ALL.iter().rev().find(holds).map_or("No role", |role| role.label());
    Person {
        name: caller.name.clone(),
        role: role.to_owned(),
        href: "/account".to_owned(),
        sign_out: "/sign-out".to_owned(),
    }
}

fn footer() -> Vec<Link> {
    [("Accessibility", "/help/accessibility"), ("Help", "/help")]
        .map(|(text, href)| Link { text: text.to_owned(), href: href.to_owned() })
        .into()
}

/// The cookie by which an act tells the next page what it did: text, and what undo takes.
const NOTICE: &str = "ward-notice";
const NO_NOTICE: &str = "ward-notice=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0";

/// Leads to a page that tells what was done, with the way back where there is one.
pub(crate) fn done(to: &str, text: &str, undo: Option<Undo>) -> Response {
    let undo = undo.map(|undo| format!("\n{}\n{}", undo.action, undo.token)).unwrap_or_default();
    let value = link::encoded(&format!("{text}{undo}"));
    let cookie = format!("{NOTICE}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=60");
    let mut response = Redirect::to(link::back(Some(to))).into_response();
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

fn notice_of(headers: &axum::http::HeaderMap) -> Option<Notice> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs =
        cookies.flat_map(|cookies| cookies.split(';')).filter_map(|c| c.trim().split_once('='));
    let value = pairs.find(|(name, _)| *name == NOTICE)?.1;
    let text = link::decoded(value)?;
    let mut lines = text.splitn(3, '\n').map(str::to_owned);
    let text = lines.next().filter(|text| !text.is_empty())?;
    let undo = lines.next().zip(lines.next()).map(|(action, token)| Undo { action, token });
    // An address of another host is none of ours.
    let undo = undo.filter(|undo| link::back(Some(&undo.action)) == undo.action);
    Some(Notice { text: text.chars().take(300).collect(), undo })
}
