//! Tokens of programs: making and revoking them, and recognising who presents one.

use db::Write;
use serde_json::json;
use terms::{OdsCode, Part, PersonId, Timestamp, TokenId};

use crate::{
    audit::{self, Entry, On},
    error::AccessError,
    model::{Caller, Held, Sender, Via, Who, name_of},
    role::Permission,
    service::Access,
    session::after,
    store,
    token::{self, NewToken, PresentedToken, TokenKind},
    token_memory::{self, Found, Remembered},
};

/// What a token is for, in full.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenUse {
    /// To send telemetry.
    Ingest {
        /// Of this organisation.
        organisation: OdsCode,
    },
    /// To ask and act for a person, as far as they may themselves at that moment.
    Api {
        /// For whom.
        person: PersonId,
        /// Where.
        part: Part,
        /// What.
        permissions: Vec<Permission>,
    },
}

impl TokenUse {
    /// The kind.
    pub fn kind(&self) -> TokenKind {
        match self {
            Self::Ingest { .. } => TokenKind::Ingest,
            Self::Api { .. } => TokenKind::Api,
        }
    }
}

/// A token in a list: everything but itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenEntry {
    /// Which.
    pub id: TokenId,
    /// What for.
    pub what: TokenUse,
    /// What people call it.
    pub name: String,
    /// Who made it; nobody when it was made on the command line.
    pub made_by: Option<PersonId>,
    /// When.
    pub made_at: Timestamp,
    /// Until when it can be used.
    pub expires_at: Timestamp,
    /// When it was last used, to a minute.
    pub last_used_at: Option<Timestamp>,
    /// Since when it can no longer be used.
    pub revoked_at: Option<Timestamp>,
}

/// An API token to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewApiToken<'a> {
    /// What to call it.
    pub name: &'a str,
    /// Where it may be used.
    pub part: Part,
    /// For what.
    pub permissions: Vec<Permission>,
    /// Until when; a year without.
    pub expires_at: Option<Timestamp>,
}

/// How long a token can be used when nothing else is said: a year.
pub const LIFETIME_SECONDS: i64 = 365 * 24 * 3600;

/// Most tokens of one page.
pub const MOST_TOKENS: u64 = 500;

/// How long what was found is taken for true without a change: an end of a grant is no change.
const INGEST_KEPT_SECONDS: i64 = 300;
const API_KEPT_SECONDS: i64 = 10;

