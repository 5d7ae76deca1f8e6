//! Setting a second factor up, and the codes for when it is lost.
//!
//! A secret counts only after a first right code: nobody is kept out by a picture that was never
//! scanned.

use serde_json::json;
use terms::{PersonId, Timestamp};

use crate::{
    audit::{self, Entry},
    error::AccessError,
    model::{Caller, Origin, Person, Who},
    recovery,
    secret::Secret,
    service::Access,
    session::{Method, NewSession, Stage},
    sign_in::on,
    store,
    throttle::Tried,
    totp::{self, Enrolment},
};

/// A second factor that counts from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolled {
    /// The session afterwards: all others ended.
    pub session: NewSession,
    /// Shown this once.
    pub recovery_codes: Vec<Secret>,
}

impl Access {
    /// A new secret for an authenticator app, to be confirmed; an earlier one keeps counting.
    ///
    /// Errors: [`AccessError::NotSignedIn`]; [`AccessError::SignInAgain`] when a full session is
    /// no longer fresh.
    pub async fn begin_totp(
        &self,
        cookie: &Secret,
        now: Timestamp,
    ) -> Result<Enrolment, AccessError> {
        let person = self.enrolling(cookie, now).await?;
        let secret = totp::new_secret();
        let sealed = self.key().seal(&context(person.id), &secret);
        let write = self.db().write().await?;
        store::method::set_pending_totp(&write, person.id, sealed, now).await?;
        write.commit().await?;
        Ok(Enrolment::of(&secret, &self.settings().issuer, person.email.as_str()))
    }

    /// The secret that was begun and still waits for its first code: to show it once more after a
    /// code that was mistyped. Errors: as [`Self::begin_totp`].
    pub async fn begun_totp(
        &self,
        cookie: &Secret,
        now: Timestamp,
    ) -> Result<Option<Enrolment>, AccessError> {
        let person = self.enrolling(cookie, now).await?;
        let pending = store::method::pending_totp(self.db().read(), person.id).await?;
        let Some(pending) = pending else { return Ok(None) };
        let secret = self.open_totp(person.id, &pending.sealed)?;
        Ok(Some(Enrolment::of(&secret, &self.settings().issuer, person.email.as_str())))
    }

    /// The first code: from now on the secret counts, and no earlier one.
    ///
    /// Errors: as [`Self::begin_totp`]; [`AccessError::Refused`] for a wrong code.
    pub async fn confirm_totp(
        &self,
        cookie: &Secret,
        code: &Secret,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<Enrolled, AccessError> {
        let person = self.enrolling(cookie, now).await?;
        let subjects = self.subjects(Tried::Code, person.email.login(), origin.address);
        let is_known = self.reserve(&subjects, now).await?;
        let pending = store::method::pending_totp(self.db().read(), person.id).await?;
        let pending = pending.ok_or(AccessError::State("begin with setting the app up"))?;
        let secret = self.open_totp(person.id, &pending.sealed)?;
        let Some(step) = totp::accepted_step(&secret, code, None, now) else {
            return self.refuse(Some(&person), "enrolment", origin, now).await;
        };
        let codes = recovery::new_codes();
        let digests = codes.iter().map(|code| recovery::digest(self.key(), person.id, code));
        let write = self.db().write().await?;
        store::throttle::release(&write, &subjects.counted(is_known), now).await?;
        if !store::method::confirm_totp(&write, person.id, pending.id, step, now).await? {
            return Err(AccessError::State("the app was set up meanwhile"));
        }
        store::method::set_recovery_codes(&write, person.id, digests, now).await?;
        store::session::end_all(&write, person.id, None, now).await?;
        let session = self.begin(&write, &person, Method::Totp, origin, now).await?;
        let entry = Entry::new(now, Who::Person(person.id), "person.enrol_totp", on(person.id));
        audit::append(&write, entry).await?;
        write.commit().await?;
        Ok(Enrolled { session, recovery_codes: codes })
    }

    /// Whose session may set a second factor up: one that waits for that, or a fresh full one.
    async fn enrolling(&self, cookie: &Secret, now: Timestamp) -> Result<Person, AccessError> {
        let found = store::session::by_digest(self.db().read(), cookie.digest(), now).await?;
        let found = found.ok_or(AccessError::NotSignedIn)?;
        let person = self.active(found.person).await?.ok_or(AccessError::NotSignedIn)?;
        match found.entry.stage {
            Stage::Enrolment => Ok(person),
            Stage::SecondFactor => Err(AccessError::NotSignedIn),
            Stage::Full if self.settings().lifetimes.is_fresh(found.entry.started_at, now) => {
                Ok(person)
            }
            Stage::Full => Err(AccessError::SignInAgain),
        }
    }

    /// Ten new recovery codes instead of all before, shown this once.
    ///
    /// Errors: [`AccessError::SignInAgain`] when the session is not fresh.
    pub async fn renew_recovery_codes(
        &self,
        caller: &Caller,
        now: Timestamp,
    ) -> Result<Vec<Secret>, AccessError> {
        self.must_be_fresh(caller, now)?;
        let person = caller.person;
        let codes = recovery::new_codes();
        let digests = codes.iter().map(|code| recovery::digest(self.key(), person, code));
        let write = self.db().write().await?;
        if store::method::totp(&write, person).await?.is_none() {
            return Err(AccessError::State("set up an authenticator app first"));
        }
        store::method::set_recovery_codes(&write, person, digests, now).await?;
        let entry = Entry::new(now, caller.who(), "person.renew_recovery_codes", on(person));
        audit::append(&write, entry.with(json!({ "codes": codes.len() }))).await?;
        write.commit().await?;
        Ok(codes)
    }

    /// Whether the caller has set an authenticator app up.
    pub async fn has_second_factor(&self, caller: &Caller) -> Result<bool, AccessError> {
        Ok(store::method::totp(self.db().read(), caller.person).await?.is_some())
    }

    /// How many of the caller's recovery codes are left.
    pub async fn recovery_codes_left(&self, caller: &Caller) -> Result<u64, AccessError> {
        Ok(store::method::recovery_codes_left(self.db().read(), caller.person).await?)
    }

    pub(crate) fn open_totp(
        &self,
        person: PersonId,
        sealed: &[u8],
    ) -> Result<Vec<u8>, AccessError> {
        self.key().open(&context(person), sealed).map_err(|_| AccessError::Key)
    }
}

/// A sealed secret opens for its owner's row only.
fn context(person: PersonId) -> Vec<u8> {
    [b"totp".as_slice(), person.0.as_bytes()].concat()
}
