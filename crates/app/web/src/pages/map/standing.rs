//! How each organisation stands: its open alerts, and the worst they mean for care.
//!
//! The worst follows from the ranks of the most urgent open alerts, of which so many are looked
//! at. An organisation with none among them has no alert that ranks higher than the last of them;
//! what its alerts mean is then told from their severity, and never as worse than that one.

use std::collections::HashMap;

use detect::alert::{Alert, Alerts, Filter, Sort, State};
use terms::{Level, OdsCode, Scope};

use crate::{
    failure::Failure,
    pages::alerts::{failed::failed, harm},
    pieces::Harm,
};

/// Open alerts that are looked at.
const LOOKED_AT: u16 = 500;

/// How one organisation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Open alerts.
    pub(crate) open: u64,
    /// The worst of them; none without any.
    pub(crate) worst: Harm,
}

impl Default for Standing {
    fn default() -> Self {
        Self { open: 0, worst: Harm::None }
    }
}

/// How all organisations of a scope stand.
#[derive(Debug)]
pub(crate) struct Standings {
    of: HashMap<OdsCode, Standing>,
    /// The most urgent open alerts, worst first.
    pub(crate) urgent: Vec<Alert>,
}

impl Standings {
    /// How an organisation stands.
    pub(crate) fn of(&self, code: &OdsCode) -> Standing {
        self.of.get(code).copied().unwrap_or_default()
    }

    /// Open alerts of all.
    pub(crate) fn open(&self) -> u64 {
        self.of.values().map(|one| one.open).sum()
    }
}

/// How the organisations of a scope stand.
pub(crate) async fn standings(alerts: &Alerts, scope: &Scope) -> Result<Standings, Failure> {
    let open = Filter { states: vec![State::New, State::Taken], ..Filter::default() };
    let counts = alerts.counts(scope).await.map_err(failed)?;
    let page = alerts.page(scope, &open, Sort::Rank, None, LOOKED_AT).await.map_err(failed)?;
    let counts = counts.into_iter().filter(|one| one.state != State::Closed);
    let counts: Vec<(OdsCode, Level, u64)> =
        counts.map(|one| (one.organisation, one.level, one.alerts)).collect();
    Ok(put_together(&counts, page.alerts, page.after.is_some()))
}

fn put_together(counts: &[(OdsCode, Level, u64)], urgent: Vec<Alert>, has_more: bool) -> Standings {
    let mut of: HashMap<OdsCode, Standing> = HashMap::new();
    let most = match has_more {
        true => urgent.last().map_or(Harm::None, |last| harm::of_rank(last.rank_millionths)),
        false => Harm::None,
    };
    for (organisation, level, alerts) in counts {
        let standing = of.entry(organisation.clone()).or_default();
        standing.open += alerts;
        standing.worst = standing.worst.max(by_severity(*level).min(most));
    }
    for alert in &urgent {
        let standing = of.entry(alert.organisation.clone()).or_default();
        standing.worst = standing.worst.max(harm::of_rank(alert.rank_millionths));
    }
    Standings { of, urgent }
}

/// What a severity may mean for care when nothing else is known.
fn by_severity(level: Level) -> Harm {
    match level {
        Level::Critical | Level::High => Harm::Possible,
        _ => Harm::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_more_alerts_than_were_looked_at_severity_says_nothing() {
        let code: OdsCode = "RX1".parse().expect("a code");
        let standings = put_together(&[(code.clone(), Level::Critical, 3)], Vec::new(), false);
        assert_eq!(standings.of(&code), Standing { open: 3, worst: Harm::None });
        assert_eq!(standings.open(), 3);
        assert_eq!(standings.of(&"RX2".parse().expect("a code")), Standing::default());
    }
}
