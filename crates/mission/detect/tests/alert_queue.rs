//! The queue's filters, orders and pages, compared with the same asked of a list in memory.

mod alert_common;

use alert_common::{Setting, by, code, rule, signal};
use detect::alert::{
    Alert, Alerts, Checkpoint, Cursor, Filter, Limits, Move, Owner, Signal, Sort, State, Verdict,
};
use terms::{Level, PersonId, Scope};
use testkit::{TestDb, later, on_every_engine};

const ANA: PersonId = PersonId(uuid::Uuid::from_u128(1));

/// 240 alerts of 3 organisations and 5 rules, some taken, some closed, some floods.
async fn filled(t: &TestDb) -> Alerts {
    let alerts = Alerts::new(t.db.clone());
    let rules: Vec<_> = Level::ALL
        .iter()
        .map(|level| {
            let mut made = (*rule(&format!("rule-{level}"), *level)).clone();
            if *level == Level::High {
                made.tags = vec!["attack.t1003.001".to_owned()];
            }
            std::sync::Arc::new(made)
        })
        .collect();
    let signals: Vec<Signal> = (0..300)
        .map(|n: u32| {
            let organisation = format!("RX{}", n % 3 + 1);
            let device = format!("EX-{}", n % 80);
            let mut one = signal((1, n), &organisation, &device, i64::from(n) * 7);
            one.who.process =
                if n.is_multiple_of(4) { "run.exe" } else { "C:\\a\\WinWord.exe" }.to_owned();
            by(&rules[(n as usize * 7) % 5], one)
        })
        .collect();
    let setting =
        Setting { limits: Limits { of_organisation: 14, of_sector: 1_000 }, ..Setting::default() };
    let write = t.db.write().await.expect("a transaction");
    let checkpoint = Checkpoint { consumer: "detect".to_owned(), seq: 1 };
    alerts.commit(&write, &signals, &checkpoint, &setting.cx()).await.expect("written");
    write.commit().await.expect("a commit");
    for (at, alert) in everything(&alerts).await.iter().enumerate() {
        let asked = match at % 7 {
            0 => Move::Take,
            1 => Move::Close { verdict: Verdict::Benign, reason: "seen".to_owned() },
            2 => Move::Close { verdict: Verdict::TruePositive, reason: "seen".to_owned() },
            _ => continue,
        };
        let write = t.db.write().await.expect("a transaction");
        let one = [(alert.id, None)];
        alerts.act(&write, &Scope::sector(), &one, &asked, ANA, later(9_000)).await.expect("done");
        write.commit().await.expect("a commit");
    }
    alerts
}

async fn everything(alerts: &Alerts) -> Vec<Alert> {
    let mut export = alerts.export(Scope::sector(), Filter::default());
    let mut all = Vec::new();
    while let Some(rows) = export.next().await.expect("rows") {
        all.extend(rows);
    }
    all
}

/// What the filter means, said once more and plainly.
fn passes(filter: &Filter, alert: &Alert) -> bool {
    let any = |is_empty: bool, holds: bool| is_empty || holds;
    let words = |text: &str| -> Vec<String> {
        let lower = text.to_lowercase();
        let parts = lower.split(|c: char| !c.is_alphanumeric()).map(str::to_owned);
        parts.filter(|word| !word.is_empty()).collect()
    };
    let has_words = |text: &String| {
        // The words of a flood are those it was opened with: no number of devices is asked here.
        let there = words(&alert.headline);
        let wanted = words(text);
        // Signs alone stand in no headline; blanks ask nothing.
        wanted.iter().all(|one| there.iter().any(|word| word.starts_with(one.as_str())))
            && (!wanted.is_empty() || text.trim().is_empty())
    };
    let has_technique = |wanted: &String| {
        let dotted = format!("{wanted}.");
        alert.rule.techniques().any(|one| one == *wanted || one.starts_with(&dotted))
    };
    let parts = filter.parts.iter().any(|part| alert_common::belongs(part, &alert.organisation));
    any(filter.states.is_empty(), filter.states.contains(&alert.state))
        && any(filter.levels.is_empty(), filter.levels.contains(&alert.level))
        && any(filter.parts.is_empty(), parts)
        && any(filter.rules.is_empty(), filter.rules.contains(&alert.rule.id))
        && filter.device.as_ref().is_none_or(|one| one.eq_ignore_ascii_case(&alert.device))
        && filter.technique.as_ref().is_none_or(has_technique)
        && any(
            filter.verdicts.is_empty(),
            alert.verdict.is_some_and(|v| filter.verdicts.contains(&v)),
        )
        && filter.text.as_ref().is_none_or(has_words)
        && filter.from.is_none_or(|from| alert.opened_at >= from)
        && filter.to.is_none_or(|to| alert.opened_at < to)
        && filter.is_flood.is_none_or(|flood| alert.is_flood == flood)
        && match filter.owner {
            None => true,
            Some(Owner::Nobody) => alert.owner.is_none(),
            Some(Owner::Person(person)) => alert.owner == Some(person),
        }
}

