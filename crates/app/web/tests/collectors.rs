//! Telemetry in the protocols of others: Splunk's collector and OpenTelemetry, what is accepted,
//! what is refused, and how each protocol is told.

mod common;

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use bus::{EventLog, Limits, Seq};
use common::{Answer, World, world};
use db::{Db, Place, Schema};
use intake::Intake;
use serde_json::{Value, json};
use terms::Scope;
use testkit::now;
use web::App;

async fn send(
    world: &World,
    path: &str,
    headers: &[(header::HeaderName, &str)],
    body: impl Into<Body>,
) -> Answer {
    let mut request = Request::post(path);
    for (name, value) in headers {
        request = request.header(name, *value);
    }
    world.ask(request.body(body.into()).expect("a request")).await
}

async fn kept(world: &World) -> String {
    let batches = world.app.intake.log().read(Seq(0), usize::MAX).await.expect("read");
    let batches = batches.iter();
    batches.map(|batch| String::from_utf8_lossy(&batch.records).into_owned()).collect()
}

fn told(answer: &Answer) -> (u16, Value) {
    (answer.status.as_u16(), serde_json::from_str(&answer.body).expect("JSON"))
}

async fn hec(world: &World, authorization: &str, path: &str, body: &str) -> (u16, Value) {
    let headers = [(header::AUTHORIZATION, authorization)];
    told(&send(world, path, &headers, body.to_owned()).await)
}

#[tokio::test]
async fn the_collector_keeps_events_and_raw_lines_of_the_tokens_organisation() {
    let world = world().await;
    let token = format!("Splunk {}", world.token("XAA").await);
    let success = (200, json!({"text": "Success", "code": 0}));
    for path in
        ["/services/collector", "/services/collector/event", "/services/collector/event/1.0"]
    {
        let body = r#"{"event":{"a":1}}{"event":"b"}"#;
        assert_eq!(hec(&world, &token, path, body).await, success);
    }
    assert_eq!(hec(&world, &token, "/services/collector/raw?host=h", "x\ny\n").await, success);
    let batches = world.app.intake.log().read(Seq(0), usize::MAX).await.expect("read");
    assert!(batches.iter().all(|batch| batch.organisation == common::code("XAA")));
    assert_eq!(kept(&world).await.lines().count(), 8);
}

