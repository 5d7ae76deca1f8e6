//! What is known of each rule in a scope: what it found day by day, and for how many organisations
//! it is off. Pages and API show the same.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use detect::{
    alert::{AlertError, Alerts, RuleText, Switch, Switches, service::DayOfRule},
    watch::LiveRules,
};
use sector::Graph;
use sigma::Rule;
use terms::{OdsCode, Part, Scope, Timestamp};

/// Days that are looked back.
pub(crate) const DAYS: usize = 30;

const SECONDS_A_DAY: i64 = 86_400;

/// The rules in force with what is known of them.
pub(crate) struct Standings {
    /// The rules.
    pub(crate) rules: Arc<LiveRules>,
    /// What each found, by id.
    found: HashMap<String, Days>,
    /// For how many organisations of the scope each is off, by id; only those that were switched.
    off: HashMap<String, usize>,
    /// Organisations of the scope.
    pub(crate) organisations: usize,
    /// The first of the days that are looked back, in days since 1970.
    pub(crate) first_day: i64,
}

/// What a rule found, the oldest day first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Days {
    /// Findings of each day, hidden ones included.
    pub(crate) hits: [i64; DAYS],
    /// Alerts they opened.
    pub(crate) alerts: i64,
    /// Findings that exceptions hid.
    pub(crate) excepted: i64,
}

impl Days {
    /// All findings.
    pub(crate) fn total(&self) -> i64 {
        self.hits.iter().sum()
    }

    fn add(&mut self, day: &DayOfRule, first_day: i64) {
        let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let at = usize::try_from(day.day - first_day).ok();
        if let Some(hits) = at.and_then(|at| self.hits.get_mut(at)) {
            *hits += count(day.found.hits);
            self.alerts += count(day.found.alerts);
            self.excepted += count(day.found.excepted);
        }
    }
}

/// For whom a rule is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum On {
    /// Everybody.
    Everywhere,
    /// Some: so many organisations are without it.
    Not(usize),
    /// Nobody.
    Nowhere,
}

/// A rule and what is known of it.
#[derive(Clone, Copy)]
pub(crate) struct Standing<'s> {
    pub(crate) rule: &'s Rule,
    pub(crate) text: &'s RuleText,
    pub(crate) days: Days,
    pub(crate) on: On,
}

impl Standings {
    /// Reads what is known in a scope.
    pub(crate) async fn read(
        alerts: &Alerts,
        rules: Arc<LiveRules>,
        graph: &Graph,
        scope: &Scope,
        now: Timestamp,
    ) -> Result<Self, AlertError> {
        let first_day = first_day(now);
        let mut found: HashMap<String, Days> = HashMap::new();
        for day in alerts.days(scope, None, first_day).await? {
            found.entry(day.rule.clone()).or_default().add(&day, first_day);
        }
        let (off, organisations) = off(alerts.switches(scope).await?, graph, scope);
        Ok(Self { rules, found, off, organisations, first_day })
    }

    /// All rules, in the order in which they are in force.
    pub(crate) fn all(&self) -> impl Iterator<Item = Standing<'_>> {
        let rules = self.rules.set().rules().iter().zip(self.rules.texts());
        rules.map(|(rule, text)| self.of(rule, text))
    }

    /// One rule.
    pub(crate) fn find(&self, id: &str) -> Option<Standing<'_>> {
        self.rules.find(id).map(|(rule, text)| self.of(rule, text))
    }

    fn of<'s>(&'s self, rule: &'s Rule, text: &'s RuleText) -> Standing<'s> {
        let on = match self.off.get(&text.id) {
            None | Some(0) => On::Everywhere,
            Some(off) if *off >= self.organisations => On::Nowhere,
            Some(off) => On::Not(*off),
        };
        let days = self.found.get(&text.id).copied().unwrap_or_default();
        Standing { rule, text, days, on }
    }
}

/// The first of the days that are looked back from `now`.
pub(crate) fn first_day(now: Timestamp) -> i64 {
    now.as_second().div_euclid(SECONDS_A_DAY) - (DAYS as i64 - 1)
}

/// For how many organisations of the scope each switched rule is off, and how many there are.
fn off(switches: Vec<Switch>, graph: &Graph, scope: &Scope) -> (HashMap<String, usize>, usize) {
    let all: Vec<&OdsCode> =
        graph.organisations_in(scope).into_iter().map(|one| &one.code).collect();
    let parts: HashSet<&Part> = switches.iter().map(|one| &one.part).collect();
    let members: HashMap<Part, HashSet<OdsCode>> = parts
        .into_iter()
        .map(|part| {
            let of = graph.organisations_in(&Scope::of([part.clone()])).into_iter();
            (part.clone(), of.map(|one| one.code.clone()).collect())
        })
        .collect();
    let rules: HashSet<String> = switches.iter().map(|one| one.rule.clone()).collect();
    let switches = Switches::new(switches);
    let belongs =
        |part: &Part, code: &OdsCode| members.get(part).is_some_and(|of| of.contains(code));
    let count =
        |rule: &str| all.iter().filter(|code| !switches.is_on(rule, code, &belongs)).count();
    let off = rules.into_iter().map(|rule| (rule.clone(), count(&rule))).collect();
    (off, all.len())
}

#[cfg(test)]
mod tests {
    use sector::{Organisation, OrganisationType, Parts};
    use terms::PersonId;

    use super::*;

    fn code(text: &str) -> OdsCode {
        text.parse().expect("a code")
    }

    fn graph() -> Graph {
        let trust = |text: &str, region: &str| Organisation {
            region: Some(code(region)),
            ..Organisation::new(code(text), text, OrganisationType::TrustAcute)
        };
        let organisations = vec![trust("XAA", "Y56"), trust("XAB", "Y56"), trust("XBB", "Y60")];
        Graph::build(Parts { version: 1, organisations, ..Parts::default() })
    }

    fn switch(part: &str, is_on: bool) -> Switch {
        let at = Timestamp::UNIX_EPOCH;
        let (rule, reason) = ("example".to_owned(), "an example".to_owned());
        let part = part.parse().expect("a part");
        Switch { rule, part, is_on, reason, person: PersonId::new(at), at }
    }

    fn check(switches: &[Switch], scope: &str, expected: (Option<usize>, usize)) {
        let scope = Scope::of([scope.parse().expect("a part")]);
        let (off, all) = off(switches.to_vec(), &graph(), &scope);
        assert_eq!((off.get("example").copied(), all), expected);
    }

    #[test]
    fn organisations_without_a_rule_are_counted_within_the_scope() {
        check(&[], "sector", (None, 3));
        check(&[switch("region:Y56", false)], "sector", (Some(2), 3));
        check(&[switch("region:Y56", false)], "region:Y60", (Some(0), 1));
        let but_one = [switch("sector", false), switch("organisation:XAB", true)];
        check(&but_one, "sector", (Some(2), 3));
        check(&but_one, "organisation:XAB", (Some(0), 1));
    }

    #[test]
    fn a_day_outside_the_days_looked_back_counts_nothing() {
        let day = |day| DayOfRule {
            rule: "example".to_owned(),
            day,
            found: detect::alert::outcome::Found { hits: 3, alerts: 1, ..Default::default() },
        };
        let mut days = Days::default();
        for one in [99, 100, 129, 130] {
            days.add(&day(one), 100);
        }
        assert_eq!((days.hits[0], days.hits[DAYS - 1], days.total(), days.alerts), (3, 3, 6, 2));
    }
}
