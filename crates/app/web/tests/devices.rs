//! Devices: the list, the page of one, and what people say of them.

mod acts;
mod common;
mod queue;

use acts::undo;
use axum::http::StatusCode;
use common::{ADMINISTRATOR, ANALYST, Browser, STRANGER, World, code, later, world};
use queue::{DELETES, found, main_of, map};
use sector::{
    Dependency, DeviceFilter, DeviceSaid, DeviceSort, PageRequest, Sighting, Strength, Thing,
};
use serde_json::Value;
use terms::{DeviceId, Scope};

async fn seen(world: &World, organisation: &str, name: &str, second: i64) {
    let sighting = Sighting {
        organisation: code(organisation),
        name: name.to_owned(),
        at: later(second),
        source: None,
    };
    world.app.map.seen(&[sighting], later(0)).await.expect("noted");
}

/// Ward with a device that was just heard, one that fell silent, and one of the other trust.
async fn watched() -> World {
    let world = world().await;
    map(&world).await;
    let runs = Dependency {
        from: Thing::Service("XAA-PATH".parse().expect("a code")),
        to: Thing::System("XAA-LIMS".parse().expect("a code")),
        kind: "runs on".to_owned(),
        reason: "prints its labels".to_owned(),
        strength: Strength::MOST,
    };
    world.app.map.save_dependency(runs, &Scope::sector(), later(0)).await.expect("made");
    seen(&world, "XAA", "XAA-PATH-07", -60).await;
    seen(&world, "XAA", "XAA-PC-<01>", -200_000).await;
    seen(&world, "XBB", "XBB-SECRET-09", -60).await;
    let said = DeviceSaid {
        class: Some("label printer".to_owned()),
        system: "XAA-LIMS".parse().ok(),
        site: None,
        expected: true,
    };
    let id = device(&world, "XAA-PATH-07").await;
    world.app.map.change_device(id, &said, &Scope::sector(), later(0)).await.expect("said");
    world
}

async fn device(world: &World, name: &str) -> DeviceId {
    let filter = DeviceFilter { search: Some(name.to_owned()), ..DeviceFilter::default() };
    let (request, all) = (PageRequest::default(), Scope::sector());
    let page =
        world.app.map.list_devices(&filter, DeviceSort::Name, &request, &all, later(0)).await;
    page.expect("a page").rows[0].id
}

#[tokio::test]
async fn the_list_tells_who_fell_silent_within_the_view() {
    let world = watched().await;
    let page = world.browser(ANALYST).await.get("/devices").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let main = main_of(&page.body);
    assert!(main.contains("2 devices: 1 fell silent, none are expected and never seen."), "{main}");
    assert!(main.contains("XAA-PC-&lt;01&gt;") && !main.contains("SECRET"), "{main}");
    insta::assert_snapshot!(main);
    let page = world.browser(ANALYST).await.get("/devices?state=silent").await;
    assert!(page.body.contains("XAA-PC-") && !page.body.contains("XAA-PATH-07"));
}

#[tokio::test]
async fn the_list_is_narrowed_by_its_address_and_says_what_cannot_be_used() {
    let world = watched().await;
    let mut browser = world.browser(ADMINISTRATOR).await;
    let page = browser.get("/devices?organisation=XBB").await;
    assert!(page.body.contains("XBB-SECRET-09") && !page.body.contains("XAA-PATH-07"));
    assert!(page.body.contains("Organisation: Example Southfield Hospitals"), "a chip tells");
    let page = browser.get("/devices?system=XAA-LIMS").await;
    assert!(page.body.contains("XAA-PATH-07") && !page.body.contains("XAA-PC-"));
    let page = browser.get("/devices?q=none").await;
    assert!(page.body.contains("No devices match these filters"));
    let page = browser.get("/devices?state=dead").await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert!(page.body.contains("“state” cannot be used"), "{}", page.body);
    // Somebody of one trust learns nothing of another by asking for it.
    let page = world.browser(ANALYST).await.get("/devices?organisation=XBB").await;
    assert!(!page.body.contains("SECRET"), "{}", main_of(&page.body));
}

#[tokio::test]
async fn the_page_of_a_device_shows_what_rests_on_it_and_its_alerts() {
    let world = watched().await;
    assert_eq!(found(&world, &[("XAA", "XAA-PATH-07", DELETES)]).await, 1);
    let path = format!("/devices/{}", device(&world, "XAA-PATH-07").await);
    let page = world.browser(ANALYST).await.get(&path).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let main = main_of(&page.body);
    for text in ["the pathology service", "prints its labels", "Label printer", "vssadmin"] {
        assert!(main.contains(text), "{text} is not in {main}");
    }
    insta::assert_snapshot!(main);
    assert_eq!(world.browser(STRANGER).await.get(&path).await.status, StatusCode::NOT_FOUND);
}

async fn edited(browser: &mut Browser<'_>, path: &str, fields: &[(&str, &str)]) -> common::Answer {
    browser.post(&format!("{path}/edit"), fields).await
}

