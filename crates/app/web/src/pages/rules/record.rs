//! How a rule's closed alerts turned out, in words, with how far that can be trusted.

use detect::alert::Verdicts;

use crate::pieces::words::{count, grouped};

/// "12 true, 3 benign, 1 false".
pub(crate) fn told(verdicts: Verdicts) -> String {
    let number = |count: u64| grouped(i64::try_from(count).unwrap_or(i64::MAX));
    format!(
        "{} true, {} benign, {} false",
        number(verdicts.true_positive),
        number(verdicts.benign),
        number(verdicts.false_positive)
    )
}

/// "About 75 of 100 were real (between 50 and 90)", or that nothing was closed.
pub(crate) fn share(verdicts: Verdicts) -> String {
    match bounds(verdicts) {
        None => "No alert of it was closed yet".to_owned(),
        Some((low, share, high)) => {
            let closed = i64::try_from(verdicts.total()).unwrap_or(i64::MAX);
            format!(
                "About {share} of 100 were real (between {low} and {high}; {})",
                count(closed, "closed alert", None)
            )
        }
    }
}

/// The share of true positives among closed alerts in hundredths, with the bounds between which
/// it lies in 95 of 100 cases (Wilson's interval); none without closed alerts.
pub(crate) fn bounds(verdicts: Verdicts) -> Option<(u8, u8, u8)> {
    const Z: f64 = 1.96;
    let all = verdicts.total() as f64;
    if all == 0.0 {
        return None;
    }
    let share = verdicts.true_positive as f64 / all;
    let middle = (share + Z * Z / (2.0 * all)) / (1.0 + Z * Z / all);
    let spread = share * (1.0 - share) / all + Z * Z / (4.0 * all * all);
    let half = Z * spread.sqrt() / (1.0 + Z * Z / all);
    let percent = |value: f64| (value.clamp(0.0, 1.0) * 100.0).round() as u8;
    Some((percent(middle - half), percent(share), percent(middle + half)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdicts(true_positive: u64, false_positive: u64) -> Verdicts {
        Verdicts { true_positive, benign: 0, false_positive }
    }

    #[test]
    fn few_verdicts_leave_the_share_wide_open_and_many_do_not() {
        assert_eq!(bounds(verdicts(0, 0)), None);
        assert_eq!(bounds(verdicts(1, 0)), Some((21, 100, 100)));
        assert_eq!(bounds(verdicts(0, 1)), Some((0, 0, 79)));
        assert_eq!(bounds(verdicts(500, 500)), Some((47, 50, 53)));
        let (low, share, high) = bounds(verdicts(u64::MAX / 4, 3)).expect("bounds");
        assert_eq!((low, share, high), (100, 100, 100));
    }

    #[test]
    fn a_share_is_told_with_its_bounds_and_what_it_rests_on() {
        let told = share(verdicts(3, 1));
        assert_eq!(told, "About 75 of 100 were real (between 30 and 95; 4 closed alerts)");
    }
}
