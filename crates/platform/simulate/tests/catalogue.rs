//! The catalogue of telemetry: all of it is embedded, and what is wrong in it is named.
#![allow(clippy::unwrap_used)]

mod common;

use common::{options, root, sites, texts};
use simulate::{Library, Telemetry};
use std::sync::Arc;

const HEAD: &str = "title: t\nversion: 1\neffective: 2026-11-24\nsource: Ward\n";
const HOURS: &str = "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]";

/// The least there can be: one trade that writes one kind of record.
fn least() -> Vec<(String, String)> {
    let file = |name: &str, text: String| (name.to_owned(), format!("{HEAD}{text}"));
    vec![
        file("hours", format!("profiles:\n  all: {{workday: {HOURS}, weekend: {HOURS}}}\n")),
        file("trades", "trades: [{trade: desk, hours: all, pace: 1, job: j}]\n".to_owned()),
        file(
            "records",
            "records: {note: {json: {timestamp: '{time}', host: '{host}'}}}\n".to_owned(),
        ),
        file(
            "day",
            "activities: [{name: a, trades: [desk], weight: 1, steps: [{record: note}]}]\n"
                .to_owned(),
        ),
    ]
}

/// Loads the least catalogue with one file more and starts it.
fn load(extra: Option<&str>) -> Result<Telemetry, String> {
    let mut files = least();
    files.extend(extra.map(|text| ("extra".to_owned(), format!("{HEAD}{text}"))));
    let files = files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    let library = Library::parse(files).map_err(told)?;
    Telemetry::with(Arc::new(library), &sites(), options(1)).map_err(told)
}

/// An error with its causes.
fn told(error: simulate::SimulateError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

fn refused(extra: &str, reason: &str) {
    let error = load(Some(extra)).err().unwrap_or_else(|| panic!("taken: {extra}"));
    assert!(error.contains(reason), "{error}");
}

#[test]
fn every_file_of_the_catalogue_is_embedded() {
    let mut files = Vec::new();
    texts(&root().join("catalogues/simulate"), "yaml", &mut files);
    let on_disk = Library::parse(files.iter().map(|(name, text)| (name.as_str(), text.as_str())));
    let names = |library: &Library| -> Vec<String> {
        let mut names: Vec<String> =
            library.storylines().iter().map(|one| one.name.clone()).collect();
        names.sort();
        names
    };
    let embedded = Library::embedded().unwrap();
    assert_eq!(names(&on_disk.unwrap()), names(&embedded));
    let source = std::fs::read_to_string(root().join("crates/platform/simulate/src/library.rs"));
    let source = source.unwrap();
    for (name, _) in &files {
        let name = name.split("catalogues/simulate/").nth(1).unwrap();
        assert!(source.contains(&format!("\"{name}\"")), "{name} is not embedded");
    }
}

#[test]
fn the_least_catalogue_writes_its_record() {
    let record = load(None).unwrap().next().unwrap();
    let json: serde_json::Value = serde_json::from_slice(&record.json).unwrap();
    assert_eq!(json["host"], *record.device);
}

#[test]
fn a_mistyped_key_is_refused_with_its_line() {
    refused("activities:\n  - {name: a, trades: [desk], weight: 1, setps: []}\n", "line 6");
    refused(
        "activities:\n  - {name: a, trades: [desk], weight: 1, steps: [{recrod: note}]}\n",
        "recrod",
    );
}

#[test]
fn names_that_lead_nowhere_are_refused() {
    let activity = |steps: &str| {
        format!("activities: [{{name: a, trades: [desk], weight: 1, steps: [{steps}]}}]\n")
    };
    refused(&activity("{record: letter}"), "extra: activity \"a\": there is no record \"letter\"");
    refused(&activity("{record: note, fields: {x: '{hots}'}}"), "there is no place {hots}");
    refused(&activity("{record: note, fields: {x: '{list.none}'}}"), "there is no list \"none\"");
    refused(&activity("{record: note, fields: {x: 'a { b'}}"), "has a brace alone");
    refused(
        "activities: [{name: a, trades: [chair], weight: 1, steps: [{record: note}]}]\n",
        "extra: no trade is called \"chair\"",
    );
    refused("trades: [{trade: t, hours: dusk, pace: 1, job: j}]\n", "no hours are called \"dusk\"");
    refused("lists: {empty: []}\n", "list \"empty\" is empty");
}

#[test]
fn a_storyline_that_cannot_be_played_is_refused() {
    let story = |steps: &str| {
        format!(
            "summary: s\nstoryline: s\ncast: {{desk: {{any_of: [{{trade: desk}}]}}}}\nsteps: [{steps}]\n"
        )
    };
    let step = |at: &str, on: &str, record: &str| {
        format!("{{at: '{at}', on: {on}, says: x, record: {record}}}")
    };
    assert!(load(Some(&story(&step("0:00:00", "desk", "note")))).is_ok());
    refused(&story(&step("soon", "desk", "note")), "extra: \"soon\" is no offset");
    refused(&story(&step("0:61:00", "desk", "note")), "is no offset");
    refused(&story(&step("0:00:00", "chair", "note")), "who is not of the cast");
    refused(&story(&step("0:00:00", "desk", "letter")), "there is no record \"letter\"");
    let [late, early] = ["0:01:00", "0:00:30"].map(|at| step(at, "desk", "note"));
    refused(&story(&format!("{late}, {early}")), "is told after one that is later");
    refused(&story(""), "a storyline needs steps");
}
