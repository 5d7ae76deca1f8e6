//! The first page: what matters now, the picture, what to do; by what somebody may see.

mod common;
mod queue;

use std::fmt::Write as _;

use access::{Role, grant::NewGrant, people::NewPerson};
use axum::http::StatusCode;
use common::{ADMINISTRATOR, ANALYST, STRANGER, World, code, later, world};
use intake::{Lines, Sender};
use queue::{DELETES, ENCODES, alerts, found, main_of, map};
use sector::{Organisation, OrganisationType, Sighting};
use terms::{Part, Scope, TokenId};
use testkit::now;

/// The most a page may have.
const BUDGET: usize = 120_000;

/// Ward with alerts at two trusts, of which one is heard.
async fn watched() -> World {
    let world = world().await;
    map(&world).await;
    let records = [
        ("XAA", "XAA-PATH-07", DELETES),
        ("XAA", "XAA-PC-01", ENCODES),
        ("XBB", "XBB-SECRET-09", DELETES),
    ];
    assert_eq!(found(&world, &records).await, 3);
    let sighting = Sighting {
        organisation: code("XAA"),
        name: "XAA-PATH-07".to_owned(),
        at: later(-60),
        source: None,
    };
    world.app.map.seen(&[sighting], now()).await.expect("seen");
    world
}

/// Records that were accepted some seconds ago and not yet evaluated.
async fn accepted(world: &World, second: i64) {
    let sender = Sender { source: TokenId::new(now()), organisation: code("XAA") };
    let lines = Lines::read(b"{\"a\":1}\n");
    world.app.intake.accept(&sender, lines, later(second)).await.expect("accepted");
    world.app.intake.flush().await.expect("written");
}

#[tokio::test]
async fn the_sector_is_one_sentence_one_picture_and_what_to_do() {
    let world = watched().await;
    let page = world.browser(ADMINISTRATOR).await.get("/").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert!(page.body.contains("ward-tile--now"), "XAA has care at risk now");
    assert!(page.body.contains("href=\"/map/organisations/XAA\""));
    assert!(page.body.contains("Care is at risk at 2 of 2 trusts"));
    insta::assert_snapshot!(main_of(&page.body));
}

#[tokio::test]
async fn a_trust_sees_what_rests_on_its_systems_and_nothing_of_others() {
    let world = watched().await;
    link_lims(&world).await;
    let page = world.browser(ANALYST).await.get("/").await;
    assert!(
        page.body.contains("1 service for about 4,200 patients a day rests on specimen labels")
    );
    assert!(!page.body.contains("class=\"ward-tiles\""), "one organisation needs no tiles");
    for secret in ["XBB", "Southfield", "secret crisis team"] {
        assert!(!page.body.contains(secret), "{secret}");
    }
    insta::assert_snapshot!(main_of(&page.body));
    let page = world.browser(STRANGER).await.get("/").await;
    assert!(!page.body.contains("specimen labels") && !page.body.contains("XAA"));
}

async fn link_lims(world: &World) {
    let one = sector::Dependency {
        from: "service:XAA-PATH".parse().expect("a thing"),
        to: "system:XAA-LIMS".parse().expect("a thing"),
        kind: "runs on".to_owned(),
        reason: "it prints the labels".to_owned(),
        strength: sector::Strength::MOST,
    };
    let saved = world.app.map.save_dependency(one, &Scope::sector(), now()).await;
    saved.expect("saved");
}

#[tokio::test]
async fn tasks_lead_to_the_worst_that_nobody_has_and_are_at_most_five() {
    let world = watched().await;
    let page = world.browser(ADMINISTRATOR).await.get("/").await;
    let worst = &alerts(&world, "XAA").await[0];
    assert!(page.body.contains(&format!("href=\"/alerts/{}\"", worst.id)));
    let tasks = page.body.matches("class=\"ward-tasks__one\"").count();
    assert!((2..=5).contains(&tasks), "{tasks}");
    assert!(page.body.contains(&format!("You have {tasks} things to do")));
}

#[tokio::test]
async fn a_care_home_sees_what_to_do_and_nothing_else() {
    let world = watched().await;
    let home = Organisation::new(code("VM1AA"), "Example House", OrganisationType::CareProvider);
    world.app.map.create_organisation(home, &Scope::sector(), now()).await.expect("made");
    let administrator = world.caller(ADMINISTRATOR).await;
    let grant = NewGrant::of(Role::Viewer, Part::Organisation(code("VM1AA")));
    let new = NewPerson { email: "manager@home.example.org", name: "Example Manager", grant };
    let access = &world.app.access;
    let link = access.invite(&administrator, &new, now()).await.expect("invited").link;
    let (link, password) = (link.expect("new"), access::Secret::new(common::PASSWORD));
    let accepted = access.accept_invitation(&link.secret, "Example Manager", password, now());
    accepted.await.expect("accepted");
    let page = world.browser("manager@home.example.org").await.get("/").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let main = main_of(&page.body);
    assert!(main.contains("You have nothing to do now"), "{main}");
    for other in ["<table", "<svg", "today-levels", "today-coverage", "alert threatens"] {
        assert!(!main.contains(other), "{other} in {main}");
    }
}

