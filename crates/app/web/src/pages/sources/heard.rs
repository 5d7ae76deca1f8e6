//! What is known of each source, and how it does in words. Pages and API show the same.

use access::Access;
use futures_util::{StreamExt, TryStreamExt, stream};
use intake::{Intake, Minute, SourceState};
use sector::Graph;
use terms::{Scope, Timestamp, TokenId};

use crate::failure::Failure;

/// Minutes that are looked at to tell how a source does.
pub(crate) const MINUTES: usize = 60;
/// A source whose newest record is older than this lags.
const LAGGING_SECONDS: i64 = 300;
/// A source not heard for this long is silent.
const SILENT_SECONDS: i64 = 3_600;
/// Of so many records one that cannot be used is worth a look.
const FAILING_ONE_OF: i64 = 100;

/// A source.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    pub(crate) state: SourceState,
    /// What its token is called.
    pub(crate) name: String,
    /// What its organisation is called.
    pub(crate) organisation: String,
    /// How it does, as far as its totals tell; [`Heard::with`] knows better.
    pub(crate) doing: Doing,
}

/// How a source does, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Doing {
    /// Of what it sent lately, some could not be used.
    Failing,
    /// It was not heard for an hour.
    Silent,
    /// What it sends is minutes old.
    Lagging,
    /// All is well.
    Well,
}

impl Doing {
    pub(crate) const ALL: [Self; 4] = [Self::Failing, Self::Silent, Self::Lagging, Self::Well];

    /// The word for addresses, files and the API.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Failing => "failing",
            Self::Silent => "silent",
            Self::Lagging => "lagging",
            Self::Well => "well",
        }
    }

    /// The word of a page, and the colour of its tag.
    pub(crate) fn tag(self) -> (&'static str, &'static str) {
        match self {
            Self::Failing => ("Failing", "orange"),
            Self::Silent => ("Silent", "grey"),
            Self::Lagging => ("Lagging", "yellow"),
            Self::Well => ("Well", "green"),
        }
    }

    pub(crate) fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }
}

/// How a source does by its totals and its last minutes.
fn doing(state: &SourceState, minutes: &[Minute], now: Timestamp) -> Doing {
    let sum = |part: fn(&Minute) -> i64| minutes.iter().map(part).sum::<i64>();
    let bad = sum(|one| one.refused) + sum(|one| one.unread);
    let sent = sum(|one| one.events) + sum(|one| one.refused);
    if bad > 0 && bad.saturating_mul(FAILING_ONE_OF) >= sent {
        Doing::Failing
    } else if now.as_second() - state.last_at.as_second() > SILENT_SECONDS {
        Doing::Silent
    } else if state.lag_s.is_some_and(|lag| lag > LAGGING_SECONDS) {
        Doing::Lagging
    } else {
        Doing::Well
    }
}

impl Heard {
    /// The same with how it does by its last minutes.
    pub(crate) fn with(self, minutes: &[Minute], now: Timestamp) -> Self {
        Self { doing: doing(&self.state, minutes, now), ..self }
    }
}

/// When the minutes that are looked at begin.
pub(crate) fn since(now: Timestamp) -> Timestamp {
    let second = now.as_second().div_euclid(60) * 60 - (MINUTES as i64 - 1) * 60;
    Timestamp::from_second(second).unwrap_or(now)
}

/// Records of each of the minutes that are looked at, the oldest first.
pub(crate) fn rates(minutes: &[Minute], now: Timestamp) -> Vec<i64> {
    let start = since(now).as_second();
    let mut rates = vec![0; MINUTES];
    for minute in minutes {
        let at = usize::try_from((minute.at.as_second() - start).div_euclid(60)).ok();
        if let Some(rate) = at.and_then(|at| rates.get_mut(at)) {
            *rate += minute.events;
        }
    }
    rates
}

/// All sources of a scope, with what they are called.
pub(crate) async fn all(
    intake: &Intake,
    access: &Access,
    graph: &Graph,
    scope: &Scope,
    now: Timestamp,
) -> Result<Vec<Heard>, Failure> {
    let states = intake.sources(scope).await.map_err(|error| Failure::internal(&error))?;
    let ids: Vec<TokenId> = states.iter().map(|state| state.source).collect();
    let names = access.token_names(ids).await.map_err(Failure::of)?;
    let named = states.into_iter().map(|state| {
        let name = names.get(&state.source).cloned();
        heard(state, name, graph, now)
    });
    Ok(named.collect())
}

/// A source with its names.
pub(crate) fn heard(
    state: SourceState,
    name: Option<String>,
    graph: &Graph,
    now: Timestamp,
) -> Heard {
    let organisation = graph.organisation(&state.organisation);
    let organisation =
        organisation.map_or_else(|| state.organisation.to_string(), |one| one.name.clone());
    let name = name.unwrap_or_else(|| "A sender without a name".to_owned());
    Heard { doing: doing(&state, &[], now), name, organisation, state }
}

/// Sources with their last minutes, in their order; those that went meanwhile have none.
pub(crate) async fn minutes(
    intake: &Intake,
    scope: &Scope,
    sources: Vec<Heard>,
    now: Timestamp,
) -> Result<Vec<(Heard, Vec<Minute>)>, Failure> {
    let since = since(now);
    let asked = sources.into_iter().map(|one| async move {
        let found = intake.source(scope, one.state.source, since).await?;
        let minutes = found.map(|(_, minutes, _)| minutes).unwrap_or_default();
        Ok::<_, db::DbError>((one.with(&minutes, now), minutes))
    });
    // Each is three reads of an index; a few at a time leave connections for others.
    let found = stream::iter(asked).buffered(4).try_collect().await;
    found.map_err(|error| Failure::internal(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).expect("in range")
    }

    fn state(last: i64, lag_s: Option<i64>) -> SourceState {
        SourceState {
            source: TokenId::new(at(0)),
            organisation: "XAA".parse().expect("a code"),
            first_at: at(-9_999),
            last_at: at(last),
            events: 1,
            bytes: 1,
            refused: 0,
            unread: 0,
            lag_s,
        }
    }

    fn minute(events: i64, refused: i64, unread: i64) -> Minute {
        Minute { at: at(-60), events, bytes: 0, refused, unread }
    }

    fn check(state: &SourceState, minutes: &[Minute], expected: Doing) {
        assert_eq!(doing(state, minutes, at(0)), expected, "{state:?} {minutes:?}");
    }

    #[test]
    fn the_worst_that_can_be_said_of_a_source_is_said() {
        check(&state(-10, Some(2)), &[minute(100, 0, 0)], Doing::Well);
        check(&state(-10, None), &[], Doing::Well);
        check(&state(-10, Some(301)), &[minute(100, 0, 0)], Doing::Lagging);
        check(&state(-3_601, Some(301)), &[], Doing::Silent);
        check(&state(-10, Some(301)), &[minute(100, 0, 1)], Doing::Failing);
        check(&state(-10, None), &[minute(0, 1, 0)], Doing::Failing);
        // One of a thousand happens.
        check(&state(-10, Some(2)), &[minute(1_000, 1, 0)], Doing::Well);
    }

    #[test]
    fn rates_have_a_place_for_each_minute_up_to_now() {
        let now = at(0);
        let of = |at: Timestamp| Minute { at, events: 5, bytes: 0, refused: 0, unread: 0 };
        let this = Timestamp::from_second(now.as_second().div_euclid(60) * 60).expect("in range");
        let rates = rates(&[of(since(now)), of(this), of(at(-9_999))], now);
        assert_eq!((rates[0], rates[MINUTES - 1], rates.iter().sum::<i64>()), (5, 5, 10));
    }
}
