//! The design system's own fixtures: what our engine makes of its templates is the HTML that its
//! makers publish.

mod html;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use minijinja::{Value, value};
use serde::Deserialize;
use web::templates::Components;

use html::normal;

#[derive(Deserialize)]
struct File {
    component: String,
    fixtures: Vec<Fixture>,
}

#[derive(Deserialize)]
struct Fixture {
    name: String,
    context: serde_json::Value,
    #[serde(default, rename = "callBlock")]
    call_block: Option<String>,
    html: String,
}

/// Fixtures that come out differently, and why that is right or does not matter.
const EXCEPTIONS: [(&str, &str, &str); 1] =
    [("file-upload", "button", "a blank after the comma of a list in JSON, which reads the same")];

/// Components whose macro is not called as their folder is.
const NAMES: [(&str, &str); 3] =
    [("do-dont-list", "list"), ("images", "image"), ("tables", "table")];

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("dist/fixtures");
    let found = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}; run `cargo xtask assets`", folder.display()));
    let mut files = Vec::new();
    let mut folders: Vec<PathBuf> = found.map(|entry| entry.expect("an entry").path()).collect();
    while let Some(path) = folders.pop() {
        if path.is_dir() {
            let inside = std::fs::read_dir(&path).expect("a folder");
            folders.extend(inside.map(|entry| entry.expect("an entry").path()));
        } else {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn read(path: &Path) -> File {
    let text = std::fs::read(path).expect("a file of fixtures");
    serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// `summary-list` as `summaryList`.
fn macro_name(component: &str) -> String {
    if let Some((_, name)) = NAMES.iter().find(|(folder, _)| *folder == component) {
        return (*name).to_owned();
    }
    let mut words = component.split(['-', '/', ' ']);
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| {
        let (head, rest) = word.split_at(1);
        name + &head.to_uppercase() + rest
    })
}

#[test]
fn every_component_gives_the_html_its_makers_publish() {
    let components = Components::embedded().expect("the components compile");
    let mut seen = 0;
    let mut wrong = Vec::new();
    let mut excused = Vec::new();
    for path in files() {
        let file = read(&path);
        let name = macro_name(&file.component);
        for fixture in file.fixtures {
            seen += 1;
            let block = fixture.call_block.map(Value::from_safe_string);
            let context = Value::from(value::Serde(fixture.context));
            let found = components.component(&name, context, block);
            let found = found.map_err(|error| format!("{error:#}"));
            if found.as_deref().map(normal) == Ok(normal(&fixture.html)) {
                continue;
            }
            let is_excused = |(component, which, _): &&(&str, &str, &str)| {
                *component == file.component && *which == fixture.name
            };
            match EXCEPTIONS.iter().find(is_excused) {
                Some(exception) => excused.push(*exception),
                None => wrong.push(format!(
                    "{} ({})\n  want {}\n  have {}",
                    file.component,
                    fixture.name,
                    normal(&fixture.html),
                    found.map_or_else(|error| error, |html| normal(&html))
                )),
            }
        }
    }
    assert_eq!(seen, 983, "fixtures");
    assert!(wrong.is_empty(), "{} of {seen} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(excused.len(), EXCEPTIONS.len(), "exceptions that are none any more");
}

#[test]
fn every_component_that_has_fixtures_can_be_called() {
    let components = Components::embedded().expect("the components compile");
    let mut calls: BTreeMap<String, PathBuf> = BTreeMap::new();
    for path in files() {
        calls.insert(macro_name(&read(&path).component), path);
    }
    let missing: Vec<_> =
        calls.iter().filter(|(name, _)| !components.names().any(|n| n == *name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
