//! Rules over telemetry, giving findings.
//!
//! Modules in reading order: [`model`] what a finding is, [`scan`] records to findings,
//! [`filter`] which findings are wanted, [`summary`] findings to the picture people read,
//! [`coverage`] what the rules could and could not see, [`cases`] rules tried on their cases.

pub mod cases;
pub mod coverage;
pub mod filter;
pub mod model;
pub mod scan;
pub mod summary;

pub use coverage::Coverage;
pub use filter::Wanted;
pub use model::Finding;
pub use scan::{Detail, Scanner, Told};
pub use summary::Summary;
