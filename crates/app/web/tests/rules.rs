//! Rules: the list, the page of one, turning them on and off, folders that are uploaded.

mod acts;
mod common;
mod queue;

use std::io::{Cursor, Write};

use acts::{notice_of, undo, upload, upload_plain};
use axum::http::StatusCode;
use common::{ADMINISTRATOR, ANALYST, Browser, STRANGER, VIEWER, World, later, world};
use detect::{
    alert::{Move, Verdict},
    rulebook::FolderState,
};
use queue::{DELETED, DELETES, ENCODED, ENCODES, alerts, found, main_of};
use serde_json::Value;
use terms::{DeedId, PersonId, Scope};
use zip::{ZipWriter, write::SimpleFileOptions};

/// Ward with findings of both trusts.
async fn watched() -> World {
    let world = world().await;
    let records = [
        ("XAA", "XAA-PATH-07", DELETES),
        ("XAA", "XAA-PC-01", ENCODES),
        ("XBB", "XBB-SECRET-09", DELETES),
    ];
    assert_eq!(found(&world, &records).await, 3);
    world
}

fn rule(id: u32, title: &str, needle: &str) -> String {
    format!(
        "title: {title}\nid: 00000000-0000-4000-8000-{id:012}\nlevel: high\nlogsource:\n  \
         product: windows\n  category: process_creation\ndetection:\n  selection:\n    \
         CommandLine|contains: '{needle}'\n  condition: selection\n"
    )
}

fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        writer.start_file(*name, SimpleFileOptions::default()).expect("a member");
        writer.write_all(text.as_bytes()).expect("written");
    }
    writer.finish().expect("an archive").into_inner()
}

async fn closed(world: &World, verdict: Verdict) {
    let alert = alerts(world, "XAA").await.into_iter().find(|one| one.rule.id == DELETED);
    let asked = Move::Close { verdict, reason: "an example".to_owned() };
    let (all, ids) = (Scope::sector(), [(alert.expect("an alert").id, None)]);
    let write = world.app.alerts.db().write().await.expect("a transaction");
    let person = PersonId::new(later(0));
    let act = world.app.alerts.act(&write, &all, &ids, &asked, person, later(0)).await;
    let _: DeedId = act.expect("closed").id;
    write.commit().await.expect("committed");
}

#[tokio::test]
async fn the_list_shows_what_each_rule_found_within_the_view_and_how_it_turned_out() {
    let world = watched().await;
    closed(&world, Verdict::TruePositive).await;
    let page = world.browser(ANALYST).await.get("/rules").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let main = main_of(&page.body);
    assert!(main.contains("2 rules are in force: 2 found something"), "{main}");
    assert!(main.contains("1 true, 0 benign, 0 false"), "{main}");
    insta::assert_snapshot!(main);
    // The other trust's finding is not counted here, and everything is there.
    assert!(main.contains("All rules: 2 findings in the last 30 days"), "{main}");
    let page = world.browser(ADMINISTRATOR).await.get("/rules").await;
    assert!(page.body.contains("All rules: 3 findings in the last 30 days"));
}

#[tokio::test]
async fn the_list_is_narrowed_and_sorted_by_its_address() {
    let world = watched().await;
    let mut browser = world.browser(ANALYST).await;
    for (query, shown, hidden) in [
        ("q=backup", "Example backup", "Example encoded"),
        ("level=medium", "Example encoded", "Example backup"),
        ("tactic=impact", "Example backup", "Example encoded"),
        ("q=t1490", "Example backup", "Example encoded"),
    ] {
        let page = browser.get(&format!("/rules?{query}")).await;
        assert!(page.body.contains(shown) && !page.body.contains(hidden), "{query}");
    }
    let page = browser.get("/rules?source=windows/process_creation&state=found").await;
    assert!(page.body.contains("Example backup") && page.body.contains("Example encoded"));
    let page = browser.get("/rules?q=nothing-is-called-so").await;
    assert!(page.body.contains("No rules match these filters"), "{}", page.body);
    let page = browser.get("/rules?sort=size").await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert!(page.body.contains("“sort” cannot be used"), "{}", page.body);
    let at = |body: &str, text: &str| body.find(text).expect("shown");
    let page = browser.get("/rules?sort=title&order=desc").await.body;
    assert!(at(&page, "Example encoded") < at(&page, "Example backup"));
}

