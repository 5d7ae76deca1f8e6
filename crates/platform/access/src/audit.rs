//! The audit trail: who did what to what, when; each entry sealed by the digest of the one before.
//!
//! Entries are written in the transaction of what they tell of, so neither is there without the
//! other. The database refuses to change or delete them; whoever gets around that is found by
//! [`verify`], because every digest covers the entry and the digest before it. Whoever could write
//! everything anew from some entry on is found by an older [`Head`] that was kept elsewhere:
//! print it, mail it, give it to [`verify`] next time.
//!
//! Never in an entry: secrets, what was typed into a field that was refused, patient data.

use std::fmt;

use db::{Db, DbError, Write};
use terms::{OdsCode, Scope, Timestamp};

use crate::{error::AccessError, model::Who, secret::Digest, store};

mod chain;

pub(crate) use chain::{Chain, Row, stored_who};

/// What is to be written down.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub who: Who,
    /// A verb with dots, general first: `alert.close`.
    pub what: &'static str,
    /// To what.
    pub on: On,
    /// Whose it is. Entries without are seen by those who see the whole sector.
    pub organisation: Option<OdsCode>,
    /// More, as far as it helps: old and new values, reasons.
    pub details: serde_json::Value,
}

/// What an entry is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct On {
    /// The kind of thing: `person`, `alert`.
    pub kind: String,
    /// Which one.
    pub id: String,
}

impl On {
    /// A thing of a kind.
    pub fn new(kind: &str, id: impl fmt::Display) -> Self {
        Self { kind: kind.to_owned(), id: id.to_string() }
    }
}

impl Entry {
    /// An entry without an organisation and details; set them with struct update.
    pub fn new(at: Timestamp, who: Who, what: &'static str, on: On) -> Self {
        Self { at, who, what, on, organisation: None, details: serde_json::json!({}) }
    }

    /// The same with more.
    pub fn with(self, details: serde_json::Value) -> Self {
        Self { details, ..self }
    }

    /// The same, belonging to an organisation.
    pub fn of(self, organisation: OdsCode) -> Self {
        Self { organisation: Some(organisation), ..self }
    }
}

/// An entry as it stands in the trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Its number, from 1, without gaps.
    pub number: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub who: Who,
    /// The verb.
    pub what: String,
    /// To what.
    pub on: On,
    /// Whose it is.
    pub organisation: Option<OdsCode>,
    /// More, as JSON.
    pub details: String,
    /// The digest of the entry before.
    pub previous: Digest,
    /// The digest of this one.
    pub digest: Digest,
}

/// The end of the trail: its last number and digest. The empty trail's is [`Head::START`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The number of the last entry; 0 without one.
    pub number: i64,
    /// Its digest.
    pub digest: Digest,
}

impl Head {
    /// Before the first entry.
    pub const START: Self = Self { number: 0, digest: Digest::ZERO };
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.number, self.digest)
    }
}

impl std::str::FromStr for Head {
    type Err = crate::secret::UnreadableDigest;

    /// Reads what `Display` writes: `<number>:<digest>`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (number, digest) =
            text.trim().split_once(':').ok_or(crate::secret::UnreadableDigest)?;
        let number = number.parse().map_err(|_| crate::secret::UnreadableDigest)?;
        Ok(Self { number, digest: digest.parse()? })
    }
}

/// A trail that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How many entries were looked at.
    pub entries: u64,
    /// The last of them: keep it elsewhere.
    pub head: Head,
}

/// Where the trail does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the audit trail does not hold at entry {number}: {why}")]
pub struct Broken {
    /// The entry.
    pub number: i64,
    /// What is wrong with it.
    pub why: Fault,
}

/// What is wrong with an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It is gone.
    #[error("it is missing")]
    Missing,
    /// It does not follow from the entry before it.
    #[error("it does not continue the entry before it")]
    NotChained,
    /// It is not what was written.
    #[error("it was changed after it was written")]
    Changed,
    /// It stands outside the numbers that were given.
    #[error("it was never written by Ward")]
    Foreign,
    /// The trail ends with another entry than the one noted as its end.
    #[error("the noted end of the trail is another")]
    OtherEnd,
}

