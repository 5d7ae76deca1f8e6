//! When something happened: one instant, and the spellings of it that logs use.

use std::fmt;

use jiff::{civil, tz::TimeZone};

/// An instant in UTC, to the nanosecond.
pub use jiff::Timestamp;

/// Text that is no instant in any of the spellings Ward reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadableTime(pub String);

impl fmt::Display for UnreadableTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot read {:?} as a time: write it as 2026-11-24T08:30:00Z", self.0)
    }
}

impl std::error::Error for UnreadableTime {}

/// Reads an instant from the spellings found in logs.
///
/// RFC 3339 with any offset; the same without an offset or with a blank for the `T`, taken as
/// UTC; seconds, milliseconds, microseconds or nanoseconds since 1970 as a number, told apart
/// by magnitude. Errors: [`UnreadableTime`].
pub fn parse_time(text: &str) -> Result<Timestamp, UnreadableTime> {
    let text = text.trim();
    let unreadable = || UnreadableTime(text.chars().take(64).collect());
    if text.len() > 64 || text.is_empty() {
        return Err(unreadable());
    }
    if text.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b'-')
        && text.bytes().skip(1).all(|b| b != b'-')
    {
        return since_epoch(text).ok_or_else(unreadable);
    }
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(instant);
    }
    let bare = text.trim_end_matches(" UTC").trim_end_matches('Z');
    bare.parse::<civil::DateTime>()
        .ok()
        .and_then(|at| at.to_zoned(TimeZone::UTC).ok())
        .map(|at| at.timestamp())
        .ok_or_else(unreadable)
}

fn since_epoch(text: &str) -> Option<Timestamp> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let whole: i64 = whole.parse().ok()?;
    let size = whole.unsigned_abs();
    if size < FIRST_MILLISECONDS {
        let nanos: i32 = format!("{fraction:0<9}").get(..9)?.parse().ok()?;
        Timestamp::new(whole, if whole < 0 { -nanos } else { nanos }).ok()
    } else if size < FIRST_MILLISECONDS * 1_000 {
        Timestamp::from_millisecond(whole).ok()
    } else if size < FIRST_MILLISECONDS * 1_000_000 {
        Timestamp::from_microsecond(whole).ok()
    } else {
        Timestamp::from_nanosecond(i128::from(whole)).ok()
    }
}

/// As seconds this is the year 5138; as milliseconds 1973. Each finer unit starts a thousand
/// times further on.
const FIRST_MILLISECONDS: u64 = 100_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(parse_time(text).map(|at| at.to_string()).as_deref(), Ok(expected), "{text}");
    }

    #[test]
    fn spellings_of_logs_give_the_same_instant() {
        for text in [
            "2026-11-24T08:30:00Z",
            "2026-11-24T09:30:00+01:00",
            "2026-11-24 08:30:00",
            "2026-11-24 08:30:00 UTC",
            "2026-11-24T08:30:00.000",
            "1795509000",
            "1795509000000",
            "1795509000000000",
            "1795509000000000000",
        ] {
            check(text, "2026-11-24T08:30:00Z");
        }
    }

    #[test]
    fn fractions_of_a_second_are_kept() {
        check("1795509000.25", "2026-11-24T08:30:00.25Z");
        check("2026-11-24 08:30:00.123", "2026-11-24T08:30:00.123Z");
    }

    #[test]
    fn what_is_no_time_is_refused_and_named() {
        for text in ["", "yesterday", "2026-13-01T00:00:00Z", "12-34", "99999999999999999999"] {
            assert!(parse_time(text).is_err(), "{text}");
        }
    }
}