fn filters() -> Vec<Filter> {
    let none = Filter::default;
    vec![
        none(),
        Filter { states: vec![State::New], ..none() },
        Filter { states: vec![State::Taken, State::Closed], levels: vec![Level::High], ..none() },
        Filter { parts: vec!["organisation:RX2".parse().expect("a part")], ..none() },
        Filter { rules: vec!["rule-low".to_owned(), "rule-critical".to_owned()], ..none() },
        Filter { rules: vec!["absent".to_owned()], ..none() },
        Filter { device: Some("ex-7".to_owned()), ..none() },
        Filter { device: Some("ex-7".to_owned()), states: vec![State::Closed], ..none() },
        Filter { technique: Some("T1003".to_owned()), ..none() },
        Filter { technique: Some("T1490".to_owned()), levels: vec![Level::Low], ..none() },
        Filter { technique: Some("T149".to_owned()), ..none() },
        Filter { owner: Some(Owner::Person(ANA)), ..none() },
        Filter { owner: Some(Owner::Nobody), levels: vec![Level::Critical], ..none() },
        Filter { verdicts: vec![Verdict::Benign], ..none() },
        Filter { verdicts: vec![Verdict::FalsePositive], ..none() },
        Filter { text: Some("winw".to_owned()), ..none() },
        Filter { text: Some("RUN, ex".to_owned()), states: vec![State::New], ..none() },
        Filter { text: Some("ex-77".to_owned()), ..none() },
        Filter { text: Some("' OR 1=1 --".to_owned()), ..none() },
        Filter { text: Some("\u{1f691}\"*:&".to_owned()), ..none() },
        Filter { text: Some("  ".to_owned()), ..none() },
        Filter { from: Some(later(500)), to: Some(later(1_000)), ..none() },
        Filter { from: Some(later(1_000)), levels: vec![Level::Critical], ..none() },
        Filter { is_flood: Some(true), ..none() },
        Filter { is_flood: Some(false), verdicts: vec![Verdict::TruePositive], ..none() },
    ]
}

fn sorted(mut alerts: Vec<Alert>, everything: &[Alert], sort: Sort) -> Vec<Alert> {
    let number = |alert: &Alert| everything.iter().position(|one| one.id == alert.id);
    alerts.sort_by_cached_key(|alert| {
        let number = number(alert).expect("one of them") as i64;
        match sort {
            Sort::Rank => (-alert.rank_millionths, 0, -number),
            Sort::Newest => (-alert.opened_at.as_microsecond(), 0, -number),
            Sort::Oldest => (alert.opened_at.as_microsecond(), 0, number),
            Sort::Level => (-(alert.level as i64), -alert.rank_millionths, -number),
            Sort::Count => (-(alert.count as i64), 0, -number),
        }
    });
    alerts
}

/// All pages from the first to the last, and all the way back.
async fn walked(alerts: &Alerts, scope: &Scope, filter: &Filter, sort: Sort) -> (Vec<Alert>, u64) {
    let ask = async |cursor: Option<Cursor>| {
        alerts.page(scope, filter, sort, cursor.as_ref(), 17).await.expect("a page")
    };
    let mut page = ask(None).await;
    assert_eq!(page.before, None);
    let total = page.total.count;
    let mut pages = vec![page.alerts.clone()];
    while let Some(after) = page.after {
        page = ask(Some(after.to_string().parse().expect("a cursor"))).await;
        pages.push(page.alerts.clone());
    }
    let mut at = pages.len() - 1;
    while let Some(before) = page.before {
        page = ask(Some(before)).await;
        at -= 1;
        assert_eq!(page.alerts, pages[at], "{filter:?} {sort} backwards");
    }
    assert_eq!(at, 0, "{filter:?} {sort} backwards");
    (pages.concat(), total)
}

