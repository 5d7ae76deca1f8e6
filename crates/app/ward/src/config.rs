//! The configuration of `ward serve`: `ward.toml`, then the environment, then flags; the later
//! wins. One table ([`settings`]) names every setting, its default and its meaning; the file's
//! form, the environment's names, the reference and the example all follow from it.
//!
//! Modules in reading order: [`settings`] what can be set, [`listen`] listeners, [`mod@read`] where values come from,
//! [`mod@reference`] the page about them.

pub(crate) mod listen;
pub(crate) mod read;
pub(crate) mod reference;
pub(crate) mod settings;

pub(crate) use read::{ReadConfig, read};
pub(crate) use settings::{Config, LogFormat};