#[tokio::test]
async fn what_a_device_is_is_said_by_those_who_may_and_taken_back_by_undo() {
    let world = watched().await;
    let id = device(&world, "XAA-PC-").await;
    let path = format!("/devices/{id}");
    let mut browser = world.browser(ADMINISTRATOR).await;
    let wrong = [("class", "workstation"), ("system", "no such system")];
    let page = edited(&mut browser, &path, &wrong).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.body.contains("No system of this organisation"), "{}", main_of(&page.body));
    assert!(page.body.contains("value=\"workstation\""), "what was written is kept");

    let fields = [("class", "workstation"), ("system", "specimen"), ("expected", "yes")];
    let act = edited(&mut browser, &path, &fields).await;
    assert_eq!(act.status, StatusCode::SEE_OTHER, "{}", act.body);
    let said = world.app.map.device(id, &Scope::sector()).await.expect("a device");
    assert_eq!(said.class.as_deref(), Some("workstation"));
    assert_eq!(said.system.map(|code| code.to_string()).as_deref(), Some("XAA-LIMS"));
    assert!(said.expected);
    undo(&mut browser, &act).await;
    let said = world.app.map.device(id, &Scope::sector()).await.expect("a device");
    assert_eq!((said.class, said.system, said.expected), (None, None, false));

    let mut analyst = world.browser(ANALYST).await;
    let answer = edited(&mut analyst, &path, &fields).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(!analyst.get(&path).await.body.contains("Say what this device is"));
}

#[tokio::test]
async fn every_change_leaves_an_entry_in_the_audit_trail() {
    let world = watched().await;
    let path = format!("/devices/{}", device(&world, "XAA-PC-").await);
    let mut browser = world.browser(ADMINISTRATOR).await;
    edited(&mut browser, &path, &[("class", "workstation")]).await;
    edited(&mut browser, &path, &[("class", "workstation")]).await;
    let filter = access::audit::AuditFilter {
        what: Some("device.".to_owned()),
        ..access::audit::AuditFilter::default()
    };
    let db = world.app.alerts.db();
    let page = access::audit::list(db, &Scope::sector(), &filter, None, 10).await.expect("read");
    let whats: Vec<&str> = page.entries.iter().map(|one| one.what.as_str()).collect();
    assert_eq!(whats, ["device.change"], "what changed nothing leaves nothing");
    assert!(page.entries[0].details.contains("workstation"));
}

#[tokio::test]
async fn files_and_api_tell_the_same_within_the_scope() {
    let world = watched().await;
    let mut browser = world.browser(ANALYST).await;
    let csv = browser.get("/devices/export.csv").await;
    assert_eq!(csv.body.lines().count(), 3, "{}", csv.body);
    assert!(csv.body.contains("XAA-PATH-07,XAA,label printer,XAA-LIMS,,true,heard,"));
    let lines = browser.get("/devices/export.jsonl?state=silent").await;
    let row: Value = serde_json::from_str(lines.body.trim()).expect("one line");
    assert_eq!(row["state"], "silent");
    let list: Value =
        serde_json::from_str(&browser.get("/api/v1/devices?limit=1").await.body).expect("JSON");
    assert_eq!((&list["total"], list["devices"].as_array().map(Vec::len)), (&2.into(), Some(1)));
    let after = list["after"].as_str().expect("a next page");
    let rest = browser.get(&format!("/api/v1/devices?after={after}")).await;
    let rest: Value = serde_json::from_str(&rest.body).expect("JSON");
    assert_eq!(rest["devices"].as_array().map(Vec::len), Some(1));
    let answer = browser.get("/api/v1/devices?after=nonsense").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.body);
    let other = device(&world, "XBB-SECRET").await;
    let answer = browser.get(&format!("/api/v1/devices/{other}")).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_api_says_what_a_device_is_only_for_those_who_may() {
    let world = watched().await;
    let path = format!("/api/v1/devices/{}", device(&world, "XAA-PC-").await);
    for (who, body, expected) in [
        (ANALYST, "{\"expected\":true}", StatusCode::FORBIDDEN),
        (STRANGER, "{\"expected\":true}", StatusCode::NOT_FOUND),
        (ADMINISTRATOR, "{\"expected\":1}", StatusCode::BAD_REQUEST),
        (ADMINISTRATOR, "{\"expected\":true,\"system\":\"a b\"}", StatusCode::UNPROCESSABLE_ENTITY),
        (ADMINISTRATOR, "{\"expected\":true,\"class\":\"pump\"}", StatusCode::OK),
    ] {
        let mut browser = world.browser(who).await;
        let mark = browser.mark().await;
        let request = browser
            .request("PUT", &path)
            .header("x-csrf-token", mark)
            .header("content-type", "application/json")
            .body(axum::body::Body::from(body))
            .expect("a request");
        let answer = browser.ask(request).await;
        assert_eq!(answer.status, expected, "{who} {body}: {}", answer.body);
    }
    let said = world.app.map.device(device(&world, "XAA-PC-").await, &Scope::sector()).await;
    assert_eq!(said.expect("a device").class.as_deref(), Some("pump"));
}
