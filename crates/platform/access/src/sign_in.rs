//! Signing in: a password, then a code, then a session.

use db::Write;
use serde_json::json;
use terms::{PersonId, SessionId, Timestamp};

use crate::{
    audit::{self, Entry, On},
    error::AccessError,
    model::{Email, Origin, Person, PersonState, Who},
    password::Verdict,
    recovery,
    secret::Secret,
    service::{Access, SecondFactor},
    session::{Method, NewSession, Stage},
    store,
    throttle::{Subjects, Tried},
    totp,
};

/// What is given as the second factor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Factor {
    /// A code of an authenticator app.
    Totp(Secret),
    /// One of the recovery codes.
    RecoveryCode(Secret),
}

/// What follows a first factor that was right.
fn next_stage(method: Method, has_totp: bool, asked: SecondFactor) -> Stage {
    match (method.is_two_factors(), has_totp, asked) {
        (true, _, _) => Stage::Full,
        (false, true, _) => Stage::SecondFactor,
        (false, false, SecondFactor::Required) => Stage::Enrolment,
        (false, false, SecondFactor::Offered) => Stage::Full,
    }
}

impl Access {
    /// The first step: address and password.
    ///
    /// Errors: [`AccessError::Refused`] for anything wrong with them, [`AccessError::TooMany`],
    /// [`AccessError::Busy`].
    pub async fn sign_in(
        &self,
        email: &str,
        password: Secret,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<NewSession, AccessError> {
        // What is no address belongs to nobody, and takes the same way.
        let login = email.parse::<Email>().map(|email| email.login().to_owned());
        let login = login.unwrap_or_default();
        let subjects = self.subjects(Tried::Password, &login, origin.address);
        let is_known = self.reserve(&subjects, now).await?;
        let person = store::person::by_login(self.db().read(), &login).await?;
        let active = person.as_ref().filter(|person| person.state == PersonState::Active);
        let stored = match active {
            Some(person) => store::method::password(self.db().read(), person.id).await?,
            None => None,
        };
        let verdict = match self.passwords().verify(password, stored).await {
            Ok(verdict) => verdict,
            Err(busy) => {
                self.release(&subjects, is_known, now).await?;
                return Err(busy);
            }
        };
        match (verdict, active) {
            (Verdict::Wrong, _) | (_, None) => {
                self.refuse(person.as_ref(), "password", origin, now).await
            }
            (Verdict::Right, Some(person)) => {
                self.pass(person, None, &subjects, is_known, origin, now).await
            }
            (Verdict::RightAndRehashed(hash), Some(person)) => {
                self.pass(person, Some(hash), &subjects, is_known, origin, now).await
            }
        }
    }

    async fn pass(
        &self,
        person: &Person,
        rehashed: Option<String>,
        subjects: &Subjects,
        is_known: bool,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<NewSession, AccessError> {
        let write = self.db().write().await?;
        store::throttle::release(&write, &subjects.counted(is_known), now).await?;
        if let Some(hash) = rehashed {
            store::method::set_password(&write, person.id, &hash, now).await?;
        }
        let session = self.begin(&write, person, Method::Password, origin, now).await?;
        write.commit().await?;
        Ok(session)
    }

    /// The second step: a code. The session is another afterwards, with another cookie.
    ///
    /// Errors: as [`Self::sign_in`]; [`AccessError::NotSignedIn`] when no session waits for a code.
    pub async fn give_second_factor(
        &self,
        cookie: &Secret,
        factor: Factor,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<NewSession, AccessError> {
        let found = store::session::by_digest(self.db().read(), cookie.digest(), now).await?;
        let found = found.filter(|found| found.entry.stage == Stage::SecondFactor);
        let found = found.ok_or(AccessError::NotSignedIn)?;
        let person = self.active(found.person).await?.ok_or(AccessError::NotSignedIn)?;
        let subjects = self.subjects(Tried::Code, person.email.login(), origin.address);
        let is_known = self.reserve(&subjects, now).await?;
        let write = self.db().write().await?;
        let method = match self.accept(&write, person.id, &factor, now).await? {
            Some(method) => method,
            None => {
                drop(write);
                return self.refuse(Some(&person), "code", origin, now).await;
            }
        };
        if !store::session::end(&write, person.id, found.entry.id, now).await? {
            return Err(AccessError::NotSignedIn);
        }
        store::throttle::release(&write, &subjects.counted(is_known), now).await?;
        let session = self.begin(&write, &person, method, origin, now).await?;
        write.commit().await?;
        Ok(session)
    }

    /// Uses the factor up, when it is right.
    async fn accept(
        &self,
        write: &Write,
        person: PersonId,
        factor: &Factor,
        now: Timestamp,
    ) -> Result<Option<Method>, AccessError> {
        let is_right = match factor {
            Factor::RecoveryCode(code) => {
                let digest = recovery::digest(self.key(), person, code);
                store::method::use_recovery_code(write, person, digest, now).await?
            }
            Factor::Totp(code) => match store::method::totp(write, person).await? {
                None => false,
                Some(row) => {
                    let secret = self.open_totp(person, &row.sealed)?;
                    match totp::accepted_step(&secret, code, row.last, now) {
                        Some(step) => store::method::use_step(write, row.id, step).await?,
                        None => false,
                    }
                }
            },
        };
        let method = match factor {
            Factor::Totp(_) => Method::Totp,
            Factor::RecoveryCode(_) => Method::RecoveryCode,
        };
        Ok(is_right.then_some(method))
    }

    /// Begins a session for somebody whose proof was verified: the one way every sign-in ends.
    ///
    /// For ways of signing in that verify their proof themselves ([`Method`] tells how to add
    /// one); passwords and codes come here by themselves.
    /// Errors: [`AccessError::Refused`] when the account cannot be used.
    pub async fn finish(
        &self,
        person: PersonId,
        method: Method,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<NewSession, AccessError> {
        let person = self.active(person).await?.ok_or(AccessError::Refused)?;
        let write = self.db().write().await?;
        let session = self.begin(&write, &person, method, origin, now).await?;
        write.commit().await?;
        Ok(session)
    }

    pub(crate) async fn begin(
        &self,
        write: &Write,
        person: &Person,
        method: Method,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<NewSession, AccessError> {
        let has_totp = store::method::totp(write, person.id).await?.is_some();
        let stage = next_stage(method, has_totp, self.settings().second_factor);
        let session = NewSession {
            cookie: Secret::random(),
            id: SessionId::new(now),
            stage,
            expires_at: self.settings().lifetimes.expiry(stage, now),
        };
        store::session::insert(write, &session, person.id, method, origin, now).await?;
        if stage == Stage::Full {
            store::person::set_signed_in(write, person.id, now).await?;
            let login = person.email.login();
            let known = self.subjects(Tried::Password, login, origin.address).known;
            store::throttle::note(write, &known, now).await?;
        }
        let entry = Entry::new(now, Who::Person(person.id), "sign_in.pass", on(person.id));
        let details = json!({
            "method": method.as_str(),
            "stage": stage.as_str(),
            "address": origin.address.to_canonical().to_string(),
        });
        audit::append(write, entry.with(details)).await?;
        Ok(session)
    }

    /// Counts a try before it is looked at; whether the account was used from there before.
    pub(crate) async fn reserve(
        &self,
        subjects: &Subjects,
        now: Timestamp,
    ) -> Result<bool, AccessError> {
        let write = self.db().write().await?;
        let is_known = store::throttle::is_noted(&write, &subjects.known, now).await?;
        let counted = subjects.counted(is_known);
        if let Some(seconds) = store::throttle::reserve(&write, &counted, now).await? {
            tracing::info!(wait_s = seconds, "a sign-in has to wait after too many tries");
            return Err(AccessError::TooMany { retry_after_seconds: seconds });
        }
        write.commit().await?;
        Ok(is_known)
    }

    pub(crate) async fn release(
        &self,
        subjects: &Subjects,
        is_known: bool,
        now: Timestamp,
    ) -> Result<(), AccessError> {
        let write = self.db().write().await?;
        store::throttle::release(&write, &subjects.counted(is_known), now).await?;
        write.commit().await?;
        Ok(())
    }

    /// Writes down that a try failed, for an account that is not there too: the work is the same.
    /// What was typed is not written: it may be a password in the wrong field.
    pub(crate) async fn refuse<T>(
        &self,
        person: Option<&Person>,
        step: &str,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<T, AccessError> {
        let on = person.map_or_else(|| On::new("person", "unknown"), |person| on(person.id));
        let entry = Entry::new(now, Who::Ward, "sign_in.refuse", on);
        let write = self.db().write().await?;
        let address = origin.address.to_canonical().to_string();
        audit::append(&write, entry.with(json!({ "step": step, "address": address }))).await?;
        write.commit().await?;
        Err(AccessError::Refused)
    }
}

/// The person an entry is about.
pub(crate) fn on(person: PersonId) -> On {
    On::new("person", person)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_alone_is_never_enough_where_a_second_factor_is_required() {
        let required = SecondFactor::Required;
        assert_eq!(next_stage(Method::Password, true, required), Stage::SecondFactor);
        assert_eq!(next_stage(Method::Password, false, required), Stage::Enrolment);
        assert_eq!(next_stage(Method::Totp, true, required), Stage::Full);
        assert_eq!(next_stage(Method::RecoveryCode, true, required), Stage::Full);
    }

    #[test]
    fn who_set_a_second_factor_up_is_asked_for_it_even_where_it_is_only_offered() {
        let offered = SecondFactor::Offered;
        assert_eq!(next_stage(Method::Password, true, offered), Stage::SecondFactor);
        assert_eq!(next_stage(Method::Password, false, offered), Stage::Full);
    }
}
