//! What can be asked on the command line, loosely: text as typed. Each command checks its own
//! part and builds a form of its own from it.

mod rules;
mod scan;
mod serve;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use rules::{
    CheckArgs, CoverageArgs, CoverageFormat, ExplainArgs, ListArgs, ListFormat, Report, RulesArgs,
    RulesCommand, TestArgs,
};
pub(crate) use scan::{Format, ScanArgs};
pub(crate) use serve::{
    AuditArgs, AuditCommand, ConfigArgs, DemoArgs, MapArgs, MapCommand, ServeArgs, SettingsArgs,
    SettingsCommand, SimulateArgs, TokenArgs, TokenCommand,
};

/// Version and commit.
pub(crate) const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (", env!("WARD_COMMIT"), ")");

/// Finds attacks in event logs. Made for English health and care.
#[derive(Debug, Parser)]
#[command(
    name = "ward",
    version = VERSION,
    arg_required_else_help = true,
    after_help = "Start with: ward scan <folder of event logs>\n\
                  Help on a command: ward help scan"
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Look for attacks in event logs
    #[command(long_about = scan::LONG)]
    Scan(Box<ScanArgs>),
    /// Ask about detection rules: check, list, explain, test, coverage
    Rules(RulesArgs),
    /// Run Ward: take telemetry, find attacks, show one queue in the browser
    #[command(long_about = serve::LONG_SERVE)]
    Serve(ServeArgs),
    /// Run Ward with an example sector and made-up telemetry
    Demo(DemoArgs),
    /// Make telemetry of devices that do not exist
    Simulate(SimulateArgs),
    /// Import the map
    Map(MapArgs),
    /// Make tokens for senders
    Token(TokenArgs),
    /// Ask about settings: check, show, reference
    Config(SettingsArgs),
    /// Ask about the audit trail: verify
    Audit(AuditArgs),
    /// Print completions for a shell
    #[command(
        after_help = "Example:\n  ward completions bash > ~/.local/share/bash-completion/completions/ward"
    )]
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Write the manual pages
    Man(ManArgs),
    /// Print the OpenAPI description of the HTTP API
    Openapi,
}

/// Where the manual goes.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  ward man | man -l -\n  ward man /usr/local/share/man/man1")]
pub(crate) struct ManArgs {
    /// Folder for one page a command; without it, ward(1) alone goes to standard output
    pub(crate) folder: Option<PathBuf>,
    /// Form of the manual
    #[arg(long, value_enum, default_value_t = ManFormat::Roff)]
    pub(crate) format: ManFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ManFormat {
    /// Manual pages
    Roff,
    /// One page of Markdown with every command
    Markdown,
}

/// Where rules are, as typed.
#[derive(Debug, Args)]
#[command(next_help_heading = "Rules")]
pub(crate) struct RuleFiles {
    /// Rules to use: files, or folders with all *.yml and *.yaml below them (repeatable; without
    /// it, Ward's own rules)
    #[arg(long, value_name = "PATH")]
    pub(crate) rules: Vec<PathBuf>,
    /// Values for placeholders such as %Servers% in rules: a YAML file with lists by name
    #[arg(long, value_name = "FILE")]
    pub(crate) expand: Vec<PathBuf>,
}

/// Which rules, as typed.
#[derive(Debug, Args)]
#[command(next_help_heading = "Rules")]
pub(crate) struct RuleArgs {
    #[command(flatten)]
    pub(crate) files: RuleFiles,
    /// No rules below this level
    #[arg(long, value_name = "LEVEL")]
    pub(crate) min_level: Option<terms::Level>,
    /// Only rules with this id, title or file name (repeatable)
    #[arg(long, value_name = "RULE")]
    pub(crate) rule: Vec<String>,
    /// Only rules with this tag, for example attack.t1490 or attack.impact (repeatable)
    #[arg(long, value_name = "TAG")]
    pub(crate) tag: Vec<String>,
}

/// How records are understood, as typed.
#[derive(Debug, Args)]
#[command(next_help_heading = "Input")]
pub(crate) struct CatalogueArgs {
    /// Folder of a catalogue of fields to use instead of the built-in one
    #[arg(long, value_name = "FOLDER")]
    pub(crate) catalogue: Option<PathBuf>,
    /// Log source of records that do not tell theirs, for example
    /// product=windows,category=process_creation
    #[arg(long, value_name = "KEY=VALUE,…")]
    pub(crate) logsource: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Colour {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}
