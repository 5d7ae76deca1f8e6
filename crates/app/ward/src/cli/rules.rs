//! `ward rules` as typed.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{CatalogueArgs, Colour, RuleArgs, RuleFiles};

/// Ask about detection rules
#[derive(Debug, Args)]
pub(crate) struct RulesArgs {
    #[command(subcommand)]
    pub(crate) command: RulesCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RulesCommand {
    /// Which rules cannot be used, where and why
    Check(CheckArgs),
    /// List rules
    List(ListArgs),
    /// Why a rule fires on an event, or does not
    Explain(ExplainArgs),
    /// Try rules on their own cases
    Test(TestArgs),
    /// ATT&CK techniques that the rules look for
    Coverage(CoverageArgs),
}

#[derive(Debug, Args)]
#[command(
    after_help = "Exit code: 0 all can be used, 1 some cannot, 2 the job could not be done.\n\n\
                        Example:\n  ward rules check --rules sigma/rules"
)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) files: RuleFiles,
    /// How to write it
    #[arg(long, value_enum, default_value_t = Report::Text)]
    pub(crate) format: Report,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Report {
    /// For people
    Text,
    /// One JSON document
    Json,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ward rules list --tag attack.impact --min-level high")]
pub(crate) struct ListArgs {
    #[command(flatten)]
    pub(crate) rules: RuleArgs,
    /// How to write it
    #[arg(long, value_enum, default_value_t = ListFormat::Table)]
    pub(crate) format: ListFormat,
    /// When to use colour
    #[arg(long, alias = "colour", value_enum, default_value_t = Colour::Auto)]
    pub(crate) color: Colour,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// For people
    Table,
    /// A JSON array
    Json,
    /// One row a rule
    Csv,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Exit code: 0 the rule does not fire, 1 it fires, 2 the job could not be done.\n\n\
                        Examples:\n  \
                        ward rules explain 'Shadow copies deleted' event.json\n  \
                        ward rules explain my-rule.yml Security.evtx --record 12"
)]
pub(crate) struct ExplainArgs {
    /// The rule: its id, title or file name, or the path of a rule file
    pub(crate) rule: String,
    /// A file with events in any form that ward scan reads; - for standard input
    #[arg(value_name = "EVENT")]
    pub(crate) event: PathBuf,
    /// Which record of the file, counted from 1
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) record: u64,
    #[command(flatten)]
    pub(crate) files: RuleFiles,
    #[command(flatten)]
    pub(crate) catalogue: CatalogueArgs,
    /// When to use colour
    #[arg(long, alias = "colour", value_enum, default_value_t = Colour::Auto)]
    pub(crate) color: Colour,
}

#[derive(Debug, Args)]
#[command(after_help = "Beside rule.yml stands rule.cases.json:\n  \
                        {\"rule\": \"<id>\",\n   \
                        \"hits\": [{\"name\": \"…\", \"event\": {…}}],\n   \
                        \"near_misses\": [{\"name\": \"…\", \"why\": \"…\", \"event\": {…}}]}\n\n\
                        Exit code: 0 all hold, 1 some do not, 2 the job could not be done.")]
pub(crate) struct TestArgs {
    /// Folder of rules with their cases (without it, Ward's own rules)
    pub(crate) folder: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) catalogue: CatalogueArgs,
    /// When to use colour
    #[arg(long, alias = "colour", value_enum, default_value_t = Colour::Auto)]
    pub(crate) color: Colour,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ward rules coverage --format navigator > layer.json\n\
                        Open layer.json in the ATT&CK Navigator.")]
pub(crate) struct CoverageArgs {
    #[command(flatten)]
    pub(crate) rules: RuleArgs,
    /// How to write it
    #[arg(long, value_enum, default_value_t = CoverageFormat::Table)]
    pub(crate) format: CoverageFormat,
    /// When to use colour
    #[arg(long, alias = "colour", value_enum, default_value_t = Colour::Auto)]
    pub(crate) color: Colour,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CoverageFormat {
    /// For people
    Table,
    /// A layer for the ATT&CK Navigator (layer format 4.5)
    Navigator,
}