#[tokio::test]
async fn the_collector_says_by_its_own_numbers_what_is_wrong() {
    let world = world().await;
    let token = world.token("XAA").await;
    let check = async |authorization: &str, body: &str, status: u16, code: u8| {
        let (was, told) = hec(&world, authorization, "/services/collector/event", body).await;
        assert_eq!((was, &told["code"]), (status, &code.into()), "{authorization} {body}: {told}");
        told
    };
    let event = r#"{"event":1}"#;
    check("Bearer x", event, 401, 3).await;
    check("Splunk", event, 401, 3).await;
    check("Splunk wrong", event, 403, 4).await;
    let token = format!("Splunk {token}");
    check(&token, "", 400, 5).await;
    check(&token, "nonsense", 400, 6).await;
    check(&token, r#"{"event":""}"#, 400, 13).await;
    let told = check(&token, r#"{"event":1}{"host":"h"}{"event":2}"#, 400, 12).await;
    assert_eq!(told["invalid-event-number"], 1);
    let messages: Vec<Value> = kept(&world)
        .await
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON")["message"].clone())
        .collect();
    assert_eq!(messages, [json!(1), json!(2)], "what could be read was kept");
    let nobody = send(&world, "/services/collector/raw", &[], "x").await;
    assert_eq!(told_code(&nobody), (401, 2));
}

fn told_code(answer: &Answer) -> (u16, u64) {
    let (status, told) = told(answer);
    (status, told["code"].as_u64().expect("a code"))
}

#[tokio::test]
async fn the_collectors_health_is_told_without_a_token() {
    let world = world().await;
    let request = Request::get("/services/collector/health").body(Body::empty()).expect("it");
    assert_eq!(told_code(&world.ask(request).await), (200, 17));
}

fn logs(bodies: &[&str]) -> String {
    let records: Vec<Value> =
        bodies.iter().map(|body| json!({"body": {"stringValue": body}})).collect();
    json!({"resourceLogs": [{"scopeLogs": [{"logRecords": records}]}]}).to_string()
}

/// The same in protocol buffers; texts shorter than a hundred bytes.
fn packed(bodies: &[&str]) -> Vec<u8> {
    let field = |number: u8, inside: &[u8]| {
        let length = u8::try_from(inside.len()).ok().filter(|n| *n < 128).expect("short");
        [&[number << 3 | 2, length][..], inside].concat()
    };
    let record = |body: &&str| field(2, &field(5, &field(1, body.as_bytes())));
    let records: Vec<u8> = bodies.iter().flat_map(record).collect();
    field(1, &field(2, &records))
}

#[tokio::test]
async fn logs_are_kept_in_both_encodings_and_answered_in_the_same() {
    let world = world().await;
    let token = format!("Bearer {}", world.token("XAA").await);
    for (kind, body, answer) in [
        ("application/json", logs(&["a"]).into_bytes(), "{}"),
        ("application/x-protobuf", packed(&["b"]), ""),
    ] {
        let headers = [(header::AUTHORIZATION, token.as_str()), (header::CONTENT_TYPE, kind)];
        let told = send(&world, "/v1/logs", &headers, body).await;
        assert_eq!((told.status, told.body.as_str()), (StatusCode::OK, answer));
        assert_eq!(told.header("content-type"), kind);
    }
    let kept = kept(&world).await;
    assert_eq!(kept, "{\"message\":\"a\",\"otlp\":{}}\n{\"message\":\"b\",\"otlp\":{}}\n");
}

#[tokio::test]
async fn a_log_record_that_is_too_long_is_told_and_the_others_are_kept() {
    let world = world().await;
    let token = format!("Bearer {}", world.token("XAA").await);
    let headers = [
        (header::AUTHORIZATION, token.as_str()),
        (header::CONTENT_TYPE, "application/json"),
        (header::CONTENT_ENCODING, "zstd"),
    ];
    let body = logs(&[&"x".repeat(1 << 20), "short"]);
    let body = zstd::bulk::compress(body.as_bytes(), 1).expect("packed");
    let (status, told) = told(&send(&world, "/v1/logs", &headers, body).await);
    assert_eq!(status, 200);
    assert_eq!(told["partialSuccess"]["rejectedLogRecords"], json!("1"), "{told}");
    assert_eq!(kept(&world).await, "{\"message\":\"short\",\"otlp\":{}}\n");
}

#[tokio::test]
async fn what_is_no_request_of_logs_is_refused_in_its_encoding() {
    let world = world().await;
    let token = format!("Bearer {}", world.token("XAA").await);
    let check =
        async |authorization: &str, kind: &str, body: &'static [u8], status: u16, code: u8| {
            let headers = [(header::AUTHORIZATION, authorization), (header::CONTENT_TYPE, kind)];
            let answer = send(&world, "/v1/logs", &headers, body).await;
            assert_eq!(answer.status.as_u16(), status, "{kind}: {}", answer.body);
            if kind == "application/json" {
                assert_eq!(told(&answer).1["code"], code, "{}", answer.body);
            }
        };
    check(&token, "application/json", b"nonsense", 400, 3).await;
    check(&token, "application/x-protobuf", b"\xff\xff\xff", 400, 3).await;
    check(&token, "text/plain", b"x", 415, 3).await;
    check("Bearer wrong", "application/json", b"{}", 401, 16).await;
    assert_eq!(kept(&world).await, "");
}

#[tokio::test]
async fn each_protocol_tells_a_sender_to_come_again_when_too_much_waits() {
    let world = world().await;
    let token = world.token("XAA").await;
    let (splunk, bearer) = (format!("Splunk {token}"), format!("Bearer {token}"));
    let folder = tempfile::tempdir().expect("a folder");
    let events = Place::Sqlite(folder.path().join("events.db"));
    let events = Db::open_as(Schema::Log, &events).await.expect("a database");
    let limits = Limits { backlog_bytes: 0, ..Limits::default() };
    let (log, _writer) = EventLog::open(events, limits).await.expect("a log");
    let intake = Intake::new(log, world.t.db.clone());
    let app = App { intake, ..world.app.clone() };
    let full = world.with(app);
    let headers = [(header::AUTHORIZATION, splunk.as_str())];
    let answer = send(&full, "/services/collector/raw", &headers, "x").await;
    assert_eq!(told_code(&answer), (503, 9));
    assert_eq!(answer.header("retry-after"), "10");
    let json = (header::CONTENT_TYPE, "application/json");
    let headers = [(header::AUTHORIZATION, bearer.as_str()), json];
    let answer = send(&full, "/v1/logs", &headers, logs(&["x"])).await;
    assert_eq!((answer.status.as_u16(), told(&answer).1["code"].as_u64()), (429, Some(8)));
    assert_eq!(answer.header("retry-after"), "10");
    let answer = grpc(&full, &bearer, &packed(&["x"])).await;
    assert_eq!(answer.header("grpc-status"), "8");
    assert!(!answer.header("grpc-status-details-bin").is_empty(), "no word of when to come again");
}

async fn grpc(world: &World, token: &str, message: &[u8]) -> Answer {
    call(world, token, "identity", framed(false, message)).await
}

/// A message as it is sent.
fn framed(is_packed: bool, message: &[u8]) -> Vec<u8> {
    let length = (message.len() as u32).to_be_bytes();
    [&[u8::from(is_packed)][..], &length, message].concat()
}

async fn call(world: &World, token: &str, encoding: &str, body: Vec<u8>) -> Answer {
    let headers = [
        (header::AUTHORIZATION, token),
        (header::CONTENT_TYPE, "application/grpc"),
        (header::TE, "trailers"),
        (header::HeaderName::from_static("grpc-encoding"), encoding),
    ];
    send(world, "/opentelemetry.proto.collector.logs.v1.LogsService/Export", &headers, body).await
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("bytes");
    std::fs::write(&file, bytes).expect("written");
    let packed = std::process::Command::new("gzip").arg("--stdout").arg(file).output();
    packed.expect("gzip").stdout
}

/// What whoever looks after the one source sees: how much was refused, and why.
async fn refused(world: &World) -> (i64, Vec<String>) {
    let intake = &world.app.intake;
    intake.flush().await.expect("written");
    let sources = intake.sources(&Scope::sector()).await.expect("read");
    let Some(source) = sources.first() else { return (0, Vec::new()) };
    let found = intake.source(&Scope::sector(), source.source, now()).await.expect("read");
    let (state, _, failures) = found.expect("a source");
    (state.refused, failures.into_iter().map(|one| one.reason).collect())
}

#[tokio::test]
async fn the_service_over_grpc_keeps_logs_and_tells_what_it_cannot_read() {
    let world = world().await;
    let token = format!("Bearer {}", world.token("XAA").await);
    let answer = grpc(&world, &token, &packed(&["a"])).await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, "\0\0\0\0\0"));
    assert_eq!(kept(&world).await, "{\"message\":\"a\",\"otlp\":{}}\n");
    let answer = grpc(&world, &token, b"\xff\xff\xff").await;
    assert_eq!(answer.header("grpc-status"), "3", "{:?}", answer.headers);
    let answer = grpc(&world, "Bearer wrong", &packed(&["b"])).await;
    assert_eq!(answer.header("grpc-status"), "16");
    assert_eq!(kept(&world).await.lines().count(), 1);
}

