//! `ward map import`: the same import as the page's, for scripts and for a first start.

use std::{
    fmt::Write as _,
    fs,
    io::{self, Write},
    path::Path,
};

use anyhow::{Context, Result};
use db::Db;
use sector::{Map, Plan};
use terms::{Scope, Timestamp};

use crate::{
    cli::{MapArgs, MapCommand},
    exit::Exit,
};

pub(crate) fn command(args: &MapArgs) -> Result<Exit> {
    let MapCommand::Import { files, dry_run, config } = &args.command;
    let config = super::settings::read(config)?.config;
    super::runtime()?.block_on(async {
        super::folder::make(&config.data.folder)?;
        let map = Map::open(Db::open(&config.database()?).await?).await?;
        let mut exit = Exit::Nothing;
        for file in files {
            let plan = import(&map, file, *dry_run).await?;
            if plan.problem_count > 0 {
                exit = Exit::Found;
            }
            io::stdout()
                .write_all(told(file, &plan, *dry_run).as_bytes())
                .context("cannot write what was done")?;
        }
        Ok(exit)
    })
}

async fn import(map: &Map, file: &Path, dry_run: bool) -> Result<Plan> {
    let shown = file.display().to_string();
    let bytes = fs::read(file).with_context(|| format!("cannot read {shown}"))?;
    let now = Timestamp::now();
    let plan = map
        .plan(&shown, &bytes, &Scope::sector(), now)
        .await
        .with_context(|| format!("cannot use {shown}"))?;
    if !dry_run {
        map.apply(&plan, None, now).await.with_context(|| format!("cannot apply {shown}"))?;
    }
    Ok(plan)
}

fn told(file: &Path, plan: &Plan, dry_run: bool) -> String {
    let would = if dry_run { "would be " } else { "" };
    let mut out = format!(
        "{}: {} {would}added, {} {would}changed, {} unchanged, {} could not be used\n",
        file.display(),
        plan.added.len(),
        plan.changed_things,
        plan.unchanged,
        plan.problem_count
    );
    for problem in &plan.problems {
        let _ = writeln!(out, "  line {}: {}: {}", problem.line, problem.field, problem.message);
    }
    out
}
