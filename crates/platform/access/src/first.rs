//! One-time links: how an account gets its password. For the first administrator at the first
//! start, for somebody who was invited, for somebody who forgot theirs.
//!
//! A link is handed to whoever asked for it, to be passed on; Ward sends no mail. It works once,
//! expires, and a new one of its kind voids it. It is not slowed by failed sign-ins, so nobody can
//! keep somebody out for good by trying wrong passwords.

use db::Write;
use serde_json::json;
use terms::{GrantId, Part, PersonId, Timestamp};

use crate::{
    audit::{self, Entry},
    error::AccessError,
    model::{Email, Grant, Person, PersonState, TIME_ZONE, Who, name_of},
    password,
    role::Role,
    secret::Secret,
    service::Access,
    session::after,
    sign_in::on,
    store::{
        self,
        link::{Link, NewLink},
    },
};

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinkKind {
    /// To become the first administrator.
    First,
    /// To accept an invitation.
    Invitation,
    /// To set another password.
    Reset,
}

impl LinkKind {
    const ALL: [Self; 3] = [Self::First, Self::Invitation, Self::Reset];

    /// The word in stored rows.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Invitation => "invitation",
            Self::Reset => "reset",
        }
    }

    pub(crate) fn of_str(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// How long it can be used, in seconds: a day, a week, a day.
    pub fn lifetime_seconds(self) -> i64 {
        match self {
            Self::First | Self::Reset => 24 * 3600,
            Self::Invitation => 7 * 24 * 3600,
        }
    }
}

/// A link just made: its secret is shown this once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneTimeLink {
    /// What the address ends with.
    pub secret: Secret,
    /// Until when it can be used.
    pub expires_at: Timestamp,
}

/// What a page shows to whoever opens a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkView {
    /// What it is for.
    pub kind: LinkKind,
    /// Whose account; none for the first.
    pub person: Option<Person>,
    /// Until when it can be used.
    pub expires_at: Timestamp,
}

/// Who claims the first account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim<'a> {
    /// The address to sign in with.
    pub email: &'a str,
    /// The name.
    pub name: &'a str,
    /// The password.
    pub password: Secret,
}

impl Access {
    /// A link to become the first administrator, while there is no account at all; a later one
    /// voids it.
    pub async fn first_administrator_link(
        &self,
        now: Timestamp,
    ) -> Result<Option<OneTimeLink>, AccessError> {
        let write = self.write_guarded().await?;
        if store::person::is_anybody(&write).await? {
            return Ok(None);
        }
        let link = make_link(&write, LinkKind::First, None, None, now).await?;
        write.commit().await?;
        Ok(Some(link))
    }

    /// What a link is for. Errors: [`AccessError::Link`] when it cannot be used.
    pub async fn look_at_link(
        &self,
        secret: &Secret,
        now: Timestamp,
    ) -> Result<LinkView, AccessError> {
        let link = store::link::by_digest(self.db().read(), secret.digest(), now).await?;
        let link = link.ok_or(AccessError::Link)?;
        let person = match link.person {
            Some(id) => store::person::by_id(self.db().read(), id).await?,
            None => None,
        };
        Ok(LinkView { kind: link.kind, person, expires_at: link.expires_at })
    }

    /// Uses the first link: makes an administrator of the whole sector.
    ///
    /// Errors: [`AccessError::Link`], [`AccessError::Password`], [`AccessError::Input`].
    pub async fn claim(
        &self,
        secret: &Secret,
        claim: Claim<'_>,
        now: Timestamp,
    ) -> Result<PersonId, AccessError> {
        self.open_link(secret, LinkKind::First, now).await?;
        let person = Person {
            id: PersonId::new(now),
            email: claim.email.parse::<Email>()?,
            name: name_of(claim.name)?,
            state: PersonState::Active,
            time_zone: TIME_ZONE.to_owned(),
            created_at: now,
            last_sign_in_at: None,
        };
        password::check(&claim.password, &person.name, person.email.as_str())?;
        let hash = self.passwords().hash(claim.password).await?;
        let write = self.write_guarded().await?;
        self.take(&write, secret, LinkKind::First, now).await?;
        if store::person::is_anybody(&write).await? {
            return Err(AccessError::Link);
        }
        store::person::insert(&write, &person).await?;
        store::method::set_password(&write, person.id, &hash, now).await?;
        let grant = Grant {
            id: GrantId::new(now),
            person: person.id,
            role: Role::Administrator,
            part: Part::Sector,
            from: now,
            until: None,
            given_by: None,
        };
        store::grant::insert(&write, &grant, now).await?;
        let entry = Entry::new(now, Who::Ward, "person.claim", on(person.id));
        let details = json!({ "role": grant.role.as_str(), "part": grant.part.to_string() });
        audit::append(&write, entry.with(details)).await?;
        write.commit().await?;
        Ok(person.id)
    }

