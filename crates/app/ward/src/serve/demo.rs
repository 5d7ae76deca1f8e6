//! `ward demo`: the same server with an example sector, an account, and telemetry that plays.
//!
//! Modules in reading order: [`world`] the sector and the account, made once; [`play`] telemetry
//! as if devices sent it now.

mod play;
mod world;

use std::path::Path;

use anyhow::{Context, Result, bail};

use super::{logging, settings, start};
use crate::{cli::DemoArgs, exit::Exit};

/// Marks a data folder as a demonstration's: `--fresh` deletes no other.
const MARK: &str = "demonstration";

/// `ward demo`.
pub(crate) fn command(args: &DemoArgs) -> Result<Exit> {
    let mut config = settings::read(&args.config)?.config;
    if config.log.level == "info" {
        "warn".clone_into(&mut config.log.level);
    }
    logging::start(&config.log)?;
    let folder = config.data.folder.clone();
    prepare(&folder, args.fresh)?;
    super::runtime()?.block_on(async {
        let started = start::start(config, access::SecondFactor::Offered).await?;
        let example = world::example(args.seed);
        let account = world::make(&started.app, &example, &folder).await?;
        let url = &started.app.settings.public_url;
        eprintln!(
            "\nWard is ready: {url}\n\n  Email address  {}\n  Password       {}\n\nAll \
             organisations are examples. Telemetry plays now; an attack begins in a few seconds. \
             Stop with Ctrl-C.\n",
            account.email, account.password
        );
        let (seed, rate) = (args.seed, args.rate);
        super::run(started, async move |app, stop| {
            let played = play::play(&app, &example, seed, rate, &stop).await;
            if let Err(error) = played {
                tracing::error!("telemetry stopped: {error:#}");
            }
            stop.cancelled().await;
        })
        .await
    })?;
    Ok(Exit::Nothing)
}

/// Makes sure the folder is a demonstration's, empty with `--fresh`.
fn prepare(folder: &Path, fresh: bool) -> Result<()> {
    let shown = folder.display();
    let mark = folder.join(MARK);
    let is_used = std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    if is_used && !mark.is_file() {
        bail!(
            "{shown} holds data that is no demonstration's: give --data another folder, so that \
             nothing real is mixed with examples"
        );
    }
    if fresh && is_used {
        std::fs::remove_dir_all(folder).with_context(|| format!("cannot empty {shown}"))?;
    }
    // The lock that comes later makes the folder; it is made here for the mark alone.
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {shown}"))?;
    std::fs::write(&mark, "Made by `ward demo`; deleted by `ward demo --fresh`.\n")
        .with_context(|| format!("cannot write to {shown}"))
}
