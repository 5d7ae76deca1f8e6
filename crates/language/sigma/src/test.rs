//! Does one value pass one test.

use std::{
    borrow::Cow,
    hash::{Hash, Hasher},
    net::IpAddr,
    sync::Arc,
};

use ipnet::IpNet;
use jiff::{Timestamp, civil, tz::TimeZone};

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
            Place::Inside => value.contains(text),
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

    /// The plain value.
    pub fn get(self) -> f64 {
        self.0
    }

    /// For look-ups: equal numbers have equal bits.
    pub fn bits(self) -> u64 {
        self.0.to_bits()
    }
}

/// The number that a text names: decimal digits with sign, fraction and exponent, or `0x` and
/// hexadecimal digits that fit 64 bits. Beyond the range of a float it is infinite.
pub fn number_in(text: &str) -> Option<f64> {
    if let Some(hex) = text.strip_prefix("0x") {
        let plain = !hex.is_empty() && hex.bytes().all(|b| b.is_ascii_hexdigit());
        return plain.then(|| u64::from_str_radix(hex, 16).ok().map(|n| n as f64)).flatten();
    }
    let bytes = text.as_bytes();
    let unsigned = bytes.strip_prefix(b"-").or(bytes.strip_prefix(b"+")).unwrap_or(bytes);
    let digits = |bytes: &[u8]| bytes.iter().take_while(|b| b.is_ascii_digit()).count();
    let whole = digits(unsigned);
    if whole == 0 {
        return None;
    }
    let mut rest = &unsigned[whole..];
    if let Some(fraction) = rest.strip_prefix(b".") {
        let length = digits(fraction);
        if length == 0 {
            return None;
        }
        rest = &fraction[length..];
    }
    if let Some((b'e' | b'E', exponent)) = rest.split_first() {
        let plain = exponent.strip_prefix(b"-").or(exponent.strip_prefix(b"+")).unwrap_or(exponent);
        let length = digits(plain);
        if length == 0 {
            return None;
        }
        rest = &plain[length..];
    }
    if rest.is_empty() { text.parse().ok() } else { None }
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
        let at = time_in(text)?.to_zoned(TimeZone::UTC);
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

/// The time that a text names: RFC 3339, with a blank for the `T` and without an offset if it
/// likes, or seconds or milliseconds since 1970. Narrower than [`terms::parse_time`], because
/// rules must mean the same everywhere.
fn time_in(text: &str) -> Option<Timestamp> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return since_1970(text);
    }
    let seconds = text.get(..19)?;
    let shape = seconds.bytes().enumerate().all(|(at, byte)| match at {
        4 | 7 => byte == b'-',
        10 => matches!(byte, b'T' | b't' | b' '),
        13 | 16 => byte == b':',
        _ => byte.is_ascii_digit(),
    });
    if !shape {
        return None;
    }
    let local: civil::DateTime = format!("{}T{}", &seconds[..10], &seconds[11..]).parse().ok()?;
    let mut rest = &text[19..];
    if let Some(fraction) = rest.strip_prefix('.') {
        let length = fraction.bytes().take_while(u8::is_ascii_digit).count();
        rest = &fraction[length..];
        if length == 0 {
            return None;
        }
    }
    let utc = local.to_zoned(TimeZone::UTC).ok()?.timestamp();
    Timestamp::from_second(utc.as_second() - offset_s(rest)?).ok()
}

/// Seconds east of Greenwich; none written is UTC.
fn offset_s(text: &str) -> Option<i64> {
    let (sign, rest) = match text.as_bytes() {
        [] | [b'Z' | b'z'] => return Some(0),
        [b'+', ..] => (1, &text[1..]),
        [b'-', ..] => (-1, &text[1..]),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    let part = |text: &str, most: i64| -> Option<i64> {
        let plain = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
        text.parse::<i64>().ok().filter(|number| plain && *number <= most)
    };
    Some(sign * (part(hours, 23)? * 60 + part(minutes, 59)?) * 60)
}

/// Numbers from here on are milliseconds, smaller ones seconds.
const FIRST_MILLISECONDS: i64 = 100_000_000_000;

fn since_1970(text: &str) -> Option<Timestamp> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    if fraction.is_empty() || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let later = text.starts_with('-') && fraction.bytes().any(|b| b != b'0');
    let whole = whole.parse::<i64>().ok()? - i64::from(later);
    if whole.abs() < FIRST_MILLISECONDS {
        Timestamp::from_second(whole).ok()
    } else {
        Timestamp::from_millisecond(whole).ok()
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
            Test::Number(compare, bound) => {
                number_in(value.text).is_some_and(|number| compare.holds(number, bound.get()))
            }
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
pub(crate) fn address(text: &str) -> Option<IpAddr> {
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
