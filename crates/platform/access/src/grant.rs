//! Giving and taking roles.
//!
//! The law: nobody gives, takes or changes more than they hold. Whoever gives a role somewhere
//! holds every permission of that role there, for at least as long, and may manage people there.

use db::Write;
use serde_json::json;
use terms::{GrantId, Part, PersonId, Timestamp};

use crate::{
    audit::{self, Entry},
    error::AccessError,
    model::{Caller, Grant},
    role::{Permission, Role},
    service::Access,
    sign_in::on,
    store,
};

/// What the caller lacks to give `role` in the place whose parts around are `parts`, until
/// `until`; nothing when they may.
pub fn exceeds(
    caller: &Caller,
    role: Role,
    parts: &[Part],
    until: Option<Timestamp>,
) -> Option<Permission> {
    let needed = role.permissions().iter().copied().chain([Permission::ManagePeople]);
    let holds = |permission| {
        caller.held.iter().any(|held| {
            held.permissions.contains(&permission)
                && (held.part == Part::Sector || parts.contains(&held.part))
                && outlasts(held.until, until)
        })
    };
    needed.into_iter().find(|permission| !holds(*permission))
}

/// Whether what ends at `one` (never, without) lasts at least as long as `other`.
fn outlasts(one: Option<Timestamp>, other: Option<Timestamp>) -> bool {
    match (one, other) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(one), Some(other)) => one >= other,
    }
}

/// A role to be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewGrant {
    /// The role.
    pub role: Role,
    /// Where.
    pub part: Part,
    /// From when; at once without.
    pub from: Option<Timestamp>,
    /// Until when; without end without.
    pub until: Option<Timestamp>,
}

impl NewGrant {
    /// A role from now on, without end.
    pub fn of(role: Role, part: Part) -> Self {
        Self { role, part, from: None, until: None }
    }
}

impl Access {
    /// Gives a role to somebody the caller may administer.
    ///
    /// Errors: [`AccessError::Exceeds`], [`AccessError::Unknown`], [`AccessError::Input`].
    pub async fn give(
        &self,
        caller: &Caller,
        person: PersonId,
        grant: &NewGrant,
        now: Timestamp,
    ) -> Result<Grant, AccessError> {
        let write = self.write_guarded().await?;
        self.visible(&write, caller, Permission::ManagePeople, person).await?;
        let given = give_within(&write, caller, person, grant, now).await?;
        write.commit().await?;
        Ok(given)
    }

    /// Takes a role away.
    ///
    /// Errors: [`AccessError::Exceeds`], [`AccessError::Unknown`],
    /// [`AccessError::LastAdministrator`].
    pub async fn revoke(
        &self,
        caller: &Caller,
        id: GrantId,
        now: Timestamp,
    ) -> Result<(), AccessError> {
        let write = self.write_guarded().await?;
        let grant = store::grant::by_id(&write, id).await?;
        let grant = grant.ok_or(AccessError::Unknown("role"))?;
        let hidden = |error| match error {
            AccessError::Unknown(_) => AccessError::Unknown("role"),
            other => other,
        };
        self.visible(&write, caller, Permission::ManagePeople, grant.person)
            .await
            .map_err(hidden)?;
        must_hold(&write, caller, &grant).await?;
        if is_lasting_administrator(&grant, now)
            && !store::grant::is_administered_without_grant(&write, id, now).await?
        {
            return Err(AccessError::LastAdministrator);
        }
        if !store::grant::revoke(&write, id, caller.person, now).await? {
            return Err(AccessError::Unknown("role"));
        }
        record(&write, caller, "grant.revoke", &grant, now).await?;
        write.commit().await?;
        Ok(())
    }
}

/// Whether the grant is one of those that keep the sector administered.
fn is_lasting_administrator(grant: &Grant, now: Timestamp) -> bool {
    grant.role == Role::Administrator
        && grant.part == Part::Sector
        && grant.until.is_none()
        && grant.from <= now
}

