//! A time as people read it: "14:05 today (9 minutes ago)", in the time of London.
//!
//! The time of the request is an argument, so that all times of a page agree.

use std::sync::LazyLock;

use jiff::{Zoned, tz::TimeZone};
use serde::Serialize;
use terms::Timestamp;

use super::words::count;

/// An instant seen from the time of the request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Moment {
    /// `2026-11-24T14:05:12Z`, for `datetime` and for exports.
    pub iso: String,
    /// "Tuesday 24 November 2026 at 14:05:12 GMT".
    pub exact: String,
    /// "14:05 today".
    pub day: String,
    /// "9 minutes ago".
    pub ago: String,
}

static LONDON: LazyLock<TimeZone> = LazyLock::new(|| {
    TimeZone::get("Europe/London").expect("the time zones are compiled into the program")
});

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

impl Moment {
    /// `at` as seen at `now` in London.
    #[must_use]
    pub fn new(at: Timestamp, now: Timestamp) -> Self {
        Self::of(at, now, LONDON.clone())
    }

    /// `at` as seen at `now` in a time zone (its IANA name); in London where there is none such.
    #[must_use]
    pub fn within(at: Timestamp, now: Timestamp, zone: &str) -> Self {
        let zone = TimeZone::get(zone).unwrap_or_else(|_| LONDON.clone());
        Self::of(at, now, zone)
    }

    fn of(at: Timestamp, now: Timestamp, zone: TimeZone) -> Self {
        let local = at.to_zoned(zone.clone());
        let today = now.to_zoned(zone);
        let ago = distance(now.as_second() - at.as_second());
        let clock = local.strftime("%H:%M");
        Self {
            iso: at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            exact: local.strftime("%A %-d %B %Y at %H:%M:%S %Z").to_string(),
            day: format!("{clock} {}", day(&local, &today)),
            ago,
        }
    }
}

/// "today", "yesterday", "on Saturday 21 November", "on 3 November 2025".
fn day(local: &Zoned, today: &Zoned) -> String {
    let days = (today.date() - local.date()).get_days();
    match days {
        0 => "today".to_owned(),
        1 => "yesterday".to_owned(),
        -1 => "tomorrow".to_owned(),
        2..=6 => local.strftime("on %A %-d %B").to_string(),
        _ if local.year() == today.year() => local.strftime("on %-d %B").to_string(),
        _ => local.strftime("on %-d %B %Y").to_string(),
    }
}

/// "9 minutes ago", "in 2 hours", "just now"; always rounded down.
fn distance(seconds: i64) -> String {
    let size = seconds.saturating_abs();
    let words = match size {
        0..MINUTE => return "just now".to_owned(),
        MINUTE..HOUR => count(size / MINUTE, "minute", None),
        HOUR..172_800 => count(size / HOUR, "hour", None),
        172_800..5_184_000 => count(size / DAY, "day", None),
        5_184_000..63_072_000 => count(size / (30 * DAY), "month", None),
        _ => count(size / (365 * DAY), "year", None),
    };
    if seconds > 0 { format!("{words} ago") } else { format!("in {words}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(at: &str, now: &str, expected: &str) {
        let at = at.parse().expect("a time");
        let now = now.parse().expect("a time");
        let moment = Moment::new(at, now);
        assert_eq!(format!("{} ({})", moment.day, moment.ago), expected, "{at} seen at {now}");
    }

    #[test]
    fn times_near_and_far_are_told_as_people_tell_them() {
        let now = "2026-11-24T14:14:00Z";
        check("2026-11-24T14:05:12Z", now, "14:05 today (8 minutes ago)");
        check("2026-11-24T14:13:30Z", now, "14:13 today (just now)");
        check("2026-11-24T13:00:00Z", now, "13:00 today (1 hour ago)");
        check("2026-11-23T20:00:00Z", now, "20:00 yesterday (18 hours ago)");
        check("2026-11-21T08:00:00Z", now, "08:00 on Saturday 21 November (3 days ago)");
        check("2026-11-03T08:00:00Z", now, "08:00 on 3 November (21 days ago)");
        check("2025-11-03T08:00:00Z", now, "08:00 on 3 November 2025 (12 months ago)");
        check("2026-11-25T14:14:00Z", now, "14:14 tomorrow (in 24 hours)");
        check("1970-01-01T00:00:00Z", now, "01:00 on 1 January 1970 (56 years ago)");
    }

    #[test]
    fn a_reader_elsewhere_sees_their_own_clock() {
        let now = "2026-11-24T14:14:00Z".parse().expect("a time");
        let at = "2026-11-24T23:30:00Z".parse().expect("a time");
        assert_eq!(Moment::within(at, now, "Europe/Athens").day, "01:30 tomorrow");
        assert_eq!(Moment::within(at, now, "Nowhere/At_All"), Moment::new(at, now));
    }

    #[test]
    fn summer_time_moves_the_clock_and_the_day() {
        check("2026-06-30T23:30:00Z", "2026-07-01T08:00:00Z", "00:30 today (8 hours ago)");
        let now = "2026-10-25T12:00:00Z".parse().expect("a time");
        let first = Moment::new("2026-10-25T00:30:00Z".parse().expect("a time"), now);
        let second = Moment::new("2026-10-25T01:30:00Z".parse().expect("a time"), now);
        assert_eq!(first.exact, "Sunday 25 October 2026 at 01:30:00 BST");
        assert_eq!(second.exact, "Sunday 25 October 2026 at 01:30:00 GMT");
    }
}
