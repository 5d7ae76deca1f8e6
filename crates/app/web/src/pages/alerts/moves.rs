//! People's moves, each with its trace: pages and API make them through here, so that neither can
//! forget the audit trail or the news.

use std::sync::Arc;

use access::{
    Caller,
    audit::{self, Entry, On},
};
use bus::Broadcast;
use detect::alert::{
    Alert, AlertError, Alerts, Move,
    service::{Act, Done},
};
use serde_json::json;
use terms::{AlertId, DeedId, OdsCode, Scope, Timestamp};

use super::failed::{db, failed};
use crate::{failure::Failure, news::News};

/// An alert with the version somebody looked at; written `id.version`, or the id alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Chosen {
    pub(crate) id: AlertId,
    pub(crate) seen: Option<i64>,
}

impl Chosen {
    /// The alert as it was just read.
    pub(crate) fn of(alert: &Alert) -> Self {
        Self { id: alert.id, seen: Some(alert.version) }
    }
}

impl std::fmt::Display for Chosen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.seen {
            Some(seen) => write!(f, "{}.{seen}", self.id),
            None => write!(f, "{}", self.id),
        }
    }
}

impl std::str::FromStr for Chosen {
    type Err = terms::id::UnreadableId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (id, seen) = match text.split_once('.') {
            Some((id, seen)) => (id, seen.parse().ok()),
            None => (text, None),
        };
        Ok(Self { id: id.parse()?, seen })
    }
}

/// What moves are made with.
#[derive(Clone)]
pub(crate) struct Moves {
    pub(crate) alerts: Alerts,
    pub(crate) news: Broadcast<News>,
}

impl axum::extract::FromRef<crate::App> for Moves {
    fn from_ref(app: &crate::App) -> Self {
        Self { alerts: app.alerts.clone(), news: app.news.clone() }
    }
}

impl Moves {
    /// The chosen alerts that lie in the scope, in the order they were chosen.
    pub(crate) async fn looked_up(
        &self,
        scope: &Scope,
        chosen: &[Chosen],
    ) -> Result<Vec<Alert>, Failure> {
        let mut found = Vec::with_capacity(chosen.len());
        for one in chosen {
            match self.alerts.one(scope, one.id).await {
                Ok((alert, _)) => found.push(alert),
                Err(AlertError::NotFound(_)) => {}
                Err(error) => return Err(failed(error)),
            }
        }
        Ok(found)
    }

    /// Makes a move with the chosen alerts. `known` are those of them that lie in the scope.
    pub(crate) async fn make(
        &self,
        caller: &Caller,
        scope: &Scope,
        (chosen, known): (&[Chosen], &[Alert]),
        asked: &Move,
        now: Timestamp,
    ) -> Result<Act, Failure> {
        let alerts: Vec<(AlertId, Option<i64>)> =
            chosen.iter().map(|one| (one.id, one.seen)).collect();
        let write = self.alerts.db().write().await.map_err(db)?;
        let act = self.alerts.act(&write, scope, &alerts, asked, caller.person, now).await;
        let act = act.map_err(failed)?;
        let (what, details) = told(asked);
        for (id, organisation) in moved(&act.done, known) {
            let entry = Entry::new(now, caller.who(), what, On::new("alert", id));
            let entry = entry.of(organisation).with(details.clone());
            audit::append(&write, entry).await.map_err(db)?;
        }
        write.commit().await.map_err(|error| db(error.into()))?;
        self.publish(&act, known);
        Ok(act)
    }

    /// Takes an act back, for those of its alerts that lie in the scope.
    pub(crate) async fn undo(
        &self,
        caller: &Caller,
        scope: &Scope,
        act: DeedId,
        now: Timestamp,
    ) -> Result<Act, Failure> {
        let write = self.alerts.db().write().await.map_err(db)?;
        let undone = self.alerts.undo(&write, scope, act, caller.person, now).await;
        let undone = undone.map_err(failed)?;
        let chosen: Vec<Chosen> =
            undone.done.iter().map(|done| Chosen { id: done.id, seen: None }).collect();
        let known = self.looked_up(scope, &chosen).await?;
        for (id, organisation) in moved(&undone.done, &known) {
            let entry = Entry::new(now, caller.who(), "alert.undo", On::new("alert", id));
            let entry = entry.of(organisation).with(json!({ "act": act.to_string() }));
            audit::append(&write, entry).await.map_err(db)?;
        }
        write.commit().await.map_err(|error| db(error.into()))?;
        self.publish(&undone, &known);
        Ok(undone)
    }

    fn publish(&self, act: &Act, known: &[Alert]) {
        let changed: Arc<[(AlertId, OdsCode)]> = moved(&act.done, known).into();
        if !changed.is_empty() {
            self.news.publish(News::Alerts(changed));
        }
    }
}

/// The alerts that were moved, with whose they are.
fn moved(done: &[Done], known: &[Alert]) -> Vec<(AlertId, OdsCode)> {
    let of = |one: &Done| {
        let alert = known.iter().find(|alert| alert.id == one.id)?;
        Some((one.id, alert.organisation.clone()))
    };
    done.iter().filter(|one| one.result.is_ok()).filter_map(of).collect()
}

/// A move as the audit trail has it. Comments and reasons stand in the alert's own history.
fn told(asked: &Move) -> (&'static str, serde_json::Value) {
    match asked {
        Move::Take => ("alert.take", json!({})),
        Move::HandOver { to, .. } => ("alert.hand_over", json!({ "to": to.to_string() })),
        Move::Comment { .. } => ("alert.comment", json!({})),
        Move::Close { verdict, .. } => ("alert.close", json!({ "verdict": verdict.as_str() })),
        Move::Reopen { .. } => ("alert.reopen", json!({})),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_read_back_with_the_version_that_was_seen() {
        let id = AlertId::new(Timestamp::UNIX_EPOCH);
        for chosen in [Chosen { id, seen: Some(3) }, Chosen { id, seen: None }] {
            assert_eq!(chosen.to_string().parse(), Ok(chosen));
        }
        assert!("3".parse::<Chosen>().is_err());
    }
}
