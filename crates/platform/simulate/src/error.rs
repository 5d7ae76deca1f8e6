//! What can be wrong with the catalogue or with what was asked for.

/// Why there is no telemetry.
#[derive(Debug, thiserror::Error)]
pub enum SimulateError {
    /// A file of the catalogue is not the YAML expected.
    #[error("cannot read {file}")]
    Yaml {
        /// Name of the file.
        file: String,
        /// What the parser said; it names line and column.
        source: yaml_serde::Error,
    },
    /// A file of the catalogue says something that cannot be.
    #[error("{file}: {what}")]
    Catalogue {
        /// Name of the file.
        file: String,
        /// What is wrong, in words.
        what: String,
    },
    /// No storyline has this name.
    #[error("no storyline is called {name:?}; there are {known}")]
    NoStoryline {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// The sites lack what a storyline needs.
    #[error(
        "storyline {storyline}: {wanted} organisations can play it wanted, {found} found; {lacking}"
    )]
    NoCast {
        /// Name of the storyline.
        storyline: String,
        /// How many organisations must be able to play it.
        wanted: usize,
        /// How many can.
        found: usize,
        /// What is lacking, in words.
        lacking: String,
    },
    /// A number that makes no sense.
    #[error("{what} must be {expected}, not {given}")]
    Number {
        /// Which number.
        what: &'static str,
        /// What it must be.
        expected: &'static str,
        /// What it is.
        given: f64,
    },
}
