//! Telemetry over HTTP: what is accepted, what is refused, and how it is told.

mod common;

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use bus::Seq;
use common::{Answer, World, world};
use serde_json::Value;

async fn send(world: &World, token: &str, path: &str, body: impl Into<Body>) -> Answer {
    let request = Request::post(path)
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/x-ndjson")
        .body(body.into())
        .expect("a request");
    world.ask(request).await
}

async fn kept(world: &World) -> String {
    let batches = world.app.intake.log().read(Seq(0), usize::MAX).await.expect("read");
    batches.iter().map(|batch| String::from_utf8_lossy(&batch.records).into_owned()).collect()
}

#[tokio::test]
async fn what_is_accepted_is_durable_and_belongs_to_the_tokens_organisation() {
    let world = world().await;
    let token = world.token("XAA").await;
    let answer = send(&world, &token, "/api/v1/events", "{\"a\":1}\n{\"a\":2}\n").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(answer.body, r#"{"accepted":2,"refused":0,"problems":[]}"#);
    let batches = world.app.intake.log().read(Seq(0), usize::MAX).await.expect("read");
    assert_eq!(batches[0].organisation, common::code("XAA"));
    assert_eq!(kept(&world).await, "{\"a\":1}\n{\"a\":2}\n");
}

#[tokio::test]
async fn without_a_valid_token_nothing_is_taken() {
    let world = world().await;
    for path in ["/api/v1/events", "/_bulk", "/elastic/_bulk", "/x/_bulk"] {
        for token in ["", "wrong", "ward_ingest_0_x"] {
            let answer = send(&world, token, path, "{}\n").await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path} {token}");
            assert!(!answer.header("www-authenticate").is_empty(), "{path}");
        }
    }
    assert_eq!(kept(&world).await, "");
}

#[tokio::test]
async fn a_bad_line_is_told_by_number_and_the_rest_is_accepted() {
    let world = world().await;
    let token = world.token("XAA").await;
    let answer = send(&world, &token, "/api/v1/events", "{\"a\":1}\nnonsense\n{\"a\":2}\n").await;
    let told: Value = serde_json::from_str(&answer.body).expect("JSON");
    assert_eq!((answer.status, &told["accepted"]), (StatusCode::OK, &2.into()));
    assert_eq!(told["problems"][0]["line"], 2);

    let answer = send(&world, &token, "/api/v1/events", "\nnonsense\n").await;
    let told: Value = serde_json::from_str(&answer.body).expect("JSON");
    assert_eq!((answer.status, &told["line"]), (StatusCode::BAD_REQUEST, &2.into()));
    let answer = send(&world, &token, "/api/v1/events", "").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_line_or_a_body_beyond_the_bound_is_413() {
    let world = world().await;
    let token = world.token("XAA").await;
    let body = format!("{{\"a\":\"{}\"}}\n", "x".repeat((1 << 20) - 8));
    let answer = send(&world, &token, "/api/v1/events", body.repeat(2)).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "{}", answer.body);
    assert_eq!(kept(&world).await, "");
}

#[tokio::test]
async fn packed_bodies_are_unpacked_and_a_bomb_is_refused() {
    let world = world().await;
    let token = world.token("XAA").await;
    let pack = |bytes: &[u8]| zstd::bulk::compress(bytes, 1).expect("packed");
    let ask = |body: Vec<u8>, encoding: &str| {
        Request::post("/api/v1/events")
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_ENCODING, encoding)
            .body(Body::from(body))
            .expect("a request")
    };
    let answer = world.ask(ask(pack(b"{\"a\":1}\n"), "zstd")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let bomb = pack(&vec![b' '; 64 << 20]);
    assert_eq!(world.ask(ask(bomb, "zstd")).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(world.ask(ask(b"{}".to_vec(), "gzip")).await.status, StatusCode::BAD_REQUEST);
    let answer = world.ask(ask(b"{}".to_vec(), "br")).await;
    assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(kept(&world).await, "{\"a\":1}\n");
}

#[tokio::test]
async fn each_item_of_a_bulk_is_answered_by_itself() {
    let world = world().await;
    let token = world.token("XAA").await;
    let body = "{\"create\":{\"_index\":\"winlogbeat\",\"_id\":\"one\"}}\n{\"a\":1}\n\
                {\"index\":{}}\n[1]\n{\"delete\":{\"_id\":\"one\"}}\n{\"index\":{}}\n{\"a\":2}\n";
    let answer = send(&world, &token, "/logs/_bulk", body).await;
    let told: Value = serde_json::from_str(&answer.body).expect("JSON");
    assert_eq!(answer.header("x-elastic-product"), "Elasticsearch");
    assert_eq!(told["errors"], true);
    let statuses: Vec<i64> = told["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|item| item.as_object().expect("one").values().next().expect("it")["status"].as_i64())
        .map(|status| status.expect("a status"))
        .collect();
    assert_eq!(statuses, [201, 400, 400, 201]);
    assert_eq!(told["items"][0]["create"]["_id"], "one");
    assert_eq!(told["items"][3]["index"]["_index"], "logs");
    assert_eq!(kept(&world).await, "{\"a\":1}\n{\"a\":2}\n");
}

#[tokio::test]
async fn the_handshake_is_for_shippers_and_the_first_page_for_browsers() {
    let world = world().await;
    let token = world.token("XAA").await;
    let kind = "application/vnd.elasticsearch+json; compatible-with=8";
    for path in ["/", "/elastic"] {
        let request = Request::get(path)
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::ACCEPT, kind)
            .body(Body::empty())
            .expect("a request");
        let answer = world.ask(request).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
        assert_eq!(answer.header("x-elastic-product"), "Elasticsearch");
        assert!(answer.header("content-type").contains("compatible-with=8"));
        let told: Value = serde_json::from_str(&answer.body).expect("JSON");
        assert_eq!(told["tagline"], "You Know, for Search");
    }
    let page = world.nobody().get("/").await;
    assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, "/sign-in"));
}
