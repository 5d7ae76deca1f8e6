//! The records of a file that rules are explained on.

use std::{path::Path, thread::JoinHandle};

use anyhow::{Context, Result, anyhow};
use crossbeam_channel::Receiver;
use ingest::{Batch, Input, Options, Problem, Progress, Unpacked};

use crate::term::counted;

/// A file that is being read.
pub(super) struct Reading {
    batches: Receiver<Batch>,
    reader: JoinHandle<Vec<Problem>>,
    /// What could not be unpacked.
    problems: Vec<Problem>,
}

impl Reading {
    /// Errors: there is no such file.
    pub(super) fn start(path: &Path) -> Result<Self> {
        let input = if path.as_os_str() == "-" {
            Input::Stdin
        } else {
            path.symlink_metadata().with_context(|| {
                format!("cannot read {}; check the path of the event", path.display())
            })?;
            Input::Path(path.to_owned())
        };
        let options = Options {
            text: Some(|line, out| event::text::to_json(line, out).map_err(|e| e.to_string())),
            ..Options::default()
        };
        let (sender, batches) = crossbeam_channel::bounded(2);
        let reader = std::thread::spawn(move || {
            let mut problems = Vec::new();
            ingest::read(&[input], &options, &Progress::default(), &sender, &mut |problem| {
                problems.push(problem);
            });
            problems
        });
        Ok(Self { batches, reader, problems: Vec::new() })
    }

    /// The next records, if there are more.
    pub(super) fn next(&mut self) -> Option<Unpacked> {
        let mut unpacked = self.batches.recv().ok()?.unpack();
        self.problems.append(&mut unpacked.problems);
        Some(unpacked)
    }

    /// What could not be read. Call when all records were taken.
    pub(super) fn problems(mut self) -> Vec<Problem> {
        drop(self.batches);
        self.problems.extend(self.reader.join().unwrap_or_default());
        self.problems
    }
}

/// Why a file without an event has none.
pub(super) fn nothing_in(path: &Path, problems: &[Problem]) -> anyhow::Error {
    match problems.first() {
        Some(problem) => anyhow!("no event can be read: {}: {}", problem.place, problem.reason),
        None => anyhow!("there is no event in {}", path.display()),
    }
}

/// That not all could be read, if so: the first fault, and how many more.
pub(super) fn unread(problems: &[Problem]) -> Option<String> {
    let (first, rest) = problems.split_first()?;
    let more = match rest.len() as u64 {
        0 => String::new(),
        n => format!("; and {}", counted(n, "fault more", "faults more")),
    };
    Some(format!("not all could be read: {}: {}{more}", first.place, first.reason))
}
