//! How long the queue takes to answer with a million alerts over a thousand organisations, on both
//! engines: every filter, order and page, for callers of every reach.
//!
//! ```sh
//! cargo run --release -p detect --example queue            # both engines, a million alerts
//! cargo run --release -p detect --example queue -- 100000 sqlite
//! cargo run --release -p detect --example queue -- 1000000 sqlite:/tmp/queue.db icb "no floods"
//! ```
//!
//! The second argument is an engine, or the place of a database that is filled when it has no
//! alerts and kept. Further arguments choose the questions whose line holds all of them; `commit`
//! asks only how long a thousand new alerts take to be written.
//!
//! PostgreSQL is the one that tests use. The alerts are made by the databases themselves, from
//! whole-number arithmetic, so both hold the same. Prints the median and the slowest of five
//! rounds; exits with 1 if any median is above 200 ms.
#![allow(clippy::print_stdout)]

use std::{process::ExitCode, sync::Arc, time::Instant};

use db::{Db, Engine};
use detect::alert::{
    Alerts, Checkpoint, Cursor, Cx, Exceptions, Filter, Limits, Owner, Position, RuleText, Signal,
    Sort, State, Support, Switches, Verdict, Who, group::WINDOW, rank::Product,
};
use sea_orm::ConnectionTrait;
use terms::{GroupId, Level, OdsCode, Part, PersonId, Scope, Timestamp};

const LIMIT_MS: f64 = 200.0;
const ROUNDS: usize = 5;
const ROWS: u16 = 50;
const FILLED_AT_ONCE: u64 = 50_000;

