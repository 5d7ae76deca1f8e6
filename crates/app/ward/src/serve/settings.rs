//! `ward config`: what is set, why, and whether it can be used.

use std::io::{self, Write};

use anyhow::{Context, Result};

use crate::{
    cli::{ConfigArgs, SettingsArgs, SettingsCommand},
    config::{self, ReadConfig},
    exit::Exit,
};

pub(crate) fn command(args: &SettingsArgs) -> Result<Exit> {
    let text = match &args.command {
        SettingsCommand::Check(args) => checked(&read(args)?),
        SettingsCommand::Show(args) => config::reference::shown(&read(args)?),
        SettingsCommand::Reference => config::reference::markdown(),
    };
    io::stdout().write_all(text.as_bytes()).context("cannot write the settings")?;
    Ok(Exit::Nothing)
}

/// The settings that a command line asks for.
pub(crate) fn read(args: &ConfigArgs) -> Result<ReadConfig> {
    config::read(args.config.as_deref(), &args.flags()).context("the settings cannot be used")
}

fn checked(read: &ReadConfig) -> String {
    match &read.file {
        Some(file) => format!("{} can be used\n", file.display()),
        None => format!("there is no {}; the defaults can be used\n", config::read::FILE),
    }
}
