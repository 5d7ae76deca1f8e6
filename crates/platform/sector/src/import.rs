//! Files onto the map, in three steps: [`read`] a file into rows, `plan` what they would change,
//! and the store applies the plan in one transaction. The first two are pure.
//!
//! What a file's columns mean is written in `docs/reference/map-import.md`.

mod cells;
mod kind;
mod known;
mod patch;
mod plan;
mod rows;
mod table;
mod text;
mod trust;

pub use kind::FileKind;
pub use plan::{Absent, Added, Plan};
pub use rows::{File, read};
pub use text::FileError;

pub(crate) use known::Known;
pub(crate) use plan::{Upserts, plan};
pub(crate) use rows::Rows;

/// How large a file may be. What goes beyond is refused, or left out row by row with a
/// [`Problem`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file, unpacked.
    pub file_bytes: usize,
    /// Bytes of one row.
    pub row_bytes: usize,
    /// Rows read; the rest is left out with one problem.
    pub rows: usize,
    /// Characters of one cell.
    pub cell_chars: usize,
    /// Problems told one by one; the rest is counted in a last one.
    pub problems: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            file_bytes: 128 << 20,
            row_bytes: 64 << 10,
            rows: 1_000_000,
            cell_chars: 500,
            problems: 1000,
        }
    }
}

/// A row, or a part of one, that is not imported. The rest of the file goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file's name, as it was given.
    pub file: String,
    /// The line the row begins on, counted from 1.
    pub line: u64,
    /// The column; empty where it is about the whole row.
    pub field: String,
    /// What is wrong, for people.
    pub message: String,
}

/// What is wrong with a row, before it is known which file and line it is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Complaint {
    pub(crate) field: &'static str,
    pub(crate) message: String,
}

impl Complaint {
    pub(crate) fn new(field: &'static str, message: impl Into<String>) -> Self {
        Self { field, message: message.into() }
    }
}

/// Problems, of which only so many are kept.
#[derive(Clone, Debug)]
pub(crate) struct Problems {
    file: String,
    most: usize,
    kept: Vec<Problem>,
    beyond: u64,
}

impl Problems {
    pub(crate) fn new(file: &str, most: usize) -> Self {
        Self { file: file.to_owned(), most, kept: Vec::new(), beyond: 0 }
    }

    pub(crate) fn add(&mut self, line: u64, complaint: Complaint) {
        if self.kept.len() >= self.most {
            self.beyond += 1;
            return;
        }
        let Complaint { field, message } = complaint;
        self.kept.push(Problem { file: self.file.clone(), line, field: field.to_owned(), message });
    }

    /// How many there were, kept or not.
    pub(crate) fn count(&self) -> u64 {
        self.kept.len() as u64 + self.beyond
    }

    /// All that were kept, in the order of lines, and a last one that counts the others.
    pub(crate) fn into_list(mut self) -> Vec<Problem> {
        self.kept.sort_by_key(|problem| problem.line);
        if self.beyond > 0 {
            let line = self.kept.last().map_or(1, |last| last.line);
            let message = format!("{} more problems are not listed", self.beyond);
            let field = String::new();
            self.kept.push(Problem { file: self.file, line, field, message });
        }
        self.kept
    }
}
