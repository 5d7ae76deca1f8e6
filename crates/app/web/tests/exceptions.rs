//! Exceptions: made from an alert, tried before they are made, counted, taken back.

mod common;
mod queue;

use axum::http::StatusCode;
use common::{ADMINISTRATOR, ANALYST, Browser, STRANGER, VIEWER, World, world};
use queue::{DELETES, ENCODES, alerts, found, found_at, main_of, map};
use serde_json::{Value, json};

async fn watched() -> World {
    let world = world().await;
    map(&world).await;
    let records = [
        ("XAA", "XAA-PATH-07", DELETES),
        ("XAA", "XAA-PC-01", DELETES),
        ("XAA", "XAA-PC-02", ENCODES),
        ("XBB", "XBB-SECRET-09", DELETES),
    ];
    assert_eq!(found(&world, &records).await, 4);
    world
}

/// The address of the form by which an exception is made from the worst alert.
async fn form_of(world: &World, organisation: &str) -> String {
    format!("/alerts/{}/exception", alerts(world, organisation).await[0].id)
}

/// A form that can be made.
const FILLED: [(&str, &str); 9] = [
    ("name", "Backup software <of night>"),
    ("part", "organisation:XAA"),
    ("device", "any"),
    ("field", "CommandLine"),
    ("operator", "contains"),
    ("values", "delete shadows"),
    ("reason", "The backup software does this each night"),
    ("expires", "2027-01-31"),
    ("step", "make"),
];

/// The same with some fields filled otherwise.
fn filled(other: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    let value = |(name, usual): (&'static str, &'static str)| {
        let found = other.iter().find(|(known, _)| *known == name);
        (name, found.map_or(usual, |(_, value)| *value))
    };
    FILLED.into_iter().map(value).collect()
}

/// Makes the usual exception; its address.
async fn make(world: &World, browser: &mut Browser<'_>) -> String {
    let answer = browser.post(&form_of(world, "XAA").await, &FILLED).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    answer.location().to_owned()
}

#[tokio::test]
async fn the_form_is_filled_with_what_made_the_rule_hold() {
    let world = watched().await;
    let mut browser = world.browser(ANALYST).await;
    let page = browser.get(&form_of(&world, "XAA").await).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let main = main_of(&page.body);
    for text in [
        "value=\"Image\"",
        r"C:\Windows\System32\vssadmin.exe",
        "value=\"CommandLine\"",
        DELETES,
        "Only XAA-PATH-07",
        "Example Northmoor Hospitals",
        "value=\"2027-02-22\"",
    ] {
        assert!(main.contains(text), "{text} is not in {main}");
    }
    assert!(!main.contains("the whole sector"), "an analyst of one trust decides for that trust");
    insta::assert_snapshot!(main);
}

#[tokio::test]
async fn it_is_tried_on_earlier_alerts_before_it_is_made() {
    let world = watched().await;
    let mut browser = world.browser(ANALYST).await;
    let path = form_of(&world, "XAA").await;
    let page = browser.post(&path, &filled(&[("step", "preview")])).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let told = "Of the 2 alerts of this rule there in the last 30 days it would have hidden 2";
    assert!(page.body.contains(told), "{}", main_of(&page.body));
    let narrow = filled(&[("step", "preview"), ("device", "this")]);
    let page = browser.post(&path, &narrow).await;
    assert!(page.body.contains("it would have hidden 1,"), "{}", main_of(&page.body));
    let other = filled(&[("step", "preview"), ("values", "something else")]);
    let page = browser.post(&path, &other).await;
    assert!(page.body.contains("it would have hidden 0,"), "{}", main_of(&page.body));
    let list = browser.get("/exceptions").await;
    assert!(list.body.contains("Nothing is hidden"), "trying makes nothing: {}", list.body);
}

