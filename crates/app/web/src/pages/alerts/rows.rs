//! Alerts as rows of a table, as the queue and the pages of alerts, devices and rules show them.

use std::collections::HashMap;

use detect::alert::{Alert, Sort as Order, State, Verdict, headline};
use sector::Graph;
use terms::{OdsCode, PersonId, Timestamp};

use super::{harm, moves::Chosen, query::Query};
use crate::pieces::{Cell, Column, Moment, Row, Sort};

/// What rows are told by.
pub(crate) struct Told<'t> {
    /// The moment of the request.
    pub(crate) now: Timestamp,
    /// Who reads.
    pub(crate) me: PersonId,
    /// Names of owners.
    pub(crate) names: &'t HashMap<PersonId, String>,
    /// The map.
    pub(crate) graph: &'t Graph,
    /// The reader's time zone.
    pub(crate) zone: &'t str,
}

impl Told<'_> {
    /// What a person is called.
    pub(crate) fn person(&self, id: PersonId) -> String {
        match self.names.get(&id) {
            _ if id == self.me => "You".to_owned(),
            Some(name) => name.clone(),
            None => "Somebody who left".to_owned(),
        }
    }

    /// A time as they read it.
    pub(crate) fn moment(&self, at: Timestamp) -> Moment {
        Moment::within(at, self.now, self.zone)
    }

    /// What an organisation is called.
    pub(crate) fn organisation(&self, code: &OdsCode) -> String {
        organisation(self.graph, code)
    }

    /// A row of the queue.
    pub(crate) fn row(&self, alert: &Alert) -> Row {
        let parts = headline::parts(&alert.headline);
        let seen = if parts.seen.is_empty() { &alert.rule.title } else { parts.seen };
        let device = match (alert.is_flood, alert.device.as_str()) {
            (true, _) => crate::pieces::words::count(number(alert.devices), "device", None),
            (false, "") => "device not named".to_owned(),
            (false, device) => device.to_owned(),
        };
        let cells = vec![
            Cell::Headline {
                what: parts.what.to_owned(),
                supports: sentence(parts.supports),
                seen: seen.to_owned(),
                href: format!("/alerts/{}", alert.id),
            },
            Cell::Harm { harm: harm::of(alert) },
            Cell::Lines { text: self.organisation(&alert.organisation), below: device, href: None },
            Cell::Time { at: self.moment(alert.last_seen), is_short: true },
            Cell::Number { number: number(alert.count) },
            self.owner(alert),
        ];
        Row { id: Chosen::of(alert).to_string(), cells, is_new: alert.state == State::New }
    }

    /// Whose work it is, or how it ended.
    fn owner(&self, alert: &Alert) -> Cell {
        let owner = alert.owner.map(|owner| self.person(owner));
        match (alert.state, alert.verdict) {
            (State::Closed, Some(verdict)) => Cell::Lines {
                text: format!("Closed: {}", verdict_in_words(verdict)),
                below: owner.unwrap_or_default(),
                href: None,
            },
            _ => Cell::text(owner.unwrap_or_else(|| "Nobody yet".to_owned())),
        }
    }
}

/// The head of the queue's table, sorted by links.
pub(crate) fn columns(query: &Query, order: Order) -> Vec<Column> {
    let column = |text: &str, is_numeric, sort| Column { text: text.to_owned(), is_numeric, sort };
    vec![
        column("What happened", false, None),
        column("Harm", false, Some(by(query, order, Order::Rank, Order::Level))),
        column("Organisation and device", false, None),
        column("Last seen", false, Some(by_age(query, order))),
        column("Times", true, Some(by(query, order, Order::Count, Order::Rank))),
        column("Who has it", false, None),
    ]
}

/// Sorted from the most downwards; pressed again, by something else.
fn by(query: &Query, order: Order, wanted: Order, otherwise: Order) -> Sort {
    let is_sorted = order == wanted;
    let next = if is_sorted { otherwise } else { wanted };
    Sort { href: sorted(query, next), direction: if is_sorted { "descending" } else { "none" } }
}

/// Newest first, then oldest first.
fn by_age(query: &Query, order: Order) -> Sort {
    let (next, direction) = match order {
        Order::Newest => (Order::Oldest, "descending"),
        Order::Oldest => (Order::Newest, "ascending"),
        _ => (Order::Newest, "none"),
    };
    Sort { href: sorted(query, next), direction }
}

fn sorted(query: &Query, order: Order) -> String {
    let sort = if order == Order::default() { String::new() } else { order.as_str().to_owned() };
    Query { sort, ..query.clone() }.href("/alerts")
}

/// What an organisation is called; its code where the map does not know it.
pub(crate) fn organisation(graph: &Graph, code: &OdsCode) -> String {
    graph.organisation(code).map_or_else(|| code.to_string(), |one| one.name.clone())
}

/// What may be going on and where: the first sentence of a headline.
pub(crate) fn what(alert: &Alert) -> String {
    headline::parts(&alert.headline).what.to_owned()
}

/// A sentence with its full stop; nothing of nothing.
pub(super) fn sentence(text: &str) -> String {
    if text.is_empty() || text.ends_with('…') { text.to_owned() } else { format!("{text}.") }
}

/// A verdict as people say it.
pub(crate) fn verdict_in_words(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::TruePositive => "true positive",
        Verdict::Benign => "benign",
        Verdict::FalsePositive => "false positive",
    }
}

/// A count as pieces take it.
pub(crate) fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
