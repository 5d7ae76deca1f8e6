//! Tells cargo when what the pages are made of changes, and the reader what to do where it was
//! never built.
#![allow(clippy::print_stdout)]

use std::path::Path;

fn main() {
    for path in ["build.rs", "dist", "templates"] {
        println!("cargo::rerun-if-changed={path}");
    }
    if !Path::new("dist/stamp").is_file() {
        println!(
            "cargo::error=the pages' styles, scripts and templates are not built yet: \
             run `cargo xtask assets`, then this again"
        );
    }
}
