//! People's moves, on one alert or many, and taking them back.

use db::Write;
use terms::{AlertId, DeedId, PersonId, Scope, Timestamp};

use super::{Act, Alerts, Done};
use crate::alert::{
    AlertError, LifeError, Move,
    life::{self, MAX_BULK},
    store,
};

impl Alerts {
    /// Makes the same move with several alerts. `alerts` are ids with the version each had when
    /// it was looked at. What cannot be moved is told and left; the rest is moved.
    ///
    /// Errors: [`AlertError::TooMany`], [`AlertError::Db`].
    pub async fn act(
        &self,
        write: &Write,
        scope: &Scope,
        alerts: &[(AlertId, Option<i64>)],
        asked: &Move,
        person: PersonId,
        now: Timestamp,
    ) -> Result<Act, AlertError> {
        if alerts.len() > MAX_BULK {
            return Err(AlertError::TooMany { found: alerts.len(), most: MAX_BULK });
        }
        let act = DeedId::new(now);
        let ids: Vec<AlertId> = alerts.iter().map(|(id, _)| *id).collect();
        let held = store::life::hold(write, scope, &ids).await?;
        let by = store::life::By { person, now, act };
        let (mut done, mut moved) = (Vec::with_capacity(alerts.len()), Vec::new());
        for (at, (id, seen)) in alerts.iter().enumerate() {
            let Some(one) = held.iter().find(|one| one.id == *id) else {
                done.push(Done { id: *id, result: Err(AlertError::NotFound("alert")) });
                continue;
            };
            if ids[..at].contains(id) {
                continue;
            }
            let result = match life::apply(&one.standing, *seen, person, asked, now) {
                Err(error) => Err(error.into()),
                Ok(to) => {
                    store::life::put(write, one, &to, by).await?;
                    let state = to.standing.state;
                    moved.push((one, to.standing));
                    Ok(state)
                }
            };
            done.push(Done { id: *id, result });
        }
        store::life::count(write, &moved).await?;
        Ok(Act { id: act, done })
    }

    /// Takes back an act: for each of its alerts where nothing was done since.
    ///
    /// Errors: [`AlertError::NotFound`] for an act none of whose alerts lies in the scope.
    pub async fn undo(
        &self,
        write: &Write,
        scope: &Scope,
        act: DeedId,
        person: PersonId,
        now: Timestamp,
    ) -> Result<Act, AlertError> {
        let deeds = store::life::deeds_of_act(write, act).await?;
        let ids: Vec<AlertId> = deeds.iter().map(|one| one.deed.alert).collect();
        let held = store::life::hold(write, scope, &ids).await?;
        if held.is_empty() {
            return Err(AlertError::NotFound("act"));
        }
        let by = store::life::By { person, now, act: DeedId::new(now) };
        let (mut done, mut moved) = (Vec::new(), Vec::new());
        for one in &deeds {
            let Some(held) = held.iter().find(|held| held.id == one.deed.alert) else { continue };
            let last = store::life::last_deed(write, held.id).await?;
            let to = match &one.before {
                None => Err(LifeError::NothingToUndo),
                Some(before) => life::undo(&held.standing, &one.deed, before, last, person, now),
            };
            let result = match to {
                Err(error) => Err(error.into()),
                Ok(to) => {
                    store::life::mark_undone(write, one.deed.id).await?;
                    store::life::put(write, held, &to, by).await?;
                    let state = to.standing.state;
                    moved.push((held, to.standing));
                    Ok(state)
                }
            };
            done.push(Done { id: held.id, result });
        }
        store::life::count(write, &moved).await?;
        Ok(Act { id: by.act, done })
    }
}
