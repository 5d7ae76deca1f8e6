//! Spellings of a time. Records come in order, so most fall into the second of the one before:
//! its spelling is kept and only the fraction is written anew.

use jiff::tz::TimeZone;

/// How a time is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spelling {
    /// `2026-11-24T08:30:00.123Z`
    Millis,
    /// `2026-11-24T08:30:00.123456Z`
    Micros,
    /// `2026-11-24 08:30:00.123`, as Sysmon writes it.
    Sysmon,
    /// `2026-11-24T08:30:00.123456+0000`, as Suricata writes it.
    Eve,
    /// `1795509000.123456`
    Epoch,
    /// `2026-11-24T08:30:00`
    Seconds,
}

/// The time at hand, microseconds since 1970.
pub(crate) struct Clock {
    micros: i64,
    second: i64,
    /// `2026-11-24T08:30:00` of `second`.
    text: [u8; 19],
}

impl Clock {
    pub(crate) fn new() -> Self {
        let mut clock = Clock { micros: 0, second: 0, text: [b'0'; 19] };
        clock.spell(0);
        clock
    }

    pub(crate) fn set(&mut self, micros: i64) {
        self.micros = micros;
        let second = micros.div_euclid(MICROS);
        if second != self.second {
            self.spell(second);
        }
    }

    fn spell(&mut self, second: i64) {
        self.second = second;
        let at = jiff::Timestamp::from_second(second).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        let at = TimeZone::UTC.to_datetime(at);
        let parts = [
            (0, 4, i32::from(at.year())),
            (5, 2, i32::from(at.month())),
            (8, 2, i32::from(at.day())),
            (11, 2, i32::from(at.hour())),
            (14, 2, i32::from(at.minute())),
            (17, 2, i32::from(at.second())),
        ];
        self.text = *b"0000-00-00T00:00:00";
        for (from, width, number) in parts {
            digits(&mut self.text[from..from + width], number.unsigned_abs());
        }
    }

    /// Appends the time at hand.
    pub(crate) fn write(&self, spelling: Spelling, out: &mut Vec<u8>) {
        let fraction = self.micros.rem_euclid(MICROS) as u32;
        match spelling {
            Spelling::Epoch => super::template::write_number(self.second.unsigned_abs(), out),
            _ => out.extend_from_slice(&self.text),
        }
        if spelling == Spelling::Sysmon {
            let from = out.len() - self.text.len();
            out[from + 10] = b' ';
        }
        let mut tail = *b".000000";
        match spelling {
            Spelling::Seconds => return,
            Spelling::Millis | Spelling::Sysmon => {
                digits(&mut tail[1..4], fraction / 1000);
                out.extend_from_slice(&tail[..4]);
            }
            Spelling::Micros | Spelling::Eve | Spelling::Epoch => {
                digits(&mut tail[1..], fraction);
                out.extend_from_slice(&tail);
            }
        }
        match spelling {
            Spelling::Millis | Spelling::Micros => out.push(b'Z'),
            Spelling::Eve => out.extend_from_slice(b"+0000"),
            _ => {}
        }
    }
}

/// Microseconds in a second.
pub(crate) const MICROS: i64 = 1_000_000;

/// Fills `place` with the last digits of a number.
fn digits(place: &mut [u8], mut number: u32) {
    for byte in place.iter_mut().rev() {
        *byte = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(spelling: Spelling, expected: &str) {
        let mut clock = Clock::new();
        clock.set(1_795_509_000_123_456);
        let mut out = Vec::new();
        clock.write(spelling, &mut out);
        assert_eq!(String::from_utf8(out).as_deref(), Ok(expected));
    }

    #[test]
    fn a_time_is_spelt_as_each_tool_spells_it() {
        check(Spelling::Millis, "2026-11-24T08:30:00.123Z");
        check(Spelling::Micros, "2026-11-24T08:30:00.123456Z");
        check(Spelling::Sysmon, "2026-11-24 08:30:00.123");
        check(Spelling::Eve, "2026-11-24T08:30:00.123456+0000");
        check(Spelling::Epoch, "1795509000.123456");
        check(Spelling::Seconds, "2026-11-24T08:30:00");
    }
}
