//! The audit trail in both databases: complete, in one chain, guarded, and seen within scope.

mod support;

use access::{
    Digest, Role, Who, audit,
    audit::{AuditFilter, Broken, Entry, Fault, Head, On, VerifyError},
};
use db::{Db, Engine};
use sea_orm::{ConnectionTrait, DbErr};
use support::{code, map, organisation, ward};
use terms::{Part, Scope};
use testkit::{TestDb, later, now, on_every_engine, sqlite};

fn entry(number: i64) -> Entry {
    Entry::new(later(number), Who::Ward, "example.deed", On::new("example", number))
}

async fn append(db: &Db, entry: Entry) {
    let write = db.write().await.expect("begun");
    audit::append(&write, entry).await.expect("appended");
    write.commit().await.expect("committed");
}

async fn trail(db: &Db, length: i64) {
    for number in 1..=length {
        let organisation = if number % 2 == 0 { "RA1" } else { "RC1" };
        append(db, entry(number).of(code(organisation))).await;
    }
}

async fn broken(db: &Db) -> Broken {
    match audit::verify(db, Head::START).await {
        Err(VerifyError::Broken(broken)) => broken,
        other => panic!("not found: {other:?}"),
    }
}

async fn run(db: &Db, sql: &str) -> Result<(), DbErr> {
    let write = db.write().await.expect("begun");
    write.execute_unprepared(sql).await?;
    write.commit().await
}

/// What somebody with all rights over the database can do.
async fn without_triggers(db: &Db) {
    let statements: &[&str] = match db.engine() {
        Engine::Sqlite => &[
            "DROP TRIGGER audit_entry_keeps_rows",
            "DROP TRIGGER audit_entry_keeps_values",
            "DROP TRIGGER audit_entry_keeps_number",
        ],
        Engine::Postgres => &["ALTER TABLE audit_entry DISABLE TRIGGER ALL"],
    };
    for sql in statements {
        run(db, sql).await.expect("done");
    }
}

#[tokio::test]
async fn an_empty_trail_holds() {
    on_every_engine(async |t| {
        let verified = audit::verify(&t.db, Head::START).await.expect("holds");
        assert_eq!((verified.entries, verified.head), (0, Head::START));
    })
    .await;
}

