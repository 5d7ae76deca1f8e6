//! What a caller writes beside each change of the map, in the change's own transaction: the entry
//! of an audit trail. A deed and its trace stand or fall together.
//!
//! It is a hook and not the caller's transaction because the map opens its own: it decides again
//! when somebody else changed it meanwhile.

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use db::{DbError, Write};
use terms::OdsCode;

use super::Map;
use crate::{model::Change, store::import::ImportRecord};

/// What a transaction is about to do to the map.
#[derive(Clone, Copy, Debug)]
pub enum Deed<'a> {
    /// It changes something; never without a change.
    Change {
        /// Whose that is from then on; `None` for what is nobody's: suppliers, groups.
        owner: Option<&'a OdsCode>,
        /// Every field that changes.
        changes: &'a [Change],
    },
    /// It applies a file.
    Import(&'a ImportRecord),
}

/// What [`Trace::write`] comes to.
pub type Writing<'a> = Pin<Box<dyn Future<Output = Result<(), DbError>> + Send + 'a>>;

/// Writes the trace of deeds.
pub trait Trace: Send + Sync {
    /// Writes it, last in the deed's transaction. With an error nothing of the deed is written
    /// either. What is decided again is written again; only one of these transactions commits.
    fn write<'a>(&'a self, write: &'a Write, deed: Deed<'a>) -> Writing<'a>;
}

/// The trace that a handle's changes leave; none unless somebody asked for one.
#[derive(Clone, Default)]
pub(super) struct Traced(Option<Arc<dyn Trace>>);

impl fmt::Debug for Traced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "traced" } else { "untraced" })
    }
}

impl Traced {
    pub(super) async fn write(&self, write: &Write, deed: Deed<'_>) -> Result<(), DbError> {
        match &self.0 {
            Some(trace) => trace.write(write, deed).await,
            None => Ok(()),
        }
    }
}

impl Map {
    /// The same map; what is changed through this handle leaves this trace.
    pub fn traced(&self, trace: impl Trace + 'static) -> Self {
        Self { trace: Traced(Some(Arc::new(trace))), ..self.clone() }
    }
}
