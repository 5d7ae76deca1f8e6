//! How times are stored: microseconds since 1970 in UTC, as a 64-bit integer.

use terms::Timestamp;

/// The stored form of an instant; what lies below a microsecond is cut.
pub fn micros(instant: Timestamp) -> i64 {
    instant.as_microsecond()
}

/// The instant of a stored form. What lies outside the years −9999 to 9999 is taken for 1970:
/// Ward never writes it.
pub fn instant(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// As [`instant`], where there may be none.
pub fn optional_instant(micros: Option<i64>) -> Option<Timestamp> {
    micros.map(instant)
}
