//! How entries are chained: what a digest covers, and how a chain is followed. Pure.

use db::{DbError, instant, micros};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{Broken, Entry, Fault, Head, On, Verified, Written};
use crate::{model::Who, secret::Digest};

/// An entry as the table holds it: what the digest is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) number: i64,
    pub(crate) at: i64,
    pub(crate) who_kind: String,
    pub(crate) who_id: Option<Uuid>,
    pub(crate) what: String,
    pub(crate) on_kind: String,
    pub(crate) on_id: String,
    pub(crate) organisation: Option<String>,
    pub(crate) details: String,
    pub(crate) previous: Vec<u8>,
    pub(crate) digest: Vec<u8>,
}

impl Row {
    /// The row of `entry` after `head`.
    pub(crate) fn after(head: Head, entry: &Entry) -> Self {
        let (who_kind, who_id) = stored_who(entry.who);
        let mut row = Self {
            number: head.number + 1,
            at: micros(entry.at),
            who_kind: who_kind.to_owned(),
            who_id,
            what: entry.what.to_owned(),
            on_kind: entry.on.kind.clone(),
            on_id: entry.on.id.clone(),
            organisation: entry.organisation.as_ref().map(ToString::to_string),
            details: entry.details.to_string(),
            previous: head.digest.to_vec(),
            digest: Vec::new(),
        };
        row.digest = row.computed().to_vec();
        row
    }

    /// SHA-256 over a form in which no two rows read alike: each field is preceded by its length
    /// in eight bytes, and a field that may be absent by whether it is there.
    pub(crate) fn computed(&self) -> Digest {
        let mut hash = Sha256::new();
        let mut field = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        };
        field(b"ward audit entry, form 1");
        field(&self.number.to_be_bytes());
        field(&self.at.to_be_bytes());
        field(self.who_kind.as_bytes());
        optional(&mut field, self.who_id.as_ref().map(|id| id.as_bytes().as_slice()));
        field(self.what.as_bytes());
        field(self.on_kind.as_bytes());
        field(self.on_id.as_bytes());
        optional(&mut field, self.organisation.as_ref().map(|code| code.as_bytes()));
        field(self.details.as_bytes());
        field(&self.previous);
        Digest(hash.finalize().into())
    }

    pub(crate) fn read(self) -> Result<Written, DbError> {
        let digest = |bytes: &[u8]| {
            Digest::of_stored(bytes)
                .ok_or_else(|| DbError::row("audit_entry", "a digest", "other bytes"))
        };
        let organisation = self.organisation.map(|code| {
            code.parse().map_err(|_| DbError::row("audit_entry", "an organisation's code", &code))
        });
        Ok(Written {
            number: self.number,
            at: instant(self.at),
            who: read_who(&self.who_kind, self.who_id)?,
            on: On { kind: self.on_kind, id: self.on_id },
            organisation: organisation.transpose()?,
            previous: digest(&self.previous)?,
            digest: digest(&self.digest)?,
            what: self.what,
            details: self.details,
        })
    }
}

fn optional(field: &mut impl FnMut(&[u8]), bytes: Option<&[u8]>) {
    field(&[u8::from(bytes.is_some())]);
    field(bytes.unwrap_or_default());
}

pub(crate) fn stored_who(who: Who) -> (&'static str, Option<Uuid>) {
    match who {
        Who::Person(id) => ("person", Some(id.0)),
        Who::Token(id) => ("token", Some(id.0)),
        Who::Ward => ("ward", None),
    }
}

fn read_who(kind: &str, id: Option<Uuid>) -> Result<Who, DbError> {
    match (kind, id) {
        ("person", Some(id)) => Ok(Who::Person(terms::PersonId(id))),
        ("token", Some(id)) => Ok(Who::Token(terms::TokenId(id))),
        ("ward", None) => Ok(Who::Ward),
        _ => Err(DbError::row("audit_entry", "who did it", kind)),
    }
}

/// Looks at entries one after the other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chain {
    head: Head,
    entries: u64,
}

impl Chain {
    /// After `head`, which is taken for right.
    pub(crate) fn after(head: Head) -> Self {
        Self { head, entries: 0 }
    }

    /// How far it was followed.
    pub(crate) fn head(&self) -> Head {
        self.head
    }

    /// The next entry in the order of numbers.
    pub(crate) fn push(&mut self, row: &Row) -> Result<(), Broken> {
        let number = self.head.number + 1;
        if row.number != number {
            return Err(Broken { number, why: Fault::Missing });
        }
        if row.previous != self.head.digest.0 {
            return Err(Broken { number, why: Fault::NotChained });
        }
        let digest = row.computed();
        if row.digest != digest.0 {
            return Err(Broken { number, why: Fault::Changed });
        }
        self.head = Head { number, digest };
        self.entries += 1;
        Ok(())
    }

    /// After the last entry: the chain must end where it is noted to end.
    pub(crate) fn finish(self, noted: Head) -> Result<Verified, Broken> {
        if self.head.number < noted.number {
            return Err(Broken { number: self.head.number + 1, why: Fault::Missing });
        }
        if self.head != noted {
            return Err(Broken { number: self.head.number, why: Fault::OtherEnd });
        }
        Ok(Verified { entries: self.entries, head: self.head })
    }
}
