//! How accounts come to be, who may change them, and how far grants reach, on both databases.

mod support;

use access::{
    AccessError, Caller, Held, Permission, PersonState, Role, Secret, Stage, Visitor,
    first::{Claim, LinkKind},
    grant::NewGrant,
    people::{NewPerson, PeopleFilter},
};
use support::{
    ADMIN, PASSWORD, Ward, code, enrol, map, open, organisation, password, sign_in, ward,
};
use terms::{Part, PersonId, Scope};
use testkit::{later, now, on_every_engine};

fn claim(password: &str) -> Claim<'_> {
    Claim { email: ADMIN, name: "Example Lead", password: Secret::new(password) }
}

async fn visible(ward: &Ward, caller: &Caller) -> Vec<String> {
    let page = ward.access.people(caller, &PeopleFilter::default(), None, 100).await;
    let mut people: Vec<String> =
        page.expect("read").people.iter().map(|person| person.email.as_str().to_owned()).collect();
    people.sort();
    people
}

fn region() -> Part {
    Part::Region(code("Y56"))
}

#[tokio::test]
async fn the_first_link_makes_an_administrator_of_the_sector_once() {
    on_every_engine(async |t| {
        let access = open(t).await;
        let void = access.first_administrator_link(now()).await.expect("read").expect("a link");
        let link = access.first_administrator_link(later(5)).await.expect("read").expect("a link");
        let claimed = access.claim(&void.secret, claim(PASSWORD), later(6)).await;
        assert!(matches!(claimed, Err(AccessError::Link)), "voided by the restart: {claimed:?}");
        let weak = access.claim(&link.secret, claim("password1234"), later(6)).await;
        assert!(matches!(weak, Err(AccessError::Password(_))), "{weak:?}");
        let view = access.look_at_link(&link.secret, later(6)).await.expect("open");
        assert_eq!((view.kind, view.person), (LinkKind::First, None));
        let person = access.claim(&link.secret, claim(PASSWORD), later(7)).await.expect("claimed");
        let again = access.claim(&link.secret, claim(PASSWORD), later(8)).await;
        assert!(matches!(again, Err(AccessError::Link)), "{again:?}");
        assert_eq!(access.first_administrator_link(later(9)).await.expect("read"), None);
        let (admin, ..) = enrol(&access, ADMIN, later(10)).await;
        assert_eq!(admin.person, person);
        assert_eq!(admin.scope(Permission::ManagePeople), Scope::sector());
    })
    .await;
}

#[tokio::test]
async fn the_first_link_lasts_a_day() {
    on_every_engine(async |t| {
        let access = open(t).await;
        let link = access.first_administrator_link(now()).await.expect("read").expect("a link");
        let day = 24 * 3600;
        assert!(access.look_at_link(&link.secret, later(day - 1)).await.is_ok());
        let late = access.claim(&link.secret, claim(PASSWORD), later(day)).await;
        assert!(matches!(late, Err(AccessError::Link)), "{late:?}");
        let made_up = access.look_at_link(&Secret::new("x"), now()).await;
        assert!(matches!(made_up, Err(AccessError::Link)), "{made_up:?}");
    })
    .await;
}

#[tokio::test]
async fn two_claims_at_once_make_one_administrator() {
    on_every_engine(async |t| {
        let access = open(t).await;
        let link = access.first_administrator_link(now()).await.expect("read").expect("a link");
        let one = access.claim(&link.secret, claim(PASSWORD), later(1));
        let other = Claim { email: "other@ward.example", ..claim(PASSWORD) };
        let other = access.claim(&link.secret, other, later(1));
        let (one, other) = tokio::join!(one, other);
        assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    })
    .await;
}

