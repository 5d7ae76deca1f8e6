//! Sources: the list, the page of one, and configuration to copy.

mod acts;
mod common;
mod queue;

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use common::{ADMINISTRATOR, ANALYST, STRANGER, World, later, world};
use intake::Sender;
use queue::main_of;
use serde_json::Value;
use terms::TokenId;

async fn send(world: &World, token: &str, body: &str) {
    let request = Request::post("/api/v1/events")
        .header("authorization", format!("Bearer {token}"))
        .body(Body::from(body.to_owned()))
        .expect("a request");
    let _ = world.ask(request).await;
}

/// Ward with one source of each trust; that of XAA sent three records and one bad line.
async fn heard() -> World {
    let world = world().await;
    let (own, other) = (world.token("XAA").await, world.token("XBB").await);
    send(&world, &own, "{\"a\":1}\n{\"a\":2}\n<nonsense>&\n{\"a\":3}\n").await;
    send(&world, &other, "{\"secret\":1}\n").await;
    world.app.intake.flush().await.expect("written");
    world
}

async fn source(world: &World, organisation: &str) -> TokenId {
    let scope = terms::Scope::organisation(common::code(organisation));
    world.app.intake.sources(&scope).await.expect("sources")[0].source
}

#[tokio::test]
async fn the_list_tells_how_each_source_of_the_view_does() {
    let world = heard().await;
    let page = world.browser(ANALYST).await.get("/sources").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let main = main_of(&page.body);
    assert!(main.contains("Failing"), "{main}");
    assert!(main.contains("3 records came in the last hour"), "{main}");
    assert!(main.contains("1 to 1 of 1 source"), "only that of one's own trust: {main}");
    insta::assert_snapshot!(main);
    let page = world.browser(ADMINISTRATOR).await.get("/sources").await;
    assert!(page.body.contains("1 to 2 of 2 sources"), "{}", main_of(&page.body));
}

#[tokio::test]
async fn a_source_fell_silent_or_lags_in_words() {
    let world = world().await;
    let token = world.token("XAA").await;
    send(&world, &token, "{}\n").await;
    world.app.intake.flush().await.expect("written");
    let sender = Sender { source: source(&world, "XAA").await, organisation: common::code("XAA") };
    world.app.intake.lagged(&sender, 7_200, later(0));
    world.app.intake.flush().await.expect("written");
    let mut browser = world.browser(ANALYST).await;
    let page = browser.get("/sources?state=lagging").await;
    assert!(page.body.contains("Lagging") && page.body.contains("2 hours"), "{}", page.body);
    let page = browser.get("/sources?state=silent").await;
    assert!(page.body.contains("No sources match these filters"), "{}", main_of(&page.body));
    let page = browser.get("/sources?state=dead").await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn without_sources_the_list_says_what_to_do_next() {
    let world = world().await;
    let page = world.browser(ANALYST).await.get("/sources").await;
    assert!(page.body.contains("Nothing was heard yet"), "{}", page.body);
    assert!(page.body.contains("href=\"/sources/new\""));
}

#[tokio::test]
async fn the_page_of_a_source_shows_what_could_not_be_used_and_how_it_began() {
    let world = heard().await;
    let path = format!("/sources/{}", source(&world, "XAA").await);
    let page = world.browser(ANALYST).await.get(&path).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let main = main_of(&page.body);
    assert!(main.contains("&lt;nonsense&gt;"), "what was sent is shown as text: {main}");
    assert!(!main.contains("<nonsense>"), "{main}");
    assert!(main.contains("3 records came in the last 24 hours"), "{main}");
    insta::assert_snapshot!(main);
    assert_eq!(world.browser(STRANGER).await.get(&path).await.status, StatusCode::NOT_FOUND);
    let nowhere = world.browser(ANALYST).await.get("/sources/none").await;
    assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_help_holds_the_address_of_this_installation_and_no_token() {
    let world = world().await;
    let page = world.browser(ANALYST).await.get("/sources/new").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let main = main_of(&page.body);
    for text in ["http://ward.example/elastic", "omelasticsearch", "Fluent Bit", "Vector", "curl"] {
        assert!(main.contains(text), "{text} is not in {main}");
    }
    assert!(!main.contains("ward_ingest"), "{main}");
    assert!(main.contains("Ask an administrator"), "an analyst makes no tokens: {main}");
    insta::assert_snapshot!(main);
    let page = world.browser(ADMINISTRATOR).await.get("/sources/new").await;
    assert!(page.body.contains("href=\"/tokens/new\""));
}

#[tokio::test]
async fn files_and_api_tell_the_same_within_the_scope() {
    let world = heard().await;
    let mut browser = world.browser(ANALYST).await;
    let csv = browser.get("/sources/export.csv").await;
    assert_eq!(csv.body.lines().count(), 2, "{}", csv.body);
    assert!(csv.body.contains(",XAA,Example Northmoor Hospitals,failing,"), "{}", csv.body);
    let lines = browser.get("/sources/export.jsonl").await;
    let row: Value = serde_json::from_str(lines.body.trim()).expect("one line");
    assert_eq!((&row["records"], &row["refused"]), (&3.into(), &1.into()));
    let list: Value =
        serde_json::from_str(&browser.get("/api/v1/sources").await.body).expect("JSON");
    assert_eq!((&list["total"], &list["sources"][0]["state"]), (&1.into(), &"failing".into()));
    let id = list["sources"][0]["id"].as_str().expect("an id");
    let one = browser.get(&format!("/api/v1/sources/{id}")).await;
    let one: Value = serde_json::from_str(&one.body).expect("JSON");
    assert_eq!(
        (&one["failures"][0]["line"], &one["minutes"][0]["records"]),
        (&3.into(), &3.into())
    );
    let other = source(&world, "XBB").await;
    let answer = browser.get(&format!("/api/v1/sources/{other}")).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    let answer = browser.get("/api/v1/sources?limit=501").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}
