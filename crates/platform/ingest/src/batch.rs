//! A piece of work for a worker, and what becomes of it. In: bytes as cut by the reader.
//! Out: JSON records with their positions, and what could not be read. Pure.

use std::{ops::Range, sync::Arc};

use terms::{Place, Position};

use crate::{
    delimited::{self, Table},
    evtx, lines,
    model::{Problem, ProblemKind, TextToJson},
};

/// One piece of work; cheap to send. [`Batch::unpack`] does the work, on any thread.
#[derive(Debug)]
pub struct Batch {
    /// Number of the batch, from 0 without gaps, in reading order.
    pub seq: u64,
    /// Name as the user would write it; archive members as `outer.zip!inner`.
    pub file: Arc<str>,
    pub(crate) record_bytes: usize,
    pub(crate) work: Work,
}

/// What the reader cut out of a file.
#[derive(Debug)]
pub(crate) enum Work {
    /// Whole lines, one JSON object each.
    JsonLines { bytes: Vec<u8>, first_line: u64 },
    /// JSON objects found by the reader; `inner`: the key that holds the true record.
    Objects { bytes: Vec<u8>, records: Vec<Piece>, inner: Option<&'static str> },
    /// Whole lines of a text log.
    Text { bytes: Vec<u8>, first_line: u64, to_json: TextToJson },
    /// Whole rows of a table.
    Rows { bytes: Vec<u8>, first_line: u64, table: Arc<Table> },
    /// One chunk of a Windows event log, of which so many bytes were there.
    Chunk { bytes: Vec<u8>, number: u64, read_bytes: usize },
}

impl Work {
    pub(crate) fn len(&self) -> usize {
        match self {
            Work::JsonLines { bytes, .. }
            | Work::Objects { bytes, .. }
            | Work::Text { bytes, .. }
            | Work::Rows { bytes, .. }
            | Work::Chunk { bytes, .. } => bytes.len(),
        }
    }
}

/// One record inside [`Unpacked::bytes`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Where its JSON text stands.
    pub range: Range<usize>,
    /// Where in the file it was read.
    pub position: Position,
}

/// The records of a batch.
#[derive(Debug)]
pub struct Unpacked {
    /// Number of the batch.
    pub seq: u64,
    /// Name as the user would write it.
    pub file: Arc<str>,
    /// Holds the records, and whatever stood between them.
    pub bytes: Vec<u8>,
    /// The records, in the order of the file.
    pub records: Vec<Piece>,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

impl Batch {
    /// Bytes held.
    #[must_use]
    pub fn len(&self) -> usize {
        self.work.len()
    }

    /// Whether it holds no bytes; the reader sends no such batch.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Finds or makes the JSON of each record.
    ///
    /// A record starts with `{`; whether the rest of it is JSON is left to whoever parses it,
    /// except where ingest wrote it itself.
    #[must_use]
    pub fn unpack(self) -> Unpacked {
        let mut out = Unpacked {
            seq: self.seq,
            file: self.file,
            bytes: Vec::new(),
            records: Vec::new(),
            problems: Vec::new(),
        };
        let longest = self.record_bytes;
        match self.work {
            Work::JsonLines { bytes, first_line } => {
                lines::unpack_json(bytes, first_line, longest, &mut out);
            }
            Work::Objects { bytes, records, inner } => {
                (out.bytes, out.records) = (bytes, records);
                if let Some(key) = inner {
                    crate::elements::narrow(&out.bytes, &mut out.records, key);
                }
            }
            Work::Text { bytes, first_line, to_json } => {
                lines::unpack_text(&bytes, first_line, longest, to_json, &mut out);
            }
            Work::Rows { bytes, first_line, table } => {
                delimited::unpack(&bytes, first_line, longest, &table, &mut out);
            }
            Work::Chunk { bytes, number, read_bytes } => {
                evtx::unpack(bytes, number, read_bytes, &mut out);
            }
        }
        out
    }
}

impl Unpacked {
    /// Position and JSON text of each record, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = (Position, &[u8])> {
        self.records.iter().map(|piece| (piece.position, &self.bytes[piece.range.clone()]))
    }

    pub(crate) fn damaged(&mut self, position: Position, reason: String, lost: u64) {
        self.problem(ProblemKind::Damaged, position, reason, lost);
    }

    pub(crate) fn problem(
        &mut self,
        kind: ProblemKind,
        position: Position,
        reason: String,
        records_lost_at_least: u64,
    ) {
        let place = Place { file: Arc::clone(&self.file), position };
        self.problems.push(Problem { place, reason, kind, records_lost_at_least });
    }
}