#[tokio::test]
async fn a_packed_message_over_grpc_is_unpacked_and_what_is_no_message_is_refused() {
    let world = world().await;
    let token = format!("Bearer {}", world.token("XAA").await);
    let check = async |encoding: &str, body: Vec<u8>, status: &str| {
        let answer = call(&world, &token, encoding, body).await;
        assert_eq!(answer.header("grpc-status"), status, "{encoding}: {:?}", answer.headers);
        answer
    };
    let one = packed(&["a"]);
    // Of what is kept, the status comes at the end.
    check("gzip", framed(true, &gzip(&one)), "").await;
    check("gzip", framed(false, &one), "").await;
    assert_eq!(kept(&world).await.lines().count(), 2);
    let answer = check("snappy", framed(true, &one), "12").await;
    assert_eq!(answer.header("grpc-accept-encoding"), "gzip");
    check("identity", framed(true, &one), "3").await;
    check("gzip", framed(true, b"not packed"), "3").await;
    check("identity", vec![0; 4], "3").await;
    check("identity", [framed(false, &one), vec![0]].concat(), "3").await;
    assert_eq!(kept(&world).await.lines().count(), 2);
    assert_eq!(refused(&world).await.0, 5);
}

#[tokio::test]
async fn a_message_over_grpc_that_is_too_long_is_not_to_be_sent_again_and_shown_at_its_source() {
    let world = world().await;
    let token = format!("Bearer {}", world.token("XAA").await);
    let as_sent = framed(false, &vec![0; world.app.settings.body_bytes]);
    let unpacked = framed(true, &gzip(&vec![0; world.app.settings.unpacked_bytes + 1]));
    assert!(unpacked.len() < world.app.settings.body_bytes);
    for body in [as_sent, unpacked] {
        let answer = call(&world, &token, "gzip", body).await;
        assert_eq!(answer.header("grpc-status"), "3", "{:?}", answer.headers);
        assert_eq!(answer.header("grpc-status-details-bin"), "");
    }
    let (count, reasons) = refused(&world).await;
    assert_eq!(count, 2);
    assert!(reasons.iter().all(|reason| reason.contains("send smaller batches")), "{reasons:?}");
}

