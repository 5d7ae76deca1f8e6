//! What can go wrong with the map, as far as a caller can act on it.

use db::DbError;

/// An error of the map.
#[derive(Debug, thiserror::Error)]
pub enum SectorError {
    /// The database failed.
    #[error("the map cannot be read or written")]
    Database(#[from] DbError),
    /// Nothing of that name lies within the caller's scope.
    #[error("{0} is not on the map, or not for you to see")]
    Unknown(String),
    /// Something of that code is there already.
    #[error("{0} is on the map already")]
    Exists(String),
    /// The caller may see it but not change it, or would put it outside of their scope.
    #[error("{0} is outside of what you may change")]
    OutOfScope(String),
    /// A value that the map does not take.
    #[error("{field}: {message}")]
    Invalid {
        /// The field, as in the import's columns.
        field: &'static str,
        /// What is wrong.
        message: String,
    },
    /// The map changed since the plan was made.
    #[error("the map has changed since this import was looked through: look it through again")]
    Stale,
    /// The place in a list, as the caller gives it, was not made by this list.
    #[error("this place in the list cannot be read: begin again at its first page")]
    Cursor,
    /// A file that cannot be imported at all.
    #[error(transparent)]
    File(#[from] crate::import::FileError),
}

impl SectorError {
    pub(crate) fn invalid(field: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid { field, message: message.into() }
    }
}

/// A failed statement, as the map's error.
pub(crate) fn statement(error: sea_orm::DbErr) -> SectorError {
    SectorError::Database(DbError::Statement(error))
}
