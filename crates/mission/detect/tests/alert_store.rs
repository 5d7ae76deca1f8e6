//! Alerts in the database: nothing lost, nothing twice, nothing seen by a stranger.

mod alert_common;

use alert_common::{Setting, by, code, rule, signal};
use db::Write;
use detect::alert::{
    AlertError, Alerts, Checkpoint, Committed, Cx, DeedKind, Exceptions, Filter, LifeError, Limits,
    Move, NewException, Outcome, Signal, Sort, State, Switch, Switches, Verdict, Verdicts,
    life::MAX_BULK,
    service::{Act, View},
};
use terms::{AlertId, OdsCode, Part, PersonId, Scope, ViewId};
use testkit::{TestDb, later, now, on_every_engine};

const CONSUMER: &str = "detect";

async fn commit(alerts: &Alerts, signals: &[Signal], seq: i64, cx: &Cx<'_>) -> Committed {
    let write = alerts.db().write().await.expect("a transaction");
    let checkpoint = Checkpoint { consumer: CONSUMER.to_owned(), seq };
    let done = alerts.commit(&write, signals, &checkpoint, cx).await.expect("written");
    write.commit().await.expect("a commit");
    done
}

async fn written(alerts: &Alerts, signals: &[Signal], seq: i64) -> Outcome {
    match commit(alerts, signals, seq, &Setting::default().cx()).await {
        Committed::Written(outcome) => *outcome,
        Committed::Already => panic!("batch {seq} was written before"),
    }
}

fn person(number: u128) -> PersonId {
    PersonId(uuid::Uuid::from_u128(number))
}

/// All alerts of a scope, oldest first.
async fn all(alerts: &Alerts, scope: &Scope) -> Vec<detect::alert::Alert> {
    let page = alerts.page(scope, &Filter::default(), Sort::Oldest, None, 500).await;
    page.expect("a page").alerts
}

async fn act(alerts: &Alerts, ids: &[AlertId], asked: Move, by: u128, second: i64) -> Act {
    let ids: Vec<_> = ids.iter().map(|id| (*id, None)).collect();
    let write = alerts.db().write().await.expect("a transaction");
    let scope = Scope::sector();
    let done = alerts.act(&write, &scope, &ids, &asked, person(by), later(second)).await;
    write.commit().await.expect("a commit");
    done.expect("an act")
}

fn close(verdict: Verdict) -> Move {
    Move::Close { verdict, reason: "looked at".to_owned() }
}

fn two_devices() -> Vec<Signal> {
    vec![signal((1, 0), "RX1", "EX-1", 0), signal((1, 1), "RX2", "EX-2", 5)]
}

#[tokio::test]
async fn what_is_written_is_read_back_as_it_was() {
    on_every_engine(async |t: &TestDb| {
        let alerts = Alerts::new(t.db.clone());
        let outcome = written(&alerts, &two_devices(), 1).await;
        for opened in &outcome.opened {
            let whole = alerts.whole(&Scope::sector(), opened.alert.id).await.expect("there");
            assert_eq!(whole.alert, opened.alert);
            assert_eq!(whole.story, opened.story);
            assert_eq!(whole.evidence.len(), 1);
            assert_eq!(whole.deeds.len(), 1);
            assert_eq!(whole.deeds[0].kind, DeedKind::Opened);
            let kept: Vec<_> =
                outcome.evidence.iter().filter(|one| one.alert == opened.alert.id).collect();
            assert_eq!(whole.evidence.iter().collect::<Vec<_>>(), kept);
        }
        assert_eq!(alerts.checkpoint(CONSUMER).await.expect("a place"), 1);
    })
    .await;
}

#[tokio::test]
async fn a_batch_that_comes_again_changes_nothing() {
    on_every_engine(async |t: &TestDb| {
        let alerts = Alerts::new(t.db.clone());
        written(&alerts, &two_devices(), 1).await;
        let setting = Setting::default();
        let again = commit(&alerts, &two_devices(), 1, &setting.cx()).await;
        assert_eq!(again, Committed::Already);
        let mut both = two_devices();
        both.push(signal((2, 0), "RX1", "EX-1", 9));
        written(&alerts, &both, 2).await;
        let counts: Vec<u64> =
            all(&alerts, &Scope::sector()).await.iter().map(|a| a.count).collect();
        assert_eq!(counts, [2, 1]);
    })
    .await;
}

