//! A sector in which XAA has one of everything, made as people make it.

use std::collections::BTreeMap;

use access::{Role, grant::NewGrant, people::NewPerson};
use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use sector::{Dependency, MapCode, Sighting, Strength, Supplier, Thing};
use terms::{Part, Scope};
use testkit::now;

use crate::{
    acts,
    common::{ADMINISTRATOR, ANALYST, PASSWORD, VIEWER, World, code, world},
    queue::{self, DELETES, ENCODES},
};

/// Who administers the other trust, XBB: whoever could do most there.
pub(crate) const RIVAL: &str = "administrator@xbb.example.org";

/// A file of rules that can be kept.
pub(crate) const RULE_FILE: &str = "title: Example of an isolation walk\n\
    id: 00000000-0000-4000-8000-000000000099\nlogsource:\n  category: process_creation\n  \
    product: windows\ndetection:\n  selection:\n    CommandLine|contains: example-walk\n  \
    condition: selection\nlevel: low\n";
/// A file of services that can be imported.
pub(crate) const MAP_FILE: &str = "code,name,organisation,kind,patients_per_day,criticality,hours\n\
    XAA-WARD,Northmoor ward,XAA,care,10,3,24/7\n";

/// A world and the names by which the table calls its things.
pub(crate) struct Sector {
    pub(crate) world: World,
    pub(crate) things: BTreeMap<&'static str, String>,
}

impl Sector {
    /// Texts that belong to XAA: names, codes and ids that nobody of XBB may read.
    pub(crate) fn marks(&self) -> Vec<String> {
        let names = [
            "Northmoor",
            "XAA",
            "xaa.example.org",
            "Example Analyst",
            "Example Viewer",
            "specimen labels",
            "pathology service",
        ];
        let ids = ["alert", "exception", "person", "grant", "api_token", "token", "device"];
        let ids = ids.iter().filter_map(|name| self.things.get(name)).cloned();
        names.map(str::to_owned).into_iter().chain(ids).collect()
    }
}

/// Makes it.
pub(crate) async fn sector() -> Sector {
    let world = world().await;
    rival(&world).await;
    queue::map(&world).await;
    let records = [
        ("XAA", "XAA-PATH-07", DELETES),
        ("XAA", "XAA-PC-01", ENCODES),
        ("XBB", "XBB-OWN-09", DELETES),
    ];
    assert_eq!(queue::found(&world, &records).await, 3, "the rules find what they are there for");
    let mut things = BTreeMap::new();
    let alert = queue::alerts(&world, "XAA").await.remove(0);
    things.insert("alert", alert.id.to_string());
    things.insert("alert_seen", format!("{}.{}", alert.id, alert.version));
    things.insert("rule", queue::ENCODED.to_owned());
    exception(&world, &mut things).await;
    telemetry(&world, &mut things).await;
    map(&world, &mut things).await;
    people(&world, &mut things).await;
    uploads(&world, &mut things).await;
    Sector { world, things }
}

async fn rival(world: &World) {
    let administrator = world.caller(ADMINISTRATOR).await;
    let grant = NewGrant::of(Role::Administrator, Part::Organisation(code("XBB")));
    let new = NewPerson { email: RIVAL, name: "Example Rival", grant };
    let access = &world.app.access;
    let link = access.invite(&administrator, &new, now()).await.expect("invited").link;
    let (link, password) = (link.expect("a new account"), access::Secret::new(PASSWORD));
    access.accept_invitation(&link.secret, new.name, password, now()).await.expect("accepted");
}

async fn exception(world: &World, things: &mut BTreeMap<&'static str, String>) {
    let fields = [
        ("name", "Example exception of Northmoor"),
        ("part", "organisation:XAA"),
        ("device", "any"),
        ("field", "CommandLine"),
        ("operator", "contains"),
        ("values", "delete shadows"),
        ("reason", "The backup software of Northmoor does this each night"),
        ("expires", "2027-01-31"),
        ("step", "make"),
    ];
    let path = format!("/alerts/{}/exception", things["alert"]);
    let made = world.browser(ANALYST).await.post(&path, &fields).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
    let id = made.location().trim_start_matches("/exceptions/").to_owned();
    things.insert("exception", id);
    let made = world.browser(ANALYST).await.post(&path, &fields).await;
    let id = made.location().trim_start_matches("/exceptions/").to_owned();
    things.insert("second_exception", id);
    let view = [("name", "Northmoor at night"), ("query", "level=critical"), ("share", "")];
    let mut browser = world.browser(ANALYST).await;
    browser.post("/alerts/views", &view).await;
    let page = browser.get("/alerts/views").await;
    let id = page.body.split("data-row=\"").nth(1).and_then(|rest| rest.split('"').next());
    things.insert("view", id.expect("a view").to_owned());
}

