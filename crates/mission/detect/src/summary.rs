//! Findings to the picture people read: by rule, host, user, tactic and technique, and along
//! time. Memory stays bounded however many findings there are.
//!
//! Modules: [`tally`] the findings of one part of the input, [`names`] findings by device or user.

mod names;
mod tally;

use std::collections::{HashMap, HashSet};

use sigma::{RuleId, RuleSet};
use terms::{Level, Timestamp};

pub use tally::Tally;

use self::names::{Lookup, Name, Names};
use crate::Finding;

/// Names (hosts, users) beyond this number are counted together.
pub const MAX_NAMES: usize = 50_000;

/// Everything found, counted.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// All findings.
    pub findings: u64,
    rules: HashMap<RuleId, RuleCount>,
    hosts: Names,
    users: Names,
    times: Times,
}

/// A rule's findings, counted.
#[derive(Clone, Debug, Default)]
pub struct RuleCount {
    /// How many.
    pub findings: u64,
    /// Earliest and latest, of those that tell their time.
    pub first: Option<Timestamp>,
    /// Latest.
    pub last: Option<Timestamp>,
    /// Numbers of the devices, up to [`MAX_HOSTS_OF_A_RULE`].
    hosts: HashSet<u32>,
    /// The first devices, in the order of the findings.
    first_hosts: Vec<u32>,
}

/// Devices of a rule beyond this number are not told apart.
pub const MAX_HOSTS_OF_A_RULE: usize = 4096;
/// Devices named with a rule.
const FIRST_HOSTS: usize = 5;

impl RuleCount {
    /// On how many devices; [`MAX_HOSTS_OF_A_RULE`] stands for that many or more.
    pub fn hosts(&self) -> usize {
        self.hosts.len()
    }

    fn add_host(&mut self, host: u32) {
        if self.hosts.len() < MAX_HOSTS_OF_A_RULE
            && self.hosts.insert(host)
            && self.first_hosts.len() < FIRST_HOSTS
        {
            self.first_hosts.push(host);
        }
    }
}

/// A name's findings, by level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ByLevel(pub [u64; 5]);

impl ByLevel {
    fn add(&mut self, level: Level) {
        self.0[level as usize] += 1;
    }

    fn merge(&mut self, other: ByLevel) {
        self.0.iter_mut().zip(other.0).for_each(|(own, more)| *own += more);
    }

    /// Of all levels.
    pub fn total(self) -> u64 {
        self.0.iter().sum()
    }

    /// Of one level.
    pub fn of(self, level: Level) -> u64 {
        self.0[level as usize]
    }

    /// The worst level that occurs.
    pub fn worst(self) -> Option<Level> {
        Level::ALL.into_iter().rev().find(|level| self.of(*level) > 0)
    }
}

fn worst_first(a: ByLevel, b: ByLevel) -> std::cmp::Ordering {
    b.0.iter().rev().cmp(a.0.iter().rev())
}

/// Counts along time in buckets that double in width when they would become too many.
#[derive(Clone, Debug)]
struct Times {
    width_s: i64,
    buckets: HashMap<i64, ByLevel>,
    untimed: u64,
}

impl Default for Times {
    fn default() -> Self {
        Times { width_s: 1, buckets: HashMap::new(), untimed: 0 }
    }
}

const MAX_BUCKETS: usize = 4096;

impl Times {
    fn add(&mut self, at: Option<Timestamp>, level: Level) {
        let Some(at) = at else {
            self.untimed += 1;
            return;
        };
        self.buckets.entry(at.as_second().div_euclid(self.width_s)).or_default().add(level);
        while self.buckets.len() > MAX_BUCKETS {
            let old = std::mem::take(&mut self.buckets);
            self.width_s *= 2;
            for (bucket, count) in old {
                self.buckets.entry(bucket.div_euclid(2)).or_default().merge(count);
            }
        }
    }
}

/// One bar of the timeline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bar {
    /// From this time on.
    pub from: Timestamp,
    /// Findings in it.
    pub count: ByLevel,
}

/// Findings along time, in bars of one width.
#[derive(Clone, Debug, PartialEq)]
pub struct Timeline {
    /// Width of a bar, in seconds.
    pub width_s: i64,
    /// In order of time, gaps included.
    pub bars: Vec<Bar>,
    /// Findings whose record tells no time.
    pub untimed: u64,
}

impl Summary {
    /// Counts one finding.
    pub fn add(&mut self, finding: &Finding, rules: &RuleSet) {
        let host = self.hosts.name(&finding.host, || finding.host.as_str().into());
        let user = self.users.name(&finding.user, || finding.user.as_str().into());
        self.count(finding.rule, finding.at, host, user, rules);
    }

    /// Counts all findings of a tally.
    pub fn add_all(&mut self, tally: &Tally, rules: &RuleSet) {
        let mut hosts = Lookup::new(tally.names());
        let mut users = Lookup::new(tally.names());
        for finding in tally.findings() {
            let host = hosts.name(finding.host, &mut self.hosts);
            let user = users.name(finding.user, &mut self.users);
            self.count(finding.rule, finding.at, host, user, rules);
        }
    }

