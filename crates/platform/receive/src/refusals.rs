//! Connections that were refused, counted between warnings: a flood of them is no flood of lines.

use std::sync::{Mutex, PoisonError};

use terms::Timestamp;

/// Between two warnings, in seconds.
const WARN_EVERY_S: i64 = 60;

/// Refused connections of one listener.
#[derive(Debug, Default)]
pub(crate) struct Refusals(Mutex<Since>);

#[derive(Debug, Default)]
struct Since {
    warned_at: Option<Timestamp>,
    count: u64,
}

impl Refusals {
    /// Counts one. When a warning is due, how many there were since the last.
    pub(crate) fn note(&self, now: Timestamp) -> Option<u64> {
        // A holder that panicked left a count that is right but for one.
        let mut since = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        since.count += 1;
        let is_due =
            since.warned_at.is_none_or(|at| now.as_second() - at.as_second() >= WARN_EVERY_S);
        is_due.then(|| {
            since.warned_at = Some(now);
            std::mem::take(&mut since.count)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_told_at_once_and_the_others_once_a_minute_with_their_number() {
        let refusals = Refusals::default();
        let told = [0, 1, 59, 60, 61, 200]
            .map(|second| refusals.note(Timestamp::from_second(second).expect("a moment")));
        assert_eq!(told, [Some(1), None, None, Some(3), None, Some(2)]);
    }
}
