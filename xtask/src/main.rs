//! The project's own errands, run as `cargo xtask <command>`.
#![allow(clippy::print_stdout)]

mod api_check;
mod assets;
mod bench;
mod big;
mod browser;
mod check;
mod demo;
mod generate;
mod newcomer;
mod peer;
mod run;
mod serve;
mod services;

use std::process::ExitCode;

use anyhow::{Result, bail};

use run::cargo;

const HELP: &str = "\
cargo xtask <command>

  check [--quick]               what CI runs: format, clippy, tests, tidy, documentation
                                (--quick leaves out the slow ones)
  assets                        fetches and builds the pages' styles, islands and templates
  gen [--check]                 writes the generated references, or tells whether they are current
  browser                       the main pages of a demonstration in Chromium, with axe
  api-check [--quick] [--postgres]
                                the HTTP API against its description, by schemathesis on a demonstration
  bench scan [--peer PROGRAM]   events a second beside rsigma, on the lanes of the test data
  bench serve [events]          events a second through `ward serve` with all public rules, memory,
                                and the time from accepted to visible (default 1000000)
  bench evtx                    records a second from EVTX files
  oracle [--comparisons N]      the engine against the slow interpreter (default 5000000)
  fuzz <target> [seconds]       one fuzz target (default 600 seconds)
  big [gigabytes]               streams that much JSON through `ward scan -` (default 20)
  demo [arguments]              builds Ward and runs it with an example sector; data in ./ward-data
                                (--fresh starts over; the rest is for `ward demo --help`)
  services start|stop           PostgreSQL for the tests, on this machine only
  newcomer                      the README's commands from a fresh clone, timed

Test data is sought in the folder that WARD_TEST_DATA names, else beside the checkout in ../shared.";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&arguments.iter().map(String::as_str).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[&str]) -> Result<()> {
    match arguments {
        ["check"] => check::check(false),
        ["check", "--quick"] => check::check(true),
        ["assets"] => assets::assets(),
        ["gen"] => generate::generate(false),
        ["gen", "--check"] => generate::generate(true),
        ["browser"] => browser::browser(),
        ["api-check", options @ ..] => api_check::api_check(options),
        ["bench", "scan"] => bench::scan(None),
        ["bench", "scan", "--peer", program] => bench::scan(Some(program)),
        ["bench", "serve"] => serve::bench(1_000_000),
        ["bench", "serve", events] => serve::bench(events.parse()?),
        ["bench", "evtx"] => bench::evtx(),
        ["oracle", rest @ ..] => {
            let fixed =
                ["run", "--release", "--locked", "-p", "sigma", "--example", "oracle", "--"];
            cargo(&[&fixed, rest].concat())
        }
        ["fuzz", rest @ ..] => run::command("bash", &[&["fuzz/run.sh"], rest].concat()),
        ["big"] => big::big(20),
        ["big", gigabytes] => big::big(gigabytes.parse()?),
        ["services", "start"] => services::start(),
        ["services", "stop"] => services::stop(),
        ["demo", rest @ ..] => {
            assets::assets()?;
            cargo(&[&["run", "--locked", "-p", "ward", "--", "demo"], rest].concat())
        }
        ["newcomer"] => newcomer::newcomer(),
        [] | ["help" | "--help" | "-h"] => {
            println!("{HELP}");
            Ok(())
        }
        other => bail!("no such command: {}\n\n{HELP}", other.join(" ")),
    }
}
