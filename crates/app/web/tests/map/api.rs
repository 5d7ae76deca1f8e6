//! The map as JSON: the same as the pages, within the same scope.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use serde_json::Value;

use super::mapped;
use crate::{
    common::{ADMINISTRATOR, ANALYST, Answer, Browser, STRANGER},
    queue::{DELETES, found},
};

async fn get(browser: &mut Browser<'_>, path: &str) -> Answer {
    browser.get(path).await
}

fn json(answer: &Answer) -> Value {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    serde_json::from_str(&answer.body).expect("JSON")
}

fn codes(answer: &Answer, field: &str) -> Vec<String> {
    let items = json(answer)["items"].as_array().expect("a list").clone();
    items.iter().map(|one| one[field].as_str().expect("text").to_owned()).collect()
}

#[tokio::test]
async fn lists_are_paged_filtered_and_within_scope() {
    let world = mapped().await;
    let mut all = world.browser(ADMINISTRATOR).await;
    let first = get(&mut all, "/api/v1/organisations?sort=code&limit=2").await;
    assert_eq!(codes(&first, "ods_code"), ["XAA", "XBB"]);
    let after = json(&first)["after"].as_str().expect("a next page").to_owned();
    let second =
        get(&mut all, &format!("/api/v1/organisations?sort=code&limit=2&after={after}")).await;
    assert_eq!(codes(&second, "ods_code"), ["Y56", "Y60"]);
    assert_eq!((&json(&second)["after"], &json(&second)["total"]), (&Value::Null, &4.into()));
    let found = get(&mut all, "/api/v1/systems?q=labor").await;
    assert_eq!(codes(&found, "code"), ["XAA-LIMS"]);
    assert_eq!(json(&found)["items"][0]["supplier"], "EXLAB");
    let found = get(&mut all, "/api/v1/services?organisation=XBB").await;
    assert_eq!(codes(&found, "code"), ["XBB-CRISIS"]);
    assert_eq!(codes(&get(&mut all, "/api/v1/suppliers").await, "code"), ["EXLAB"]);
    let found = get(&mut all, "/api/v1/dependencies").await;
    assert_eq!(codes(&found, "from"), ["service:XAA-PATH", "service:XBB-CRISIS"]);

    let mut stranger = world.browser(STRANGER).await;
    let found = get(&mut stranger, "/api/v1/organisations").await;
    assert_eq!(codes(&found, "ods_code"), ["XBB"]);
    let found = get(&mut stranger, "/api/v1/services?organisation=XAA").await;
    assert!(codes(&found, "code").is_empty());
    let one = get(&mut stranger, "/api/v1/organisations/XAA").await;
    assert_eq!(one.status, StatusCode::NOT_FOUND);
    let one = get(&mut stranger, "/api/v1/organisations/XBB").await;
    assert_eq!(json(&one)["name"], "Example Southfield Hospitals");
}

#[tokio::test]
async fn a_parameter_that_cannot_be_used_is_named() {
    let world = mapped().await;
    let mut browser = world.browser(ANALYST).await;
    for (query, named) in [
        ("organisations?limit=0", "limit"),
        ("organisations?limit=501", "limit"),
        ("organisations?limit=", "limit"),
        ("organisations/%FF", "the address"),
        ("organisations?type=hospital", "type"),
        ("organisations?colour=red", "colour"),
        ("services?order=down", "order"),
        ("services?organisation=%3F", "organisation"),
        ("systems?after=nonsense", "this place"),
    ] {
        let answer = get(&mut browser, &format!("/api/v1/{query}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
        let problem: Value = serde_json::from_str(&answer.body).expect("JSON");
        let title = problem["title"].as_str().expect("a title");
        assert!(title.starts_with(named), "{query}: {title}");
    }
}

#[tokio::test]
async fn the_overview_tells_how_each_organisation_stands() {
    let world = mapped().await;
    found(&world, &[("XAA", "XAA-PATH-07", DELETES)]).await;
    let all = json(&get(&mut world.browser(ADMINISTRATOR).await, "/api/v1/overview").await);
    let states: Vec<(&str, &str)> = all["organisations"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| (one["ods_code"].as_str().expect("text"), one["state"].as_str().expect("text")))
        .collect();
    assert_eq!(states, [("XAA", "now"), ("XBB", "silent")]);
    assert_eq!((&all["open_alerts"], &all["detection_lag_seconds"]), (&1.into(), &0.into()));
    let own = json(&get(&mut world.browser(STRANGER).await, "/api/v1/overview").await);
    assert_eq!(own["organisations"].as_array().expect("a list").len(), 1);
    assert_eq!(own["open_alerts"], 0);
}

#[tokio::test]
async fn without_a_token_nothing_is_told() {
    let world = mapped().await;
    for path in
        ["organisations", "organisations/XAA", "services", "systems", "suppliers", "overview"]
    {
        let request = Request::get(format!("/api/v1/{path}"))
            .header(header::ACCEPT, "application/json")
            .body(Body::empty())
            .expect("a request");
        assert_eq!(world.ask(request).await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
}
