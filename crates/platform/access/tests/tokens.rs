//! Tokens of programs, on both databases.

mod support;

use access::{
    Access, AccessError, Caller, Permission, Role, ServerKey, Who,
    grant::NewGrant,
    tokens::{NewApiToken, TokenUse},
};
use support::{Ward, code, map, organisation, settings, ward};
use terms::{Part, Scope, Timestamp};
use testkit::{later, now, on_every_engine};

fn after_millis(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(now().as_millisecond() + millis).expect("in range")
}

fn is_invalid(result: Result<impl std::fmt::Debug, AccessError>) {
    assert!(matches!(result, Err(AccessError::Token)), "{result:?}");
}

async fn trust_administrator(ward: &Ward) -> Caller {
    map(&ward.db).await;
    ward.person(&ward.admin, "lead", Role::Administrator, organisation("RA1"), later(1)).await
}

#[tokio::test]
async fn a_shipper_is_known_by_its_token_however_its_client_writes_it() {
    on_every_engine(async |t| {
        let ward = ward(t).await;
        let token = ward
            .access
            .create_ingest_token(&ward.admin, code("RA1"), " shipper of ward 3 ", None, later(1))
            .await
            .expect("made");
        let text = token.text.expose();
        let basic = data_encoding::BASE64.encode(format!("elastic:{text}").as_bytes());
        for header in [
            format!("Bearer {text}"),
            format!("ApiKey {}", token.api_key.expose()),
            format!("Basic {basic}"),
        ] {
            let sender = ward.access.authenticate_sender(&header, later(2)).await.expect("known");
            assert_eq!((sender.token, sender.organisation), (token.id, code("RA1")));
            assert_eq!(sender.name, "shipper of ward 3");
        }
        is_invalid(ward.access.authenticate_program(&format!("Bearer {text}"), later(2)).await);
        is_invalid(ward.access.authenticate_sender("Bearer x", later(2)).await);
    })
    .await;
}

