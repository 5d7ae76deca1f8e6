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
    /// By a DNS name of the client's certificate, in lower case.
    pub by_name: Vec<(String, Sender)>,
    /// Everybody else.
    pub otherwise: Option<Sender>,
}

impl Senders {
    /// The sender of a connection whose certificate has these names.
    pub fn of(&self, names: &[String]) -> Option<&Sender> {
        let named = self.by_name.iter().find(|(name, _)| names.contains(name));
        named.map(|(_, sender)| sender).or(self.otherwise.as_ref())
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
    /// Records of datagrams that may wait to be written; more are dropped and counted.
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
