//! Ward in a real browser: every page of a running demonstration and of a fresh Ward beside it, at
//! both widths, with axe, and what people do there by keyboard alone, without script and on a
//! narrow screen. Which pages there are the browser's test reads from the program's list of routes.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, bail};

use crate::run::{cargo, root, target};

/// Enough telemetry for pages that have something to show.
const PLAY: Duration = Duration::from_secs(25);

/// Starts a demonstration, looks at its pages, stops it. Errors: a page that is not as it should be.
pub(crate) fn browser() -> Result<()> {
    cargo(&["build", "--locked", "-p", "ward"])?;
    let demo = Demo::start()?;
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

/// A running Ward, ended when it is let go.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts Ward and reads its lines until one satisfies `is_ready`. Errors: it ends before that.
fn start(
    arguments: &[&str],
    data: &Path,
    mut is_ready: impl FnMut(&str) -> bool,
) -> Result<Running> {
    let mut child = Command::new(target().join("debug/ward"))
        .args(arguments)
        .args(["--listen", "127.0.0.1:0", "--data"])
        .arg(data)
        .stderr(Stdio::piped())
        .spawn()
        .context("cannot start Ward")?;
    let mut lines = BufReader::new(child.stderr.take().context("no output")?).lines();
    let running = Running(child);
    while !is_ready(&lines.next().context("Ward ended before it was ready")??) {}
    thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
    Ok(running)
}

struct Demo {
    _running: Running,
    url: String,
    user: String,
    password: String,
}

impl Demo {
    fn start() -> Result<Self> {
        let data = target().join("browser-data");
        let (mut url, mut user, mut password) = (None, None, None);
        let running = start(&["demo", "--fresh"], &data, |line| {
            let after = |mark: &str| line.split_once(mark).map(|(_, rest)| rest.trim().to_owned());
            url = after("Ward is ready:").or(url.take());
            user = after("Email address").or(user.take());
            password = after("Password").or(password.take());
            password.is_some()
        })?;
        Ok(Self {
            _running: running,
            url: url.context("no address was told")?,
            user: user.context("no account was told")?,
            password: password.context("no password was told")?,
        })
    }
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
        let running = start(&["serve"], &data, |line| {
            let is_link = line.trim().starts_with("http") && line.contains("/link/");
            if is_link {
                line.trim().clone_into(&mut link);
            }
            is_link
        })?;
        Ok(Self { _running: running, link, data })
    }
}
