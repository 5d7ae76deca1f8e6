//! The audit trail: what is shown to whom, narrowed, exported, and whether it holds.

mod common;
mod queue;

use access::{
    Role, audit,
    audit::{Entry, On},
    grant::NewGrant,
};
use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use common::{ADMINISTRATOR, ANALYST, VIEWER, World, code, later, world};
use queue::main_of;
use serde_json::{Value, json};
use terms::Part;
use testkit::now;

/// Ward whose viewer of XAA also assures it, with deeds of both trusts written down.
async fn assured() -> World {
    let world = world().await;
    let administrator = world.caller(ADMINISTRATOR).await;
    let viewer = world.caller(VIEWER).await.person;
    let grant = NewGrant::of(Role::Assurer, Part::Organisation(code("XAA")));
    world.app.access.give(&administrator, viewer, &grant, now()).await.expect("given");
    let analyst = world.caller(ANALYST).await;
    for (at, organisation) in ["XAA", "XBB", "XAA"].into_iter().enumerate() {
        let at = i64::try_from(at).expect("small");
        let on = On::new("rule", format!("example-rule-of-{organisation}"));
        let entry = Entry::new(later(at), analyst.who(), "rule.switch_off", on);
        let entry = entry.of(code(organisation)).with(json!({ "reason": "too many" }));
        write(&world, entry).await;
    }
    world
}

async fn write(world: &World, entry: Entry) {
    let write = world.app.alerts.db().write().await.expect("begun");
    audit::append(&write, entry).await.expect("appended");
    write.commit().await.expect("committed");
}

