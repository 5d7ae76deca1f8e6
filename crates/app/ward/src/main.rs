//! The program: command line in, answer and exit code out.
//!
//! Modules in reading order: [`cli`] what can be asked, [`exit`] how it ends, [`embedded`] and
//! [`load`] rules and catalogue, [`scan`] the main job, [`mod@format`] how findings are written,
//! [`rules`] questions about rules, [`config`] settings and [`serve`] the watch, [`simulate`]
//! telemetry of devices that do not exist, [`term`] and [`zone`] widths, colours and times,
//! [`generate`] man pages and completions.

mod cli;
mod config;
mod embedded;
mod exit;
mod format;
mod generate;
mod load;
mod rules;
mod scan;
mod serve;
mod simulate;
mod term;
mod zone;

use std::process::ExitCode;

use clap::Parser;

use crate::{
    cli::{Cli, Command},
    exit::Exit,
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Scan(args) => scan::command(&args),
        Command::Rules(args) => rules::command(&args),
        Command::Serve(args) => serve::command(&args),
        Command::Demo(args) => serve::demo::command(&args),
        Command::Simulate(args) => simulate::command(&args),
        Command::Map(args) => serve::map::command(&args),
        Command::Token(args) => serve::token::command(&args),
        Command::Config(args) => serve::settings::command(&args),
        Command::Audit(args) => serve::audit::command(&args),
        Command::Completions { shell } => generate::completions(shell),
        Command::Man(args) => generate::man(&args),
        Command::Openapi => generate::openapi(),
    };
    let exit = done.unwrap_or_else(|error| {
        if exit::is_broken_pipe(&error) {
            return Exit::Nothing;
        }
        exit::complain(&error);
        Exit::Failed
    });
    exit.into()
}