#[tokio::test]
async fn the_page_of_a_rule_tells_what_it_looks_for_and_how_it_did() {
    let world = watched().await;
    let page = world.browser(ANALYST).await.get(&format!("/rules/{DELETED}")).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let main = main_of(&page.body);
    for text in ["CommandLine|contains", "Records cannot be restored", "It fired 1 time"] {
        assert!(main.contains(text), "{text} is not in {main}");
    }
    insta::assert_snapshot!(main);
    let page = world.browser(ANALYST).await.get("/rules/none").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_rule_is_turned_off_for_one_organisation_with_a_reason_and_back_by_undo() {
    let world = watched().await;
    let mut browser = world.browser(ADMINISTRATOR).await;
    let fields = [("act", "off"), ("rule", DELETED)];
    let page = browser.post("/rules/switch", &fields).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("no alert is opened"), "{}", page.body);
    let asked = |organisation: &'static str, reason: &'static str| {
        [
            ("act", "off"),
            ("rule", DELETED),
            ("asked", "yes"),
            ("part", "sector"),
            ("organisation", organisation),
            ("reason", reason),
        ]
    };
    let page = browser.post("/rules/switch", &asked("Northmoor", "")).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.body.contains("Write why"), "{}", page.body);
    let page = browser.post("/rules/switch", &asked("Nowhere", "an example")).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);

    let act = browser.post("/rules/switch", &asked("Northmoor", "too loud at night")).await;
    assert_eq!(act.status, StatusCode::SEE_OTHER, "{}", act.body);
    assert_eq!(is_on(&world, "XAA").await, (false, true));
    let page = browser.get(&format!("/rules/{DELETED}")).await;
    assert!(page.body.contains("too loud at night"), "{}", page.body);
    assert!(page.body.contains("turned it off for Example Northmoor Hospitals"));

    let act = browser.post("/rules/switch", &asked("Northmoor", "again")).await;
    let page = undo(&mut browser, &act).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER);
    // It was off before the second turn, so off it is again; by the first one's undo it is on.
    assert_eq!(is_on(&world, "XAA").await, (false, true));
}

/// Whether the first rule is on for an organisation, and for the other trust.
async fn is_on(world: &World, organisation: &str) -> (bool, bool) {
    let switches = world.app.alerts.switches_in_force().await.expect("switches");
    let graph = world.app.map.graph();
    let belongs = |part: &terms::Part, code: &terms::OdsCode| {
        graph.contains(&Scope::of([part.clone()]), code)
    };
    let on = |code: &str| switches.is_on(DELETED, &common::code(code), &belongs);
    (on(organisation), on("XBB"))
}

#[tokio::test]
async fn undo_of_the_first_turn_brings_a_rule_back() {
    let world = watched().await;
    let mut browser = world.browser(ADMINISTRATOR).await;
    let fields = [
        ("act", "off"),
        ("rule", DELETED),
        ("rule", ENCODED),
        ("asked", "yes"),
        ("part", "sector"),
        ("reason", "an example"),
    ];
    let act = browser.post("/rules/switch", &fields).await;
    assert_eq!(is_on(&world, "XAA").await, (false, false));
    undo(&mut browser, &act).await;
    assert_eq!(is_on(&world, "XAA").await, (true, true));
}

#[tokio::test]
async fn undo_of_a_first_turn_leaves_what_holds_for_all_in_force() {
    let world = watched().await;
    let mut browser = world.browser(ADMINISTRATOR).await;
    let turn = |act, part| {
        [("act", act), ("rule", DELETED), ("asked", "yes"), ("part", part), ("reason", "example")]
    };
    let act = browser.post("/rules/switch", &turn("off", "organisation:XAA")).await;
    undo(&mut browser, &act).await;
    browser.post("/rules/switch", &turn("off", "sector")).await;
    assert_eq!(is_on(&world, "XAA").await, (false, false), "no switch of XAA was left behind");
    let page = browser.get(&format!("/rules/{DELETED}")).await;
    assert!(page.body.contains("took back that it was turned for Example Northmoor Hospitals"));
}

