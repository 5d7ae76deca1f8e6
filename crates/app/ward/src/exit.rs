//! How the program ends: exit codes, and errors said to people.

use std::{
    io::{self, Write},
    process::ExitCode,
};

/// What the exit code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Nothing was found; everything holds.
    Nothing,
    /// There are findings; something does not hold.
    Found,
    /// The job could not be done.
    Failed,
    /// Stopped by Ctrl-C before the end.
    Interrupted,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(match exit {
            Exit::Nothing => 0,
            Exit::Found => 1,
            Exit::Failed => 2,
            Exit::Interrupted => 130,
        })
    }
}

/// Whether whoever reads our output has gone away: a quiet end, no mistake.
pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
    })
}

/// Says an error on standard error. Nothing can be done where that fails too.
pub(crate) fn complain(error: &anyhow::Error) {
    let _ = writeln!(io::stderr(), "ward: {error:#}");
}

/// Says a sentence on standard error. Nothing can be done where that fails.
pub(crate) fn note(text: impl std::fmt::Display) {
    let _ = writeln!(io::stderr(), "{text}");
}
