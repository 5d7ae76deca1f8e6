//! Rules turned off, for a part of the sector: what they find is counted and goes no further.
//! In: all switches, a rule and an organisation. Out: on or off. Pure.

use std::collections::HashMap;

use terms::{OdsCode, Part, PersonId, Timestamp};

use super::exception::Belongs;

/// A rule turned on or off for a part of the sector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Switch {
    /// The rule's id.
    pub rule: String,
    /// Where it holds.
    pub part: Part,
    /// On or off.
    pub is_on: bool,
    /// Why.
    pub reason: String,
    /// Who turned it.
    pub person: PersonId,
    /// When.
    pub at: Timestamp,
}

/// All switches, by rule.
#[derive(Clone, Debug, Default)]
pub struct Switches {
    by_rule: HashMap<String, Vec<Switch>>,
}

impl Switches {
    /// These.
    pub fn new(list: Vec<Switch>) -> Self {
        let mut by_rule: HashMap<String, Vec<Switch>> = HashMap::new();
        for switch in list {
            by_rule.entry(switch.rule.clone()).or_default().push(switch);
        }
        // The narrowest part decides; of two as narrow, the one turned last.
        for switches in by_rule.values_mut() {
            switches.sort_by_key(|one| {
                (std::cmp::Reverse(narrowness(&one.part)), std::cmp::Reverse(one.at))
            });
        }
        Self { by_rule }
    }

    /// The switch that decides for the rule in the organisation; none where it was never turned.
    pub fn deciding(
        &self,
        rule: &str,
        organisation: &OdsCode,
        belongs: Belongs<'_>,
    ) -> Option<&Switch> {
        let switches = self.by_rule.get(rule)?;
        switches.iter().find(|one| belongs(&one.part, organisation))
    }

    /// Whether the rule runs for the organisation.
    pub fn is_on(&self, rule: &str, organisation: &OdsCode, belongs: Belongs<'_>) -> bool {
        self.deciding(rule, organisation, belongs).is_none_or(|switch| switch.is_on)
    }
}

fn narrowness(part: &Part) -> u8 {
    match part {
        Part::Sector => 0,
        Part::Region(_) => 1,
        Part::Icb(_) => 2,
        Part::Group(_) => 3,
        Part::Organisation(_) => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn switch(part: &str, is_on: bool, second: i64) -> Switch {
        let at = Timestamp::from_second(second).expect("in range");
        Switch {
            rule: "example".to_owned(),
            part: part.parse().expect("a part"),
            is_on,
            reason: "an example".to_owned(),
            person: PersonId::new(at),
            at,
        }
    }

    fn check(switches: &[Switch], expected: bool) {
        let code: OdsCode = "RX1".parse().expect("a code");
        let belongs = |part: &Part, code: &OdsCode| match part {
            Part::Organisation(own) => own == code,
            _ => true,
        };
        let switches = Switches::new(switches.to_vec());
        assert_eq!(switches.is_on("example", &code, &belongs), expected);
        assert!(switches.is_on("another", &code, &belongs));
    }

    #[test]
    fn a_rule_nobody_turned_is_on() {
        check(&[], true);
        check(&[switch("organisation:RX2", false, 0)], true);
    }

    #[test]
    fn the_narrowest_part_decides_whenever_it_was_turned() {
        check(&[switch("sector", false, 9), switch("organisation:RX1", true, 1)], true);
        check(&[switch("organisation:RX1", false, 1), switch("region:Y56", true, 9)], false);
    }

    #[test]
    fn of_two_as_narrow_the_last_decides() {
        check(&[switch("region:Y56", true, 1), switch("region:Y57", false, 2)], false);
    }
}
