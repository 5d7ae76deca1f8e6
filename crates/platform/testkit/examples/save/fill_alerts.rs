//! Alerts in every state, what people did with them, and what is counted beside them.

use std::sync::Arc;

use db::{Db, Write};
use detect::{
    alert::{
        Alerts, Checkpoint, Condition, Cx, Filter, Limits, MatchedField, Move, NewException,
        Operator, Position, RuleText, Signal, Sort, Support, Switch, Switches, Verdict, Who,
        group::WINDOW, rank::Product, service::View,
    },
    rulebook::{Ground, NewFolder, RuleFile, Rulebook},
};
use event::Catalogue;
use terms::{AlertId, Level, OdsCode, Part, Scope, ViewId};
use testkit::later;

use super::{People, code};

const CONSUMER: &str = "detect";

/// Fills what detection keeps.
pub(crate) async fn fill(state: &Db, people: People) {
    let alerts = Alerts::new(state.clone());
    commit(&alerts, &(0..8).map(|n| signal(1, n, "EX-PC", n)).collect::<Vec<_>>(), 50).await;
    let new = list(&alerts).await;
    work(&alerts, &new, people).await;
    settings(&alerts, new[0], people).await;
    // After the exception: one is hidden, one opens, the rest is a flood.
    let mut next: Vec<Signal> = (0..4).map(|n| signal(2, n, "EX-LAB", 300 + n)).collect();
    next.push(signal(2, 4, "EX-PC", 304));
    commit(&alerts, &next, 1).await;
    rules(state, people).await;
}

async fn write(db: &Db) -> Write {
    db.write().await.expect("a transaction")
}

fn signal(seq: i64, number: u32, device: &str, second: u32) -> Signal {
    let level = Level::ALL[number as usize % Level::ALL.len()];
    let text = |text: &str| text.to_owned();
    Signal {
        position: Position { seq, item: number },
        rule: Arc::new(RuleText {
            id: if seq == 1 { format!("example-{number}") } else { text("example-flood") },
            version: text("1"),
            title: text("Example rule"),
            level,
            status: text("test"),
            tags: vec![text("attack.impact"), text("attack.t1490")],
            harm: text("What cannot be restored stops care."),
            action: text("Look at the device."),
        }),
        organisation: code("RX1"),
        device: format!("{device}-{number}"),
        device_id: None,
        who: Who::default(),
        event_time: Some(later(i64::from(second))),
        received_at: later(i64::from(second) + 1),
        event: format!("{{\"Image\":\"C:\\\\a.exe\",\"device\":\"{device}\"}}").into(),
        matched: vec![MatchedField {
            field: text("Image"),
            value: text("C:\\a.exe"),
            condition: text("endswith a.exe"),
        }],
    }
}

async fn commit(alerts: &Alerts, signals: &[Signal], most: u32) {
    let catalogue = Arc::new(catalogue());
    let exceptions = alerts.exceptions_in_force(catalogue, later(400)).await.expect("exceptions");
    let belongs = |part: &Part, of: &OdsCode| *part == Part::Organisation(of.clone());
    let cx = Cx {
        window: WINDOW,
        limits: Limits { of_organisation: most, of_sector: 1_000 },
        exceptions: &exceptions,
        switches: &Switches::default(),
        belongs: &belongs,
        support: &|_| Support::unknown(),
        ranker: &Product,
    };
    let seq = signals[0].position.seq;
    let checkpoint = Checkpoint { consumer: CONSUMER.to_owned(), seq };
    let write = write(alerts.db()).await;
    alerts.commit(&write, signals, &checkpoint, &cx).await.expect("written");
    write.commit().await.expect("kept");
}

fn catalogue() -> Catalogue {
    Catalogue::parse(std::iter::empty(), Default::default()).expect("a catalogue")
}

async fn list(alerts: &Alerts) -> Vec<AlertId> {
    let page = alerts.page(&Scope::sector(), &Filter::default(), Sort::Oldest, None, 50).await;
    page.expect("a page").alerts.into_iter().map(|alert| alert.id).collect()
}

