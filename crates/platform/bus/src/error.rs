//! What can go wrong with the log, as far as a sender or a reader can act on it.

use std::time::Duration;

use db::DbError;

/// Why a batch was not taken. Nothing of it was written.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// Too much waits already; the sender should come again.
    #[error("too much waits to be read: send again in {} s", retry_after.as_secs().max(1))]
    Busy {
        /// When to come again.
        retry_after: Duration,
    },
    /// The disk is full.
    #[error("the event log's disk is full")]
    Full,
    /// The database cannot be written.
    #[error("the event log cannot be written")]
    Unavailable,
    /// Ward is stopping.
    #[error("the event log is closing")]
    Closing,
}

/// An error of the log.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    /// The database failed.
    #[error("cannot read the event log")]
    Db(#[from] DbError),
    /// A batch cannot be unpacked: its bytes are damaged.
    #[error("batch {seq} of the event log is damaged")]
    Damaged {
        /// Which.
        seq: i64,
        /// The cause.
        source: std::io::Error,
    },
}

impl From<sea_orm::DbErr> for BusError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Db(error.into())
    }
}
