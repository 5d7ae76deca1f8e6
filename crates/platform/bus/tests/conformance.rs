//! The event log on every engine: what it promises senders and readers.

use std::time::Duration;

use bus::{Batch, EventLog, Limits, NewBatch, Refused, Seq, Writer};
use db::{Db, Place, Schema};
use terms::{OdsCode, TokenId};
use testkit::{later, now};

/// Runs `check` with the place of an empty log on every engine.
async fn on_every_engine(check: impl AsyncFn(&Place)) {
    let folder = tempfile::tempdir().expect("a folder");
    check(&Place::Sqlite(folder.path().join("events.db"))).await;
    check(&testkit::postgres().await.place).await;
}

async fn open(place: &Place, limits: Limits) -> (EventLog, Writer) {
    let db = Db::open_as(Schema::Log, place).await.expect("a database");
    EventLog::open(db, limits).await.expect("a log")
}

fn organisation(code: &str) -> OdsCode {
    code.parse().expect("a code")
}

fn batch(text: &str) -> NewBatch {
    let source = TokenId::new(now());
    NewBatch::new(organisation("XAA"), source, now(), text.as_bytes(), 1)
}

fn texts(batches: &[Batch]) -> Vec<String> {
    batches.iter().map(|b| String::from_utf8(b.records.clone()).expect("text")).collect()
}

#[tokio::test]
async fn what_was_accepted_is_read_back_in_order_after_a_new_start() {
    on_every_engine(async |place| {
        let (log, writer) = open(place, Limits::default()).await;
        for number in 1..=40 {
            let seq = log.append(batch(&format!("{{\"n\":{number}}}\n"))).await.expect("taken");
            assert_eq!(seq, Seq(number));
        }
        drop(log);
        writer.finished().await;

        let (log, _writer) = open(place, Limits::default()).await;
        let read = log.read(Seq(0), usize::MAX).await.expect("read");
        let expected: Vec<String> = (1..=40).map(|n| format!("{{\"n\":{n}}}\n")).collect();
        assert_eq!(texts(&read), expected);
        assert_eq!(read[0].organisation, organisation("XAA"));
        assert_eq!(read[0].received_at, now());
        assert_eq!(log.read(Seq(38), usize::MAX).await.expect("read").len(), 2);
        assert_eq!(log.append(batch("{}\n")).await.expect("taken"), Seq(41));
    })
    .await;
}

#[tokio::test]
async fn senders_at_the_same_time_get_positions_without_a_gap_and_in_their_own_order() {
    on_every_engine(async |place| {
        let (log, _writer) = open(place, Limits::default()).await;
        let senders = (0..8).map(|sender| {
            let log = log.clone();
            tokio::spawn(async move {
                let mut own = Vec::new();
                for number in 0..25 {
                    let text = format!("{{\"s\":{sender},\"n\":{number}}}\n");
                    own.push((log.append(batch(&text)).await.expect("taken"), text));
                }
                assert!(own.is_sorted());
                own
            })
        });
        let mut all = Vec::new();
        for sender in senders.collect::<Vec<_>>() {
            all.extend(sender.await.expect("a sender"));
        }
        all.sort();
        let positions: Vec<i64> = all.iter().map(|(seq, _)| seq.0).collect();
        assert_eq!(positions, (1..=200).collect::<Vec<_>>());
        let read = log.read(Seq(0), usize::MAX).await.expect("read");
        assert_eq!(texts(&read), all.into_iter().map(|(_, text)| text).collect::<Vec<_>>());
    })
    .await;
}

