//! Ward in a real browser: every page of a running demonstration, at both widths, with axe.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, bail};

use crate::run::{cargo, root, target};

/// Pages that are looked at; those of single things are found from lists by the browser's own test.
const PAGES: [&str; 17] = [
    "/",
    "/alerts",
    "/alerts?state=closed",
    "/map",
    "/map/import",
    "/groups",
    "/search?q=path",
    "/more",
    "/devices",
    "/sources",
    "/sources/new",
    "/rules",
    "/exceptions",
    "/tokens",
    "/people",
    "/audit",
    "/account",
];

/// Enough telemetry for pages that have something to show.
const PLAY: Duration = Duration::from_secs(25);

/// Starts a demonstration, looks at its pages, stops it. Errors: a page that is not as it should be.
pub(crate) fn browser() -> Result<()> {
    cargo(&["build", "--locked", "-p", "ward"])?;
    let demo = Demo::start()?;
    thread::sleep(PLAY);
    let ui = root().join("crates/app/web/ui");
    let status = Command::new("npm")
        .args(["run", "--silent", "browser"])
        .current_dir(ui)
        .env("WARD_URL", &demo.url)
        .env("WARD_USER", &demo.user)
        .env("WARD_PASSWORD", &demo.password)
        .env("WARD_PAGES", PAGES.join(" "))
        .env("WARD_PICTURES", target().join("pictures"))
        .status()
        .context("cannot run npm")?;
    if !status.success() {
        bail!("pages are not as they should be in the browser; pictures: target/pictures");
    }
    Ok(())
}

struct Demo {
    child: Child,
    url: String,
    user: String,
    password: String,
}

impl Demo {
    fn start() -> Result<Self> {
        let data = target().join("browser-data");
        let mut child = Command::new(target().join("debug/ward"))
            .args(["demo", "--fresh", "--listen", "127.0.0.1:0", "--data"])
            .arg(&data)
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot start the demonstration")?;
        let mut lines = BufReader::new(child.stderr.take().context("no output")?).lines();
        let (mut url, mut user, mut password) = (None, None, None);
        while password.is_none() {
            let line = lines.next().context("the demonstration ended before it was ready")??;
            let after = |mark: &str| line.split_once(mark).map(|(_, rest)| rest.trim().to_owned());
            url = after("Ward is ready:").or(url);
            user = after("Email address").or(user);
            password = after("Password").or(password);
        }
        thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Ok(Self {
            child,
            url: url.context("no address was told")?,
            user: user.context("no account was told")?,
            password: password.context("no password was told")?,
        })
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
