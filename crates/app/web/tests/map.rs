//! The map: what is shown of it to whom, what people change and take back, what files change.

#[path = "map/api.rs"]
mod api;
mod common;
#[path = "map/edits.rs"]
mod edits;
#[path = "map/groups.rs"]
mod groups;
#[path = "map/import.rs"]
mod import;
mod queue;

use axum::http::StatusCode;
use common::{ADMINISTRATOR, ANALYST, STRANGER, VIEWER, World, code, world};
use queue::{DELETES, found, main_of};
use sector::{
    Criticality, Dependency, MapCode, Organisation, OrganisationType, Service, Strength, Supplier,
    System, Thing,
};
use terms::Scope;
use testkit::now;

fn own(text: &str) -> MapCode {
    text.parse().expect("a code")
}

fn thing(text: &str) -> Thing {
    text.parse().expect("a thing")
}

fn service(own_code: &str, organisation: &str, name: &str, patients_per_day: u32) -> Service {
    Service {
        code: own(own_code),
        organisation: code(organisation),
        name: name.to_owned(),
        kind: "pathology".to_owned(),
        patients_per_day,
        criticality: Criticality::MOST,
        hours: "24/7".to_owned(),
        closed_at: None,
    }
}

fn system(own_code: &str, organisation: &str, name: &str, supplier: Option<&str>) -> System {
    System {
        code: own(own_code),
        organisation: code(organisation),
        name: name.to_owned(),
        kind: "lims".to_owned(),
        supplier: supplier.map(own),
        criticality: Criticality::MOST,
        closed_at: None,
    }
}

/// Two trusts: a laboratory that both use, run by a supplier; an intensive care of XAA on it.
async fn mapped() -> World {
    let world = world().await;
    let (map, all) = (&world.app.map, Scope::sector());
    let supplier = Supplier {
        code: own("EXLAB"),
        name: "Example Laboratory Systems".to_owned(),
        kind: "software".to_owned(),
    };
    map.save_supplier(supplier, &all, now()).await.expect("saved");
    for one in [
        system("XAA-LIMS", "XAA", "Northmoor laboratory", Some("EXLAB")),
        system("XBB-NET", "XBB", "Southfield network", None),
    ] {
        map.create_system(one, &all, now()).await.expect("made");
    }
    for one in [
        service("XAA-PATH", "XAA", "Northmoor pathology", 4_200),
        service("XBB-CRISIS", "XBB", "Southfield crisis team", 60),
    ] {
        map.create_service(one, &all, now()).await.expect("made");
    }
    for (from, to, reason) in [
        ("service:XAA-PATH", "system:XAA-LIMS", "it prints the labels"),
        ("service:XBB-CRISIS", "system:XAA-LIMS", "blood results come from there"),
    ] {
        let one = Dependency {
            from: thing(from),
            to: thing(to),
            kind: "runs on".to_owned(),
            reason: reason.to_owned(),
            strength: Strength::MOST,
        };
        map.save_dependency(one, &all, now()).await.expect("saved");
    }
    world
}

