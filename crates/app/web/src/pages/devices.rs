//! Devices: who sends, who fell silent, who was never seen; what rests on each.
//!
//! In reading order: `query` what an address asks for, `list` and `export` the list, `one` the
//! page of a device, `edit` what people say of it.

mod edit;
mod export;
mod list;
mod one;
pub(crate) mod query;

use crate::routes::Routes;

pub(crate) use edit::Editing;

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/devices", list::list)
        .get("/devices/export.csv", export::csv)
        .get("/devices/export.jsonl", export::json_lines)
        .get("/devices/{id}", one::one)
        .get("/devices/{id}/edit", edit::ask)
        .post("/devices/{id}/edit", edit::change)
        .post("/devices/{id}/undo", edit::take_back)
}
