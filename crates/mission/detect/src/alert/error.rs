//! What can go wrong with alerts, as far as a caller can act on it.

use db::DbError;

use super::{LifeError, exception::ExceptionError, queue::UnreadableCursor};

/// An error of the alerts.
#[derive(Debug, thiserror::Error)]
pub enum AlertError {
    /// There is no such thing in the caller's scope. What lies outside of it is not told apart.
    #[error("there is no {0} with this id, or you may not see it")]
    NotFound(&'static str),
    /// A part of the sector that is not all the caller's.
    #[error("this part of the sector is not all within your reach")]
    OutOfScope,
    /// The move cannot be made.
    #[error(transparent)]
    Life(#[from] LifeError),
    /// The exception cannot be made.
    #[error(transparent)]
    Exception(#[from] ExceptionError),
    /// A place in a list that is none.
    #[error(transparent)]
    Cursor(#[from] UnreadableCursor),
    /// More than one act may touch.
    #[error("{found} alerts are more than one act may touch: {most}")]
    TooMany {
        /// How many were asked for.
        found: usize,
        /// How many it may be.
        most: usize,
    },
    /// Something asked for is not as it must be.
    #[error("{0}")]
    Invalid(&'static str),
    /// A signal of a batch that the checkpoint does not cover.
    #[error("a signal of batch {found} was handed in, but {consumer} has read only up to {at}")]
    Beyond {
        /// The reader.
        consumer: String,
        /// The last batch it has read.
        at: i64,
        /// The signal's batch.
        found: i64,
    },
    /// The database failed.
    #[error("cannot read or write alerts")]
    Db(#[from] DbError),
}