    /// Uses an invitation: the account gets its name and password and can be used.
    ///
    /// Errors: as [`Self::claim`].
    pub async fn accept_invitation(
        &self,
        secret: &Secret,
        name: &str,
        password: Secret,
        now: Timestamp,
    ) -> Result<PersonId, AccessError> {
        let person = self.linked(secret, LinkKind::Invitation, PersonState::Invited, now).await?;
        let name = name_of(name)?;
        password::check(&password, &name, person.email.as_str())?;
        let hash = self.passwords().hash(password).await?;
        let write = self.write_guarded().await?;
        self.take(&write, secret, LinkKind::Invitation, now).await?;
        store::person::set_profile(&write, person.id, &name, &person.time_zone).await?;
        store::person::set_state(&write, person.id, PersonState::Active).await?;
        store::method::set_password(&write, person.id, &hash, now).await?;
        let entry = Entry::new(now, Who::Ward, "person.accept_invitation", on(person.id));
        audit::append(&write, entry).await?;
        write.commit().await?;
        Ok(person.id)
    }

    /// Uses a link for a lost password; every session of the account ends. The second factor
    /// stays.
    ///
    /// Errors: as [`Self::claim`].
    pub async fn reset_password(
        &self,
        secret: &Secret,
        password: Secret,
        now: Timestamp,
    ) -> Result<PersonId, AccessError> {
        let person = self.linked(secret, LinkKind::Reset, PersonState::Active, now).await?;
        password::check(&password, &person.name, person.email.as_str())?;
        let hash = self.passwords().hash(password).await?;
        let write = self.write_guarded().await?;
        self.take(&write, secret, LinkKind::Reset, now).await?;
        store::method::set_password(&write, person.id, &hash, now).await?;
        store::session::end_all(&write, person.id, None, now).await?;
        let entry = Entry::new(now, Who::Ward, "person.reset_password", on(person.id));
        audit::append(&write, entry).await?;
        write.commit().await?;
        Ok(person.id)
    }

    async fn open_link(
        &self,
        secret: &Secret,
        kind: LinkKind,
        now: Timestamp,
    ) -> Result<Link, AccessError> {
        let link = store::link::by_digest(self.db().read(), secret.digest(), now).await?;
        link.filter(|link| link.kind == kind).ok_or(AccessError::Link)
    }

    /// Whose link it is, when their account is in the state it is for.
    async fn linked(
        &self,
        secret: &Secret,
        kind: LinkKind,
        state: PersonState,
        now: Timestamp,
    ) -> Result<Person, AccessError> {
        let link = self.open_link(secret, kind, now).await?;
        let id = link.person.ok_or(AccessError::Link)?;
        let person = store::person::by_id(self.db().read(), id).await?;
        person.filter(|person| person.state == state).ok_or(AccessError::Link)
    }

    /// Uses the link up, in the transaction of what it allows.
    async fn take(
        &self,
        write: &Write,
        secret: &Secret,
        kind: LinkKind,
        now: Timestamp,
    ) -> Result<(), AccessError> {
        let link = store::link::by_digest(write, secret.digest(), now).await?;
        let link = link.filter(|link| link.kind == kind).ok_or(AccessError::Link)?;
        match store::link::take(write, link.id, now).await? {
            true => Ok(()),
            false => Err(AccessError::Link),
        }
    }
}

/// A new link; open ones of its kind for the same person are void.
pub(crate) async fn make_link(
    write: &Write,
    kind: LinkKind,
    person: Option<PersonId>,
    made_by: Option<PersonId>,
    now: Timestamp,
) -> Result<OneTimeLink, AccessError> {
    let link =
        OneTimeLink { secret: Secret::random(), expires_at: after(now, kind.lifetime_seconds()) };
    let (digest, expires_at) = (link.secret.digest(), link.expires_at);
    store::link::insert(write, &NewLink { kind, digest, person, made_by, expires_at }, now).await?;
    Ok(link)
}
