//! Storylines: what happens in an incident, step by step, as data.
//!
//! A storyline names its cast (which kind of device plays which part) and its steps: when, on
//! whose device, which record, and which of Ward's own rules must see it. It is played once in
//! each of a number of organisations.

mod cast;
mod play;

pub(crate) use cast::shuffle;
pub(crate) use play::{Cue, stage};

use std::{collections::BTreeMap, sync::Arc};

use jiff::{SignedDuration, civil::Time, tz::TimeZone};
use serde::Deserialize;
use serde_json::{Map, Value};
use terms::{Level, Timestamp};

use crate::{SimulateError, form::Form, library::Line};

/// What happens in an incident.
#[derive(Debug)]
pub struct Storyline {
    /// Short name, for the command line: `phish-to-ransomware`.
    pub name: String,
    /// One line.
    pub title: String,
    /// What happens and what it teaches, in a few sentences.
    pub summary: String,
    /// The time of day, UTC, at which the first step belongs; `None` for any.
    pub begins: Option<Time>,
    /// Rules that may fire without being expected at a step, and how often each level may, at most;
    /// `None` where the steps say it all.
    pub at_most: Option<BTreeMap<Level, usize>>,
    /// In how many organisations it is played.
    pub organisations: usize,
    pub(crate) stagger: SignedDuration,
    pub(crate) kinds: Vec<String>,
    pub(crate) cast: BTreeMap<String, Actor>,
    pub(crate) form: Option<Form>,
    pub(crate) steps: Vec<Step>,
}

impl Storyline {
    /// The first instant from `earliest` on at which the storyline may begin as written.
    pub fn next_begin(&self, earliest: Timestamp) -> Timestamp {
        let Some(begins) = self.begins else { return earliest };
        let at = TimeZone::UTC.to_datetime(earliest);
        let day = if at.time() <= begins { Ok(at.date()) } else { at.date().tomorrow() };
        day.and_then(|day| TimeZone::UTC.to_timestamp(day.to_datetime(begins))).unwrap_or(earliest)
    }

    /// How long it takes as written, from the first step to the last, in one organisation.
    pub fn lasts(&self) -> SignedDuration {
        let ends = self.steps.iter().map(|step| step.at + step.every * (step.times as i32 - 1));
        ends.max().unwrap_or_default()
    }
}

/// A step of a storyline as it is played: what is to be seen, where and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// When the record is written.
    pub at: Timestamp,
    /// Name of the storyline.
    pub storyline: Arc<str>,
    /// Number of the step, from 0.
    pub step: usize,
    /// What happens, in a sentence.
    pub says: String,
    /// ATT&CK technique, or empty.
    pub technique: String,
    /// Code of the organisation.
    pub organisation: Arc<str>,
    /// The device.
    pub device: Arc<str>,
    /// Rules of Ward that must fire, by id. None means that nothing may fire, except what
    /// [`Mark::may_fire`] names.
    pub fires: Vec<String>,
    /// Rules of Ward that may fire besides, by id.
    pub may_fire: Vec<String>,
}

/// A part, and which devices can play it, best first.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Actor {
    pub(crate) any_of: Vec<Choice>,
}

/// Devices that can play a part: all that is given must fit.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Choice {
    pub(crate) trade: Option<String>,
    /// Words of which role, system or name has one.
    #[serde(default)]
    pub(crate) words: Vec<String>,
}

