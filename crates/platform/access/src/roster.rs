//! What a list of people and the page of one of them need beside the accounts: how many there are,
//! what each holds, and where somebody is signed in.

use std::collections::HashMap;

use terms::{Part, PersonId, Timestamp};

use crate::{
    error::AccessError,
    model::{Caller, Grant, Person},
    people::{MOST_PEOPLE, PeopleFilter, PersonCursor, record},
    role::Permission,
    service::Access,
    store,
};

impl Access {
    /// The way back through [`Access::people`]: those just before one, by name.
    pub async fn people_back(
        &self,
        caller: &Caller,
        filter: &PeopleFilter,
        before: &PersonCursor,
        limit: u64,
    ) -> Result<Vec<Person>, AccessError> {
        let scope = caller.scope(Permission::ViewPeople);
        let limit = limit.clamp(1, MOST_PEOPLE);
        let on = self.db().read();
        let mut people = store::person::list_back(on, &scope, filter, before, limit).await?;
        people.reverse();
        Ok(people)
    }

    /// How many people [`Access::people`] lists in all.
    pub async fn people_count(
        &self,
        caller: &Caller,
        filter: &PeopleFilter,
    ) -> Result<u64, AccessError> {
        let scope = caller.scope(Permission::ViewPeople);
        Ok(store::person::count(self.db().read(), &scope, filter).await?)
    }

    /// What people of one page hold or will hold, as far as the caller may see it, oldest first.
    pub async fn grants_of(
        &self,
        caller: &Caller,
        people: &[PersonId],
        now: Timestamp,
    ) -> Result<HashMap<PersonId, Vec<Grant>>, AccessError> {
        let on = self.db().read();
        // Many grants lie in few parts.
        let mut seen: HashMap<Part, bool> = HashMap::new();
        let mut held: HashMap<PersonId, Vec<Grant>> = HashMap::new();
        for grant in store::grant::of_people(on, people, now).await? {
            let may_see = match seen.get(&grant.part) {
                Some(may_see) => *may_see,
                None => {
                    let parts = store::map::around(on, &grant.part).await?;
                    let may_see = caller.may(Permission::ViewPeople, &parts);
                    seen.insert(grant.part.clone(), may_see);
                    may_see
                }
            };
            if may_see {
                held.entry(grant.person).or_default().push(grant);
            }
        }
        Ok(held)
    }

    /// Ends every session of somebody the caller administers; how many.
    ///
    /// Errors: [`AccessError::Exceeds`], [`AccessError::Unknown`].
    pub async fn end_sessions_of(
        &self,
        caller: &Caller,
        person: PersonId,
        now: Timestamp,
    ) -> Result<u64, AccessError> {
        let write = self.write_guarded().await?;
        self.administered(&write, caller, person, now).await?;
        let count = store::session::end_all(&write, person, None, now).await?;
        record(&write, caller, "person.end_sessions", person, now).await?;
        write.commit().await?;
        Ok(count)
    }
}
