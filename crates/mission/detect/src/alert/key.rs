//! What makes two signals belong together, and ids that follow from where a signal stands, so that
//! the same signals give the same alerts on every replay.

use db::micros;
use terms::{AlertId, DeedId, OdsCode};
use uuid::Uuid;

use super::Signal;

/// Signals of one rule on one device of one organisation; a flood has no device of its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key {
    pub(crate) organisation: OdsCode,
    pub(crate) rule: String,
    /// The device in lower case: devices spell their own names differently from log to log.
    pub(crate) device: String,
    pub(crate) is_flood: bool,
}

impl Key {
    pub(crate) fn of(signal: &Signal) -> Self {
        Self {
            organisation: signal.organisation.clone(),
            rule: signal.rule.id.clone(),
            device: device_key(signal.device_name()),
            is_flood: false,
        }
    }

    /// The flood that this group would join.
    pub(crate) fn flood(&self) -> Self {
        Self { device: String::new(), is_flood: true, ..self.clone() }
    }

    /// A number to look groups up by; two groups may share one.
    pub(crate) fn hash(&self) -> i64 {
        let flood: &[u8] = if self.is_flood { b"1" } else { b"0" };
        let parts = [self.organisation.as_str().as_bytes(), self.rule.as_bytes()];
        let hash = fnv(FNV_START, parts.into_iter().chain([self.device.as_bytes(), flood]));
        hash.cast_signed()
    }

    /// The alert that `signal` opens for this group.
    pub(crate) fn alert_id(&self, signal: &Signal) -> AlertId {
        AlertId(self.made_of(signal, b"alert"))
    }

    /// The deed by which it is opened.
    pub(crate) fn deed_id(&self, signal: &Signal) -> DeedId {
        DeedId(self.made_of(signal, b"deed"))
    }

    /// A UUID of version 7 whose time is the receipt and whose rest follows from the signal.
    fn made_of(&self, signal: &Signal, what: &[u8]) -> Uuid {
        let seq = signal.position.seq.to_be_bytes();
        let item = signal.position.item.to_be_bytes();
        let group = self.hash().to_be_bytes();
        let parts = || [what, &seq, &item, &group];
        let (high, low) = (fnv(FNV_START, parts()), fnv(OTHER_START, parts()));
        let mut rest = [0; 10];
        rest[..8].copy_from_slice(&mixed(high).to_be_bytes());
        rest[8..].copy_from_slice(&mixed(low).to_be_bytes()[..2]);
        let millis = micros(signal.received_at).max(0).unsigned_abs() / 1_000;
        uuid::Builder::from_unix_timestamp_millis(millis, &rest).into_uuid()
    }
}

/// A device's name as groups and filters compare it. PostgreSQL keeps no NUL in a text, and a name
/// must be the same before and after it was kept.
pub(crate) fn device_key(name: &str) -> String {
    name.trim().to_lowercase().replace('\0', "\u{fffd}")
}

/// FNV-1a of 64 bits: it must never change, because the database keeps what it gives.
const FNV_START: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0100_0000_01b3;
const OTHER_START: u64 = 0x6c62_272e_07bb_0142;

fn fnv<'p>(start: u64, parts: impl IntoIterator<Item = &'p [u8]>) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME);
    parts.into_iter().fold(start, |hash, part| {
        // A byte that no UTF-8 text holds keeps "ab"+"c" and "a"+"bc" apart.
        step(part.iter().fold(hash, |hash, byte| step(hash, *byte)), 0xff)
    })
}

/// Spreads the bits: FNV alone leaves the high ones nearly equal for neighbours in the log.
fn mixed(mut hash: u64) -> u64 {
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_a_group_is_the_same_for_ever() {
        let organisation: OdsCode = "RX1".parse().expect("a code");
        let (rule, device) = ("example".to_owned(), "ex-1".to_owned());
        let key = Key { organisation, rule, device, is_flood: false };
        assert_eq!(key.hash(), KNOWN);
        assert_ne!(key.flood().hash(), key.hash());
    }

    const KNOWN: i64 = -5_608_277_142_049_721_471;

    #[test]
    fn names_that_only_join_differently_are_apart() {
        let a: [&[u8]; 2] = [b"ab", b"c"];
        let b: [&[u8]; 2] = [b"a", b"bc"];
        assert_ne!(fnv(FNV_START, a), fnv(FNV_START, b));
    }
}
