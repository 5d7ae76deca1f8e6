//! Sites to play with, and Ward's own rules to look with.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use event::{Catalogue, Reader};
use sigma::{Engine, Matcher, RuleId, RuleSet};
use simulate::{Device, EventsPerSecond, Library, Options, Play, Site, Speed};
use terms::{Level, Timestamp};

/// A Tuesday in November, half past eight.
pub const START: &str = "2026-11-24T08:30:00Z";

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
}

/// A site of each kind that matters, several times over.
pub fn sites() -> Vec<Site> {
    let trusts = (1..=6).map(|at| trust(&format!("XA{at}"), "trust_acute"));
    let others = (1..=2).map(|at| trust(&format!("XM{at}"), "trust_mental_health"));
    let practices = (1..=6).map(|at| small(&format!("XP{at}"), "gp_practice", "practice desk"));
    let homes = (1..=6).map(|at| small(&format!("XC{at}"), "care_location", "shared computer"));
    trusts.chain(others).chain(practices).chain(homes).collect()
}

fn trust(code: &str, kind: &str) -> Site {
    let list = [
        ("WARD", 8, "workstation", "ward workstation", ""),
        ("OFFICE", 6, "laptop", "office", ""),
        ("CT", 2, "medical device", "CT scanner", "PACS"),
        ("PUMP", 3, "medical device", "infusion pump gateway", ""),
        ("DC", 2, "server", "domain controller", "directory"),
        ("TIE", 1, "server", "interface engine", "interface engine"),
        ("PACS", 1, "server", "imaging archive", "PACS"),
        ("EPR", 1, "server", "database", "EPR"),
        ("LIMS", 1, "server", "database", "LIMS"),
        ("FS", 1, "server", "file store", "file store"),
        ("BKP", 1, "server", "backup", "backup"),
        ("APP", 2, "server", "", ""),
        ("LNX", 1, "server", "linux portal", ""),
        ("FW", 1, "network", "firewall", ""),
        ("SENSOR", 1, "network", "sensor", ""),
    ];
    let devices = list.iter().flat_map(|(name, count, class, role, system)| {
        (1..=*count).map(move |at| device(&format!("{code}-{name}-{at:02}"), class, role, system))
    });
    Site {
        organisation: code.to_owned(),
        name: format!("Example {code} Trust"),
        kind: kind.to_owned(),
        devices: devices.collect(),
    }
}

fn small(code: &str, kind: &str, role: &str) -> Site {
    let devices = (1..=3).map(|at| device(&format!("{code}-PC-{at:02}"), "workstation", role, ""));
    Site {
        organisation: code.to_owned(),
        name: format!("Example {code}"),
        kind: kind.to_owned(),
        devices: devices.collect(),
    }
}

fn device(name: &str, class: &str, role: &str, system: &str) -> Device {
    Device { name: name.into(), class: class.into(), role: role.into(), system: system.into() }
}

pub fn options(seed: u64) -> Options {
    Options {
        seed,
        devices: 0,
        rate: EventsPerSecond(200.0),
        start: START.parse().unwrap(),
        storylines: Vec::new(),
    }
}

/// A storyline at its own time of day, without background.
pub fn only(name: &str, seed: u64, speed: f64) -> Options {
    let storyline = Library::embedded().unwrap().storyline(name).unwrap();
    let start: Timestamp = START.parse().unwrap();
    let after = storyline.next_begin(start).duration_since(start);
    let play = Play { storyline, after, speed: Speed(speed) };
    Options { rate: EventsPerSecond(0.0), storylines: vec![play], ..options(seed) }
}

pub fn texts(folder: &Path, ending: &str, out: &mut Vec<(String, String)>) {
    let mut entries: Vec<PathBuf> =
        folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            texts(&path, ending, out);
        } else if path.extension().is_some_and(|end| end == ending) {
            out.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
        }
    }
}

/// Ward's own rules over records.
pub struct Watch {
    reader: Reader,
    matcher: Matcher,
    pub rules: Arc<RuleSet>,
}

/// What a record came to.
#[derive(Debug, Default)]
pub struct Seen {
    /// What kind of record it was taken for.
    pub kind: String,
    pub at: Option<Timestamp>,
    pub host: String,
    /// Rules that fired: id, title, level.
    pub fired: Vec<(String, String, Level)>,
}

impl Watch {
    pub fn new() -> Self {
        let mut fields = Vec::new();
        texts(&root().join("catalogues/fields"), "yaml", &mut fields);
        let fields = fields.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        let catalogue = Arc::new(Catalogue::parse(fields, Default::default()).unwrap());
        let mut files = Vec::new();
        texts(&root().join("rules/sigma"), "yml", &mut files);
        let parsed = files.iter().map(|(name, text)| {
            sigma::parse::file(&name.as_str().into(), text, &Default::default())
        });
        let rules = Arc::new(RuleSet::new(parsed));
        assert!(rules.rules().len() > 100, "only {} rules were read", rules.rules().len());
        let engine = Arc::new(Engine::new(rules.clone()));
        Watch { reader: Reader::new(catalogue), matcher: Matcher::new(engine), rules }
    }

    pub fn see(&mut self, json: &[u8]) -> Seen {
        let mut fields = Vec::new();
        let kind = self.reader.json(json, &mut fields).unwrap_or_else(|damage| {
            panic!("{damage}: {}", String::from_utf8_lossy(json));
        });
        let event = self.reader.event(kind, &fields);
        let speaks = |rule: &&RuleId| self.rules.correlations().speaks(**rule);
        let fired = self.matcher.matches(event).iter().filter(speaks).map(|rule| {
            let meta = &self.rules.rule(*rule).meta;
            (meta.id.clone(), meta.title.clone(), meta.level)
        });
        Seen {
            kind: event.kind.label(),
            at: event.time(),
            host: event.host().map(|host| host.into_owned()).unwrap_or_default(),
            fired: fired.collect(),
        }
    }
}
