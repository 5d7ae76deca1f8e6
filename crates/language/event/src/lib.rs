//! One flat record from any shape of log line, and the log sources it belongs to.
//!
//! Bytes of one record come in (a line of JSON, a row of a table, a line of `key=value` pairs);
//! a list of fields goes out, each with its dotted path and a value that still points into the
//! bytes. Which product wrote it, which Sigma log sources it belongs to and how its fields are
//! called there is decided by the catalogue in `catalogues/fields/`, never by code.
//!
//! Modules in reading order: [`value`] what a field holds, [`names`] what a field is called,
//! [`json`] the scanner, [`catalogue`] shapes and log sources, [`reader`] all of it together.

pub mod catalogue;
pub mod damage;
pub mod json;
pub mod names;
pub mod reader;
pub mod value;

pub use catalogue::{Catalogue, CatalogueError, Kind, KindId, LogSource, Shape};
pub use damage::Damage;
pub use names::{Names, PathId};
pub use reader::{Event, Reader};
pub use value::{Field, Raw};
