//! Listeners for syslog: what can be set of each.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf};

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};
use terms::OdsCode;

/// What listens besides the server itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Listen {
    pub(crate) syslog: Vec<Syslog>,
}

/// One listener.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Syslog {
    /// Address and port.
    pub(crate) address: SocketAddr,
    /// How messages come.
    pub(crate) protocol: Protocol,
    /// What the source is called.
    pub(crate) name: String,
    /// Whose devices send, unless a certificate says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) organisation: Option<String>,
    /// Certificate in PEM, with those between it and its authority.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) certificate: Option<PathBuf>,
    /// Its key in PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<PathBuf>,
    /// Authorities of clients' certificates, in PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) client_authorities: Option<PathBuf>,
    /// DNS name of a client's certificate → organisation.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) clients: BTreeMap<String, String>,
    /// The longest message, in KiB.
    #[serde(default = "message_kb")]
    pub(crate) message_kb: u32,
    /// Connections at once.
    #[serde(default = "connections")]
    pub(crate) connections: u32,
    /// A connection on which nothing comes for so long is closed, in seconds.
    #[serde(default = "idle_seconds")]
    pub(crate) idle_seconds: u32,
}

/// How messages come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Protocol {
    Udp,
    Tcp,
    Tls,
}

fn message_kb() -> u32 {
    64
}

fn connections() -> u32 {
    1_000
}

fn idle_seconds() -> u32 {
    3_600
}

impl Listen {
    /// Bounds and combinations that the types do not tell.
    pub(crate) fn check(&self) -> Result<()> {
        for (number, one) in self.syslog.iter().enumerate() {
            let place = || format!("listen.syslog {} ({})", number + 1, one.address);
            one.check().with_context(place)?;
        }
        Ok(())
    }
}

impl Syslog {
    fn check(&self) -> Result<()> {
        let is_tls = self.protocol == Protocol::Tls;
        let has_files = self.certificate.is_some() || self.key.is_some();
        let asks_clients = self.client_authorities.is_some() || !self.clients.is_empty();
        if is_tls && !(self.certificate.is_some() && self.key.is_some()) {
            bail!("protocol tls needs certificate and key");
        }
        if !is_tls && (has_files || asks_clients) {
            bail!("certificate, key, client_authorities and clients are for protocol tls only");
        }
        if !self.clients.is_empty() && self.client_authorities.is_none() {
            bail!("clients needs client_authorities: else anybody could name themselves");
        }
        if self.organisation.is_none() && self.clients.is_empty() {
            bail!("give organisation, or clients with an organisation for each");
        }
        for code in self.organisation.iter().chain(self.clients.values()) {
            code.parse::<OdsCode>()
                .with_context(|| format!("{code:?} is no code of an organisation"))?;
        }
        if self.message_kb == 0 || self.message_kb > 1_024 {
            bail!("message_kb: from 1 to 1024");
        }
        if self.connections == 0 || self.connections > 100_000 {
            bail!("connections: from 1 to 100000");
        }
        if self.idle_seconds == 0 {
            bail!("idle_seconds: at least 1");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(more: &str) -> String {
        let text = format!("{{\"address\":\"127.0.0.1:6514\",\"name\":\"x\",{more}}}");
        let one: Syslog = serde_json::from_str(&text).expect("settings");
        match (Listen { syslog: vec![one] }).check() {
            Ok(()) => String::new(),
            Err(error) => format!("{error:#}"),
        }
    }

    #[test]
    fn a_listener_says_whose_its_messages_are() {
        assert_eq!(told(r#""protocol":"udp","organisation":"XAA""#), "");
        assert!(told(r#""protocol":"udp""#).contains("organisation"));
        assert!(told(r#""protocol":"udp","organisation":"X A""#).contains("no code"));
    }

    #[test]
    fn certificates_go_with_tls_and_names_with_authorities() {
        let files = r#""protocol":"tls","certificate":"c","key":"k""#;
        assert_eq!(told(&format!(r#"{files},"organisation":"XAA""#)), "");
        assert!(told(r#""protocol":"tls","organisation":"XAA""#).contains("needs certificate"));
        assert!(told(r#""protocol":"tcp","organisation":"XAA","key":"k""#).contains("tls only"));
        let clients = r#""clients":{"fw1.example":"XAA"}"#;
        assert!(told(&format!("{files},{clients}")).contains("client_authorities"));
        assert_eq!(told(&format!(r#"{files},{clients},"client_authorities":"a""#)), "");
    }

    #[test]
    fn bounds_that_would_refuse_everything_are_refused() {
        let base = r#""protocol":"udp","organisation":"XAA""#;
        for bound in ["message_kb", "connections", "idle_seconds"] {
            assert!(told(&format!(r#"{base},"{bound}":0"#)).contains(bound), "{bound}");
        }
        assert!(told(&format!(r#"{base},"message_kb":1025"#)).contains("message_kb"));
    }
}