#[tokio::test]
async fn a_transaction_that_is_dropped_leaves_neither_alerts_nor_checkpoint() {
    on_every_engine(async |t: &TestDb| {
        let alerts = Alerts::new(t.db.clone());
        let write = t.db.write().await.expect("a transaction");
        let checkpoint = Checkpoint { consumer: CONSUMER.to_owned(), seq: 1 };
        let setting = Setting::default();
        let done = alerts.commit(&write, &two_devices(), &checkpoint, &setting.cx()).await;
        assert!(matches!(done, Ok(Committed::Written(_))));
        drop(write);
        assert_eq!(alerts.checkpoint(CONSUMER).await.expect("a place"), 0);
        assert_eq!(all(&alerts, &Scope::sector()).await, []);
        written(&alerts, &two_devices(), 1).await;
        assert_eq!(all(&alerts, &Scope::sector()).await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_signal_the_checkpoint_does_not_cover_is_refused() {
    on_every_engine(async |t: &TestDb| {
        let alerts = Alerts::new(t.db.clone());
        let write = t.db.write().await.expect("a transaction");
        let checkpoint = Checkpoint { consumer: CONSUMER.to_owned(), seq: 1 };
        let later = [signal((2, 0), "RX1", "EX-1", 0)];
        let setting = Setting::default();
        let refused = alerts.commit(&write, &later, &checkpoint, &setting.cx()).await;
        assert!(matches!(refused, Err(AlertError::Beyond { at: 1, found: 2, .. })), "{refused:?}");
    })
    .await;
}

#[tokio::test]
async fn batches_written_one_by_one_give_what_one_batch_gives() {
    let limits = Limits { of_organisation: 4, of_sector: 9 };
    let signals: Vec<Signal> = (0..150)
        .map(|n: i64| {
            let device = format!("EX-{}", n * 7 % 23);
            let mut one = signal((n + 1, 0), &format!("RX{}", n % 3), &device, n * 40);
            if n % 5 == 0 {
                one.event_time = Some(later(n * 40 - 3_000));
            }
            one
        })
        .collect();
    on_every_engine(async |t: &TestDb| {
        let setting = Setting { limits, ..Setting::default() };
        let alerts = Alerts::new(t.db.clone());
        for chunk in signals.chunks(11) {
            let seq = chunk.last().expect("not empty").position.seq;
            commit(&alerts, chunk, seq, &setting.cx()).await;
        }
        let known = &mut detect::alert::Known::default();
        let whole = detect::alert::fold(&signals, known, &setting.cx());
        let mut expected: Vec<_> = whole.opened.into_iter().map(|one| one.alert).collect();
        let mut found = all(&alerts, &Scope::sector()).await;
        expected.sort_by_key(|alert| alert.id);
        found.sort_by_key(|alert| alert.id);
        assert_eq!(found, expected);
        assert!(found.iter().any(|alert| alert.is_flood));
    })
    .await;
}

#[tokio::test]
async fn a_closed_alert_stays_closed_and_the_next_signal_opens_another() {
    on_every_engine(async |t: &TestDb| {
        let alerts = Alerts::new(t.db.clone());
        written(&alerts, &two_devices(), 1).await;
        let first = all(&alerts, &Scope::sector()).await[0].clone();
        act(&alerts, &[first.id], close(Verdict::Benign), 1, 60).await;
        written(&alerts, &[signal((2, 0), "RX1", "EX-1", 61)], 2).await;
        written(&alerts, &[signal((3, 0), "RX1", "EX-1", 62)], 3).await;
        let of_rx1 = all(&alerts, &Scope::organisation(code("RX1"))).await;
        let seen: Vec<_> = of_rx1.iter().map(|one| (one.state, one.count)).collect();
        assert_eq!(seen, [(State::Closed, 1), (State::New, 2)]);
        let whole = alerts.whole(&Scope::sector(), of_rx1[1].id).await.expect("there");
        let earlier: Vec<AlertId> = whole.of_device.iter().map(|one| one.id).collect();
        assert_eq!(earlier, [first.id]);
    })
    .await;
}

#[tokio::test]
async fn a_taken_alert_takes_in_what_comes_within_the_window_and_no_more() {
    on_every_engine(async |t: &TestDb| {
        let alerts = Alerts::new(t.db.clone());
        written(&alerts, &[signal((1, 0), "RX1", "EX-1", 0)], 1).await;
        let id = all(&alerts, &Scope::sector()).await[0].id;
        act(&alerts, &[id], Move::Take, 1, 10).await;
        written(&alerts, &[signal((2, 0), "RX1", "EX-1", 3_600)], 2).await;
        written(&alerts, &[signal((3, 0), "RX1", "EX-1", 7_201)], 3).await;
        let counts: Vec<u64> =
            all(&alerts, &Scope::sector()).await.iter().map(|a| a.count).collect();
        assert_eq!(counts, [2, 1]);
    })
    .await;
}

#[tokio::test]
async fn an_alert_that_grows_can_still_be_closed_by_whoever_looks_at_it() {
    on_every_engine(async |t: &TestDb| {
        let alerts = Alerts::new(t.db.clone());
        written(&alerts, &[signal((1, 0), "RX1", "EX-1", 0)], 1).await;
        let seen = all(&alerts, &Scope::sector()).await[0].clone();
        written(&alerts, &[signal((2, 0), "RX1", "EX-1", 9)], 2).await;
        let write = t.db.write().await.expect("a transaction");
        let one = [(seen.id, Some(seen.version))];
        let (scope, asked) = (Scope::sector(), close(Verdict::Benign));
        let done = alerts.act(&write, &scope, &one, &asked, person(1), later(20)).await;
        assert!(matches!(done.expect("an act").done[0].result, Ok(State::Closed)));
    })
    .await;
}

#[tokio::test]
async fn an_act_on_several_tells_each_result_and_is_taken_back_at_once() {
    on_every_engine(async |t: &TestDb| {
        let alerts = Alerts::new(t.db.clone());
        let signals: Vec<Signal> =
            (0..4).map(|n| signal((1, n), "RX1", &format!("EX-{n}"), n.into())).collect();
        written(&alerts, &signals, 1).await;
        let before = all(&alerts, &Scope::sector()).await;
        let ids: Vec<AlertId> = before.iter().map(|one| one.id).collect();
        act(&alerts, &ids[..1], close(Verdict::FalsePositive), 2, 5).await;
        let unknown = AlertId::new(now());
        let asked = [ids[0], ids[1], unknown, ids[2], ids[1]];
        let done = act(&alerts, &asked, close(Verdict::TruePositive), 1, 10).await;
        let results: Vec<String> = done
            .done
            .iter()
            .map(|one| match &one.result {
                Ok(state) => state.to_string(),
                Err(error) => error.to_string(),
            })
            .collect();
        assert_eq!(
            results,
            [
                "the alert is closed: reopen it first",
                "closed",
                "there is no alert with this id, or you may not see it",
                "closed"
            ]
        );
        let record = alerts.record(&Scope::sector(), "backup-deleted").await.expect("a record");
        assert_eq!(record.here, Verdicts { true_positive: 2, benign: 0, false_positive: 1 });

        let scope = Scope::sector();
        let write = t.db.write().await.expect("a transaction");
        let stranger = alerts.undo(&write, &scope, done.id, person(2), later(20)).await;
        let refused = &stranger.expect("an act").done[0].result;
        assert!(matches!(refused, Err(AlertError::Life(LifeError::UndoOfAnother))), "{refused:?}");
        let back =
            alerts.undo(&write, &scope, done.id, person(1), later(30)).await.expect("undone");
        assert!(back.done.iter().all(|one| matches!(one.result, Ok(State::New))), "{back:?}");
        let again =
            alerts.undo(&write, &scope, done.id, person(1), later(31)).await.expect("an act");
        assert!(again.done.iter().all(|one| one.result.is_err()), "{again:?}");
        write.commit().await.expect("a commit");

        let after = all(&alerts, &scope).await;
        for (now, before) in after.iter().zip(&before).skip(1) {
            assert_eq!((now.state, now.owner, now.verdict), (before.state, before.owner, None));
        }
        let record = alerts.record(&scope, "backup-deleted").await.expect("a record");
        assert_eq!(record.here, Verdicts { true_positive: 0, benign: 0, false_positive: 1 });
        let deeds = alerts.whole(&scope, ids[1]).await.expect("there").deeds;
        let undone: Vec<bool> = deeds.iter().map(|deed| deed.is_undone).collect();
        assert_eq!(undone, [false, true, false]);
    })
    .await;
}

#[tokio::test]
async fn more_alerts_than_one_act_may_touch_are_refused_whole() {
    on_every_engine(async |t: &TestDb| {
        let alerts = Alerts::new(t.db.clone());
        let many: Vec<_> = (0..=MAX_BULK).map(|_| (AlertId::new(now()), None)).collect();
        let write = t.db.write().await.expect("a transaction");
        let scope = Scope::sector();
        let refused = alerts.act(&write, &scope, &many, &Move::Take, person(1), now()).await;
        assert!(matches!(refused, Err(AlertError::TooMany { .. })));
    })
    .await;
}

#[tokio::test]
async fn counts_follow_every_move() {
    on_every_engine(async |t: &TestDb| {
        let alerts = Alerts::new(t.db.clone());
        written(&alerts, &two_devices(), 1).await;
        let louder =
            by(&rule("backup-deleted", terms::Level::Critical), signal((2, 0), "RX2", "EX-2", 9));
        written(&alerts, &[louder], 2).await;
        let ids: Vec<AlertId> = all(&alerts, &Scope::sector()).await.iter().map(|a| a.id).collect();
        act(&alerts, &ids[..1], Move::Take, 1, 20).await;
        let done = act(&alerts, &ids[..1], close(Verdict::Benign), 1, 30).await;
        let counted = async || -> Vec<String> {
            let counts = alerts.counts(&Scope::sector()).await.expect("counts");
            let said = |one: &detect::alert::service::Count| {
                format!("{} {} {} {}", one.organisation, one.level, one.state, one.alerts)
            };
            counts.iter().map(said).collect()
        };
        assert_eq!(counted().await, ["RX1 high closed 1", "RX2 critical new 1"]);
        let write = t.db.write().await.expect("a transaction");
        let scope = Scope::sector();
        alerts.undo(&write, &scope, done.id, person(1), later(31)).await.expect("undone");
        write.commit().await.expect("a commit");
        assert_eq!(counted().await, ["RX1 high taken 1", "RX2 critical new 1"]);
        assert_eq!(alerts.counts(&Scope::organisation(code("RX3"))).await.expect("counts"), []);
    })
    .await;
}

#[tokio::test]
async fn a_stranger_sees_and_moves_nothing() {
    on_every_engine(async |t: &TestDb| {
        let alerts = Alerts::new(t.db.clone());
        written(&alerts, &two_devices(), 1).await;
        let id = all(&alerts, &Scope::sector()).await[0].id;
        let took = act(&alerts, &[id], Move::Take, 1, 1).await;
        for scope in
            [Scope::nothing(), Scope::organisation(code("RX3")), Scope::organisation(code("RX2"))]
        {
            let seen = all(&alerts, &scope).await;
            assert!(seen.iter().all(|one| one.id != id), "{scope:?}");
            assert!(matches!(alerts.whole(&scope, id).await, Err(AlertError::NotFound(_))));
            assert!(matches!(alerts.one(&scope, id).await, Err(AlertError::NotFound(_))));
            let mut export = alerts.export(scope.clone(), Filter::default());
            while let Some(rows) = export.next().await.expect("rows") {
                assert!(rows.iter().all(|one| one.id != id), "{scope:?}");
            }
            let write = t.db.write().await.expect("a transaction");
            let moved =
                alerts.act(&write, &scope, &[(id, None)], &Move::Take, person(9), now()).await;
            let result = &moved.expect("an act").done[0].result;
            assert!(matches!(result, Err(AlertError::NotFound(_))), "{result:?}");
            let undone = alerts.undo(&write, &scope, took.id, person(1), later(2)).await;
            assert!(matches!(undone, Err(AlertError::NotFound(_))), "{undone:?}");
            let exception = exception("organisation:RX1");
            let made =
                alerts.make_exception(&write, &scope, &exception, None, person(9), now()).await;
            assert!(matches!(made, Err(AlertError::OutOfScope)), "{made:?}");
            let turned = alerts.turn(&write, &scope, &switch("organisation:RX1", false, 0)).await;
            assert!(matches!(turned, Err(AlertError::OutOfScope)), "{turned:?}");
        }
        let days = alerts.days(&Scope::organisation(code("RX3")), None, 0).await.expect("days");
        assert_eq!(days, []);
    })
    .await;
}

fn exception(part: &str) -> NewException {
    NewException {
        name: "backup job".to_owned(),
        rule: Some("backup-deleted".to_owned()),
        part: part.parse().expect("a part"),
        conditions: Vec::new(),
        device: None,
        reason: "the backup deletes its own old copies".to_owned(),
        expires_at: later(86_400),
    }
}

fn switch(part: &str, is_on: bool, second: i64) -> Switch {
    Switch {
        rule: "backup-deleted".to_owned(),
        part: part.parse().expect("a part"),
        is_on,
        reason: "noisy here".to_owned(),
        person: person(1),
        at: later(second),
    }
}

#[tokio::test]
async fn an_exception_hides_is_counted_by_organisation_and_can_be_taken_back() {
    on_every_engine(async |t: &TestDb| {
        let alerts = Alerts::new(t.db.clone());
        written(&alerts, &two_devices(), 1).await;
        let from = all(&alerts, &Scope::sector()).await[0].id;
        let write = t.db.write().await.expect("a transaction");
        let scope = Scope::sector();
        let new = exception("sector");
        let made =
            alerts.make_exception(&write, &scope, &new, Some(from), person(1), later(5)).await;
        let id = made.expect("made");
        write.commit().await.expect("a commit");

        let none: [(&str, &str); 0] = [];
        let catalogue = event::Catalogue::parse(none, Default::default()).expect("a catalogue");
        let catalogue = std::sync::Arc::new(catalogue);
        let in_force = async |second| -> Exceptions {
            let made = alerts.exceptions_in_force(catalogue.clone(), later(second)).await;
            made.expect("exceptions")
        };
        let setting = Setting { exceptions: in_force(10).await, ..Setting::default() };
        let signals = [
            signal((2, 0), "RX1", "EX-5", 20),
            signal((2, 1), "RX2", "EX-5", 21),
            signal((2, 2), "RX2", "EX-6", 25),
        ];
        commit(&alerts, &signals, 2, &setting.cx()).await;
        assert_eq!(all(&alerts, &scope).await.len(), 2);

        let rx2 = Scope::organisation(code("RX2"));
        for (scope, hits, last) in [(&scope, 3, 26), (&rx2, 2, 26)] {
            let found = alerts.exception(scope, id).await.expect("there");
            assert_eq!((found.hits, found.last_hit), (hits, Some(later(last))), "{scope:?}");
        }
        let day = &alerts.days(&rx2, Some("backup-deleted"), 0).await.expect("days")[0];
        assert_eq!((day.found.hits, day.found.alerts, day.found.excepted), (3, 1, 2));
        let deeds = alerts.whole(&scope, from).await.expect("there").deeds;
        assert_eq!(
            deeds.last().map(|deed| deed.kind),
            Some(DeedKind::ExceptionMade { exception: id })
        );

        // An organisation sees what hides its signals, and cannot take back what is everybody's.
        assert_eq!(alerts.exceptions(&rx2, None).await.expect("a list").len(), 1);
        let write = t.db.write().await.expect("a transaction");
        let refused = alerts.revoke_exception(&write, &rx2, id, person(2), later(30)).await;
        assert!(matches!(refused, Err(AlertError::OutOfScope)), "{refused:?}");
        alerts.revoke_exception(&write, &scope, id, person(1), later(40)).await.expect("revoked");
        write.commit().await.expect("a commit");
        let found = alerts.exception(&scope, id).await.expect("still listed");
        assert_eq!(found.revoked, Some((later(40), person(1))));
        let setting = Setting { exceptions: in_force(50).await, ..Setting::default() };
        commit(&alerts, &[signal((3, 0), "RX1", "EX-5", 50)], 3, &setting.cx()).await;
        assert_eq!(all(&alerts, &scope).await.len(), 3);
    })
    .await;
}

#[tokio::test]
async fn a_rule_turned_off_opens_no_alert_and_its_signals_are_counted() {
    on_every_engine(async |t: &TestDb| {
        let alerts = Alerts::new(t.db.clone());
        let turn = async |one: Switch| {
            let write = t.db.write().await.expect("a transaction");
            let before = alerts.turn(&write, &Scope::sector(), &one).await.expect("turned");
            write.commit().await.expect("a commit");
            before
        };
        assert_eq!(turn(switch("sector", false, 0)).await, None);
        assert_eq!(turn(switch("organisation:RX2", false, 1)).await, None);
        let before = turn(switch("organisation:RX2", true, 2)).await;
        assert_eq!(before, Some(switch("organisation:RX2", false, 1)));
        let switches: Switches = alerts.switches_in_force().await.expect("switches");
        let setting = Setting { switches, ..Setting::default() };
        commit(&alerts, &two_devices(), 1, &setting.cx()).await;
        let seen = all(&alerts, &Scope::sector()).await;
        let seen: Vec<OdsCode> = seen.into_iter().map(|one| one.organisation).collect();
        assert_eq!(seen, [code("RX2")]);
        let rx1 = Scope::organisation(code("RX1"));
        let days = alerts.days(&rx1, None, 0).await.expect("days");
        assert_eq!((days[0].found.hits, days[0].found.off), (1, 1));
        assert_eq!(alerts.switches(&rx1).await.expect("a list").len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_view_is_seen_by_its_owner_and_by_those_it_is_shared_with() {
    on_every_engine(async |t: &TestDb| {
        let alerts = Alerts::new(t.db.clone());
        let view = |name: &str, part: Option<&str>| View {
            id: ViewId::new(now()),
            name: name.to_owned(),
            query: "state=new".to_owned(),
            owner: person(1),
            shared_with: part.map(|part| part.parse().expect("a part")),
            created_at: now(),
        };
        let (own, shared) = (view("a own", None), view("b shared", Some("organisation:RX1")));
        let rx1 = Scope::organisation(code("RX1"));
        let write = t.db.write().await.expect("a transaction");
        alerts.save_view(&write, &rx1, &own).await.expect("saved");
        alerts.save_view(&write, &rx1, &shared).await.expect("saved");
        let beyond = alerts.save_view(&write, &rx1, &view("c", Some("sector"))).await;
        assert!(matches!(beyond, Err(AlertError::OutOfScope)), "{beyond:?}");
        write.commit().await.expect("a commit");
        let names = async |scope: &Scope, number| -> Vec<String> {
            let views = alerts.views(scope, person(number)).await.expect("views");
            views.into_iter().map(|one| one.name).collect()
        };
        assert_eq!(names(&rx1, 1).await, ["a own", "b shared"]);
        assert_eq!(names(&rx1, 2).await, ["b shared"]);
        assert_eq!(names(&Scope::organisation(code("RX2")), 2).await, Vec::<String>::new());
        let write: Write = t.db.write().await.expect("a transaction");
        let refused = alerts.delete_view(&write, person(2), shared.id).await;
        assert!(matches!(refused, Err(AlertError::NotFound(_))), "{refused:?}");
        alerts.delete_view(&write, person(1), shared.id).await.expect("deleted");
        write.commit().await.expect("a commit");
        assert_eq!(names(&rx1, 1).await, ["a own"]);
    })
    .await;
}

#[tokio::test]
async fn what_a_region_or_a_group_holds_follows_the_map() {
    on_every_engine(async |t: &TestDb| {
        alert_common::map(&t.place).await;
        let alerts = Alerts::new(t.db.clone());
        let signals = [
            signal((1, 0), "RX1", "EX-1", 0),
            signal((1, 1), "RX2", "EX-2", 1),
            signal((1, 2), "RX3", "EX-3", 2),
        ];
        written(&alerts, &signals, 1).await;
        let group = format!("group:{}", alert_common::GROUP);
        for (part, expected) in [
            ("region:Y56", vec!["RX1", "RX2"]),
            ("icb:QKK", vec!["RX2"]),
            (group.as_str(), vec!["RX1", "RX3"]),
            ("region:Y99", vec![]),
        ] {
            let part: Part = part.parse().expect("a part");
            let in_scope = all(&alerts, &Scope::of([part.clone()])).await;
            let filter = Filter { parts: vec![part.clone()], ..Filter::default() };
            let page = alerts.page(&Scope::sector(), &filter, Sort::Oldest, None, 50).await;
            let page = page.expect("a page");
            assert_eq!(page.alerts, in_scope);
            let codes: Vec<&str> = in_scope.iter().map(|one| one.organisation.as_str()).collect();
            assert_eq!(codes, expected, "{part}");
            assert_eq!(page.total.count as usize, expected.len());
        }
        // A region's analyst may make an exception for an organisation or board inside it.
        let region = Scope::of(["region:Y56".parse::<Part>().expect("a part")]);
        let write = t.db.write().await.expect("a transaction");
        for (part, allowed) in [
            ("organisation:RX2", true),
            ("icb:QKK", true),
            ("region:Y56", true),
            ("organisation:RX3", false),
            (group.as_str(), false),
            ("sector", false),
            ("icb:Q99", false),
        ] {
            let new = exception(part);
            let made = alerts.make_exception(&write, &region, &new, None, person(1), now()).await;
            assert_eq!(made.is_ok(), allowed, "{part}");
        }
        write.commit().await.expect("a commit");
        let touching = alerts.exceptions(&Scope::organisation(code("RX1")), None).await;
        assert_eq!(touching.expect("a list").len(), 1);
        let touching = alerts.exceptions(&Scope::organisation(code("RX2")), None).await;
        assert_eq!(touching.expect("a list").len(), 3);
    })
    .await;
}

#[tokio::test]
async fn two_processes_that_hand_in_the_same_batch_write_it_once() {
    on_every_engine(async |t: &TestDb| {
        let alerts = Alerts::new(t.db.clone());
        let setting = Setting::default();
        let signals = two_devices();
        let (a, b) = (setting.cx(), setting.cx());
        let (first, second) =
            tokio::join!(commit(&alerts, &signals, 1, &a), commit(&alerts, &signals, 1, &b));
        let already = [&first, &second].iter().filter(|one| ***one == Committed::Already).count();
        assert_eq!(already, 1);
        let counts: Vec<u64> =
            all(&alerts, &Scope::sector()).await.iter().map(|a| a.count).collect();
        assert_eq!(counts, [1, 1]);
    })
    .await;
}

#[tokio::test]
async fn what_an_attacker_writes_into_an_event_does_not_stop_the_reader() {
    on_every_engine(async |t: &TestDb| {
        let alerts = Alerts::new(t.db.clone());
        let evil = |place, second| {
            let mut one = signal(place, "RX1", "EX\0-\u{1f691}'; DROP TABLE alert --", second);
            one.who.user = "\0".repeat(5_000);
            one.event = "{\"a\":\"\0\"}".into();
            one.matched = (0..500)
                .map(|_| detect::alert::MatchedField {
                    field: "a\0".to_owned(),
                    value: "é".repeat(9_000),
                    condition: String::new(),
                })
                .collect();
            one
        };
        written(&alerts, &[evil((1, 0), 0)], 1).await;
        written(&alerts, &[evil((2, 0), 5)], 2).await;
        let found = all(&alerts, &Scope::sector()).await;
        assert_eq!(found.iter().map(|one| one.count).collect::<Vec<_>>(), [2]);
        let whole = alerts.whole(&Scope::sector(), found[0].id).await.expect("there");
        assert_eq!(whole.evidence.len(), 2);
        assert_eq!(whole.evidence[0].matched.len(), 100);
    })
    .await;
}

#[tokio::test]
async fn hours_long_gone_are_forgotten_and_the_present_one_is_not() {
    on_every_engine(async |t: &TestDb| {
        let alerts = Alerts::new(t.db.clone());
        written(&alerts, &two_devices(), 1).await;
        let forgotten = async |second| {
            let write = t.db.write().await.expect("a transaction");
            let rows = alerts.forget_hours(&write, later(second)).await.expect("forgotten");
            write.commit().await.expect("a commit");
            rows
        };
        assert_eq!(forgotten(3_600).await, 0);
        assert_eq!(forgotten(60 * 86_400).await, 3);
    })
    .await;
}
