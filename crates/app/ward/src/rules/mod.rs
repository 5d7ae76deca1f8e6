//! `ward rules`: questions about rules, one file each.

mod check;
mod coverage;
mod explain;
mod list;
mod reading;
mod test;
mod together;

use std::io::{self, Write};

use anyhow::{Context, Result};

use crate::{
    cli::{RulesArgs, RulesCommand},
    exit::Exit,
};

/// Runs `ward rules`.
pub(crate) fn command(args: &RulesArgs) -> Result<Exit> {
    match &args.command {
        RulesCommand::Check(args) => check::command(args),
        RulesCommand::List(args) => list::command(args),
        RulesCommand::Explain(args) => explain::command(args),
        RulesCommand::Test(args) => test::command(args),
        RulesCommand::Coverage(args) => coverage::command(args),
    }
}

/// Writes an answer to standard output.
fn print(text: &str) -> Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).context("cannot write")
}
