//! The stream of news: only what lies within the scope, never more than twice a second.

use std::time::Duration;

use axum::{body::Body, http::StatusCode};
use http_body_util::BodyExt;
use terms::AlertId;
use testkit::now;
use tower::ServiceExt;
use web::News;

use crate::common::{ANALYST, VIEWER, World, code, world};

/// An open stream.
struct Stream {
    body: Body,
    text: String,
}

impl Stream {
    async fn open(world: &World, email: &str) -> Self {
        let request = world.browser(email).await.request("GET", "/live");
        let request = request.body(Body::empty()).expect("a request");
        let response = world.router.clone().oneshot(request).await.expect("an answer");
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let mut stream = Self { body: response.into_body(), text: String::new() };
        stream.read_until("listening").await;
        stream
    }

    /// Reads on until the text came; all that came so far.
    async fn read_until(&mut self, wanted: &str) {
        while !self.text.contains(wanted) {
            let frame = tokio::time::timeout(Duration::from_secs(5), self.body.frame()).await;
            let frame = frame.unwrap_or_else(|_| panic!("{wanted} never came: {}", self.text));
            let data = frame.expect("the stream goes on").expect("a frame").into_data();
            self.text += &String::from_utf8_lossy(&data.expect("data"));
        }
    }

    /// What comes within a time.
    async fn read_for(&mut self, time: Duration) {
        let _ = tokio::time::timeout(time, self.read_until("nothing has this text")).await;
    }

    fn messages(&self) -> Vec<serde_json::Value> {
        let data = self.text.lines().filter_map(|line| line.strip_prefix("data: "));
        data.map(|text| serde_json::from_str(text).expect("JSON")).collect()
    }
}

fn news(ids: &[AlertId], organisation: &str) -> News {
    News::Alerts(ids.iter().map(|id| (*id, code(organisation))).collect())
}

#[tokio::test]
async fn news_of_others_are_not_told_and_own_ones_are_counted_once_each() {
    let world = world().await;
    let mut stream = Stream::open(&world, VIEWER).await;
    let (own, other) = (AlertId::new(now()), AlertId::new(now()));
    world.app.news.publish(news(&[other, AlertId::new(now())], "XBB"));
    stream.read_for(Duration::from_millis(300)).await;
    assert!(stream.messages().is_empty(), "{}", stream.text);
    world.app.news.publish(news(&[own], "XAA"));
    stream.read_until("\"alerts\"").await;
    assert!(stream.text.contains("event: change"), "{}", stream.text);
    for _ in 0..5 {
        world.app.news.publish(news(&[own, other], "XAA"));
    }
    stream.read_until("\"count\":2").await;
    let messages = stream.messages();
    assert_eq!((messages.len(), &messages[0]["count"]), (2, &1.into()), "{messages:?}");
    assert_eq!(messages[0]["ids"][0], own.to_string());
}

#[tokio::test]
async fn a_burst_becomes_at_most_two_messages_a_second() {
    let world = world().await;
    let mut stream = Stream::open(&world, ANALYST).await;
    let begin = tokio::time::Instant::now();
    for _ in 0..40 {
        world.app.news.publish(news(&[AlertId::new(now())], "XAA"));
        world.app.news.publish(News::Map);
        world.app.news.publish(News::Rules);
        stream.read_for(Duration::from_millis(50)).await;
    }
    let most = begin.elapsed().as_millis() / 500 + 1;
    let messages = stream.messages();
    assert!(messages.len() as u128 <= most, "{} messages: {messages:?}", messages.len());
    stream.read_until("\"topic\":\"map\"").await;
    stream.read_until("\"topic\":\"rules\"").await;
}

#[tokio::test]
async fn a_listener_that_was_too_slow_looks_at_everything_again() {
    let world = world().await;
    let mut stream = Stream::open(&world, ANALYST).await;
    for _ in 0..200 {
        world.app.news.publish(news(&[AlertId::new(now())], "XBB"));
    }
    stream.read_until("\"topic\":\"alerts\"").await;
    stream.read_until("\"topic\":\"map\"").await;
}

#[tokio::test]
async fn the_stream_ends_when_the_process_stops() {
    let world = world().await;
    let mut stream = Stream::open(&world, ANALYST).await;
    world.app.stop.cancel();
    let ended = tokio::time::timeout(Duration::from_secs(5), stream.body.frame()).await;
    assert!(ended.expect("it ends").is_none());
}
