//! People: who is seen by whom, who may do what to whom, and what cannot be done at all.

mod common;
mod queue;

use access::{Permission, Role, grant::NewGrant};
use axum::http::StatusCode;
use common::{ADMINISTRATOR, ANALYST, STRANGER, VIEWER, World, code, world};
use queue::main_of;
use terms::Part;
use testkit::now;

/// Ward whose viewer of XAA also administers it: an administrator of one trust.
async fn with_trust_administrator() -> World {
    let world = world().await;
    let administrator = world.caller(ADMINISTRATOR).await;
    let viewer = world.caller(VIEWER).await.person;
    let grant = NewGrant::of(Role::Administrator, Part::Organisation(code("XAA")));
    world.app.access.give(&administrator, viewer, &grant, now()).await.expect("given");
    world
}

async fn path(world: &World, email: &str) -> String {
    format!("/people/{}", world.caller(email).await.person)
}

/// The ids of what somebody holds, as the sector's administrator sees it.
async fn grants(world: &World, email: &str) -> Vec<String> {
    let administrator = world.caller(ADMINISTRATOR).await;
    let person = world.caller(email).await.person;
    let view = world.app.access.person(&administrator, person, now()).await.expect("read");
    view.grants.iter().map(|grant| grant.id.to_string()).collect()
}

/// What the notice offers for undo: where it posts to, and the token.
fn undo_in(body: &str) -> (String, String) {
    let notice = body.split("class=\"ward-notice\"").nth(1).expect("a notice");
    let part = |after: &str| {
        let text = notice.split(after).nth(1).expect("an undo");
        text.split('"').next().expect("an end").to_owned()
    };
    (part("<form action=\""), part("name=\"undo\" value=\""))
}