#[tokio::test]
async fn rules_are_turned_and_uploaded_only_by_those_who_may_and_where_they_may() {
    let world = watched().await;
    let asked =
        [("act", "off"), ("rule", DELETED), ("asked", "yes"), ("part", "sector"), ("reason", "x")];
    for who in [ANALYST, VIEWER, STRANGER] {
        let mut browser = world.browser(who).await;
        let answer = browser.post("/rules/switch", &asked).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{who}");
        let text = rule(9, "Example", "x");
        let files: &[(&str, &[u8])] = &[("a.yml", text.as_bytes())];
        let answer = upload(&mut browser, "/rules/upload", &[("name", "x")], files).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{who}");
        let page = browser.get("/rules").await;
        assert!(!page.body.contains("Turn off…"), "{who}");
    }
    assert_eq!(is_on(&world, "XAA").await, (true, true));
    let kept = world.app.rulebook.folders(FolderState::Waiting).await.expect("folders");
    assert!(kept.is_empty());
}

async fn uploaded(browser: &mut Browser<'_>, name: &str, files: &[(&str, &[u8])]) -> String {
    let answer = upload(browser, "/rules/upload", &[("name", name)], files).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    answer.location().to_owned()
}

fn titles(world: &World) -> Vec<String> {
    world.app.rules.now().texts().iter().map(|text| text.title.clone()).collect()
}

#[tokio::test]
async fn an_uploaded_folder_is_reported_first_and_in_force_only_when_somebody_says_so() {
    let world = watched().await;
    let token = world.token("XAA").await;
    let sent = queue::record("XAA-PC-01", "whoami /all");
    let request = axum::http::Request::post("/api/v1/events")
        .header("authorization", format!("Bearer {token}"))
        .body(axum::body::Body::from(sent))
        .expect("a request");
    assert_eq!(world.ask(request).await.status, StatusCode::OK);
    let mut browser = world.browser(ADMINISTRATOR).await;
    let zip = archive(&[
        ("set/good.yml", &rule(7, "Example discovery", "whoami")),
        ("set/broken.yml", "title: Example broken\nlogsource:\n  product: windows\n"),
        ("set/known.yml", &rule(1, "Example known", "x")),
        ("README.md", "no rule"),
    ]);
    let path = uploaded(&mut browser, "Example set", &[("set.zip", &zip)]).await;
    let page = browser.get(&path).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let main = main_of(&page.body);
    for text in [
        "Ward can use 1 rule",
        "On the last 1 event 1 rule would have fired, 1 time in all.",
        "uploaded/Example set/set/broken.yml:1",
        "Differs; the one in force stays",
        "Use this rule",
    ] {
        assert!(main.contains(text), "{text} is not in {main}");
    }
    insta::assert_snapshot!(main);
    assert_eq!(titles(&world).len(), 2, "nothing is used yet");

    let act = browser.post(&format!("{path}/use"), &[]).await;
    assert_eq!(act.status, StatusCode::SEE_OTHER, "{}", act.body);
    assert!(titles(&world).contains(&"Example discovery".to_owned()));
    let page = browser.get("/rules/unusable").await;
    assert!(page.body.contains("set/broken.yml:1"), "{}", page.body);

    let act = browser.post(&format!("{path}/remove"), &[]).await;
    assert_eq!(titles(&world).len(), 2);
    undo(&mut browser, &act).await;
    assert_eq!(titles(&world).len(), 3);
}