#[tokio::test]
async fn records_that_wait_longer_than_a_minute_are_told_above_the_page() {
    let world = watched().await;
    let mut browser = world.browser(ADMINISTRATOR).await;
    assert!(browser.get("/").await.body.contains("everything received is evaluated"));
    // Evaluated are three batches of the log by their number.
    for _ in 0..3 {
        accepted(&world, -300).await;
    }
    assert!(!browser.get("/").await.body.contains("Detection is behind"));
    accepted(&world, -59).await;
    let page = browser.get("/").await;
    assert!(page.body.contains("59 seconds behind"), "{}", main_of(&page.body));
    assert!(!page.body.contains("Detection is behind"));
}

#[tokio::test]
async fn detection_behind_and_silent_sources_are_bands_that_cannot_be_missed() {
    let world = world().await;
    accepted(&world, -1_200).await;
    let page = world.browser(ADMINISTRATOR).await.get("/").await;
    let band = "Detection is behind: what was received since 08:10 today is not evaluated yet.";
    assert!(page.body.contains(band), "{}", page.body);
    let band = "No source of this view has sent anything since 08:10 today (20 minutes ago).";
    assert!(page.body.contains(band), "{}", page.body);
}

#[tokio::test]
async fn an_empty_map_asks_for_an_import() {
    let world = world().await;
    for organisation in ["XAA", "XBB"] {
        let closed =
            world.app.map.close_organisation(&code(organisation), &Scope::sector(), now()).await;
        closed.expect("closed");
    }
    let page = world.browser(ADMINISTRATOR).await.get("/").await;
    assert!(page.body.contains("No organisation is on the map yet"));
    assert!(page.body.contains("href=\"&#x2f;map&#x2f;import\""), "{}", page.body);
}

#[tokio::test]
async fn the_picture_is_a_file_too() {
    let world = watched().await;
    let file = world.browser(ANALYST).await.get("/today/organisations.csv").await;
    assert_eq!(file.status, StatusCode::OK);
    let lines: Vec<&str> = file.body.lines().collect();
    assert_eq!(lines.len(), 2, "{}", file.body);
    assert!(lines[0].starts_with("ods_code,name,type,region,icb,patients,state,open_alerts"));
    assert!(lines[1].starts_with("XAA,Example Northmoor Hospitals,trust_acute,Y56,,,now,2,1,0,"));
}

/// Thirty thousand organisations in seven regions and 42 boards' areas, with long names.
fn thirty_thousand() -> String {
    let mut file = String::from("ods_code,name,type,region,icb,patients\n");
    for region in 0..7 {
        let _ = writeln!(file, "Z{region}0,Example region number {region},region,,,");
    }
    for icb in 0..42 {
        let region = icb % 7;
        let name = "Example integrated care board of a long name";
        let _ = writeln!(file, "QX{icb:02},{name} {icb},icb,Z{region}0,QX{icb:02},");
    }
    let mut add = |prefix: &str, kind: &str, name: &str, number: usize, patients: usize| {
        for one in 0..number {
            let (icb, region) = (one % 42, one % 42 % 7);
            let patients = patients + one % 1_000;
            let _ = writeln!(
                file,
                "{prefix}{one:05},{name} {one},{kind},Z{region}0,QX{icb:02},{patients}"
            );
        }
    };
    add("T", "trust_acute", "Example Teaching Hospitals NHS Foundation Trust", 202, 500_000);
    add("P", "gp_practice", "Example Surgery", 6_500, 9_000);
    add("C", "care_provider", "Example Care", 23_300, 40);
    file
}

#[tokio::test]
async fn thirty_thousand_organisations_fit_on_the_page() {
    let world = world().await;
    let (map, all) = (&world.app.map, Scope::sector());
    let plan = map.plan("all.csv", thirty_thousand().as_bytes(), &all, now()).await;
    let plan = plan.expect("a plan");
    assert_eq!((plan.problem_count, plan.added.len()), (0, 30_051));
    map.apply(&plan, None, now()).await.expect("applied");
    let page = world.browser(ADMINISTRATOR).await.get("/").await;
    assert!(page.body.len() < BUDGET, "{} bytes", page.body.len());
    assert!(page.body.contains("href=\"/map/organisations/T00201\""), "each trust has a tile");
    assert!(page.body.contains("practices in Example"), "practices are counted");
    assert!(page.body.contains("type=gp_practice"));
    let page = world.browser(ADMINISTRATOR).await.get("/map").await;
    assert!(page.body.contains("1 to 50 of 10,000+ organisations"));
    assert!(page.body.len() < BUDGET, "{} bytes", page.body.len());
}
