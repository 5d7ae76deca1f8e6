//! The search: what is found, why, and by whom it is not.

mod common;
mod queue;

use axum::http::StatusCode;
use common::{ADMINISTRATOR, ANALYST, STRANGER, World, code, later, world};
use queue::{DELETES, found, main_of, map};
use sector::Sighting;
use testkit::now;

async fn watched() -> World {
    let world = world().await;
    map(&world).await;
    found(&world, &[("XAA", "XAA-PATH-07", DELETES)]).await;
    let sighting = Sighting {
        organisation: code("XAA"),
        name: "XAA-PATH-07".to_owned(),
        at: later(-60),
        source: None,
    };
    world.app.map.seen(&[sighting], now()).await.expect("seen");
    world
}

#[tokio::test]
async fn everything_that_fits_is_found_in_groups_with_the_reason() {
    let world = watched().await;
    let page = world.browser(ADMINISTRATOR).await.get("/search?q=xaa-path").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    for found in [
        ">Alerts</h2>",
        ">Devices</h2>",
        ">Services</h2>",
        "its name begins so",
        "this is its code",
        "its headline has these words",
    ] {
        assert!(page.body.contains(found), "{found} in {}", page.body);
    }
    assert!(page.body.contains("value=\"xaa-path\""), "the box keeps what was typed");
    insta::assert_snapshot!(main_of(&page.body));
}

#[tokio::test]
async fn rules_are_found_by_title_and_by_technique() {
    let world = watched().await;
    let mut browser = world.browser(ANALYST).await;
    for q in ["t1490", "T1490"] {
        let page = browser.get(&format!("/search?q={q}")).await;
        assert!(page.body.contains("it is tagged attack.t1490"), "{}", page.body);
    }
}

#[tokio::test]
async fn a_stranger_finds_nothing_of_another_trust() {
    let world = watched().await;
    let mut browser = world.browser(STRANGER).await;
    for q in ["xaa", "northmoor", "specimen", "pathology", "backup"] {
        let page = browser.get(&format!("/search?q={q}")).await;
        let main = main_of(&page.body);
        for secret in ["XAA", "Northmoor", "specimen labels", "pathology service"] {
            assert!(!main.contains(secret), "{q} finds {secret}: {main}");
        }
    }
}

#[tokio::test]
async fn nothing_found_says_how_things_are_found() {
    let world = watched().await;
    let mut browser = world.browser(ANALYST).await;
    let page = browser.get("/search?q=%3Cscript%3Ealert(1)%3C/script%3E").await;
    assert!(page.body.contains("Nothing within your view fits"));
    assert!(!page.body.contains("<script>alert"), "what was typed is text");
    let page = browser.get("/search").await;
    assert!(page.body.contains("Find devices, organisations"));
    let page = browser.get(&format!("/search?q=%00{}", "x".repeat(3_000))).await;
    assert_eq!(page.status, StatusCode::OK);
}
