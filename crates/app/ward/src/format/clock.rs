//! Instants as RFC 3339 in UTC, to the precision they have. Findings come in bursts, so the text
//! of the last second is kept.

use std::io::Write;

use terms::Timestamp;

/// Writes instants.
#[derive(Default)]
pub(crate) struct Clock {
    second: i64,
    /// The text of `second` without the `Z`; empty at first.
    text: String,
}

impl Clock {
    /// Appends an instant as its `Display` has it.
    pub(crate) fn write(&mut self, at: Timestamp, out: &mut Vec<u8>) {
        let (second, nanos) = (at.as_second(), at.subsec_nanosecond());
        // Before 1970 seconds and their fractions count backwards.
        let text = if second < 0 || nanos < 0 { None } else { self.text(second) };
        match text {
            Some(text) => {
                out.extend_from_slice(text.as_bytes());
                fraction(nanos, out);
                out.push(b'Z');
            }
            // Writing to memory cannot fail.
            None => drop(write!(out, "{at}")),
        }
    }

    fn text(&mut self, second: i64) -> Option<&str> {
        if self.text.is_empty() || second != self.second {
            self.text = Timestamp::from_second(second).ok()?.to_string();
            self.text.pop();
            self.second = second;
        }
        Some(&self.text)
    }
}

/// Appends the digits of a fraction without the zeros at its end, and nothing for none.
fn fraction(nanos: i32, out: &mut Vec<u8>) {
    if nanos == 0 {
        return;
    }
    let mut digits = *b".000000000";
    let mut rest = nanos.unsigned_abs();
    for digit in digits[1..].iter_mut().rev() {
        *digit += (rest % 10) as u8;
        rest /= 10;
    }
    let used = digits.iter().rposition(|digit| *digit != b'0').unwrap_or_default();
    out.extend_from_slice(&digits[..=used]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_spelt_as_it_always_is() {
        let mut clock = Clock::default();
        for second in [0, 1, 1, 59, -1, -62_135_596_800, 1_795_509_000, 253_402_207_199] {
            for nanos in [0, 1, 10, 100_000_000, 120_000_000, 999_999_999, 4_000] {
                for nanos in [nanos, -nanos] {
                    let Ok(at) = Timestamp::new(second, nanos) else { continue };
                    let mut out = Vec::new();
                    clock.write(at, &mut out);
                    assert_eq!(String::from_utf8_lossy(&out), at.to_string());
                }
            }
        }
    }
}
