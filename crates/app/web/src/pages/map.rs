//! The map: who depends on what, changed by hand or from files.
//!
//! In reading order: `words` what people call things, `address` what a list is asked by, `failed`
//! what an error comes to, `standing` how organisations stand, `picture` what rests on what; `list`
//! and `organisation`, `thing` and `things` (systems and services), `supplier` the pages, of `parts`; `said`
//! forms, `edit` changes, `record` what they leave behind; `import` and `export` files; `groups`
//! named sets of organisations.

pub(crate) mod address;
mod edit;
mod export;
pub(crate) mod failed;
mod groups;
mod import;
pub(crate) mod list;
mod organisation;
mod parts;
pub(crate) mod picture;
pub(crate) mod record;
mod said;
pub(crate) mod standing;
mod supplier;
mod thing;
mod things;
pub(crate) mod words;

use axum::extract::{Path, Query, State};

use crate::{form::Posted, page::Desk, routes::Routes, upload::Upload};
use import::Drafts;
use record::Editing;

pub(super) fn routes() -> Routes {
    let pages = Routes::new()
        .get("/map", list::list)
        .get("/map/organisations/{code}", organisation::page)
        .get("/map/services", things::services)
        .get("/map/systems", things::systems)
        .get("/map/services/{code}", thing::service)
        .get("/map/systems/{code}", thing::system)
        .get("/map/suppliers", supplier::list)
        .get("/map/suppliers/{code}", supplier::page)
        .get("/map/export/{file}", export::file)
        .get("/map/templates/{file}", export::template)
        .get("/map/dependencies", edit::depend::ask_dependency)
        .post("/map/dependencies", edit::depend::save_dependency)
        .post("/map/dependencies/remove", edit::depend::remove_dependency)
        .post("/map/undo", edit::undo::undo);
    pages.merge(edits()).merge(imports()).merge(groups::routes())
}

/// A form's texts as they came.
type Pairs = Posted<Vec<(String, String)>>;

/// Adding and changing, for each kind of thing; closing for those that close.
fn edits() -> Routes {
    let mut routes = Routes::new();
    for kind in ["organisations", "services", "systems", "suppliers"] {
        let new = format!("/map/{kind}/new");
        let change = format!("/map/{kind}/{{code}}/edit");
        routes = routes
            .get(&new, move |begun: Query<edit::Begun>, desk: Desk| {
                edit::ask_new(kind, begun, desk)
            })
            .post(&new, move |editing: State<Editing>, desk: Desk, form: Pairs| {
                edit::add(kind, editing, desk, form)
            })
            .get(&change, move |editing: State<Editing>, code: Path<String>, desk: Desk| {
                edit::ask_change(kind, editing, code, desk)
            })
            .post(
                &change,
                move |editing: State<Editing>, code: Path<String>, desk: Desk, form: Pairs| {
                    edit::change(kind, editing, code, desk, form)
                },
            );
        if kind != "suppliers" {
            let close = format!("/map/{kind}/{{code}}/close");
            routes = routes
                .get(&close, move |editing: State<Editing>, code: Path<String>, desk: Desk| {
                    edit::close::ask_close(kind, editing, code, desk)
                })
                .post(
                    &close,
                    move |editing: State<Editing>,
                          code: Path<String>,
                          form: Posted<edit::close::Nothing>| {
                        edit::close::close(kind, editing, code, form)
                    },
                );
        }
    }
    routes
}

/// Imports; uploads that wait are shared by the handlers and by nobody else.
fn imports() -> Routes {
    let drafts = Drafts::default();
    let [kept, looked, applied, discarded] = std::array::from_fn(|_| drafts.clone());
    Routes::new()
        .get("/map/import", import::home)
        .upload("/map/import", move |editing: State<Editing>, upload: Upload| {
            import::upload(kept.clone(), editing, upload)
        })
        .get(
            "/map/import/{number}",
            move |editing: State<Editing>, number: Path<u64>, desk: Desk| {
                import::page(looked.clone(), editing, number, desk)
            },
        )
        .post(
            "/map/import/{number}/apply",
            move |editing: State<Editing>, number: Path<u64>, form: Posted<import::Shown>| {
                import::apply(applied.clone(), editing, number, form)
            },
        )
        .post(
            "/map/import/{number}/discard",
            move |editing: State<Editing>, number: Path<u64>, form: Posted<import::Nothing>| {
                import::discard(discarded.clone(), editing, number, form)
            },
        )
}
