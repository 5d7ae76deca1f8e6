//! Sources: what sends telemetry, how fast, how late, and what of it could not be read; how to set
//! one up.
//!
//! In reading order: `heard` what is known of each source and how it does in words, `list` all of
//! them, `one` the page of one, `setup` configuration to copy.

pub(crate) mod heard;
mod list;
mod one;
pub(crate) mod setup;

use crate::routes::Routes;

pub(crate) use list::Query;

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/sources", list::list)
        .get("/sources/export.csv", list::csv)
        .get("/sources/export.jsonl", list::json_lines)
        .get("/sources/new", setup::help)
        .get("/sources/{id}", one::one)
}
