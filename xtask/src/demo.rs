//! A demonstration that runs beside an errand and ends with it.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
};

use anyhow::{Context, Result};

use crate::run::target;

/// A running Ward, ended when it is let go.
pub(crate) struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    /// Starts Ward on a free port and reads its lines until one satisfies `is_ready`; `settings`
    /// go by the environment. Errors: it ends before that.
    pub(crate) fn start(
        arguments: &[&str],
        data: &Path,
        settings: &[(&str, &str)],
        mut is_ready: impl FnMut(&str) -> bool,
    ) -> Result<Self> {
        let mut child = Command::new(program())
            .args(arguments)
            .args(["--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .envs(settings.iter().copied())
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot start Ward")?;
        let output = child.stderr.take().context("no output")?;
        let running = Self(child);
        let mut lines = BufReader::new(output).lines();
        while !is_ready(&lines.next().context("Ward ended before it was ready")??) {}
        thread::spawn(move || lines.map_while(Result::ok).for_each(|line| eprintln!("{line}")));
        Ok(running)
    }
}

/// A running `ward demo` of the build that lies in the target folder.
pub(crate) struct Demo {
    _running: Running,
    /// Its data folder.
    pub(crate) data: PathBuf,
    pub(crate) url: String,
    pub(crate) user: String,
    pub(crate) password: String,
}

impl Demo {
    /// Starts one afresh. `folder` lies in the target folder.
    pub(crate) fn start(folder: &str, settings: &[(&str, &str)]) -> Result<Self> {
        let data = target().join(folder);
        fs::create_dir_all(&data)?;
        let (mut url, mut user, mut password) = (String::new(), String::new(), String::new());
        let running = Running::start(&["demo", "--fresh"], &data, settings, |line| {
            let keep = |kept: &mut String, mark: &str| {
                if let Some((_, told)) = line.split_once(mark) {
                    told.trim().clone_into(kept);
                }
            };
            keep(&mut url, "Ward is ready:");
            keep(&mut user, "Email address");
            keep(&mut password, "Password");
            ![&url, &user, &password].iter().any(|told| told.is_empty())
        })?;
        Ok(Self { _running: running, data, url, user, password })
    }
}

/// The program as it was built last.
pub(crate) fn program() -> PathBuf {
    target().join("debug/ward")
}