#[tokio::test]
async fn two_processes_may_write_and_no_reader_skips_a_batch() {
    let place = testkit::postgres().await.place;
    let (one, _first) = open(&place, Limits::default()).await;
    let (two, _second) = open(&place, Limits::default()).await;
    let write = |log: EventLog| {
        tokio::spawn(async move {
            for _ in 0..50 {
                log.append(batch("{}\n")).await.expect("taken");
            }
        })
    };
    let (first, second) = (write(one.clone()), write(two));
    let mut seen = Vec::new();
    while seen.len() < 100 {
        let after = seen.last().copied().unwrap_or_default();
        seen.extend(one.read(after, 1).await.expect("read").iter().map(|batch| batch.seq));
    }
    assert_eq!(seen, (1..=100).map(Seq).collect::<Vec<_>>());
    first.await.expect("a writer");
    second.await.expect("a writer");
}

#[tokio::test]
async fn a_read_stops_at_its_bound_but_gives_at_least_one() {
    on_every_engine(async |place| {
        let (log, _writer) = open(place, Limits::default()).await;
        for _ in 0..60 {
            log.append(batch(&"x".repeat(1000))).await.expect("taken");
        }
        assert_eq!(log.read(Seq(0), 1).await.expect("read").len(), 1);
        assert_eq!(log.read(Seq(0), 40_000).await.expect("read").len(), 40);
        assert_eq!(log.read(Seq(60), usize::MAX).await.expect("read"), []);
    })
    .await;
}

#[tokio::test]
async fn past_the_backlog_bound_senders_are_refused_until_readers_release() {
    on_every_engine(async |place| {
        let limits = Limits { backlog_bytes: 200, ..Limits::default() };
        let (log, _writer) = open(place, limits).await;
        let mut taken = 0;
        let refused = loop {
            match log.append(batch("{\"some\":\"record\"}\n")).await {
                Ok(seq) => taken = seq.0,
                Err(refused) => break refused,
            }
            assert!(taken < 100, "never refused");
        };
        let Refused::Busy { retry_after } = refused else { panic!("{refused}") };
        assert!(retry_after > Duration::ZERO);

        log.release("detect", Seq(taken)).await.expect("released");
        log.append(batch("{}\n")).await.expect("taken again");
        assert_eq!(log.read(Seq(0), usize::MAX).await.expect("read").len() as i64, taken + 1);
    })
    .await;
}

#[tokio::test]
async fn only_what_all_readers_released_and_what_is_old_is_deleted() {
    on_every_engine(async |place| {
        let (log, _writer) = open(place, Limits::default()).await;
        for _ in 0..10 {
            log.append(batch("{}\n")).await.expect("taken");
        }
        assert_eq!(log.trim(later(60)).await.expect("trimmed"), 0, "nobody released");
        log.release("detect", Seq(8)).await.expect("released");
        log.release("lake", Seq(4)).await.expect("released");
        assert_eq!(log.trim(now()).await.expect("trimmed"), 0, "none is old enough");
        assert_eq!(log.trim(later(60)).await.expect("trimmed"), 4);
        let left = log.read(Seq(0), usize::MAX).await.expect("read");
        assert_eq!(left.first().map(|batch| batch.seq), Some(Seq(5)));
    })
    .await;
}

#[tokio::test]
async fn news_of_the_newest_position_reaches_who_waits_for_it() {
    on_every_engine(async |place| {
        let (log, _writer) = open(place, Limits::default()).await;
        let mut newest = log.newest();
        log.append(batch("{}\n")).await.expect("taken");
        newest.changed().await.expect("open");
        assert_eq!(*newest.borrow(), Seq(1));
        log.probe().await.expect("writable");
        assert_eq!(log.fill().newest, Seq(1));
    })
    .await;
}

#[tokio::test]
async fn a_damaged_batch_is_named_and_nothing_is_invented_in_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = Place::Sqlite(folder.path().join("events.db"));
    let (log, _writer) = open(&place, Limits::default()).await;
    log.append(batch("{}\n")).await.expect("taken");
    testkit::execute(&place, "UPDATE event_batch SET records = x'00'").await;
    let error = log.read(Seq(0), usize::MAX).await.expect_err("damaged");
    assert!(error.to_string().contains("batch 1"), "{error}");
}
