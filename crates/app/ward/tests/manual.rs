//! Completions, manual and the command-line reference.
#![allow(clippy::unwrap_used)]

mod kit;

use std::fs;

use kit::run;

#[test]
fn every_shell_gets_completions_that_know_the_commands() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = run(&["completions", shell]);
        assert_eq!(ran.code, 0);
        for word in ["scan", "explain", "min-level"] {
            assert!(ran.stdout.contains(word), "{shell}: {word}");
        }
    }
}

#[test]
fn the_manual_has_a_page_a_command() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(run(&["man", folder.path().to_str().unwrap()]).code, 0);
    for page in ["ward.1", "ward-scan.1", "ward-rules.1", "ward-rules-explain.1"] {
        let text = fs::read_to_string(folder.path().join(page)).unwrap();
        assert!(text.contains(".TH "), "{page}");
    }
    assert!(run(&["man"]).stdout.contains(".TH ward 1"));
}

#[test]
fn the_version_names_the_commit() {
    let ran = run(&["--version"]);
    assert!(regex::Regex::new(r"^ward \d+\.\d+\.\d+ \(\w+\)\n$").unwrap().is_match(&ran.stdout));
}

/// Set `WARD_WRITE_REFERENCE` to write the page anew.
#[test]
fn the_reference_is_what_the_program_says() {
    let page = kit::samples().join("../../docs/reference/cli.md");
    let said = run(&["man", "--format", "markdown"]).stdout;
    if std::env::var_os("WARD_WRITE_REFERENCE").is_some() {
        fs::write(&page, &said).unwrap();
    }
    let written = fs::read_to_string(&page).unwrap_or_default();
    assert_eq!(written, said, "write it anew: ward man --format markdown > docs/reference/cli.md");
}
