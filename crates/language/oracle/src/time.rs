//! Parts of a time. In: a value's text. Out: its minute, hour, day, week, month or year in UTC.

use std::sync::LazyLock;

use jiff::{Timestamp, civil, tz::TimeZone};
use regex::Regex;

/// Which part of a time a rule asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Part {
    /// 0 to 59.
    Minute,
    /// 0 to 23.
    Hour,
    /// Day of the month, 1 to 31.
    Day,
    /// ISO week, 1 to 53.
    Week,
    /// 1 to 12.
    Month,
    /// For example 2026.
    Year,
}

/// The part of the time that `text` is, if it is one.
pub fn part_of(text: &str, part: Part) -> Option<f64> {
    let at = read(text)?.to_zoned(TimeZone::UTC);
    let number = match part {
        Part::Minute => i16::from(at.minute()),
        Part::Hour => i16::from(at.hour()),
        Part::Day => i16::from(at.day()),
        Part::Week => i16::from(at.date().iso_week_date().week()),
        Part::Month => i16::from(at.month()),
        Part::Year => at.year(),
    };
    Some(f64::from(number))
}

/// Numbers from here on are milliseconds since 1970, below they are seconds.
const FIRST_MILLISECONDS: i64 = 100_000_000_000;

static NUMBER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^(-?[0-9]+)(\.[0-9]+)?$").expect("it is written here"));

/// With `T`, `t` or a blank in the middle; the offset may be missing.
static RFC3339: LazyLock<Regex> = LazyLock::new(|| {
    let date = "[0-9]{4}-[0-9]{2}-[0-9]{2}";
    let time = "[0-9]{2}:[0-9]{2}:[0-9]{2}";
    let offset = "[Zz]|[+-][0-9]{2}:[0-9]{2}";
    Regex::new(&format!(r"^({date})[Tt ]({time})(\.[0-9]+)?({offset})?$"))
        .expect("it is written here")
});

fn read(text: &str) -> Option<Timestamp> {
    if let Some(found) = NUMBER.captures(text) {
        let whole: i64 = found[1].parse().ok()?;
        // A fraction of a second changes no part, except that it is later, not earlier, in time:
        // negative numbers with a fraction belong to the second before.
        let fraction = found.get(2).is_some_and(|digits| digits.as_str().contains(|c| c > '0'));
        let whole = if fraction && text.starts_with('-') { whole - 1 } else { whole };
        return match whole.abs() < FIRST_MILLISECONDS {
            true => Timestamp::from_second(whole).ok(),
            false => Timestamp::from_millisecond(whole).ok(),
        };
    }
    let found = RFC3339.captures(text)?;
    let local: civil::DateTime = format!("{}T{}", &found[1], &found[2]).parse().ok()?;
    let utc = local.to_zoned(TimeZone::UTC).ok()?.timestamp();
    let offset = found.get(4).map_or("Z", |offset| offset.as_str());
    if offset.eq_ignore_ascii_case("z") {
        return Some(utc);
    }
    let hours: i64 = offset[1..3].parse().ok()?;
    let minutes: i64 = offset[4..6].parse().ok()?;
    if hours > 23 || minutes > 59 {
        return None;
    }
    let seconds = (hours * 60 + minutes) * 60;
    let east = if offset.starts_with('-') { -seconds } else { seconds };
    Timestamp::from_second(utc.as_second() - east).ok()
}
