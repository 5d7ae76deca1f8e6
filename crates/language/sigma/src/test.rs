//! Does one value pass one test.

use std::{
    borrow::Cow,
    hash::{Hash, Hasher},
    net::IpAddr,
    sync::Arc,
};

use ipnet::IpNet;
use jiff::tz::TimeZone;

use crate::glob::Glob;

/// A question about one value of one field.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Test {
    /// The text stands in the value in this way. Lower case unless `cased`.
    Text {
        /// Where it has to stand.
        place: Place,
        /// What is sought.
        text: Box<str>,
        /// Whether letter case counts.
        cased: bool,
    },
    /// The value fits a pattern with wildcards inside. Lower case unless `cased`.
    Glob {
        /// The pattern.
        glob: Glob,
        /// Whether letter case counts.
        cased: bool,
    },
    /// The expression is found in the value.
    Regex(Pattern),
    /// The value as a number compares so.
    Number(Compare, Number),
    /// The text is this truth value.
    Truth(bool),
    /// There is no value but null.
    Null,
    /// There is a value, or there is none.
    Exists(bool),
    /// The value is an address inside the network.
    Cidr(IpNet),
    /// The value equals, or holds, a value of another field.
    FieldRef {
        /// How the other value has to stand in this one.
        place: Place,
        /// The other field.
        field: Box<str>,
        /// Whether letter case counts.
        cased: bool,
    },
    /// The value is a time, and a part of it compares so.
    Time(TimePart, Compare, Number),
}

/// Where a text has to stand in a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// It is the value.
    Whole,
    /// At the start.
    Start,
    /// At the end.
    End,
    /// Anywhere.
    Inside,
}

impl Place {
    /// Whether `text` stands in `value` so.
    pub fn holds(self, value: &str, text: &str) -> bool {
        match self {
            Place::Whole => value == text,
            Place::Start => value.starts_with(text),
            Place::End => value.ends_with(text),
            Place::Inside => memchr::memmem::find(value.as_bytes(), text.as_bytes()).is_some(),
        }
    }
}

/// How a number compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Compare {
    /// Equal.
    Equal,
    /// Less.
    Less,
    /// Less or equal.
    LessEqual,
    /// Greater.
    Greater,
    /// Greater or equal.
    GreaterEqual,
}

impl Compare {
    fn holds(self, value: f64, bound: f64) -> bool {
        match self {
            Compare::Equal => value == bound,
            Compare::Less => value < bound,
            Compare::LessEqual => value <= bound,
            Compare::Greater => value > bound,
            Compare::GreaterEqual => value >= bound,
        }
    }
}

/// A finite number that can be compared and hashed.
#[derive(Clone, Copy, Debug)]
pub struct Number(f64);

impl Number {
    /// `-0` is `0`, and there is no NaN.
    pub fn new(value: f64) -> Option<Self> {
        value.is_finite().then_some(Number(if value == 0.0 { 0.0 } else { value }))
    }

    /// The number as text names it: decimal, or hexadecimal after `0x`.
    pub fn parse(text: &str) -> Option<Self> {
        let first = *text.as_bytes().first()?;
        if !first.is_ascii_digit() && !matches!(first, b'-' | b'+' | b'.') {
            return None;
        }
        if let Some(hex) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
            let plain = !hex.is_empty() && hex.bytes().all(|b| b.is_ascii_hexdigit());
            return if plain {
                Number::new(u64::from_str_radix(hex, 16).ok()? as f64)
            } else {
                None
            };
        }
        if text.bytes().any(|b| b.is_ascii_alphabetic() && !matches!(b, b'e' | b'E')) {
            return None;
        }
        Number::new(text.parse().ok()?)
    }

    /// The plain value.
    pub fn get(self) -> f64 {
        self.0
    }

    /// For look-ups: equal numbers have equal bits.
    pub fn bits(self) -> u64 {
        self.0.to_bits()
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.bits() == other.bits()
    }
}