#[tokio::test]
async fn a_small_request_whose_records_would_be_large_is_refused_whole_by_each_protocol() {
    let world = world().await;
    let token = world.token("XAA").await;
    let (splunk, bearer) = (format!("Splunk {token}"), format!("Bearer {token}"));
    let path = format!("/services/collector/raw?source={}", "x".repeat(2_000));
    let headers = [(header::AUTHORIZATION, splunk.as_str())];
    let answer = send(&world, &path, &headers, "x\n".repeat(4_000)).await;
    assert_eq!(told_code(&answer), (413, 27));

    let json = (header::CONTENT_TYPE, "application/json");
    let zstd = (header::CONTENT_ENCODING, "zstd");
    let headers = [(header::AUTHORIZATION, bearer.as_str()), json, zstd];
    let attributes = json!([{"key": "x", "value": {"stringValue": "x".repeat(2_000)}}]);
    let records = json!({"resourceLogs": [{"resource": {"attributes": attributes},
        "scopeLogs": [{"logRecords": vec![json!({}); 4_000]}]}]});
    let empty = format!("{{\"resourceLogs\":[{}{{}}]}}", "{},".repeat(wire::otlp::MOST_PARTS + 1));
    for body in [records.to_string(), empty] {
        let body = zstd::bulk::compress(body.as_bytes(), 1).expect("packed");
        let (status, told) = told(&send(&world, "/v1/logs", &headers, body).await);
        assert_eq!((status, told["code"].as_u64()), (413, Some(3)), "{told}");
    }
    let empty = gzip(&b"\x0a\x00".repeat(wire::otlp::MOST_PARTS + 1));
    let answer = call(&world, &bearer, "gzip", framed(true, &empty)).await;
    assert_eq!(answer.header("grpc-status"), "3", "{:?}", answer.headers);

    assert_eq!(kept(&world).await, "");
    let (count, reasons) = refused(&world).await;
    assert_eq!(count, 4);
    assert!(reasons.iter().all(|reason| reason.contains("send smaller batches")), "{reasons:?}");
}

#[tokio::test]
async fn while_it_cannot_be_looked_up_who_sends_each_protocol_tells_to_come_again() {
    let world = world().await;
    let token = world.token("XAA").await;
    let (splunk, bearer) = (format!("Splunk {token}"), format!("Bearer {token}"));
    world.t.db.clone().close().await.expect("closed");
    let headers = [(header::AUTHORIZATION, splunk.as_str())];
    let answer = send(&world, "/services/collector/raw", &headers, "x").await;
    assert_eq!(told_code(&answer), (503, 9));
    assert_eq!(answer.header("retry-after"), "5");
    let json = (header::CONTENT_TYPE, "application/json");
    let headers = [(header::AUTHORIZATION, bearer.as_str()), json];
    let answer = send(&world, "/v1/logs", &headers, logs(&["x"])).await;
    assert_eq!((answer.status.as_u16(), told(&answer).1["code"].as_u64()), (503, Some(14)));
    assert_eq!(answer.header("retry-after"), "5");
    let answer = grpc(&world, &bearer, &packed(&["x"])).await;
    assert_eq!(answer.header("grpc-status"), "14");
    assert!(!answer.header("grpc-status-details-bin").is_empty(), "no word of when to come again");
}