/// A step with its times read.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) at: SignedDuration,
    pub(crate) on: String,
    pub(crate) says: String,
    pub(crate) technique: String,
    pub(crate) line: Line,
    pub(crate) fires: Vec<String>,
    pub(crate) may_fire: Vec<String>,
    pub(crate) times: u32,
    pub(crate) every: SignedDuration,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "version")]
    _version: u32,
    #[serde(rename = "effective")]
    _effective: String,
    #[serde(rename = "source")]
    _source: String,
    storyline: String,
    title: String,
    summary: String,
    begins: Option<String>,
    at_most: Option<BTreeMap<String, usize>>,
    #[serde(default = "one")]
    organisations: usize,
    #[serde(default)]
    stagger_s: i64,
    #[serde(default)]
    kinds: Vec<String>,
    form: Option<Form>,
    cast: BTreeMap<String, Actor>,
    steps: Vec<StepFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StepFile {
    at: String,
    on: String,
    says: String,
    #[serde(default)]
    technique: String,
    record: String,
    program: Option<String>,
    parent: Option<String>,
    #[serde(default = "own")]
    process: u8,
    #[serde(default)]
    of: u8,
    #[serde(default)]
    fields: Map<String, Value>,
    #[serde(default)]
    fires: Vec<String>,
    #[serde(default)]
    may_fire: Vec<String>,
    repeat: Option<Repeat>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Repeat {
    times: u32,
    every_s: i64,
}

fn own() -> u8 {
    1
}

fn one() -> usize {
    1
}

/// Reads a storyline. Errors: [`SimulateError`], which names the file.
pub(crate) fn parse(name: &str, text: &str) -> Result<Storyline, SimulateError> {
    let yaml = |source| SimulateError::Yaml { file: name.to_owned(), source };
    let file: File = yaml_serde::from_str(text).map_err(yaml)?;
    read(file).map_err(|what| SimulateError::Catalogue { file: name.to_owned(), what })
}

fn read(file: File) -> Result<Storyline, String> {
    let time = |text: String| {
        text.parse::<Time>().map_err(|_| format!("{text:?} is no time of day, such as 01:30:00"))
    };
    let level = |(level, most): (String, usize)| {
        let known: Result<Level, _> = level.parse();
        known.map(|level| (level, most)).map_err(|_| format!("{level:?} is no level"))
    };
    let steps = file.steps.into_iter().map(|step| {
        if !file.cast.contains_key(&step.on) {
            return Err(format!(
                "step {:?} is on {:?}, who is not of the cast",
                step.says, step.on
            ));
        }
        let (times, every) = step.repeat.map_or((1, 0), |again| (again.times, again.every_s));
        if times == 0 || every < 0 {
            return Err(format!("step {:?} is repeated oddly", step.says));
        }
        Ok(Step {
            at: offset(&step.at)?,
            on: step.on,
            says: step.says,
            technique: step.technique,
            line: Line {
                record: step.record,
                program: step.program,
                parent: step.parent,
                process: step.process,
                of: step.of,
                fields: step.fields,
            },
            fires: step.fires,
            may_fire: step.may_fire,
            times,
            every: SignedDuration::from_secs(every),
        })
    });
    let steps = steps.collect::<Result<Vec<Step>, String>>()?;
    if let Some(pair) = steps.windows(2).find(|pair| pair[1].at < pair[0].at) {
        return Err(format!("step {:?} is told after one that is later", pair[1].says));
    }
    if steps.is_empty() || file.organisations == 0 {
        return Err("a storyline needs steps and an organisation".to_owned());
    }
    let at_most = file.at_most.map(|most| most.into_iter().map(level).collect());
    Ok(Storyline {
        name: file.storyline,
        title: file.title,
        summary: file.summary,
        begins: file.begins.map(time).transpose()?,
        at_most: at_most.transpose()?,
        organisations: file.organisations,
        stagger: SignedDuration::from_secs(file.stagger_s),
        kinds: file.kinds,
        cast: file.cast,
        form: file.form,
        steps,
    })
}

/// `h:mm:ss` as a span of time.
fn offset(text: &str) -> Result<SignedDuration, String> {
    let parts: Option<Vec<i64>> = text.split(':').map(|part| part.parse().ok()).collect();
    match parts.as_deref() {
        Some([hours, minutes @ 0..60, seconds @ 0..60]) if (0..=8760).contains(hours) => {
            Ok(SignedDuration::from_secs(hours * 3600 + minutes * 60 + seconds))
        }
        _ => Err(format!("{text:?} is no offset, such as 0:04:30")),
    }
}
