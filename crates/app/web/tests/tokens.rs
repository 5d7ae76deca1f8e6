//! Tokens with which telemetry is sent: made, shown once, revoked.

mod acts;
mod common;
mod queue;

use acts::notice_of;
use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use common::{ADMINISTRATOR, ANALYST, VIEWER, World, world};
use queue::main_of;

/// The token a page shows.
fn token_of(page: &str) -> String {
    let start = page.find("ward_ingest_").expect("a token");
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    page[start..].chars().take_while(|c| is_part(*c)).collect()
}

async fn sent(world: &World, token: &str) -> StatusCode {
    let request = Request::post("/api/v1/events")
        .header("authorization", format!("Bearer {token}"))
        .body(Body::from("{\"a\":1}\n"))
        .expect("a request");
    world.ask(request).await.status
}

#[tokio::test]
async fn a_token_is_shown_once_with_configuration_and_works() {
    let world = world().await;
    let mut browser = world.browser(ADMINISTRATOR).await;
    let fields = [("organisation", "northmoor"), ("name", "Example log server")];
    let page = browser.post("/tokens/new", &fields).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert_eq!(page.header("cache-control"), "no-store");
    let token = token_of(&page.body);
    let main = main_of(&page.body);
    for text in ["Copy it now", "Authorization: ApiKey ", "Example Northmoor Hospitals"] {
        assert!(main.contains(text), "{text} is not in {main}");
    }
    assert!(main.matches(&token).count() >= 7, "in every configuration");
    assert_eq!(sent(&world, &token).await, StatusCode::OK);
    let list = browser.get("/tokens").await;
    assert!(list.body.contains("Example log server"));
    assert!(!list.body.contains(&token), "never again");
    insta::assert_snapshot!(main_of(&list.body));
}

#[tokio::test]
async fn what_is_filled_in_wrongly_is_told_beside_its_field_and_kept() {
    let world = world().await;
    let mut browser = world.browser(ADMINISTRATOR).await;
    for (organisation, name, day, told) in [
        ("Nowhere", "x", "", "No organisation you may see is called “Nowhere”."),
        ("", "x", "", "Write the name or the code of an organisation."),
        ("XAA", "", "", "Write 1 to 100 characters."),
        ("XAA", "x", "tomorrow", "Write a day as 2026-11-24"),
        ("XAA", "x", "2020-01-01", "Choose a later time."),
    ] {
        let fields = [("organisation", organisation), ("name", name), ("expires_at", day)];
        let page = browser.post("/tokens/new", &fields).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{told}");
        assert!(page.body.contains(told), "{told} is not in {}", main_of(&page.body));
        assert!(!page.body.contains("ward_ingest_"));
    }
    assert!(browser.get("/tokens").await.body.contains("There is no token yet"));
}

#[tokio::test]
async fn a_token_is_revoked_only_after_the_consequence_was_shown() {
    let world = world().await;
    let token = world.token("XAA").await;
    let mut browser = world.browser(ADMINISTRATOR).await;
    let list = browser.get("/tokens").await;
    let start = list.body.find("data-row=\"").expect("a row") + "data-row=\"".len();
    let id = list.body[start..start + 36].to_owned();
    let page = browser.post("/tokens/revoke", &[("act", "revoke"), ("token", &id)]).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("Revoke 1 token?"), "{}", main_of(&page.body));
    let list = browser.get("/tokens?state=unused").await;
    assert!(list.body.contains(&id), "nothing was done yet");

    let done = browser.post("/tokens/revoke", &[("asked", "yes"), ("token", &id)]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    assert_eq!(sent(&world, &token).await, StatusCode::UNAUTHORIZED);
    let page = browser.get(done.location()).await;
    assert_eq!(notice_of(&page.body), ("1 token revoked".to_owned(), None));
    assert!(page.body.contains("Revoked"), "{}", main_of(&page.body));
    let again = browser.post("/tokens/revoke", &[("asked", "yes"), ("token", &id)]).await;
    let page = browser.get(again.location()).await;
    assert!(notice_of(&page.body).0.contains("nothing was changed"));
}

#[tokio::test]
async fn those_who_manage_no_tokens_see_and_make_none() {
    let world = world().await;
    world.token("XAA").await;
    for who in [ANALYST, VIEWER] {
        let mut browser = world.browser(who).await;
        for path in ["/tokens", "/tokens/new", "/tokens/export.csv", "/tokens/export.jsonl"] {
            assert_eq!(browser.get(path).await.status, StatusCode::FORBIDDEN, "{who} {path}");
        }
        let fields = [("organisation", "XAA"), ("name", "x")];
        assert_eq!(browser.post("/tokens/new", &fields).await.status, StatusCode::FORBIDDEN);
        let answer = browser.post("/tokens/revoke", &[("asked", "yes")]).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
    }
}

#[tokio::test]
async fn the_list_is_narrowed_and_written_to_files() {
    let world = world().await;
    world.token("XAA").await;
    world.token("XBB").await;
    let mut browser = world.browser(ADMINISTRATOR).await;
    let page = browser.get("/tokens?q=southfield").await;
    assert!(page.body.contains("1 to 1 of 1 token"), "{}", main_of(&page.body));
    let page = browser.get("/tokens?state=revoked").await;
    assert!(page.body.contains("No tokens match these filters"));
    assert_eq!(browser.get("/tokens?state=x").await.status, StatusCode::BAD_REQUEST);
    let csv = browser.get("/tokens/export.csv").await;
    assert_eq!(csv.body.lines().count(), 3, "{}", csv.body);
    assert!(!csv.body.contains("ward_ingest"), "{}", csv.body);
    let lines = browser.get("/tokens/export.jsonl?q=northmoor").await;
    assert!(lines.body.contains("\"organisation\":\"XAA\""), "{}", lines.body);
}
