//! Changes by hand: made, told, written down, taken back.

use access::audit;
use axum::http::StatusCode;

use super::{mapped, thing};
use crate::common::{ADMINISTRATOR, Answer, Browser, World, code};

/// What the notice of the page an act led to says and offers.
async fn notice(browser: &mut Browser<'_>, answer: &Answer) -> (String, Option<(String, String)>) {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let page = browser.get(answer.location()).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let start = page.body.find("class=\"ward-notice\"").expect("a notice");
    let notice = &page.body[start..];
    let part = |before: &str| {
        let after = &notice[notice.find(before)? + before.len()..];
        Some(after[..after.find(['"', '<'])?].to_owned())
    };
    let undo = part("action=\"").zip(part("name=\"undo\" value=\""));
    let unescaped = |(action, token): (String, String)| (action, token.replace("&quot;", "\""));
    let text = part("class=\"ward-notice__text\">").expect("a text");
    (text, undo.filter(|(action, _)| action != "/sign-out").map(unescaped))
}

async fn take_back(browser: &mut Browser<'_>, undo: Option<(String, String)>) {
    let (action, token) = undo.expect("a way back");
    let answer = browser.post(&action, &[("undo", &token)]).await;
    let (text, _) = notice(browser, &answer).await;
    assert_eq!(text, "The change was taken back");
}

async fn trail(world: &World) -> Vec<String> {
    let (db, all) = (world.app.alerts.db(), terms::Scope::sector());
    let filter = audit::AuditFilter::default();
    let written = audit::list(db, &all, &filter, None, 100).await.expect("entries").entries;
    let mut told: Vec<String> =
        written.iter().map(|one| format!("{} {}:{}", one.what, one.on.kind, one.on.id)).collect();
    told.retain(|one| one.starts_with("map.") || one.starts_with("group."));
    told.reverse();
    told
}

const SERVICE: [(&str, &str); 7] = [
    ("code", "xaa-icu"),
    ("organisation", "XAA"),
    ("name", "Intensive care"),
    ("kind", "intensive care"),
    ("patients_per_day", "1,040"),
    ("criticality", "4"),
    ("hours", "24/7"),
];

#[tokio::test]
async fn a_service_is_added_changed_closed_and_each_is_taken_back() {
    let world = mapped().await;
    let mut browser = world.browser(ADMINISTRATOR).await;
    let form = browser.get("/map/services/new?organisation=XAA").await;
    assert!(form.body.contains("value=\"XAA\""), "{}", form.body);
    let answer = browser.post("/map/services/new", &SERVICE).await;
    assert_eq!(answer.location(), "/map/services/XAA-ICU");
    let (text, undo) = notice(&mut browser, &answer).await;
    assert_eq!(text, "Intensive care was added");
    let kept = || world.app.map.graph();
    let icu = "XAA-ICU".parse().expect("a code");
    assert_eq!(kept().service(&icu).expect("it").patients_per_day, 1_040);
    take_back(&mut browser, undo).await;
    assert!(kept().service(&icu).expect("it").closed_at.is_some());

    let path = "/map/services/XAA-PATH";
    let mut said = SERVICE.to_vec();
    said[0].1 = "ANOTHER-CODE";
    let answer = browser.post(&format!("{path}/edit"), &said).await;
    assert_eq!(answer.location(), path, "the code in the form counts for nothing");
    let (text, undo) = notice(&mut browser, &answer).await;
    assert_eq!(text, "Intensive care was changed");
    take_back(&mut browser, undo).await;
    let own = "XAA-PATH".parse().expect("a code");
    let before = kept().service(&own).expect("it").clone();
    assert_eq!((before.name.as_str(), before.patients_per_day), ("Northmoor pathology", 4_200));

    assert!(
        browser.get(&format!("{path}/close")).await.body.contains("Close Northmoor pathology?")
    );
    let answer = browser.post(&format!("{path}/close"), &[]).await;
    let (_, undo) = notice(&mut browser, &answer).await;
    assert!(kept().service(&own).expect("it").closed_at.is_some());
    take_back(&mut browser, undo).await;
    assert_eq!(kept().service(&own), Some(&before));
    assert_eq!(
        trail(&world).await,
        [
            "map.add service:XAA-ICU",
            "map.close service:XAA-ICU",
            "map.change service:XAA-PATH",
            "map.undo service:XAA-PATH",
            "map.close service:XAA-PATH",
            "map.undo service:XAA-PATH",
        ]
    );
}

#[tokio::test]
async fn what_is_wrong_is_told_beside_the_field_and_nothing_is_lost() {
    let world = mapped().await;
    let mut browser = world.browser(ADMINISTRATOR).await;
    let wrong = [
        ("code", "no code!"),
        ("organisation", "XZZ"),
        ("name", "Kept as typed"),
        ("kind", ""),
        ("patients_per_day", "many"),
    ];
    let page = browser.post("/map/services/new", &wrong).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    for told in ["Kept as typed", "href=\"#code\"", "href=\"#kind\"", "href=\"#patients_per_day\""]
    {
        assert!(page.body.contains(told), "{told} in {}", page.body);
    }
    let mut taken = SERVICE.to_vec();
    taken[0].1 = "XAA-PATH";
    let page = browser.post("/map/services/new", &taken).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.body.contains("is on the map already"), "{}", page.body);
    let mut elsewhere = SERVICE.to_vec();
    elsewhere[1].1 = "XZZ";
    let page = browser.post("/map/services/new", &elsewhere).await;
    assert!(page.body.contains("XZZ is not on the map"), "{}", page.body);
    assert!(trail(&world).await.is_empty());
}

