//! The rules of the watch from wherever they come: Ward's own, folders on disk, folders that
//! people uploaded; kept in the database so that every node and every start has them.
//!
//! Modules in reading order: [`folder`] the nouns, [`mod@unpack`] an upload to rule files, within
//! limits, [`read`] rule files to rules, [`report`] what a folder would bring before it is used,
//! `pack` a folder as one value of the database, `store` the tables, [`service`] the handle that
//! puts rules in force without a gap.
//!
//! Whoever changes which folders are in use raises a version in the same transaction. Every node
//! looks at that one row each second and, when it rose, compiles the new set beside the old one
//! and swaps them: batches in work end with the rules they began with, none waits, none is lost.

pub mod error;
pub mod folder;
mod pack;
pub mod read;
pub mod report;
pub mod service;
mod store;
pub mod unpack;

pub use error::RulebookError;
pub use folder::{Change, FolderName, FolderState, NewFolder, RuleFile, RuleFolder};
pub use report::{Report, Trial, Usable};
pub use service::{Ground, Rulebook};
pub use unpack::{UploadError, Uploaded, unpack};
