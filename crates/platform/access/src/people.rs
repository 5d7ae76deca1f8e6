//! The administration of people: who there is, inviting, disabling, help with what was lost.
//!
//! An administrator sees people with a grant inside their part of the sector, and changes only
//! those of whom every grant lies inside: otherwise whoever administers one trust could take over
//! the account of somebody who also works for the whole sector.

use db::Write;
use serde_json::json;
use terms::{Part, PersonId, Timestamp};

use crate::{
    audit::{self, Entry},
    error::AccessError,
    first::{LinkKind, OneTimeLink, make_link},
    grant::{NewGrant, give_within, must_hold},
    model::{Caller, Email, Grant, Person, PersonState, TIME_ZONE, name_of},
    role::{Permission, Role},
    service::Access,
    sign_in::on,
    store,
};

/// Which people are asked for; what is not set does not narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeopleFilter {
    /// Part of the name or the address, in any case.
    pub search: Option<String>,
    /// In this state.
    pub state: Option<PersonState>,
    /// With such a role.
    pub holding: Option<Holding>,
}

/// A role that somebody holds, or will hold, inside what the caller may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// The role; any without.
    pub role: Option<Role>,
    /// Inside of this part; anywhere without.
    pub part: Option<Part>,
    /// Not ended by then.
    pub at: Timestamp,
}

/// Where a page of people ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonCursor {
    /// The last one's name.
    pub name: String,
    /// The last one.
    pub id: PersonId,
}

/// People by name, and where the next page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeoplePage {
    /// The people.
    pub people: Vec<Person>,
    /// None when this is the last page.
    pub next: Option<PersonCursor>,
}

/// One person as an administrator sees them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonView {
    /// The person.
    pub person: Person,
    /// Their grants that lie inside the caller's part.
    pub grants: Vec<Grant>,
    /// How many more there are elsewhere.
    pub grants_elsewhere: usize,
    /// Whether an authenticator app is set up.
    pub has_second_factor: bool,
}

/// Somebody to be invited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPerson<'a> {
    /// Where they will be reached, and the name to sign in with.
    pub email: &'a str,
    /// Their name.
    pub name: &'a str,
    /// Their first role.
    pub grant: NewGrant,
}

/// What came of an invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// Who was invited.
    pub person: PersonId,
    /// The link to pass on; none when they have an account already and just got the role.
    pub link: Option<OneTimeLink>,
}

/// Most people of one page.
pub const MOST_PEOPLE: u64 = 500;

impl Access {
    /// The people the caller may see, by name.
    pub async fn people(
        &self,
        caller: &Caller,
        filter: &PeopleFilter,
        after: Option<&PersonCursor>,
        limit: u64,
    ) -> Result<PeoplePage, AccessError> {
        let scope = caller.scope(Permission::ViewPeople);
        let limit = limit.clamp(1, MOST_PEOPLE);
        let mut people =
            store::person::list(self.db().read(), &scope, filter, after, limit + 1).await?;
        let has_more = people.len() as u64 > limit;
        people.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let cursor = |person: &Person| PersonCursor { name: person.name.clone(), id: person.id };
        let next = people.last().filter(|_| has_more).map(cursor);
        Ok(PeoplePage { people, next })
    }

    /// One of them, with what they hold. Errors: [`AccessError::Unknown`].
    pub async fn person(
        &self,
        caller: &Caller,
        id: PersonId,
        now: Timestamp,
    ) -> Result<PersonView, AccessError> {
        let on = self.db().read();
        let scope = caller.scope(Permission::ViewPeople);
        let person = store::person::one_visible(on, &scope, id).await?;
        let person = person.ok_or(AccessError::Unknown("person"))?;
        let (mut grants, mut grants_elsewhere) = (Vec::new(), 0);
        for grant in store::grant::of_person(on, id, now).await? {
            let parts = store::map::around(on, &grant.part).await?;
            match caller.may(Permission::ViewPeople, &parts) {
                true => grants.push(grant),
                false => grants_elsewhere += 1,
            }
        }
        let has_second_factor = store::method::totp(on, id).await?.is_some();
        Ok(PersonView { person, grants, grants_elsewhere, has_second_factor })
    }

