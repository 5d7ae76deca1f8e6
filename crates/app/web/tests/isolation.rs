//! Isolation: every route of Ward is asked without sign-in, as people of another organisation, as
//! somebody who may only look, and by a page of another site. Nothing leaks and nothing changes.
//!
//! `isolation/routes.txt` says of every route what it is and what is asked of it. A route that is
//! missing there fails the test with its name.

mod acts;
mod common;
mod queue;
#[path = "isolation/table.rs"]
mod table;
#[path = "isolation/things.rs"]
mod things;

use std::{collections::BTreeSet, time::Duration};

use access::{Permission, Role};
use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use common::{ADMINISTRATOR, ANALYST, Answer, STRANGER, VIEWER};
use http_body_util::BodyExt as _;
use table::{Kind, Sample, samples};
use things::{MAP_FILE, RIVAL, RULE_FILE, Sector, sector};
use tower::ServiceExt as _;

/// Somebody, and what they are for.
#[derive(Clone, Copy, Debug)]
struct Person {
    email: &'static str,
    role: Role,
    is_of_the_sector: bool,
}

/// Who only looks at XAA.
const LOOKER: Person = Person { email: VIEWER, role: Role::Viewer, is_of_the_sector: false };
/// Who may do everything everywhere.
const ANYTHING: Person =
    Person { email: ADMINISTRATOR, role: Role::Administrator, is_of_the_sector: true };
/// Who belongs to XBB: somebody who works there, and somebody who administers it.
const STRANGERS: [Person; 2] = [
    Person { email: STRANGER, role: Role::Analyst, is_of_the_sector: false },
    Person { email: RIVAL, role: Role::Administrator, is_of_the_sector: false },
];

impl Person {
    fn may(self, sample: &Sample) -> bool {
        let holds = sample.needs.is_none_or(|permission| self.role.may(permission));
        let is_everywhere = matches!(sample.kind, Kind::Sector | Kind::SectorPage);
        holds && (self.is_of_the_sector || !is_everywhere)
    }
}

/// How a request shows that it comes from a page of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    Shown,
    Missing,
}

impl Sector {
    /// Asks as somebody who is signed in, or as nobody.
    async fn ask(&self, who: Option<Person>, sample: &Sample, mark: Mark) -> Answer {
        let (request, csrf) = match who {
            Some(person) => {
                let browser = self.world.browser(person.email).await;
                let csrf = browser.mark().await;
                (browser.request(sample.method.as_str(), &sample.path), csrf)
            }
            None => {
                let nobody = self.world.nobody();
                (nobody.request(sample.method.as_str(), &sample.path), String::new())
            }
        };
        let csrf = if mark == Mark::Shown { csrf } else { String::new() };
        let request = body_of(request, sample, &csrf);
        self.answer(request).await
    }