/// Gives within a guarded transaction; the caller was checked to see the person.
pub(crate) async fn give_within(
    write: &Write,
    caller: &Caller,
    person: PersonId,
    new: &NewGrant,
    now: Timestamp,
) -> Result<Grant, AccessError> {
    let grant = Grant {
        id: GrantId::new(now),
        person,
        role: new.role,
        part: new.part.clone(),
        from: new.from.unwrap_or(now),
        until: new.until,
        given_by: Some(caller.person),
    };
    if grant.until.is_some_and(|until| until <= grant.from || until <= now) {
        return Err(AccessError::Input { field: "until", why: "choose a time after the start" });
    }
    must_hold(write, caller, &grant).await?;
    store::grant::insert(write, &grant, now).await?;
    record(write, caller, "grant.give", &grant, now).await?;
    Ok(grant)
}

/// The law, for one grant.
pub(crate) async fn must_hold(
    write: &Write,
    caller: &Caller,
    grant: &Grant,
) -> Result<(), AccessError> {
    let parts = store::map::around(write, &grant.part).await?;
    match exceeds(caller, grant.role, &parts, grant.until) {
        None => Ok(()),
        Some(permission) => Err(AccessError::Exceeds(permission)),
    }
}

async fn record(
    write: &Write,
    caller: &Caller,
    what: &'static str,
    grant: &Grant,
    now: Timestamp,
) -> Result<(), AccessError> {
    let details = json!({
        "grant": grant.id.to_string(),
        "role": grant.role.as_str(),
        "part": grant.part.to_string(),
        "from": grant.from.to_string(),
        "until": grant.until.map(|until| until.to_string()),
    });
    let entry = Entry::new(now, caller.who(), what, on(grant.person)).with(details);
    let entry = match &grant.part {
        Part::Organisation(code) => entry.of(code.clone()),
        _ => entry,
    };
    audit::append(write, entry).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use terms::{GroupId, OdsCode, SessionId};
    use uuid::Uuid;

    use super::*;
    use crate::model::{Held, TIME_ZONE, Via};

    /// A small sector: two regions of two ICBs of two organisations; group 0 holds the first of
    /// each ICB of region 0.
    fn code(text: String) -> OdsCode {
        text.parse().expect("a code")
    }

    fn organisations() -> Vec<Part> {
        (0..8).map(|n| Part::Organisation(code(format!("ORG{n}")))).collect()
    }

    fn group() -> Part {
        Part::Group(GroupId(Uuid::nil()))
    }

    fn parts() -> Vec<Part> {
        let regions = (0..2).map(|n| Part::Region(code(format!("REG{n}"))));
        let icbs = (0..4).map(|n| Part::Icb(code(format!("ICB{n}"))));
        let mut parts: Vec<Part> = regions.chain(icbs).chain(organisations()).collect();
        parts.extend([group(), Part::Sector]);
        parts
    }

    /// What `parts_around` says in this sector.
    fn around(part: &Part) -> Vec<Part> {
        let number = |code: &OdsCode| code.as_str()[3..].parse::<usize>().expect("a number");
        let region = |n: usize| Part::Region(code(format!("REG{n}")));
        let icb = |n: usize| Part::Icb(code(format!("ICB{n}")));
        let more = match part {
            Part::Sector => return vec![Part::Sector],
            Part::Region(_) => vec![],
            Part::Icb(code) => vec![region(number(code) / 2)],
            Part::Group(_) => vec![region(0)],
            Part::Organisation(code) => {
                let n = number(code);
                let mut more = vec![icb(n / 2), region(n / 4)];
                more.extend((n == 0 || n == 2).then(group));
                more
            }
        };
        [vec![part.clone()], more, vec![Part::Sector]].concat()
    }

    fn caller(held: Vec<Held>) -> Caller {
        let now = Timestamp::UNIX_EPOCH;
        let via = Via::Session { id: SessionId::new(now), since: now };
        let (person, name) = (PersonId::new(now), "Example".to_owned());
        Caller { person, name, time_zone: TIME_ZONE.into(), via, held }
    }

    fn held(role: Role, part: Part, until: Option<i64>) -> Held {
        let until = until.map(|s| Timestamp::from_second(s).expect("in range"));
        Held { permissions: role.permissions().to_vec(), part, until }
    }

    /// All that is held: permission, organisation, time.
    fn reach(caller: &Caller, at: i64) -> Vec<(Permission, Part)> {
        let at = Timestamp::from_second(at).expect("in range");
        let held: Vec<Held> = caller
            .held
            .iter()
            .filter(|held| held.until.is_none_or(|until| at < until))
            .cloned()
            .collect();
        let then = Caller { held, ..caller.clone() };
        let pairs = Permission::ALL.iter().flat_map(|permission| {
            organisations().into_iter().map(move |organisation| (*permission, organisation))
        });
        pairs.filter(|(permission, place)| then.may(*permission, &around(place))).collect()
    }

    fn any_held() -> impl Strategy<Value = Held> {
        let role = proptest::sample::select(Role::ALL);
        let part = proptest::sample::select(parts());
        (role, part, proptest::option::of(0i64..4)).prop_map(|(r, p, until)| held(r, p, until))
    }

    #[test]
    fn an_administrator_of_a_region_gives_within_it_and_not_beside_or_above() {
        let giver =
            caller(vec![held(Role::Administrator, Part::Region(code("REG0".into())), None)]);
        let may = |part: &Part| exceeds(&giver, Role::Administrator, &around(part), None).is_none();
        let given: Vec<String> =
            parts().iter().filter(|part| may(part)).map(ToString::to_string).collect();
        let expected = [
            "region:REG0",
            "icb:ICB0",
            "icb:ICB1",
            "organisation:ORG0",
            "organisation:ORG1",
            "organisation:ORG2",
            "organisation:ORG3",
            "group:00000000-0000-0000-0000-000000000000",
        ];
        assert_eq!(given, expected);
    }

    #[test]
    fn who_works_the_queue_gives_nothing_away() {
        for role in [Role::Viewer, Role::Analyst, Role::Responder, Role::Assurer] {
            let giver = caller(vec![held(role, Part::Sector, None)]);
            let lacking = exceeds(&giver, Role::Viewer, &around(&Part::Sector), None);
            assert_eq!(lacking, Some(Permission::ManagePeople), "{role}");
        }
    }

    #[test]
    fn what_ends_cannot_be_given_without_end() {
        let giver = caller(vec![held(Role::Administrator, Part::Sector, Some(10))]);
        let until = |s| Some(Timestamp::from_second(s).expect("in range"));
        let lacking = |until| exceeds(&giver, Role::Viewer, &around(&Part::Sector), until);
        assert!(lacking(None).is_some() && lacking(until(11)).is_some());
        assert!(lacking(until(10)).is_none());
    }

    proptest! {
        #[test]
        fn nobody_reaches_further_by_a_gift_than_its_giver(
            giver in proptest::collection::vec(any_held(), 0..4),
            role in proptest::sample::select(Role::ALL),
            part in proptest::sample::select(parts()),
            until in proptest::option::of(0i64..4),
        ) {
            let giver = caller(giver);
            let gift = held(role, part.clone(), until);
            if exceeds(&giver, role, &around(&part), gift.until).is_none() {
                let taker = caller(vec![gift]);
                for at in 0..5 {
                    let reached = reach(&giver, at);
                    for pair in reach(&taker, at) {
                        prop_assert!(reached.contains(&pair), "{pair:?} at {at}");
                    }
                }
            }
        }

        #[test]
        fn what_is_held_lastingly_with_the_right_to_manage_people_can_be_given(
            role in proptest::sample::select(Role::ALL),
            part in proptest::sample::select(parts()),
            inner in proptest::sample::select(parts()),
        ) {
            let giver = caller(vec![held(Role::Administrator, part.clone(), None)]);
            let lies_in = around(&inner).contains(&part);
            prop_assert_eq!(exceeds(&giver, role, &around(&inner), None).is_none(), lies_in);
        }
    }
}
