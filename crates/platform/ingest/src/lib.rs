//! Log files of any wrapping in, batches of JSON objects out.
//!
//! Files and folders, standard input, gzip, zstd and zip in each other; inside: Windows event
//! logs, JSON of any layout, tables, text lines. What it is shows in its content, not its name.
//! One thread reads and cuts ([`read()`]); any number of workers turn [`Batch`]es into records
//! ([`Batch::unpack`]). A bounded channel between them keeps memory bounded. What cannot be read
//! becomes a [`Problem`], never an end. Whether a record is valid JSON is for its parser to say.
//!
//! Modules in reading order: [`model`] the nouns, [`pattern`] what to leave out, [`progress`]
//! how far it has come, [`mod@read`] the order of work, `walk` which files, `recognise` what they
//! are, `source` counting and limits, `archive` and `zip_stream` members, `utf16`, then one
//! module a format: `lines`, `elements` with `scan`, `delimited`, `evtx`; [`batch`] the workers'
//! side.

mod archive;
pub mod batch;
mod cx;
mod delimited;
mod elements;
mod evtx;
mod json;
mod lines;
pub mod model;
pub mod pattern;
pub mod progress;
pub mod read;
mod recognise;
mod scan;
mod source;
mod utf16;
mod walk;
mod zip_stream;

pub use batch::{Batch, Piece, Unpacked};
pub use model::{
    Format, FormatCount, Input, Limits, Options, Problem, ProblemKind, ReadSummary, TextToJson,
};
pub use pattern::Pattern;
pub use progress::Progress;
pub use read::{read, read_from};
