//! Tells the program which commit it was built from, and cargo when embedded files change.

use std::{path::Path, process::Command};

fn main() {
    println!("cargo:rustc-env=WARD_COMMIT={}", commit().unwrap_or_else(|| "unknown".to_owned()));
    for folder in ["../../../rules/sigma", "../../../catalogues/fields", "templates", "build.rs"] {
        println!("cargo:rerun-if-changed={folder}");
    }
}

/// The commit in twelve letters. Only the files that change with a commit are watched.
fn commit() -> Option<String> {
    let folder = git(&["rev-parse", "--absolute-git-dir"])?;
    let shared = git(&["rev-parse", "--path-format=absolute", "--git-common-dir"])?;
    watch(&Path::new(&folder).join("HEAD"));
    if let Some(branch) = git(&["symbolic-ref", "-q", "HEAD"]) {
        watch(&Path::new(&shared).join(branch));
    }
    git(&["rev-parse", "--short=12", "HEAD"])
}

/// A watched file that does not exist would make every build start anew.
fn watch(file: &Path) {
    if file.exists() {
        println!("cargo:rerun-if-changed={}", file.display());
    }
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let text = text.trim();
    (output.status.success() && !text.is_empty()).then(|| text.to_owned())
}
