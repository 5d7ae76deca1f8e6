//! Pages, HTTP API, OpenAPI.
//!
//! Modules in reading order: [`state`] the handles all share, [`settings`] the installation,
//! [`server`] guards, `routes` routes that know themselves, `caller`, `form`, `upload` and `sender` who asks, `view` which part they
//! look at, `page` how a page is made, `pages` all of them, `export` lists as files, [`api`] the same as JSON and telemetry
//! in, [`news`] what changed, [`failure`] what is wrong; beneath, [`pieces`] what pages are made
//! of, [`templates`] how they become HTML, [`assets`] the styles and scripts beside them.

pub mod api;
pub mod assets;
mod caller;
mod export;
pub mod failure;
mod form;
mod link;
pub mod news;
mod page;
mod pages;
pub mod pieces;
mod routes;
mod security;
mod sender;
pub mod server;
pub mod settings;
pub mod state;
pub mod templates;
mod upload;
mod view;

pub use news::News;
pub use settings::{Settings, Values};
pub use state::App;
