//! What can go wrong: a catalogue that does not hold together, and output that cannot be written.

use crate::table::CsvFile;

/// A catalogue that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// A text that is no YAML of the expected shape.
    #[error("cannot read the catalogue file {file}")]
    Unreadable {
        /// The file's name.
        file: &'static str,
        /// What the reader says, with the line.
        source: yaml_serde::Error,
    },
    /// A name that stands nowhere else.
    #[error("{place} of the catalogue file {file} names {what} {name:?}, which there is not")]
    Unknown {
        /// The file's name.
        file: &'static str,
        /// Where in the file.
        place: String,
        /// What kind of thing is named.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// A value that cannot be.
    #[error("{place} of the catalogue file {file} must be {expected}")]
    Value {
        /// The file's name.
        file: &'static str,
        /// Where in the file.
        place: String,
        /// What would be right.
        expected: &'static str,
    },
}

/// A CSV file that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {file}")]
pub struct WriteError {
    /// Which file.
    pub file: CsvFile,
    /// Why.
    pub source: csv::Error,
}
