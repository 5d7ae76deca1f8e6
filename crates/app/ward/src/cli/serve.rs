//! `ward serve` and the commands around it, as typed.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Subcommand};
use terms::OdsCode;

pub(crate) const LONG_SERVE: &str = "\
Runs Ward: takes telemetry, finds attacks in it, and shows one queue in the browser, worst patient \
harm first.

At the first start Ward makes its data folder and prints a one-time link with which the first \
administrator signs in. Settings: ward.toml, the environment, then flags; see ward config.";

/// Settings that flags can give; the file has all of them.
#[derive(Debug, Args)]
pub(crate) struct ConfigArgs {
    /// File of settings (default: ward.toml where there is one)
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Address and port to listen on
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) listen: Option<SocketAddr>,
    /// Folder of databases and keys
    #[arg(long, value_name = "FOLDER")]
    pub(crate) data: Option<PathBuf>,
    /// Further folders of Sigma rules (repeatable)
    #[arg(long, value_name = "FOLDER")]
    pub(crate) rules: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ward demo --fresh")]
pub(crate) struct DemoArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// Start over: throw away the data of an earlier demonstration
    #[arg(long)]
    pub(crate) fresh: bool,
    /// Seed of the made-up sector and its telemetry
    #[arg(long, default_value_t = 7, value_name = "NUMBER")]
    pub(crate) seed: u64,
    /// Events a second
    #[arg(long, default_value_t = 200, value_name = "NUMBER")]
    pub(crate) rate: u32,
}

#[derive(Debug, Args)]
pub(crate) struct SettingsArgs {
    #[command(subcommand)]
    pub(crate) command: SettingsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SettingsCommand {
    /// Tell whether the settings can be used
    Check(ConfigArgs),
    /// Show the settings that hold, and where each came from
    Show(ConfigArgs),
    /// Print the reference of all settings
    Reference,
}

#[derive(Debug, Args)]
pub(crate) struct AuditArgs {
    #[command(subcommand)]
    pub(crate) command: AuditCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Check that no entry of the audit trail was changed, removed or added
    #[command(
        after_help = "Exit code: 0 the chain holds, 1 it is broken, 2 the job could not be done."
    )]
    Verify(ConfigArgs),
}

#[derive(Debug, Args)]
pub(crate) struct TokenArgs {
    #[command(subcommand)]
    pub(crate) command: TokenCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Make a token with which an organisation's telemetry is sent; it is shown once
    #[command(after_help = "Example:\n  ward token issue RX1 --name \"rsyslog on the log server\"")]
    Issue {
        /// Code of the organisation, which must stand on the map
        organisation: OdsCode,
        /// What the token is for
        #[arg(long)]
        name: String,
        #[command(flatten)]
        config: ConfigArgs,
    },
}

#[derive(Debug, Args)]
pub(crate) struct MapArgs {
    #[command(subcommand)]
    pub(crate) command: MapCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum MapCommand {
    /// Import organisations, services, systems, suppliers, devices or dependencies from CSV files
    #[command(
        after_help = "Exit code: 0 all rows could be used, 1 some could not, 2 the job could not be \
                      done.\n\nExample:\n  ward map import --dry-run trusts.csv services.csv"
    )]
    Import {
        /// Files, in the order they are to be read
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Only tell what would change
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        config: ConfigArgs,
    },
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  ward simulate --count 1000 > events.ndjson\n  ward simulate --storyline \
                  phish-to-ransomware --speed 60 --to http://127.0.0.1:8080 --token ward_ingest_…"
)]
pub(crate) struct SimulateArgs {
    /// Seed: the same seed gives the same telemetry
    #[arg(long, default_value_t = 7, value_name = "NUMBER")]
    pub(crate) seed: u64,
    /// Organisation of the example sector whose devices speak (default: all; with --to, the first
    /// trust)
    #[arg(long, value_name = "CODE")]
    pub(crate) organisation: Option<OdsCode>,
    /// At most so many devices (0: all)
    #[arg(long, default_value_t = 0, value_name = "NUMBER")]
    pub(crate) devices: usize,
    /// Events a second of the busiest hour
    #[arg(long, default_value_t = 100.0, value_name = "NUMBER")]
    pub(crate) rate: f64,
    /// Stop after so many events (default: never)
    #[arg(long, value_name = "NUMBER")]
    pub(crate) count: Option<u64>,
    /// Storyline to play (repeatable); `list` names those there are
    #[arg(long, value_name = "NAME")]
    pub(crate) storyline: Vec<String>,
    /// How many times faster than written storylines are played
    #[arg(long, default_value_t = 1.0, value_name = "NUMBER")]
    pub(crate) speed: f64,
    /// When it begins, as 2026-11-24T08:30:00Z (default: now)
    #[arg(long, value_name = "TIME")]
    pub(crate) start: Option<String>,
    /// Address of a Ward to send to (default: write to standard output)
    #[arg(long, value_name = "URL")]
    pub(crate) to: Option<String>,
    /// Token to send with; better given as WARD_TOKEN, which other users of the machine cannot see
    #[arg(long, value_name = "TOKEN")]
    pub(crate) token: Option<String>,
    /// Give events as fast as they can be made instead of when they happen
    #[arg(long)]
    pub(crate) at_once: bool,
}

impl ConfigArgs {
    /// The flags as settings by key.
    pub(crate) fn flags(&self) -> Vec<(&'static str, serde_json::Value)> {
        let mut flags = Vec::new();
        if let Some(listen) = self.listen {
            flags.push(("server.listen", listen.to_string().into()));
        }
        if let Some(data) = &self.data {
            flags.push(("data.folder", data.to_string_lossy().into()));
        }
        if !self.rules.is_empty() {
            let folders: Vec<_> = self.rules.iter().map(|path| path.to_string_lossy()).collect();
            flags.push(("rules.folders", folders.into()));
        }
        flags
    }
}
