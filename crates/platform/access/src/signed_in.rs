//! Being signed in: who stands behind a cookie, one's own sessions and password, signing out.

use serde_json::json;
use terms::{PersonId, SessionId, Timestamp};

use crate::{
    audit::{self, Entry, On},
    error::AccessError,
    model::{Caller, Origin, Via, Who},
    password::{self, Verdict},
    secret::Secret,
    service::Access,
    session::{SessionEntry, Stage, Visitor, after},
    sign_in::on,
    store,
    throttle::Tried,
};

/// A session's `seen_at` is written at most this often.
const TOUCHED_SECONDS: i64 = 60;

impl Access {
    /// Who stands behind a cookie. Errors: [`AccessError::NotSignedIn`].
    pub async fn visitor(&self, cookie: &Secret, now: Timestamp) -> Result<Visitor, AccessError> {
        let found = store::session::by_digest(self.db().read(), cookie.digest(), now).await?;
        let found = found.ok_or(AccessError::NotSignedIn)?;
        let session = found.entry;
        if self.settings().lifetimes.is_idle(session.seen_at, now) {
            return Err(AccessError::NotSignedIn);
        }
        let person = self.active(found.person).await?.ok_or(AccessError::NotSignedIn)?;
        if session.stage != Stage::Full {
            let (session, stage) = (session.id, session.stage);
            return Ok(Visitor::Pending { session, person: person.id, stage });
        }
        if after(session.seen_at, TOUCHED_SECONDS) <= now {
            self.touch(session.id, now).await;
        }
        let via = Via::Session { id: session.id, since: session.started_at };
        Ok(Visitor::Full(self.caller(person, via, now).await?))
    }

    /// A page must not fail because a clock could not be written.
    async fn touch(&self, id: SessionId, now: Timestamp) {
        let touched = async {
            let write = self.db().write().await?;
            store::session::touch(&write, id, now).await?;
            write.commit().await?;
            Ok::<_, AccessError>(())
        };
        if let Err(error) = touched.await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "a session's use is not noted"
            );
        }
    }

    /// Ends the session of a cookie; nothing happens when it is over.
    pub async fn sign_out(&self, cookie: &Secret, now: Timestamp) -> Result<(), AccessError> {
        let found = store::session::by_digest(self.db().read(), cookie.digest(), now).await?;
        match found {
            Some(found) => self.end(found.person, found.entry.id, now).await.map(drop),
            None => Ok(()),
        }
    }

    /// Ends every session of the caller, this one too; how many.
    pub async fn sign_out_everywhere(
        &self,
        caller: &Caller,
        now: Timestamp,
    ) -> Result<u64, AccessError> {
        let write = self.db().write().await?;
        let count = store::session::end_all(&write, caller.person, None, now).await?;
        let entry = Entry::new(now, caller.who(), "sign_out.everywhere", on(caller.person));
        audit::append(&write, entry.with(json!({ "sessions": count }))).await?;
        write.commit().await?;
        Ok(count)
    }

    /// The caller's own sessions, newest first.
    pub async fn sessions(
        &self,
        caller: &Caller,
        now: Timestamp,
    ) -> Result<Vec<SessionEntry>, AccessError> {
        let mut sessions = store::session::of_person(self.db().read(), caller.person, now).await?;
        let lifetimes = self.settings().lifetimes;
        sessions.retain(|session| !lifetimes.is_idle(session.seen_at, now));
        Ok(sessions)
    }

    /// Ends one of the caller's own sessions. Errors: [`AccessError::Unknown`].
    pub async fn end_session(
        &self,
        caller: &Caller,
        id: SessionId,
        now: Timestamp,
    ) -> Result<(), AccessError> {
        match self.end(caller.person, id, now).await? {
            true => Ok(()),
            false => Err(AccessError::Unknown("session")),
        }
    }

    async fn end(
        &self,
        person: PersonId,
        id: SessionId,
        now: Timestamp,
    ) -> Result<bool, AccessError> {
        let write = self.db().write().await?;
        let has_ended = store::session::end(&write, person, id, now).await?;
        if has_ended {
            let entry = Entry::new(now, Who::Person(person), "sign_out", On::new("session", id));
            audit::append(&write, entry).await?;
            write.commit().await?;
        }
        Ok(has_ended)
    }

    /// Another password, after the present one; all other sessions end.
    ///
    /// Errors: [`AccessError::Refused`] for a wrong one, [`AccessError::Password`] for a weak one.
    pub async fn change_password(
        &self,
        caller: &Caller,
        present: Secret,
        new: Secret,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<(), AccessError> {
        let session = caller.session().ok_or(AccessError::SignInAgain)?;
        let person = self.active(caller.person).await?.ok_or(AccessError::NotSignedIn)?;
        password::check(&new, &person.name, person.email.as_str())?;
        let subjects = self.subjects(Tried::Password, person.email.login(), origin.address);
        let is_known = self.reserve(&subjects, now).await?;
        let stored = store::method::password(self.db().read(), person.id).await?;
        if self.passwords().verify(present, stored).await? == Verdict::Wrong {
            return self.refuse(Some(&person), "password", origin, now).await;
        }
        let hash = self.passwords().hash(new).await?;
        let write = self.db().write().await?;
        store::throttle::release(&write, &subjects.counted(is_known), now).await?;
        store::method::set_password(&write, person.id, &hash, now).await?;
        store::session::end_all(&write, person.id, Some(session), now).await?;
        let entry = Entry::new(now, caller.who(), "person.change_password", on(person.id));
        audit::append(&write, entry).await?;
        write.commit().await?;
        Ok(())
    }
}
