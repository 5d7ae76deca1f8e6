//! How many new alerts a rule may bring in an hour. What goes beyond is collected in one alert of
//! the organisation, counted, with its devices named: nothing is dropped in silence. Pure.
//!
//! Hours are those of receipt, not of the events: a device that sends a week's log at once floods
//! the queue now. The limit of the sector stops a rule that goes wrong everywhere at once; what it
//! stops is collected by each organisation too, so that each still sees its own.

use std::collections::HashMap;

use terms::{OdsCode, Timestamp};

/// Bounds on new alerts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// New alerts of one rule in one organisation in an hour.
    pub of_organisation: u32,
    /// New alerts of one rule in the sector in an hour.
    pub of_sector: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { of_organisation: 50, of_sector: 1_000 }
    }
}

/// Devices of a flood that are kept by name; more are only counted as signals.
pub const MAX_FLOOD_DEVICES: u64 = 10_000;

/// A rule in an hour, in one organisation or (`None`) in the whole sector.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HourOf {
    /// The rule's id.
    pub rule: String,
    /// The organisation; none for the sector.
    pub organisation: Option<OdsCode>,
    /// Hours since 1970.
    pub hour: i64,
}

/// What a rule brought in an hour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Brought {
    /// Alerts of their own.
    pub opened: u32,
    /// Signals put into a flood.
    pub collected: u64,
}

/// What rules brought, hour by hour.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hours(HashMap<HourOf, Brought>);

/// The hour of a moment.
pub fn hour_of(at: Timestamp) -> i64 {
    at.as_second().div_euclid(3_600)
}

impl HourOf {
    /// The two hours that a signal counts in: its organisation's and the sector's.
    pub(crate) fn both(rule: &str, organisation: &OdsCode, at: Timestamp) -> [Self; 2] {
        let hour = hour_of(at);
        [Some(organisation.clone()), None].map(|organisation| Self {
            rule: rule.to_owned(),
            organisation,
            hour,
        })
    }
}

impl Hours {
    /// Puts in what the database knows.
    pub fn insert(&mut self, hour: HourOf, brought: Brought) {
        self.0.insert(hour, brought);
    }

    /// What the rule brought so far.
    pub fn of(&self, hour: &HourOf) -> Brought {
        self.0.get(hour).copied().unwrap_or_default()
    }

    /// Everything, in a fixed order.
    pub fn iter(&self) -> impl Iterator<Item = (&HourOf, Brought)> {
        self.0.iter().map(|(hour, brought)| (hour, *brought))
    }

    /// Whether there is room for one more alert of its own; if so it is counted.
    pub(crate) fn admit(&mut self, hours: [HourOf; 2], limits: Limits) -> bool {
        let [organisation, sector] = &hours;
        let has_room = self.of(organisation).opened < limits.of_organisation
            && self.of(sector).opened < limits.of_sector;
        for hour in hours {
            let brought = self.0.entry(hour).or_default();
            if has_room {
                brought.opened += 1;
            } else {
                brought.collected += 1;
            }
        }
        has_room
    }

    /// Counts a signal that joins a flood it belongs to already.
    pub(crate) fn collect(&mut self, hours: [HourOf; 2]) {
        for hour in hours {
            self.0.entry(hour).or_default().collected += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_has_room_up_to_its_limit_and_the_next_has_room_again() {
        let code: OdsCode = "RX1".parse().expect("a code");
        let limits = Limits { of_organisation: 2, of_sector: 10 };
        let mut hours = Hours::default();
        let mut admit = |second| {
            let at = Timestamp::from_second(second).expect("in range");
            hours.admit(HourOf::both("example", &code, at), limits)
        };
        assert_eq!([0, 10, 20, 3_599, 3_600].map(&mut admit), [true, true, false, false, true]);
    }

    #[test]
    fn the_sector_has_a_limit_of_its_own() {
        let limits = Limits { of_organisation: 2, of_sector: 3 };
        let mut hours = Hours::default();
        let mut admit = |code: &str| {
            let code: OdsCode = code.parse().expect("a code");
            hours.admit(HourOf::both("example", &code, Timestamp::UNIX_EPOCH), limits)
        };
        assert_eq!(["RX1", "RX1", "RX2", "RX3"].map(&mut admit), [true, true, true, false]);
    }
}
