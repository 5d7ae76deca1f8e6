//! Where in the input something was read.

use std::{fmt, sync::Arc};

/// A file (or a member of an archive, or standard input) and a position inside it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// Name as the user would write it; archive members as `outer.zip!inner.json`.
    pub file: Arc<str>,
    /// Position inside the file.
    pub position: Position,
}

/// A position in the units people use for the format at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Position {
    /// The file as a whole.
    Whole,
    /// Line, counted from 1.
    Line(u64),
    /// Element of a JSON array, counted from 1.
    Element(u64),
    /// Record number as written in an EVTX record header.
    Record(u64),
    /// Chunk of an EVTX file, counted from 0.
    Chunk(u64),
    /// Byte offset from the start of the (unpacked) file.
    Byte(u64),
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Position::Whole => f.write_str("whole file"),
            Position::Line(n) => write!(f, "line {n}"),
            Position::Element(n) => write!(f, "element {n}"),
            Position::Record(n) => write!(f, "record {n}"),
            Position::Chunk(n) => write!(f, "chunk {n}"),
            Position::Byte(n) => write!(f, "byte {n}"),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.position {
            Position::Whole => f.write_str(&self.file),
            position => write!(f, "{}: {position}", self.file),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_as_file_and_position() {
        let place = Place { file: "logs.zip!a.json".into(), position: Position::Line(7) };
        assert_eq!(place.to_string(), "logs.zip!a.json: line 7");
    }
}
