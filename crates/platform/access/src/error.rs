//! What can go wrong with who may do what, as far as a caller can act on it.
//!
//! A sign-in that fails has one message whatever failed, so nobody learns which accounts exist.

use db::DbError;

use crate::{password::PasswordFault, role::Permission};

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The address, the password or the code is wrong, or there is no such account, or it is
    /// disabled: not told apart.
    #[error("the email address, the password or the code is not right")]
    Refused,
    /// Too many tries; a later one may do.
    #[error("too many tries: wait {retry_after_seconds} seconds and try again")]
    TooMany {
        /// How long to wait.
        retry_after_seconds: u64,
    },
    /// More people sign in at once than passwords can be checked.
    #[error("too many people are signing in at this moment: try again in a few seconds")]
    Busy,
    /// No session, or it is over.
    #[error("you are not signed in, or your session is over: sign in")]
    NotSignedIn,
    /// The session is too old for this step.
    #[error("sign in again before you do this")]
    SignInAgain,
    /// The token is unknown, expired or revoked, or of another kind: not told apart.
    #[error("the token is not valid")]
    Token,
    /// The caller lacks a permission here.
    #[error("this needs the permission {0} here")]
    Forbidden(Permission),
    /// The caller would give or change more than they hold.
    #[error("you cannot give, take or change what you do not hold yourself: {0}")]
    Exceeds(Permission),
    /// Without this person or grant nobody could administer the whole sector.
    #[error("this is the last administrator of the sector: give the role to somebody else first")]
    LastAdministrator,
    /// A one-time link is unknown, used, expired or withdrawn: not told apart.
    #[error("this link was used already, has expired or was withdrawn: ask for a new one")]
    Link,
    /// A new password is too weak.
    #[error(transparent)]
    Password(#[from] PasswordFault),
    /// Something was written in a way that cannot be taken.
    #[error("{field}: {why}")]
    Input {
        /// The field.
        field: &'static str,
        /// What to write instead.
        why: &'static str,
    },
    /// There is none, or the caller may not see it: not told apart.
    #[error("there is no such {0}")]
    Unknown(&'static str),
    /// It cannot be done to a thing in this state.
    #[error("{0}")]
    State(&'static str),
    /// The server's key is not the one the database was written with.
    #[error(
        "the server's key is not the one this database was written with: put back the key file \
         that belongs to it"
    )]
    Key,
    /// The database failed.
    #[error("cannot read or write accounts")]
    Db(#[from] DbError),
}
