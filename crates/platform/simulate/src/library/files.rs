//! The files of the catalogue as they are written.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Library, Line, Program, records::RecordFile};
use crate::{SimulateError, story};

/// A file: what it may hold, and what it must.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "version")]
    _version: u32,
    #[serde(rename = "effective")]
    _effective: String,
    #[serde(rename = "title")]
    _title: String,
    #[serde(rename = "source")]
    _source: String,
    #[serde(default)]
    lists: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    profiles: BTreeMap<String, Profile>,
    #[serde(default)]
    trades: Vec<Trade>,
    #[serde(default)]
    programs: BTreeMap<String, Program>,
    #[serde(default)]
    records: BTreeMap<String, RecordFile>,
    #[serde(default)]
    activities: Vec<Activity>,
}

/// How busy each hour of the day is, local time, from 0 (nothing) to 100.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Profile {
    pub(crate) workday: [u8; 24],
    pub(crate) weekend: [u8; 24],
}

/// What a device does for a living.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Trade {
    pub(crate) trade: String,
    /// Classes of which it must have one; none means any.
    #[serde(default)]
    pub(crate) class: Vec<String>,
    /// Words of which role, system or name must have one; none means any.
    #[serde(default)]
    pub(crate) words: Vec<String>,
    /// Without such a word, one in so many is taken all the same.
    pub(crate) or_one_in: Option<u64>,
    /// Kinds of organisation of which one must stand in the site's kind; none means any.
    #[serde(default)]
    pub(crate) kinds: Vec<String>,
    /// Hours at which it is busy.
    pub(crate) hours: String,
    /// Records of such a device against those of others.
    pub(crate) pace: f64,
    /// Who works at it, as it stands in names of accounts.
    pub(crate) job: String,
}

/// Something that happens on ordinary days.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Activity {
    #[serde(skip)]
    pub(crate) file: String,
    pub(crate) name: String,
    pub(crate) trades: Vec<String>,
    pub(crate) weight: f64,
    /// Hours at which it happens; those of the trade if absent.
    pub(crate) hours: Option<String>,
    pub(crate) steps: Vec<ActivityStep>,
}

/// One record of an activity.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "StepFile")]
pub(crate) struct ActivityStep {
    /// How long after the step before, milliseconds.
    pub(crate) after_ms: u32,
    pub(crate) line: Line,
}

/// A step as written: spelt out, so that a key mistyped is refused.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StepFile {
    #[serde(default)]
    after_ms: u32,
    record: String,
    program: Option<String>,
    parent: Option<String>,
    #[serde(default = "own")]
    process: u8,
    #[serde(default)]
    of: u8,
    #[serde(default)]
    fields: Map<String, Value>,
}

fn own() -> u8 {
    1
}

impl From<StepFile> for ActivityStep {
    fn from(file: StepFile) -> Self {
        let StepFile { after_ms, record, program, parent, process, of, fields } = file;
        ActivityStep { after_ms, line: Line { record, program, parent, process, of, fields } }
    }
}

/// Reads one file into the library.
pub(super) fn read(library: &mut Library, name: &str, text: &str) -> Result<(), SimulateError> {
    let wrong = |what: String| SimulateError::Catalogue { file: name.to_owned(), what };
    if text.contains("\nstoryline:") {
        library.add_storyline(story::parse(name, text)?);
        return Ok(());
    }
    let yaml = |source| SimulateError::Yaml { file: name.to_owned(), source };
    let file: File = yaml_serde::from_str(text).map_err(yaml)?;
    for (list, values) in file.lists {
        library.lists.add(list, &values).map_err(wrong)?;
    }
    library.profiles.extend(file.profiles);
    library.trades.extend(file.trades);
    library.shelf.programs.extend(file.programs);
    library.shelf.records.extend(file.records);
    for mut activity in file.activities {
        activity.file = name.to_owned();
        if activity.steps.is_empty() || !(activity.weight > 0.0 && activity.weight.is_finite()) {
            return Err(wrong(format!("activity {:?} needs steps and a weight", activity.name)));
        }
        library.activities.push(activity);
    }
    Ok(())
}