/// Why a trail could not be found to hold.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// It does not.
    #[error(transparent)]
    Broken(#[from] Broken),
    /// It cannot be read.
    #[error("cannot read the audit trail")]
    Db(#[from] DbError),
}

/// Writes an entry within the caller's transaction; its number.
///
/// Locks the end of the trail until the transaction ends: call it last, so that other writers
/// wait briefly and no two transactions wait for each other.
pub async fn append(write: &Write, entry: Entry) -> Result<i64, DbError> {
    store::audit::append(write, &entry).await
}

/// Rows read at once.
const PAGE: u64 = 1000;

/// Looks at every entry after `from` ([`Head::START`] for all), a thousand at a time, up to the
/// end as it was when it began; entries may be written meanwhile.
///
/// `from` is an end that was verified before: it must still stand in the trail.
/// Errors: [`VerifyError`].
pub async fn verify(db: &Db, from: Head) -> Result<Verified, VerifyError> {
    let noted = store::audit::head(db.read()).await?;
    if let Some(number) = store::audit::foreign(db.read()).await? {
        return Err(Broken { number, why: Fault::Foreign }.into());
    }
    hold_on_to(db, from).await?;
    let mut chain = Chain::after(from);
    while chain.head().number < noted.number {
        let page = store::audit::after(db.read(), chain.head().number, noted.number, PAGE).await?;
        for row in &page {
            chain.push(row)?;
        }
        if page.is_empty() {
            break;
        }
    }
    Ok(chain.finish(noted)?)
}

/// The kept end must be the entry of that number.
async fn hold_on_to(db: &Db, kept: Head) -> Result<(), VerifyError> {
    let number = kept.number;
    if kept == Head::START {
        return Ok(());
    }
    let rows = store::audit::after(db.read(), number - 1, number, 1).await?;
    let row = rows.first().ok_or(Broken { number, why: Fault::Missing })?;
    if row.computed() == kept.digest && row.digest == kept.digest.0 {
        Ok(())
    } else {
        Err(Broken { number, why: Fault::Changed }.into())
    }
}

/// Which entries are asked for; what is not set does not narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// At or after.
    pub from: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
    /// By whom.
    pub who: Option<Who>,
    /// Verbs that begin so: `alert.`.
    pub what: Option<String>,
    /// About this kind of thing.
    pub on_kind: Option<String>,
    /// About this thing.
    pub on_id: Option<String>,
    /// Of this organisation.
    pub organisation: Option<OdsCode>,
}

/// Entries, newest first, and where the next page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditPage {
    /// The entries.
    pub entries: Vec<Written>,
    /// The number to give as `before` for the next page; none when this is the last.
    pub next: Option<i64>,
}

/// Most entries of one page.
pub const MOST_ENTRIES: u64 = 500;

/// Entries within `scope`, newest first, before the number `before`.
pub async fn list(
    db: &Db,
    scope: &Scope,
    filter: &AuditFilter,
    before: Option<i64>,
    limit: u64,
) -> Result<AuditPage, AccessError> {
    let limit = limit.clamp(1, MOST_ENTRIES);
    let mut rows = store::audit::before(db.read(), scope, filter, before, limit + 1).await?;
    let has_more = rows.len() as u64 > limit;
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = rows.last().map(|row| row.number).filter(|_| has_more);
    let entries = rows.into_iter().map(Row::read).collect::<Result<_, _>>()?;
    Ok(AuditPage { entries, next })
}

/// The way back: the entries just after the number `after`, newest first, at most `limit`.
pub async fn list_back(
    db: &Db,
    scope: &Scope,
    filter: &AuditFilter,
    after: i64,
    limit: u64,
) -> Result<Vec<Written>, AccessError> {
    let limit = limit.clamp(1, MOST_ENTRIES);
    let rows = store::audit::later(db.read(), scope, filter, after, limit).await?;
    Ok(rows.into_iter().rev().map(Row::read).collect::<Result<_, _>>()?)
}

/// How many entries there are within `scope`, counted up to `most`: a trail of millions is not read
/// for a number on a page.
pub async fn count(
    db: &Db,
    scope: &Scope,
    filter: &AuditFilter,
    most: u64,
) -> Result<u64, AccessError> {
    Ok(store::audit::count(db.read(), scope, filter, most).await?)
}

/// Gives every entry within `scope` to `take`, newest first, in bounded memory; how many.
///
/// Stops when `take` answers false.
pub async fn export(
    db: &Db,
    scope: &Scope,
    filter: &AuditFilter,
    mut take: impl FnMut(Written) -> bool,
) -> Result<u64, AccessError> {
    let (mut before, mut count) = (None, 0);
    loop {
        let page = list(db, scope, filter, before, MOST_ENTRIES).await?;
        for entry in page.entries {
            count += 1;
            if !take(entry) {
                return Ok(count);
            }
        }
        match page.next {
            Some(next) => before = Some(next),
            None => return Ok(count),
        }
    }
}

impl Written {
    /// One line of an export: all that the digest is made of, and the digest.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::json!({
            "number": self.number,
            "at": self.at.to_string(),
            "who": self.who.to_string(),
            "what": self.what,
            "on": { "kind": self.on.kind, "id": self.on.id },
            "organisation": self.organisation.as_ref().map(OdsCode::as_str),
            "details": serde_json::from_str::<serde_json::Value>(&self.details)
                .unwrap_or_else(|_| self.details.clone().into()),
            "previous": self.previous.to_string(),
            "digest": self.digest.to_string(),
        })
    }
}

#[cfg(test)]
mod tests;
