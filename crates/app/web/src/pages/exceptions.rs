//! Exceptions: what is counted instead of shown, until when, by whom and why; made from an alert,
//! taken back here.

mod list;
mod make;
mod one;
mod preview;
pub(crate) mod words;

use crate::routes::Routes;

pub(crate) use make::made;
pub(crate) use one::revoked;

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/exceptions", list::list)
        .get("/exceptions/export.csv", list::csv)
        .get("/exceptions/export.jsonl", list::json_lines)
        .get("/exceptions/{id}", one::one)
        .get("/exceptions/{id}/revoke", one::ask_revoke)
        .post("/exceptions/{id}/revoke", one::revoke)
        .get("/alerts/{id}/exception", make::ask)
        .post("/alerts/{id}/exception", make::make)
}
