//! Log lines: for people or for machines, to standard error.

use std::io;

use anyhow::{Context, Result};
use tracing_subscriber::{EnvFilter, fmt};

use crate::config::{LogFormat, settings::Log};

/// Begins to log. Errors: a level that cannot be read.
pub(crate) fn start(log: &Log) -> Result<()> {
    // Other crates' chatter stays out unless it is asked for.
    let quiet = format!("warn,{}", log.level);
    let level = if log.level.contains(['=', ',']) { &log.level } else { &own(&log.level, &quiet) };
    let filter = EnvFilter::try_new(level)
        .with_context(|| format!("log.level: cannot read {:?}", log.level))?;
    let lines = fmt().with_env_filter(filter).with_writer(io::stderr).with_target(false);
    match log.format {
        LogFormat::Text => lines.with_ansi(false).init(),
        LogFormat::Json => lines.json().flatten_event(true).init(),
    }
    Ok(())
}

/// A plain level is for Ward's own crates.
fn own(level: &str, otherwise: &str) -> String {
    const OWN: [&str; 9] =
        ["ward", "web", "detect", "sector", "access", "bus", "db", "intake", "simulate"];
    let is_level = ["error", "warn", "info", "debug", "trace"].contains(&level);
    if !is_level {
        return otherwise.to_owned();
    }
    let own: Vec<String> = OWN.iter().map(|crate_| format!("{crate_}={level}")).collect();
    format!("warn,{}", own.join(","))
}
