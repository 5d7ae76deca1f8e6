//! Where a database is.

use std::{fmt, path::PathBuf, str::FromStr};

use crate::DbError;

/// A SQLite file or a PostgreSQL database.
///
/// `Display` and `Debug` leave out the password.
#[derive(Clone, PartialEq, Eq)]
pub enum Place {
    /// A file; it is made when absent.
    Sqlite(PathBuf),
    /// A URL as PostgreSQL's libpq spells it.
    Postgres(String),
}

impl FromStr for Place {
    type Err = DbError;

    fn from_str(text: &str) -> Result<Self, DbError> {
        if let Some(path) = text.strip_prefix("sqlite:").filter(|path| !path.is_empty()) {
            return Ok(Self::Sqlite(path.into()));
        }
        let is_postgres = ["postgres://", "postgresql://"].iter().any(|p| text.starts_with(p));
        match is_postgres {
            true => Ok(Self::Postgres(text.to_owned())),
            false => Err(DbError::Place(without_password(text))),
        }
    }
}

/// `scheme://user:secret@host` as `scheme://user@host`.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    // A password may itself hold an @; the host begins after the last one before the path.
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let at = rest[..end].rfind('@').or_else(|| rest.rfind('@'));
    let Some(at) = at else { return url.split('?').next().unwrap_or_default().to_owned() };
    let user = rest[..at].split(':').next().unwrap_or_default();
    let tail = rest[at..].split('?').next().unwrap_or_default();
    format!("{scheme}://{user}{tail}")
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(url) => f.write_str(&without_password(url)),
        }
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_shown() {
        for url in [
            "postgres://ward:s3cret@db.example/ward",
            "postgres://ward:s3/cret@db.example/ward",
            "postgresql://ward:s3@cret@db.example/ward?password=s3cret",
        ] {
            let place: Place = url.parse().expect("a place");
            assert!(!format!("{place} {place:?}").contains("cret"), "{place}");
            assert!(place.to_string().contains("ward"), "{place}");
        }
        let wrong = "mysql://ward:s3cret@db/ward".parse::<Place>().expect_err("no place");
        assert!(!wrong.to_string().contains("s3cret"), "{wrong}");
    }

    #[test]
    fn a_file_is_a_place_and_nothing_is_not() {
        let place: Place = "sqlite:/var/lib/ward/ward.db".parse().expect("a place");
        assert_eq!(place, Place::Sqlite("/var/lib/ward/ward.db".into()));
        assert!("sqlite:".parse::<Place>().is_err());
        assert!("".parse::<Place>().is_err());
    }
}
