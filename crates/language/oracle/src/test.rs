//! One test against the values of one field. The table in `docs/reference/sigma.md`, row by row.

use std::net::IpAddr;

use ipnet::IpNet;
use regex::Regex;

use crate::{
    FlatEvent, Value,
    pattern::Pattern,
    time::{Part, part_of},
};

/// What one listed value asks of a field.
#[derive(Clone, Debug)]
pub enum Test {
    /// The text equals the pattern.
    Text {
        /// With `*` at its ends for `contains`, `startswith` and `endswith`.
        pattern: Pattern,
        /// Letter case counts.
        cased: bool,
    },
    /// The regular expression is found in the text.
    Regex(Regex),
    /// The text is an address inside the network.
    Network(IpNet),
    /// The value as number compares so.
    Number(Compare, f64),
    /// Absent, or all values null.
    Null,
    /// There is, or is not, a value that is not null.
    Exists(bool),
    /// The text compares with a text of the named field.
    FieldRef {
        /// Whose values to compare with.
        name: String,
        /// Where these may stand.
        place: Place,
        /// Letter case counts.
        cased: bool,
    },
    /// This part of the time compares so.
    Time(Part, Compare, f64),
}

/// How numbers compare.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Compare {
    /// Equal.
    Equal,
    /// `gt`
    Greater,
    /// `gte`
    GreaterOrEqual,
    /// `lt`
    Less,
    /// `lte`
    LessOrEqual,
}

/// Where in the text something stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Place {
    /// It is the whole text.
    Whole,
    /// `contains`
    Anywhere,
    /// `startswith`
    Start,
    /// `endswith`
    End,
}

impl Compare {
    /// Whether `left` compares so with `right`.
    pub fn holds(self, left: f64, right: f64) -> bool {
        match self {
            Compare::Equal => left == right,
            Compare::Greater => left > right,
            Compare::GreaterOrEqual => left >= right,
            Compare::Less => left < right,
            Compare::LessOrEqual => left <= right,
        }
    }
}

impl Place {
    /// Whether `part` stands there in `text`.
    pub fn holds(self, text: &str, part: &str) -> bool {
        match self {
            Place::Whole => text == part,
            Place::Anywhere => text.contains(part),
            Place::Start => text.starts_with(part),
            Place::End => text.ends_with(part),
        }
    }
}

impl Test {
    /// Whether it holds for a field with these values.
    pub fn holds(&self, values: &[&Value], event: &FlatEvent) -> bool {
        match self {
            Test::Null => values.iter().all(|value| **value == Value::Null),
            Test::Exists(wanted) => values.iter().any(|value| **value != Value::Null) == *wanted,
            _ => values.iter().any(|value| self.passes(value, event)),
        }
    }

    /// Whether this one value passes.
    fn passes(&self, value: &Value, event: &FlatEvent) -> bool {
        if let Test::Number(compare, number) = self {
            return value.number().is_some_and(|value| compare.holds(value, *number));
        }
        let Some(text) = value.text() else { return false };
        match self {
            Test::Text { pattern, cased } => pattern.equals(&text, *cased),
            Test::Regex(regex) => regex.is_match(&text),
            Test::Network(network) => text
                .parse::<IpAddr>()
                .is_ok_and(|address| network.contains(&address.to_canonical())),
            Test::Time(part, compare, number) => {
                part_of(&text, *part).is_some_and(|value| compare.holds(value, *number))
            }
            Test::FieldRef { name, place, cased } => {
                let others = event.values(name);
                others.iter().filter_map(|other| other.text()).any(|other| match cased {
                    true => place.holds(&text, &other),
                    false => place.holds(&text.to_lowercase(), &other.to_lowercase()),
                })
            }
            Test::Number(..) | Test::Null | Test::Exists(_) => unreachable!("decided above"),
        }
    }
}
