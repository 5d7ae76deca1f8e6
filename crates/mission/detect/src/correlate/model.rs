//! What a hit and a firing are, the limits of the state, and what is counted.

use std::sync::Arc;

use sigma::RuleId;
use terms::Timestamp;

/// A rule held for a record: what correlations need to know of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The rule.
    pub rule: RuleId,
    /// When it happened, as the record tells. A caller who knows when the record was received
    /// gives no later time than that: a clock that is ahead must not hold others up.
    pub at: Timestamp,
    /// Number of the record in the order of arrival. Each record has its own.
    pub order: u64,
    /// The same for copies of one event and for no other event, where the caller can tell.
    pub identity: Option<u64>,
    /// Whose record it is; correlations never join what belongs to two.
    pub within: Arc<str>,
    /// The device, as the record names it; empty if it does not.
    pub host: Box<str>,
    /// The user, as the record names them; empty if it does not.
    pub user: Box<str>,
    /// The values of [`sigma::Correlations::fields`] of the rule, in that order.
    pub values: Vec<Option<Box<str>>>,
}

impl Hit {
    /// Memory it takes, about.
    pub fn bytes(&self) -> usize {
        let texts = self.values.iter().flatten().map(|text| text.len() + 16);
        size_of::<Self>()
            + self.host.len()
            + self.user.len()
            + self.values.len() * size_of::<Option<Box<str>>>()
            + texts.sum::<usize>()
    }
}

/// Events named with a firing, at most.
pub const MAX_EVENTS: usize = 20;

/// A correlation fired: what its condition asks for happened in one group within its time span.
#[derive(Clone, Debug, PartialEq)]
pub struct Firing {
    /// The correlation.
    pub rule: RuleId,
    /// Whose records they are.
    pub within: Arc<str>,
    /// Fields (or aliases) to group by, and their values as the last event has them.
    pub group: Vec<(Box<str>, Box<str>)>,
    /// Time of the first event that counted.
    pub first: Timestamp,
    /// Time of the last.
    pub last: Timestamp,
    /// What was measured: a count, or a number computed from values.
    pub measure: f64,
    /// The rules that contributed, in the order of the correlation.
    pub rules: Vec<RuleId>,
    /// [`Hit::order`] of the events that counted, the last [`MAX_EVENTS`] in the order of time. Of
    /// events with one value the latest stands for all.
    pub events: Vec<u64>,
    /// How many more there are.
    pub more_events: u64,
    /// [`Hit::order`] of the event that made it fire.
    pub by: u64,
    /// The device of that event.
    pub host: Box<str>,
    /// The user of that event.
    pub user: Box<str>,
}

/// How much is kept, and how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// A hit waits for so long, in time of events, for others from before it. Microseconds.
    pub lateness_us: i64,
    /// A group is kept for so long, in time of events, beyond its time span: a device that was
    /// away sends what is old. Microseconds.
    pub backlog_us: i64,
    /// Groups in all.
    pub max_groups: usize,
    /// Memory of all groups, in bytes.
    pub max_bytes: usize,
    /// Memory of waiting hits, in bytes.
    pub max_waiting_bytes: usize,
    /// Makes it hard to find values that share a group by chance. Kept with the state.
    pub seed: u64,
}

impl Limits {
    /// For a stream without end: ten seconds for late ones, six hours for devices that were away.
    pub const LIVE: Limits = Limits {
        lateness_us: 10_000_000,
        backlog_us: 6 * 3_600_000_000,
        max_groups: 1_000_000,
        max_bytes: 512 << 20,
        max_waiting_bytes: 64 << 20,
        seed: 0,
    };
    /// For files read once: all hits wait until everything is read, as far as memory goes.
    pub const WHOLE: Limits = Limits {
        lateness_us: i64::MAX,
        backlog_us: i64::MAX,
        max_waiting_bytes: 512 << 20,
        ..Limits::LIVE
    };
}

/// What was counted. What a limit cost is among it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Hits taken.
    pub hits: u64,
    /// Firings, those that only feed other correlations included.
    pub firings: u64,
    /// Hits whose record tells no time: they belong to no window.
    pub untimed: u64,
    /// Hits without a value to group by or to count: they belong to no group.
    pub incomplete: u64,
    /// Copies of events that were counted already.
    pub duplicates: u64,
    /// Hits from before others of their group that could still be put in their place.
    pub late: u64,
    /// Hits too late to be put anywhere.
    pub too_late: u64,
    /// Hits that could not wait as long as they should, for want of memory.
    pub hurried: u64,
    /// Groups given up for want of memory, the longest silent first.
    pub evicted: u64,
    /// Firings of chained correlations that were cut off because one event made too many.
    pub cut: u64,
}

impl Counts {
    /// All counts in the order they are saved in.
    pub(super) fn numbers(&mut self) -> [&mut u64; 10] {
        [
            &mut self.hits,
            &mut self.firings,
            &mut self.untimed,
            &mut self.incomplete,
            &mut self.duplicates,
            &mut self.late,
            &mut self.too_late,
            &mut self.hurried,
            &mut self.evicted,
            &mut self.cut,
        ]
    }
}
