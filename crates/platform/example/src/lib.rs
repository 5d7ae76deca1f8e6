//! An example sector in the shape of the real one: for demonstrations, tests and measurements.
//!
//! In: a seed, a [`Size`], and a [`Catalogue`] of words, totals and rules. Out: an
//! [`ExampleSector`] of plain structs, and the same as the CSV files that the map imports. The
//! same seed and size give the same sector. Regions carry their real codes and names; everything
//! else is made up, is called "Example …" and has a code no real body has ([`codes`]).
//! Never: files, clocks, or a row of a published table.
//!
//! ```
//! let sector = example::sector(7, &example::Size::demo());
//! assert!(sector.organisations.iter().any(|one| one.ods_code == "XET001"));
//! ```
//!
//! Modules in reading order: [`model`] the nouns, [`size`] how much, [`catalogue`] the data,
//! [`codes`] how things are numbered, `chance` seeded draws, `names`; then what is made, in order:
//! `areas`, `trusts`, `primary` (practices), `social` (care providers), `services`, `suppliers`,
//! `systems`, `dependencies`, `sites`, `devices`; `build` the order of work, and `table` the CSV
//! files.

mod areas;
mod build;
pub mod catalogue;
mod chance;
pub mod codes;
mod dependencies;
mod devices;
mod error;
pub mod model;
mod names;
mod primary;
mod services;
mod sites;
pub mod size;
mod social;
mod suppliers;
mod systems;
mod table;
mod trusts;

pub use build::sector;
pub use catalogue::{Catalogue, Texts};
pub use error::{CatalogueError, WriteError};
pub use model::{
    Dependency, Device, ExampleSector, Organisation, OrganisationType, Service, Site, Supplier,
    System,
};
pub use size::Size;
pub use table::{CsvFile, StrengthScale};
