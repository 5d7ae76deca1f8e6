//! Rules: what is looked for, how often it was right, for whom it is on; folders of rules that
//! people upload.
//!
//! In reading order: `standing` what is known of each rule in a scope, `query` what an address
//! asks for, `list` and `export` the list; `text` a rule as it reads, `record` how it turned out,
//! `one` the page of a rule; `switch` on and off, with its trace; `unusable` what cannot be used;
//! `folders`, `upload`, `look` and `acts` folders of rules; `failed` what an error comes to.

mod acts;
mod export;
pub(crate) mod failed;
mod folders;
mod list;
mod look;
pub(crate) mod one;
pub(crate) mod query;
pub(crate) mod record;
pub(crate) mod standing;
pub(crate) mod switch;
pub(crate) mod text;
mod unusable;
mod upload;

use crate::routes::Routes;

pub(crate) use list::{chips, records};
pub(crate) use one::{capital, plain_table};

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/rules", list::list)
        .get("/rules/export.csv", export::csv)
        .get("/rules/export.jsonl", export::json_lines)
        .get("/rules/unusable", unusable::list)
        .post("/rules/switch", switch::switch)
        .post("/rules/switch/undo", switch::take_back)
        .get("/rules/folders", folders::list)
        .get("/rules/upload", upload::ask)
        .upload("/rules/upload", upload::take)
        .post("/rules/folders/undo", acts::take_back)
        .get("/rules/folders/{id}", look::look)
        .post("/rules/folders/{id}/use", acts::put_in_use)
        .get("/rules/folders/{id}/remove", acts::ask_remove)
        .post("/rules/folders/{id}/remove", acts::remove)
        .get("/rules/{id}", one::one)
}

/// The address of a rule's page.
pub(crate) fn href(id: &str) -> String {
    format!("/rules/{}", crate::link::encoded(id).replace('/', "%2F"))
}