async fn telemetry(world: &World, things: &mut BTreeMap<&'static str, String>) {
    let token = world.token("XAA").await;
    let request = Request::post("/api/v1/events")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .body(Body::from(queue::record("XAA-PATH-07", DELETES) + "\nbroken of Northmoor\n"))
        .expect("a request");
    assert_eq!(world.ask(request).await.status, StatusCode::OK);
    world.app.intake.flush().await.expect("written");
    let administrator = world.caller(ADMINISTRATOR).await;
    let tokens = world.app.access.ingest_tokens(&administrator, None, 10).await.expect("read");
    things.insert("token", tokens.first().expect("a token").id.to_string());
}

async fn map(world: &World, things: &mut BTreeMap<&'static str, String>) {
    let map = &world.app.map;
    let sighting = |organisation: &str, name: &str| Sighting {
        organisation: code(organisation),
        name: name.to_owned(),
        at: now(),
        source: None,
    };
    let seen = [sighting("XAA", "XAA-PATH-07"), sighting("XBB", "XBB-OWN-09")];
    map.seen(&seen, now()).await.expect("noted");
    let all = Scope::sector();
    let text = |text: &str| text.parse::<MapCode>().expect("a code");
    let supplier = Supplier {
        code: text("EXLAB"),
        name: "Example Laboratories".to_owned(),
        kind: "software".to_owned(),
    };
    map.save_supplier(supplier, &all, now()).await.expect("made");
    let runs_on = Dependency {
        from: Thing::Service(text("XAA-PATH")),
        to: Thing::System(text("XAA-LIMS")),
        kind: "runs on".to_owned(),
        reason: "it prints labels for Northmoor".to_owned(),
        strength: Strength::new(4).expect("on the scale"),
    };
    map.save_dependency(runs_on, &all, now()).await.expect("made");
    let (group, _) = map.make_group("Partners of Northmoor", &all, now()).await.expect("made");
    map.set_group_members(group, &[code("XAA")], &all, now()).await.expect("set");
    map.refresh().await.expect("refreshed");
    things.insert("group", group.to_string());
    let page = world.browser(ADMINISTRATOR).await.get("/devices?q=XAA-PATH-07").await;
    let id = page.body.split("data-row=\"").nth(1).and_then(|rest| rest.split('"').next());
    things.insert("device", id.unwrap_or_default().to_owned());
}

/// Uploads of the administrator of the sector.
async fn uploads(world: &World, things: &mut BTreeMap<&'static str, String>) {
    let mut browser = world.browser(ADMINISTRATOR).await;
    let rules = [("example.yml", RULE_FILE.as_bytes())];
    let kept =
        acts::upload(&mut browser, "/rules/upload", &[("name", "Example set")], &rules).await;
    assert_eq!(kept.status, StatusCode::SEE_OTHER, "{}", kept.body);
    things.insert("folder", kept.location().trim_start_matches("/rules/folders/").to_owned());
    let map = [("services.csv", MAP_FILE.as_bytes())];
    let kept = acts::upload(&mut browser, "/map/import", &[], &map).await;
    assert_eq!(kept.status, StatusCode::SEE_OTHER, "{}", kept.body);
    things.insert("import", kept.location().trim_start_matches("/map/import/").to_owned());
}

async fn people(world: &World, things: &mut BTreeMap<&'static str, String>) {
    let mut browser = world.browser(ANALYST).await;
    let fields = [
        ("name", "report of Northmoor"),
        ("permissions", "alerts.view"),
        ("place", "organisation:XAA"),
    ];
    let made = browser.post("/account/tokens/new", &fields).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.body);
    let (analyst, viewer) = (world.caller(ANALYST).await, world.caller(VIEWER).await);
    let access = &world.app.access;
    let token = access.api_tokens(&analyst, None, 1).await.expect("read").remove(0);
    things.insert("api_token", token.id.to_string());
    things.insert("person", analyst.person.to_string());
    let session = access.sessions(&viewer, now()).await.expect("read").remove(0);
    things.insert("session", session.id.to_string());
    let administrator = world.caller(ADMINISTRATOR).await;
    let view = access.person(&administrator, analyst.person, now()).await.expect("read");
    things.insert("grant", view.grants[0].id.to_string());
}