#[tokio::test]
async fn an_invitation_gives_a_role_and_a_renewed_one_voids_the_first() {
    on_every_engine(async |t| {
        let ward = ward(t).await;
        map(&ward.db).await;
        let grant = NewGrant::of(Role::Analyst, organisation("RA1"));
        let new = NewPerson { email: "Ann@ward.example", name: "Example Ann", grant };
        let invited = ward.access.invite(&ward.admin, &new, later(1)).await.expect("invited");
        let first = invited.link.expect("a link").secret;
        assert!(password(&ward.access, "ann@ward.example", "", later(1)).await.is_err());
        let renewed = ward.access.renew_invitation(&ward.admin, invited.person, later(2)).await;
        let second = renewed.expect("renewed").secret;
        let accept = async |link: &Secret| {
            let password = Secret::new(PASSWORD);
            ward.access.accept_invitation(link, "Ann Example", password, later(3)).await
        };
        assert!(matches!(accept(&first).await, Err(AccessError::Link)));
        assert_eq!(accept(&second).await.expect("accepted"), invited.person);
        assert!(matches!(accept(&second).await, Err(AccessError::Link)));
        let (ann, ..) = enrol(&ward.access, "ann@ward.example", later(4)).await;
        assert_eq!(ann.name, "Ann Example");
        assert_eq!(ann.scope(Permission::WorkAlerts), Scope::organisation(code("RA1")));
        let page = ward.access.people(&ann, &PeopleFilter::default(), None, 10).await;
        assert!(page.expect("read").people.is_empty(), "an analyst sees nobody");
        let again = ward.access.invite(&ward.admin, &new, later(5)).await.expect("known");
        assert_eq!((again.person, again.link), (ann.person, None));
    })
    .await;
}

#[tokio::test]
async fn an_invitation_can_be_withdrawn() {
    on_every_engine(async |t| {
        let ward = ward(t).await;
        let grant = NewGrant::of(Role::Viewer, Part::Sector);
        let new = NewPerson { email: "ann@ward.example", name: "Example Ann", grant };
        let invited = ward.access.invite(&ward.admin, &new, later(1)).await.expect("invited");
        let link = invited.link.expect("a link").secret;
        ward.access.disable(&ward.admin, invited.person, later(2)).await.expect("withdrawn");
        let password = Secret::new(PASSWORD);
        let accepted = ward.access.accept_invitation(&link, "Ann", password, later(3)).await;
        assert!(matches!(accepted, Err(AccessError::Link)), "{accepted:?}");
        let again = ward.access.invite(&ward.admin, &new, later(4)).await;
        assert!(matches!(again, Err(AccessError::State(_))), "{again:?}");
        let state = ward.access.enable(&ward.admin, invited.person, later(5)).await;
        assert_eq!(state.expect("enabled"), PersonState::Invited);
        let renewed = ward.access.renew_invitation(&ward.admin, invited.person, later(6)).await;
        assert!(renewed.is_ok(), "{renewed:?}");
    })
    .await;
}

#[tokio::test]
async fn a_forgotten_password_is_reset_by_a_link_and_the_second_factor_stays() {
    on_every_engine(async |t| {
        let ward = ward(t).await;
        let access = &ward.access;
        let link = access.reset_link(&ward.admin, ward.admin.person, later(1)).await.expect("link");
        let new = "quite another secret 5";
        let reset = access.reset_password(&link.secret, Secret::new(new), later(2)).await;
        assert_eq!(reset.expect("reset"), ward.admin.person);
        assert!(access.visitor(&ward.admin_cookie, later(3)).await.is_err(), "sessions end");
        assert!(password(access, ADMIN, PASSWORD, later(3)).await.is_err());
        let pending = password(access, ADMIN, new, later(4)).await.expect("right");
        assert_eq!(pending.stage, Stage::SecondFactor);
        let again = access.reset_password(&link.secret, Secret::new(PASSWORD), later(5)).await;
        assert!(matches!(again, Err(AccessError::Link)), "{again:?}");
        let left_open = access.reset_link(&ward.admin, ward.admin.person, later(3600)).await;
        assert!(matches!(left_open, Err(AccessError::SignInAgain)), "{left_open:?}");
    })
    .await;
}

#[tokio::test]
async fn somebody_who_lost_their_phone_sets_another_up_after_a_reset() {
    on_every_engine(async |t| {
        let ward = ward(t).await;
        let person = ward.admin.person;
        ward.access.reset_second_factor(&ward.admin, person, later(1)).await.expect("reset");
        assert!(ward.access.visitor(&ward.admin_cookie, later(2)).await.is_err());
        let pending = password(&ward.access, ADMIN, PASSWORD, later(2)).await.expect("right");
        assert_eq!(pending.stage, Stage::Enrolment);
        let visitor = ward.access.visitor(&pending.cookie, later(2)).await.expect("a session");
        assert!(matches!(visitor, Visitor::Pending { stage: Stage::Enrolment, .. }));
    })
    .await;
}