    /// The caller's own account.
    pub async fn own(&self, caller: &Caller) -> Result<Person, AccessError> {
        self.active(caller.person).await?.ok_or(AccessError::NotSignedIn)
    }

    /// Invites somebody with a first role. Somebody who has an account gets the role.
    ///
    /// Errors: [`AccessError::Exceeds`], [`AccessError::Input`], [`AccessError::State`] for a
    /// disabled account.
    pub async fn invite(
        &self,
        caller: &Caller,
        new: &NewPerson<'_>,
        now: Timestamp,
    ) -> Result<Invitation, AccessError> {
        let email: Email = new.email.parse()?;
        let name = name_of(new.name)?;
        let write = self.write_guarded().await?;
        let known = store::person::by_login(&write, email.login()).await?;
        let invitation = match known {
            None => {
                let id = PersonId::new(now);
                insert_invited(&write, id, email, name, now).await?;
                let made_by = Some(caller.person);
                let link = make_link(&write, LinkKind::Invitation, Some(id), made_by, now).await?;
                record(&write, caller, "person.invite", id, now).await?;
                Invitation { person: id, link: Some(link) }
            }
            Some(person) if person.state == PersonState::Disabled => {
                return Err(AccessError::State("this account is disabled: enable it instead"));
            }
            Some(person) => Invitation { person: person.id, link: None },
        };
        give_within(&write, caller, invitation.person, &new.grant, now).await?;
        write.commit().await?;
        Ok(invitation)
    }

    /// A new link for somebody who was invited and has not come; the one before is void.
    pub async fn renew_invitation(
        &self,
        caller: &Caller,
        id: PersonId,
        now: Timestamp,
    ) -> Result<OneTimeLink, AccessError> {
        let what = ("person.renew_invitation", PersonState::Invited);
        self.link_for(caller, id, LinkKind::Invitation, what, now).await
    }

    /// A link with which somebody who forgot their password sets another.
    pub async fn reset_link(
        &self,
        caller: &Caller,
        id: PersonId,
        now: Timestamp,
    ) -> Result<OneTimeLink, AccessError> {
        let what = ("person.reset_link", PersonState::Active);
        self.link_for(caller, id, LinkKind::Reset, what, now).await
    }

