//! Telemetry of an estate that does not exist: what its devices would send on ordinary days, and
//! what they send while a storyline is played.
//!
//! A list of [`Site`]s comes in, records of JSON in order of time go out, without end. The same
//! sites, options and catalogue give the same bytes on every machine: chance is seeded
//! ([`chance`]), time is counted from [`Options::start`], and no clock is read. What is said lives
//! in `catalogues/simulate/`: records of each tool, programs, hours of the week, activities and
//! storylines; code only fills them in.
//!
//! Modules in reading order: [`model`] sites, devices, options, [`library`] the catalogue read,
//! [`story`] storylines and their cast, [`telemetry`] everything played in order; below them
//! `template` (text with places to fill), `form` (how a collector wraps a Windows event),
//! `estate` (devices and what they do), `week` (who is busy at which hour), `clock` (spellings of
//! a time).

pub mod chance;
mod clock;
pub mod error;
mod estate;
mod form;
pub mod library;
pub mod model;
pub mod story;
pub mod telemetry;
mod template;
mod week;

pub use error::SimulateError;
pub use library::Library;
pub use model::{Device, EventsPerSecond, Options, Play, Record, Site, Speed};
pub use story::{Mark, Storyline};
pub use telemetry::{Shown, Telemetry};
