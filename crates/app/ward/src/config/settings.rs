//! What can be set. Every setting has a default with which Ward starts on an empty machine.

use std::{net::SocketAddr, path::PathBuf};

use serde::{Deserialize, Serialize};

use super::listen::Listen;

/// Everything that can be set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    pub(crate) server: Server,
    pub(crate) data: Data,
    pub(crate) rules: Rules,
    pub(crate) listen: Listen,
    pub(crate) limits: Limits,
    pub(crate) keep: Keep,
    pub(crate) log: Log,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Server {
    pub(crate) listen: SocketAddr,
    pub(crate) public_url: String,
    pub(crate) trust_proxy: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Data {
    pub(crate) folder: PathBuf,
    pub(crate) database: String,
    pub(crate) events: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Rules {
    pub(crate) builtin: bool,
    pub(crate) folders: Vec<PathBuf>,
    pub(crate) expand: Vec<PathBuf>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Limits {
    pub(crate) body_mb: u32,
    pub(crate) unpacked_mb: u32,
    pub(crate) pending_mb: u32,
    pub(crate) backlog_mb: u32,
    pub(crate) detect_threads: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Keep {
    pub(crate) events_hours: u32,
    pub(crate) source_days: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Log {
    pub(crate) level: String,
    pub(crate) format: LogFormat,
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: String::new(),
            trust_proxy: false,
        }
    }
}

impl Default for Data {
    fn default() -> Self {
        Self { folder: "ward-data".into(), database: String::new(), events: String::new() }
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self { builtin: true, folders: Vec::new(), expand: Vec::new() }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { body_mb: 32, unpacked_mb: 128, pending_mb: 16, backlog_mb: 4096, detect_threads: 0 }
    }
}

impl Default for Keep {
    fn default() -> Self {
        Self { events_hours: 24, source_days: 30 }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { level: "info".to_owned(), format: LogFormat::Text }
    }
}

/// One setting as people read about it.
pub(crate) struct Setting {
    /// Table and key in the file: `server.listen`.
    pub(crate) key: &'static str,
    /// What it does.
    pub(crate) meaning: &'static str,
    /// Whether its value is hidden when the configuration is shown.
    pub(crate) is_secret: bool,
}

const fn setting(key: &'static str, meaning: &'static str) -> Setting {
    Setting { key, meaning, is_secret: false }
}

const fn secret(key: &'static str, meaning: &'static str) -> Setting {
    Setting { key, meaning, is_secret: true }
}

/// Every setting, in the order of the file. A test holds it to [`Config`].
pub(crate) const SETTINGS: &[Setting] = &[
    setting(
        "server.listen",
        "Address and port to listen on. Without encryption Ward should be reached from this machine \
         only, or through a proxy that adds TLS.",
    ),
    setting(
        "server.public_url",
        "How browsers reach Ward, as https://ward.example.nhs.uk. Cookies are marked secure when it \
         begins with https. Empty: http and the address above.",
    ),
    setting(
        "server.trust_proxy",
        "Whether the last address in X-Forwarded-For is the client's. Only behind a proxy that \
         sets it: else anybody could pretend any address.",
    ),
    setting("data.folder", "Where Ward keeps its databases and keys."),
    secret(
        "data.database",
        "Database of everything but events: sqlite:<file> or postgres://user:password@host/name. \
         Empty: ward.db in the data folder.",
    ),
    secret(
        "data.events",
        "Database of the event log. Empty: events.db in the data folder, or the same PostgreSQL.",
    ),
    setting("rules.builtin", "Whether the rules that come with Ward are used."),
    setting("rules.folders", "Folders of further Sigma rules."),
    setting("rules.expand", "Files with values for placeholders in rules, as for ward scan."),
    setting(
        "listen.syslog",
        "Listeners for syslog, each with address, protocol (udp, tcp or tls), name and organisation; \
         see [senders](../operate/senders.md#syslog).",
    ),
    setting("limits.body_mb", "The largest request body, as sent, in MiB."),
    setting("limits.unpacked_mb", "The largest request body, unpacked, in MiB."),
    setting(
        "limits.pending_mb",
        "Packed telemetry that may wait in memory to be written, in MiB. Past it senders are \
         refused with 429.",
    ),
    setting(
        "limits.backlog_mb",
        "Packed telemetry that may lie written and not yet evaluated, in MiB. Past it senders are \
         refused with 429.",
    ),
    setting("limits.detect_threads", "Threads that evaluate rules. 0: one for each processor."),
    setting("keep.events_hours", "How long evaluated events stay in the event log, in hours."),
    setting("keep.source_days", "How long counts of sources by the minute are kept, in days."),
    setting(
        "log.level",
        "What is logged: error, warn, info, debug or trace; for parts apart as \
         info,sqlx=warn.",
    ),
    setting("log.format", "text for people, json for machines."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_explained_and_every_explanation_is_of_a_setting() {
        let value = serde_json::to_value(Config::default()).expect("a value");
        let tables = value.as_object().expect("tables");
        let mut found = Vec::new();
        for (table, keys) in tables {
            let keys = keys.as_object().expect("keys").keys();
            found.extend(keys.map(|key| format!("{table}.{key}")));
        }
        let explained: Vec<&str> = SETTINGS.iter().map(|setting| setting.key).collect();
        assert_eq!(found, explained);
    }
}
