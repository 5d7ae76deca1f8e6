//! Everything played in order of time: background activities and the steps of storylines.
//!
//! Activities begin one after another, at a pace that follows the hours of the week; the steps of
//! an activity that still lie ahead wait in a heap. So the work for a record does not grow with
//! the number of devices.

use std::{cmp::Reverse, collections::BinaryHeap, sync::Arc};

use terms::Timestamp;

use crate::{
    EventsPerSecond, Library, Mark, Options, Record, SimulateError, Speed,
    chance::{Chance, mix},
    clock::{Clock, MICROS},
    estate::Estate,
    form::{FORMS, Form, wrap},
    library::Activity,
    story::{self, Cue},
    template::{Scene, Template},
    week::{Hour, Week, fall},
};

/// Makes records, one after the other.
pub struct Telemetry {
    library: Arc<Library>,
    estate: Estate,
    activities: Vec<Script>,
    /// For each trade, the devices that take part.
    staff: Vec<Vec<u32>>,
    week: Week,
    hour: Hour,
    hour_ends: i64,
    rate: f64,
    chance: Chance,
    /// Microseconds since 1970 at which the next activity begins, with a fraction.
    next: f64,
    waiting: BinaryHeap<Reverse<Due>>,
    begun: u64,
    cues: std::iter::Peekable<std::vec::IntoIter<Cue>>,
    marks: Vec<Mark>,
    /// For each device, how many records it has written.
    serials: Vec<u32>,
    clock: Clock,
    buffer: Vec<u8>,
}

/// A record that has just been made; the next one takes its place.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'t> {
    /// When it happened.
    pub at: Timestamp,
    /// Code of the organisation whose sender hands it in.
    pub organisation: &'t Arc<str>,
    /// The device that sent it.
    pub device: &'t Arc<str>,
    /// One JSON object without a line break.
    pub json: &'t [u8],
    /// Whether it belongs to a storyline.
    pub staged: bool,
}

/// An activity with its records compiled for each form.
struct Script {
    /// Microseconds after the step before, and the record in each form.
    steps: Vec<(i64, [Arc<Template>; FORMS.len()])>,
}

/// A step that lies ahead. Compared in the order of its fields, which makes ties repeatable.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Due {
    at: i64,
    begun: u64,
    activity: u16,
    step: u16,
    station: u32,
    salt: u64,
}

impl Telemetry {
    /// Telemetry of these sites from the catalogue that comes with the program.
    ///
    /// Errors: [`SimulateError`] where a storyline finds no cast or a number makes no sense.
    pub fn new(sites: &[crate::Site], options: Options) -> Result<Self, SimulateError> {
        Self::with(Arc::new(Library::embedded()?), sites, options)
    }

    /// The same with another catalogue.
    pub fn with(
        library: Arc<Library>,
        sites: &[crate::Site],
        options: Options,
    ) -> Result<Self, SimulateError> {
        let EventsPerSecond(rate) = options.rate;
        check("the rate", "0 or more, and finite", rate, rate >= 0.0)?;
        let estate = Estate::new(sites, options.seed, &library);
        let mut cues = Vec::new();
        let mut marks = Vec::new();
        for (at, play) in options.storylines.iter().enumerate() {
            let Speed(speed) = play.speed;
            check("the speed of a storyline", "more than 0, and finite", speed, speed > 0.0)?;
            let seed = mix(options.seed, 1000 + at as u64);
            let staged = story::stage(play, options.start, seed, &estate, &library)?;
            cues.extend(staged.cues);
            marks.extend(staged.marks);
        }
        cues.sort_by_key(|cue| cue.at);
        marks.sort_by_key(|mark| mark.at);
        let scripts = library.activities.iter().map(|activity| script(activity, &library));
        let activities = scripts.collect::<Result<Vec<Script>, SimulateError>>()?;
        let mut chance = Chance::new(mix(options.seed, 1));
        let staff = staff(&estate, options.devices, library.trades.len(), &mut chance);
        let devices: Vec<usize> = staff.iter().map(Vec::len).collect();
        let week = Week::new(&library, &devices);
        let start = options.start.as_microsecond();
        let (hour, hour_ends) = week.at(start);
        Ok(Telemetry {
            serials: vec![0; estate.stations.len()],
            library,
            estate,
            activities,
            staff,
            week,
            hour,
            hour_ends,
            rate,
            chance,
            next: start as f64,
            waiting: BinaryHeap::new(),
            begun: 0,
            cues: cues.into_iter().peekable(),
            marks,
            clock: Clock::new(),
            buffer: Vec::with_capacity(4096),
        })
    }

