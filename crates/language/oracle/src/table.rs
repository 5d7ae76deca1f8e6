//! The cases in `fixtures/sigma/semantics/`, which the oracle and the engine both must pass.

use std::{collections::BTreeMap, fs, path::PathBuf};

use serde::Deserialize;
use yaml_serde::{Mapping, Value as Yaml};

/// One case: a rule, an event, and whether the rule holds for it.
#[derive(Clone, Debug)]
pub struct Case {
    /// File and sentence, for messages.
    pub says: String,
    /// The rule as YAML text.
    pub rule: String,
    /// Filters to apply, as YAML texts.
    pub filters: Vec<String>,
    /// Values for `expand`.
    pub placeholders: BTreeMap<String, Vec<String>>,
    /// The event as JSON text; empty where the rule is refused.
    pub event: String,
    /// What must come of it.
    pub expected: Expected,
}

/// What must come of a case.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Expected {
    /// The rule holds for the event.
    Holds,
    /// It does not.
    DoesNot,
    /// The rule (or its filter) cannot be used at all.
    Refused,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    says: String,
    /// The whole `detection`; a lacking `condition` is `selection`.
    #[serde(default)]
    detection: Option<Yaml>,
    /// The whole rule, where more than the detection matters.
    #[serde(default)]
    rule: Option<Yaml>,
    #[serde(default)]
    filter: Option<Yaml>,
    #[serde(default)]
    placeholders: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    event: String,
    #[serde(default)]
    holds: Option<bool>,
    #[serde(default)]
    refused: bool,
}

/// All cases, by file and in the order of the files. Errors: names the file.
pub fn cases() -> Result<Vec<Case>, String> {
    let folder =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../fixtures/sigma/semantics");
    let entries =
        fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut paths: Vec<PathBuf> =
        entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "yaml"));
    paths.sort();
    let mut cases = Vec::new();
    for path in paths {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let wrong = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let text = fs::read_to_string(&path).map_err(|error| wrong(&error))?;
        let list: Vec<Written> = yaml_serde::from_str(&text).map_err(|error| wrong(&error))?;
        for written in list {
            let says = format!("{name}: {}", written.says);
            cases.push(written.case(says).map_err(|error| wrong(&error))?);
        }
    }
    Ok(cases)
}

impl Written {
    fn case(self, says: String) -> Result<Case, String> {
        let expected = match (self.refused, self.holds) {
            (true, None) => Expected::Refused,
            (false, Some(true)) => Expected::Holds,
            (false, Some(false)) => Expected::DoesNot,
            _ => return Err(format!("{says}: either `holds` or `refused: true`")),
        };
        let rule = match (self.rule, self.detection) {
            (Some(rule), None) => rule,
            (None, Some(detection)) => rule_of(&says, detection),
            _ => return Err(format!("{says}: either `rule` or `detection`")),
        };
        let text = |yaml: &Yaml| yaml_serde::to_string(yaml).map_err(|error| error.to_string());
        Ok(Case {
            rule: text(&rule)?,
            filters: self.filter.iter().map(text).collect::<Result<_, _>>()?,
            placeholders: self.placeholders,
            event: self.event,
            expected,
            says,
        })
    }
}

fn rule_of(title: &str, mut detection: Yaml) -> Yaml {
    if let Yaml::Mapping(map) = &mut detection
        && !map.contains_key("condition")
    {
        map.insert("condition".into(), "selection".into());
    }
    let mut rule = Mapping::new();
    rule.insert("title".into(), title.into());
    rule.insert("detection".into(), detection);
    Yaml::Mapping(rule)
}
