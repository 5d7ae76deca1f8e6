//! A whole Ward within the test's process: a fresh SQLite, two example trusts, five people.
#![allow(dead_code, unreachable_pub)]

use std::sync::Arc;

use access::{
    Access, Role, Secret, ServerKey, first::Claim, grant::NewGrant, password::PasswordCost,
    people::NewPerson, session,
};
use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, Response, StatusCode, header},
};
use bus::{Broadcast, EventLog, Limits};
use db::{Db, Place, Schema};
use detect::{
    alert::Alerts,
    rulebook::{Ground, RuleFile, Rulebook},
    watch::LiveRules,
};
use event::Catalogue;
use http_body_util::BodyExt;
use intake::Intake;
use sector::{Map, Organisation, OrganisationType};
use sigma::{Placeholders, RuleSet};
use terms::{OdsCode, Part, Scope, Timestamp};
use testkit::{TestDb, now};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use web::{App, Settings, Values, templates::Templates};

/// The password of everybody.
pub const PASSWORD: &str = "lantern orchard quartz 9";
/// Who may do everything everywhere.
pub const ADMINISTRATOR: &str = "administrator@example.org";
/// Who works the queue of the trust XAA.
pub const ANALYST: &str = "analyst@xaa.example.org";
/// Who only looks at XAA.
pub const VIEWER: &str = "viewer@xaa.example.org";
/// Who works the queue of the other trust, XBB.
pub const STRANGER: &str = "analyst@xbb.example.org";

/// Ward and what is beneath it.
pub struct World {
    pub app: App,
    pub router: Router,
    pub t: TestDb,
    _folder: tempfile::TempDir,
}

/// Somebody's browser.
pub struct Browser<'w> {
    world: &'w World,
    cookies: Vec<(String, String)>,
}

/// An answer, read to its end.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

pub fn code(text: &str) -> OdsCode {
    text.parse().expect("a code")
}

/// Ward with its people, nothing else.
pub async fn world() -> World {
    let t = testkit::sqlite().await;
    let folder = tempfile::tempdir().expect("a folder");
    let events = Place::Sqlite(folder.path().join("events.db"));
    let events = Db::open_as(Schema::Log, &events).await.expect("a database");
    let (log, _writer) = EventLog::open(events, Limits::default()).await.expect("a log");
    let settings = access::Settings {
        second_factor: access::SecondFactor::Offered,
        password_cost: PasswordCost::FOR_TESTS,
        ..access::Settings::default()
    };
    let access = Access::open(t.db.clone(), ServerKey::random(), settings).await.expect("access");
    let map = Map::open(t.db.clone()).await.expect("a map");
    let rulebook = Rulebook::open(t.db.clone(), ground()).await.expect("rules");
    let app = App {
        settings: Settings::new(Values {
            public_url: "http://ward.example".to_owned(),
            trust_proxy: false,
            body_bytes: 1 << 20,
            unpacked_bytes: 4 << 20,
            instance: "example".to_owned(),
            version: "0.0.0-test".to_owned(),
            templates: None,
            clock: now,
            metrics: Arc::new(|| "ward_example 1\n".to_owned()),
        }),
        access,
        map,
        alerts: Alerts::new(t.db.clone()),
        intake: Intake::new(log, t.db.clone()),
        rules: rulebook.in_force().clone(),
        rulebook,
        news: Broadcast::new(64),
        templates: Arc::new(Templates::embedded().expect("templates")),
        stop: CancellationToken::new(),
    };
    let world = World { router: web::server::router(app.clone()), app, t, _folder: folder };
    world.organisations().await;
    world.people().await;
    world
}

/// Two rules of the project's own making, as the world has them.
pub fn rules() -> LiveRules {
    let text = include_str!("rules.yml");
    let parsed = sigma::parse::file(&"example.yml".into(), text, &Placeholders::new());
    assert!(parsed.refused.is_empty(), "{:?}", parsed.refused);
    LiveRules::new(RuleSet::new([parsed]), catalogue())
}

/// The same as files, and how events are understood.
pub fn ground() -> Ground {
    let file =
        RuleFile { name: "example.yml".to_owned(), text: include_str!("rules.yml").to_owned() };
    Ground {
        files: vec![file],
        unreadable: Vec::new(),
        placeholders: Placeholders::new(),
        catalogue: catalogue(),
    }
}

fn catalogue() -> Arc<Catalogue> {
    let files: Vec<(String, String)> = std::fs::read_dir(fields())
        .expect("the catalogue")
        .chain(std::fs::read_dir(fields().join("shapes")).expect("shapes"))
        .chain(std::fs::read_dir(fields().join("tables")).expect("tables"))
        .filter_map(|entry| {
            let path = entry.expect("a file").path();
            let is_yaml = path.extension().is_some_and(|ending| ending == "yaml");
            is_yaml.then(|| {
                let name = path.strip_prefix(fields()).expect("below it").display().to_string();
                (name, std::fs::read_to_string(&path).expect("text"))
            })
        })
        .collect();
    let files = files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    Arc::new(Catalogue::parse(files, Default::default()).expect("a catalogue"))
}

fn fields() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../catalogues/fields")
}

impl World {
    async fn organisations(&self) {
        let region =
            |text: &str, name: &str| Organisation::new(code(text), name, OrganisationType::Region);
        let trust = |text: &str, name: &str, region: &str| Organisation {
            region: Some(code(region)),
            ..Organisation::new(code(text), name, OrganisationType::TrustAcute)
        };
        for organisation in [
            region("Y56", "London"),
            region("Y60", "Midlands"),
            trust("XAA", "Example Northmoor Hospitals", "Y56"),
            trust("XBB", "Example Southfield Hospitals", "Y60"),
        ] {
            let map = &self.app.map;
            map.create_organisation(organisation, &Scope::sector(), now()).await.expect("made");
        }
        self.app.map.refresh().await.expect("refreshed");
    }