#[tokio::test]
async fn the_list_shows_how_organisations_stand_and_narrows() {
    let world = mapped().await;
    found(&world, &[("XAA", "XAA-PATH-07", DELETES)]).await;
    let mut browser = world.browser(ADMINISTRATOR).await;
    let page = browser.get("/map").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert!(page.body.contains("2 organisations with 2 services and 2 systems. 1 alert is open."));
    insta::assert_snapshot!(main_of(&page.body));
    let shown = async |browser: &mut common::Browser<'_>, query: &str| {
        let page = browser.get(&format!("/map?{query}")).await;
        let ids = page.body.split("data-row=\"").skip(1);
        ids.map(|rest| rest[..rest.find('"').expect("its end")].to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(shown(&mut browser, "type=trust").await, ["XAA", "XBB"]);
    assert_eq!(shown(&mut browser, "type=trust&order=desc").await, ["XBB", "XAA"]);
    assert_eq!(shown(&mut browser, "q=southfield").await, ["XBB"]);
    assert_eq!(shown(&mut browser, "region=Y56&type=trust_acute").await, ["XAA"]);
    assert_eq!(shown(&mut browser, "q=nothing+like+it").await, [""; 0]);
    for wrong in ["type=hospital", "sort=age", "region=%3F%3F", "after=nonsense"] {
        let page = browser.get(&format!("/map?{wrong}")).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
}

#[tokio::test]
async fn an_organisation_shows_what_it_does_and_what_that_rests_on() {
    let world = mapped().await;
    let page = world.browser(ADMINISTRATOR).await.get("/map/organisations/XAA").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert!(page.body.contains("2 services for about 4,260 patients a day rest on Northmoor"));
    insta::assert_snapshot!(main_of(&page.body));
    let page = world.browser(ADMINISTRATOR).await.get("/map/systems/XAA-LIMS").await;
    assert!(page.body.contains("it prints the labels"));
    insta::assert_snapshot!("a_system_shows_what_rests_on_it", main_of(&page.body));
    let page = world.browser(ADMINISTRATOR).await.get("/map/services/XAA-PATH").await;
    insta::assert_snapshot!("a_service_shows_what_it_rests_on", main_of(&page.body));
}

#[tokio::test]
async fn suppliers_are_ordered_by_the_patients_whose_care_rests_on_them() {
    let world = mapped().await;
    let mut browser = world.browser(ADMINISTRATOR).await;
    let page = browser.get("/map/suppliers").await;
    let said = "Most rests on Example Laboratory Systems: 2 services for about 4,260 patients a \
                day at 1 organisation.";
    assert!(page.body.contains(said), "{}", main_of(&page.body));
    insta::assert_snapshot!(main_of(&page.body));
    let page = browser.get("/map/suppliers/EXLAB").await;
    assert!(page.body.contains("If it fails, 2 services for about 4,260 patients a day feel it"));
    assert!(browser.get("/map/suppliers?q=nobody").await.body.contains("No supplier matches"));
    assert_eq!(browser.get("/map/suppliers/NOBODY").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn another_organisations_map_is_nowhere() {
    let world = mapped().await;
    found(&world, &[("XAA", "XAA-SECRET-01", DELETES)]).await;
    let mut stranger = world.browser(STRANGER).await;
    for path in ["/map/organisations/XAA", "/map/services/XAA-PATH", "/map/systems/XAA-LIMS"] {
        assert_eq!(stranger.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    for path in [
        "/map",
        "/map?q=northmoor",
        "/map?region=Y56",
        "/map/organisations/XBB",
        "/map/services/XBB-CRISIS",
        "/map/suppliers",
        "/map/suppliers/EXLAB",
        "/map/export/organisations.csv",
        "/map/export/services.jsonl",
        "/map/export/systems.csv",
        "/map/export/devices.csv",
        "/today/organisations.csv",
        "/groups",
    ] {
        let page = stranger.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.body);
        for secret in ["Northmoor", "XAA-PATH", "XAA-SECRET", "it prints the labels"] {
            assert!(!page.body.contains(secret), "{path} tells {secret}: {}", page.body);
        }
    }
    let page = stranger.get("/map/services/XBB-CRISIS").await;
    assert!(page.body.contains("Another organisation’s"), "that there is something is told");
}

#[tokio::test]
async fn a_viewer_is_offered_no_change_and_makes_none() {
    let world = mapped().await;
    for who in [VIEWER, ANALYST] {
        let mut browser = world.browser(who).await;
        let page = browser.get("/map/organisations/XAA").await;
        assert!(!page.body.contains("/edit") && !page.body.contains("/new"), "{}", page.body);
        for path in [
            "/map/organisations/new",
            "/map/services/XAA-PATH/edit",
            "/map/systems/XAA-LIMS/close",
            "/map/dependencies",
        ] {
            assert_eq!(browser.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
        }
        for path in [
            "/map/services/new",
            "/map/services/XAA-PATH/close",
            "/map/dependencies/remove",
            "/map/undo",
            "/groups",
        ] {
            let answer = browser.post(path, &[("undo", "{}")]).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        }
    }
}

#[tokio::test]
async fn extreme_names_are_text_and_a_code_with_a_slash_has_a_page() {
    let world = mapped().await;
    let (map, all) = (&world.app.map, Scope::sector());
    let name = format!("<script>alert(1)</script> {}", "long ".repeat(90));
    let one = Organisation::new(code("XCC"), name.clone(), OrganisationType::TrustAcute);
    map.create_organisation(one, &all, now()).await.expect("made");
    let odd = system("XCC/A.B", "XCC", &name, None);
    map.create_system(odd, &all, now()).await.expect("made");
    let mut browser = world.browser(ADMINISTRATOR).await;
    for path in ["/map", "/", "/map/organisations/XCC", "/map/systems/XCC%2FA.B"] {
        let page = browser.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(!page.body.contains("<script>alert"), "{path}");
    }
    let page = browser.get("/map/organisations/XCC").await;
    assert!(page.body.contains("href=\"/map/systems/XCC%2FA.B\""));
}

#[tokio::test]
async fn what_was_taken_out_brings_no_change_when_it_is_brought_in() {
    let world = mapped().await;
    let mut browser = world.browser(ADMINISTRATOR).await;
    for kind in ["organisations", "suppliers", "services", "systems", "dependencies", "sites"] {
        let file = browser.get(&format!("/map/export/{kind}.csv")).await;
        assert_eq!(file.status, StatusCode::OK, "{kind}");
        assert!(file.header("content-disposition").contains(&format!("{kind}.csv")));
        let template = browser.get(&format!("/map/templates/{kind}.csv")).await;
        assert_eq!(template.body.lines().next(), file.body.lines().next(), "{kind}");
        let plan = world.app.map.plan(kind, file.body.as_bytes(), &Scope::sector(), now()).await;
        let plan = plan.unwrap_or_else(|error| panic!("{kind}: {error}"));
        assert!(plan.is_empty() && plan.problems.is_empty(), "{kind}: {plan:?}");
        assert_eq!(plan.absent_here.count, 0, "{kind}");
        let json = browser.get(&format!("/map/export/{kind}.jsonl")).await;
        assert_eq!(json.body.lines().count() + 1, file.body.lines().count(), "{kind}");
    }
    for path in ["/map/export/secrets.csv", "/map/export/systems.xml", "/map/templates/x.jsonl"] {
        assert_eq!(browser.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn services_and_systems_are_listed_narrowed_and_taken_out() {
    let world = mapped().await;
    let mut browser = world.browser(ADMINISTRATOR).await;
    let page = browser.get("/map/services?sort=patients&order=desc").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let place = |text: &str| page.body.find(text).unwrap_or_else(|| panic!("{text} is missing"));
    assert!(place("Northmoor pathology") < place("Southfield crisis team"));
    let page = browser.get("/map/systems?organisation=XBB").await;
    assert!(page.body.contains("Southfield network") && !page.body.contains("Northmoor lab"));
    assert!(page.body.contains("Organisation: Example Southfield Hospitals"), "it is a chip");
    assert!(page.body.contains("href=\"/map/export/systems.csv?organisation=XBB\""));
    let file = browser.get("/map/export/systems.csv?organisation=XBB").await;
    assert_eq!(file.body.lines().count(), 2, "{}", file.body);
    let page = browser.get("/map/services?q=nothing").await;
    assert!(page.body.contains("No services match"));
    for wrong in ["services?sort=age", "systems?organisation=%3F", "systems?after=nonsense"] {
        let page = browser.get(&format!("/map/{wrong}")).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
    let mut stranger = world.browser(STRANGER).await;
    let page = stranger.get("/map/services?organisation=XAA").await;
    assert!(!page.body.contains("Northmoor"), "{}", main_of(&page.body));
}

#[tokio::test]
async fn a_large_organisation_stays_within_the_budget_of_a_page() {
    let world = mapped().await;
    let mut file = String::from("code,name,organisation,kind,criticality\n");
    let mut links = String::from("from,to,kind,reason,strength\n");
    for one in 0..400 {
        file += &format!("XAA-S{one},Example system of a rather long name {one},XAA,epr,3\n");
        links += &format!("system:XAA-S{one},system:XAA-LIMS,reads,a reason in one sentence,2\n");
    }
    for text in [file, links] {
        let (map, all) = (&world.app.map, Scope::sector());
        let plan = map.plan("large.csv", text.as_bytes(), &all, now()).await.expect("a plan");
        assert!(plan.problems.is_empty(), "{:?}", plan.problems);
        map.apply(&plan, None, now()).await.expect("applied");
    }
    let mut browser = world.browser(ADMINISTRATOR).await;
    for path in ["/map/organisations/XAA", "/map/systems/XAA-LIMS", "/map/systems"] {
        let page = browser.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(page.body.len() < 120_000, "{path}: {} bytes", page.body.len());
    }
    let page = browser.get("/map/organisations/XAA").await;
    assert!(page.body.contains("href=\"/map/systems?organisation=XAA\">All 401 systems"));
}