    /// Reads an answer to its end; a stream as far as it tells of what changed at XAA just now.
    async fn answer(&self, request: Request<Body>) -> Answer {
        let response = self.world.router.clone().oneshot(request).await.expect("an answer");
        let (parts, mut body) = response.into_parts();
        let is_stream = parts
            .headers
            .get(header::CONTENT_TYPE)
            .is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
        if is_stream {
            let alert = self.things["alert"].parse().expect("an id");
            let changed = [(alert, common::code("XAA"))];
            self.world.app.news.publish(web::News::Alerts(changed.as_slice().into()));
        }
        let mut bytes = Vec::new();
        loop {
            let frame = body.frame();
            let frame = match is_stream {
                true => tokio::time::timeout(Duration::from_millis(300), frame).await,
                false => Ok(frame.await),
            };
            let Ok(Some(Ok(frame))) = frame else { break };
            bytes.extend_from_slice(frame.data_ref().map_or(&[], |data| data.as_ref()));
        }
        let body = String::from_utf8_lossy(&bytes).into_owned();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// Marks of XAA that stand in an answer and were not in the question.
    fn leaks(&self, sample: &Sample, answer: &Answer) -> Vec<String> {
        let asked = format!("{} {}", sample.path, sample.form);
        let told = format!("{} {}", without_marks(&answer.body), answer.location());
        let marks = self.marks().into_iter();
        marks
            .filter(|mark| !asked.contains(mark.as_str()) && told.contains(mark.as_str()))
            .collect()
    }

    /// All of XAA and of everybody that can be read, as its administrator reads it.
    async fn state(&self) -> String {
        let mut browser = self.world.browser(ADMINISTRATOR).await;
        let mut state = String::new();
        for path in STATE {
            let answer = browser.get(path).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
            // Their own accounts strangers may change, and whoever manages a map may add suppliers.
            let is_free = |line: &&str| line.contains("@xbb.example.org") || line.contains("EXNET");
            let lines = answer.body.lines().filter(|line| !is_free(line));
            let lines: Vec<&str> = lines.collect();
            state.push_str(&format!("=== {path}\n{}\n", lines.join("\n")));
        }
        state
    }
}

/// What tells all that could be changed.
const STATE: &[&str] = &[
    "/alerts/export.jsonl?state=any",
    "/exceptions/export.jsonl",
    "/people/export.jsonl",
    "/rules/export.jsonl",
    "/devices/export.jsonl",
    "/sources/export.jsonl",
    "/tokens/export.jsonl",
    "/map/export/organisations.csv",
    "/map/export/services.csv",
    "/map/export/systems.csv",
    "/map/export/suppliers.csv",
    "/map/export/dependencies.csv",
];

/// The body of a sample: a form, JSON or a file.
fn body_of(request: axum::http::request::Builder, sample: &Sample, csrf: &str) -> Request<Body> {
    let with = |kind: &str, body: String| {
        let request = request.header(header::CONTENT_TYPE, kind).header("x-csrf-token", csrf);
        request.body(Body::from(body)).expect("a request")
    };
    if sample.method == Method::GET {
        return with("text/plain", String::new());
    }
    if sample.is_api() || sample.kind == Kind::Telemetry {
        return with("application/json", sample.form.clone());
    }
    if let Some((field, name, text)) = file_of(&sample.form) {
        let part = |head: &str, value: &str| {
            format!("--cut\r\ncontent-disposition: form-data; {head}\r\n\r\n{value}\r\n")
        };
        let file = part(&format!("name=\"{field}\"; filename=\"{name}\""), text);
        let fields = part("name=\"csrf\"", csrf) + &part("name=\"name\"", "example set");
        return with("multipart/form-data; boundary=cut", fields + &file + "--cut--\r\n");
    }
    let mark = format!("csrf={csrf}");
    let body = if sample.form.is_empty() { mark } else { format!("{mark}&{}", sample.form) };
    with("application/x-www-form-urlencoded", body)
}

/// The file a sample posts: its field, its name and what is in it.
fn file_of(form: &str) -> Option<(&'static str, &'static str, &'static str)> {
    match form {
        "rules-file" => Some(("files", "example.yml", RULE_FILE)),
        "map-file" => Some(("file", "services.csv", MAP_FILE)),
        _ => None,
    }
}

/// A page without its marks against forged requests, which are drawn and could spell anything.
fn without_marks(page: &str) -> String {
    let mut out = page.to_owned();
    for before in ["name=\"csrf\" value=\"", "name=\"csrf-token\" content=\""] {
        let parts: Vec<&str> = out.split(before).collect();
        let cut =
            parts.iter().skip(1).map(|part| part.split_once('"').map_or("", |(_, rest)| rest));
        out = parts.iter().take(1).copied().chain(cut).collect::<Vec<_>>().join(before);
    }
    out
}

/// What went wrong, all of it at once: one look shows whether one route leaks or all do.
#[derive(Default)]
struct Findings(Vec<String>);

impl Findings {
    fn check(&mut self, sample: &Sample, answer: &Answer, is_right: bool, what: &str) {
        if !is_right {
            let body: String = answer.body.chars().take(300).collect();
            let to = answer.location();
            let name = sample.name();
            self.0.push(format!("{name}: {what}, but {} {to} {body}", answer.status));
        }
    }

