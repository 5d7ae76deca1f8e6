//! What changed, for pages that are alive: told to listeners within this process.

use std::sync::Arc;

use terms::{AlertId, OdsCode};

/// A piece of news. It says what to look at again, never what it looks like now: a page asks for
/// that itself, within its own scope.
#[derive(Clone, Debug)]
pub enum News {
    /// Alerts were made or changed.
    Alerts(Arc<[(AlertId, OdsCode)]>),
    /// The map changed.
    Map,
    /// Rules were replaced or switched.
    Rules,
}
