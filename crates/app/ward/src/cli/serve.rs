//! `ward serve`, `ward demo`, `ward config`, `ward audit` as typed.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Subcommand};

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
