//! Ward in a real browser: every page of a running demonstration and of a fresh Ward beside it, at
//! both widths, with axe, and what people do there by keyboard alone, without script and on a
//! narrow screen. Which pages there are the browser's test reads from the program's list of routes.

use std::{fs, path::PathBuf, process::Command, thread, time::Duration};

use anyhow::{Context, Result, bail};

use crate::{
    demo::{Demo, Running},
    run::{cargo, root, target},
};

/// Enough telemetry for pages that have something to show.
const PLAY: Duration = Duration::from_secs(25);

/// Starts a demonstration, looks at its pages, stops it. Errors: a page that is not as it should be.
pub(crate) fn browser() -> Result<()> {
    cargo(&["build", "--locked", "-p", "ward"])?;
    let demo = Demo::start("browser-data", &[])?;
    let fresh = Fresh::start()?;
    thread::sleep(PLAY);
    let ui = root().join("crates/app/web/ui");
    let status = Command::new("npm")
        .args(["run", "--silent", "browser"])
        .current_dir(ui)
        .env("WARD_URL", &demo.url)
        .env("WARD_USER", &demo.user)
        .env("WARD_PASSWORD", &demo.password)
        .env("WARD_FRESH", &fresh.link)
        .env("WARD_FRESH_DATA", &fresh.data)
        .env("WARD_PICTURES", target().join("pictures"))
        .status()
        .context("cannot run npm")?;
    if !status.success() {
        bail!("pages are not as they should be in the browser; pictures: target/pictures");
    }
    Ok(())
}

/// A Ward nobody has used.
struct Fresh {
    _running: Running,
    /// The one-time link of its first administrator.
    link: String,
    data: PathBuf,
}

impl Fresh {
    fn start() -> Result<Self> {
        let data = target().join("browser-fresh");
        if data.exists() {
            fs::remove_dir_all(&data)?;
        }
        let mut link = String::new();
        let running = Running::start(&["serve"], &data, &[], |line| {
            let is_link = line.trim().starts_with("http") && line.contains("/link/");
            if is_link {
                line.trim().clone_into(&mut link);
            }
            is_link
        })?;
        Ok(Self { _running: running, link, data })
    }
}
