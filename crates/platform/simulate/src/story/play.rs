//! A storyline set on its stage: each step with its device, its time and its record compiled.

use std::sync::Arc;

use jiff::SignedDuration;
use serde_json::Value;
use terms::Timestamp;

use super::{Mark, Step, Storyline, cast::Troupe};
use crate::{
    Library, Play, SimulateError, Speed,
    chance::{Chance, mix},
    clock::MICROS,
    estate::Estate,
    form::wrap,
    template::Template,
};

/// A record to be written at its time.
#[derive(Debug)]
pub(crate) struct Cue {
    /// Microseconds since 1970.
    pub(crate) at: i64,
    pub(crate) station: u32,
    pub(crate) template: Arc<Template>,
    pub(crate) salt: u64,
}

/// All that a storyline brings, in order of time.
#[derive(Debug, Default)]
pub(crate) struct Stage {
    pub(crate) cues: Vec<Cue>,
    pub(crate) marks: Vec<Mark>,
}

/// Casts a storyline and compiles its steps.
///
/// Errors: [`SimulateError`] where the cast cannot be found or a step names what is not there.
pub(crate) fn stage(
    play: &Play,
    start: Timestamp,
    seed: u64,
    estate: &Estate,
    library: &Library,
) -> Result<Stage, SimulateError> {
    let mut chance = Chance::new(seed);
    let troupes = super::cast::cast(&play.storyline, estate, library, &mut chance)?;
    let mut pairs = Vec::new();
    for (turn, troupe) in troupes.iter().enumerate() {
        let salt = mix(seed, turn as u64);
        for at in 0..play.storyline.steps.len() {
            let turn = Turn { play, turn, troupe, estate, library, start, salt };
            turn.step(at, &mut pairs)?;
        }
    }
    pairs.sort_by_key(|(cue, _): &(Cue, Mark)| cue.at);
    let (cues, marks) = pairs.into_iter().unzip();
    Ok(Stage { cues, marks })
}

/// One organisation's turn.
struct Turn<'s> {
    play: &'s Play,
    turn: usize,
    troupe: &'s Troupe,
    estate: &'s Estate,
    library: &'s Library,
    start: Timestamp,
    salt: u64,
}

impl Turn<'_> {
    fn step(&self, at: usize, pairs: &mut Vec<(Cue, Mark)>) -> Result<(), SimulateError> {
        let storyline = &self.play.storyline;
        let step = &storyline.steps[at];
        let station = self.troupe[&step.on];
        let template = self.template(storyline, step, station);
        let template = template.map_err(|what| SimulateError::Catalogue {
            file: storyline.name.clone(),
            what: format!("step {:?}: {what}", step.says),
        })?;
        let template = Arc::new(template);
        for again in 0..step.times {
            let when = self.when(step.at + step.every * again as i32);
            let cue = Cue { at: when, station, template: template.clone(), salt: self.salt };
            pairs.push((cue, self.mark(at, station, when)));
        }
        Ok(())
    }

    fn template(&self, story: &Storyline, step: &Step, station: u32) -> Result<Template, String> {
        let body = self.library.shelf.body(&step.line)?;
        let form = story.form.unwrap_or(self.estate.house_of(station).form);
        let mut value = wrap(&body, form);
        self.name_cast(&mut value);
        Template::new(&value, &self.library.lists)
    }

    /// Replaces `{cast.part}` by the name of the device in that part, `{cast.part.ip}` by its
    /// address.
    fn name_cast(&self, value: &mut Value) {
        match value {
            Value::String(text) if text.contains("{cast.") => {
                for (part, station) in self.troupe {
                    let station = &self.estate.stations[*station as usize];
                    let name = station.name.replace('{', "{{").replace('}', "}}");
                    *text = text.replace(&format!("{{cast.{part}}}"), &name);
                    *text = text.replace(&format!("{{cast.{part}.ip}}"), &station.ip);
                }
            }
            Value::Array(list) => list.iter_mut().for_each(|one| self.name_cast(one)),
            Value::Object(map) => map.values_mut().for_each(|one| self.name_cast(one)),
            _ => {}
        }
    }

    /// An offset as written, in microseconds since 1970.
    fn when(&self, offset: SignedDuration) -> i64 {
        let Speed(speed) = self.play.speed;
        let written = offset + self.play.storyline.stagger * self.turn as i32;
        let played = (written.as_secs() * MICROS) as f64 / speed;
        let begin = self.start.as_microsecond() + self.play.after.as_micros() as i64;
        begin.saturating_add(played as i64)
    }

    fn mark(&self, step: usize, station: u32, when: i64) -> Mark {
        let storyline = &self.play.storyline;
        let told = &storyline.steps[step];
        Mark {
            at: Timestamp::from_microsecond(when).unwrap_or(Timestamp::MAX),
            storyline: storyline.name.as_str().into(),
            step,
            says: told.says.clone(),
            technique: told.technique.clone(),
            organisation: self.estate.house_of(station).organisation.clone(),
            device: self.estate.stations[station as usize].name.clone(),
            fires: told.fires.clone(),
            may_fire: told.may_fire.clone(),
        }
    }
}