impl Access {
    /// A token with which telemetry of `organisation` is sent. Whether that stands on the map the
    /// caller of this has looked up.
    ///
    /// Errors: [`AccessError::Forbidden`], [`AccessError::Input`].
    pub async fn create_ingest_token(
        &self,
        caller: &Caller,
        organisation: OdsCode,
        name: &str,
        expires_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<NewToken, AccessError> {
        let parts = self.parts_around(&Part::Organisation(organisation.clone())).await?;
        caller.must(Permission::ManageTokens, &parts)?;
        let what = TokenUse::Ingest { organisation };
        self.make(caller.who(), Some(caller.person), what, name, expires_at, now).await
    }

    /// The same on the command line: whoever can run that holds database and key anyway.
    pub async fn issue_ingest_token(
        &self,
        organisation: OdsCode,
        name: &str,
        expires_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<NewToken, AccessError> {
        let what = TokenUse::Ingest { organisation };
        self.make(Who::Ward, None, what, name, expires_at, now).await
    }

    /// A token with which a program asks and acts for the caller, with no more than they hold.
    ///
    /// Errors: [`AccessError::Forbidden`], [`AccessError::Exceeds`], [`AccessError::Input`]; a
    /// token makes no tokens.
    pub async fn create_api_token(
        &self,
        caller: &Caller,
        new: &NewApiToken<'_>,
        now: Timestamp,
    ) -> Result<NewToken, AccessError> {
        if caller.session().is_none() {
            return Err(AccessError::SignInAgain);
        }
        let parts = self.parts_around(&new.part).await?;
        caller.must(Permission::UseApi, &parts)?;
        let mut permissions = new.permissions.clone();
        permissions.sort_unstable();
        permissions.dedup();
        if let Some(lacking) = permissions.iter().find(|one| !caller.may(**one, &parts)) {
            return Err(AccessError::Exceeds(*lacking));
        }
        if permissions.is_empty() {
            return Err(AccessError::Input { field: "permissions", why: "choose at least one" });
        }
        let what = TokenUse::Api { person: caller.person, part: new.part.clone(), permissions };
        let (who, by) = (caller.who(), Some(caller.person));
        self.make(who, by, what, new.name, new.expires_at, now).await
    }

    async fn make(
        &self,
        who: Who,
        made_by: Option<PersonId>,
        what: TokenUse,
        name: &str,
        expires_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<NewToken, AccessError> {
        let expires_at = expires_at.unwrap_or_else(|| after(now, LIFETIME_SECONDS));
        if expires_at <= now {
            return Err(AccessError::Input { field: "expires_at", why: "choose a later time" });
        }
        let token = NewToken::draw(what.kind(), TokenId::new(now));
        let entry = TokenEntry {
            id: token.id,
            what,
            name: name_of(name)?,
            made_by,
            made_at: now,
            expires_at,
            last_used_at: None,
            revoked_at: None,
        };
        let write = self.db().write().await?;
        store::token::insert(&write, &entry, token.text.digest()).await?;
        record(&write, who, "token.create", &entry, now).await?;
        write.commit().await?;
        Ok(token)
    }

    /// Ingest tokens of the organisations whose tokens the caller manages, newest first, after
    /// the last one of the page before.
    pub async fn ingest_tokens(
        &self,
        caller: &Caller,
        after: Option<TokenId>,
        limit: u64,
    ) -> Result<Vec<TokenEntry>, AccessError> {
        let scope = caller.scope(Permission::ManageTokens);
        let limit = limit.clamp(1, MOST_TOKENS);
        Ok(store::token::of_scope(self.db().read(), &scope, after, limit).await?)
    }

    /// The caller's own API tokens, newest first.
    pub async fn api_tokens(
        &self,
        caller: &Caller,
        after: Option<TokenId>,
        limit: u64,
    ) -> Result<Vec<TokenEntry>, AccessError> {
        let limit = limit.clamp(1, MOST_TOKENS);
        Ok(store::token::of_person(self.db().read(), caller.person, after, limit).await?)
    }

    /// API tokens of somebody the caller may see, newest first. Errors: [`AccessError::Unknown`].
    pub async fn api_tokens_of(
        &self,
        caller: &Caller,
        person: PersonId,
        after: Option<TokenId>,
        limit: u64,
    ) -> Result<Vec<TokenEntry>, AccessError> {
        let on = self.db().read();
        let scope = caller.scope(Permission::ViewPeople);
        let person = store::person::one_visible(on, &scope, person).await?;
        let person = person.ok_or(AccessError::Unknown("person"))?;
        let limit = limit.clamp(1, MOST_TOKENS);
        Ok(store::token::of_person(on, person.id, after, limit).await?)
    }

    /// Revokes a token: an ingest token where the caller manages tokens, an API token of their
    /// own or of somebody they administer. It stops within a second, on every node.
    ///
    /// Errors: [`AccessError::Unknown`].
    pub async fn revoke_token(
        &self,
        caller: &Caller,
        id: TokenId,
        now: Timestamp,
    ) -> Result<(), AccessError> {
        let unknown = || AccessError::Unknown("token");
        let write = self.write_guarded().await?;
        let token = store::token::by_id(&write, id).await?.ok_or_else(unknown)?;
        let is_theirs = match &token.what {
            TokenUse::Ingest { organisation } => {
                let part = Part::Organisation(organisation.clone());
                let parts = store::map::around(&write, &part).await?;
                caller.may(Permission::ManageTokens, &parts)
            }
            TokenUse::Api { person, .. } if *person == caller.person => true,
            TokenUse::Api { person, .. } => {
                match self.administered(&write, caller, *person, now).await {
                    Ok(_) => true,
                    Err(AccessError::Db(error)) => return Err(error.into()),
                    Err(_) => false,
                }
            }
        };
        if !is_theirs || !store::token::revoke(&write, id, caller.person, now).await? {
            return Err(unknown());
        }
        record(&write, caller.who(), "token.revoke", &token, now).await?;
        write.commit().await?;
        Ok(())
    }

    /// Who sends: from the value of an `Authorization` header ([`token::of_header`]).
    ///
    /// Errors: [`AccessError::Token`], [`AccessError::Db`].
    pub async fn authenticate_sender(
        &self,
        header_value: &str,
        now: Timestamp,
    ) -> Result<Sender, AccessError> {
        match self.authenticate(header_value, TokenKind::Ingest, now).await? {
            Found::Sender(sender) => Ok(sender),
            Found::Caller(_) => Err(AccessError::Token),
        }
    }

    /// Who asks with an API token: the person, with what the token allows and they still hold.
    ///
    /// Errors: [`AccessError::Token`], [`AccessError::Db`].
    pub async fn authenticate_program(
        &self,
        header_value: &str,
        now: Timestamp,
    ) -> Result<Caller, AccessError> {
        match self.authenticate(header_value, TokenKind::Api, now).await? {
            Found::Caller(caller) => Ok(caller),
            Found::Sender(_) => Err(AccessError::Token),
        }
    }

    async fn authenticate(
        &self,
        header_value: &str,
        kind: TokenKind,
        now: Timestamp,
    ) -> Result<Found, AccessError> {
        let presented = token::of_header(header_value).filter(|token| token.kind == kind);
        let presented = presented.ok_or(AccessError::Token)?;
        let version = self.current_version(now).await?;
        if let Some(known) = self.memory().recall(presented.digest, now) {
            if known.is_touch_due {
                self.touch_token(presented.id, now).await;
            }
            return Ok(known.found);
        }
        let remembered = self.look_up(&presented, now).await?;
        let found = remembered.found.clone();
        self.memory().remember(version, presented.digest, remembered);
        self.touch_token(presented.id, now).await;
        Ok(found)
    }

    /// The version, read again when that was long ago; what is remembered from before another is
    /// forgotten.
    async fn current_version(&self, now: Timestamp) -> Result<i64, AccessError> {
        if let Some(version) = self.memory().fresh_version(now) {
            return Ok(version);
        }
        let version = store::version::current(self.db().read()).await?;
        self.memory().set_version(version, now);
        Ok(version)
    }

    async fn look_up(
        &self,
        presented: &PresentedToken,
        now: Timestamp,
    ) -> Result<Remembered, AccessError> {
        let token = store::token::by_digest(self.db().read(), presented.digest).await?;
        let token = token
            .filter(|token| token.id == presented.id && token.what.kind() == presented.kind)
            .filter(|token| now < token.expires_at)
            .ok_or(AccessError::Token)?;
        let (found, kept_seconds) = match token.what {
            TokenUse::Ingest { organisation } => {
                let sender = Sender { token: token.id, organisation, name: token.name };
                (Found::Sender(sender), INGEST_KEPT_SECONDS)
            }
            TokenUse::Api { person, part, permissions } => {
                let until = token.expires_at;
                let caller = self.program(token.id, person, part, permissions, until, now).await?;
                (Found::Caller(caller), API_KEPT_SECONDS)
            }
        };
        let until = token.expires_at.min(after(now, kept_seconds));
        Ok(Remembered { found, from: now, until, touched_at: now })
    }

    /// The caller behind an API token: what it allows, as far as its owner holds it now.
    async fn program(
        &self,
        token: TokenId,
        person: PersonId,
        part: Part,
        permissions: Vec<Permission>,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Caller, AccessError> {
        let person = self.active(person).await?.ok_or(AccessError::Token)?;
        let owner = self.caller(person, Via::Token(token), now).await?;
        let parts = self.parts_around(&part).await?;
        if !owner.may(Permission::UseApi, &parts) {
            return Err(AccessError::Token);
        }
        let held = permissions.into_iter().filter_map(|permission| {
            let until = held_until(&owner, permission, &parts)?.map_or(until, |own| own.min(until));
            Some(Held { permissions: vec![permission], part: part.clone(), until: Some(until) })
        });
        let held = held.collect();
        Ok(Caller { held, ..owner })
    }

    /// Telemetry must not be refused because a clock could not be written.
    async fn touch_token(&self, id: TokenId, now: Timestamp) {
        let touched = async {
            let write = self.db().write().await?;
            store::token::touch(&write, id, token_memory::TOUCHED_SECONDS, now).await?;
            write.commit().await?;
            Ok::<_, AccessError>(())
        };
        if let Err(error) = touched.await {
            tracing::warn!(error = &error as &dyn std::error::Error, "a token's use is not noted");
        }
    }
}

/// Until when the owner holds the permission there (none: without end); none when they do not.
fn held_until(owner: &Caller, permission: Permission, parts: &[Part]) -> Option<Option<Timestamp>> {
    let ends = owner.held.iter().filter(|held| {
        held.permissions.contains(&permission)
            && (held.part == Part::Sector || parts.contains(&held.part))
    });
    // Without end is later than any end.
    ends.map(|held| held.until).max_by_key(|until| until.map_or((1, None), |end| (0, Some(end))))
}

async fn record(
    write: &Write,
    who: Who,
    what: &'static str,
    token: &TokenEntry,
    now: Timestamp,
) -> Result<(), AccessError> {
    let entry = Entry::new(now, who, what, On::new("token", token.id));
    let entry = match &token.what {
        TokenUse::Ingest { organisation } => {
            entry.with(json!({ "kind": "ingest", "name": token.name })).of(organisation.clone())
        }
        TokenUse::Api { person, part, permissions } => {
            let permissions: Vec<&str> = permissions.iter().map(|one| one.as_str()).collect();
            entry.with(json!({
                "kind": "api",
                "name": token.name,
                "person": person.to_string(),
                "part": part.to_string(),
                "permissions": permissions,
            }))
        }
    };
    audit::append(write, entry).await?;
    Ok(())
}
