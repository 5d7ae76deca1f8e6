//! How urgent an alert is, and why in words a duty manager can challenge. In: what the rule says,
//! what its earlier alerts turned out to be, what the device does for patients. Out: a number from
//! 0 to 1 and the three factors it is the product of. Pure.
//!
//! This is a first form. Whatever replaces it is another [`Ranker`]; nothing else changes.

use serde::{Deserialize, Serialize};
use terms::Level;

use super::{Path, RuleText, Support, support::StepKind};

/// How urgent, and why.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rank {
    /// From 0 to 1.
    pub score: f64,
    /// What the score is the product of.
    pub factors: Vec<Factor>,
}

/// One reason of a rank.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Factor {
    /// Which: `severity`, `confidence`, `criticality`.
    pub name: String,
    /// From 0 to 1.
    pub value: f64,
    /// Why it has this value, in a sentence.
    pub because: String,
}

impl Rank {
    /// The score as it is stored and sorted.
    pub fn millionths(&self) -> i64 {
        (self.score.clamp(0.0, 1.0) * 1e6).round() as i64
    }
}

/// How closed alerts turned out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verdicts {
    /// What the rule looks for, and harmful.
    pub true_positive: u64,
    /// What the rule looks for, but wanted here.
    pub benign: u64,
    /// Not what the rule looks for.
    pub false_positive: u64,
}

impl Verdicts {
    /// All together.
    pub fn total(self) -> u64 {
        self.true_positive + self.benign + self.false_positive
    }
}

/// How a rule's closed alerts turned out, here and elsewhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// In the organisation of the alert.
    pub here: Verdicts,
    /// In all other organisations.
    pub elsewhere: Verdicts,
}

/// Ranks alerts.
pub trait Ranker {
    /// How urgent an alert of `rule` is, on a device with this `support`.
    fn rank(&self, rule: &RuleText, record: Record, support: &Support) -> Rank;
}

/// Severity × confidence × criticality.
#[derive(Clone, Copy, Debug, Default)]
pub struct Product;

impl Ranker for Product {
    fn rank(&self, rule: &RuleText, record: Record, support: &Support) -> Rank {
        let factors = vec![severity(rule.level), confidence(rule, record), criticality(support)];
        Rank { score: rounded(factors.iter().map(|factor| factor.value).product()), factors }
    }
}

fn factor(name: &str, value: f64, because: String) -> Factor {
    Factor { name: name.to_owned(), value: rounded(value), because }
}

/// To millionths: what is shown, kept and sorted by is then one and the same number.
fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

fn severity(level: Level) -> Factor {
    let (value, meaning) = match level {
        Level::Informational => (0.05, "context, no alert by itself"),
        Level::Low => (0.2, "seldom an incident"),
        Level::Medium => (0.45, "to be reviewed"),
        Level::High => (0.75, "likely an attack"),
        Level::Critical => (1.0, "an attack if it is real"),
    };
    factor("severity", value, format!("the rule's level is {level}: {meaning}"))
}

/// How many closed alerts a rule's status is worth before it has any.
const PRIOR_WEIGHT: f64 = 4.0;
/// How much a verdict of another organisation counts against one of this.
const ELSEWHERE: f64 = 0.25;

/// Chance that an alert of this rule is a true positive before any was closed: by how long the
/// rule has proved itself, as its status says.
fn prior_mean(status: &str) -> f64 {
    match status {
        "stable" => 0.6,
        "test" => 0.5,
        "experimental" => 0.35,
        "deprecated" | "unsupported" => 0.2,
        _ => 0.45,
    }
}

/// The mean of a beta distribution: the prior, and each verdict as one observation. Benign and
/// false positives count alike against the rule: neither needs work.
fn confidence(rule: &RuleText, record: Record) -> Factor {
    let others = |verdicts: Verdicts| (verdicts.benign + verdicts.false_positive) as f64;
    let prior = prior_mean(&rule.status);
    let hits = prior * PRIOR_WEIGHT
        + record.here.true_positive as f64
        + ELSEWHERE * record.elsewhere.true_positive as f64;
    let misses =
        (1.0 - prior) * PRIOR_WEIGHT + others(record.here) + ELSEWHERE * others(record.elsewhere);
    let mean = hits / (hits + misses);
    let (low, high) = bounds(hits, misses);
    let because = format!(
        "{}; so about {} of 100 such alerts are real (between {} and {})",
        experience(rule, record),
        percent(mean),
        percent(low),
        percent(high)
    );
    factor("confidence", mean, because)
}