    async fn link_for(
        &self,
        caller: &Caller,
        id: PersonId,
        kind: LinkKind,
        (what, state): (&'static str, PersonState),
        now: Timestamp,
    ) -> Result<OneTimeLink, AccessError> {
        self.must_be_fresh_for(caller, id, now)?;
        let write = self.write_guarded().await?;
        let person = self.administered(&write, caller, id, now).await?;
        if person.state != state {
            return Err(AccessError::State("the account is in another state"));
        }
        let link = make_link(&write, kind, Some(id), Some(caller.person), now).await?;
        record(&write, caller, what, id, now).await?;
        write.commit().await?;
        Ok(link)
    }

    /// Takes the second factor and the recovery codes of somebody who lost both, and ends their
    /// sessions; the next sign-in sets up another. Be sure who asks.
    pub async fn reset_second_factor(
        &self,
        caller: &Caller,
        id: PersonId,
        now: Timestamp,
    ) -> Result<(), AccessError> {
        self.must_be_fresh_for(caller, id, now)?;
        let write = self.write_guarded().await?;
        self.administered(&write, caller, id, now).await?;
        store::method::remove_second_factor(&write, id).await?;
        store::session::end_all(&write, id, None, now).await?;
        record(&write, caller, "person.reset_second_factor", id, now).await?;
        write.commit().await?;
        Ok(())
    }

    /// The account can no longer be used: sessions end, links and invitations are void, API
    /// tokens stop.
    ///
    /// Errors: [`AccessError::LastAdministrator`], [`AccessError::Exceeds`],
    /// [`AccessError::Unknown`].
    pub async fn disable(
        &self,
        caller: &Caller,
        id: PersonId,
        now: Timestamp,
    ) -> Result<(), AccessError> {
        let write = self.write_guarded().await?;
        let person = self.administered(&write, caller, id, now).await?;
        if person.state == PersonState::Disabled {
            return Err(AccessError::State("the account is disabled already"));
        }
        if !store::grant::is_administered_without_person(&write, id, now).await? {
            return Err(AccessError::LastAdministrator);
        }
        store::person::set_state(&write, id, PersonState::Disabled).await?;
        store::session::end_all(&write, id, None, now).await?;
        store::link::void_all(&write, id, now).await?;
        record(&write, caller, "person.disable", id, now).await?;
        write.commit().await?;
        Ok(())
    }

    /// The account can be used again: as before when it has a password, else as invited, with
    /// [`Self::renew_invitation`] as the next step.
    pub async fn enable(
        &self,
        caller: &Caller,
        id: PersonId,
        now: Timestamp,
    ) -> Result<PersonState, AccessError> {
        let write = self.write_guarded().await?;
        let person = self.administered(&write, caller, id, now).await?;
        if person.state != PersonState::Disabled {
            return Err(AccessError::State("the account is not disabled"));
        }
        let state = match store::method::password(&write, id).await? {
            Some(_) => PersonState::Active,
            None => PersonState::Invited,
        };
        store::person::set_state(&write, id, state).await?;
        record(&write, caller, "person.enable", id, now).await?;
        write.commit().await?;
        Ok(state)
    }

    /// The caller's own name and time zone (an IANA name, as `Europe/London`).
    pub async fn set_profile(
        &self,
        caller: &Caller,
        name: &str,
        time_zone: &str,
        now: Timestamp,
    ) -> Result<(), AccessError> {
        let name = name_of(name)?;
        if jiff::tz::TimeZone::get(time_zone).is_err() {
            let why = "choose a time zone by its IANA name, as Europe/London";
            return Err(AccessError::Input { field: "time_zone", why });
        }
        let write = self.db().write().await?;
        store::person::set_profile(&write, caller.person, &name, time_zone).await?;
        record(&write, caller, "person.set_profile", caller.person, now).await?;
        write.commit().await?;
        Ok(())
    }

    /// For one's own account a session that was left open, or a token, must not be enough to take
    /// it over for good.
    fn must_be_fresh_for(
        &self,
        caller: &Caller,
        id: PersonId,
        now: Timestamp,
    ) -> Result<(), AccessError> {
        if id == caller.person { self.must_be_fresh(caller, now) } else { Ok(()) }
    }

    /// The person, when the caller may see them under this permission.
    pub(crate) async fn visible(
        &self,
        write: &Write,
        caller: &Caller,
        permission: Permission,
        id: PersonId,
    ) -> Result<Person, AccessError> {
        let scope = caller.scope(permission);
        let person = store::person::one_visible(write, &scope, id).await?;
        person.ok_or(AccessError::Unknown("person"))
    }

    /// The person, when the caller holds all that they hold, now or later.
    pub(crate) async fn administered(
        &self,
        write: &Write,
        caller: &Caller,
        id: PersonId,
        now: Timestamp,
    ) -> Result<Person, AccessError> {
        let person = self.visible(write, caller, Permission::ManagePeople, id).await?;
        for grant in store::grant::of_person(write, id, now).await? {
            must_hold(write, caller, &grant).await?;
        }
        Ok(person)
    }
}

async fn insert_invited(
    write: &Write,
    id: PersonId,
    email: Email,
    name: String,
    now: Timestamp,
) -> Result<(), AccessError> {
    let person = Person {
        id,
        email,
        name,
        state: PersonState::Invited,
        time_zone: TIME_ZONE.to_owned(),
        created_at: now,
        last_sign_in_at: None,
    };
    Ok(store::person::insert(write, &person).await?)
}

pub(crate) async fn record(
    write: &Write,
    caller: &Caller,
    what: &'static str,
    person: PersonId,
    now: Timestamp,
) -> Result<(), AccessError> {
    let entry = Entry::new(now, caller.who(), what, on(person));
    audit::append(write, entry.with(json!({ "by": caller.person.to_string() }))).await?;
    Ok(())
}