#[tokio::test]
async fn what_it_covers_is_counted_instead_of_shown_and_told_where_it_hides() {
    let world = watched().await;
    let mut browser = world.browser(ANALYST).await;
    let path = make(&world, &mut browser).await;
    let page = browser.get(&path).await;
    assert!(page.body.contains("Backup software &lt;of night&gt;"), "{}", page.body);
    assert!(page.body.contains("CommandLine contains “delete shadows”"), "{}", page.body);
    let before = alerts(&world, "XAA").await.len();
    for (organisation, device) in [("XAA", "XAA-PC-77"), ("XBB", "XBB-PC-77")] {
        assert_eq!(found_at(&world, 5, &[(organisation, device, DELETES)]).await, 1);
    }
    assert_eq!(alerts(&world, "XAA").await.len(), before, "it is hidden here");
    assert_eq!(alerts(&world, "XBB").await.len(), 2, "and shown there");
    let queue = browser.get("/alerts").await;
    let told = "1 finding hidden by 1 exception in the last 7 days";
    assert!(queue.body.contains(told), "{}", main_of(&queue.body));
    let list = browser.get("/exceptions").await;
    assert!(list.body.contains("1 exception, which counted 1 finding"), "{}", list.body);
    insta::assert_snapshot!(main_of(&list.body));
    let alert = form_of(&world, "XAA").await.replace("/exception", "");
    assert!(browser.get(&alert).await.body.contains("made an exception from it"));
    let queue = world.browser(STRANGER).await.get("/alerts").await;
    assert!(!queue.body.contains("hidden by"), "{}", queue.body);
}

#[tokio::test]
async fn what_is_wrong_stands_beside_its_field_and_nothing_is_made() {
    let world = watched().await;
    let mut browser = world.browser(ANALYST).await;
    let path = form_of(&world, "XAA").await;
    for (wrong, told) in [
        (("name", " "), "The exception has no name."),
        (("reason", ""), "The exception has no reason."),
        (("expires", "2029-01-01"), "within 366 days"),
        (("expires", "2026-11-01"), "must end after now"),
        (("expires", "soon"), "Write the day on which it ends"),
        (("values", ""), "The condition on CommandLine has no value."),
        (("operator", "odd"), "Choose how CommandLine is compared."),
        (("part", "sector"), "You may make exceptions only for what lies within your reach."),
        (("part", "organisation:XBB"), "You may make exceptions only for what lies within"),
        (("part", "?"), "Choose where it shall hold."),
    ] {
        let page = browser.post(&path, &filled(&[wrong])).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong:?}");
        assert!(page.body.contains(told), "{told} is not in {}", main_of(&page.body));
        assert!(page.body.contains("There is a problem"));
    }
    let list = browser.get("/exceptions?state=any").await;
    assert!(list.body.contains("No exceptions match these filters"), "{}", list.body);
}

