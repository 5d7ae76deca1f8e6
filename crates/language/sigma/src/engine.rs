//! Rules and their programs, shared by all threads.

use std::sync::{Arc, OnceLock, RwLock};

use event::Kind;

use crate::{Program, RuleSet};

/// Rules and, for each kind of event met, its program.
pub struct Engine {
    rules: Arc<RuleSet>,
    /// By number of the kind. Each is compiled once, by whoever needs it first; others are not
    /// kept waiting for it.
    programs: RwLock<Vec<Arc<OnceLock<Arc<Program>>>>>,
}

impl Engine {
    /// An engine for these rules; programs are compiled when their kind is first met.
    pub fn new(rules: Arc<RuleSet>) -> Self {
        Engine { rules, programs: RwLock::default() }
    }

    /// The rules in use.
    pub fn rules(&self) -> &Arc<RuleSet> {
        &self.rules
    }

    /// The program for events of this kind.
    pub fn program(&self, kind: &Kind) -> Arc<Program> {
        let place = self.place(kind.id.0 as usize);
        place.get_or_init(|| Arc::new(Program::new(&self.rules, kind))).clone()
    }

    fn place(&self, at: usize) -> Arc<OnceLock<Arc<Program>>> {
        let programs = self.programs.read().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(place) = programs.get(at) {
            return place.clone();
        }
        drop(programs);
        let mut programs = self.programs.write().unwrap_or_else(|poisoned| poisoned.into_inner());
        while programs.len() <= at {
            programs.push(Arc::default());
        }
        programs[at].clone()
    }
}