#[tokio::test]
async fn every_filter_and_order_finds_what_a_plain_reading_finds_page_by_page() {
    on_every_engine(async |t: &TestDb| {
        let alerts = filled(t).await;
        let everything = everything(&alerts).await;
        assert!(everything.len() > 100 && everything.iter().any(|one| one.is_flood));
        for filter in filters() {
            for sort in Sort::ALL {
                let wanted = everything.iter().filter(|one| passes(&filter, one)).cloned();
                let expected = sorted(wanted.collect(), &everything, *sort);
                let (found, total) = walked(&alerts, &Scope::sector(), &filter, *sort).await;
                let ids = |list: &[Alert]| list.iter().map(|one| one.id).collect::<Vec<_>>();
                assert_eq!(ids(&found), ids(&expected), "{filter:?} {sort}");
                assert_eq!(found, expected);
                assert_eq!(total as usize, expected.len(), "{filter:?} {sort}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_list_reads_the_same_whichever_way_it_is_read() {
    on_every_engine(async |t: &TestDb| {
        let looking_up = filled(t).await;
        let scopes = [Scope::sector(), Scope::organisation(code("RX3"))];
        for few in [0, 40] {
            let walking = looking_up.clone().looking_up_at_most(few);
            for (filter, scope) in filters().iter().zip(scopes.iter().cycle()) {
                for sort in [Sort::Rank, Sort::Level, Sort::Oldest] {
                    let walked_through = walked(&walking, scope, filter, sort).await;
                    let looked_up = walked(&looking_up, scope, filter, sort).await;
                    assert_eq!(walked_through, looked_up, "{few} {filter:?} {sort}");
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn within_a_scope_every_filter_finds_only_what_lies_in_it() {
    on_every_engine(async |t: &TestDb| {
        let alerts = filled(t).await;
        let everything = everything(&alerts).await;
        let scope = Scope::organisation(code("RX2"));
        for filter in filters() {
            let (found, total) = walked(&alerts, &scope, &filter, Sort::Rank).await;
            let expected = everything
                .iter()
                .filter(|one| one.organisation == code("RX2") && passes(&filter, one));
            assert_eq!(found.len(), expected.count(), "{filter:?}");
            assert_eq!(found.len(), total as usize, "{filter:?}");
            assert!(found.iter().all(|one| one.organisation == code("RX2")));
        }
    })
    .await;
}

#[tokio::test]
async fn a_place_in_a_list_of_another_order_is_refused() {
    on_every_engine(async |t: &TestDb| {
        let alerts = filled(t).await;
        let filter = Filter::default();
        let page = alerts.page(&Scope::sector(), &filter, Sort::Rank, None, 5).await;
        let after = page.expect("a page").after.expect("more");
        let refused = alerts.page(&Scope::sector(), &filter, Sort::Newest, Some(&after), 5).await;
        assert!(refused.is_err());
    })
    .await;
}

#[tokio::test]
async fn a_nul_in_a_filter_finds_nothing_and_one_in_a_reason_is_replaced() {
    on_every_engine(async |t: &TestDb| {
        let (alerts, all) = (filled(t).await, Scope::sector());
        let filter = Filter { rules: vec!["\0".to_owned()], ..Filter::default() };
        let page = alerts.page(&all, &filter, Sort::Rank, None, 5).await.expect("a page");
        assert!(page.alerts.is_empty());
        assert!(alerts.exceptions(&all, Some("\0")).await.expect("a list").is_empty());

        let open = Filter { states: vec![State::New], ..Filter::default() };
        let page = alerts.page(&all, &open, Sort::Newest, None, 1).await.expect("a page");
        let (id, write) = (page.alerts[0].id, t.db.write().await.expect("a transaction"));
        let close = Move::Close { verdict: Verdict::Benign, reason: "a\0b".to_owned() };
        let act = alerts.act(&write, &all, &[(id, None)], &close, ANA, later(9_000)).await;
        act.expect("an act").done[0].result.as_ref().expect("closed");
        write.commit().await.expect("a commit");
        assert_eq!(alerts.one(&all, id).await.expect("it").1.reason, "a\u{fffd}b");
    })
    .await;
}

#[tokio::test]
async fn an_export_holds_every_alert_once() {
    on_every_engine(async |t: &TestDb| {
        let alerts = Alerts::new(t.db.clone());
        let setting = Setting::default();
        let evil = signal((1, 0), "RX1", "=cmd()", 0);
        let quoted = signal((1, 1), "RX1", "EX \"1\",\r\n2", 1);
        let write = t.db.write().await.expect("a transaction");
        let checkpoint = Checkpoint { consumer: "detect".to_owned(), seq: 1 };
        let signals = [evil, quoted];
        alerts.commit(&write, &signals, &checkpoint, &setting.cx()).await.expect("written");
        write.commit().await.expect("a commit");
        let rows = everything(&alerts).await;
        let mut devices: Vec<String> = rows.into_iter().map(|alert| alert.device).collect();
        devices.sort();
        assert_eq!(devices, ["=cmd()", "EX \"1\",\r\n2"]);
    })
    .await;
}