#[tokio::test]
async fn strangers_and_viewers_make_and_take_back_nothing() {
    let world = watched().await;
    let form = form_of(&world, "XAA").await;
    let path = make(&world, &mut world.browser(ANALYST).await).await;
    let revoke = format!("{path}/revoke");
    let mut viewer = world.browser(VIEWER).await;
    assert_eq!(viewer.get(&path).await.status, StatusCode::OK);
    assert!(!viewer.get(&path).await.body.contains("Take it back"));
    for path in [&form, &revoke] {
        assert_eq!(viewer.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
        assert_eq!(viewer.post(path, &FILLED).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    let mut stranger = world.browser(STRANGER).await;
    for path in [&form, &path, &revoke] {
        assert_eq!(stranger.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    for path in [&form, &revoke] {
        assert_eq!(stranger.post(path, &FILLED).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    for path in ["/exceptions?state=any", "/exceptions/export.csv", "/api/v1/exceptions"] {
        let answer = stranger.get(path).await;
        assert!(!answer.body.contains("Backup software"), "{path}: {}", answer.body);
    }
    let mut owner = world.browser(ANALYST).await;
    assert!(owner.get(&path).await.body.contains("Take it back"), "it still stands");
}

#[tokio::test]
async fn taking_one_back_asks_first_and_shows_findings_again() {
    let world = watched().await;
    let mut browser = world.browser(ANALYST).await;
    let path = make(&world, &mut browser).await;
    let revoke = format!("{path}/revoke");
    let page = browser.get(&revoke).await;
    assert!(page.body.contains("What follows"), "{}", page.body);
    assert!(page.body.contains("is shown as alerts again"), "{}", page.body);
    let answer = browser.post(&revoke, &[]).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, path.as_str()));
    let page = browser.get(&path).await;
    assert!(page.body.contains("Taken back") && !page.body.contains("Take it back"));
    let before = alerts(&world, "XAA").await.len();
    found_at(&world, 5, &[("XAA", "XAA-PC-77", DELETES)]).await;
    assert_eq!(alerts(&world, "XAA").await.len(), before + 1);
    assert!(browser.get("/exceptions").await.body.contains("Nothing is hidden"));
    let list = browser.get("/exceptions?state=revoked").await;
    assert!(list.body.contains("Backup software"), "{}", list.body);
}

#[tokio::test]
async fn an_exception_of_the_sector_is_seen_everywhere_and_taken_back_only_above() {
    let world = watched().await;
    let mut administrator = world.browser(ADMINISTRATOR).await;
    let form = form_of(&world, "XAA").await;
    let answer = administrator.post(&form, &filled(&[("part", "sector")])).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let path = answer.location().to_owned();
    let mut analyst = world.browser(ANALYST).await;
    let page = analyst.get(&path).await;
    assert!(page.body.contains("the whole sector"), "{}", page.body);
    assert!(!page.body.contains("Take it back"));
    let answer = analyst.post(&format!("{path}/revoke"), &[]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(administrator.get(&path).await.body.contains("Take it back"));
}

#[tokio::test]
async fn the_list_is_a_file_too() {
    let world = watched().await;
    let mut browser = world.browser(ANALYST).await;
    make(&world, &mut browser).await;
    let csv = browser.get("/exceptions/export.csv").await;
    assert_eq!(csv.body.lines().count(), 2, "{}", csv.body);
    assert!(csv.body.starts_with("id,name,state,rule,part"));
    let json = browser.get("/exceptions/export.jsonl").await;
    let one: Value = serde_json::from_str(json.body.trim()).expect("JSON");
    assert_eq!((&one["state"], &one["hits"]), (&json!("active"), &json!(0)));
    assert!(browser.get("/exceptions/export.csv?state=expired").await.body.lines().count() == 1);
}

#[tokio::test]
async fn programs_make_list_and_take_back_exceptions() {
    let world = watched().await;
    let mut browser = world.browser(ANALYST).await;
    let mark = browser.mark().await;
    let mut send = async |path: &str, body: &Value| {
        let request = browser
            .request("POST", path)
            .header("x-csrf-token", &mark)
            .body(axum::body::Body::from(body.to_string()))
            .expect("a request");
        let answer = browser.ask(request).await;
        (answer.status, serde_json::from_str::<Value>(&answer.body).expect("JSON"))
    };
    let new = json!({
        "name": "Example",
        "rule": queue::DELETED,
        "part": "organisation:XAA",
        "conditions": [{ "field": "CommandLine", "operator": "contains", "values": ["x"] }],
        "reason": "An example",
        "expires_at": "2027-01-31T00:00:00Z",
    });
    let (status, made) = send("/api/v1/exceptions", &new).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    assert_eq!(made["state"], "active");
    for (field, value, status) in [
        ("part", json!("sector"), StatusCode::FORBIDDEN),
        ("part", json!("x"), StatusCode::UNPROCESSABLE_ENTITY),
        ("expires_at", json!("2029-01-01T00:00:00Z"), StatusCode::UNPROCESSABLE_ENTITY),
        ("reason", json!(" "), StatusCode::UNPROCESSABLE_ENTITY),
        ("name", json!(3), StatusCode::BAD_REQUEST),
    ] {
        let mut wrong = new.clone();
        wrong[field] = value;
        let (found, problem) = send("/api/v1/exceptions", &wrong).await;
        assert_eq!(found, status, "{field}: {problem}");
    }
    let id = made["id"].as_str().expect("an id").to_owned();
    let (status, revoked) = send(&format!("/api/v1/exceptions/{id}/revoke"), &json!({})).await;
    assert_eq!((status, &revoked["state"]), (StatusCode::OK, &json!("revoked")));
    let list = |query: &str| format!("/api/v1/exceptions{query}");
    let active: Value = serde_json::from_str(&browser.get(&list("")).await.body).expect("JSON");
    assert_eq!(active["exceptions"], json!([]));
    let all: Value =
        serde_json::from_str(&browser.get(&list("?state=any")).await.body).expect("JSON");
    assert_eq!(all["exceptions"][0]["id"], json!(id));
    for query in ["?state=odd", "?limit=0", "?after=x"] {
        assert_eq!(browser.get(&list(query)).await.status, StatusCode::BAD_REQUEST, "{query}");
    }
}
