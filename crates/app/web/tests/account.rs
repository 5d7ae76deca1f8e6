//! One's own account: what is shown, what is changed, and what guards it.

mod common;
mod queue;

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use common::{ADMINISTRATOR, ANALYST, PASSWORD, VIEWER, world};
use queue::main_of;
use testkit::now;

#[tokio::test]
async fn the_account_says_what_somebody_is_for() {
    let world = world().await;
    let page = world.browser(ANALYST).await.get("/account").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let says = "Example Analyst, you are an analyst for Example Northmoor Hospitals.";
    assert!(page.body.contains(says), "{}", page.body);
    assert!(page.body.contains("This browser") && page.body.contains("Make a token"));
    let viewer = world.browser(VIEWER).await.get("/account").await;
    assert!(!viewer.body.contains("Make a token"), "a viewer may not use the API");
}

#[tokio::test]
async fn name_and_time_zone_are_changed_and_times_follow() {
    let world = world().await;
    let mut browser = world.browser(ANALYST).await;
    let fields = [("name", " Example Renamed "), ("time_zone", "Europe/Athens")];
    assert_eq!(browser.post("/account/profile", &fields).await.location(), "/account");
    let page = browser.get("/account").await;
    assert!(page.body.contains("Your name and time zone are saved"));
    assert!(page.body.contains("Example Renamed, you are") && page.body.contains("Greece"));
    assert!(page.body.contains("EET"), "times are told in the zone: {}", page.body);
    for (fields, place) in [
        ([("name", ""), ("time_zone", "UTC")], "#name"),
        ([("name", "x"), ("time_zone", "Nowhere/At_All")], "#time_zone"),
    ] {
        let answer = browser.post("/account/profile", &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{place}");
        assert!(answer.body.contains(&format!("href=\"{place}\"")), "{}", answer.body);
    }
}

#[tokio::test]
async fn a_password_is_changed_after_the_present_one_only() {
    let world = world().await;
    let mut browser = world.browser(ANALYST).await;
    let mut other = world.browser(ANALYST).await;
    let new = "copper meadow violin 4";
    let wrong = browser.post("/account/password", &[("present", "x"), ("password", new)]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("href=\"#present\"") && !wrong.body.contains(new));
    let weak = [("present", PASSWORD), ("password", "password1234")];
    let weak = browser.post("/account/password", &weak).await;
    assert!(weak.body.contains("href=\"#password\""), "{}", weak.body);
    assert_eq!(other.get("/account").await.status, StatusCode::OK);
    let fields = [("present", PASSWORD), ("password", new)];
    assert_eq!(browser.post("/account/password", &fields).await.location(), "/account");
    assert_eq!(browser.get("/account").await.status, StatusCode::OK, "this one stays");
    assert_eq!(other.get("/account").await.status, StatusCode::SEE_OTHER, "others end");
}

#[tokio::test]
async fn sessions_of_ones_own_are_ended_and_no_others() {
    let world = world().await;
    let mut browser = world.browser(ANALYST).await;
    let mut lost = world.browser(ANALYST).await;
    let mut theirs = world.browser(VIEWER).await;
    let sessions = async |email| {
        let caller = world.caller(email).await;
        let own = caller.session().expect("a session");
        let all = world.app.access.sessions(&caller, now()).await.expect("read");
        all.into_iter().map(|one| one.id).filter(|id| *id != own).collect::<Vec<_>>()
    };
    let viewers = sessions(VIEWER).await.pop().expect("a session").to_string();
    let answer = browser.post("/account/sessions/end", &[("id", &viewers)]).await;
    assert_eq!(answer.location(), "/account");
    assert!(browser.get("/account").await.body.contains("signed out of 0 sessions"));
    assert_eq!(theirs.get("/account").await.status, StatusCode::OK);
    // All at once: this browser's own is among them.
    let own: Vec<String> = sessions(ANALYST).await.iter().map(ToString::to_string).collect();
    let fields: Vec<(&str, &str)> = own.iter().map(|id| ("id", id.as_str())).collect();
    browser.post("/account/sessions/end", &fields).await;
    assert_eq!(lost.get("/account").await.status, StatusCode::SEE_OTHER);
    let none = world.browser(ANALYST).await.post("/account/sessions/end", &[]).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn signing_out_everywhere_ends_this_session_too() {
    let world = world().await;
    let mut browser = world.browser(ANALYST).await;
    let mut other = world.browser(ANALYST).await;
    assert_eq!(browser.post("/account/sessions/end-all", &[]).await.location(), "/sign-in");
    assert_eq!(browser.get("/account").await.status, StatusCode::SEE_OTHER);
    assert_eq!(other.get("/account").await.status, StatusCode::SEE_OTHER);
}

/// A token that a page shows.
fn token_in(body: &str) -> String {
    let at = body.find("ward_api_").expect("a token is shown");
    body[at..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
}

#[tokio::test]
async fn a_token_is_shown_once_works_as_far_as_it_was_given_and_is_revoked() {
    let world = world().await;
    let mut browser = world.browser(ADMINISTRATOR).await;
    let fields = [
        ("name", "example report"),
        ("permissions", "audit.view"),
        ("place", "sector"),
        ("expires_at", ""),
    ];
    let made = browser.post("/account/tokens/new", &fields).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.body);
    let token = token_in(&made.body);
    let ask = async |path: &str| {
        let request = Request::get(path)
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .body(Body::empty())
            .expect("a request");
        world.ask(request).await.status
    };
    assert_eq!(ask("/api/v1/audit").await, StatusCode::OK);
    assert_eq!(ask("/api/v1/alerts").await, StatusCode::FORBIDDEN, "it was given audit only");
    let page = browser.get("/account").await;
    assert!(page.body.contains("example report") && !page.body.contains(&token));
    let caller = world.caller(ADMINISTRATOR).await;
    let tokens = world.app.access.api_tokens(&caller, None, 10).await.expect("read");
    let id = tokens.first().expect("a token").id.to_string();
    let theirs = world.browser(ANALYST).await.post("/account/tokens/revoke", &[("id", &id)]).await;
    assert_eq!(theirs.status, StatusCode::UNPROCESSABLE_ENTITY, "it is not theirs to revoke");
    assert_eq!(ask("/api/v1/audit").await, StatusCode::OK);
    let gone = browser.post("/account/tokens/revoke", &[("id", &id)]).await;
    assert_eq!(gone.location(), "/account");
    assert!(browser.get("/account").await.body.contains("1 token is revoked"));
    let tokens = world.app.access.api_tokens(&caller, None, 10).await.expect("read");
    assert!(tokens[0].revoked_at.is_some());
}

#[tokio::test]
async fn a_token_holds_no_more_than_its_maker() {
    let world = world().await;
    let mut browser = world.browser(ANALYST).await;
    let make = async |browser: &mut common::Browser<'_>, permission, place| {
        let fields = [("name", "x"), ("permissions", permission), ("place", place)];
        browser.post("/account/tokens/new", &fields).await
    };
    let more = make(&mut browser, "people.manage", "organisation:XAA").await;
    assert_eq!(more.status, StatusCode::FORBIDDEN, "{}", more.body);
    let elsewhere = make(&mut browser, "alerts.view", "organisation:XBB").await;
    assert_eq!(elsewhere.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(elsewhere.body.contains("href=\"#place\""), "{}", elsewhere.body);
    let nonsense = make(&mut browser, "everything", "organisation:XAA").await;
    assert!(nonsense.body.contains("href=\"#permissions\""), "{}", nonsense.body);
    let viewer = world.browser(VIEWER).await.get("/account/tokens/new").await;
    assert_eq!(viewer.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn recovery_codes_need_an_app_first() {
    let world = world().await;
    let mut browser = world.browser(ANALYST).await;
    assert!(!browser.get("/account").await.body.contains("recovery-codes"));
    let answer = browser.post("/account/recovery-codes", &[]).await;
    assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.body);
}

#[tokio::test]
async fn the_pages_of_an_account_are_as_they_were_reviewed() {
    let world = world().await;
    let mut browser = world.browser(ANALYST).await;
    for (name, path) in [("password", "/account/password"), ("token", "/account/tokens/new")] {
        let page = browser.get(path).await;
        insta::assert_snapshot!(format!("account_{name}"), main_of(&page.body));
    }
}