#[tokio::test]
async fn a_token_nobody_made_is_not_valid_though_its_checksum_fits() {
    on_every_engine(async |t| {
        let (ward, other) = (ward(t).await, testkit::sqlite().await);
        let elsewhere = support::open(&other).await;
        let token = elsewhere.issue_ingest_token(code("RA1"), "x", None, now()).await;
        let header = format!("Bearer {}", token.expect("made").text.expose());
        is_invalid(ward.access.authenticate_sender(&header, now()).await);
        assert!(elsewhere.authenticate_sender(&header, now()).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn a_token_ends_after_a_year_or_when_it_was_said() {
    on_every_engine(async |t| {
        let ward = ward(t).await;
        let issue = async |until| {
            let made = ward.access.issue_ingest_token(code("RA1"), "x", until, now()).await;
            format!("Bearer {}", made.expect("made").text.expose())
        };
        let (year, hour) = (issue(None).await, issue(Some(later(3600))).await);
        let is_known = async |header: &str, second: i64| {
            ward.access.authenticate_sender(header, later(second)).await.is_ok()
        };
        assert!(is_known(&hour, 3599).await && !is_known(&hour, 3600).await);
        let end = 365 * 24 * 3600;
        assert!(is_known(&year, end - 1).await && !is_known(&year, end).await);
        let past = ward.access.issue_ingest_token(code("RA1"), "x", Some(now()), now()).await;
        assert!(matches!(past, Err(AccessError::Input { field: "expires_at", .. })), "{past:?}");
    })
    .await;
}

#[tokio::test]
async fn a_revoked_token_stops_within_a_second_on_every_node() {
    on_every_engine(async |t| {
        let key = ServerKey::random();
        let node =
            async || Access::open(t.db.clone(), key.clone(), settings()).await.expect("open");
        let (here, there) = (node().await, node().await);
        let token = here.issue_ingest_token(code("RA1"), "x", None, now()).await.expect("made");
        let header = format!("Bearer {}", token.text.expose());
        for node in [&here, &there] {
            assert!(node.authenticate_sender(&header, now()).await.is_ok());
        }
        let link = here.first_administrator_link(now()).await.expect("read").expect("a link");
        let claim = access::first::Claim {
            email: support::ADMIN,
            name: "Example Lead",
            password: access::Secret::new(support::PASSWORD),
        };
        here.claim(&link.secret, claim, now()).await.expect("claimed");
        let (admin, ..) = support::enrol(&here, support::ADMIN, now()).await;
        assert!(there.authenticate_sender(&header, after_millis(600)).await.is_ok());
        here.revoke_token(&admin, token.id, after_millis(601)).await.expect("revoked");
        for node in [&here, &there] {
            is_invalid(node.authenticate_sender(&header, after_millis(1500)).await);
        }
        let again = here.revoke_token(&admin, token.id, after_millis(1600)).await;
        assert!(matches!(again, Err(AccessError::Unknown("token"))), "{again:?}");
    })
    .await;
}

#[tokio::test]
async fn the_last_use_is_noted_once_a_minute() {
    on_every_engine(async |t| {
        let ward = ward(t).await;
        let token = ward.access.issue_ingest_token(code("RA1"), "x", None, now()).await;
        let header = format!("Bearer {}", token.expect("made").text.expose());
        let used = async || {
            let tokens = ward.access.ingest_tokens(&ward.admin, None, 10).await.expect("read");
            tokens[0].last_used_at
        };
        assert_eq!(used().await, None);
        for (second, expected) in [(0, 0), (59, 0), (60, 60), (61, 60), (400, 400)] {
            ward.access.authenticate_sender(&header, later(second)).await.expect("known");
            assert_eq!(used().await, Some(later(expected)), "at {second}");
        }
    })
    .await;
}

#[tokio::test]
async fn tokens_are_paged_newest_first_without_gaps() {
    on_every_engine(async |t| {
        let ward = ward(t).await;
        let mut made = Vec::new();
        for n in 0..5 {
            let token = ward.access.issue_ingest_token(code("RA1"), "x", None, later(n)).await;
            made.insert(0, token.expect("made").id);
        }
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = ward.access.ingest_tokens(&ward.admin, after, 2).await.expect("read");
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            seen.extend(page.iter().map(|token| token.id));
        }
        assert_eq!(seen, made);
    })
    .await;
}

#[tokio::test]
async fn who_administers_one_trust_manages_its_tokens_only() {
    on_every_engine(async |t| {
        let ward = ward(t).await;
        let lead = trust_administrator(&ward).await;
        let access = &ward.access;
        let make = async |by: &Caller, organisation: &str| {
            access.create_ingest_token(by, code(organisation), "x", None, later(2)).await
        };
        let mine = make(&lead, "RA1").await.expect("made");
        let refused = make(&lead, "RA2").await;
        let lacks = matches!(refused, Err(AccessError::Forbidden(Permission::ManageTokens)));
        assert!(lacks, "{refused:?}");
        let theirs = make(&ward.admin, "RA2").await.expect("made");
        let listed = access.ingest_tokens(&lead, None, 10).await.expect("read");
        let listed: Vec<_> = listed.iter().map(|token| token.id).collect();
        assert_eq!(listed, [mine.id]);
        assert_eq!(access.ingest_tokens(&ward.admin, None, 10).await.expect("read").len(), 2);
        let hidden = access.revoke_token(&lead, theirs.id, later(3)).await;
        assert!(matches!(hidden, Err(AccessError::Unknown("token"))), "{hidden:?}");
        access.revoke_token(&lead, mine.id, later(3)).await.expect("revoked");
        let viewer =
            ward.person(&ward.admin, "v", Role::Viewer, organisation("RA1"), later(4)).await;
        assert!(access.ingest_tokens(&viewer, None, 10).await.expect("read").is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_program_may_what_its_token_says_and_its_owner_still_holds() {
    on_every_engine(async |t| {
        let ward = ward(t).await;
        map(&ward.db).await;
        let access = &ward.access;
        let ann = ward.person(&ward.admin, "ann", Role::Analyst, Part::Sector, later(1)).await;
        let make = async |by: &Caller, part: Part, permissions: &[Permission]| {
            let permissions = permissions.to_vec();
            let new = NewApiToken { name: "script", part, permissions, expires_at: None };
            access.create_api_token(by, &new, later(2)).await
        };
        let too_much = make(&ann, Part::Sector, &[Permission::ManageRules]).await;
        assert!(matches!(too_much, Err(AccessError::Exceeds(Permission::ManageRules))));
        let wanted = [Permission::ViewAlerts, Permission::WorkAlerts];
        let token = make(&ann, organisation("RA1"), &wanted).await.expect("made");
        let header = format!("Bearer {}", token.text.expose());
        let program = access.authenticate_program(&header, later(3)).await.expect("known");
        assert_eq!((program.person, program.who()), (ann.person, Who::Token(token.id)));
        assert_eq!(program.scope(Permission::WorkAlerts), Scope::organisation(code("RA1")));
        assert!(!program.may_somewhere(Permission::ViewRules));
        let reset = access.reset_link(&program, ann.person, later(3)).await;
        assert!(matches!(reset, Err(AccessError::SignInAgain)), "{reset:?}");
        let nested = make(&program, organisation("RA1"), &[Permission::ViewAlerts]).await;
        assert!(nested.is_err(), "a token makes no tokens");
        let entry = access.api_tokens(&ann, None, 10).await.expect("read").remove(0);
        assert!(matches!(entry.what, TokenUse::Api { person, .. } if person == ann.person));
        assert!(access.api_tokens(&ward.admin, None, 10).await.expect("read").is_empty());
        let seen = access.api_tokens_of(&ward.admin, ann.person, None, 10).await.expect("read");
        assert_eq!(seen, [entry]);
        let unseen = access.api_tokens_of(&ann, ward.admin.person, None, 10).await;
        assert!(matches!(unseen, Err(AccessError::Unknown("person"))), "{unseen:?}");
        let spare = make(&ann, organisation("RA1"), &wanted).await.expect("made");
        let region = NewGrant::of(Role::Administrator, Part::Region(code("Y56")));
        let lead =
            ward.person(&ward.admin, "lead", Role::Viewer, region.part.clone(), later(2)).await;
        access.give(&ward.admin, lead.person, &region, later(2)).await.expect("given");
        let hidden = access.revoke_token(&lead, spare.id, later(3)).await;
        assert!(matches!(hidden, Err(AccessError::Unknown("token"))), "{hidden:?}");
        access.revoke_token(&ward.admin, spare.id, later(3)).await.expect("an administrator may");

        // The owner becomes a viewer who may use the API, then loses everything.
        let grants = access.person(&ward.admin, ann.person, later(4)).await.expect("seen").grants;
        let assurer = NewGrant::of(Role::Assurer, Part::Region(code("Y56")));
        access.give(&ward.admin, ann.person, &assurer, later(4)).await.expect("given");
        access.revoke(&ward.admin, grants[0].id, later(5)).await.expect("revoked");
        let program = access.authenticate_program(&header, later(6)).await.expect("known");
        assert!(program.may_somewhere(Permission::ViewAlerts));
        assert!(!program.may_somewhere(Permission::WorkAlerts));
        access.disable(&ward.admin, ann.person, later(7)).await.expect("disabled");
        is_invalid(access.authenticate_program(&header, later(8)).await);
    })
    .await;
}