#[tokio::main]
async fn main() -> ExitCode {
    let mut asked = std::env::args().skip(1);
    let alerts: u64 = asked.next().and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let only = asked.next().unwrap_or_default();
    let words: Vec<String> = asked.collect();
    let mut slow = 0;
    if only.contains(':') {
        let db = Db::open(&only.parse().expect("a place")).await.expect("a database");
        slow += fill_and_measure(db, alerts, &words).await;
    } else {
        for name in ["sqlite", "postgres"].into_iter().filter(|name| name.starts_with(&only)) {
            let made = match name {
                "sqlite" => testkit::sqlite().await,
                _ => testkit::postgres().await,
            };
            slow += fill_and_measure(made.db.clone(), alerts, &words).await;
        }
    }
    if slow == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// How many questions were too slow.
async fn fill_and_measure(db: Db, alerts: u64, words: &[String]) -> usize {
    let engine = db.engine();
    let begun = Instant::now();
    let service = Alerts::new(db.clone());
    if service.counts(&Scope::sector()).await.expect("counts").is_empty() {
        fill(&db, alerts).await;
        println!("\n{engine:?}: {alerts} alerts filled in {:.1} s", begun.elapsed().as_secs_f64());
    }
    let slow = measure(&service, words).await;
    if words.iter().all(|word| word == "commit") {
        commits(&service).await;
    }
    slow
}

/// Organisations 1 to 1,000, the first with many alerts and the last with few; rules 1 to 3,000
/// likewise; most alerts closed.
async fn fill(db: &Db, alerts: u64) {
    let is_postgres = db.engine() == Engine::Postgres;
    run(db, &organisations(is_postgres)).await;
    run(db, &rules()).await;
    let mut from = 1;
    while from <= alerts {
        let to = (from + FILLED_AT_ONCE - 1).min(alerts);
        run(db, &alert_rows(from, to, is_postgres)).await;
        from = to + 1;
    }
    let counts = "INSERT INTO alert_count (organisation, level, state, count) \
         SELECT organisation, level, state, COUNT(*) FROM alert GROUP BY organisation, level, state";
    let given = format!("UPDATE alert_head SET number = {alerts}, rule = 3000");
    run(db, &[counts.to_owned(), given]).await;
    if is_postgres {
        db.read().execute_unprepared("VACUUM ANALYZE").await.expect("a vacuum");
    }
}

async fn run(db: &Db, statements: &[String]) {
    let write = db.write().await.expect("a transaction");
    for statement in statements {
        write.execute_unprepared(statement).await.unwrap_or_else(|e| panic!("{statement}: {e}"));
    }
    write.commit().await.expect("a commit");
}

fn series(from: u64, to: u64) -> String {
    format!(
        "WITH RECURSIVE s(n) AS (SELECT CAST({from} AS BIGINT) UNION ALL SELECT n + 1 FROM s WHERE n < {to})"
    )
}

/// 7 regions, 42 boards; one group of ten small organisations.
fn organisations(is_postgres: bool) -> Vec<String> {
    let uuid = |text: &str| match is_postgres {
        true => format!("'{text}'"),
        false => format!("X'{}'", text.replace('-', "")),
    };
    let code = "'E' || (1000 + n)";
    let named = format!(
        "INSERT INTO organisation (code, name, name_key, type, region, icb, town, postcode, \
         silent_after, created_at, changed_at) {} SELECT {code}, {code}, {code}, 'trust_acute', \
         'Y' || (50 + n % 7), 'QA' || (10 + n % 42), '', '', 0, 0, 0 FROM s",
        series(1, 1_000)
    );
    let group = uuid(&GROUP.to_string());
    vec![
        named,
        format!(
            "INSERT INTO organisation_group (id, name, created_at, changed_at) VALUES ({group}, 'example', 0, 0)"
        ),
        format!(
            "INSERT INTO group_member (group_id, organisation, created_at) {} \
             SELECT {group}, {code}, 0 FROM s WHERE n % 100 = 99",
            series(1, 1_000)
        ),
    ]
}

const GROUP: uuid::Uuid = uuid::Uuid::from_u128(0x0193_5b1e_0000_7000_8000_0000_0000_0001);
const PERSON: uuid::Uuid = uuid::Uuid::from_u128(0x0193_5b1e_0000_7000_8000_0000_0000_0002);

fn rules() -> Vec<String> {
    vec![format!(
        "INSERT INTO alert_rule (number, rule, version, title, level, status, tags, harm, action) {} \
         SELECT n, 'rule-' || n, '1', 'Example rule ' || n, n % 5, 'test', \
         'attack.impact attack.t' || (1000 + n % 600), '', '' FROM s",
        series(1, 3_000)
    )]
}

/// `mix` spreads the numbers; squares put most alerts on the first organisations and rules.
fn alert_rows(from: u64, to: u64, is_postgres: bool) -> Vec<String> {
    let square = |salt: u64, most: u64| {
        let part = format!("((n * {salt}) % 1000003)");
        format!("(1 + ({part} * {part} / 1000003 * {most} / 1000003))")
    };
    let (organisation, rule) = (square(7_919, 1_000), square(104_729, 3_000));
    let (id, owner) = match is_postgres {
        true => {
            ("CAST(md5(CAST(n AS text)) AS uuid)".to_owned(), format!("CAST('{PERSON}' AS uuid)"))
        }
        false => ("randomblob(16)".to_owned(), format!("X'{}'", PERSON.simple())),
    };
    let start = MADE_FROM * 1_000_000;
    let state = "(CASE WHEN n % 20 < 17 THEN 2 WHEN n % 20 < 19 THEN 0 ELSE 1 END)";
    let alert = format!(
        "INSERT INTO alert (number, state, level, verdict, flood, rule, organisation, opened_at, \
         owner, rank, count, first_seen, last_seen, closed_at, devices, device, device_key, \
         device_id, id, is_current, group_hash, last_seq, last_item, version) {} \
         SELECT n, {state}, (CASE WHEN n % 1000 = 0 THEN 4 ELSE n % 4 END), \
         (CASE WHEN {state} = 2 THEN (CASE WHEN n % 500 = 1 THEN 0 WHEN n % 3 = 0 THEN 1 ELSE 2 END) END), \
         (CASE WHEN n % 5000 = 7 THEN 1 ELSE 0 END), {rule}, 'E' || (1000 + {organisation}), \
         {start} + n * 10000000, (CASE WHEN n % 400 = 19 THEN {owner} END), \
         (n * 15485863) % 1000000, 1 + (n * 31) % 997, {start} + n * 10000000, \
         {start} + n * 10000000, NULL, 1, 'EX-' || (n % 50000), 'ex-' || (n % 50000), NULL, {id}, \
         1, n * 2654435761, n, 0, 1 FROM s",
        series(from, to)
    );
    let words = "'powershell started by winword on ex ' || (n % 50000) || ' example rule ' || (n % 3000) || \
         (CASE WHEN n % 9973 = 3 THEN ' pathology' ELSE ' ward' END)";
    let story = format!(
        "INSERT INTO alert_story (number, headline, words, reason, rank, support) {} \
         SELECT n, 'Powershell started by winword on EX-' || (n % 50000) || ': example. It runs specimen labels for the pathology service (about 4,200 patients a day).', {words}, '', \
         '{{\"score\":0.5,\"factors\":[]}}', '{{\"is_known\":false,\"paths\":[]}}' FROM s",
        series(from, to)
    );
    let mut statements = vec![alert, story];
    if !is_postgres {
        statements.push(format!(
            "INSERT INTO alert_words (rowid, words) SELECT number, words FROM alert_story \
             WHERE number BETWEEN {from} AND {to}"
        ));
    }
    statements
}

/// Seconds since 1970 at which the first alert was opened; one each ten seconds follows.
const MADE_FROM: u64 = 1_780_000_000;

fn at(alert: i64) -> Timestamp {
    Timestamp::from_second(MADE_FROM as i64 + alert * 10).expect("in range")
}

fn code(text: &str) -> OdsCode {
    text.parse().expect("a code")
}

/// Asks everything; how many questions were too slow.
async fn measure(alerts: &Alerts, words: &[String]) -> usize {
    let mut slow = 0;
    for (reach, scope) in scopes() {
        for (name, filter) in filters() {
            for sort in Sort::ALL {
                let line = format!("{reach:14} {name:34} {sort:7}");
                if !words.iter().all(|word| line.contains(word)) {
                    continue;
                }
                slow += usize::from(!is_quick(alerts, &scope, &filter, *sort, &line).await);
            }
        }
    }
    slow
}

fn scopes() -> Vec<(&'static str, Scope)> {
    vec![
        ("sector", Scope::sector()),
        ("region", Scope::of([Part::Region(code("Y53"))])),
        ("icb", Scope::of([Part::Icb(code("QA20"))])),
        ("group", Scope::of([Part::Group(GroupId(GROUP))])),
        ("large trust", Scope::organisation(code("E1001"))),
        ("small trust", Scope::organisation(code("E1990"))),
        ("nobody", Scope::organisation(code("ZZ9"))),
    ]
}

fn filters() -> Vec<(&'static str, Filter)> {
    let none = Filter::default;
    vec![
        ("everything", none()),
        ("open", Filter { states: vec![State::New, State::Taken], ..none() }),
        (
            "new and critical",
            Filter { states: vec![State::New], levels: vec![Level::Critical], ..none() },
        ),
        (
            "closed and critical",
            Filter { states: vec![State::Closed], levels: vec![Level::Critical], ..none() },
        ),
        ("of a region", Filter { parts: vec![Part::Region(code("Y52"))], ..none() }),
        (
            "of a small organisation",
            Filter { parts: vec![Part::Organisation(code("E1998"))], ..none() },
        ),
        ("of a frequent rule", Filter { rules: vec!["rule-1".to_owned()], ..none() }),
        ("of a rare rule", Filter { rules: vec!["rule-2990".to_owned()], ..none() }),
        ("of an unknown rule", Filter { rules: vec!["none".to_owned()], ..none() }),
        ("technique", Filter { technique: Some("T1001".to_owned()), ..none() }),
        (
            "technique, open, high",
            Filter {
                technique: Some("T1001".to_owned()),
                states: vec![State::New],
                levels: vec![Level::High],
                ..none()
            },
        ),
        ("of a device", Filter { device: Some("EX-77".to_owned()), ..none() }),
        ("mine", Filter { owner: Some(Owner::Person(PersonId(PERSON))), ..none() }),
        (
            "nobody's and new",
            Filter { owner: Some(Owner::Nobody), states: vec![State::New], ..none() },
        ),
        ("true positives", Filter { verdicts: vec![Verdict::TruePositive], ..none() }),
        ("false positives", Filter { verdicts: vec![Verdict::FalsePositive], ..none() }),
        (
            "false positives, new (none)",
            Filter { verdicts: vec![Verdict::FalsePositive], states: vec![State::New], ..none() },
        ),
        ("floods", Filter { is_flood: Some(true), ..none() }),
        ("no floods", Filter { is_flood: Some(false), ..none() }),
        ("text in every headline", Filter { text: Some("powershell".to_owned()), ..none() }),
        ("text in some headlines", Filter { text: Some("12".to_owned()), ..none() }),
        ("text in few headlines", Filter { text: Some("pathol".to_owned()), ..none() }),
        ("text in none", Filter { text: Some("absent".to_owned()), ..none() }),
        (
            "text in every, critical, new",
            Filter {
                text: Some("winword power".to_owned()),
                levels: vec![Level::Critical],
                states: vec![State::New],
                ..none()
            },
        ),
        ("of an hour", Filter { from: Some(at(500_000)), to: Some(at(500_360)), ..none() }),
        ("of the later half", Filter { from: Some(at(500_000)), ..none() }),
        (
            "later half, critical, taken (none)",
            Filter {
                from: Some(at(500_000)),
                levels: vec![Level::Critical],
                states: vec![State::Taken],
                ..none()
            },
        ),
    ]
}

/// How long a thousand signals that make a thousand new alerts take, from begin to commit.
async fn commits(alerts: &Alerts) {
    let mut times = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let seq = alerts.checkpoint("example").await.expect("a checkpoint") + 1;
        let signals: Vec<Signal> = (0..NEW_ALERTS).map(|item| new_signal(seq, item)).collect();
        let checkpoint = Checkpoint { consumer: "example".to_owned(), seq };
        let begun = Instant::now();
        let write = alerts.db().write().await.expect("a transaction");
        let cx = Cx {
            window: WINDOW,
            limits: Limits { of_organisation: u32::MAX, of_sector: u32::MAX },
            exceptions: &Exceptions::none(),
            switches: &Switches::default(),
            belongs: &|_, _| false,
            support: &|_| Support::unknown(),
            ranker: &Product,
        };
        alerts.commit(&write, &signals, &checkpoint, &cx).await.expect("written");
        write.commit().await.expect("a commit");
        times.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    let (median, slowest) = (times[ROUNDS / 2], times[ROUNDS - 1]);
    println!("commit of {NEW_ALERTS} new alerts: {median:6.1} ({slowest:6.1})");
}

const NEW_ALERTS: u32 = 1_000;

/// On a device of its own, of any of the organisations, by one of forty rules.
fn new_signal(seq: i64, item: u32) -> Signal {
    let rule = RuleText {
        id: format!("rule-{}", item % 40),
        version: "1".to_owned(),
        title: format!("Example rule {}", item % 40),
        level: Level::ALL[item as usize % 4],
        status: "test".to_owned(),
        tags: vec!["attack.impact".to_owned(), "attack.t1490".to_owned()],
        harm: String::new(),
        action: String::new(),
    };
    let now = at(2_000_000 + seq);
    Signal {
        position: Position { seq, item },
        rule: Arc::new(rule),
        organisation: code(&format!("E{}", 1001 + item)),
        device: format!("EX-NEW-{seq}-{item}"),
        device_id: None,
        who: Who::default(),
        event_time: Some(now),
        received_at: now,
        event: "{\"Image\":\"C:\\\\Windows\\\\a.exe\",\"n\":1}".into(),
        matched: Vec::new(),
    }
}

/// The first page, the second, and one in the middle reached by a cursor.
async fn is_quick(alerts: &Alerts, scope: &Scope, filter: &Filter, sort: Sort, line: &str) -> bool {
    let first = timed(alerts, scope, filter, sort, None).await;
    let mut worst = first.median_ms;
    let mut text = format!("first {:6.1} ({:6.1})", first.median_ms, first.slowest_ms);
    if let Some(after) = first.after {
        let second = timed(alerts, scope, filter, sort, Some(after)).await;
        worst = worst.max(second.median_ms);
        text += &format!("  second {:6.1} ({:6.1})", second.median_ms, second.slowest_ms);
    }
    if let Some(middle) = middle(sort) {
        let deep = timed(alerts, scope, filter, sort, Some(middle)).await;
        worst = worst.max(deep.median_ms);
        text += &format!("  middle {:6.1} ({:6.1})", deep.median_ms, deep.slowest_ms);
    }
    let mark = if worst > LIMIT_MS { "  SLOW" } else { "" };
    println!("{line} {:>8}  {text}{mark}", first.total);
    worst <= LIMIT_MS
}

/// A place in the middle of a list of everything, as a shared address would hold it.
fn middle(sort: Sort) -> Option<Cursor> {
    let opened = at(500_000).as_microsecond();
    let text = match sort {
        Sort::Rank => "after.rank.500000.0.1".to_owned(),
        Sort::Newest => format!("after.newest.{opened}.0.500000"),
        Sort::Oldest => format!("after.oldest.{opened}.0.500000"),
        Sort::Level => "after.level.2.500000.1".to_owned(),
        Sort::Count => "after.count.500.0.1".to_owned(),
    };
    text.parse().ok()
}

struct Timed {
    median_ms: f64,
    slowest_ms: f64,
    total: String,
    after: Option<Cursor>,
}

async fn timed(
    alerts: &Alerts,
    scope: &Scope,
    filter: &Filter,
    sort: Sort,
    cursor: Option<Cursor>,
) -> Timed {
    let mut times = Vec::with_capacity(ROUNDS);
    let mut last = None;
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        let page = alerts.page(scope, filter, sort, cursor.as_ref(), ROWS).await.expect("a page");
        times.push(begun.elapsed().as_secs_f64() * 1e3);
        last = Some(page);
    }
    times.sort_by(f64::total_cmp);
    let page = last.expect("at least one round");
    Timed {
        median_ms: times[ROUNDS / 2],
        slowest_ms: times[ROUNDS - 1],
        total: page.total.to_string(),
        after: page.after,
    }
}
