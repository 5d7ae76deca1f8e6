//! Days and moments as people write them, in their own time zone.

use jiff::{ToSpan, civil::Date, tz::TimeZone};
use terms::Timestamp;

/// Which end of a span a day stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The day begins it.
    First,
    /// The day is its last, and included.
    Last,
}

/// A day of the zone (its IANA name), or a moment as RFC 3339 writes it; nothing for nothing.
///
/// Errors: what to write instead.
pub(super) fn moment(text: &str, zone: &str, end: End) -> Result<Option<Timestamp>, &'static str> {
    const WRITE: &str = "write a day as 2026-11-24, or a moment as 2026-11-24T14:05:00Z";
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let Ok(day) = text.parse::<Date>() else {
        return text.parse().map(Some).map_err(|_| WRITE);
    };
    // A date is also read out of a moment; only a text of a day's length is a day.
    if text.len() != "2026-11-24".len() {
        return text.parse().map(Some).map_err(|_| WRITE);
    }
    let day = match end {
        End::First => day,
        End::Last => day.checked_add(1.day()).map_err(|_| WRITE)?,
    };
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    Ok(Some(day.to_zoned(zone).map_err(|_| WRITE)?.timestamp()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_the_readers_and_the_last_is_included() {
        let read = |text, end| moment(text, "Europe/London", end).expect("read").expect("a moment");
        assert_eq!(read("2026-07-01", End::First).to_string(), "2026-06-30T23:00:00Z");
        assert_eq!(read("2026-07-01", End::Last).to_string(), "2026-07-01T23:00:00Z");
        let exact = "2026-07-01T10:00:00Z";
        assert_eq!(read(exact, End::Last).to_string(), exact);
    }

    #[test]
    fn what_is_no_day_is_refused_and_nothing_asks_nothing() {
        for text in ["tomorrow", "2026-13-01", "01/02/2026", "2026-07-01T10:00:00"] {
            assert!(moment(text, "Europe/London", End::First).is_err(), "{text}");
        }
        assert_eq!(moment("  ", "Europe/London", End::First), Ok(None));
    }
}
