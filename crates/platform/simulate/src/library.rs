//! The catalogue of telemetry, read: what `catalogues/simulate/` says, checked once.
//!
//! Files of five kinds, told apart by their top-level key: `lists` (values to draw from),
//! `profiles` (hours of the week), `trades` (what a device does for a living), `programs` and
//! `records` (how tools write), `activities` (what happens on ordinary days), `storyline`.

mod files;
mod lists;
mod records;

pub(crate) use files::{Activity, Profile, Trade};
pub(crate) use lists::Lists;
pub(crate) use records::{Body, Line, Program, Shelf, WindowsHead};

use std::{collections::BTreeMap, sync::Arc};

use crate::{SimulateError, Storyline};

/// Everything the catalogue says.
#[derive(Debug, Default)]
pub struct Library {
    pub(crate) lists: Lists,
    pub(crate) profiles: BTreeMap<String, Profile>,
    pub(crate) trades: Vec<Trade>,
    pub(crate) shelf: Shelf,
    pub(crate) activities: Vec<Activity>,
    storylines: Vec<Arc<Storyline>>,
}

impl Library {
    /// The catalogue that comes with the program.
    ///
    /// Errors: [`SimulateError`]; a test shows that there is none.
    pub fn embedded() -> Result<Self, SimulateError> {
        Self::parse(EMBEDDED.iter().copied())
    }

    /// Reads the files of a catalogue, each with its name and text.
    ///
    /// Errors: [`SimulateError`], which names the file.
    pub fn parse<'f>(
        files: impl IntoIterator<Item = (&'f str, &'f str)>,
    ) -> Result<Self, SimulateError> {
        let mut library = Library::default();
        for (name, text) in files {
            files::read(&mut library, name, text)?;
        }
        library.check()?;
        Ok(library)
    }

    /// All storylines, in the order of their files.
    pub fn storylines(&self) -> &[Arc<Storyline>] {
        &self.storylines
    }

    /// The storyline of this name.
    ///
    /// Errors: [`SimulateError::NoStoryline`], which names those there are.
    pub fn storyline(&self, name: &str) -> Result<Arc<Storyline>, SimulateError> {
        let found = self.storylines.iter().find(|one| one.name == name);
        found.cloned().ok_or_else(|| SimulateError::NoStoryline {
            name: name.to_owned(),
            known: self
                .storylines
                .iter()
                .map(|one| one.name.as_str())
                .collect::<Vec<_>>()
                .join(", "),
        })
    }

    pub(crate) fn add_storyline(&mut self, storyline: Storyline) {
        self.storylines.push(Arc::new(storyline));
    }

    /// The trade of this name, as a number.
    pub(crate) fn trade(&self, name: &str) -> Option<usize> {
        self.trades.iter().position(|trade| trade.trade == name)
    }

    /// Refuses names that lead nowhere, so that nothing fails later.
    fn check(&self) -> Result<(), SimulateError> {
        for trade in &self.trades {
            self.known_profile("trades", &trade.hours)?;
        }
        for activity in &self.activities {
            if let Some(hours) = &activity.hours {
                self.known_profile(&activity.file, hours)?;
            }
            for trade in &activity.trades {
                self.known_trade(&activity.file, trade)?;
            }
        }
        for storyline in &self.storylines {
            for actor in storyline.cast.values() {
                for trade in actor.any_of.iter().filter_map(|choice| choice.trade.as_deref()) {
                    self.known_trade(&storyline.name, trade)?;
                }
            }
            for step in &storyline.steps {
                self.shelf.body(&step.line).map_err(|what| SimulateError::Catalogue {
                    file: storyline.name.clone(),
                    what: format!("step {:?}: {what}", step.says),
                })?;
            }
        }
        Ok(())
    }

    fn known_profile(&self, file: &str, name: &str) -> Result<(), SimulateError> {
        if self.profiles.contains_key(name) {
            return Ok(());
        }
        Err(SimulateError::Catalogue {
            file: file.to_owned(),
            what: format!("no hours are called {name:?}"),
        })
    }

    fn known_trade(&self, file: &str, name: &str) -> Result<(), SimulateError> {
        if self.trade(name).is_some() {
            return Ok(());
        }
        Err(SimulateError::Catalogue {
            file: file.to_owned(),
            what: format!("no trade is called {name:?}"),
        })
    }
}

macro_rules! embedded {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../../../catalogues/simulate/", $name)))),*]
    };
}

/// Name and text of each file. Lists come before what uses them.
const EMBEDDED: &[(&str, &str)] = embedded![
    "lists.yaml",
    "hours.yaml",
    "trades.yaml",
    "programs.yaml",
    "records.yaml",
    "background/sign-in.yaml",
    "background/desk.yaml",
    "background/clinic.yaml",
    "background/server.yaml",
    "background/network.yaml",
    "background/cloud.yaml",
    "storylines/phish-to-ransomware.yaml",
    "storylines/supplier-access-abused.yaml",
    "storylines/insider-export.yaml",
    "storylines/noisy-but-harmless.yaml",
    "storylines/care-home-infostealer.yaml",
];
