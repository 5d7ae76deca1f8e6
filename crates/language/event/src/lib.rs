//! One flat record from any shape of log line, and the log sources it belongs to.
//!
//! Bytes of one record come in (a line of JSON, a row of a table, a line of `key=value` pairs);
//! a list of fields goes out, each with its dotted path and a value that still points into the
//! bytes. Which product wrote it, which Sigma log sources it belongs to and how its fields are
//! called there is decided by the catalogue in `catalogues/fields/`, never by code.
//!
//! Modules in reading order: [`value`] what a field holds, [`names`] what a field is called,
//! [`json`] the scanner, [`shape`] the files of the catalogue, [`kind`] log sources,
//! [`catalogue`] shapes and log sources together, [`reader`] all of it together, [`text`] other
//! formats turned into JSON.

pub mod catalogue;
pub mod damage;
pub mod json;
pub mod kind;
pub mod names;
mod nested;
pub mod reader;
pub mod shape;
pub mod text;
pub mod value;

pub use catalogue::{Catalogue, CatalogueError};
pub use damage::Damage;
pub use kind::{Kind, KindId, LogSource};
pub use names::{Names, PathId};
pub use reader::{Event, Reader};
pub use shape::Shape;
pub use value::{Field, Raw};
