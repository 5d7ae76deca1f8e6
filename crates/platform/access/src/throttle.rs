//! How long a sign-in must wait after failures.
//!
//! Counted for three subjects: the account from this network, the network, the account from
//! anywhere. A network from which the account was used before answers for the first alone. So
//! somebody who tries many passwords is slowed wherever they come from, and cannot keep the owner
//! of the account out: the owner's own network is counted by itself, waits end by themselves, and
//! a one-time link of an administrator is never slowed.
//!
//! A try is counted before its password is looked at and taken back when it was right; a hundred
//! tries at once therefore count as a hundred. Only digests of subjects are stored.

use std::net::IpAddr;

use crate::key::ServerKey;

/// How a subject's failures turn into a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    /// Failures that cost nothing.
    pub(crate) free: u32,
    /// The longest wait in seconds.
    pub(crate) most_seconds: u64,
}

/// Failures are forgotten after a day without one.
pub(crate) const FORGOTTEN_AFTER_SECONDS: i64 = 24 * 3600;

/// How long a network in which the account was used stays known.
pub(crate) const KNOWN_FOR_SECONDS: i64 = 90 * 24 * 3600;

/// Which step of a sign-in is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tried {
    /// The password.
    Password,
    /// A code. Whoever gets here knows the password, and six digits are few: the account waits
    /// longer.
    Code,
}

const PAIR: Rule = Rule { free: 5, most_seconds: 15 * 60 };
const NETWORK: Rule = Rule { free: 30, most_seconds: 15 * 60 };
const ACCOUNT: Rule = Rule { free: 20, most_seconds: 60 };
const ACCOUNT_CODE: Rule = Rule { free: 10, most_seconds: 3600 };

impl Rule {
    /// Seconds to wait after `failures` in a row: none at first, then 1, 2, 4 … up to the most.
    pub(crate) fn wait_seconds(self, failures: u32) -> u64 {
        match failures.checked_sub(self.free + 1) {
            None => 0,
            Some(doublings) => {
                1u64.checked_shl(doublings).unwrap_or(u64::MAX).clamp(1, self.most_seconds)
            }
        }
    }
}

/// What is counted under which rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subject {
    /// Its digest.
    pub(crate) key: String,
    pub(crate) rule: Rule,
    /// Whether a right password clears it. A network's count stays: whoever owns one account
    /// there could clear it between two guesses at another.
    pub(crate) is_cleared: bool,
}

/// The subjects of a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subjects {
    pub(crate) pair: Subject,
    pub(crate) network: Subject,
    pub(crate) account: Subject,
    /// Where it is noted that the account was used from this network.
    pub(crate) known: String,
}

impl Subjects {
    /// For a try on `account`, a folded address, from `address`.
    pub(crate) fn of(key: &ServerKey, tried: Tried, account: &str, address: IpAddr) -> Self {
        let network = network(address);
        let (step, account_rule) = match tried {
            Tried::Password => ("password", ACCOUNT),
            Tried::Code => ("code", ACCOUNT_CODE),
        };
        let subject = |kind: &str, what: &str, rule, is_cleared| Subject {
            key: digest(key, &[kind, step, what]),
            rule,
            is_cleared,
        };
        let both = format!("{network}\n{account}");
        Self {
            pair: subject("pair", &both, PAIR, true),
            network: subject("network", &network, NETWORK, false),
            account: subject("account", account, account_rule, true),
            known: digest(key, &["known", "", &both]),
        }
    }

    /// Those that count, in the order in which their rows are locked.
    pub(crate) fn counted(&self, is_known: bool) -> Vec<&Subject> {
        let mut subjects = match is_known {
            true => vec![&self.pair],
            false => vec![&self.pair, &self.network, &self.account],
        };
        subjects.sort_by(|a, b| a.key.cmp(&b.key));
        subjects
    }
}

fn digest(key: &ServerKey, parts: &[&str]) -> String {
    data_encoding::HEXLOWER.encode(&key.sign("throttle", parts.join("\n").as_bytes()))
}

/// What one subscriber holds: an IPv4 address, the first 64 bits of an IPv6 address.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_doubles_after_the_free_failures_and_has_an_end() {
        let waits: Vec<u64> = (0..10).map(|n| PAIR.wait_seconds(n)).collect();
        assert_eq!(waits, [0, 0, 0, 0, 0, 0, 1, 2, 4, 8]);
        for failures in [16, 70, 1000, u32::MAX] {
            assert_eq!(PAIR.wait_seconds(failures), 900, "{failures}");
        }
    }

    #[test]
    fn an_ipv6_network_counts_as_one_and_a_mapped_ipv4_address_as_itself() {
        let of = |text: &str| network(text.parse().expect("an address"));
        assert_eq!(of("2001:db8:1:2:3::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:192.0.2.7"), of("192.0.2.7"));
    }

    #[test]
    fn a_known_network_answers_for_itself_alone() {
        let key = ServerKey::random();
        let address = "192.0.2.7".parse().expect("an address");
        let subjects = Subjects::of(&key, Tried::Password, "ann@example", address);
        assert_eq!(subjects.counted(true), [&subjects.pair]);
        assert_eq!(subjects.counted(false).len(), 3);
    }

    #[test]
    fn subjects_are_stored_as_digests_that_need_the_key() {
        let address = "192.0.2.7".parse().expect("an address");
        let one = Subjects::of(&ServerKey::random(), Tried::Password, "ann@example", address);
        let other = Subjects::of(&ServerKey::random(), Tried::Password, "ann@example", address);
        assert_ne!(one.account.key, other.account.key);
        assert!(!one.pair.key.contains("ann@") && !one.network.key.contains("192.0"));
    }
}
