//! Alerts: the queue, one alert, what people do with them, saved views, files.
//!
//! In reading order: `query` what an address asks for, `harm` how close an alert is to harming
//! care, `rows` alerts as rows, `says` the first sentence, `filters` and `queue` the list; `why`,
//! `evidence` and `one` the page of an alert; `moves` what people do, with its trace, and `act` how
//! they ask for it; `views`, `export`; `failed` what an error comes to.

mod act;
mod evidence;
mod export;
pub(crate) mod failed;
pub(crate) mod filters;
pub(crate) mod harm;
pub(crate) mod moves;
mod one;
pub(crate) mod query;
mod queue;
pub(crate) mod rows;
pub(crate) mod says;
mod views;
mod why;

use crate::routes::Routes;

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/alerts", queue::queue)
        .get("/alerts/export.csv", export::csv)
        .get("/alerts/export.jsonl", export::json_lines)
        .post("/alerts/act", act::act)
        .post("/alerts/undo", act::take_back)
        .get("/alerts/views", views::list)
        .post("/alerts/views", views::save)
        .post("/alerts/views/act", views::act)
        .post("/alerts/views/undo", views::restore)
        .get("/alerts/{id}", one::one)
        .get("/alerts/{id}/event.json", one::event)
}
