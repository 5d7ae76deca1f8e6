//! What the pages and the API need to know of the installation.

use std::{path::PathBuf, sync::Arc};

use terms::Timestamp;

/// Settings; clones share them.
#[derive(Clone)]
pub struct Settings(Arc<Values>);

/// The values.
#[derive(Clone)]
pub struct Values {
    /// How browsers reach Ward, without a slash at the end.
    pub public_url: String,
    /// Whether the last address of `X-Forwarded-For` is the client's.
    pub trust_proxy: bool,
    /// The largest request body, as sent.
    pub body_bytes: usize,
    /// The largest request body, unpacked.
    pub unpacked_bytes: usize,
    /// Names this installation; never changes.
    pub instance: String,
    /// Version and commit.
    pub version: String,
    /// Where page templates are read from, in debug builds only.
    pub templates: Option<PathBuf>,
    /// Reads the clock.
    pub clock: fn() -> Timestamp,
    /// Gives the figures kept of the process, in Prometheus' text form.
    pub metrics: Metrics,
}

/// Gives figures in Prometheus' text form.
pub type Metrics = Arc<dyn Fn() -> String + Send + Sync>;

impl Settings {
    /// Of values.
    pub fn new(values: Values) -> Self {
        Self(Arc::new(values))
    }

    /// The moment.
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// Whether browsers reach Ward encrypted, so that cookies may be marked so.
    pub fn is_secure(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}

impl std::ops::Deref for Settings {
    type Target = Values;

    fn deref(&self) -> &Values {
        &self.0
    }
}