impl Eq for Number {}

impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bits().hash(state);
    }
}

/// Part of a time, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimePart {
    /// 0–59.
    Minute,
    /// 0–23.
    Hour,
    /// 1–31.
    Day,
    /// ISO week, 1–53.
    Week,
    /// 1–12.
    Month,
    /// For example 2026.
    Year,
}

impl TimePart {
    fn of(self, text: &str) -> Option<i64> {
        let at = terms::parse_time(text).ok()?.to_zoned(TimeZone::UTC);
        Some(match self {
            TimePart::Minute => at.minute().into(),
            TimePart::Hour => at.hour().into(),
            TimePart::Day => at.day().into(),
            TimePart::Week => at.date().iso_week_date().week().into(),
            TimePart::Month => at.month().into(),
            TimePart::Year => at.year().into(),
        })
    }
}

/// A regular expression, equal to others by its source.
#[derive(Clone, Debug)]
pub struct Pattern(Arc<regex::Regex>);

impl Pattern {
    /// Errors: what the expression's parser says.
    pub fn new(source: &str) -> Result<Self, regex::Error> {
        regex::RegexBuilder::new(source)
            .size_limit(4 << 20)
            .dfa_size_limit(1 << 20)
            .build()
            .map(|regex| Pattern(Arc::new(regex)))
    }

    /// The expression with its flags.
    pub fn source(&self) -> &str {
        self.0.as_str()
    }

    /// Whether it is found anywhere.
    pub fn is_match(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.source() == other.source()
    }
}

impl Eq for Pattern {}

impl Hash for Pattern {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.source().hash(state);
    }
}

/// A value's text, as written and in lower case.
#[derive(Clone, Copy, Debug)]
pub struct View<'v> {
    /// As written.
    pub text: &'v str,
    /// In lower case.
    pub folded: &'v str,
}

impl Test {
    /// Whether a value with this text passes. Tests that need more than the text of one value
    /// (`null`, `exists`, references) do not pass here.
    pub fn passes(&self, value: View<'_>) -> bool {
        let side = |cased: bool| if cased { value.text } else { value.folded };
        match self {
            Test::Text { place, text, cased } => place.holds(side(*cased), text),
            Test::Glob { glob, cased } => glob.matches(side(*cased)),
            Test::Regex(pattern) => pattern.is_match(value.text),
            Test::Number(compare, bound) => Number::parse(value.text)
                .is_some_and(|number| compare.holds(number.get(), bound.get())),
            Test::Truth(truth) => value.folded == if *truth { "true" } else { "false" },
            Test::Cidr(network) => address(value.text).is_some_and(|ip| network.contains(&ip)),
            Test::Time(part, compare, bound) => {
                part.of(value.text).is_some_and(|number| compare.holds(number as f64, bound.get()))
            }
            Test::Null | Test::Exists(_) | Test::FieldRef { .. } => false,
        }
    }

    /// Whether the answer depends on the text of one value alone.
    pub fn is_of_one_value(&self) -> bool {
        !matches!(self, Test::Null | Test::Exists(_) | Test::FieldRef { .. })
    }

    /// Whether a reference holds between the two texts.
    pub fn refers(&self, value: View<'_>, other: View<'_>) -> bool {
        match self {
            Test::FieldRef { place, cased: true, .. } => place.holds(value.text, other.text),
            Test::FieldRef { place, cased: false, .. } => place.holds(value.folded, other.folded),
            _ => false,
        }
    }
}

/// The address a text names; IPv4 written inside IPv6 counts as IPv4.
fn address(text: &str) -> Option<IpAddr> {
    text.parse::<IpAddr>().ok().map(|ip| ip.to_canonical())
}

/// The text in lower case, borrowed when it is so already.
pub fn fold(text: &str) -> Cow<'_, str> {
    if !text.is_ascii() {
        return Cow::Owned(text.to_lowercase());
    }
    if text.bytes().any(|b| b.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}