#[tokio::test]
async fn many_rules_with_long_names_and_markup_in_them_are_paged_and_shown_as_text() {
    let world = world().await;
    let mut browser = world.browser(ADMINISTRATOR).await;
    let title = format!("'<b>{}</b> & so on'", "Example long name ".repeat(12));
    let files: Vec<(String, String)> =
        (10..130).map(|id| (format!("{id}.yml"), rule(id, &title, "x"))).collect();
    let files: Vec<(&str, &str)> =
        files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let zip = archive(&files);
    let path = uploaded(&mut browser, "Example set", &[("set.zip", &zip)]).await;
    browser.post(&format!("{path}/use"), &[]).await;
    let page = browser.get("/rules?sort=title").await;
    assert!(page.body.contains("1 to 50 of 122 rules"), "{}", main_of(&page.body));
    assert!(!page.body.contains("<b>Example") && page.body.contains("&lt;b&gt;Example"));
    assert!(page.body.len() < 120_000, "{} bytes", page.body.len());
    let link = |body: &str, rel: &str| {
        let end = body.find(&format!("\" rel=\"{rel}\"")).expect("a link");
        let start = body[..end].rfind("href=\"").expect("its start") + "href=\"".len();
        body[start..end].replace("&amp;", "&")
    };
    let second = browser.get(&link(&page.body, "next")).await;
    assert!(second.body.contains("51 to 100 of 122 rules"), "{}", main_of(&second.body));
    let third = browser.get(&link(&second.body, "next")).await;
    assert!(third.body.contains("101 to 122 of 122 rules"), "{}", main_of(&third.body));
    let back = browser.get(&link(&third.body, "prev")).await;
    assert!(back.body.contains("51 to 100 of 122 rules"), "{}", main_of(&back.body));
    let csv = browser.get("/rules/export.csv").await;
    assert_eq!(csv.body.lines().count(), 123);
}