    async fn people(&self) {
        let access = &self.app.access;
        let link = access.first_administrator_link(now()).await.expect("a link").expect("a link");
        let password = Secret::new(PASSWORD);
        let claim = Claim { email: ADMINISTRATOR, name: "Example Administrator", password };
        access.claim(&link.secret, claim, now()).await.expect("claimed");
        let administrator = self.caller(ADMINISTRATOR).await;
        for (email, name, role, organisation) in [
            (ANALYST, "Example Analyst", Role::Analyst, "XAA"),
            (VIEWER, "Example Viewer", Role::Viewer, "XAA"),
            (STRANGER, "Example Stranger", Role::Analyst, "XBB"),
        ] {
            let grant = NewGrant::of(role, Part::Organisation(code(organisation)));
            let new = NewPerson { email, name, grant };
            let invited = access.invite(&administrator, &new, now()).await.expect("invited");
            let link = invited.link.expect("a new account");
            let password = Secret::new(PASSWORD);
            access.accept_invitation(&link.secret, name, password, now()).await.expect("accepted");
        }
    }

    /// The caller somebody is.
    pub async fn caller(&self, email: &str) -> access::Caller {
        let cookie = self.cookie(email).await;
        match self.app.access.visitor(&cookie, now()).await.expect("a visitor") {
            access::Visitor::Full(caller) => caller,
            other => panic!("{other:?}"),
        }
    }

    async fn cookie(&self, email: &str) -> Secret {
        let origin = access::Origin { address: [127, 0, 0, 1].into(), agent: "test".to_owned() };
        let access = &self.app.access;
        let session = access.sign_in(email, Secret::new(PASSWORD), &origin, now()).await;
        session.expect("signed in").cookie
    }

    /// A browser in which somebody is signed in.
    pub async fn browser(&self, email: &str) -> Browser<'_> {
        let cookie = self.cookie(email).await;
        let pair = (session::cookie_name(false).to_owned(), cookie.expose().to_owned());
        Browser { world: self, cookies: vec![pair] }
    }

    /// A browser in which nobody is.
    pub fn nobody(&self) -> Browser<'_> {
        Browser { world: self, cookies: Vec::new() }
    }

    /// The same with other handles.
    pub fn with(self, app: App) -> Self {
        Self { router: web::server::router(app.clone()), app, ..self }
    }

    /// A token with which telemetry of an organisation is sent.
    pub async fn token(&self, organisation: &str) -> String {
        let access = &self.app.access;
        let token = access.issue_ingest_token(code(organisation), "example sender", None, now());
        token.await.expect("a token").text.expose().to_owned()
    }

    /// Any request.
    pub async fn ask(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        Answer::of(response).await
    }
}

impl Answer {
    async fn of(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        let body = String::from_utf8_lossy(&body).into_owned();
        Self { status: parts.status, headers: parts.headers, body }
    }

    /// A header's value; empty when absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Where it leads.
    pub fn location(&self) -> &str {
        self.header(header::LOCATION.as_str())
    }
}

impl Browser<'_> {
    /// Opens a page.
    pub async fn get(&mut self, path: &str) -> Answer {
        let request = self.request("GET", path).body(Body::empty()).expect("a request");
        self.ask(request).await
    }

    /// Posts a form with the mark of the session.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mark = self.mark().await;
        let mut all = vec![("csrf", mark.as_str())];
        all.extend(fields);
        self.post_plain(path, &all).await
    }

    /// Posts a form as it is.
    pub async fn post_plain(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = serde_html_form::to_string(fields).expect("a form");
        let request = self
            .request("POST", path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .expect("a request");
        self.ask(request).await
    }

    /// The mark that forms of this session carry; empty when nobody is signed in.
    pub async fn mark(&self) -> String {
        let access = &self.world.app.access;
        let Some((_, cookie)) = self.cookies.iter().find(|(name, _)| name == "ward") else {
            return String::new();
        };
        match access.visitor(&Secret::new(cookie.as_str()), now()).await {
            Ok(access::Visitor::Full(caller)) => {
                let session = caller.session().expect("a browser's session");
                access.csrf_token(session).expose().to_owned()
            }
            _ => String::new(),
        }
    }

    /// A request of this browser, to be completed.
    pub fn request(&self, method: &str, path: &str) -> axum::http::request::Builder {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        Request::builder()
            .method(method)
            .uri(path)
            .header(header::ACCEPT, "text/html")
            .header(header::HOST, "ward.example")
            .header(header::COOKIE, cookies.join("; "))
    }

    /// Any request of this browser; cookies of the answer are kept.
    pub async fn ask(&mut self, request: Request<Body>) -> Answer {
        let answer = self.world.ask(request).await;
        for value in answer.headers.get_all(header::SET_COOKIE) {
            let value = value.to_str().expect("text");
            let (name, rest) = value.split_once('=').expect("a cookie");
            self.cookies.retain(|(known, _)| known != name);
            let content = rest.split(';').next().unwrap_or_default();
            if !content.is_empty() {
                self.cookies.push((name.to_owned(), content.to_owned()));
            }
        }
        answer
    }
}

/// A moment some seconds after the tests' now.
pub fn later(seconds: i64) -> Timestamp {
    testkit::later(seconds)
}
