//! The intake on every engine: records to the log, failures to who looks after the source.

use std::sync::Arc;

use bus::{EventLog, Limits, Seq};
use db::{Db, Place, Schema};
use intake::{Intake, Lines, Sender};
use terms::{OdsCode, Scope, TokenId};
use testkit::{TestDb, later, now};

async fn intake(t: &TestDb, folder: &tempfile::TempDir, limits: Limits) -> Intake {
    let place = match &t.place {
        Place::Sqlite(_) => Place::Sqlite(folder.path().join("events.db")),
        Place::Postgres(_) => t.place.clone(),
    };
    let log = Db::open_as(Schema::Log, &place).await.expect("a database");
    let (log, _writer) = EventLog::open(log, limits).await.expect("a log");
    Intake::new(log, t.db.clone())
}

fn sender(code: &str) -> Sender {
    let organisation: OdsCode = code.parse().expect("a code");
    Sender { source: TokenId::new(now()), organisation }
}

#[tokio::test]
async fn records_are_counted_by_the_minute_and_failures_kept_with_a_sample() {
    testkit::on_every_engine(async |t| {
        let folder = tempfile::tempdir().expect("a folder");
        let intake = intake(t, &folder, Limits::default()).await;
        let sender = sender("XAA");
        let lines = Lines::read(b"{\"a\":1}\nnonsense\n{\"a\":2}\n");
        let accepted = intake.accept(&sender, lines, now()).await.expect("accepted");
        assert_eq!((accepted.count, accepted.seq), (2, Some(Seq(1))));
        intake.accept(&sender, Lines::read(b"{}"), later(61)).await.expect("accepted");
        intake.unread(&sender, "nested too deep", "{\"a\":", later(62));
        intake.lagged(&sender, 4, later(62));
        intake.flush().await.expect("written");
        intake.accept(&sender, Lines::read(b"{}"), later(63)).await.expect("accepted");
        intake.flush().await.expect("written");

        let scope = Scope::organisation(sender.organisation.clone());
        let found = intake.source(&scope, sender.source, now()).await.expect("read");
        let (state, minutes, failures) = found.expect("a source");
        assert_eq!((state.events, state.refused, state.unread), (4, 1, 1));
        assert_eq!((state.first_at, state.last_at), (now(), later(63)));
        assert_eq!(state.lag_s, Some(4));
        assert_eq!(minutes.iter().map(|m| m.events).collect::<Vec<_>>(), [2, 2]);
        assert_eq!(failures[0].reason, "nested too deep");
        assert_eq!((failures[1].line, failures[1].sample.as_str()), (2, "nonsense"));
    })
    .await;
}

#[tokio::test]
async fn a_stranger_sees_no_source() {
    testkit::on_every_engine(async |t| {
        let folder = tempfile::tempdir().expect("a folder");
        let intake = intake(t, &folder, Limits::default()).await;
        let sender = sender("XAA");
        intake.accept(&sender, Lines::read(b"{}"), now()).await.expect("accepted");
        intake.flush().await.expect("written");
        for scope in [Scope::nothing(), Scope::organisation("XBB".parse().expect("a code"))] {
            assert_eq!(intake.sources(&scope).await.expect("read"), []);
            let one = intake.source(&scope, sender.source, now()).await.expect("read");
            assert_eq!(one, None);
        }
        assert_eq!(intake.sources(&Scope::sector()).await.expect("read").len(), 1);
    })
    .await;
}

#[tokio::test]
async fn only_the_latest_failures_of_a_source_are_kept() {
    testkit::on_every_engine(async |t| {
        let folder = tempfile::tempdir().expect("a folder");
        let intake = intake(t, &folder, Limits::default()).await;
        let sender = sender("XAA");
        for round in 0..4 {
            for number in 0..30 {
                intake.failed(&sender, &format!("{round}-{number}"), later(number));
            }
            intake.flush().await.expect("written");
        }
        let found = intake.source(&Scope::sector(), sender.source, now()).await.expect("read");
        let (state, _, failures) = found.expect("a source");
        assert_eq!(state.refused, 120);
        assert_eq!(failures.len(), 50);
        assert_eq!(failures[0].reason, "3-29");
    })
    .await;
}

#[tokio::test]
async fn a_request_past_the_bound_is_refused_whole_and_what_is_lost_is_counted() {
    testkit::on_every_engine(async |t| {
        let folder = tempfile::tempdir().expect("a folder");
        let limits = Limits { backlog_bytes: 1, ..Limits::default() };
        let intake = intake(t, &folder, limits).await;
        let sender = sender("XAA");
        intake.accept(&sender, Lines::read(b"{}"), now()).await.expect("accepted");
        let again = Arc::new(Lines::read(b"{}"));
        intake.offer(&sender, &again, now()).await.expect_err("refused, and offered again");
        intake.accept(&sender, Lines::read(b"{}"), now()).await.expect_err("refused");
        intake.lost(&sender, 7, "dropped", now());
        assert_eq!(intake.log().read(Seq(0), usize::MAX).await.expect("read").len(), 1);
        intake.flush().await.expect("written");
        let found = intake.source(&Scope::sector(), sender.source, now()).await.expect("read");
        let (state, _, failures) = found.expect("a source");
        // What its sender was told, and what was lost; not what waits.
        assert_eq!((state.refused, failures.len()), (8, 2));
    })
    .await;
}