    /// The steps of all storylines, in order of time: what is to be seen, where and when.
    pub fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// Makes the next record. `None` when nothing more will happen: no background, and all
    /// storylines are over.
    pub fn advance(&mut self) -> Option<Shown<'_>> {
        let background = self.rate > 0.0 && self.week.peak > 0.0;
        while background && self.begins_next() {
            self.begin();
        }
        let due = self.waiting.peek().map(|Reverse(due)| due.at);
        let cue = self.cues.peek().map(|cue| cue.at);
        match (due, cue) {
            (None, None) => None,
            (Some(due), cue) if cue.is_none_or(|cue| due < cue) => {
                let Reverse(due) = self.waiting.pop()?;
                Some(self.perform(due))
            }
            _ => {
                let cue = self.cues.next()?;
                Some(self.show(cue.at, cue.station, cue.salt, &cue.template, true))
            }
        }
    }

    /// Whether the next activity begins before everything that waits.
    fn begins_next(&mut self) -> bool {
        let due = self.waiting.peek().map_or(i64::MAX, |Reverse(due)| due.at);
        let cue = self.cues.peek().map_or(i64::MAX, |cue| cue.at);
        (self.next as i64) < due.min(cue) || (due == i64::MAX && cue == i64::MAX)
    }

    /// Begins an activity: chooses who does what, and when the one after it begins.
    fn begin(&mut self) {
        let at = self.next as i64;
        while at >= self.hour_ends {
            (self.hour, self.hour_ends) = self.week.at(self.hour_ends);
        }
        let pace = self.rate * self.hour.total / self.week.peak;
        let Some(trade) = fall(&self.hour.trades, self.chance.unit()).filter(|_| pace > 0.0) else {
            // Nobody is at work: look again when the next hour begins.
            self.next = self.hour_ends as f64;
            return;
        };
        let Some(activity) = fall(&self.hour.activities[trade], self.chance.unit()) else { return };
        let staff = &self.staff[trade];
        let station = staff[self.chance.below(staff.len() as u64) as usize];
        let script = &self.activities[usize::from(activity)];
        let jitter = 0.5 + self.chance.unit();
        self.next += jitter * MICROS as f64 * script.steps.len() as f64 / pace;
        self.begun += 1;
        let (after, _) = script.steps[0];
        let (begun, salt) = (self.begun, self.chance.draw());
        self.waiting.push(Reverse(Due { at: at + after, begun, activity, step: 0, station, salt }));
    }

    /// Writes the record of a step, and puts the step after it into the heap.
    fn perform(&mut self, due: Due) -> Shown<'_> {
        let script = &self.activities[usize::from(due.activity)];
        let step = usize::from(due.step);
        if let Some((after, _)) = script.steps.get(step + 1) {
            let next = Due { at: due.at + after, step: due.step + 1, ..due };
            self.waiting.push(Reverse(next));
        }
        let form = self.estate.house_of(due.station).form;
        let template = script.steps[step].1[form as usize].clone();
        self.show(due.at, due.station, due.salt, &template, false)
    }

    fn show(
        &mut self,
        at: i64,
        station: u32,
        salt: u64,
        tpl: &Template,
        staged: bool,
    ) -> Shown<'_> {
        self.clock.set(at);
        let serial = &mut self.serials[station as usize];
        *serial += 1;
        let scene = Scene {
            clock: &self.clock,
            lists: &self.library.lists,
            house: self.estate.house_of(station),
            station: &self.estate.stations[station as usize],
            salt,
            serial: FIRST_SERIAL + u64::from(*serial),
        };
        self.buffer.clear();
        tpl.write(&scene, &mut self.buffer);
        Shown {
            at: Timestamp::from_microsecond(at).unwrap_or(Timestamp::MAX),
            organisation: &self.estate.house_of(station).organisation,
            device: &self.estate.stations[station as usize].name,
            json: &self.buffer,
            staged,
        }
    }
}

impl Iterator for Telemetry {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        self.advance().map(|shown| Record {
            at: shown.at,
            organisation: shown.organisation.clone(),
            device: shown.device.clone(),
            json: shown.json.to_vec(),
        })
    }
}

/// Devices have written before the telemetry begins.
const FIRST_SERIAL: u64 = 40_000;

fn script(activity: &Activity, library: &Library) -> Result<Script, SimulateError> {
    let wrong = |what: String| SimulateError::Catalogue {
        file: activity.file.clone(),
        what: format!("activity {:?}: {what}", activity.name),
    };
    let steps = activity.steps.iter().map(|step| {
        let body = library.shelf.body(&step.line).map_err(wrong)?;
        let compile = |form: Form| Template::new(&wrap(&body, form), &library.lists).map(Arc::new);
        let [first, second, third] = FORMS.map(compile);
        let forms = [first.map_err(wrong)?, second.map_err(wrong)?, third.map_err(wrong)?];
        Ok((i64::from(step.after_ms) * 1000, forms))
    });
    Ok(Script { steps: steps.collect::<Result<Vec<_>, _>>()? })
}

/// The devices of each trade that take part: all, or so many drawn by chance.
fn staff(estate: &Estate, devices: usize, trades: usize, chance: &mut Chance) -> Vec<Vec<u32>> {
    let mut stations: Vec<u32> = (0..estate.stations.len() as u32).collect();
    if devices > 0 && devices < stations.len() {
        story::shuffle(&mut stations, chance);
        stations.truncate(devices);
        stations.sort_unstable();
    }
    let mut staff = vec![Vec::new(); trades];
    for station in stations {
        if let Some(list) = staff.get_mut(usize::from(estate.stations[station as usize].trade)) {
            list.push(station);
        }
    }
    staff
}

fn check(
    what: &'static str,
    expected: &'static str,
    given: f64,
    is: bool,
) -> Result<(), SimulateError> {
    if is && given.is_finite() {
        return Ok(());
    }
    Err(SimulateError::Number { what, expected, given })
}
