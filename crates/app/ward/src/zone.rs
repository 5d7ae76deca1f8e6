//! Times as people write and read them, always in a named time zone.

use anyhow::{Context, Result, bail};
use jiff::{
    ToSpan,
    civil::{Date, DateTime},
    tz::TimeZone,
};
use terms::Timestamp;

/// A time zone with the name it is shown by.
#[derive(Clone, Debug)]
pub(crate) struct Zone {
    zone: TimeZone,
    /// For example `UTC` or `Europe/London`.
    pub(crate) name: String,
}

impl Zone {
    /// Universal time.
    pub(crate) fn utc() -> Self {
        Zone { zone: TimeZone::UTC, name: "UTC".to_owned() }
    }

    /// The zone with this name.
    pub(crate) fn new(name: &str) -> Result<Self> {
        if matches!(name.to_ascii_uppercase().as_str(), "UTC" | "Z" | "GMT") {
            return Ok(Zone::utc());
        }
        let zone = TimeZone::get(name).with_context(|| {
            format!("--time-zone {name:?} is not known; use a name like Europe/London or UTC")
        })?;
        let name = zone.iana_name().unwrap_or(name).to_owned();
        Ok(Zone { zone, name })
    }

    fn civil(&self, at: Timestamp) -> DateTime {
        at.to_zoned(self.zone.clone()).datetime()
    }

    /// `2026-11-24 08:30:00`.
    pub(crate) fn second(&self, at: Timestamp) -> String {
        self.civil(at).strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// `2026-11-24 08:30`.
    pub(crate) fn minute(&self, at: Timestamp) -> String {
        self.civil(at).strftime("%Y-%m-%d %H:%M").to_string()
    }

    /// The beginning of a bar so many seconds wide, no finer than the bar is.
    pub(crate) fn bar(&self, at: Timestamp, width_s: i64) -> String {
        if width_s < 60 {
            return self.second(at);
        }
        let minute = self.minute(at);
        match minute.strip_suffix(" 00:00") {
            Some(day) if width_s >= 86_400 => day.to_owned(),
            _ => minute,
        }
    }

    /// `2026-11-24 08:30 – 09:10`; the second date only where it differs.
    pub(crate) fn span(&self, first: Timestamp, last: Timestamp, dash: &str) -> String {
        let (start, end) = (self.civil(first), self.civil(last));
        let first = self.minute(first);
        if start.date() != end.date() {
            return format!("{first} {dash} {}", self.minute(last));
        }
        if first == self.minute(last) {
            return first;
        }
        format!("{first} {dash} {}", end.strftime("%H:%M"))
    }

    /// A time as typed: with an offset, or local to this zone. A bare date is its beginning, or
    /// with `is_end` the beginning of the next day.
    pub(crate) fn read(&self, text: &str, is_end: bool) -> Result<Timestamp> {
        let text = text.trim();
        if let Ok(at) = text.parse::<Timestamp>() {
            return Ok(at);
        }
        let local = |at: DateTime| {
            let zoned = at.to_zoned(self.zone.clone());
            zoned.map(|zoned| zoned.timestamp()).context("that time does not exist")
        };
        // Date first: as a date and time, a bare date would be midnight.
        if !text.contains(':')
            && let Ok(day) = text.parse::<Date>()
        {
            let day = if is_end { day.checked_add(1.day())? } else { day };
            return local(day.at(0, 0, 0, 0));
        }
        if let Ok(at) = text.parse::<DateTime>() {
            return local(at);
        }
        bail!("cannot read {text:?} as a time; write 2026-11-24T08:30:00Z or 2026-11-24 08:30")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(zone: &str, text: &str, is_end: bool, expected: &str) {
        let zone = Zone::new(zone).expect("a known zone");
        let read = zone.read(text, is_end).map(|at| at.to_string()).expect("a time");
        assert_eq!(read, expected, "{text} in {}", zone.name);
    }

    #[test]
    fn a_time_with_an_offset_is_the_same_in_every_zone() {
        check("Europe/London", "2026-07-01T08:30:00Z", false, "2026-07-01T08:30:00Z");
        check("UTC", "2026-07-01T08:30:00+01:00", false, "2026-07-01T07:30:00Z");
    }

    #[test]
    fn a_local_time_is_read_in_the_zone_summer_time_included() {
        check("Europe/London", "2026-07-01 08:30", false, "2026-07-01T07:30:00Z");
        check("Europe/London", "2026-12-01 08:30", false, "2026-12-01T08:30:00Z");
    }

    #[test]
    fn a_bare_date_is_its_first_moment_and_as_an_end_the_whole_day() {
        check("Europe/London", "2026-07-01", false, "2026-06-30T23:00:00Z");
        check("Europe/London", "2026-07-01", true, "2026-07-01T23:00:00Z");
    }

    #[test]
    fn a_span_says_the_date_once_where_it_is_one_day() {
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        let span = |a, b| Zone::utc().span(at(a), at(b), "–");
        assert_eq!(
            span("2026-01-01T08:00:00Z", "2026-01-01T09:00:00Z"),
            "2026-01-01 08:00 – 09:00"
        );
        assert_eq!(span("2026-01-01T08:00:00Z", "2026-01-01T08:00:30Z"), "2026-01-01 08:00");
        assert_eq!(
            span("2026-01-01T08:00:00Z", "2026-01-02T08:00:00Z"),
            "2026-01-01 08:00 – 2026-01-02 08:00"
        );
    }

    #[test]
    fn what_is_no_time_says_how_to_write_one() {
        let error = Zone::utc().read("yesterday", false).expect_err("no time").to_string();
        assert!(error.contains("2026-11-24 08:30"), "{error}");
    }
}
