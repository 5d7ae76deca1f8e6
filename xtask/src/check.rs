//! What CI runs, one step after the other; the first that fails ends it.

use std::time::Instant;

use anyhow::{Context, Result};

use crate::{
    generate,
    run::{cargo, output, root, spoken},
    services,
};

/// Format, clippy, tests (tidy among them), references, fuzz seeds, documentation.
pub(crate) fn check(quick: bool) -> Result<()> {
    let start = Instant::now();
    step("format", || cargo(&["fmt", "--all", "--check"]))?;
    step("pages' assets", crate::assets::assets)?;
    step("clippy", || {
        let flags = ["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"];
        cargo(&flags)
    })?;
    step("services", services::start)?;
    if quick {
        step("tidy", || cargo(&["test", "--locked", "-p", "xtask"]))?;
        step("quick tests", || cargo(&["test", "--workspace", "--locked", "--lib", "--bins"]))?;
    } else {
        step("tests", tests)?;
        step("documentation tests", || cargo(&["test", "--workspace", "--locked", "--doc"]))?;
        step("generated references", || generate::generate(true))?;
        step("fuzz seeds", fuzz_seeds)?;
        step("pages in a browser", crate::browser::browser)?;
        step("API and its description", || crate::api_check::api_check(&["--quick"]))?;
        step("documentation", documentation)?;
    }
    println!("check passed in {}", spoken(start.elapsed()));
    Ok(())
}

fn step(name: &str, run: impl FnOnce() -> Result<()>) -> Result<()> {
    let start = Instant::now();
    println!("==> {name}");
    run().with_context(|| format!("check stopped at {name}"))?;
    println!("    {name}: {}", spoken(start.elapsed()));
    Ok(())
}

/// nextest where it is installed, else cargo's own runner.
fn tests() -> Result<()> {
    if output("cargo", &["nextest", "--version"]).is_ok() {
        cargo(&["nextest", "run", "--workspace", "--locked", "--no-fail-fast"])
    } else {
        cargo(&["test", "--workspace", "--locked", "--no-fail-fast"])
    }
}

/// Documentation without a warning. The flags go by an argument of rustdoc's own, so that nothing
/// is built twice.
fn documentation() -> Result<()> {
    let fixed = ["doc", "--workspace", "--no-deps", "--locked", "--document-private-items"];
    let flags = [
        "--config",
        "build.rustdocflags=['-D','warnings','-A','rustdoc::private_intra_doc_links']",
    ];
    cargo(&[&fixed[..], &flags[..]].concat())
}

/// The seeds and finds of the fuzz targets, replayed without a fuzzer.
fn fuzz_seeds() -> Result<()> {
    let manifest = root().join("fuzz/Cargo.toml");
    let manifest = manifest.to_string_lossy();
    let target = crate::run::target().join("fuzz");
    let target = target.to_string_lossy();
    cargo(&["test", "--manifest-path", &manifest, "--target-dir", &target, "--locked"])
}
