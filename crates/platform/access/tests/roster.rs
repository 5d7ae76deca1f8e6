//! Lists of people: narrowed by role and part within what the caller may see, counted, walked both
//! ways; and ending the sessions of others.

mod support;

use access::{
    AccessError, Permission, PersonState, Role, audit,
    audit::AuditFilter,
    people::{Holding, PeopleFilter, PersonCursor},
};
use support::{ADMIN, code, map, sign_in, ward};
use terms::{Part, Scope};
use testkit::{later, on_every_engine};

fn trust(text: &str) -> Part {
    Part::Organisation(code(text))
}

fn holding(role: Option<Role>, part: Option<Part>) -> PeopleFilter {
    let holding = Some(Holding { role, part, at: later(10) });
    PeopleFilter { holding, ..PeopleFilter::default() }
}

#[tokio::test]
async fn people_are_found_by_role_and_part_within_what_the_caller_may_see() {
    on_every_engine(async |t| {
        map(&t.db).await;
        let ward = ward(t).await;
        let ann =
            ward.person(&ward.admin, "ann", Role::Administrator, trust("RA1"), later(1)).await;
        let bob = ward.person(&ward.admin, "bob", Role::Analyst, trust("RA1"), later(2)).await;
        ward.person(&ward.admin, "cat", Role::Analyst, trust("RC1"), later(3)).await;
        // Bob also works elsewhere, where Ann may not look.
        let elsewhere = access::grant::NewGrant::of(Role::Assurer, trust("RC1"));
        let given = ward.access.give(&ward.admin, bob.person, &elsewhere, later(4)).await;
        given.expect("given");
        let count = async |caller, filter| {
            let page = ward.access.people(caller, &filter, None, 100).await.expect("read");
            let count = ward.access.people_count(caller, &filter).await.expect("counted");
            assert_eq!(page.people.len() as u64, count, "{filter:?}");
            count
        };
        assert_eq!(count(&ward.admin, holding(Some(Role::Analyst), None)).await, 2);
        assert_eq!(count(&ward.admin, holding(None, Some(trust("RC1")))).await, 2);
        assert_eq!(count(&ward.admin, holding(Some(Role::Assurer), Some(trust("RC1")))).await, 1);
        assert_eq!(count(&ann, holding(Some(Role::Analyst), None)).await, 1);
        assert_eq!(count(&ann, holding(Some(Role::Assurer), None)).await, 0, "not hers to know");
        assert_eq!(count(&ann, holding(None, Some(trust("RC1")))).await, 0);
        let held = ward.access.grants_of(&ann, &[bob.person], later(5)).await.expect("read");
        assert_eq!(held[&bob.person].len(), 1);
        let held = ward.access.grants_of(&ward.admin, &[bob.person], later(5)).await.expect("read");
        assert_eq!(held[&bob.person].len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_role_that_has_ended_is_not_found() {
    on_every_engine(async |t| {
        let ward = ward(t).await;
        let ann = ward.person(&ward.admin, "ann", Role::Viewer, Part::Sector, later(1)).await;
        let until = Some(later(60));
        let short = access::grant::NewGrant {
            until,
            ..access::grant::NewGrant::of(Role::Analyst, Part::Sector)
        };
        ward.access.give(&ward.admin, ann.person, &short, later(2)).await.expect("given");
        let at = |seconds| PeopleFilter {
            holding: Some(Holding { role: Some(Role::Analyst), part: None, at: later(seconds) }),
            ..PeopleFilter::default()
        };
        let count = async |filter| ward.access.people_count(&ward.admin, &filter).await;
        assert_eq!(count(at(59)).await.expect("counted"), 1);
        assert_eq!(count(at(60)).await.expect("counted"), 0);
    })
    .await;
}

#[tokio::test]
async fn the_way_back_through_people_meets_the_same_people() {
    on_every_engine(async |t| {
        let ward = ward(t).await;
        for at in 0..5 {
            let name = format!("p{at}");
            ward.person(&ward.admin, &name, Role::Viewer, Part::Sector, later(at)).await;
        }
        let all = PeopleFilter::default();
        let page = ward.access.people(&ward.admin, &all, None, 100).await.expect("read");
        let last = page.people.last().expect("somebody");
        let cursor = PersonCursor { name: last.name.clone(), id: last.id };
        let back = ward.access.people_back(&ward.admin, &all, &cursor, 3).await.expect("read");
        assert_eq!(back, page.people[page.people.len() - 4..page.people.len() - 1]);
        let invited = PeopleFilter { state: Some(PersonState::Invited), ..all };
        let back = ward.access.people_back(&ward.admin, &invited, &cursor, 3).await.expect("read");
        assert!(back.is_empty());
    })
    .await;
}

#[tokio::test]
async fn sessions_of_others_are_ended_by_those_who_administer_them_only() {
    on_every_engine(async |t| {
        map(&t.db).await;
        let ward = ward(t).await;
        let ann =
            ward.person(&ward.admin, "ann", Role::Administrator, trust("RA1"), later(1)).await;
        let bob = ward.person(&ward.admin, "bob", Role::Viewer, trust("RA1"), later(2)).await;
        let refused = ward.access.end_sessions_of(&ann, ward.admin.person, later(3)).await;
        assert!(matches!(refused, Err(AccessError::Unknown(_))), "{refused:?}");
        let refused = ward.access.end_sessions_of(&bob, ann.person, later(3)).await;
        assert!(matches!(refused, Err(AccessError::Unknown(_))), "{refused:?}");
        let ended = ward.access.end_sessions_of(&ann, bob.person, later(4)).await.expect("ended");
        assert_eq!(ended, 1);
        assert!(ward.access.sessions(&bob, later(5)).await.expect("read").is_empty());
        assert!(sign_in(&ward.access, ADMIN, &ward.admin_totp, later(60)).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn the_trail_is_counted_up_to_a_bound_and_walked_back() {
    on_every_engine(async |t| {
        let ward = ward(t).await;
        for at in 0..5 {
            ward.person(&ward.admin, &format!("p{at}"), Role::Viewer, Part::Sector, later(at))
                .await;
        }
        let (scope, filter) = (ward.admin.scope(Permission::ViewAudit), AuditFilter::default());
        let all = audit::list(&ward.db, &scope, &filter, None, 500).await.expect("read").entries;
        let count = async |most| audit::count(&ward.db, &scope, &filter, most).await.expect("read");
        assert_eq!(count(500).await, all.len() as u64);
        assert_eq!(count(3).await, 3);
        let oldest = all.last().expect("entries").number;
        let back = audit::list_back(&ward.db, &scope, &filter, oldest, 2).await.expect("read");
        assert_eq!(back, all[all.len() - 3..all.len() - 1]);
        let nothing = audit::count(&ward.db, &Scope::nothing(), &filter, 500).await.expect("read");
        assert_eq!(nothing, 0);
    })
    .await;
}

#[tokio::test]
async fn tokens_are_named_by_id() {
    on_every_engine(async |t| {
        let ward = ward(t).await;
        let made =
            ward.access.issue_ingest_token(code("RA1"), "example relay", None, later(1)).await;
        let id = made.expect("made").id;
        let names = ward.access.token_names([id]).await.expect("read");
        assert_eq!(names.get(&id).map(String::as_str), Some("example relay"));
        assert!(ward.access.token_names([]).await.expect("read").is_empty());
    })
    .await;
}
