//! The named peer, rsigma: installed where it is not given, and its matches read.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::run::{cargo, target};

/// The newest that builds with the Rust version this project needs.
const VERSION: &str = "0.23.0";

/// The peer's program, built on first use.
pub(crate) fn program(given: Option<&str>) -> Result<PathBuf> {
    if let Some(given) = given {
        return Ok(given.into());
    }
    let folder = target().join("peer");
    let program = folder.join("bin/rsigma");
    if !program.is_file() {
        let folder = folder.to_string_lossy();
        cargo(&["install", "rsigma", "--version", VERSION, "--locked", "--root", &folder])?;
    }
    Ok(program)
}

/// How often each rule matched, by rule id, from lines of JSON in which `path` leads to the id.
pub(crate) fn matches(file: &Path, path: &[&str]) -> Result<BTreeMap<String, u64>> {
    let lines = BufReader::new(File::open(file)?).lines();
    let mut counts = BTreeMap::new();
    for line in lines {
        let line = line?;
        let value: Value = serde_json::from_str(&line)
            .with_context(|| format!("{}: no JSON: {line:.80}", file.display()))?;
        let id = path.iter().try_fold(&value, |value, key| value.get(key)).and_then(Value::as_str);
        if let Some(id) = id {
            *counts.entry(id.to_owned()).or_default() += 1;
        }
    }
    Ok(counts)
}

/// One event's matches: the position of the line that matched is not in the peer's output, so
/// differences are explained from the events themselves.
#[derive(Debug, Default)]
pub(crate) struct Difference {
    pub(crate) rule: String,
    pub(crate) ours: u64,
    pub(crate) theirs: u64,
    pub(crate) why: String,
}

/// Rules on which the two disagree, with the cause where it can be told.
///
/// `events`: events the peer matched, with the rule, from its `--include-event` output.
/// `category_of`: rule id → category of its log source.
pub(crate) fn differences(
    ours: &BTreeMap<String, u64>,
    theirs: &BTreeMap<String, u64>,
    events: &Path,
    category_of: &BTreeMap<String, String>,
) -> Result<Vec<Difference>> {
    let mut out: Vec<Difference> = Vec::new();
    for rule in ours.keys().chain(theirs.keys().filter(|rule| !ours.contains_key(*rule))) {
        let count = |counts: &BTreeMap<String, u64>| counts.get(rule).copied().unwrap_or_default();
        if count(ours) != count(theirs) {
            out.push(Difference {
                rule: rule.clone(),
                ours: count(ours),
                theirs: count(theirs),
                why: String::new(),
            });
        }
    }
    for difference in &mut out {
        difference.why = why(difference, events, category_of)?;
    }
    Ok(out)
}

fn why(
    difference: &Difference,
    events: &Path,
    category_of: &BTreeMap<String, String>,
) -> Result<String> {
    let category = category_of.get(&difference.rule).map_or("", String::as_str);
    let mut untagged = 0;
    let mut renamed = 0;
    for line in BufReader::new(File::open(events)?).lines() {
        let line = line?;
        if !line.contains(&difference.rule) {
            continue;
        }
        let value: Value = serde_json::from_str(&line)?;
        if value.get("rule_id").and_then(Value::as_str) != Some(&difference.rule) {
            continue;
        }
        let Some(event) = value.get("event") else { continue };
        let service = event.get("service").is_some();
        untagged += u64::from(event.get("category").is_none() || !service);
        renamed += u64::from(event.get("EventID").and_then(Value::as_u64) == Some(4688));
    }
    let mut reasons = Vec::new();
    if untagged > 0 {
        reasons.push(format!(
            "the peer tries it on {untagged} events that carry no tag of category or service; Ward \
             knows theirs from channel and event number"
        ));
    }
    if renamed > 0 {
        reasons.push(format!(
            "{renamed} of the peer's matches are event 4688, whose fields Ward also reads under \
             their Sysmon names, filters included"
        ));
    }
    if difference.ours > difference.theirs {
        reasons.push(match category {
            "process_creation" | "network_connection" => format!(
                "Ward also finds it in Security events that stand for {category}, by their Sysmon \
                 names"
            ),
            _ => "the event's tag names another log source than its channel and number do, or \
                  none, which the peer takes as a contradiction"
                .to_owned(),
        });
    }
    Ok(if reasons.is_empty() { "UNEXPLAINED".to_owned() } else { reasons.join("; ") })
}
