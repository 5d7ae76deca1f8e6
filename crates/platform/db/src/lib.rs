//! The database: SQLite in one file, or PostgreSQL. One handle, the same answers on both.
//!
//! Modules in reading order: [`place`] where the database is, [`handle`] how it is opened, read
//! and written, [`value`] how times and codes are stored, [`scope`] the condition that keeps every
//! query within what its caller may see, [`migrations`] the tables, in the order they came.
//!
//! What is absent on purpose: no query of a mission or of the map stands here; each crate keeps
//! its own in its `store`. No database default, no decimal, no time type of a database: numbers
//! are integers or doubles, times microseconds in UTC, identifiers made in code.

pub mod error;
pub mod handle;
pub mod migrations;
pub mod place;
pub mod scope;
#[doc(hidden)]
pub mod testing;
pub mod value;

pub use error::DbError;
pub use handle::{Db, Engine, Write};
pub use migrations::Schema;
pub use place::Place;
pub use scope::within;
pub use value::{instant, micros, optional_instant};
