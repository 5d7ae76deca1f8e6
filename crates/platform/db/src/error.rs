//! What can go wrong with the database, as far as a caller can act on it.

/// An error of the database.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// The place is written in a way Ward does not know.
    #[error("{0:?} is no place of a database: write sqlite:<file> or postgres://user@host/name")]
    Place(String),
    /// Opening or migrating failed.
    #[error("cannot open the database {place}")]
    Open {
        /// The place, without its password.
        place: String,
        /// The cause.
        source: sea_orm::DbErr,
    },
    /// The database was written by a newer Ward.
    #[error(
        "the database {place} was written by a newer Ward (it has the migration {migration}): use that version or a copy from before"
    )]
    Newer {
        /// The place, without its password.
        place: String,
        /// The first migration this Ward does not know.
        migration: String,
    },
    /// A statement failed.
    #[error("the database refused a statement")]
    Statement(#[from] sea_orm::DbErr),
    /// A row holds what Ward never writes.
    #[error("the table {table} holds what cannot be read as {what}: {found:?}")]
    Row {
        /// The table.
        table: &'static str,
        /// What was expected.
        what: &'static str,
        /// What stands there, cut to 60 characters.
        found: String,
    },
}

impl DbError {
    /// A row that cannot be read.
    pub fn row(table: &'static str, what: &'static str, found: impl std::fmt::Display) -> Self {
        Self::Row { table, what, found: found.to_string().chars().take(60).collect() }
    }

    /// Whether the disk or the quota is full: nothing was written, and a later try may do.
    pub fn is_full(&self) -> bool {
        let Self::Statement(error) = self else { return false };
        let text = error.to_string();
        text.contains("database or disk is full") || text.contains("No space left on device")
    }
}
