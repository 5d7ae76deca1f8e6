//! What people need to know of each other to work together: names beside what somebody did, and to
//! whom work can be given. Neither needs the right to see people and what they hold: it tells a
//! name, nothing else.

use std::collections::{BTreeSet, HashMap};

use terms::{OdsCode, Part, PersonId, Timestamp, TokenId};

use crate::{
    error::AccessError,
    role::{Permission, Role},
    service::Access,
    store,
};

/// Somebody, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Colleague {
    /// Who.
    pub id: PersonId,
    /// Their name.
    pub name: String,
}

impl Access {
    /// The names of people, also of those whose account is disabled; those who are not known are
    /// left out. The caller must have met the ids within what they may see.
    pub async fn names(
        &self,
        ids: impl IntoIterator<Item = PersonId>,
    ) -> Result<HashMap<PersonId, String>, AccessError> {
        let ids: BTreeSet<PersonId> = ids.into_iter().collect();
        let ids: Vec<PersonId> = ids.into_iter().collect();
        let named = store::person::named(self.db().read(), &ids).await?;
        Ok(named.into_iter().map(|one| (one.id, one.name)).collect())
    }

    /// What tokens are called, also those that were revoked; as [`Self::names`].
    pub async fn token_names(
        &self,
        ids: impl IntoIterator<Item = TokenId>,
    ) -> Result<HashMap<TokenId, String>, AccessError> {
        let ids: BTreeSet<TokenId> = ids.into_iter().collect();
        let ids: Vec<TokenId> = ids.into_iter().collect();
        Ok(store::token::named(self.db().read(), &ids).await?.into_iter().collect())
    }

    /// People who may do this in an organisation now, by name. Disabled accounts are left out.
    pub async fn colleagues(
        &self,
        permission: Permission,
        organisation: &OdsCode,
        now: Timestamp,
    ) -> Result<Vec<Colleague>, AccessError> {
        let on = self.db().read();
        let parts = store::map::around(on, &Part::Organisation(organisation.clone())).await?;
        let roles: Vec<Role> =
            Role::ALL.iter().copied().filter(|role| role.may(permission)).collect();
        let holders = store::grant::holders(&roles, &parts, now);
        Ok(store::person::active_among(on, holders).await?)
    }
}
