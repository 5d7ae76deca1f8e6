//! What can go wrong with folders of rules, as far as a caller can act on it.

use db::DbError;

/// An error of the rulebook.
#[derive(Debug, thiserror::Error)]
pub enum RulebookError {
    /// There is no such folder; it may have been removed and forgotten.
    #[error("there is no folder of rules with this id: it may have been removed long ago")]
    NotFound,
    /// The folder is not in the state the act needs: somebody else was quicker.
    #[error("this folder of rules was changed meanwhile: look at it again")]
    Changed,
    /// Another folder of this name is in use.
    #[error("another folder called {0} is in use: remove it first")]
    NameInUse(String),
    /// A stored folder cannot be unpacked.
    #[error("the stored folder of rules {name} cannot be unpacked")]
    Damaged {
        /// What people call it.
        name: String,
        /// The cause.
        source: std::io::Error,
    },
    /// Compiling rules failed; the rules before stay in force.
    #[error("the rules could not be compiled; the rules before stay in force")]
    Compile(#[source] tokio::task::JoinError),
    /// The database failed.
    #[error("cannot read or write folders of rules")]
    Db(#[from] DbError),
}

impl From<sea_orm::DbErr> for RulebookError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Db(error.into())
    }
}