fn experience(rule: &RuleText, record: Record) -> String {
    let (here, elsewhere) = (record.here.total(), record.elsewhere.total());
    let said = |verdicts: Verdicts| {
        format!("{} of {}", counted(verdicts.true_positive), counted(verdicts.total()))
    };
    match (here, elsewhere) {
        (0, 0) => {
            let status = if rule.status.is_empty() { "not stated" } else { &rule.status };
            format!("no alert of this rule was closed yet, and its status is {status}")
        }
        (_, 0) => format!("{} closed alerts here were real", said(record.here)),
        (0, _) => format!(
            "{} closed alerts elsewhere were real, none was closed here",
            said(record.elsewhere)
        ),
        _ => format!(
            "{} closed alerts here and {} elsewhere were real",
            said(record.here),
            said(record.elsewhere)
        ),
    }
}

/// Where nine in ten of a beta distribution lie, by the normal curve of the same mean and
/// variance; close enough for whole numbers out of a hundred.
fn bounds(hits: f64, misses: f64) -> (f64, f64) {
    let all = hits + misses;
    let mean = hits / all;
    let deviation = (mean * (1.0 - mean) / (all + 1.0)).sqrt();
    let reach = 1.645 * deviation;
    ((mean - reach).max(0.0), (mean + reach).min(1.0))
}

fn percent(share: f64) -> i64 {
    (share * 100.0).round() as i64
}

/// A device the map does not know may be anything: less than what is known to matter, more than
/// what is known not to.
const UNKNOWN_DEVICE: f64 = 0.3;
/// A device of the map on which no service rests.
const SUPPORTS_NOTHING: f64 = 0.15;

fn criticality(support: &Support) -> Factor {
    if !support.is_known {
        let because = "the map does not know what this device is for".to_owned();
        return factor("criticality", UNKNOWN_DEVICE, because);
    }
    let worst = support.paths.iter().map(|path| (of_path(path), path));
    let worst = worst.max_by(|(a, _), (b, _)| a.total_cmp(b));
    match worst {
        Some((value, path)) if value > SUPPORTS_NOTHING => {
            factor("criticality", value, of_path_in_words(path))
        }
        Some((_, path)) => {
            let because = format!("little rests on the device: {}", of_path_in_words(path));
            factor("criticality", SUPPORTS_NOTHING, because)
        }
        None => {
            let because = "no service on the map rests on this device".to_owned();
            factor("criticality", SUPPORTS_NOTHING, because)
        }
    }
}

/// Half by how critical the service is, half by how many people it cares for (ten thousand a day
/// count in full, each power of ten less a quarter less), as far as it rests on the device.
fn of_path(path: &Path) -> f64 {
    let grade = match path.criticality {
        0 | 1 => 0.25,
        2 => 0.5,
        3 => 0.8,
        _ => 1.0,
    };
    let patients = f64::from(path.patients_per_day.unwrap_or(0));
    let reach = ((patients + 1.0).log10() / 4.0).min(1.0);
    // Not a number says nothing about strength; the whole service is the safe reading.
    let strength = if path.strength.is_finite() { path.strength.clamp(0.0, 1.0) } else { 1.0 };
    grade * (0.5 + 0.5 * reach) * strength
}

fn of_path_in_words(path: &Path) -> String {
    let service = path.steps.iter().rev().find(|step| step.kind == StepKind::Service);
    let service = service.or(path.steps.last()).map_or("a service", |step| step.name.as_str());
    let people = match path.patients_per_day {
        Some(people) => format!("about {} patients a day", counted(people.into())),
        None => "an unknown number of patients".to_owned(),
    };
    let strength = percent(path.strength.clamp(0.0, 1.0));
    format!(
        "{service} (criticality {} of 4, {people}) loses about {strength} of 100 parts of its work \
         without it",
        path.criticality
    )
}

/// A number with commas: 1,240.
pub(crate) fn counted(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        let texts = [0, 999, 1_240, 1_000_000].map(counted);
        assert_eq!(texts, ["0", "999", "1,240", "1,000,000"]);
    }
}
