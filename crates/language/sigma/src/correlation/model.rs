//! What a correlation is: which rules, grouped how, within what time, and what must then hold.

use std::{fmt, sync::Arc};

use crate::model::{Condition, Meta};

/// A rule about the findings of other rules.
#[derive(Clone, Debug)]
pub struct Correlation {
    /// Facts about it.
    pub meta: Arc<Meta>,
    /// What is measured.
    pub kind: Type,
    /// The rules it refers to, by id or name as written.
    pub rules: Vec<String>,
    /// Fields, or names of aliases, whose values must be the same. Empty: all events are one group.
    pub group_by: Vec<String>,
    /// Fields that go by another name in some rules.
    pub aliases: Vec<Alias>,
    /// Fields whose values are counted or computed with; several are one value together.
    pub fields: Vec<String>,
    /// Events at most so far apart are looked at together. Microseconds, more than 0.
    pub timespan_us: i64,
    /// The time span as written.
    pub timespan_text: String,
    /// What must hold.
    pub condition: Holds,
    /// Whether the rules it refers to give findings of their own, too.
    pub generate: bool,
}

/// A name for a field that rules call differently.
#[derive(Clone, Debug, PartialEq)]
pub struct Alias {
    /// The name to group by.
    pub name: String,
    /// For each rule, by id or name as written, the field of its events; sorted.
    pub fields: Vec<(String, String)>,
}

/// What is measured in a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// How many events.
    EventCount,
    /// How many different values.
    ValueCount,
    /// The sum of the values.
    ValueSum,
    /// Their mean.
    ValueAvg,
    /// The least value that so many per cent of the values do not exceed; 0 to 100.
    ValuePercentile(u8),
    /// The middle value, or the mean of the middle two.
    ValueMedian,
    /// How many of the rules.
    Temporal,
    /// All rules, in the order written.
    TemporalOrdered,
}

impl Type {
    /// The word as Sigma spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Type::EventCount => "event_count",
            Type::ValueCount => "value_count",
            Type::ValueSum => "value_sum",
            Type::ValueAvg => "value_avg",
            Type::ValuePercentile(_) => "value_percentile",
            Type::ValueMedian => "value_median",
            Type::Temporal => "temporal",
            Type::TemporalOrdered => "temporal_ordered",
        }
    }

    /// Whether values are computed with, and so must be numbers.
    pub fn is_numeric(self) -> bool {
        use Type as T;
        matches!(self, T::ValueSum | T::ValueAvg | T::ValuePercentile(_) | T::ValueMedian)
    }
}

/// A comparison with what was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// Greater than.
    Gt,
    /// At least.
    Gte,
    /// Less than.
    Lt,
    /// At most.
    Lte,
    /// Equal to.
    Eq,
    /// Anything but.
    Neq,
}

impl Comparison {
    /// The word as Sigma spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Comparison::Gt => "gt",
            Comparison::Gte => "gte",
            Comparison::Lt => "lt",
            Comparison::Lte => "lte",
            Comparison::Eq => "eq",
            Comparison::Neq => "neq",
        }
    }

    fn holds(self, measured: f64, asked: f64) -> bool {
        match self {
            Comparison::Gt => measured > asked,
            Comparison::Gte => measured >= asked,
            Comparison::Lt => measured < asked,
            Comparison::Lte => measured <= asked,
            Comparison::Eq => measured == asked,
            Comparison::Neq => measured != asked,
        }
    }
}

/// What must hold in a window.
#[derive(Clone, Debug, PartialEq)]
pub enum Holds {
    /// What was measured compares so with each of these.
    Compare(Vec<(Comparison, u64)>),
    /// Every rule occurs.
    AllRules,
    /// The rules that occur make this hold. Numbers are positions in [`Correlation::rules`].
    Rules(Condition),
}

impl Holds {
    /// Whether a measure passes all comparisons.
    pub fn measure(&self, measured: f64) -> bool {
        match self {
            Holds::Compare(list) => list.iter().all(|(how, n)| how.holds(measured, *n as f64)),
            Holds::AllRules | Holds::Rules(_) => false,
        }
    }

    /// Whether it holds where exactly these rules of `of` occur; bit by position.
    pub fn rules(&self, occur: u64, of: usize) -> bool {
        match self {
            Holds::Compare(_) => self.measure(f64::from(occur.count_ones())),
            Holds::AllRules => occur.count_ones() as usize == of,
            Holds::Rules(condition) => holds(condition, occur),
        }
    }

    /// A count beyond this compares like this one: counting may stop there.
    pub fn most_counted(&self) -> u64 {
        match self {
            Holds::Compare(list) => list.iter().map(|(_, n)| n.saturating_add(2)).max(),
            Holds::AllRules | Holds::Rules(_) => None,
        }
        .unwrap_or(u64::MAX)
    }
}

fn holds(condition: &Condition, occur: u64) -> bool {
    let has = |at: usize| occur >> at & 1 == 1;
    match condition {
        Condition::And(list) => list.iter().all(|one| holds(one, occur)),
        Condition::Or(list) => list.iter().any(|one| holds(one, occur)),
        Condition::Not(inner) => !holds(inner, occur),
        Condition::Selection(at) => has(*at),
        Condition::AtLeast(n, list) => list.iter().filter(|at| has(**at)).count() as u64 >= *n,
    }
}

impl fmt::Display for Correlation {
    /// In words: `event_count of a, b by User within 5m: gte 10`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.kind.as_str(), self.rules.join(", "))?;
        if let Type::ValuePercentile(percent) = self.kind {
            write!(f, ", percentile {percent}")?;
        }
        if !self.fields.is_empty() {
            write!(f, ", field {}", self.fields.join(" + "))?;
        }
        if !self.group_by.is_empty() {
            write!(f, " by {}", self.group_by.join(" + "))?;
        }
        write!(f, " within {}", self.timespan_text)?;
        match &self.condition {
            Holds::AllRules => Ok(()),
            Holds::Rules(condition) => write!(f, ": {}", In(condition, &self.rules)),
            Holds::Compare(list) => {
                let words: Vec<String> =
                    list.iter().map(|(how, n)| format!("{} {n}", how.as_str())).collect();
                write!(f, ": {}", words.join(" and "))
            }
        }
    }
}

/// A condition in the words of its rules.
struct In<'c>(&'c Condition, &'c [String]);

impl fmt::Display for In<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |list: &[Condition], word: &str| {
            let parts: Vec<String> = list.iter().map(|one| In(one, self.1).to_string()).collect();
            format!("({})", parts.join(word))
        };
        match self.0 {
            Condition::And(list) => f.write_str(&joined(list, " and ")),
            Condition::Or(list) => f.write_str(&joined(list, " or ")),
            Condition::Not(inner) => write!(f, "not {}", In(inner, self.1)),
            Condition::Selection(at) => f.write_str(&self.1[*at]),
            Condition::AtLeast(n, list) => {
                let names: Vec<&str> = list.iter().map(|at| &*self.1[*at]).collect();
                write!(f, "{n} of ({})", names.join(", "))
            }
        }
    }
}