/// One stays new; the others are taken, handed over, closed each way, reopened, taken back.
async fn work(alerts: &Alerts, ids: &[AlertId], people: People) {
    let reason = || "an example".to_owned();
    let close = |verdict| Move::Close { verdict, reason: reason() };
    let moves = [
        (1, Move::Take),
        (2, Move::HandOver { to: people.analyst, text: reason() }),
        (2, Move::Comment { text: "Asked the ward.".to_owned() }),
        (3, close(Verdict::TruePositive)),
        (4, close(Verdict::Benign)),
        (5, close(Verdict::FalsePositive)),
        (6, close(Verdict::Benign)),
        (6, Move::Reopen { reason: reason() }),
        (7, Move::Take),
    ];
    let (scope, mut last) = (Scope::sector(), None);
    for (second, (at, asked)) in (500..).zip(moves) {
        let write = write(alerts.db()).await;
        let of = [(ids[at], None)];
        let act = alerts.act(&write, &scope, &of, &asked, people.lead, later(second)).await;
        let act = act.expect("done");
        assert!(act.done.iter().all(|one| one.result.is_ok()), "{asked:?}: {:?}", act.done);
        write.commit().await.expect("kept");
        last = Some(act.id);
    }
    let write = write(alerts.db()).await;
    let last = last.expect("an act");
    alerts.undo(&write, &scope, last, people.lead, later(520)).await.expect("taken back");
    write.commit().await.expect("kept");
}

/// An exception that hides one device, one that was revoked, a rule that is off, a shared view.
async fn settings(alerts: &Alerts, from: AlertId, people: People) {
    let (scope, part) = (Scope::sector(), Part::Organisation(code("RX1")));
    let write = write(alerts.db()).await;
    for (at, value) in [(0, "EX-PC"), (1, "EX-OTHER")] {
        let new = NewException {
            name: "Example exception".to_owned(),
            rule: None,
            part: part.clone(),
            conditions: vec![Condition {
                field: "device".to_owned(),
                operator: Operator::Equals,
                values: vec![value.to_owned()],
            }],
            device: None,
            reason: "a planned test".to_owned(),
            expires_at: later(30 * 24 * 3600),
        };
        let from = Some(from).filter(|_| at == 0);
        let made = alerts.make_exception(&write, &scope, &new, from, people.lead, later(10 + at));
        let made = made.await.expect("made");
        if at == 1 {
            let revoked = alerts.revoke_exception(&write, &scope, made, people.lead, later(30));
            revoked.await.expect("revoked");
        }
    }
    let switch = Switch {
        rule: "example-1".to_owned(),
        part: part.clone(),
        is_on: false,
        reason: "too many here".to_owned(),
        person: people.lead,
        at: later(40),
    };
    alerts.turn(&write, &scope, &switch).await.expect("turned");
    let view = View {
        id: ViewId::new(later(50)),
        name: "Example view".to_owned(),
        query: "state=new&level=critical".to_owned(),
        owner: people.lead,
        shared_with: Some(part),
        created_at: later(50),
    };
    alerts.save_view(&write, &scope, &view).await.expect("saved");
    write.commit().await.expect("kept");
}

/// A folder of rules in use.
async fn rules(state: &Db, people: People) {
    let ground = Ground {
        files: Vec::new(),
        unreadable: Vec::new(),
        placeholders: Default::default(),
        catalogue: Arc::new(catalogue()),
    };
    let book = Rulebook::open(state.clone(), ground).await.expect("a rulebook");
    let text = "title: Example rule\nid: 5f7b0b5e-0000-4000-8000-000000000001\nlogsource:\n  \
                category: process_creation\ndetection:\n  s:\n    Image|endswith: a.exe\n  \
                condition: s\nlevel: high\n";
    let files = vec![RuleFile { name: "example.yml".to_owned(), text: text.to_owned() }];
    let name = "example".parse().expect("a name");
    let new = NewFolder { name, files, rules: 1, refused: 0 };
    let write = write(state).await;
    let id = book.keep(&write, &new, people.lead, later(60)).await.expect("kept");
    book.put_in_use(&write, id, later(61)).await.expect("in use");
    write.commit().await.expect("committed");
}
