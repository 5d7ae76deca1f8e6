//! The queue and the page of an alert: what is shown to whom, and what people can do.

#[path = "queue/api.rs"]
mod api;
mod common;
#[path = "queue/live.rs"]
mod live;
mod queue;

use std::fmt::Write as _;

use axum::http::StatusCode;
use common::{ADMINISTRATOR, ANALYST, STRANGER, VIEWER, World, world};
use detect::alert::{Alert, State, Verdict};
use queue::{DELETES, ENCODES, alerts, found, main_of, map};

/// Ward with three alerts of XAA and one of XBB.
async fn watched() -> World {
    let world = world().await;
    map(&world).await;
    let records = [
        ("XAA", "XAA-PATH-07", DELETES),
        ("XAA", "XAA-PATH-07", DELETES),
        ("XAA", "XAA-PC-01", ENCODES),
        ("XBB", "XBB-SECRET-09", DELETES),
    ];
    assert_eq!(found(&world, &records).await, 4, "the rules find what they are there for");
    world
}

/// An alert as a form names it.
fn chosen(alert: &Alert) -> String {
    format!("{}.{}", alert.id, alert.version)
}

async fn worst(world: &World) -> Alert {
    alerts(world, "XAA").await.into_iter().next().expect("an alert")
}

/// What the notice after an act offers for undo.
fn undo_of(page: &str) -> (String, String) {
    let start = page.find("class=\"ward-notice\"").expect("a notice");
    let notice = &page[start..];
    let part = |before: &str| {
        let after = &notice[notice.find(before).expect("an undo") + before.len()..];
        after[..after.find('"').expect("its end")].to_owned()
    };
    (part("action=\""), part("name=\"undo\" value=\""))
}

#[tokio::test]
async fn the_queue_says_what_matters_and_shows_the_worst_first() {
    let world = watched().await;
    let page = world.browser(ANALYST).await.get("/alerts").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let main = main_of(&page.body);
    assert!(main.contains("1 alert threatens care at 1 organisation."), "{main}");
    let place = |text: &str| main.find(text).unwrap_or_else(|| panic!("{text} is not in {main}"));
    assert!(place("data-row") < place("XAA-PC-01"));
    insta::assert_snapshot!(main);
}

#[tokio::test]
async fn an_empty_queue_says_what_to_look_at_next() {
    let world = world().await;
    let mut browser = world.browser(ANALYST).await;
    let page = browser.get("/alerts").await;
    assert!(page.body.contains("No alert is open."));
    assert!(page.body.contains("href=\"/sources\""));
    let page = browser.get("/alerts?level=high").await;
    assert!(page.body.contains("No alerts match these filters"));
}

