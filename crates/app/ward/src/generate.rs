//! Completions, manual pages and the command-line reference, all from the same description of
//! the command line.

use std::{
    fs,
    io::{self, Write},
};

use anyhow::{Context, Result};
use clap::CommandFactory;

use crate::{
    cli::{Cli, ManArgs, ManFormat},
    exit::Exit,
};

/// Prints completions.
pub(crate) fn completions(shell: clap_complete::Shell) -> Result<Exit> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "ward", &mut text);
    io::stdout().write_all(&text).context("cannot write the completions")?;
    Ok(Exit::Nothing)
}

/// Prints the description of the HTTP API.
pub(crate) fn openapi() -> Result<Exit> {
    let text = serde_json::to_string_pretty(&web::api::openapi())?;
    writeln!(io::stdout(), "{text}").context("cannot write the description")?;
    Ok(Exit::Nothing)
}

/// Writes the manual.
pub(crate) fn man(args: &ManArgs) -> Result<Exit> {
    let pages = pages(args.format)?;
    let Some(folder) = &args.folder else {
        let (_, first) = pages.first().context("there is no page")?;
        io::stdout().write_all(first).context("cannot write the manual")?;
        return Ok(Exit::Nothing);
    };
    let shown = folder.display();
    fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {shown}"))?;
    for (name, text) in &pages {
        let file = folder.join(name);
        fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(Exit::Nothing)
}

fn pages(format: ManFormat) -> Result<Vec<(String, Vec<u8>)>> {
    let mut root = Cli::command().disable_help_subcommand(true);
    root.build();
    if format == ManFormat::Markdown {
        return Ok(vec![("cli.md".to_owned(), markdown(&root).into_bytes())]);
    }
    let mut pages = Vec::new();
    roff(&root, "ward", &mut pages)?;
    Ok(pages)
}

fn roff(command: &clap::Command, name: &str, pages: &mut Vec<(String, Vec<u8>)>) -> Result<()> {
    let mut text = Vec::new();
    let page = clap_mangen::Man::new(command.clone().bin_name(name.replace('-', " ")))
        .title(name.to_owned());
    page.render(&mut text).context("cannot make a page of the manual")?;
    pages.push((format!("{name}.1"), text));
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        roff(sub, &format!("{name}-{}", sub.get_name()), pages)?;
    }
    Ok(())
}

/// Every command with its help as printed, on one page.
fn markdown(root: &clap::Command) -> String {
    let mut out = String::from(
        "# The command line\n\nMade by `ward man --format markdown`; do not edit by hand.\n",
    );
    section(root, "ward", &mut out);
    out
}

fn section(command: &clap::Command, name: &str, out: &mut String) {
    let mut command = command.clone().bin_name(name).term_width(100);
    let help = command.render_long_help().to_string();
    out.push_str(&format!("\n## {name}\n\n```text\n"));
    for line in help.trim_end().lines() {
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out.push_str("```\n");
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        section(sub, &format!("{name} {}", sub.get_name()), out);
    }
}