#[tokio::test]
async fn writers_at_once_make_one_unbroken_chain() {
    on_every_engine(async |t| {
        let tasks: Vec<_> = (0..8)
            .map(|task| {
                let db = t.db.clone();
                tokio::spawn(async move {
                    for number in 0..50 {
                        append(&db, entry(task * 100 + number)).await;
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.expect("no panic");
        }
        let verified = audit::verify(&t.db, Head::START).await.expect("holds");
        assert_eq!((verified.entries, verified.head.number), (400, 400));
    })
    .await;
}

#[tokio::test]
async fn an_entry_is_there_exactly_when_its_deed_is() {
    on_every_engine(async |t| {
        append(&t.db, entry(1)).await;
        let write = t.db.write().await.expect("begun");
        audit::append(&write, entry(2)).await.expect("appended");
        drop(write);
        append(&t.db, entry(3)).await;
        let verified = audit::verify(&t.db, Head::START).await.expect("holds, without a gap");
        assert_eq!(verified.entries, 2);
    })
    .await;
}

#[tokio::test]
async fn the_database_refuses_to_change_or_lose_an_entry() {
    on_every_engine(async |t| {
        trail(&t.db, 3).await;
        let engine = match t.db.engine() {
            Engine::Sqlite => {
                "INSERT OR REPLACE INTO audit_entry SELECT number, at, who_kind, who_id, what, \
                 on_kind, on_id, organisation, 'x', previous, digest FROM audit_entry"
            }
            Engine::Postgres => "TRUNCATE audit_entry",
        };
        for sql in [
            "UPDATE audit_entry SET details = 'x' WHERE number = 2",
            "UPDATE audit_entry SET details = details",
            "DELETE FROM audit_entry WHERE number = 3",
            "DELETE FROM audit_entry",
            engine,
        ] {
            let refused = run(&t.db, sql).await.expect_err(sql).to_string();
            assert!(refused.contains("append-only"), "{sql}: {refused}");
        }
        assert_eq!(audit::verify(&t.db, Head::START).await.expect("holds").entries, 3);
    })
    .await;
}

#[tokio::test]
async fn what_is_done_behind_the_triggers_is_found() {
    let columns = "number, at, who_kind, who_id, what, on_kind, on_id, organisation, details, \
                   previous, digest";
    let copy = |from: i64, to: &str| {
        let rest = columns.trim_start_matches("number, ");
        format!(
            "INSERT INTO audit_entry ({columns}) SELECT {to}, {rest} FROM audit_entry \
             WHERE number = {from}"
        )
    };
    let cases: [(String, i64, Fault); 11] = [
        ("UPDATE audit_entry SET details = '{\"x\":1}' WHERE number = 4".into(), 4, Fault::Changed),
        ("UPDATE audit_entry SET at = at + 1 WHERE number = 5".into(), 5, Fault::Changed),
        ("UPDATE audit_entry SET organisation = NULL WHERE number = 1".into(), 1, Fault::Changed),
        ("DELETE FROM audit_entry WHERE number = 2".into(), 2, Fault::Missing),
        ("DELETE FROM audit_entry WHERE number = 6".into(), 6, Fault::Missing),
        ("DELETE FROM audit_entry".into(), 1, Fault::Missing),
        (copy(3, "0"), 0, Fault::Foreign),
        (copy(3, "7"), 7, Fault::Foreign),
        ("UPDATE audit_head SET number = 5".into(), 6, Fault::Foreign),
        ("UPDATE audit_head SET number = 7".into(), 7, Fault::Missing),
        (
            "UPDATE audit_entry SET number = CASE number WHEN 2 THEN -3 ELSE -2 END WHERE number \
             IN (2, 3); UPDATE audit_entry SET number = -number WHERE number < 0"
                .into(),
            2,
            Fault::NotChained,
        ),
    ];
    for (sql, number, why) in cases {
        on_every_engine(async |t| {
            trail(&t.db, 6).await;
            without_triggers(&t.db).await;
            run(&t.db, &sql).await.expect(&sql);
            assert_eq!(broken(&t.db).await, Broken { number, why }, "{sql}");
        })
        .await;
    }
}

#[tokio::test]
async fn an_end_kept_elsewhere_finds_a_trail_written_anew() {
    on_every_engine(async |t| {
        trail(&t.db, 4).await;
        let kept = audit::verify(&t.db, Head::START).await.expect("holds").head;
        append(&t.db, entry(5)).await;
        let since = audit::verify(&t.db, kept).await.expect("holds since");
        assert_eq!((since.entries, since.head.number), (1, 5));
        let kept: Head = kept.to_string().parse().expect("read back from paper");

        // Somebody writes everything anew, each digest fitting.
        without_triggers(&t.db).await;
        run(&t.db, "DELETE FROM audit_entry").await.expect("done");
        let zero = match t.db.engine() {
            Engine::Sqlite => "UPDATE audit_head SET number = 0, digest = zeroblob(32)",
            Engine::Postgres => {
                "UPDATE audit_head SET number = 0, digest = decode(repeat('00', 32), 'hex')"
            }
        };
        run(&t.db, zero).await.expect("done");
        trail(&t.db, 3).await;
        assert!(audit::verify(&t.db, Head::START).await.is_ok(), "by itself it holds");
        let shorter = audit::verify(&t.db, kept).await.expect_err("found");
        assert!(matches!(shorter, VerifyError::Broken(Broken { number: 4, why: Fault::Missing })));
        append(&t.db, entry(99)).await;
        let other = audit::verify(&t.db, kept).await.expect_err("found");
        assert!(matches!(other, VerifyError::Broken(Broken { number: 4, why: Fault::Changed })));
    })
    .await;
}

#[tokio::test]
async fn a_trail_longer_than_a_page_is_verified_to_its_end() {
    let t: TestDb = sqlite().await;
    let write = t.db.write().await.expect("begun");
    for number in 1..=2500 {
        audit::append(&write, entry(number)).await.expect("appended");
    }
    write.commit().await.expect("committed");
    assert_eq!(audit::verify(&t.db, Head::START).await.expect("holds").entries, 2500);
    without_triggers(&t.db).await;
    run(&t.db, "UPDATE audit_entry SET what = 'x' WHERE number = 2400").await.expect("done");
    assert_eq!(broken(&t.db).await, Broken { number: 2400, why: Fault::Changed });
}

#[tokio::test]
async fn entries_are_seen_within_scope_and_those_without_an_organisation_by_the_sector() {
    on_every_engine(async |t| {
        map(&t.db).await;
        append(&t.db, entry(1).of(code("RA1"))).await;
        append(&t.db, entry(2).of(code("RC1"))).await;
        append(&t.db, entry(3)).await;
        let seen = async |scope: Scope| {
            let page = audit::list(&t.db, &scope, &AuditFilter::default(), None, 100).await;
            page.expect("read").entries.iter().map(|entry| entry.number).collect::<Vec<_>>()
        };
        assert_eq!(seen(Scope::sector()).await, [3, 2, 1]);
        assert_eq!(seen(Scope::organisation(code("RA1"))).await, [1]);
        assert_eq!(seen(Scope::of([Part::Region(code("Y60"))])).await, [2]);
        assert_eq!(seen(Scope::nothing()).await, [] as [i64; 0]);
    })
    .await;
}

#[tokio::test]
async fn the_trail_is_filtered_paged_and_exported_without_gaps() {
    on_every_engine(async |t| {
        trail(&t.db, 25).await;
        let list = async |filter: &AuditFilter, before: Option<i64>| {
            audit::list(&t.db, &Scope::sector(), filter, before, 10).await.expect("read")
        };
        let all = AuditFilter::default();
        let first = list(&all, None).await;
        assert_eq!((first.entries[0].number, first.next), (25, Some(16)));
        let third = list(&all, Some(6)).await;
        assert_eq!((third.entries.len(), third.next), (5, None));
        let filters = [
            (AuditFilter { from: Some(later(5)), until: Some(later(8)), ..all.clone() }, 3),
            (AuditFilter { what: Some("example.".into()), ..all.clone() }, 25),
            (AuditFilter { what: Some("example_".into()), ..all.clone() }, 0),
            (AuditFilter { who: Some(Who::Ward), ..all.clone() }, 25),
            (
                AuditFilter {
                    on_kind: Some("example".into()),
                    on_id: Some("7".into()),
                    ..all.clone()
                },
                1,
            ),
            (AuditFilter { organisation: Some(code("RA1")), ..all.clone() }, 12),
        ];
        for (filter, expected) in filters {
            let mut count = 0;
            let take = |_| {
                count += 1;
                true
            };
            let told = audit::export(&t.db, &Scope::sector(), &filter, take).await.expect("read");
            assert_eq!((told, count), (expected, expected), "{filter:?}");
        }
        let line = list(&all, Some(2)).await.entries[0].to_json();
        assert_eq!(line["number"], 1);
        assert_eq!(line["who"], "ward");
        assert_eq!(line["previous"], Digest::ZERO.to_string());
    })
    .await;
}

#[tokio::test]
async fn everything_people_do_with_accounts_is_in_the_trail() {
    on_every_engine(async |t| {
        let ward = ward(t).await;
        map(&ward.db).await;
        let role = Role::Administrator;
        let ann = ward.person(&ward.admin, "ann", role, organisation("RA1"), later(1)).await;
        let token = ward.access.create_ingest_token(&ann, code("RA1"), "x", None, later(2)).await;
        let token = token.expect("made").id;
        ward.access.revoke_token(&ann, token, later(3)).await.expect("revoked");
        ward.access.disable(&ward.admin, ann.person, later(4)).await.expect("disabled");
        let page =
            audit::list(&ward.db, &Scope::sector(), &AuditFilter::default(), None, 100).await;
        let mut entries = page.expect("read").entries;
        entries.reverse();
        let verbs: Vec<&str> = entries.iter().map(|entry| entry.what.as_str()).collect();
        assert_eq!(
            verbs,
            [
                "person.claim",
                "sign_in.pass",
                "sign_in.pass",
                "person.enrol_totp",
                "person.invite",
                "grant.give",
                "person.accept_invitation",
                "sign_in.pass",
                "sign_in.pass",
                "person.enrol_totp",
                "token.create",
                "token.revoke",
                "person.disable",
            ]
        );
        assert_eq!(entries[0].at, now());
        assert_eq!(entries[10].who, Who::Person(ann.person));
        assert_eq!(entries[10].organisation, Some(code("RA1")));
        let mine = AuditFilter { who: Some(Who::Person(ward.admin.person)), ..Default::default() };
        let mine = audit::list(&ward.db, &Scope::sector(), &mine, None, 100).await.expect("read");
        assert_eq!(mine.entries.len(), 6);
        let verified = audit::verify(&ward.db, Head::START).await.expect("holds");
        assert_eq!(verified.entries, 13);
    })
    .await;
}
