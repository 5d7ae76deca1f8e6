//! Devices, and how telemetry speaks of them.

use terms::{DeviceId, OdsCode, Timestamp, TokenId};

use crate::code::MapCode;

/// Most characters of a device's name; a longer one is cut.
pub const MAX_NAME_CHARS: usize = 255;

/// What tells a device from every other: whose it is, and its name without regard to capitals.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeviceKey {
    organisation: OdsCode,
    key: Box<str>,
}

impl DeviceKey {
    /// The key of a device called `name`; `None` if nothing is left of the name.
    pub fn new(organisation: OdsCode, name: &str) -> Option<Self> {
        let name = spelling(name)?;
        Some(Self { organisation, key: fold(&name).into() })
    }

    /// Whose it is.
    pub fn organisation(&self) -> &OdsCode {
        &self.organisation
    }

    /// Its name in small letters.
    pub fn key(&self) -> &str {
        &self.key
    }
}

/// A name as it is shown: without blanks around it and control characters, of bounded length.
pub(crate) fn spelling(name: &str) -> Option<String> {
    let visible = name.trim().chars().filter(|c| !c.is_control());
    let name: String = visible.take(MAX_NAME_CHARS).collect();
    let name = name.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

/// A text as it is compared and searched: in small letters.
pub(crate) fn fold(text: &str) -> String {
    text.trim().to_lowercase()
}

/// A device that sends telemetry or is expected to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Its identifier.
    pub id: DeviceId,
    /// Whose it is.
    pub organisation: OdsCode,
    /// Its name, as first spelt.
    pub name: String,
    /// What it is: `workstation`, `infusion pump`; `None` while unknown.
    pub class: Option<String>,
    /// The system it is part of.
    pub system: Option<MapCode>,
    /// Where it stands.
    pub site: Option<OdsCode>,
    /// Whether somebody has said that it exists.
    pub expected: bool,
    /// When it was first seen in telemetry.
    pub first_seen: Option<Timestamp>,
    /// When it was last seen.
    pub last_seen: Option<Timestamp>,
    /// Through which sender it was last seen.
    pub source: Option<TokenId>,
}

/// That telemetry of a device has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// Whose it is, by the sender's token.
    pub organisation: OdsCode,
    /// Its name, as the telemetry spells it.
    pub name: String,
    /// When.
    pub at: Timestamp,
    /// Through which sender.
    pub source: Option<TokenId>,
}

/// What [`crate::Map::seen`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Devices that were not known before.
    pub made: u64,
    /// Different devices that were seen.
    pub devices: u64,
    /// Sightings without a usable name.
    pub nameless: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> Option<String> {
        let organisation = "RX1".parse().expect("a code");
        DeviceKey::new(organisation, name).map(|key| key.key().to_owned())
    }

    #[test]
    fn spellings_that_differ_in_capitals_and_blanks_are_one_device() {
        assert_eq!(key(" WS-Ünit01\n"), key("ws-ünit01"));
        assert_ne!(key("ws-01"), key("ws-1"));
    }

    #[test]
    fn a_name_of_nothing_is_no_device() {
        for name in ["", "  ", "\u{0}\u{7}"] {
            assert_eq!(key(name), None);
        }
    }

    #[test]
    fn a_key_is_the_same_when_made_again_from_a_long_name() {
        let long = "İ".repeat(300);
        let once = key(&long).expect("a key");
        assert_eq!(key(&long), Some(once));
    }
}
