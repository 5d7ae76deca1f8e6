//! The stream of news for pages that are alive: what to look at again, never what it looks like.
//!
//! One message tells one topic: `event: change`, `data: {"topic": "alerts", "count": 5}`. News of
//! alerts outside of the view are not told, not even that they were. News come in bursts; at most
//! two messages a second leave. A stream ends after a while, so that whoever may see nothing more
//! is asked again who they are.

use std::{collections::BTreeSet, convert::Infallible, time::Duration};

use access::Permission;
use axum::{
    extract::State,
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use bus::{Broadcast, Subscription};
use futures_util::{Stream, StreamExt, stream};
use sector::Map;
use serde::Serialize;
use terms::{AlertId, Scope};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::{failure::Failure, news::News, page::Desk, routes::Routes};

pub(super) fn routes() -> Routes {
    Routes::new().get("/live", live)
}

/// Between two messages.
const PAUSE: Duration = Duration::from_millis(500);
/// Of silence before a comment shows that the stream lives.
const KEPT_ALIVE: Duration = Duration::from_secs(15);
/// A stream's life. The browser opens another, and signs in where it must.
const LIFE: Duration = Duration::from_secs(15 * 60);
/// When the browser opens another.
const RETRY: Duration = Duration::from_secs(3);
/// Ids told in one message; more are only counted.
const IDS: usize = 50;

async fn live(
    State(news): State<Broadcast<News>>,
    State(map): State<Map>,
    State(stop): State<CancellationToken>,
    desk: Desk,
) -> Result<Response, Failure> {
    let scope = desk.scope(Permission::ViewAlerts)?;
    let messages = messages(news.subscribe(), map, scope, stop);
    let begin = stream::once(async { Ok(Event::default().retry(RETRY).comment("listening")) });
    let events = begin.chain(messages.map(|message| Ok::<_, Infallible>(message.event())));
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEPT_ALIVE)).into_response())
}

/// One topic that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Message {
    topic: &'static str,
    /// How many things changed.
    count: usize,
    /// Some of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ids: Vec<String>,
}

impl Message {
    fn event(&self) -> Event {
        let data = serde_json::to_string(self).unwrap_or_default();
        Event::default().event("change").data(data)
    }
}

/// What is still to be told.
#[derive(Default)]
struct Waiting {
    alerts: BTreeSet<AlertId>,
    /// Alerts may have changed that are not known by id.
    are_alerts_missed: bool,
    is_map: bool,
    are_rules: bool,
}

impl Waiting {
    fn is_empty(&self) -> bool {
        self.alerts.is_empty() && !self.are_alerts_missed && !self.is_map && !self.are_rules
    }

    fn add(&mut self, news: News, map: &Map, scope: &Scope) {
        match news {
            News::Alerts(changed) => {
                let graph = map.graph();
                let inside = changed.iter().filter(|(_, code)| graph.contains(scope, code));
                self.alerts.extend(inside.map(|(id, _)| *id));
            }
            News::Map => self.is_map = true,
            News::Rules => self.are_rules = true,
        }
    }

    /// A listener that was too slow looks at everything again.
    fn missed(&mut self) {
        (self.are_alerts_missed, self.is_map, self.are_rules) = (true, true, true);
    }

    /// The next message; alerts first.
    fn next(&mut self) -> Option<Message> {
        let plain = |topic| Some(Message { topic, count: 1, ids: Vec::new() });
        if !self.alerts.is_empty() || std::mem::take(&mut self.are_alerts_missed) {
            self.are_alerts_missed = false;
            let alerts = std::mem::take(&mut self.alerts);
            let ids = alerts.iter().rev().take(IDS).map(ToString::to_string);
            return Some(Message {
                topic: "alerts",
                count: alerts.len().max(1),
                ids: ids.collect(),
            });
        }
        if std::mem::take(&mut self.is_map) {
            return plain("map");
        }
        if std::mem::take(&mut self.are_rules) {
            return plain("rules");
        }
        None
    }
}

struct Listener {
    news: Subscription<News>,
    map: Map,
    scope: Scope,
    stop: CancellationToken,
    waiting: Waiting,
    /// Before then nothing leaves.
    not_before: Instant,
    ends: Instant,
}

/// Messages until the process stops or the stream's life is over.
fn messages(
    news: Subscription<News>,
    map: Map,
    scope: Scope,
    stop: CancellationToken,
) -> impl Stream<Item = Message> {
    let (waiting, now) = (Waiting::default(), Instant::now());
    let ends = now + LIFE;
    let listener = Listener { news, map, scope, stop, waiting, not_before: now, ends };
    stream::unfold(listener, async |mut listener| {
        let message = listener.next().await?;
        Some((message, listener))
    })
}

impl Listener {
    async fn next(&mut self) -> Option<Message> {
        loop {
            let is_due = !self.waiting.is_empty() && Instant::now() >= self.not_before;
            if is_due && let Some(message) = self.waiting.next() {
                self.not_before = Instant::now() + PAUSE;
                return Some(message);
            }
            let due = if self.waiting.is_empty() { self.ends } else { self.not_before };
            tokio::select! {
                () = self.stop.cancelled() => return None,
                () = sleep_until(self.ends) => return None,
                () = sleep_until(due) => {}
                news = self.news.next() => match news {
                    None => return None,
                    Some(Ok(news)) => self.waiting.add(news, &self.map, &self.scope),
                    Some(Err(_)) => self.waiting.missed(),
                },
            }
        }
    }
}
