//! The nouns of reading: what to read, within which limits, what went wrong, what was read.

use std::{collections::BTreeMap, path::PathBuf};

use terms::Place;

use crate::pattern::Pattern;

/// Turns one line of a text log into one JSON object, appended to the buffer.
///
/// `Ok(true)`: an object was appended. `Ok(false)`: the line is no log line (blank, comment,
/// continuation). `Err`: the line is a damaged log line, with the reason. What was appended
/// counts only with `Ok(true)`.
pub type TextToJson = fn(&[u8], &mut Vec<u8>) -> Result<bool, String>;

/// Where to read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A file, or a folder with everything below it.
    Path(PathBuf),
    /// Standard input, to its end.
    Stdin,
}

/// How much one file may cost; what goes beyond is skipped with a [`Problem`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Longest record (line, element, row) in bytes; longer ones are skipped one by one.
    pub record_bytes: usize,
    /// Size in bytes at which a batch is sent; also the size of one read. At least 1.
    pub batch_bytes: usize,
    /// Bytes unpacked from one file on disk, all its members together; 0: no such limit.
    pub unpacked_bytes: u64,
    /// Bytes unpacked for each byte read from disk, checked once 64 MiB are unpacked; 0: no limit.
    pub unpack_ratio: u64,
    /// Members read from one file on disk, nested archives included.
    pub members: u64,
    /// Archives (zip, gz, zst) inside an archive: 2 allows `a.zip!b.zip!c.gz`.
    pub depth: u8,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            record_bytes: 16 << 20,
            batch_bytes: 1 << 18,
            unpacked_bytes: 0,
            unpack_ratio: 500,
            members: 100_000,
            depth: 2,
        }
    }
}

/// How to read.
#[derive(Clone, Debug)]
pub struct Options {
    /// How much one file may cost.
    pub limits: Limits,
    /// What to call standard input in places and problems.
    pub stdin_name: String,
    /// Files, folders and archive members to leave out without a word.
    pub exclude: Vec<Pattern>,
    /// Reader of text logs; without it, text files are skipped with a problem.
    pub text: Option<TextToJson>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            limits: Limits::default(),
            stdin_name: "standard input".to_owned(),
            exclude: Vec::new(),
            text: None,
        }
    }
}

/// Something that was not read, or not read whole. Reading goes on after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where it is.
    pub place: Place,
    /// What is wrong, for people; never holds the content of a record.
    pub reason: String,
    /// How bad it is.
    pub kind: ProblemKind,
    /// Records certainly not delivered because of it; the true number may be higher.
    pub records_lost_at_least: u64,
}

/// What a [`Problem`] means for the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProblemKind {
    /// A record, chunk or the end of the file is broken; the rest was read.
    Damaged,
    /// The file, folder or member could not be read at all.
    Unreadable,
    /// Not a log (binary, unknown format, empty), or already read under another name.
    Skipped,
    /// A limit of [`Limits`] was reached.
    Limit,
}

/// The form of records inside a file, when all wrapping is taken off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// Windows event log.
    Evtx,
    /// One JSON object a line.
    JsonLines,
    /// A JSON array, objects over several lines, or a wrapper such as `{"Records": [...]}`.
    Json,
    /// Rows with a header: comma, semicolon, tab or bar between cells.
    Delimited,
    /// Text lines, read by [`Options::text`].
    Text,
}

impl Format {
    /// The name people use.
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Evtx => "EVTX",
            Format::JsonLines => "JSON lines",
            Format::Json => "JSON",
            Format::Delimited => "CSV",
            Format::Text => "text",
        }
    }
}

/// Files and bytes of one [`Format`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FormatCount {
    /// Files, each archive member counted as one.
    pub files: u64,
    /// Bytes sent in batches, after unpacking.
    pub bytes: u64,
}

/// What a call to [`crate::read()`] did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadSummary {
    /// Files (each archive member counted as one) from which records were taken.
    pub files_read: u64,
    /// Files or members not read: the reason, and how many have it.
    pub files_skipped: BTreeMap<String, u64>,
    /// Files, folders and members left out by [`Options::exclude`].
    pub excluded: u64,
    /// Bytes read from disk or standard input.
    pub bytes: u64,
    /// Files and bytes by format.
    pub by_format: BTreeMap<Format, FormatCount>,
    /// The receiver went away before everything was read.
    pub stopped: bool,
}