#[tokio::test]
async fn an_organisation_system_and_supplier_are_changed_and_taken_back() {
    let world = mapped().await;
    let mut browser = world.browser(ADMINISTRATOR).await;
    let answer = browser
        .post(
            "/map/organisations/XAA/edit",
            &[
                ("name", "Example Renamed Hospitals"),
                ("kind", "trust_community"),
                ("region", "Y60"),
                ("silent_hours", "48"),
                ("patients", "500000"),
            ],
        )
        .await;
    let (_, undo) = notice(&mut browser, &answer).await;
    let kept = || world.app.map.graph().organisation(&code("XAA")).expect("it").clone();
    assert_eq!((kept().patients, kept().silent_after.as_secs()), (Some(500_000), 172_800));
    take_back(&mut browser, undo).await;
    assert_eq!(kept().name, "Example Northmoor Hospitals");
    assert_eq!(kept().region, Some(code("Y56")));

    let answer = browser
        .post(
            "/map/systems/XAA-LIMS/edit",
            &[("organisation", "XAA"), ("name", "Lab"), ("kind", "lims"), ("criticality", "1")],
        )
        .await;
    let (_, undo) = notice(&mut browser, &answer).await;
    take_back(&mut browser, undo).await;
    let graph = world.app.map.graph();
    let lims = graph.system(&"XAA-LIMS".parse().expect("a code")).expect("it");
    assert_eq!(lims.supplier, Some("EXLAB".parse().expect("a code")));

    let said = [("name", "Example Labs"), ("kind", "software")];
    let answer = browser.post("/map/suppliers/EXLAB/edit", &said).await;
    let (text, undo) = notice(&mut browser, &answer).await;
    assert_eq!(text, "Example Labs was changed");
    take_back(&mut browser, undo).await;
    let said = [("code", "EXLAB"), ("name", "Another"), ("kind", "network")];
    let page = browser.post("/map/suppliers/new", &said).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "adding changes nothing known");
}

#[tokio::test]
async fn a_dependency_is_added_changed_removed_and_each_is_taken_back() {
    let world = mapped().await;
    let mut browser = world.browser(ADMINISTRATOR).await;
    let (from, to) = (thing("service:XBB-CRISIS"), thing("system:XBB-NET"));
    let said = |reason: &'static str| {
        [
            ("from", "service:XBB-CRISIS"),
            ("to", "system:XBB-NET"),
            ("kind", "reaches others by"),
            ("reason", reason),
            ("strength", "3"),
        ]
    };
    let kept = || world.app.map.graph().dependency(&from, &to).map(|one| one.reason.clone());
    let answer = browser.post("/map/dependencies", &said("calls go over it")).await;
    let (_, undo) = notice(&mut browser, &answer).await;
    assert_eq!(kept().as_deref(), Some("calls go over it"));
    take_back(&mut browser, undo).await;
    assert_eq!(kept(), None);

    browser.post("/map/dependencies", &said("first")).await;
    let answer = browser.post("/map/dependencies", &said("second")).await;
    let (text, undo) = notice(&mut browser, &answer).await;
    assert_eq!((text.as_str(), kept().as_deref()), ("The dependency was changed", Some("second")));
    take_back(&mut browser, undo).await;
    assert_eq!(kept().as_deref(), Some("first"));

    let form = browser.get("/map/dependencies?from=service:XBB-CRISIS&to=system:XBB-NET").await;
    assert!(form.body.contains("Remove it") && form.body.contains("value=\"first\""));
    let pair = [("from", "service:XBB-CRISIS"), ("to", "system:XBB-NET")];
    let answer = browser.post("/map/dependencies/remove", &pair).await;
    let (_, undo) = notice(&mut browser, &answer).await;
    assert_eq!(kept(), None);
    take_back(&mut browser, undo).await;
    assert_eq!(kept().as_deref(), Some("first"));
    let missing = [("from", "service:XBB-CRISIS"), ("to", "system:XAA-NONE")];
    let answer = browser.post("/map/dependencies/remove", &missing).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_form_without_the_mark_or_a_made_up_undo_changes_nothing() {
    let world = mapped().await;
    let mut browser = world.browser(ADMINISTRATOR).await;
    let answer = browser.post_plain("/map/services/new", &SERVICE).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    for undo in ["", "{", "{\"Close\":\"service:NOPE\"}", "{\"Unlink\":[\"a\",\"b\"]}"] {
        let answer = browser.post("/map/undo", &[("undo", undo)]).await;
        assert!(answer.status.is_client_error(), "{undo}: {}", answer.status);
    }
    assert!(trail(&world).await.is_empty());
}
