//! Alerts as JSON: the same as the pages, for programs and for our own pages.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use serde_json::{Value, json};

use crate::{
    common::{ADMINISTRATOR, ANALYST, Answer, Browser, STRANGER, VIEWER, World},
    queue::{ENCODES, alerts, found},
    watched,
};

async fn read(browser: &mut Browser<'_>, path: &str) -> (StatusCode, Value) {
    let answer = browser.get(path).await;
    (answer.status, serde_json::from_str(&answer.body).expect("JSON"))
}

async fn send(world: &World, email: &str, path: &str, body: &Value) -> Answer {
    let mut browser = world.browser(email).await;
    let mark = browser.mark().await;
    let request = browser
        .request("POST", path)
        .header("x-csrf-token", mark)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_string()))
        .expect("a request");
    browser.ask(request).await
}

#[tokio::test]
async fn the_list_is_read_page_by_page_within_the_scope() {
    let world = watched().await;
    found(&world, &[("XAA", "XAA-PC-02", ENCODES), ("XAA", "XAA-PC-03", ENCODES)]).await;
    let mut browser = world.browser(ANALYST).await;
    let (mut path, mut ids) = ("/api/v1/alerts?limit=3".to_owned(), Vec::new());
    loop {
        let (status, page) = read(&mut browser, &path).await;
        assert_eq!(status, StatusCode::OK, "{page}");
        assert_eq!(page["total"], 4);
        for alert in page["alerts"].as_array().expect("a list") {
            assert_eq!(alert["organisation"], "XAA");
            ids.push(alert["id"].as_str().expect("an id").to_owned());
        }
        match page["after"].as_str() {
            Some(after) => path = format!("/api/v1/alerts?limit=3&after={after}"),
            None => break,
        }
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 4);
    for (query, parameter) in [
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("after=x", "after"),
        ("state=x", "state"),
        ("from=x", "from"),
    ] {
        let (status, problem) = read(&mut browser, &format!("/api/v1/alerts?{query}")).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{query}");
        let title = problem["title"].as_str().expect("a title");
        assert!(title.starts_with(parameter), "{query}: {title}");
    }
}

#[tokio::test]
async fn a_move_is_made_once_and_can_be_taken_back() {
    let world = watched().await;
    let alert = alerts(&world, "XAA").await.remove(0);
    let path = format!("/api/v1/alerts/{}/moves", alert.id);
    let take = json!({ "move": "take", "version": alert.version });
    let answer = send(&world, ANALYST, &path, &take).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let moved: Value = serde_json::from_str(&answer.body).expect("JSON");
    assert_eq!(moved["state"], "taken");
    let again = send(&world, ADMINISTRATOR, &path, &take).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "{}", again.body);
    let undo = json!({ "act": moved["act"] });
    let answer = send(&world, STRANGER, "/api/v1/alerts/undo", &undo).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    let answer = send(&world, ANALYST, "/api/v1/alerts/undo", &undo).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let undone: Value = serde_json::from_str(&answer.body).expect("JSON");
    assert_eq!(undone["undone"], json!([alert.id.to_string()]));
    let mut browser = world.browser(ANALYST).await;
    let (_, whole) = read(&mut browser, &format!("/api/v1/alerts/{}", alert.id)).await;
    assert_eq!(whole["alert"]["state"], "new");
    let history: Vec<&str> = whole["history"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|deed| deed["what"].as_str())
        .collect();
    assert_eq!(history.len(), 3, "{whole}");
    assert!(history.contains(&"taken") && history.contains(&"undone"));
    assert_eq!(whole["evidence"].as_array().map(Vec::len), Some(2));
    assert_eq!(whole["factors"].as_array().map(Vec::len), Some(3));
}

#[tokio::test]
async fn moves_that_cannot_be_made_say_why() {
    let world = watched().await;
    let alert = alerts(&world, "XAA").await.remove(0);
    let path = format!("/api/v1/alerts/{}/moves", alert.id);
    let viewer = world.caller(VIEWER).await.person.to_string();
    for (body, status) in [
        (json!({ "move": "dance" }), StatusCode::BAD_REQUEST),
        (json!([]), StatusCode::BAD_REQUEST),
        (
            json!({ "move": "close", "verdict": "odd", "reason": "x" }),
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (
            json!({ "move": "close", "verdict": "benign", "reason": " " }),
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (json!({ "move": "comment", "text": "x".repeat(5_000) }), StatusCode::UNPROCESSABLE_ENTITY),
        (json!({ "move": "comment", "text": "x".repeat(300_000) }), StatusCode::PAYLOAD_TOO_LARGE),
        (json!({ "move": "hand_over", "to": viewer }), StatusCode::UNPROCESSABLE_ENTITY),
        (json!({ "move": "reopen", "reason": "x" }), StatusCode::CONFLICT),
        (json!({ "move": "take", "version": 99 }), StatusCode::CONFLICT),
    ] {
        let answer = send(&world, ANALYST, &path, &body).await;
        assert_eq!(answer.status, status, "{}", answer.body);
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
    let take = json!({ "move": "take" });
    assert_eq!(send(&world, VIEWER, &path, &take).await.status, StatusCode::FORBIDDEN);
    assert_eq!(send(&world, STRANGER, &path, &take).await.status, StatusCode::NOT_FOUND);
    let nowhere = "/api/v1/alerts/nothing/moves";
    assert_eq!(send(&world, ANALYST, nowhere, &take).await.status, StatusCode::NOT_FOUND);
    // A browser's session without the mark changes nothing.
    let mut browser = world.browser(ANALYST).await;
    let request: Request<Body> =
        browser.request("POST", &path).body(Body::from(take.to_string())).expect("a request");
    assert_eq!(browser.ask(request).await.status, StatusCode::FORBIDDEN);
    assert_eq!(alerts(&world, "XAA").await[0].version, alert.version);
}
