//! A demonstration that runs beside an errand and ends with it.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
};

use anyhow::{Context, Result};

use crate::run::target;

/// A running `ward demo` on a free port, of the build that lies in the target folder.
pub(crate) struct Demo {
    child: Child,
    /// Its data folder.
    pub(crate) data: PathBuf,
    pub(crate) url: String,
    pub(crate) user: String,
    pub(crate) password: String,
}

impl Demo {
    /// Starts one afresh. `folder` lies in the target folder; `settings` go by the environment.
    pub(crate) fn start(folder: &str, settings: &[(&str, &str)]) -> Result<Self> {
        let data = target().join(folder);
        fs::create_dir_all(&data)?;
        let mut child = Command::new(program())
            .args(["demo", "--fresh", "--listen", "127.0.0.1:0", "--data"])
            .arg(&data)
            .envs(settings.iter().copied())
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot start the demonstration")?;
        let output = child.stderr.take().context("no output")?;
        // From here on the child ends with the value, whatever goes wrong.
        let none = String::new;
        let mut demo = Self { child, data, url: none(), user: none(), password: none() };
        let mut lines = BufReader::new(output).lines();
        while demo.password.is_empty() {
            let line = lines.next().context("the demonstration ended before it was ready")??;
            let keep = |kept: &mut String, mark: &str| {
                if let Some((_, told)) = line.split_once(mark) {
                    told.trim().clone_into(kept);
                }
            };
            keep(&mut demo.url, "Ward is ready:");
            keep(&mut demo.user, "Email address");
            keep(&mut demo.password, "Password");
        }
        thread::spawn(move || lines.map_while(Result::ok).for_each(|line| eprintln!("{line}")));
        Ok(demo)
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program as it was built last.
pub(crate) fn program() -> PathBuf {
    target().join("debug/ward")
}
