//! Tokens with which programs send telemetry: all of them, making one, revoking. The secret is
//! shown once, together with configuration to copy.

mod list;
mod make;
mod revoke;

use crate::routes::Routes;

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/tokens", list::list)
        .get("/tokens/export.csv", list::csv)
        .get("/tokens/export.jsonl", list::json_lines)
        .get("/tokens/new", make::ask)
        .post("/tokens/new", make::make)
        .post("/tokens/revoke", revoke::revoke)
}