#[tokio::test]
async fn the_administrator_of_a_trust_sees_its_people_and_nobody_else() {
    let world = with_trust_administrator().await;
    let page = world.browser(VIEWER).await.get("/people").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert!(
        page.body.contains("Example Analyst") && page.body.contains("2 people have an account")
    );
    assert!(!page.body.contains("Example Stranger") && !page.body.contains("Southfield"));
    let all = world.browser(ADMINISTRATOR).await.get("/people").await;
    assert!(all.body.contains("Example Stranger") && all.body.contains("4 people"));
    let stranger = path(&world, STRANGER).await;
    assert_eq!(world.browser(VIEWER).await.get(&stranger).await.status, StatusCode::NOT_FOUND);
    assert_eq!(world.browser(ANALYST).await.get("/people").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn people_are_narrowed_by_name_role_place_and_state() {
    let world = world().await;
    let mut browser = world.browser(ADMINISTRATOR).await;
    for (query, names) in [
        ("q=stranger", &["Example Stranger"][..]),
        ("q=xaa.example", &["Example Analyst", "Example Viewer"]),
        ("role=analyst", &["Example Analyst", "Example Stranger"]),
        ("role=analyst&place=organisation:XBB", &["Example Stranger"]),
        ("place=region:Y56", &["Example Analyst", "Example Viewer"]),
        ("organisation=southfield", &["Example Stranger"]),
        ("state=disabled", &[]),
    ] {
        let page = browser.get(&format!("/people?{query}")).await;
        assert_eq!(page.status, StatusCode::OK, "{query}");
        for name in ["Example Analyst", "Example Viewer", "Example Stranger"] {
            let is_listed = page.body.contains(&format!(">{name}</a>"));
            assert_eq!(is_listed, names.contains(&name), "{query} {name}");
        }
        let csv = browser.get(&format!("/people/export.csv?{query}")).await;
        assert_eq!(csv.body.lines().count(), names.len() + 1, "{query}: {}", csv.body);
    }
    for query in
        ["role=owner", "state=asleep", "place=country:UK", "after=x", "organisation=nowhere"]
    {
        let page = browser.get(&format!("/people?{query}")).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{query}");
        assert!(page.body.contains("cannot be used"), "{query}");
    }
}

#[tokio::test]
async fn a_long_list_is_walked_there_and_back() {
    let world = world().await;
    let administrator = world.caller(ADMINISTRATOR).await;
    for at in 0..120 {
        let (email, name) = (format!("p{at}@example.org"), format!("Person {at:03}"));
        let grant = NewGrant::of(Role::Viewer, Part::Sector);
        let new = access::people::NewPerson { email: &email, name: &name, grant };
        world.app.access.invite(&administrator, &new, now()).await.expect("invited");
    }
    let link = |body: &str, rel: &str| -> Option<String> {
        let before =
            body.split(&format!("rel=\"{rel}\"")).next().filter(|one| one.len() < body.len());
        let href = before?.rsplit("href=\"").next()?;
        Some(href.split('"').next()?.replace("&amp;", "&").replace("&#x3d;", "="))
    };
    let mut browser = world.browser(ADMINISTRATOR).await;
    let first = browser.get("/people").await;
    assert!(first.body.contains("1 to 50 of 124 people"), "{}", first.body);
    let second = browser.get(&link(&first.body, "next").expect("more")).await;
    assert!(second.body.contains("51 to 100 of 124 people"));
    let third = browser.get(&link(&second.body, "next").expect("more")).await;
    assert!(third.body.contains("101 to 124 of 124 people") && link(&third.body, "next").is_none());
    let back = browser.get(&link(&third.body, "prev").expect("a way back")).await;
    assert!(back.body.contains("51 to 100 of 124 people"));
    let rows = |body: &str| body.matches("class=\"ward-row\"").count();
    assert_eq!((rows(&first.body), rows(&third.body), rows(&back.body)), (50, 24, 50));
    let start = browser.get(&link(&back.body, "prev").expect("a way back")).await;
    assert!(start.body.contains("1 to 50 of 124 people") && link(&start.body, "prev").is_none());
}

#[tokio::test]
async fn nobody_gives_more_than_they_hold() {
    let world = with_trust_administrator().await;
    let mut browser = world.browser(VIEWER).await;
    let invite = async |browser: &mut common::Browser<'_>, role, place| {
        let fields =
            [("email", "x@xaa.example.org"), ("name", "X"), ("role", role), ("place", place)];
        browser.post("/people/invite", &fields).await
    };
    for place in ["sector", "region:Y56", "organisation:XBB"] {
        let answer = invite(&mut browser, "viewer", place).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{place}");
        assert!(answer.body.contains("href=\"#place\""), "{place}");
    }
    let answer = invite(&mut browser, "analyst", "organisation:XAA").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert!(answer.body.contains("http://ward.example/link/"));
    // Somebody who holds more than the caller cannot be changed by them.
    let administrator = path(&world, ADMINISTRATOR).await;
    for act in ["disable", "link", "sessions/end", "second-factor"] {
        let answer = browser.post(&format!("{administrator}/{act}"), &[]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{act}");
    }
}

#[tokio::test]
async fn somebody_who_also_works_elsewhere_is_seen_but_not_taken_over() {
    let world = with_trust_administrator().await;
    let administrator = world.caller(ADMINISTRATOR).await;
    let analyst = world.caller(ANALYST).await.person;
    let grant = NewGrant::of(Role::Viewer, Part::Organisation(code("XBB")));
    world.app.access.give(&administrator, analyst, &grant, now()).await.expect("given");
    let mut browser = world.browser(VIEWER).await;
    let page = browser.get(&format!("/people/{analyst}")).await;
    assert!(page.body.contains("1 more role outside of what you may see"), "{}", page.body);
    assert!(page.body.contains("You cannot change this account"));
    assert!(!page.body.contains("Southfield") && !page.body.contains("XBB"));
    for act in ["disable", "link", "sessions/end", "second-factor"] {
        let answer = browser.post(&format!("/people/{analyst}/{act}"), &[]).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{act}");
        assert!(answer.body.contains("There is a problem"), "{act}: {}", answer.body);
    }
}

#[tokio::test]
async fn a_role_is_given_taken_and_given_back() {
    let world = world().await;
    let mut browser = world.browser(ADMINISTRATOR).await;
    let person = path(&world, ANALYST).await;
    let fields = [("role", "responder"), ("place", "organisation:XAA"), ("until", "2026-12-31")];
    let answer = browser.post(&format!("{person}/roles"), &fields).await;
    assert_eq!(answer.location(), person, "{}", answer.body);
    let page = browser.get(&person).await;
    assert!(page.body.contains("Responder for Example Northmoor Hospitals is given"));
    assert_eq!(grants(&world, ANALYST).await.len(), 2);
    let (action, token) = undo_in(&page.body);
    browser.post(&action, &[("undo", &token)]).await;
    assert_eq!(grants(&world, ANALYST).await.len(), 1);

    let id = grants(&world, ANALYST).await.pop().expect("a grant");
    browser.post(&format!("{person}/roles/revoke"), &[("id", &id)]).await;
    assert!(grants(&world, ANALYST).await.is_empty());
    let (action, token) = undo_in(&browser.get(&person).await.body);
    let answer = browser.post(&action, &[("undo", &token.replace("&#x0a;", "\n"))]).await;
    assert_eq!(answer.location(), person, "{}", answer.body);
    let caller = world.caller(ANALYST).await;
    assert!(caller.may_somewhere(Permission::WorkAlerts));
}

#[tokio::test]
async fn a_role_with_a_wrong_end_or_place_is_told_beside_the_field() {
    let world = world().await;
    let mut browser = world.browser(ADMINISTRATOR).await;
    let person = path(&world, ANALYST).await;
    for (fields, field) in [
        ([("role", ""), ("place", "sector"), ("until", "")], "role"),
        ([("role", "viewer"), ("place", "x"), ("until", "")], "place"),
        ([("role", "viewer"), ("place", "sector"), ("until", "soon")], "until"),
        ([("role", "viewer"), ("place", "sector"), ("until", "2020-01-01")], "until"),
    ] {
        let answer = browser.post(&format!("{person}/roles"), &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        assert!(answer.body.contains(&format!("href=\"#{field}\"")), "{field}: {}", answer.body);
    }
    let none = browser.post(&format!("{person}/roles/revoke"), &[]).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(grants(&world, ANALYST).await.len(), 1);
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let world = world().await;
    let mut browser = world.browser(ADMINISTRATOR).await;
    let own = path(&world, ADMINISTRATOR).await;
    let id = grants(&world, ADMINISTRATOR).await.pop().expect("a grant");
    for (act, fields) in [("disable", vec![]), ("roles/revoke", vec![("id", id.as_str())])] {
        let answer = browser.post(&format!("{own}/{act}"), &fields).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{act}");
        let told = "This is the last administrator of the sector: give the role to somebody else";
        assert!(answer.body.contains(told), "{act}: {}", answer.body);
    }
    assert_eq!(browser.get(&own).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_disabled_account_is_out_until_it_is_enabled() {
    let world = world().await;
    let mut theirs = world.browser(ANALYST).await;
    let person = path(&world, ANALYST).await;
    let mut browser = world.browser(ADMINISTRATOR).await;
    assert_eq!(browser.post(&format!("{person}/disable"), &[]).await.location(), person);
    assert_eq!(theirs.get("/account").await.status, StatusCode::SEE_OTHER);
    let page = browser.get(&person).await;
    assert!(page.body.contains("Their account is disabled"), "{}", page.body);
    let twice = browser.post(&format!("{person}/disable"), &[]).await;
    assert_eq!(twice.status, StatusCode::CONFLICT);
    let (action, token) = undo_in(&page.body);
    assert_eq!(action, format!("{person}/enable"));
    browser.post(&action, &[("undo", &token)]).await;
    assert_eq!(world.browser(ANALYST).await.get("/account").await.status, StatusCode::OK);
}

#[tokio::test]
async fn sessions_and_tokens_of_somebody_are_ended_by_their_administrator() {
    let world = with_trust_administrator().await;
    let mut theirs = world.browser(ANALYST).await;
    let fields =
        [("name", "example report"), ("permissions", "alerts.view"), ("place", "organisation:XAA")];
    let made = theirs.post("/account/tokens/new", &fields).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.body);
    let person = path(&world, ANALYST).await;
    let mut browser = world.browser(VIEWER).await;
    let page = browser.get(&person).await;
    assert!(page.body.contains("example report"), "{}", page.body);
    let analyst = world.caller(ANALYST).await;
    let token = world.app.access.api_tokens(&analyst, None, 1).await.expect("read").remove(0);
    let act = format!("{person}/tokens/revoke");
    browser.post(&act, &[("id", &token.id.to_string())]).await;
    let token = world.app.access.api_tokens(&analyst, None, 1).await.expect("read").remove(0);
    assert!(token.revoked_at.is_some());
    browser.post(&format!("{person}/sessions/end"), &[]).await;
    assert_eq!(theirs.get("/account").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn taking_a_second_factor_away_asks_first() {
    let world = world().await;
    let mut browser = world.browser(ADMINISTRATOR).await;
    let person = path(&world, ANALYST).await;
    let page = browser.get(&format!("{person}/second-factor")).await;
    assert!(page.body.contains("Take the second factor of Example Analyst away?"));
    assert!(page.body.contains("What follows") && page.body.contains("call them back"));
    let done = browser.post(&format!("{person}/second-factor"), &[]).await;
    assert_eq!(done.location(), person);
}

#[tokio::test]
async fn what_is_exported_is_what_is_seen_and_runs_nothing() {
    let world = with_trust_administrator().await;
    let administrator = world.caller(ADMINISTRATOR).await;
    let grant = NewGrant::of(Role::Viewer, Part::Organisation(code("XAA")));
    let new = access::people::NewPerson { email: "e@example.org", name: "=1+1", grant };
    world.app.access.invite(&administrator, &new, now()).await.expect("invited");
    let csv = world.browser(VIEWER).await.get("/people/export.csv").await;
    assert_eq!(csv.header("content-disposition"), "attachment; filename=\"people.csv\"");
    assert!(csv.body.starts_with("name,email,account,roles,"), "{}", csv.body);
    assert!(csv.body.contains("\n'=1+1,") && !csv.body.contains("Stranger"), "{}", csv.body);
    let json = world.browser(ADMINISTRATOR).await.get("/people/export.jsonl").await;
    let lines: Vec<serde_json::Value> =
        json.body.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.len(), 5);
    let analyst = lines.iter().find(|line| line["email"] == ANALYST).expect("listed");
    assert_eq!(analyst["roles"][0]["part"], "organisation:XAA");
}

#[tokio::test]
async fn the_pages_of_people_are_as_they_were_reviewed() {
    let world = world().await;
    let administrator = world.caller(ADMINISTRATOR).await;
    let until = Some(common::later(86_400 * 40));
    let grant = NewGrant { until, ..NewGrant::of(Role::Responder, Part::Region(code("Y56"))) };
    let analyst = world.caller(ANALYST).await.person;
    world.app.access.give(&administrator, analyst, &grant, now()).await.expect("given");
    // Names as long as they come, and with everything that means something in HTML.
    let name = format!("<b>&\"{}", "Wolfeschlegelsteinhausenbergerdorff ".repeat(2));
    let grant = NewGrant::of(Role::Viewer, Part::Organisation(code("XAA")));
    let email = format!("{}@example.org", "l".repeat(200));
    let new = access::people::NewPerson { email: &email, name: &name, grant };
    world.app.access.invite(&administrator, &new, now()).await.expect("invited");
    let mut browser = world.browser(ADMINISTRATOR).await;
    for (name, path) in [
        ("list", "/people".to_owned()),
        ("nobody", "/people?q=zzz".to_owned()),
        ("invite", "/people/invite".to_owned()),
        ("one", format!("/people/{analyst}")),
        ("second_factor", format!("/people/{analyst}/second-factor")),
    ] {
        let page = browser.get(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(!page.body.contains("<b>"), "{path}");
        insta::assert_snapshot!(format!("people_{name}"), main_of(&page.body));
    }
}
