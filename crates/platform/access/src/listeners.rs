//! Listeners as senders: what takes telemetry without a token of its own (syslog) has an entry
//! among the tokens all the same, so that it is named, seen and revoked like any other sender. The
//! token of that entry is thrown away when it is made: nobody holds it.

use std::collections::HashSet;

use terms::{OdsCode, Scope, Timestamp, TokenId};

use crate::{
    error::AccessError,
    model::name_of,
    service::Access,
    session::after,
    store,
    tokens::{MOST_TOKENS, TokenEntry},
};

/// A listener needs no renewal: a hundred years.
const LIFETIME_SECONDS: i64 = 100 * 365 * 24 * 3600;

impl Access {
    /// The sender that a listener of this name is for `organisation`; made when there is none.
    ///
    /// Errors: [`AccessError::State`] when it was revoked, [`AccessError::Input`] for the name.
    pub async fn listener(
        &self,
        organisation: OdsCode,
        name: &str,
        now: Timestamp,
    ) -> Result<TokenId, AccessError> {
        let name = name_of(&format!("Listener: {name}"))?;
        if let Some(known) = self.listener_entry(&organisation, &name).await? {
            return match known.revoked_at {
                None => Ok(known.id),
                Some(_) => Err(AccessError::State("the listener was revoked on the page Tokens")),
            };
        }
        let until = after(now, LIFETIME_SECONDS);
        Ok(self.issue_ingest_token(organisation, &name, Some(until), now).await?.id)
    }

    /// The newest entry of this name that was made by nobody.
    async fn listener_entry(
        &self,
        organisation: &OdsCode,
        name: &str,
    ) -> Result<Option<TokenEntry>, AccessError> {
        let scope = Scope::organisation(organisation.clone());
        let mut last = None;
        loop {
            let page = store::token::of_scope(self.db().read(), &scope, last, MOST_TOKENS).await?;
            last = page.last().map(|entry| entry.id);
            let is_it = |entry: &TokenEntry| entry.made_by.is_none() && entry.name == name;
            let found = page.into_iter().find(is_it);
            if found.is_some() || last.is_none() {
                return Ok(found);
            }
        }
    }

    /// Which of these were revoked.
    pub async fn revoked(&self, ids: &[TokenId]) -> Result<HashSet<TokenId>, AccessError> {
        let mut revoked = HashSet::new();
        for id in ids {
            let entry = store::token::by_id(self.db().read(), *id).await?;
            if entry.is_none_or(|entry| entry.revoked_at.is_some()) {
                revoked.insert(*id);
            }
        }
        Ok(revoked)
    }
}