#[tokio::test]
async fn a_trust_sees_its_own_entries_and_the_sector_all() {
    let world = assured().await;
    let page = world.browser(VIEWER).await.get("/audit").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert!(page.body.contains("example-rule-of-XAA") && page.body.contains("switched a rule off"));
    assert!(!page.body.contains("XBB") && !page.body.contains("Southfield"), "{}", page.body);
    let all = world.browser(ADMINISTRATOR).await.get("/audit").await;
    assert!(all.body.contains("example-rule-of-XBB") && all.body.contains("signed in"));
    assert_eq!(world.browser(ANALYST).await.get("/audit").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn entries_are_narrowed_by_who_what_on_organisation_and_time() {
    let world = assured().await;
    let mut browser = world.browser(ADMINISTRATOR).await;
    let analyst = world.caller(ANALYST).await.person;
    let count = async |browser: &mut common::Browser<'_>, query: &str| {
        let answer = browser.get(&format!("/audit/export.jsonl?{query}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{query}: {}", answer.body);
        let page = browser.get(&format!("/audit?{query}")).await;
        assert_eq!(page.status, StatusCode::OK, "{query}");
        answer.body.lines().count()
    };
    for (query, expected) in [
        ("what=rule.", 3),
        ("what=rule.&organisation=XAA", 2),
        ("what=rule.&organisation=southfield", 1),
        ("what=rule.&who=me", 0),
        ("what=rule.&who=analyst%40xaa", 3),
        ("on=rule&id=example-rule-of-XBB", 1),
        ("what=rule.&from=2100-01-01", 0),
        ("what=rule.&to=2000-01-01", 0),
        ("who=ward&what=rule.", 0),
    ] {
        assert_eq!(count(&mut browser, query).await, expected, "{query}");
    }
    let query = format!("what=rule.&who=person:{analyst}");
    assert_eq!(count(&mut browser, &query).await, 3);
}

#[tokio::test]
async fn a_filter_that_cannot_be_used_is_named() {
    let world = assured().await;
    let mut browser = world.browser(ADMINISTRATOR).await;
    for (query, parameter) in [
        ("who=nobody-at-all", "who"),
        ("who=example", "who"),
        ("who=person:x", "who"),
        ("organisation=nowhere", "organisation"),
        ("from=soon", "from"),
        ("from=2026-02-01&to=2026-01-01", "to"),
        ("before=x", "before"),
        ("after=0", "after"),
    ] {
        let page = browser.get(&format!("/audit?{query}")).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{query}");
        assert!(page.body.contains(&format!("The filter “{parameter}”")), "{query}");
    }
}

#[tokio::test]
async fn a_long_trail_is_walked_there_and_back() {
    let world = assured().await;
    for at in 0..110 {
        let entry =
            Entry::new(later(at), access::Who::Ward, "example.deed", On::new("example", at));
        write(&world, entry).await;
    }
    let link = |body: &str, rel: &str| -> Option<String> {
        let before =
            body.split(&format!("rel=\"{rel}\"")).next().filter(|one| one.len() < body.len());
        let href = before?.rsplit("href=\"").next()?;
        Some(href.split('"').next()?.replace("&amp;", "&").replace("&#x3d;", "="))
    };
    let mut browser = world.browser(ADMINISTRATOR).await;
    let first = browser.get("/audit?what=example.").await;
    assert!(first.body.contains("1 to 50 of 110 entries"), "{}", first.body);
    let second = browser.get(&link(&first.body, "next").expect("more")).await;
    assert!(second.body.contains("51 to 100 of 110 entries"));
    let third = browser.get(&link(&second.body, "next").expect("more")).await;
    assert!(
        third.body.contains("101 to 110 of 110 entries") && link(&third.body, "next").is_none()
    );
    let back = browser.get(&link(&third.body, "prev").expect("a way back")).await;
    assert!(back.body.contains("51 to 100 of 110 entries"));
    let start = browser.get(&link(&back.body, "prev").expect("a way back")).await;
    assert!(start.body.contains("1 to 50 of 110 entries") && link(&start.body, "prev").is_none());
}

#[tokio::test]
async fn exports_hold_all_that_the_digest_is_made_of() {
    let world = assured().await;
    let json = world.browser(VIEWER).await.get("/audit/export.jsonl").await;
    assert_eq!(json.header("content-type"), "application/x-ndjson");
    let lines: Vec<Value> =
        json.body.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert!(lines.iter().all(|line| line["organisation"] == "XAA"), "{}", json.body);
    assert!(lines.iter().all(|line| line["digest"].as_str().is_some_and(|one| one.len() == 64)));
    let csv = world.browser(VIEWER).await.get("/audit/export.csv").await;
    assert!(csv.body.starts_with("number,at,who,what,on_kind,on_id,"), "{}", csv.body);
    assert_eq!(csv.body.lines().count(), lines.len() + 1);
}

#[tokio::test]
async fn a_trail_that_holds_says_so_and_gives_its_end() {
    let world = assured().await;
    let mut browser = world.browser(VIEWER).await;
    let page = browser.post("/audit/verify", &[("kept", "")]).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert!(page.body.contains("The trail holds"), "{}", page.body);
    let head = page.body.split("ward-exact\">").nth(1).expect("an end").split('<').next();
    let head = head.expect("an end").replace("&#x3a;", ":");
    let again = browser.post("/audit/verify", &[("kept", &head)]).await;
    assert!(again.body.contains("The trail holds: 0 entries"), "{}", again.body);
    let nonsense = browser.post("/audit/verify", &[("kept", "7:abc")]).await;
    assert_eq!(nonsense.status, StatusCode::UNPROCESSABLE_ENTITY);
    let number = head.split(':').next().expect("a number");
    let other = format!("{number}:{}", "0".repeat(64));
    let broken = browser.post("/audit/verify", &[("kept", &other)]).await;
    assert!(broken.body.contains("The trail does not hold at entry"), "{}", broken.body);
}

#[tokio::test]
async fn the_api_tells_the_same_a_page_at_a_time() {
    let world = assured().await;
    let mut browser = world.browser(ADMINISTRATOR).await;
    let (mut after, mut numbers) = (String::new(), Vec::new());
    loop {
        let path = format!("/api/v1/audit?what=rule.&limit=2&after={after}");
        let answer = browser.get(&path).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        let page: Value = serde_json::from_str(&answer.body).expect("JSON");
        let entries = page["entries"].as_array().expect("entries");
        numbers.extend(entries.iter().map(|entry| entry["number"].as_i64().expect("a number")));
        match page["after"].as_str() {
            Some(next) => after = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(numbers.len(), 3);
    assert!(numbers.is_sorted_by(|a, b| a > b), "newest first: {numbers:?}");
    let told = browser.get("/api/v1/audit/verification").await;
    let told: Value = serde_json::from_str(&told.body).expect("JSON");
    assert_eq!(told["holds"], true);
    for path in [
        "/api/v1/audit?limit=0",
        "/api/v1/audit?limit=501",
        "/api/v1/audit?after=x",
        "/api/v1/audit?from=soon",
        "/api/v1/audit/verification?kept=x",
    ] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
        assert_eq!(answer.header("content-type"), "application/problem+json", "{path}");
    }
    let nobody = Request::get("/api/v1/audit").body(Body::empty()).expect("a request");
    let nobody = world.ask(nobody).await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
    assert!(!nobody.header(header::WWW_AUTHENTICATE.as_str()).is_empty());
}

#[tokio::test]
async fn the_pages_of_the_trail_are_as_they_were_reviewed() {
    let world = assured().await;
    let long = "x <b>".repeat(500);
    let entry = Entry::new(later(60), access::Who::Ward, "example.deed", On::new("<b>thing", 1));
    write(&world, entry.of(code("XAA")).with(json!({ "reason": long }))).await;
    let mut browser = world.browser(VIEWER).await;
    for (name, path) in [
        ("list", "/audit"),
        ("nothing", "/audit?what=alert."),
        ("wrong", "/audit?from=soon"),
        ("verify", "/audit/verify"),
    ] {
        let page = browser.get(path).await;
        assert!(!page.body.contains("<b>"), "{path}");
        insta::assert_snapshot!(format!("audit_{name}"), main_of(&page.body));
    }
}