#[tokio::test]
async fn the_notice_after_use_offers_to_take_it_back() {
    let world = world().await;
    let mut browser = world.browser(ADMINISTRATOR).await;
    let text = rule(7, "Example discovery", "whoami");
    let path = uploaded(&mut browser, "Example set", &[("a.yml", text.as_bytes())]).await;
    let act = browser.post(&format!("{path}/use"), &[]).await;
    let page = browser.get(act.location()).await;
    let (told, undo) = notice_of(&page.body);
    assert_eq!(told, "The rules of “Example set” are in use");
    let (action, token) = undo.expect("an undo");
    let answer = browser.post(&action, &[("undo", &token)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(titles(&world).len(), 2);
    let answer = browser.post(&action, &[("undo", &token)]).await;
    assert_eq!(answer.status, StatusCode::CONFLICT, "twice is once too often");
    let answer = browser.post(&action, &[("undo", "nonsense")]).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn an_upload_that_cannot_be_used_says_what_to_mend() {
    let world = world().await;
    let mut browser = world.browser(ADMINISTRATOR).await;
    let text = rule(7, "Example", "x");
    let yml: (&str, &[u8]) = ("a.yml", text.as_bytes());
    for (name, files, told) in [
        ("a/b", vec![yml], "Write a name of 1 to 60 letters"),
        ("", vec![yml], "Write a name of 1 to 60 letters"),
        ("Example", vec![], "Choose a zip archive, or rule files."),
        ("Example", vec![("a.txt", b"words".as_slice())], "There is no file ending in .yml"),
        ("Example", vec![("a.zip", b"words".as_slice())], "no zip archive that can be read"),
    ] {
        let answer = upload(&mut browser, "/rules/upload", &[("name", name)], &files).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name} {told}");
        assert!(answer.body.contains(told), "{told} is not in {}", main_of(&answer.body));
    }
}

#[tokio::test]
async fn a_form_with_files_from_elsewhere_or_too_large_is_refused() {
    let world = world().await;
    let mut browser = world.browser(ADMINISTRATOR).await;
    let text = rule(7, "Example", "x");
    let files: &[(&str, &[u8])] = &[("a.yml", text.as_bytes())];
    for fields in [vec![("name", "x")], vec![("csrf", "forged"), ("name", "x")]] {
        let answer = upload_plain(&mut browser, "/rules/upload", &fields, files).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
    }
    let large = vec![b' '; (20 << 20) + 1];
    let files: &[(&str, &[u8])] = &[("a.yml", &large)];
    let answer = upload(&mut browser, "/rules/upload", &[("name", "x")], files).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    let kept = world.app.rulebook.folders(FolderState::Waiting).await.expect("folders");
    assert!(kept.is_empty());
}

#[tokio::test]
async fn a_folder_that_waits_is_seen_only_by_those_who_decide() {
    let world = world().await;
    let mut browser = world.browser(ADMINISTRATOR).await;
    let text = rule(7, "Example", "x");
    let path = uploaded(&mut browser, "Example set", &[("a.yml", text.as_bytes())]).await;
    assert!(browser.get("/rules/folders").await.body.contains("Example set"));
    let mut analyst = world.browser(ANALYST).await;
    assert_eq!(analyst.get(&path).await.status, StatusCode::FORBIDDEN);
    let page = analyst.get("/rules/folders").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.body.contains("Example set"), "{}", main_of(&page.body));
}

#[tokio::test]
async fn the_files_hold_what_the_list_shows() {
    let world = watched().await;
    let mut browser = world.browser(ANALYST).await;
    let csv = browser.get("/rules/export.csv?q=backup").await;
    assert!(csv.header("content-type").starts_with("text/csv"), "{}", csv.body);
    let lines: Vec<&str> = csv.body.lines().collect();
    assert_eq!(lines.len(), 2, "{}", csv.body);
    assert!(lines[1].starts_with(&format!("{DELETED},Example backup copies deleted,critical")));
    let json = browser.get("/rules/export.jsonl").await;
    let rows: Vec<Value> =
        json.body.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0]["hits_30_days"], 1);
    let answer = browser.get("/rules/export.csv?level=worst").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_api_tells_and_turns_the_same() {
    let world = watched().await;
    let mut browser = world.browser(ANALYST).await;
    let list: Value = json(&browser.get("/api/v1/rules?limit=1").await.body);
    assert_eq!((&list["total"], list["rules"].as_array().map(Vec::len)), (&2.into(), Some(1)));
    let next = list["after"].as_str().expect("a next page");
    let rest: Value = json(&browser.get(&format!("/api/v1/rules?after={next}")).await.body);
    assert_eq!(rest["rules"].as_array().map(Vec::len), Some(1));
    assert!(rest.get("after").is_none());
    let one: Value = json(&browser.get(&format!("/api/v1/rules/{DELETED}")).await.body);
    assert_eq!(one["hits"][29], 1);
    assert!(one["detection"].as_str().expect("a text").contains("delete shadows"));
    for (query, name) in [("limit=0", "limit"), ("after=x", "after"), ("tactic=x", "tactic")] {
        let answer = browser.get(&format!("/api/v1/rules?{query}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
        assert!(answer.body.contains(name), "{}", answer.body);
    }
    let unusable: Value = json(&browser.get("/api/v1/unusable-rules").await.body);
    assert_eq!(unusable["total"], 0);
    let path = format!("/api/v1/rules/{DELETED}/switch");
    for (who, part, expected) in [
        (ANALYST, "organisation:XAA", StatusCode::FORBIDDEN),
        (ADMINISTRATOR, "nonsense", StatusCode::UNPROCESSABLE_ENTITY),
        (ADMINISTRATOR, "organisation:XAA", StatusCode::NO_CONTENT),
    ] {
        let mut browser = world.browser(who).await;
        let mark = browser.mark().await;
        let body = format!("{{\"part\":\"{part}\",\"is_on\":false,\"reason\":\"an example\"}}");
        let request = browser
            .request("POST", &path)
            .header("x-csrf-token", mark)
            .header("content-type", "application/json")
            .body(axum::body::Body::from(body))
            .expect("a request");
        let answer = browser.ask(request).await;
        assert_eq!(answer.status, expected, "{who} {part}: {}", answer.body);
    }
    assert_eq!(is_on(&world, "XAA").await, (false, true));
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}
