//! The handle: the database, the server's key, what was decided about sessions, and what is
//! remembered of tokens. The operations stand in the files of what they do.

use std::{net::IpAddr, sync::Arc};

use db::{Db, Write};
use terms::{Part, PersonId, SessionId, Timestamp};

use crate::{
    csrf,
    error::AccessError,
    key::ServerKey,
    model::{Caller, Held, Person, PersonState, Via},
    password::{PasswordCost, Passwords},
    secret::Secret,
    session::Lifetimes,
    store,
    throttle::{Subjects, Tried},
    token_memory::TokenMemory,
};

/// Whether people need a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum SecondFactor {
    /// Everybody; whoever has none sets it up at the first sign-in.
    #[default]
    Required,
    /// Who set it up is asked for it.
    Offered,
}

/// What an installation decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How long sessions last.
    pub lifetimes: Lifetimes,
    /// Whether people need a second factor.
    pub second_factor: SecondFactor,
    /// What authenticator apps call this installation.
    pub issuer: String,
    /// What hashing a password costs.
    pub password_cost: PasswordCost,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            lifetimes: Lifetimes::default(),
            second_factor: SecondFactor::default(),
            issuer: "Ward".to_owned(),
            password_cost: PasswordCost::OWASP,
        }
    }
}

struct Inner {
    db: Db,
    key: ServerKey,
    settings: Settings,
    passwords: Passwords,
    tokens: TokenMemory,
}

/// Accounts, sessions, tokens, grants. Clones share one.
#[derive(Clone)]
pub struct Access(Arc<Inner>);

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Access({:?})", self.0.db)
    }
}

/// How long ended sessions and used links are kept.
const KEPT_SECONDS: i64 = 90 * 24 * 3600;

impl Access {
    /// Opens with the key that belongs to the database; the first one it is opened with does.
    ///
    /// Errors: [`AccessError::Key`] for another key, [`AccessError::Db`].
    pub async fn open(db: Db, key: ServerKey, settings: Settings) -> Result<Self, AccessError> {
        let check = key.sign("check", b"the key of this database");
        let write = db.write().await?;
        let noted = store::version::key_check(&write, &check).await?;
        write.commit().await?;
        if noted.as_deref() != Some(check.as_slice()) {
            return Err(AccessError::Key);
        }
        let cost = settings.password_cost;
        // Hashing takes a while even once.
        let passwords = tokio::task::spawn_blocking(move || Passwords::new(cost))
            .await
            .expect("hashing does not panic and is never aborted");
        let tokens = TokenMemory::default();
        Ok(Self(Arc::new(Inner { db, key, settings, passwords, tokens })))
    }

    /// A mark for the forms of a session: see [`csrf`].
    pub fn csrf_token(&self, session: SessionId) -> Secret {
        csrf::token(self.key(), session)
    }

    /// Whether a form's mark belongs to the session.
    pub fn is_csrf_token(&self, session: SessionId, token: &Secret) -> bool {
        csrf::is_token(self.key(), session, token)
    }

    /// The parts of the sector in which `part` lies wholly, itself first: for [`Caller::may`].
    ///
    /// An organisation lies in its groups, its ICB's area and its region; an ICB's area in a
    /// region when all its organisations do; a group where all its members lie.
    pub async fn parts_around(&self, part: &Part) -> Result<Vec<Part>, AccessError> {
        Ok(store::map::around(self.db().read(), part).await?)
    }

    /// Deletes what counts no more: forgotten failures, sessions and links that ended 90 days
    /// ago. For a task that runs once an hour or so; how many rows.
    pub async fn prune(&self, now: Timestamp) -> Result<u64, AccessError> {
        let write = self.db().write().await?;
        let rows = store::throttle::prune(&write, now).await?
            + store::session::prune(&write, KEPT_SECONDS, now).await?
            + store::link::prune(&write, KEPT_SECONDS, now).await?;
        write.commit().await?;
        Ok(rows)
    }

    pub(crate) fn db(&self) -> &Db {
        &self.0.db
    }

    pub(crate) fn key(&self) -> &ServerKey {
        &self.0.key
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub(crate) fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }

    pub(crate) fn memory(&self) -> &TokenMemory {
        &self.0.tokens
    }

    /// The subjects under which tries are counted.
    pub(crate) fn subjects(&self, tried: Tried, login: &str, address: IpAddr) -> Subjects {
        Subjects::of(self.key(), tried, login, address)
    }

    /// Begins a transaction in which nobody else changes who may do what, and after which every
    /// node forgets what it remembers of tokens.
    pub(crate) async fn write_guarded(&self) -> Result<Write, AccessError> {
        let write = self.db().write().await?;
        store::version::raise(&write).await?;
        Ok(write)
    }

    /// The person, when their account can be used.
    pub(crate) async fn active(&self, id: PersonId) -> Result<Option<Person>, AccessError> {
        let person = store::person::by_id(self.db().read(), id).await?;
        Ok(person.filter(|person| person.state == PersonState::Active))
    }

    /// The caller a person is at `now`.
    pub(crate) async fn caller(
        &self,
        person: Person,
        via: Via,
        now: Timestamp,
    ) -> Result<Caller, AccessError> {
        let grants = store::grant::of_person(self.db().read(), person.id, now).await?;
        let held = grants.iter().filter(|grant| grant.holds_at(now)).map(Held::from).collect();
        let Person { id, name, time_zone, .. } = person;
        Ok(Caller { person: id, name, time_zone, via, held })
    }

    /// Whether the caller signed in a short while ago, in a browser.
    pub(crate) fn must_be_fresh(&self, caller: &Caller, now: Timestamp) -> Result<(), AccessError> {
        match caller.via {
            Via::Session { since, .. } if self.settings().lifetimes.is_fresh(since, now) => Ok(()),
            _ => Err(AccessError::SignInAgain),
        }
    }
}
