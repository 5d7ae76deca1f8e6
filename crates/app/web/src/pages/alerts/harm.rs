//! How close an alert is to harming care, in the four levels people read.
//!
//! It follows from the rank alone, so that the order of the queue and the words beside it never
//! contradict each other. The rank is a product of severity, confidence and what rests on the
//! device; the thresholds below say in words where on its scale of a million each level begins.

use detect::alert::{Alert, State, Verdict};

use crate::pieces::Harm;

/// A likely attack on what a service cannot work without: a critical rule that was right half of
/// the time, on a device on which a life-critical service for thousands a day rests (0.43).
const NOW: i64 = 350_000;
/// Somebody must act before it comes to that: the same on a device nobody has described (0.15).
pub(crate) const SOON: i64 = 150_000;
/// Something rests on the device, or the rule is serious: neither alone threatens care.
const POSSIBLE: i64 = 40_000;

/// The level of a rank.
pub(crate) fn of_rank(millionths: i64) -> Harm {
    match millionths {
        NOW.. => Harm::Now,
        SOON.. => Harm::Soon,
        POSSIBLE.. => Harm::Possible,
        _ => Harm::None,
    }
}

/// The level of an alert; one that turned out to be nothing threatens nothing.
pub(crate) fn of(alert: &Alert) -> Harm {
    let was_nothing = matches!(alert.verdict, Some(Verdict::Benign | Verdict::FalsePositive));
    match alert.state == State::Closed && was_nothing {
        true => Harm::None,
        false => of_rank(alert.rank_millionths),
    }
}

#[cfg(test)]
mod tests {
    use detect::alert::{Path, Ranker, Record, RuleText, Step, StepKind, Support, rank::Product};
    use terms::Level;

    use super::*;

    fn level_of(level: Level, criticality: u8, patients: u32) -> Harm {
        let rule = RuleText {
            id: "example".to_owned(),
            version: String::new(),
            title: String::new(),
            level,
            status: "test".to_owned(),
            tags: Vec::new(),
            harm: String::new(),
            action: String::new(),
        };
        let step = Step {
            kind: StepKind::Service,
            code: "S".to_owned(),
            name: "a service".to_owned(),
            reason: String::new(),
        };
        let path = Path {
            steps: vec![step],
            patients_per_day: Some(patients),
            criticality,
            strength: 1.0,
        };
        let support = match criticality {
            0 => Support::unknown(),
            _ => Support { is_known: true, paths: vec![path] },
        };
        of_rank(Product.rank(&rule, Record::default(), &support).millionths())
    }

    #[test]
    fn words_follow_severity_and_what_rests_on_the_device() {
        assert_eq!(level_of(Level::Critical, 4, 4_200), Harm::Now);
        assert_eq!(level_of(Level::Critical, 0, 0), Harm::Soon);
        assert_eq!(level_of(Level::High, 4, 4_200), Harm::Now);
        assert_eq!(level_of(Level::Medium, 4, 4_200), Harm::Soon);
        assert_eq!(level_of(Level::Medium, 1, 10), Harm::None);
        assert_eq!(level_of(Level::Low, 4, 4_200), Harm::Possible);
        assert_eq!(level_of(Level::Informational, 4, 4_200), Harm::None);
    }

    #[test]
    fn a_higher_rank_never_has_a_lower_level() {
        let levels: Vec<Harm> = (0..=1_000).map(|at| of_rank(at * 1_000)).collect();
        assert!(levels.is_sorted());
    }
}
