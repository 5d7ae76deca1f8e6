//! Exceptions in words: what one covers, how it stands.

use detect::alert::{Condition, Exception, NewException, Operator};
use sector::Graph;
use terms::{Part, Timestamp};

use crate::view;

/// How an exception stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It hides what it covers.
    Active,
    /// Its time is over.
    Expired,
    /// It was taken back.
    Revoked,
}

impl Standing {
    /// How it stands at `now`.
    pub(crate) fn of(exception: &Exception, now: Timestamp) -> Self {
        match exception.revoked {
            Some(_) => Self::Revoked,
            None if exception.is_active(now) => Self::Active,
            None => Self::Expired,
        }
    }

    /// The word for addresses and files.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }

    /// The word of a page, and the colour of its tag.
    pub(crate) fn tag(self) -> (&'static str, &'static str) {
        match self {
            Self::Active => ("Active", "blue"),
            Self::Expired => ("Expired", "grey"),
            Self::Revoked => ("Taken back", "grey"),
        }
    }
}

/// How an operator reads between a field and a value.
pub(crate) fn operator(operator: Operator) -> &'static str {
    match operator {
        Operator::Equals => "is",
        Operator::Contains => "contains",
        Operator::StartsWith => "begins with",
        Operator::EndsWith => "ends with",
        Operator::Cidr => "lies in the network",
        Operator::Exists => "is there",
    }
}

/// "CommandLine contains “backup.exe” or “copy.exe”".
pub(crate) fn condition(condition: &Condition) -> String {
    let is = format!("{} {}", condition.field, operator(condition.operator));
    if condition.operator == Operator::Exists {
        return is;
    }
    let values: Vec<String> = condition.values.iter().map(|value| format!("“{value}”")).collect();
    format!("{is} {}", values.join(" or "))
}

/// What it covers, in one line.
pub(crate) fn covers(what: &NewException, rule: Option<&str>, graph: &Graph) -> String {
    let rule = match (&what.rule, rule) {
        (None, _) => "every rule".to_owned(),
        (Some(_), Some(title)) => format!("“{title}”"),
        (Some(id), None) => format!("the rule {id}"),
    };
    let device = what.device.as_ref().map(|device| format!(" on {device}")).unwrap_or_default();
    let conditions: Vec<String> = what.conditions.iter().map(condition).collect();
    let when = match conditions.is_empty() {
        true => String::new(),
        false => format!(", when {}", conditions.join(" and ")),
    };
    format!("{rule}{device} in {}{when}", part(&what.part, graph))
}

/// A part of the sector within a sentence.
pub(crate) fn part(part: &Part, graph: &Graph) -> String {
    match part {
        Part::Sector => "the whole sector".to_owned(),
        other => view::name_in(other, graph),
    }
}