#[tokio::test]
async fn another_organisations_alerts_are_nowhere() {
    let world = watched().await;
    let foreign = alerts(&world, "XBB").await.remove(0);
    let mut browser = world.browser(ANALYST).await;
    for path in [
        "/alerts".to_owned(),
        "/alerts?state=any&organisation=XBB".to_owned(),
        "/alerts?region=Y60".to_owned(),
        "/alerts/export.csv".to_owned(),
        "/alerts/export.jsonl?state=any".to_owned(),
        "/api/v1/alerts?state=any".to_owned(),
    ] {
        let answer = browser.get(&path).await;
        assert!(!answer.body.contains("SECRET-09"), "{path}: {}", answer.body);
        assert!(!answer.body.contains(&foreign.id.to_string()), "{path}");
    }
    for path in [
        format!("/alerts/{}", foreign.id),
        format!("/alerts/{}/exception", foreign.id),
        format!("/alerts/{}/event.json", foreign.id),
        format!("/api/v1/alerts/{}", foreign.id),
        "/alerts/nothing".to_owned(),
    ] {
        let answer = browser.get(&path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
    // Acting on it does nothing, alone or among one's own.
    let own = worst(&world).await;
    let act = [("act", "take"), ("alert", &chosen(&foreign))];
    assert_eq!(browser.post("/alerts/act", &act).await.status, StatusCode::NOT_FOUND);
    let both = [("act", "take"), ("alert", &chosen(&foreign)), ("alert", &chosen(&own))];
    assert_eq!(browser.post("/alerts/act", &both).await.status, StatusCode::SEE_OTHER);
    assert_eq!(alerts(&world, "XBB").await[0].state, State::New);
    assert_eq!(worst(&world).await.state, State::Taken);
}

#[tokio::test]
async fn filters_narrow_and_what_cannot_be_used_is_told() {
    let world = watched().await;
    let mut browser = world.browser(ADMINISTRATOR).await;
    for (query, shown) in [
        ("", 3),
        ("state=closed", 0),
        ("level=critical", 2),
        ("level=critical&organisation=northmoor", 1),
        ("region=Y60", 1),
        ("device=xaa-pc-01", 1),
        ("technique=t1490", 2),
        ("owner=nobody", 3),
        ("owner=me", 0),
        ("q=backup+copies", 2),
        ("from=2026-11-24&to=2026-11-24", 3),
        ("to=2026-11-23", 0),
        ("flood=only", 0),
        ("sort=oldest", 3),
        (&format!("rule={}", queue::ENCODED), 1),
    ] {
        let page = browser.get(&format!("/alerts?{query}")).await;
        assert_eq!(page.status, StatusCode::OK, "{query}: {}", page.body);
        assert_eq!(page.body.matches("data-row=").count(), shown, "{query}");
    }
    for query in ["level=worst", "from=soon", "organisation=nowhere", "sort=x", "at=x"]
        .into_iter()
        .chain(["at=after.rank.1.0.1&sort=newest"])
    {
        let page = browser.get(&format!("/alerts?{query}")).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{query}");
        let parameter = query.split('=').next().expect("a name");
        assert!(page.body.contains(&format!("“{parameter}” cannot be used")), "{query}");
        assert_eq!(page.body.matches("data-row=").count(), 0, "{query}");
    }
}

#[tokio::test]
async fn long_lists_are_read_page_by_page_without_a_gap() {
    let world = world().await;
    let devices: Vec<String> = (0..120).map(|at| format!("XAA-PC-{at:03}")).collect();
    let records: Vec<(&str, &str, &str)> =
        devices.iter().map(|device| ("XAA", device.as_str(), ENCODES)).collect();
    assert_eq!(found(&world, &records).await, 120);
    let mut browser = world.browser(ANALYST).await;
    let (mut path, mut seen) = ("/alerts?sort=newest".to_owned(), Vec::new());
    for position in ["1 to 50 of 120 alerts", "51 to 100 of 120 alerts", "101 to 120 of 120 alerts"]
    {
        let page = browser.get(&path).await;
        assert!(page.body.contains(position), "{position}: {}", page.body);
        seen.extend(devices.iter().filter(|device| page.body.contains(device.as_str())).cloned());
        let next = page.body.split("rel=\"next\"").next().unwrap_or_default();
        let link = next.rsplit("href=\"").next().unwrap_or_default();
        path = link.split('"').next().unwrap_or_default().replace("&amp;", "&");
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 120);
}

#[tokio::test]
async fn the_page_of_an_alert_explains_itself() {
    let world = watched().await;
    let alert = worst(&world).await;
    let page = world.browser(ANALYST).await.get(&format!("/alerts/{}", alert.id)).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let main = main_of(&page.body);
    for text in [
        "Do first:",
        "Disconnect the device from the network",
        "prints its labels",
        "the pathology service",
        "4,200",
        "the rule&#39;s level is critical",
        "<mark class=\"ward-mark\">vssadmin delete shadows /all /quiet</mark>",
        "CommandLine|contains: delete shadows",
        "What the event answered with yes is marked.",
        "T1490",
        "opened the alert",
        "2 events kept",
        "Take this alert",
        "Make an exception",
    ] {
        assert!(main.to_lowercase().contains(&text.to_lowercase()), "{text} is not in {main}");
    }
    // What lies in another trust is told to be there, not what it is.
    assert!(main.contains("A service elsewhere"), "{main}");
    assert!(!page.body.contains("crisis"), "{main}");
    insta::assert_snapshot!(main);
}

#[tokio::test]
async fn an_event_is_had_as_it_came() {
    let world = watched().await;
    let path = format!("/alerts/{}/event.json?event=2", worst(&world).await.id);
    let file = world.browser(VIEWER).await.get(&path).await;
    assert_eq!(file.header("content-type"), "application/json");
    assert_eq!(file.body, queue::record("XAA-PATH-07", DELETES));
}

#[tokio::test]
async fn somebody_of_the_whole_sector_sees_what_rests_elsewhere() {
    let world = watched().await;
    let alert = worst(&world).await;
    let page = world.browser(ADMINISTRATOR).await.get(&format!("/alerts/{}", alert.id)).await;
    assert!(page.body.contains("the secret crisis team"), "{}", page.body);
}

#[tokio::test]
async fn a_rule_that_was_changed_or_removed_is_told_to_be() {
    let world = watched().await;
    let path = format!("/alerts/{}", worst(&world).await.id);
    let text = include_str!("common/rules.yml");
    let changed = text.replace("'delete shadows'", "'resize shadowstorage'");
    assert_ne!(changed, text, "the rule is another");
    for (text, told) in [
        (changed.as_str(), "As it is now it would not fire on this event"),
        (
            "title: Other\nid: 00000000-0000-4000-8000-000000000009\nlogsource: {product: windows}\n\
          detection: {a: {Image: x}, condition: a}\n",
            "This rule is in use no more.",
        ),
    ] {
        let parsed = sigma::parse::file(&"example.yml".into(), text, &sigma::Placeholders::new());
        let catalogue = world.app.rules.now().catalogue().clone();
        let rules = detect::watch::LiveRules::new(sigma::RuleSet::new([parsed]), catalogue);
        world.app.rules.replace(rules);
        let page = world.browser(ANALYST).await.get(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        assert!(page.body.contains(told), "{told} is not in {}", main_of(&page.body));
    }
}

#[tokio::test]
async fn taking_an_alert_can_be_undone_from_the_notice() {
    let world = watched().await;
    let alert = worst(&world).await;
    let mut browser = world.browser(ANALYST).await;
    let back = format!("/alerts/{}", alert.id);
    let path = format!("/alerts/act?back={back}");
    let answer = browser.post(&path, &[("act", "take"), ("alert", &chosen(&alert))]).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, back.as_str()));
    let taken = worst(&world).await;
    assert_eq!((taken.state, taken.version), (State::Taken, alert.version + 1));
    let page = browser.get(&back).await;
    assert!(page.body.contains("1 alert taken"), "{}", page.body);
    assert!(page.body.contains("Taken by you"), "{}", page.body);
    let (action, token) = undo_of(&page.body);
    let action = action.replace("&amp;", "&");
    let answer = browser.post(&action, &[("undo", &token)]).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, back.as_str()));
    assert_eq!(worst(&world).await.state, State::New);
    assert!(browser.get(&back).await.body.contains("Taken back"));
    // Nobody takes back what another did.
    let answer = world.browser(STRANGER).await.post("/alerts/undo", &[("undo", &token)]).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    let answer = browser.post("/alerts/undo", &[("undo", "nonsense")]).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn closing_asks_for_a_verdict_and_a_reason_and_leaves_a_trace() {
    let world = watched().await;
    let alert = worst(&world).await;
    let mut browser = world.browser(ANALYST).await;
    let first = [("act", "close"), ("alert", &chosen(&alert))];
    let page = browser.post("/alerts/act", &first).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert!(page.body.contains("Close this alert") && !page.body.contains("There is a problem"));
    let mut asked = first.to_vec();
    asked.extend([("asked", "yes"), ("verdict", "benign"), ("text", " ")]);
    let page = browser.post("/alerts/act", &asked).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.body.contains("Write why: others will read it"), "{}", page.body);
    assert!(page.body.contains("value=\"benign\" checked"), "what was chosen stays chosen");
    assert_eq!(worst(&world).await.state, State::New);
    asked.pop();
    asked.push(("text", "A planned clean-up of old copies"));
    let answer = browser.post("/alerts/act", &asked).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let scope = terms::Scope::sector();
    let (closed, story) = world.app.alerts.one(&scope, alert.id).await.expect("the alert");
    assert_eq!((closed.state, closed.verdict), (State::Closed, Some(Verdict::Benign)));
    assert_eq!(story.reason, "A planned clean-up of old copies");
    let filter = access::audit::AuditFilter {
        what: Some("alert.".to_owned()),
        ..access::audit::AuditFilter::default()
    };
    let trail = access::audit::list(&world.t.db, &scope, &filter, None, 10).await.expect("read");
    let told: Vec<(&str, &str)> =
        trail.entries.iter().map(|one| (one.what.as_str(), one.on.id.as_str())).collect();
    assert_eq!(told, [("alert.close", alert.id.to_string().as_str())]);
    assert_eq!(trail.entries[0].organisation, Some(common::code("XAA")));
}

