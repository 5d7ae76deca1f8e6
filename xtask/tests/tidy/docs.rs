//! Documents: links that lead somewhere, commands that exist, dependencies that are explained.

use crate::{files, none, read, root};

/// Targets of the links of a Markdown text.
fn links(text: &str) -> Vec<&str> {
    let rest = text.split("](").skip(1);
    rest.filter_map(|rest| rest.split([')', ' ']).next()).collect()
}

#[test]
fn every_relative_link_leads_somewhere() {
    let mut dead = Vec::new();
    for path in files(".md") {
        let folder = root().join(&path).parent().expect("a file's folder").to_path_buf();
        let text = read(&path);
        for link in links(&text) {
            let target = link.split('#').next().unwrap_or_default();
            let elsewhere =
                link.contains("://") || link.starts_with("mailto:") || target.is_empty();
            if !elsewhere && !folder.join(target).exists() {
                dead.push(format!("{path}: {link}"));
            }
        }
    }
    none("dead links", dead);
}

#[test]
fn every_errand_that_is_named_exists() {
    let known = read("xtask/src/main.rs");
    let mut unknown = Vec::new();
    for path in files(".md") {
        let text = read(&path);
        for rest in text.split("cargo xtask ").skip(1) {
            let is_word = |c: &char| c.is_ascii_alphanumeric() || *c == '-';
            let name: String = rest.chars().take_while(is_word).collect();
            if !name.is_empty() && !known.contains(&format!("[\"{name}\"")) {
                unknown.push(format!("{path}: {name}"));
            }
        }
    }
    none("unknown errands", unknown);
}

#[test]
fn every_dependency_has_a_line_in_the_notes() {
    let notes = read("docs/develop/dependencies.md");
    let manifest = read("Cargo.toml");
    let names = manifest
        .split("[workspace.dependencies]")
        .nth(1)
        .and_then(|rest| rest.split("\n[").next())
        .expect("the workspace's dependencies");
    let ours = |line: &str| line.contains("path = ");
    let missing = names
        .lines()
        .filter(|line| line.contains('=') && !line.starts_with('#') && !ours(line))
        .filter_map(|line| line.split([' ', '=']).next())
        .filter(|name| !notes.contains(&format!("`{name}`")));
    none("dependencies without a line", missing.map(str::to_owned).collect());
}

#[test]
fn nothing_names_a_machine_or_a_registry() {
    let marks = [
        concat!("/work", "/main"),
        concat!("/work", "/shared"),
        concat!("/ro", "ot/"),
        concat!("index.crates", ".io"),
        concat!("static.crates", ".io"),
        concat!("pypi", ".org"),
        concat!("registry.npmjs", ".org"),
    ];
    let mut found = Vec::new();
    for path in files("") {
        let lock = path.ends_with("Cargo.lock");
        let Ok(text) = std::fs::read_to_string(root().join(&path)) else { continue };
        for mark in marks.iter().filter(|_| !lock) {
            if text.contains(mark) {
                found.push(format!("{path}: {mark}"));
            }
        }
    }
    none("machines or registries", found);
}
