//! Groups: made, renamed, filled, emptied, removed.

use axum::http::StatusCode;

use super::mapped;
use crate::{
    common::{ADMINISTRATOR, VIEWER},
    queue::main_of,
};

#[tokio::test]
async fn a_group_lives_from_its_making_to_its_removal() {
    let world = mapped().await;
    let mut browser = world.browser(ADMINISTRATOR).await;
    assert!(browser.get("/groups").await.body.contains("There is no group yet"));
    let answer = browser.post("/groups", &[("name", "Shared laboratory")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let here = answer.location().to_owned();
    let members = || world.app.map.graph().groups().next().expect("a group").members.len();

    let page = browser.post(&format!("{here}/add"), &[("codes", "XAA nowhere")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.body.contains("NOWHERE is not on the map"), "{}", page.body);
    assert_eq!(members(), 0, "none of them was added");
    browser.post(&format!("{here}/add"), &[("codes", "xaa, XBB")]).await;
    assert_eq!(members(), 2);
    let page = browser.get(&here).await;
    assert!(page.body.contains("2 organisations are in this group."));
    insta::assert_snapshot!(main_of(&page.body));

    browser.post(&format!("{here}/take"), &[("code", "XBB")]).await;
    assert_eq!(members(), 1);
    browser.post(&format!("{here}/members"), &[("undo", "XAA XBB")]).await;
    assert_eq!(members(), 2, "what was taken out is in again");

    let page = browser.post("/groups", &[("name", "Shared laboratory")]).await;
    assert_eq!(
        page.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "two of one name cannot be told apart"
    );
    let page = browser.post(&format!("{here}/name"), &[("name", " ")]).await;
    assert!(page.body.contains("Must not be blank."), "{}", page.body);
    browser.post(&format!("{here}/name"), &[("name", "Laboratories")]).await;
    assert!(browser.get("/groups").await.body.contains("Laboratories"));

    let mut viewer = world.browser(VIEWER).await;
    assert_eq!(viewer.get(&here).await.status, StatusCode::NOT_FOUND);
    let answer = viewer.post(&format!("{here}/remove"), &[]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    browser.post(&format!("{here}/remove"), &[]).await;
    assert!(world.app.map.graph().groups().next().is_none());
    assert_eq!(browser.get(&here).await.status, StatusCode::NOT_FOUND);
}
