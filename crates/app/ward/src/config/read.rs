//! Where values come from: defaults, `ward.toml`, `WARD_*` of the environment, flags.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use db::Place;
use figment::{
    Figment,
    providers::{Env, Format, Serialized, Toml},
    value::Tag,
};

use super::{Config, settings::SETTINGS};

/// The configuration, and what was read for it.
pub(crate) struct ReadConfig {
    pub(crate) config: Config,
    /// The file, when there was one.
    pub(crate) file: Option<PathBuf>,
    /// For each setting in the order of [`SETTINGS`], where its value came from, in words.
    pub(crate) origins: Vec<String>,
}

/// The file that is read when none is named and it exists.
pub(crate) const FILE: &str = "ward.toml";

/// Reads the configuration. `flags` are settings by key, as `server.listen`, with their values.
///
/// Errors: a file that was named and is absent, a key nobody knows, a value of the wrong kind or
/// out of its bounds; each with the place it stands.
pub(crate) fn read(file: Option<&Path>, flags: &[(&str, serde_json::Value)]) -> Result<ReadConfig> {
    let found = match file {
        Some(file) if !file.is_file() => bail!("there is no file {}", file.display()),
        Some(file) => Some(file.to_path_buf()),
        None => Some(PathBuf::from(FILE)).filter(|file| file.is_file()),
    };
    let mut figment = Figment::from(Serialized::defaults(Config::default()));
    if let Some(file) = &found {
        figment = figment.merge(Toml::file_exact(file));
    }
    figment = figment.merge(environment());
    for (key, value) in flags {
        figment = figment.merge(Serialized::default(key, value));
    }
    let config: Config = figment.extract().map_err(|error| anyhow::anyhow!(in_words(&error)))?;
    check(&config)?;
    let origins = SETTINGS.iter().map(|setting| origin(&figment, setting.key, flags)).collect();
    Ok(ReadConfig { config, file: found, origins })
}

/// `WARD_SERVER_LISTEN` is `server.listen`: the first underscore after the prefix parts the table
/// from the key. Other `WARD_*` names (as `WARD_LOG`) belong to others and are passed over.
fn environment() -> Env {
    Env::prefixed("WARD_").filter_map(|name| {
        let (table, key) = name.as_str().split_once('_')?;
        let key = format!("{table}.{key}").to_ascii_lowercase();
        SETTINGS.iter().find(|setting| setting.key == key).map(|setting| setting.key.into())
    })
}

/// The environment's name of a setting.
pub(crate) fn environment_name(key: &str) -> String {
    format!("WARD_{}", key.replace('.', "_").to_ascii_uppercase())
}

fn origin(figment: &Figment, key: &str, flags: &[(&str, serde_json::Value)]) -> String {
    if flags.iter().any(|(flag, _)| *flag == key) {
        return "the command line".to_owned();
    }
    let metadata = figment.find_value(key).ok().map(|value| value.tag());
    let metadata = metadata.filter(|tag| *tag != Tag::Default);
    let metadata = metadata.and_then(|tag| figment.get_metadata(tag));
    match metadata.map(|metadata| (metadata.name.as_ref(), &metadata.source)) {
        Some((_, Some(figment::Source::File(path)))) => path.display().to_string(),
        Some((name, _)) if name.contains("environment") => environment_name(key),
        _ => "default".to_owned(),
    }
}

fn in_words(error: &figment::Error) -> String {
    let place = error.metadata.as_ref().map(|metadata| match &metadata.source {
        Some(figment::Source::File(path)) => format!("{}: ", path.display()),
        _ if metadata.name.contains("environment") => {
            format!("{}: ", environment_name(&error.path.join(".")))
        }
        _ => String::new(),
    });
    let key = error.path.join(".");
    let place = place.unwrap_or_default();
    match key.is_empty() {
        true => format!("{place}{}", error.kind),
        false => format!("{place}{key}: {}", error.kind),
    }
}

/// Bounds that the types do not tell.
fn check(config: &Config) -> Result<()> {
    let limits = &config.limits;
    for (key, value) in [
        ("limits.body_mb", limits.body_mb),
        ("limits.unpacked_mb", limits.unpacked_mb),
        ("limits.pending_mb", limits.pending_mb),
        ("limits.backlog_mb", limits.backlog_mb),
    ] {
        if value == 0 {
            bail!("{key}: 0 would refuse everything; give at least 1");
        }
    }
    if limits.unpacked_mb > 1024 || limits.body_mb > 1024 {
        bail!("limits.body_mb and limits.unpacked_mb: at most 1024");
    }
    if limits.detect_threads > 256 {
        bail!("limits.detect_threads: at most 256");
    }
    let url = &config.server.public_url;
    if !url.is_empty() && !url.starts_with("https://") && !url.starts_with("http://") {
        bail!("server.public_url: {url:?} begins with neither https:// nor http://");
    }
    for (key, place) in
        [("data.database", &config.data.database), ("data.events", &config.data.events)]
    {
        if !place.is_empty() {
            place.parse::<Place>().with_context(|| key.to_owned())?;
        }
    }
    config.listen.check()
}

impl Config {
    /// Where everything but events is kept.
    pub(crate) fn database(&self) -> Result<Place> {
        match self.data.database.as_str() {
            "" => Ok(Place::Sqlite(self.data.folder.join("ward.db"))),
            place => place.parse().context("data.database"),
        }
    }

    /// Where the event log is kept.
    pub(crate) fn events(&self) -> Result<Place> {
        match (self.data.events.as_str(), self.database()?) {
            ("", Place::Sqlite(_)) => Ok(Place::Sqlite(self.data.folder.join("events.db"))),
            ("", postgres) => Ok(postgres),
            (place, _) => place.parse().context("data.events"),
        }
    }

    /// How browsers reach Ward, which listens at `listen`.
    pub(crate) fn public_url(&self, listen: SocketAddr) -> String {
        match self.server.public_url.as_str() {
            "" => format!("http://{listen}"),
            url => url.trim_end_matches('/').to_owned(),
        }
    }
}
