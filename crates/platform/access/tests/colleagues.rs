//! Names beside deeds, and to whom work can be given.

mod support;

use std::collections::BTreeSet;

use access::{Permission, Role, Secret, grant::NewGrant, people::NewPerson};
use support::{PASSWORD, Ward, ward};
use terms::{OdsCode, Part, PersonId};
use testkit::{later, now, on_every_engine};

fn code(text: &str) -> OdsCode {
    text.parse().expect("a code")
}

async fn names(ward: &Ward, organisation: &str, second: i64) -> BTreeSet<String> {
    let access = &ward.access;
    let found = access.colleagues(Permission::WorkAlerts, &code(organisation), later(second)).await;
    found.expect("read").into_iter().map(|one| one.name).collect()
}

/// Somebody new who has accepted, or has not.
async fn join(ward: &Ward, (email, name): (&str, &str), role: Role, part: &str, accepts: bool) {
    let grant = NewGrant::of(role, part.parse::<Part>().expect("a part"));
    let new = NewPerson { email, name, grant };
    let invited = ward.access.invite(&ward.admin, &new, later(1)).await.expect("invited");
    if accepts {
        let link = invited.link.expect("a link");
        let password = Secret::new(PASSWORD);
        let accepted = ward.access.accept_invitation(&link.secret, name, password, later(2));
        accepted.await.expect("accepted");
    }
}

#[tokio::test]
async fn work_can_be_given_to_those_who_may_do_it_there_and_are_active() {
    on_every_engine(async |t| {
        let ward = ward(t).await;
        join(&ward, ("a@ward.example", "Example A"), Role::Viewer, "organisation:RX1", true).await;
        join(&ward, ("b@ward.example", "Example B"), Role::Analyst, "organisation:RX1", true).await;
        join(&ward, ("c@ward.example", "Example C"), Role::Analyst, "organisation:RX2", true).await;
        join(&ward, ("d@ward.example", "Example D"), Role::Analyst, "sector", false).await;
        let of = |names: &[&str]| -> BTreeSet<String> {
            names.iter().map(|name| (*name).to_owned()).chain([ward.admin.name.clone()]).collect()
        };
        assert_eq!(names(&ward, "RX1", 3).await, of(&["Example B"]));
        assert_eq!(names(&ward, "RX2", 3).await, of(&["Example C"]));
        assert_eq!(names(&ward, "RX9", 3).await, of(&[]));
    })
    .await;
}

#[tokio::test]
async fn a_name_is_told_by_id_and_an_unknown_id_is_left_out() {
    on_every_engine(async |t| {
        let ward = ward(t).await;
        let (known, unknown) = (ward.admin.person, PersonId::new(now()));
        let named = ward.access.names([known, unknown, known]).await.expect("read");
        assert_eq!(named.len(), 1);
        assert_eq!(named[&known], ward.admin.name);
        assert!(ward.access.names([]).await.expect("read").is_empty());
    })
    .await;
}