#[tokio::test]
async fn whoever_looked_at_an_older_state_is_told_and_changes_nothing() {
    let world = watched().await;
    let alert = worst(&world).await;
    let mut browser = world.browser(ADMINISTRATOR).await;
    let stale = format!("{}.{}", alert.id, alert.version + 7);
    let fields = [
        ("act", "close"),
        ("asked", "yes"),
        ("alert", stale.as_str()),
        ("verdict", "benign"),
        ("text", "x"),
    ];
    let answer = browser.post("/alerts/act", &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let page = browser.get("/alerts").await;
    assert!(page.body.contains("1 alert was left as before"), "{}", page.body);
    assert!(page.body.contains("changed since you looked at it"), "{}", page.body);
    assert!(!page.body.contains("name=\"undo\""), "nothing was done, so there is nothing to undo");
    assert_eq!(worst(&world).await.state, State::New);
}

#[tokio::test]
async fn a_viewer_sees_and_cannot_act() {
    let world = watched().await;
    let alert = worst(&world).await;
    let mut browser = world.browser(VIEWER).await;
    let queue = browser.get("/alerts").await;
    assert!(queue.body.contains("XAA-PATH-07"));
    assert!(!queue.body.contains("data-selection="), "{}", queue.body);
    let page = browser.get(&format!("/alerts/{}", alert.id)).await;
    for text in ["Take this alert", "Make an exception", "Add comment"] {
        assert!(!page.body.contains(text), "{text}");
    }
    let act = [("act", "take"), ("alert", &chosen(&alert))];
    assert_eq!(browser.post("/alerts/act", &act).await.status, StatusCode::FORBIDDEN);
    let undo = browser.post("/alerts/undo", &[("undo", &alert.id.to_string())]).await;
    assert_eq!(undo.status, StatusCode::FORBIDDEN);
    assert_eq!(worst(&world).await.state, State::New);
}

#[tokio::test]
async fn a_form_without_the_mark_does_nothing() {
    let world = watched().await;
    let alert = worst(&world).await;
    let mut browser = world.browser(ANALYST).await;
    let act = [("act", "take"), ("alert", &chosen(&alert))];
    assert_eq!(browser.post_plain("/alerts/act", &act).await.status, StatusCode::FORBIDDEN);
    assert_eq!(worst(&world).await.state, State::New);
}

#[tokio::test]
async fn work_is_handed_only_to_those_who_may_do_it_there() {
    let world = watched().await;
    let alert = worst(&world).await;
    let stranger = world.caller(STRANGER).await.person.to_string();
    let viewer = world.caller(VIEWER).await.person.to_string();
    let administrator = world.caller(ADMINISTRATOR).await.person.to_string();
    let mut browser = world.browser(ANALYST).await;
    let act = chosen(&alert);
    let fields = |to| [("act", "hand_over"), ("asked", "yes"), ("alert", act.as_str()), ("to", to)];
    for to in [stranger.as_str(), viewer.as_str(), "nobody", ""] {
        let page = browser.post("/alerts/act", &fields(to)).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{to}");
        assert!(page.body.contains("Choose who shall have it."));
        assert!(!page.body.contains("Example Stranger"), "{}", page.body);
    }
    assert_eq!(worst(&world).await.owner, None);
    let answer = browser.post("/alerts/act", &fields(&administrator)).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert_eq!(worst(&world).await.owner.map(|owner| owner.to_string()), Some(administrator));
    let page = browser.get("/alerts").await;
    assert!(page.body.contains("handed over to Example Administrator"), "{}", page.body);
}

#[tokio::test]
async fn many_are_closed_at_once_and_one_press_brings_them_back() {
    let world = watched().await;
    let own = alerts(&world, "XAA").await;
    let names: Vec<String> = own.iter().map(chosen).collect();
    let mut fields =
        vec![("act", "close"), ("asked", "yes"), ("verdict", "false_positive"), ("text", "x")];
    fields.extend(names.iter().map(|name| ("alert", name.as_str())));
    let mut browser = world.browser(ANALYST).await;
    assert_eq!(browser.post("/alerts/act", &fields).await.status, StatusCode::SEE_OTHER);
    let page = browser.get("/alerts").await;
    assert!(page.body.contains("2 alerts closed as false positive"), "{}", page.body);
    assert!(page.body.contains("No alert is open."));
    let (action, token) = undo_of(&page.body);
    browser.post(&action.replace("&amp;", "&"), &[("undo", &token)]).await;
    let states: Vec<State> = alerts(&world, "XAA").await.iter().map(|one| one.state).collect();
    assert_eq!(states, [State::New, State::New]);
}

#[tokio::test]
async fn a_comment_stands_in_the_history() {
    let world = watched().await;
    let alert = worst(&world).await;
    let mut browser = world.browser(ANALYST).await;
    let path = format!("/alerts/{}", alert.id);
    let act = format!("/alerts/act?back={path}");
    let text = "<b>Seen</b> & called the ward";
    let fields =
        [("act", "comment"), ("asked", "yes"), ("alert", &chosen(&alert)), ("comment", text)];
    assert_eq!(browser.post(&act, &fields).await.location(), path);
    let page = browser.get(&path).await;
    assert!(page.body.contains("&lt;b&gt;Seen&lt;/b&gt; &amp; called the ward"), "{}", page.body);
}

#[tokio::test]
async fn files_hold_what_the_list_holds() {
    let world = watched().await;
    let mut browser = world.browser(ANALYST).await;
    let csv = browser.get("/alerts/export.csv?level=critical").await;
    assert_eq!(csv.header("content-disposition"), "attachment; filename=\"alerts.csv\"");
    let lines: Vec<&str> = csv.body.lines().collect();
    assert_eq!(lines.len(), 2, "{}", csv.body);
    assert!(lines[0].starts_with("id,organisation,state,level"));
    assert!(lines[1].contains("XAA-PATH-07"));
    let json = browser.get("/alerts/export.jsonl").await;
    assert_eq!(json.header("content-type"), "application/x-ndjson");
    assert_eq!(json.body.lines().count(), 2);
    for line in json.body.lines() {
        let one: serde_json::Value = serde_json::from_str(line).expect("JSON");
        assert_eq!(one["organisation"], "XAA");
    }
    let wrong = browser.get("/alerts/export.csv?level=worst").await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_saved_view_is_a_tab_and_can_be_shared_deleted_and_brought_back() {
    let world = watched().await;
    let mut browser = world.browser(ANALYST).await;
    let nameless = [("name", " "), ("query", "level=critical"), ("share", "")];
    let page = browser.post("/alerts/views", &nameless).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.body.contains("Write a name for the view."));
    let fields =
        [("name", "Worst <only>"), ("query", "level=critical"), ("share", "organisation:XAA")];
    let answer = browser.post("/alerts/views", &fields).await;
    assert_eq!(answer.location(), "/alerts?level=critical", "{}", answer.body);
    let tab = "Worst &lt;only&gt;";
    assert!(browser.get("/alerts?level=critical").await.body.contains(tab));
    assert!(world.browser(VIEWER).await.get("/alerts").await.body.contains(tab));
    assert!(!world.browser(STRANGER).await.get("/alerts").await.body.contains(tab));
    let beyond = [("name", "All"), ("query", ""), ("share", "sector")];
    assert_eq!(browser.post("/alerts/views", &beyond).await.status, StatusCode::FORBIDDEN);
    let page = browser.get("/alerts/views").await;
    let id = page.body.split("data-row=\"").nth(1).and_then(|rest| rest.split('"').next());
    let id = id.expect("a row").to_owned();
    let act = [("act", "share "), ("view", id.as_str())];
    assert_eq!(browser.post("/alerts/views/act", &act).await.status, StatusCode::SEE_OTHER);
    assert!(!world.browser(VIEWER).await.get("/alerts").await.body.contains(tab));
    // Somebody else's view is not theirs to delete.
    let act = [("act", "delete"), ("view", id.as_str())];
    world.browser(VIEWER).await.post("/alerts/views/act", &act).await;
    assert!(browser.get("/alerts").await.body.contains(tab));
    browser.post("/alerts/views/act", &act).await;
    let page = browser.get("/alerts/views").await;
    assert!(page.body.contains("1 view deleted") && page.body.contains("You have saved no view"));
    let (action, token) = undo_of(&page.body);
    let token = token.replace("&amp;", "&");
    browser.post(&action, &[("undo", &token)]).await;
    assert!(browser.get("/alerts").await.body.contains(tab));
}

#[tokio::test]
async fn extreme_records_break_neither_page_nor_budget() {
    let world = world().await;
    let long = format!("{DELETES} <script>alert(1)</script> {}", "é\"'&".repeat(3_000));
    let device = format!("XAA-{}", "W".repeat(180));
    let devices: Vec<String> = (0..60).map(|at| format!("{device}-{at}")).collect();
    let records: Vec<(&str, &str, &str)> =
        devices.iter().map(|device| ("XAA", device.as_str(), long.as_str())).collect();
    assert_eq!(found(&world, &records).await, 60);
    let mut browser = world.browser(ANALYST).await;
    let queue = browser.get("/alerts").await;
    assert!(queue.body.len() < 120_000, "{} bytes", queue.body.len());
    let alert = worst(&world).await;
    let page = browser.get(&format!("/alerts/{}", alert.id)).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert!(page.body.len() < 120_000, "{} bytes", page.body.len());
    for body in [&queue.body, &page.body] {
        assert!(!body.contains("<script>alert"), "markup of an event is text");
    }
}

#[tokio::test]
async fn nobody_signed_in_is_led_to_the_sign_in_and_back() {
    let world = watched().await;
    let alert = worst(&world).await;
    for path in ["/alerts".to_owned(), format!("/alerts/{}", alert.id), "/live".to_owned()] {
        let answer = world.nobody().get(&path).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        let mut to = String::from("/sign-in?next=");
        let _ = write!(to, "{}", path.replace(':', "%3A"));
        assert_eq!(answer.location(), to);
    }
    assert_eq!(world.nobody().get("/api/v1/alerts").await.status, StatusCode::UNAUTHORIZED);
}