    fn leaks(&mut self, sector: &Sector, sample: &Sample, answer: &Answer, who: &str) {
        let leaks = sector.leaks(sample, answer);
        if !leaks.is_empty() {
            self.0.push(format!("{} tells {who} of XAA: {leaks:?}", sample.name()));
        }
        if answer.status.is_server_error() {
            self.0.push(format!("{} fails for {who}: {}", sample.name(), answer.body));
        }
    }

    fn none(self) {
        assert!(self.0.is_empty(), "{} findings:\n{}", self.0.len(), self.0.join("\n"));
    }
}

/// Whether the state is what it was; else the lines that differ.
fn unchanged(before: &str, after: &str) {
    let (was, is): (BTreeSet<&str>, BTreeSet<&str>) =
        (before.lines().collect(), after.lines().collect());
    let (gone, come): (Vec<_>, Vec<_>) =
        (was.difference(&is).collect(), is.difference(&was).collect());
    assert!(gone.is_empty() && come.is_empty(), "was {gone:#?}\nis {come:#?}");
}

#[tokio::test]
async fn every_route_is_in_the_walk_and_every_sample_is_a_route() {
    let sector = sector().await;
    let name = |(method, path): (Method, String)| format!("{method} {path}");
    let known: BTreeSet<String> = web::server::all_routes().into_iter().map(name).collect();
    let samples = samples(&sector.things);
    let walked: BTreeSet<String> = samples.iter().map(Sample::name).collect();
    assert_eq!(samples.len(), walked.len(), "no route stands twice in tests/isolation/routes.txt");
    let missing: Vec<&String> = known.difference(&walked).collect();
    assert!(missing.is_empty(), "give these a line in tests/isolation/routes.txt: {missing:#?}");
    let gone: Vec<&String> = walked.difference(&known).collect();
    assert!(gone.is_empty(), "these are no routes any more: {gone:#?}");
}

#[tokio::test]
async fn without_sign_in_nothing_but_the_way_in_is_shown() {
    let sector = sector().await;
    let before = sector.state().await;
    let mut findings = Findings::default();
    for sample in &samples(&sector.things) {
        let answer = sector.ask(None, sample, Mark::Shown).await;
        findings.leaks(&sector, sample, &answer, "nobody");
        let is_led_in =
            answer.status == StatusCode::SEE_OTHER && answer.location().starts_with("/sign-in");
        let is_right = match sample.kind {
            Kind::Open => true,
            _ if sample.is_api() || sample.kind == Kind::Telemetry => {
                answer.status == StatusCode::UNAUTHORIZED
            }
            _ => is_led_in,
        };
        findings.check(sample, &answer, is_right, "nobody is let in");
    }
    findings.none();
    unchanged(&before, &sector.state().await);
}

#[tokio::test]
async fn people_of_another_organisation_see_nothing_and_change_nothing() {
    let sector = sector().await;
    let before = sector.state().await;
    let mut findings = Findings::default();
    for stranger in STRANGERS {
        for sample in &samples(&sector.things) {
            let answer = sector.ask(Some(stranger), sample, Mark::Shown).await;
            findings.leaks(&sector, sample, &answer, stranger.email);
            let (status, may) = (answer.status, stranger.may(sample));
            let is_hidden = matches!(status, StatusCode::NOT_FOUND | StatusCode::FORBIDDEN);
            let is_right = match sample.kind {
                Kind::Open | Kind::OwnAct => true,
                Kind::Telemetry => status == StatusCode::UNAUTHORIZED,
                Kind::Own | Kind::List | Kind::Shared if may => status == StatusCode::OK,
                Kind::Own | Kind::List | Kind::Shared => status == StatusCode::FORBIDDEN,
                Kind::SectorPage => is_hidden,
                // What is not theirs may lead back to the list it is not in.
                Kind::Thing => is_hidden || status == StatusCode::SEE_OTHER,
                // A form may say that this is not for them to say.
                Kind::Sector => is_hidden || status == StatusCode::UNPROCESSABLE_ENTITY,
                // Some of many may be asked for; that none of them changed is looked at below.
                Kind::Act | Kind::Undo if may => status != StatusCode::OK,
                Kind::Act | Kind::Undo => is_hidden,
            };
            findings.check(sample, &answer, is_right, stranger.email);
        }
    }
    findings.none();
    unchanged(&before, &sector.state().await);
}

#[tokio::test]
async fn who_may_only_look_reads_and_changes_nothing() {
    let sector = sector().await;
    let before = sector.state().await;
    let mut findings = Findings::default();
    for sample in samples(&sector.things).iter().filter(|one| one.kind != Kind::OwnAct) {
        let answer = sector.ask(Some(LOOKER), sample, Mark::Shown).await;
        let (status, may) = (answer.status, LOOKER.may(sample));
        let is_hidden = matches!(status, StatusCode::NOT_FOUND | StatusCode::FORBIDDEN);
        let is_right = match sample.kind {
            Kind::Open => true,
            Kind::Telemetry => status == StatusCode::UNAUTHORIZED,
            Kind::Own | Kind::List | Kind::Shared | Kind::Thing if may => status == StatusCode::OK,
            Kind::Act | Kind::OwnAct if may => status.as_u16() < 400,
            _ => is_hidden,
        };
        findings.check(sample, &answer, is_right, "a viewer reads and does not act");
    }
    findings.none();
    unchanged(&before, &sector.state().await);
}

#[tokio::test]
async fn what_comes_from_a_page_of_somebody_else_is_refused() {
    let sector = sector().await;
    let before = sector.state().await;
    let mut findings = Findings::default();
    for sample in samples(&sector.things).iter().filter(|sample| sample.is_act()) {
        let answer = sector.ask(Some(ANYTHING), sample, Mark::Missing).await;
        let is_refused = answer.status == StatusCode::FORBIDDEN;
        findings.check(sample, &answer, is_refused, "without its mark a form is refused");
    }
    findings.none();
    unchanged(&before, &sector.state().await);
}

/// Without this the walk could ask for things that are not there, with forms nobody could post.
#[tokio::test]
async fn who_may_do_everything_gets_what_the_walk_asks_for() {
    let sector = sector().await;
    let mut findings = Findings::default();
    let samples = samples(&sector.things);
    let (acts, reads): (Vec<&Sample>, Vec<&Sample>) = samples.iter().partition(|one| one.is_act());
    for sample in reads {
        let answer = sector.ask(Some(ANYTHING), sample, Mark::Shown).await;
        let is_there = match sample.kind {
            Kind::Open | Kind::Telemetry => !answer.status.is_server_error(),
            _ => answer.status == StatusCode::OK,
        };
        findings.check(sample, &answer, is_there, "it is there");
        if sample.kind == Kind::Thing {
            let is_of_xaa = sector.marks().iter().any(|mark| answer.body.contains(mark.as_str()));
            findings.check(sample, &answer, is_of_xaa, "it is a thing of XAA");
        }
    }
    for sample in acts.into_iter().filter(|sample| sample.kind != Kind::OwnAct) {
        let answer = sector.ask(Some(ANYTHING), sample, Mark::Shown).await;
        let is_done = match sample.kind {
            // The token of an undo is made up.
            Kind::Undo => answer.status != StatusCode::FORBIDDEN,
            _ => answer.status.is_success() || answer.status == StatusCode::SEE_OTHER,
        };
        findings.check(sample, &answer, is_done, "the form can be posted");
    }
    findings.none();
}

/// The marks are there to be found: where people of XAA look, they stand.
#[tokio::test]
async fn the_walk_would_notice_a_leak() {
    let sector = sector().await;
    let analyst = Person { email: ANALYST, role: Role::Analyst, is_of_the_sector: false };
    let queue = samples(&sector.things).into_iter().find(|one| one.route == "/more");
    let sample = Sample { path: "/alerts".to_owned(), ..queue.expect("the page of more places") };
    let answer = sector.ask(Some(analyst), &sample, Mark::Shown).await;
    let leaks = sector.leaks(&sample, &answer);
    assert!(leaks.contains(&"Northmoor".to_owned()), "{}", answer.body);
    assert!(leaks.contains(&sector.things["alert"]), "{}", answer.body);
    assert!(Role::Analyst.may(Permission::ViewAlerts));
}
