//! Imports: looked through first, then just that applied.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use terms::Scope;
use testkit::now;

use super::{mapped, service};
use crate::{
    common::{ADMINISTRATOR, ANALYST, Answer, Browser, code},
    queue::main_of,
};

/// Posts files as the page's form does.
async fn upload(browser: &mut Browser<'_>, mark: &str, files: &[(&str, &[u8])]) -> Answer {
    const BETWEEN: &str = "example-boundary";
    let mut body = Vec::new();
    let mut part = |head: &str, bytes: &[u8]| {
        body.extend_from_slice(
            format!("--{BETWEEN}\r\nContent-Disposition: form-data; ").as_bytes(),
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(b"\r\n\r\n");
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    };
    part("name=\"csrf\"", mark.as_bytes());
    for (name, bytes) in files {
        part(&format!("name=\"file\"; filename=\"{name}\"\r\nContent-Type: text/csv"), bytes);
    }
    body.extend_from_slice(format!("--{BETWEEN}--\r\n").as_bytes());
    let request = browser
        .request("POST", "/map/import")
        .header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={BETWEEN}"))
        .body(Body::from(body))
        .expect("a request");
    let _: &Request<Body> = &request;
    browser.ask(request).await
}

/// The fingerprints on the page of an upload.
fn plans(page: &str) -> Vec<String> {
    let found = page.split("name=\"plan\" value=\"").skip(1);
    found.map(|rest| rest[..rest.find('"').expect("its end")].to_owned()).collect()
}

async fn apply(browser: &mut Browser<'_>, at: &str, plans: &[String]) -> Answer {
    let fields: Vec<(&str, &str)> = plans.iter().map(|plan| ("plan", plan.as_str())).collect();
    browser.post(&format!("{at}/apply"), &fields).await
}

const SERVICES: &str = "code,name,organisation,kind,patients_per_day,criticality,hours\n\
    XAA-PATH,Northmoor pathology,XAA,pathology,5000,4,24/7\n\
    XAA-ICU,Intensive care,XAA,intensive care,40,4,24/7\n\
    XAA-BAD,No figure,XAA,emergency,many,4,24/7\n";

#[tokio::test]
async fn a_file_is_looked_through_and_then_just_that_is_applied() {
    let world = mapped().await;
    let mut browser = world.browser(ADMINISTRATOR).await;
    let mark = browser.mark().await;
    let answer = upload(&mut browser, &mark, &[("services.csv", SERVICES.as_bytes())]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let at = answer.location().to_owned();
    let page = browser.get(&at).await;
    assert!(page.body.contains("1 file would add 1 thing and change 1."), "{}", page.body);
    insta::assert_snapshot!(main_of(&page.body));
    let known = || world.app.map.graph().services().len();
    assert_eq!(known(), 2, "nothing is written yet");

    let answer = apply(&mut browser, &at, &plans(&page.body)).await;
    assert_eq!(answer.location(), "/map/import");
    let page = browser.get("/map/import").await;
    assert!(page.body.contains("1 file imported"), "{}", page.body);
    assert!(page.body.contains("services.csv"), "it stands in the history");
    assert_eq!(known(), 3);
    let answer = browser.get(&at).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "the upload is gone");
}

#[tokio::test]
async fn what_became_another_change_meanwhile_is_shown_again_and_not_applied() {
    let world = mapped().await;
    let mut browser = world.browser(ADMINISTRATOR).await;
    let mark = browser.mark().await;
    let at = upload(&mut browser, &mark, &[("services.csv", SERVICES.as_bytes())]).await;
    let at = at.location().to_owned();
    let shown = plans(&browser.get(&at).await.body);
    let (map, all) = (&world.app.map, Scope::sector());
    let changed = service("XAA-PATH", "XAA", "Renamed meanwhile", 4_200);
    map.change_service(changed, &all, now()).await.expect("changed");
    let answer = apply(&mut browser, &at, &shown).await;
    assert_eq!(answer.location(), at);
    let page = browser.get(&at).await;
    assert!(page.body.contains("look again, then apply"), "{}", page.body);
    assert!(page.body.contains("Renamed meanwhile"), "the new difference is shown");
    let name = |graph: &sector::Graph| {
        let one = graph.service(&"XAA-PATH".parse().expect("a code")).expect("it");
        one.name.clone()
    };
    assert_eq!(name(&map.graph()), "Renamed meanwhile");
    apply(&mut browser, &at, &plans(&page.body)).await;
    assert_eq!(name(&map.graph()), "Northmoor pathology");
}

#[tokio::test]
async fn files_that_build_on_each_other_are_applied_in_their_order() {
    let world = mapped().await;
    let mut browser = world.browser(ADMINISTRATOR).await;
    let mark = browser.mark().await;
    let services = "code,name,organisation,kind,patients_per_day,criticality\n\
                    XCC-ED,Emergency,XCC,emergency,300,4\n";
    let organisations = "ods_code,name,type\nXCC,Example Eastfield Hospitals,trust_acute\n";
    let files: [(&str, &[u8]); 3] = [
        ("services.csv", services.as_bytes()),
        ("picture.csv", b"\x89PNG\x00"),
        ("organisations.csv", organisations.as_bytes()),
    ];
    let at = upload(&mut browser, &mark, &files).await.location().to_owned();
    let page = browser.get(&at).await;
    assert!(page.body.contains("This file cannot be imported"), "{}", page.body);
    let first = page.body.find("id=\"file-0\"").expect("a first file");
    assert!(page.body[first..].starts_with("id=\"file-0\">organisations.csv"), "{}", page.body);
    let answer = apply(&mut browser, &at, &plans(&page.body)).await;
    assert_eq!(answer.location(), at, "the second file would add more now");
    assert!(world.app.map.graph().organisation(&code("XCC")).is_some());
    assert!(world.app.map.graph().service(&"XCC-ED".parse().expect("a code")).is_none());
    let page = browser.get(&at).await;
    let answer = apply(&mut browser, &at, &plans(&page.body)).await;
    assert_eq!(answer.location(), "/map/import");
    assert!(world.app.map.graph().service(&"XCC-ED".parse().expect("a code")).is_some());
}

#[tokio::test]
async fn an_upload_is_nobody_elses_and_needs_the_mark() {
    let world = mapped().await;
    let mut browser = world.browser(ADMINISTRATOR).await;
    let file: [(&str, &[u8]); 1] = [("services.csv", SERVICES.as_bytes())];
    let answer = upload(&mut browser, "wrong", &file).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.body);
    let mark = browser.mark().await;
    let answer = upload(&mut browser, &mark, &[]).await;
    assert_eq!(answer.location(), "/map/import?error=none");
    assert!(browser.get(answer.location()).await.body.contains("Choose a file first."));
    let at = upload(&mut browser, &mark, &file).await.location().to_owned();
    let mut analyst = world.browser(ANALYST).await;
    assert_eq!(analyst.get(&at).await.status, StatusCode::FORBIDDEN);
    let analysts_mark = analyst.mark().await;
    let answer = upload(&mut analyst, &analysts_mark, &file).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let page = analyst.get("/map/import").await;
    assert!(!page.body.contains("type=\"file\""), "who may not import is offered exports only");
    let answer = browser.post(&format!("{at}/discard"), &[]).await;
    assert_eq!(answer.location(), "/map/import");
    assert_eq!(browser.get(&at).await.status, StatusCode::SEE_OTHER);
    assert_eq!(world.app.map.graph().services().len(), 2);
}
