//! What a listener is: where, how, whose, and its bounds.

use std::{
    collections::HashSet,
    net::SocketAddr,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use intake::{Intake, Sender};
use terms::{Timestamp, TokenId};
use tokio_rustls::rustls::ServerConfig;

/// One listener.
#[derive(Clone, Debug)]
pub struct Listener {
    /// Address and port.
    pub address: SocketAddr,
    /// By what.
    pub protocol: Protocol,
    /// For whom.
    pub senders: Senders,
    /// Its bounds.
    pub limits: Limits,
}

/// How messages come.
#[derive(Clone, Debug)]
pub enum Protocol {
    /// RFC 5426: a message a datagram.
    Udp,
    /// RFC 6587: a stream.
    Tcp,
    /// RFC 5425: a stream within TLS.
    Tls(Arc<ServerConfig>),
}

impl Protocol {
    /// The word for logs and settings.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::Tls(_) => "tls",
        }
    }
}

/// For whom a listener takes messages. Names of certificates come first; who shows none of them
/// speaks for `otherwise`, or is sent away when there is none.
#[derive(Clone, Debug, Default)]
pub struct Senders {
    /// By a DNS name of the client's certificate, in lower case. Nobody for a name that was revoked:
    /// who shows it must not become somebody else.
    pub by_name: Vec<(String, Option<Sender>)>,
    /// Everybody else.
    pub otherwise: Option<Sender>,
}

impl Senders {
    /// The sender of a connection whose certificate has these names.
    pub fn of(&self, names: &[String]) -> Option<&Sender> {
        let named = self.by_name.iter().find(|(name, _)| names.contains(name));
        named.map_or(self.otherwise.as_ref(), |(_, sender)| sender.as_ref())
    }

    /// Whether nobody is left for whom something could be taken.
    pub fn are_none(&self) -> bool {
        self.otherwise.is_none() && self.by_name.iter().all(|(_, sender)| sender.is_none())
    }
}

/// Bounds of one listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The longest message.
    pub message_bytes: usize,
    /// Connections at once; more are closed.
    pub connections: usize,
    /// A connection on which nothing came for so long is closed.
    pub idle: Duration,
    /// A handshake of TLS may take so long.
    pub handshake: Duration,
    /// Records that may wait to be written. Past it datagrams are dropped and counted, and from
    /// connections no more is read at once than a little each.
    pub waiting_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            message_bytes: 64 << 10,
            connections: 1_000,
            idle: Duration::from_secs(3_600),
            handshake: Duration::from_secs(10),
            waiting_bytes: 16 << 20,
        }
    }
}

/// What all listeners work with.
#[derive(Clone, Debug)]
pub struct Cx {
    /// Where records go.
    pub intake: Intake,
    /// Reads the clock.
    pub clock: fn() -> Timestamp,
    /// Senders that may no longer send.
    pub revoked: Revoked,
}

/// Senders that may no longer send; set from outside, looked at before each delivery.
#[derive(Clone, Debug, Default)]
pub struct Revoked(Arc<RwLock<HashSet<TokenId>>>);

impl Revoked {
    /// These may no longer send.
    pub fn set(&self, revoked: HashSet<TokenId>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = revoked;
    }

    /// Whether this one may no longer send.
    pub fn contains(&self, source: TokenId) -> bool {
        // A holder that panicked left a whole set behind: it is replaced as a whole.
        self.0.read().unwrap_or_else(PoisonError::into_inner).contains(&source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sender(code: &str) -> Sender {
        let organisation = code.parse().expect("a code");
        Sender { source: TokenId::new(Timestamp::UNIX_EPOCH), organisation }
    }

    fn check(otherwise: Option<&str>, names: &[&str], expected: Option<&str>) {
        let by_name = [("one", Some("XAA")), ("two", Some("XBB")), ("revoked", None)]
            .map(|(name, code)| (name.to_owned(), code.map(sender)));
        let senders = Senders { by_name: by_name.into(), otherwise: otherwise.map(sender) };
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let found = senders.of(&names).map(|sender| sender.organisation.to_string());
        assert_eq!(found.as_deref(), expected, "{names:?}, otherwise {otherwise:?}");
    }

    #[test]
    fn a_name_speaks_for_its_organisation_and_one_that_was_revoked_for_nobody() {
        for otherwise in [None, Some("XCC")] {
            check(otherwise, &["one"], Some("XAA"));
            check(otherwise, &["unknown", "two"], Some("XBB"));
            check(otherwise, &["unknown"], otherwise);
            check(otherwise, &[], otherwise);
            check(otherwise, &["revoked"], None);
            check(otherwise, &["unknown", "revoked"], None);
        }
    }

    #[test]
    fn a_listener_whose_names_were_all_revoked_is_for_nobody() {
        let revoked = Senders { by_name: vec![("one".to_owned(), None)], otherwise: None };
        assert!(revoked.are_none());
        assert!(!Senders { otherwise: Some(sender("XAA")), ..revoked }.are_none());
    }
}