    fn count(
        &mut self,
        rule: RuleId,
        at: Option<Timestamp>,
        host: Name,
        user: Name,
        rules: &RuleSet,
    ) {
        let level = rules.meta(rule).level;
        self.findings += 1;
        self.hosts.count(host, level);
        self.users.count(user, level);
        self.times.add(at, level);
        let count = self.rules.entry(rule).or_default();
        count.findings += 1;
        if let Some(at) = at {
            count.first = Some(count.first.map_or(at, |first| first.min(at)));
            count.last = Some(count.last.map_or(at, |last| last.max(at)));
        }
        if let Name::Known(host) = host {
            count.add_host(host);
        }
    }

    /// The first devices a rule held on, a handful.
    pub fn first_hosts(&self, count: &RuleCount) -> Vec<&str> {
        count.first_hosts.iter().filter_map(|host| self.hosts.text(*host)).collect()
    }

    /// How many devices and users findings name, up to [`MAX_NAMES`] each.
    pub fn names(&self) -> (usize, usize) {
        (self.hosts.len(), self.users.len())
    }

    /// Rules that held, worst first, then most findings, then by title.
    pub fn rules<'s>(&'s self, rules: &'s RuleSet) -> Vec<(RuleId, &'s RuleCount)> {
        let mut list: Vec<_> = self.rules.iter().map(|(rule, count)| (*rule, count)).collect();
        list.sort_by(|(a, x), (b, y)| {
            let (a, b) = (rules.meta(*a), rules.meta(*b));
            b.level.cmp(&a.level).then(y.findings.cmp(&x.findings)).then(a.title.cmp(&b.title))
        });
        list
    }

    /// All findings by level.
    pub fn levels(&self, rules: &RuleSet) -> ByLevel {
        let mut levels = ByLevel::default();
        for (rule, count) in &self.rules {
            levels.0[rules.meta(*rule).level as usize] += count.findings;
        }
        levels
    }

    /// Devices, worst first.
    pub fn hosts(&self) -> Vec<(&str, ByLevel)> {
        self.hosts.sorted()
    }

    /// Users, worst first.
    pub fn users(&self) -> Vec<(&str, ByLevel)> {
        self.users.sorted()
    }

    /// ATT&CK tactics in the order of an attack, with findings.
    pub fn tactics(&self, rules: &RuleSet) -> Vec<(&'static str, ByLevel)> {
        sigma::model::TACTICS
            .into_iter()
            .map(|tactic| {
                let has = |rule: RuleId| rules.meta(rule).tactics().any(|one| one == tactic);
                (tactic, self.count_where(rules, has))
            })
            .filter(|(_, count)| count.total() > 0)
            .collect()
    }

    /// ATT&CK techniques, worst first.
    pub fn techniques(&self, rules: &RuleSet) -> Vec<(String, ByLevel)> {
        let mut counts: HashMap<String, ByLevel> = HashMap::new();
        for (rule, count) in &self.rules {
            let meta = rules.meta(*rule);
            for technique in meta.techniques() {
                counts.entry(technique).or_default().0[meta.level as usize] += count.findings;
            }
        }
        let mut list: Vec<_> = counts.into_iter().collect();
        list.sort_by(|(a, x), (b, y)| worst_first(*x, *y).then_with(|| a.cmp(b)));
        list
    }

    fn count_where(&self, rules: &RuleSet, has: impl Fn(RuleId) -> bool) -> ByLevel {
        let mut levels = ByLevel::default();
        for (rule, count) in self.rules.iter().filter(|(rule, _)| has(**rule)) {
            levels.0[rules.meta(*rule).level as usize] += count.findings;
        }
        levels
    }

    /// Earliest and latest finding.
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        let first = self.rules.values().filter_map(|count| count.first).min()?;
        let last = self.rules.values().filter_map(|count| count.last).max()?;
        Some((first, last))
    }

    /// Findings along time in at most so many bars of a width people count in; `None` when no
    /// record tells its time.
    pub fn timeline(&self, most_bars: usize) -> Option<Timeline> {
        let most_bars = most_bars.max(2) as i64;
        let (first, last) = self.span()?;
        let span_s = (last.as_second() - first.as_second()).max(1);
        let width_s = WIDTHS_S
            .into_iter()
            .find(|width| *width >= self.times.width_s && span_s / width < most_bars - 1)
            .unwrap_or_else(|| span_s / (most_bars - 1) + self.times.width_s);
        let from = first.as_second().div_euclid(width_s);
        let to = last.as_second().div_euclid(width_s);
        let mut bars: Vec<Bar> = (from..=to)
            .filter_map(|at| Timestamp::from_second(at * width_s).ok())
            .map(|from| Bar { from, count: ByLevel::default() })
            .collect();
        for (bucket, count) in &self.times.buckets {
            let at = (bucket * self.times.width_s).div_euclid(width_s) - from;
            let last = bars.len().saturating_sub(1);
            if let Some(bar) = bars.get_mut((at.max(0) as usize).min(last)) {
                bar.count.merge(*count);
            }
        }
        Some(Timeline { width_s, bars, untimed: self.times.untimed })
    }
}

/// Widths of bars that people count in, in seconds: up to a hundred years.
const WIDTHS_S: [i64; 27] = [
    1,
    2,
    5,
    10,
    15,
    30,
    60,
    120,
    300,
    600,
    900,
    1800,
    3600,
    7200,
    14_400,
    21_600,
    43_200,
    DAY_S,
    7 * DAY_S,
    30 * DAY_S,
    60 * DAY_S,
    90 * DAY_S,
    180 * DAY_S,
    365 * DAY_S,
    2 * 365 * DAY_S,
    10 * 365 * DAY_S,
    100 * 365 * DAY_S,
];
const DAY_S: i64 = 86_400;
