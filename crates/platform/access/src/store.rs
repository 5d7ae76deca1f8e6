//! The tables: all SQL of this crate. One file for each noun; none decides anything.

pub(crate) mod audit;
pub(crate) mod grant;
pub(crate) mod link;
pub(crate) mod map;
pub(crate) mod method;
pub(crate) mod person;
pub(crate) mod session;
pub(crate) mod throttle;
pub(crate) mod token;
pub(crate) mod version;

impl From<sea_orm::DbErr> for crate::AccessError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Db(db::DbError::Statement(error))
    }
}

/// An id for a row nobody outside names.
fn new_id(now: terms::Timestamp) -> uuid::Uuid {
    // Any kind's id is a UUID of version 7; which type made it does not matter here.
    terms::GrantId::new(now).0
}

/// Text to search for, without what PostgreSQL's texts cannot hold and nobody's text holds.
fn searchable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

/// Text to stand in a LIKE, its wildcards meaning themselves (escape `\`).
fn escaped(text: &str) -> String {
    searchable(text).replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}
