//! `ward scan` as typed.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{CatalogueArgs, Colour, RuleArgs};

pub(super) const LONG: &str = "\
Looks for attacks in event logs: Windows event logs (EVTX), JSON of any layout, CSV tables and text \
logs, plain or inside gz, zst and zip, files or whole folders, or standard input (-). What a file is \
shows in its content, not its name.

Prints what was found by severity, and says what could not be read and which rules could not have \
found anything here. Nothing leaves this computer, and nothing is written but --output.";

const AFTER: &str = "\
Exit code: 0 nothing found, 1 findings, 2 the job could not be done, 130 stopped by Ctrl-C.

Examples:
  ward scan C:\\Windows\\System32\\winevt\\Logs
  ward scan --min-level high --format html --output report.html evidence.zip
  ward scan --rules sigma/rules --from '2026-11-23 18:00' --time-zone Europe/London logs/
  zcat events.json.gz | ward scan --format ndjson - > findings.ndjson

A file for --exclude has one exclusion a line: the id, title or file name of a rule, then, if not \
all its findings are meant, fields and values that must all fit (* stands for any characters), \
then # and the reason:
  Shadow copies deleted | Image = C:\\Backup\\* | User = svc-backup  # the backup itself, AB";

/// Look for attacks in event logs
#[derive(Debug, Args)]
#[command(after_long_help = AFTER, after_help = "More, with examples: ward help scan")]
pub(crate) struct ScanArgs {
    /// Files and folders to read; - for standard input
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) rules: RuleArgs,

    #[command(flatten)]
    pub(crate) catalogue: CatalogueArgs,

    /// Leave out files, folders and archive members with this name or path (* and ? as usual;
    /// repeatable)
    #[arg(long, value_name = "PATTERN", help_heading = "Input")]
    pub(crate) skip: Vec<String>,
    /// Longest record that is read, for example 64M
    #[arg(long, value_name = "SIZE", default_value = "16M", help_heading = "Input")]
    pub(crate) max_record: String,
    /// Worker threads (default: as many as there are processors)
    #[arg(long, value_name = "N", help_heading = "Input")]
    pub(crate) threads: Option<usize>,

    /// Nothing before this time: 2026-11-24T08:30:00Z, or 2026-11-24 08:30 in --time-zone
    #[arg(long, value_name = "TIME", help_heading = "What to show")]
    pub(crate) from: Option<String>,
    /// Nothing at or after this time; a date alone stands for the whole day
    #[arg(long, value_name = "TIME", help_heading = "What to show")]
    pub(crate) to: Option<String>,
    /// Time zone of --from, --to and of all times shown, for example Europe/London
    #[arg(long, value_name = "ZONE", default_value = "UTC", help_heading = "What to show")]
    pub(crate) time_zone: String,
    /// File of findings that are known and not wanted; they are counted (repeatable)
    #[arg(long, value_name = "FILE", help_heading = "What to show")]
    pub(crate) exclude: Vec<PathBuf>,
    /// Everything in full, not only the first rows
    #[arg(long, help_heading = "What to show")]
    pub(crate) all: bool,

    /// How findings are written
    #[arg(long, value_enum, default_value_t = Format::Table, help_heading = "Output")]
    pub(crate) format: Format,
    /// File to write to instead of standard output; it appears when it is complete
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    pub(crate) output: Option<PathBuf>,
    /// When to use colour
    #[arg(long, alias = "colour", value_enum, default_value_t = Colour::Auto, help_heading = "Output")]
    pub(crate) color: Colour,
    /// No progress bar
    #[arg(long, help_heading = "Output")]
    pub(crate) no_progress: bool,
    /// Findings only: no progress, nothing about what was read
    #[arg(long, short, help_heading = "Output")]
    pub(crate) quiet: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people at a terminal
    Table,
    /// One JSON document with everything
    Json,
    /// One JSON object a line and finding
    Ndjson,
    /// One row a finding
    Csv,
    /// One self-contained page
    Html,
    /// OCSF Detection Finding (class 2004), one a line
    Ocsf,
}
