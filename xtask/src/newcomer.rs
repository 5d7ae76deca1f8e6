//! The newcomer's test: a fresh clone, empty cargo folders, and the README's commands, timed.

use std::time::Instant;

use anyhow::Result;

use crate::run::{command, root, spoken, target};

/// Clones the last commit and runs what the README says, as somebody would who has just come.
pub(crate) fn newcomer() -> Result<()> {
    let folder = target().join("newcomer");
    let _ = std::fs::remove_dir_all(&folder);
    let (clone, home) = (folder.join("ward"), folder.join("cargo"));
    command("git", &["clone", "--quiet", &root().to_string_lossy(), &clone.to_string_lossy()])?;
    std::fs::create_dir_all(&home)?;
    let start = Instant::now();
    let line = format!(
        "cd '{}' && env -u CARGO_TARGET_DIR CARGO_HOME='{}' (timeout 1500 cargo xtask demo --listen 127.0.0.1:0 2>&1 | tee demo.log | sed '/Ward is ready/q'; pkill -f 'target/debug/ward demo'); grep -q 'Ward is ready' demo.log",
        clone.display(),
        home.display()
    );
    command("bash", &["-c", &line])?;
    println!("first command, from nothing to a running Ward: {}", spoken(start.elapsed()));
    Ok(())
}