#[tokio::test]
async fn a_disabled_account_ends_at_once_everywhere() {
    on_every_engine(async |t| {
        let ward = ward(t).await;
        map(&ward.db).await;
        let ann = ward.person(&ward.admin, "ann", Role::Viewer, Part::Sector, later(1)).await;
        let pending = password(&ward.access, "ann@ward.example", PASSWORD, later(40)).await;
        let pending = pending.expect("right");
        let link = ward.access.reset_link(&ward.admin, ann.person, later(50)).await.expect("link");
        ward.access.disable(&ward.admin, ann.person, later(60)).await.expect("disabled");
        assert!(ward.access.visitor(&pending.cookie, later(61)).await.is_err());
        assert!(password(&ward.access, "ann@ward.example", PASSWORD, later(61)).await.is_err());
        assert!(ward.access.look_at_link(&link.secret, later(61)).await.is_err());
        let state = ward.access.enable(&ward.admin, ann.person, later(70)).await.expect("enabled");
        assert_eq!(state, PersonState::Active);
        assert!(ward.access.visitor(&pending.cookie, later(71)).await.is_err(), "still over");
        assert!(password(&ward.access, "ann@ward.example", PASSWORD, later(71)).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn the_last_administrator_of_the_sector_stays() {
    on_every_engine(async |t| {
        let ward = ward(t).await;
        let access = &ward.access;
        let is_last = |result: Result<(), AccessError>| {
            assert!(matches!(result, Err(AccessError::LastAdministrator)), "{result:?}");
        };
        let me = ward.admin.person;
        let mine = access.person(&ward.admin, me, later(1)).await.expect("seen").grants[0].id;
        is_last(access.disable(&ward.admin, me, later(1)).await);
        is_last(access.revoke(&ward.admin, mine, later(1)).await);
        let bob = ward.person(&ward.admin, "bob", Role::Viewer, Part::Sector, later(2)).await;
        let lasting = NewGrant::of(Role::Administrator, Part::Sector);
        let soon = NewGrant { until: Some(later(9000)), ..lasting.clone() };
        access.give(&ward.admin, bob.person, &soon, later(3)).await.expect("given");
        is_last(access.revoke(&ward.admin, mine, later(4)).await);
        access.give(&ward.admin, bob.person, &lasting, later(5)).await.expect("given");
        access.revoke(&ward.admin, mine, later(6)).await.expect("revoked");
        let again = access.revoke(&ward.admin, mine, later(7)).await;
        assert!(matches!(again, Err(AccessError::Unknown("role"))), "{again:?}");
    })
    .await;
}

#[tokio::test]
async fn two_administrators_who_revoke_each_other_at_once_do_not_both_succeed() {
    on_every_engine(async |t| {
        let ward = ward(t).await;
        let role = Role::Administrator;
        let bob = ward.person(&ward.admin, "bob", role, Part::Sector, later(2)).await;
        let grant = async |person: PersonId| {
            ward.access.person(&ward.admin, person, later(3)).await.expect("seen").grants[0].id
        };
        let (mine, his) = (grant(ward.admin.person).await, grant(bob.person).await);
        let (one, other) = tokio::join!(
            ward.access.revoke(&ward.admin, his, later(4)),
            ward.access.revoke(&bob, mine, later(4)),
        );
        assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    })
    .await;
}

/// Somebody who administers `part`, without an account.
fn administrator_of(ward: &Ward, part: &Part) -> Caller {
    let permissions = Role::Administrator.permissions().to_vec();
    let held = vec![Held { permissions, part: part.clone(), until: None }];
    Caller { held, ..ward.admin.clone() }
}

#[tokio::test]
async fn an_administrator_sees_people_with_grants_inside_their_part_only() {
    on_every_engine(async |t| {
        let ward = ward(t).await;
        let map = map(&ward.db).await;
        let mut parts = vec![Part::Sector, Part::Group(map.inside), Part::Group(map.across)];
        parts.extend(["Y56", "Y60"].map(|text| Part::Region(code(text))));
        parts.extend(["QAA", "QBB", "QCC"].map(|text| Part::Icb(code(text))));
        parts.extend(["RA1", "RA2", "RB1", "RC1"].map(organisation));
        let email = |part: &Part| format!("{part}@ward.example").to_lowercase();
        for part in &parts {
            let grant = NewGrant::of(Role::Viewer, part.clone());
            let new = NewPerson { email: &email(part), name: "Example", grant };
            ward.access.invite(&ward.admin, &new, later(1)).await.expect("invited");
        }
        for outer in parts.iter().filter(|part| **part != Part::Sector) {
            let mut expected = Vec::new();
            for inner in &parts {
                let around = ward.access.parts_around(inner).await.expect("read");
                expected.extend(around.contains(outer).then(|| email(inner)));
            }
            expected.sort();
            assert_eq!(visible(&ward, &administrator_of(&ward, outer)).await, expected, "{outer}");
        }
        let region = visible(&ward, &administrator_of(&ward, &region())).await;
        let inside = [
            "icb:qaa",
            "icb:qbb",
            "organisation:ra1",
            "organisation:ra2",
            "organisation:rb1",
            "region:y56",
        ];
        let mut inside: Vec<String> = inside.map(|name| format!("{name}@ward.example")).to_vec();
        inside.insert(0, email(&Part::Group(map.inside)));
        assert_eq!(region, inside);
        assert_eq!(visible(&ward, &ward.admin).await.len(), parts.len() + 1);
    })
    .await;
}

#[tokio::test]
async fn somebody_who_also_works_elsewhere_is_not_taken_over_from_inside() {
    on_every_engine(async |t| {
        let ward = ward(t).await;
        map(&ward.db).await;
        let access = &ward.access;
        let role = Role::Administrator;
        let lead = ward.person(&ward.admin, "lead", role, region(), later(1)).await;
        let role = Role::Viewer;
        let ann = ward.person(&ward.admin, "ann", role, organisation("RA1"), later(2)).await;
        assert!(access.reset_link(&lead, ann.person, later(3)).await.is_ok(), "all of hers inside");
        let more = NewGrant::of(Role::Viewer, organisation("RC1"));
        let more = access.give(&ward.admin, ann.person, &more, later(4)).await.expect("given");
        let exceeds = |result: Result<String, AccessError>| {
            assert!(matches!(result, Err(AccessError::Exceeds(_))), "{result:?}");
        };
        let text = |value: &dyn std::fmt::Debug| format!("{value:?}");
        exceeds(access.reset_link(&lead, ann.person, later(5)).await.map(|l| text(&l)));
        exceeds(access.reset_second_factor(&lead, ann.person, later(5)).await.map(|l| text(&l)));
        exceeds(access.disable(&lead, ann.person, later(5)).await.map(|l| text(&l)));
        let view = access.person(&lead, ann.person, later(5)).await.expect("seen");
        assert_eq!((view.grants.len(), view.grants_elsewhere), (1, 1));
        assert!(view.has_second_factor);
        let hidden = access.revoke(&lead, more.id, later(6)).await;
        assert!(matches!(hidden, Err(AccessError::Exceeds(_))), "{hidden:?}");
        access.revoke(&lead, view.grants[0].id, later(7)).await.expect("inside");
        let gone = access.person(&lead, ann.person, later(8)).await;
        assert!(matches!(gone, Err(AccessError::Unknown("person"))), "{gone:?}");
    })
    .await;
}

#[tokio::test]
async fn nobody_gives_more_than_they_hold() {
    on_every_engine(async |t| {
        let ward = ward(t).await;
        map(&ward.db).await;
        let role = Role::Administrator;
        let lead = ward.person(&ward.admin, "lead", role, region(), later(1)).await;
        let role = Role::Viewer;
        let ann = ward.person(&lead, "ann", role, organisation("RA2"), later(2)).await;
        let give = async |by: &Caller, role: Role, part: Part| {
            ward.access.give(by, ann.person, &NewGrant::of(role, part), later(3)).await
        };
        for part in [organisation("RA1"), Part::Icb(code("QAA")), region()] {
            assert!(give(&lead, Role::Administrator, part.clone()).await.is_ok(), "{part}");
        }
        for part in [organisation("RC1"), Part::Icb(code("QCC")), Part::Sector, organisation("XX9")]
        {
            let given = give(&lead, Role::Viewer, part.clone()).await;
            assert!(matches!(given, Err(AccessError::Exceeds(_))), "{part}: {given:?}");
        }
        let by_viewer = give(&ann, Role::Viewer, organisation("RA2")).await;
        assert!(matches!(by_viewer, Err(AccessError::Unknown("person"))), "{by_viewer:?}");
        let past = NewGrant { until: Some(now()), ..NewGrant::of(Role::Viewer, region()) };
        let past = ward.access.give(&lead, ann.person, &past, later(3)).await;
        assert!(matches!(past, Err(AccessError::Input { field: "until", .. })), "{past:?}");
        let invited = NewPerson {
            email: "x@ward.example",
            name: "Example",
            grant: NewGrant::of(Role::Viewer, Part::Sector),
        };
        assert!(ward.access.invite(&lead, &invited, later(4)).await.is_err());
        let found = PeopleFilter { search: Some("x@ward".into()), ..PeopleFilter::default() };
        let found = ward.access.people(&ward.admin, &found, None, 10).await.expect("read");
        assert!(found.people.is_empty(), "a refused invitation leaves nobody behind");
    })
    .await;
}

#[tokio::test]
async fn a_grant_holds_for_its_time_only() {
    on_every_engine(async |t| {
        let ward = ward(t).await;
        map(&ward.db).await;
        let role = Role::Viewer;
        let ann = ward.person(&ward.admin, "ann", role, organisation("RA1"), later(1)).await;
        let soon = NewGrant {
            from: Some(later(200)),
            until: Some(later(300)),
            ..NewGrant::of(Role::Analyst, organisation("RA1"))
        };
        ward.access.give(&ward.admin, ann.person, &soon, later(2)).await.expect("given");
        let pending = password(&ward.access, "ann@ward.example", PASSWORD, later(60)).await;
        assert_eq!(pending.expect("right").stage, Stage::SecondFactor);
        let reset = ward.access.reset_second_factor(&ward.admin, ann.person, later(61)).await;
        reset.expect("reset");
        let (_, cookie, _) = enrol(&ward.access, "ann@ward.example", later(120)).await;
        for (second, expected) in [(199, false), (200, true), (299, true), (300, false)] {
            let ann = support::caller(&ward.access, &cookie, later(second)).await;
            assert_eq!(ann.may_somewhere(Permission::WorkAlerts), expected, "at {second}");
        }
    })
    .await;
}

#[tokio::test]
async fn people_are_found_by_part_of_their_name_and_paged_without_gaps() {
    on_every_engine(async |t| {
        let ward = ward(t).await;
        for n in 0..7 {
            let grant = NewGrant::of(Role::Viewer, Part::Sector);
            let (email, name) = (format!("p{n}@ward.example"), format!("Example {}", n % 3));
            let new = NewPerson { email: &email, name: &name, grant };
            ward.access.invite(&ward.admin, &new, later(n)).await.expect("invited");
        }
        let invited = PeopleFilter { state: Some(PersonState::Invited), ..PeopleFilter::default() };
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = ward.access.people(&ward.admin, &invited, after.as_ref(), 3).await;
            let page = page.expect("read");
            seen.extend(page.people.into_iter().map(|person| person.email.as_str().to_owned()));
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        let distinct: std::collections::BTreeSet<&String> = seen.iter().collect();
        assert_eq!((seen.len(), distinct.len()), (7, 7), "{seen:?}");
        for (search, expected) in
            [("EXAMPLE 1", 2), ("p3@", 1), ("%", 0), ("_", 0), ("lead", 1), ("le\0ad", 1)]
        {
            let filter = PeopleFilter { search: Some(search.into()), ..PeopleFilter::default() };
            let page = ward.access.people(&ward.admin, &filter, None, 100).await.expect("read");
            assert_eq!(page.people.len(), expected, "{search}");
        }
    })
    .await;
}

#[tokio::test]
async fn people_choose_their_name_and_time_zone() {
    on_every_engine(async |t| {
        let ward = ward(t).await;
        let set = async |name: &str, zone: &str| {
            ward.access.set_profile(&ward.admin, name, zone, later(1)).await
        };
        assert!(matches!(set("x", "Nowhere/At_All").await, Err(AccessError::Input { .. })));
        assert!(matches!(set("  ", "UTC").await, Err(AccessError::Input { .. })));
        set(" Example Other ", "Europe/Lisbon").await.expect("set");
        let own = ward.access.own(&ward.admin).await.expect("read");
        assert_eq!((own.name.as_str(), own.time_zone.as_str()), ("Example Other", "Europe/Lisbon"));
        assert!(sign_in(&ward.access, ADMIN, &ward.admin_totp, later(60)).await.is_ok());
    })
    .await;
}
