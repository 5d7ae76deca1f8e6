//! Time zones that are offered: where people who work for England's health and care are. Any other
//! that is set already stays.

use crate::pieces::Choice;

const ZONES: &[(&str, &str)] = &[
    ("Europe/London", "United Kingdom"),
    ("Europe/Isle_of_Man", "Isle of Man"),
    ("Europe/Jersey", "Jersey"),
    ("Europe/Guernsey", "Guernsey"),
    ("Europe/Gibraltar", "Gibraltar"),
    ("Europe/Dublin", "Ireland"),
    ("Europe/Lisbon", "Portugal"),
    ("Europe/Madrid", "Spain"),
    ("Europe/Paris", "France"),
    ("Europe/Berlin", "Germany"),
    ("Europe/Rome", "Italy"),
    ("Europe/Warsaw", "Poland"),
    ("Europe/Athens", "Greece"),
    ("Asia/Nicosia", "Cyprus"),
    ("Asia/Dubai", "United Arab Emirates"),
    ("Asia/Kolkata", "India"),
    ("Asia/Manila", "Philippines"),
    ("Australia/Sydney", "Sydney"),
    ("America/New_York", "New York"),
    ("UTC", "UTC: the same all year"),
];

/// What people call a time zone.
pub(super) fn name(zone: &str) -> String {
    let known = ZONES.iter().find(|(one, _)| *one == zone);
    known.map_or_else(|| zone.to_owned(), |(zone, name)| format!("{name} ({zone})"))
}

/// The choices.
pub(super) fn choices(chosen: &str) -> Vec<Choice> {
    let mut all: Vec<Choice> =
        ZONES.iter().map(|(zone, _)| Choice::new(*zone, name(zone), chosen)).collect();
    if !all.iter().any(|choice| choice.is_chosen) && !chosen.is_empty() {
        all.push(Choice::new(chosen, chosen, chosen));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_zone_that_is_offered_is_one() {
        for (zone, _) in ZONES {
            assert!(jiff::tz::TimeZone::get(zone).is_ok(), "{zone}");
        }
    }

    #[test]
    fn a_zone_set_elsewhere_stays_chosen() {
        let chosen = |zone| choices(zone).into_iter().filter(|one| one.is_chosen).count();
        assert_eq!((chosen("Europe/London"), chosen("Europe/Vilnius")), (1, 1));
    }
}
