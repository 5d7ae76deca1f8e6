//! Coming in: one-time links, password and code, and being asked again before what guards the
//! account is changed.

mod common;
mod queue;

use access::{Secret, totp::code_for};
use axum::http::StatusCode;
use common::{ADMINISTRATOR, ANALYST, Answer, Browser, PASSWORD, World, world};
use testkit::now;

const NEW_PASSWORD: &str = "copper meadow violin 4";

/// The address of a link that an answer shows.
fn link_in(body: &str) -> String {
    let at = body.find("/link/").expect("a link is shown");
    body[at..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '/').collect()
}

/// The id of somebody, as pages have it.
async fn id_of(world: &World, email: &str) -> String {
    world.caller(email).await.person.to_string()
}

async fn invited(world: &World, email: &str, role: &str) -> String {
    let mut administrator = world.browser(ADMINISTRATOR).await;
    let fields = [
        ("email", email),
        ("name", "Example Newcomer"),
        ("role", role),
        ("place", "organisation:XAA"),
    ];
    let answer = administrator.post("/people/invite", &fields).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    link_in(&answer.body)
}

async fn sign_in(browser: &mut Browser<'_>, email: &str, password: &str) -> Answer {
    browser.post_plain("/sign-in", &[("email", email), ("password", password)]).await
}

/// The code an app shows for the secret on a page.
fn code_on(page: &Answer) -> String {
    let mark = "<code class=\"ward-secret\">";
    let at = page.body.find(mark).expect("a secret is shown") + mark.len();
    let text: String = page.body[at..].chars().take_while(|c| *c != '<').collect();
    let secret = Secret::new(text.replace(' ', ""));
    code_for(&secret, now()).expect("a code").expose().to_owned()
}

#[tokio::test]
async fn an_invitation_makes_an_account_and_signs_in() {
    let world = world().await;
    let link = invited(&world, "new@xaa.example.org", "viewer").await;
    let mut browser = world.nobody();
    let page = browser.get(&link).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("new@xaa.example.org") && page.body.contains("Example Newcomer"));
    let fields = [("name", "Example Arrived"), ("password", NEW_PASSWORD)];
    let answer = browser.post_plain(&link, &fields).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/"), "{}", answer.body);
    let account = browser.get("/account").await;
    assert!(account.body.contains("Example Arrived, you are a viewer for Example Northmoor"));
    assert!(
        sign_in(&mut world.nobody(), "new@xaa.example.org", NEW_PASSWORD).await.location() == "/"
    );
}

#[tokio::test]
async fn a_link_works_once_and_says_so_the_second_time() {
    let world = world().await;
    let link = invited(&world, "new@xaa.example.org", "viewer").await;
    let fields = [("name", "Example Arrived"), ("password", NEW_PASSWORD)];
    world.nobody().post_plain(&link, &fields).await;
    for answer in [
        world.nobody().get(&link).await,
        world.nobody().post_plain(&link, &fields).await,
        world.nobody().get("/link/nothing").await,
    ] {
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        assert!(answer.body.contains("This link cannot be used"), "{}", answer.body);
    }
}

#[tokio::test]
async fn a_weak_password_is_told_beside_the_field_and_the_link_stays() {
    let world = world().await;
    let link = invited(&world, "new@xaa.example.org", "viewer").await;
    let mut browser = world.nobody();
    for (password, told) in [
        ("short", "at least 12 characters"),
        ("password1234", "tried first"),
        ("example newcomer!", "your name or address"),
    ] {
        let fields = [("name", "Example Newcomer"), ("password", password)];
        let answer = browser.post_plain(&link, &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{password}");
        assert!(answer.body.contains("href=\"#password\"") && answer.body.contains(told), "{told}");
        assert!(!answer.body.contains(password), "a password is never shown again");
    }
    let answer = browser.post_plain(&link, &[("name", " "), ("password", NEW_PASSWORD)]).await;
    assert!(answer.body.contains("href=\"#name\""), "{}", answer.body);
    assert_eq!(browser.get(&link).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_lost_password_is_replaced_by_a_link_and_ends_what_was_open() {
    let world = world().await;
    let id = id_of(&world, ANALYST).await;
    let mut before = world.browser(ANALYST).await;
    let mut administrator = world.browser(ADMINISTRATOR).await;
    let answer = administrator.post(&format!("/people/{id}/link"), &[]).await;
    let link = link_in(&answer.body);
    let mut browser = world.nobody();
    assert!(browser.get(&link).await.body.contains(ANALYST));
    let answer = browser.post_plain(&link, &[("password", NEW_PASSWORD)]).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/"));
    assert_eq!(before.get("/account").await.status, StatusCode::SEE_OTHER, "signed out");
    let old = sign_in(&mut world.nobody(), ANALYST, PASSWORD).await;
    assert_eq!(old.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(sign_in(&mut world.nobody(), ANALYST, NEW_PASSWORD).await.location() == "/");
}

#[tokio::test]
async fn a_wrong_password_does_not_tell_which_accounts_exist() {
    let world = world().await;
    let known = sign_in(&mut world.nobody(), ANALYST, "wrong password 12").await;
    let unknown = sign_in(&mut world.nobody(), "nobody@example.org", "wrong password 12").await;
    assert_eq!(known.status, unknown.status);
    assert_eq!(known.body.replace(ANALYST, ""), unknown.body.replace("nobody@example.org", ""));
}

#[tokio::test]
async fn a_page_asked_for_before_the_sign_in_follows_it() {
    let world = world().await;
    let mut browser = world.nobody();
    let answer = browser.get("/people?q=x").await;
    assert_eq!(answer.location(), "/sign-in?next=/people%3Fq%3Dx");
    let fields = [("email", ADMINISTRATOR), ("password", PASSWORD), ("next", "/people?q=x")];
    assert_eq!(browser.post_plain("/sign-in", &fields).await.location(), "/people?q=x");
    let elsewhere = [("email", ADMINISTRATOR), ("password", PASSWORD), ("next", "//evil.example")];
    assert_eq!(world.nobody().post_plain("/sign-in", &elsewhere).await.location(), "/");
}

#[tokio::test]
async fn an_app_is_set_up_even_after_a_mistyped_code() {
    let world = world().await;
    let mut browser = world.browser(ANALYST).await;
    let page = browser.get("/sign-in/set-up?next=/account").await;
    let code = code_on(&page);
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let fields = [("code", wrong), ("next", "/account")];
    let again = browser.post_plain("/sign-in/set-up", &fields).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(code_on(&again), code, "the app that was scanned still fits");
    let fields = [("code", code.as_str()), ("next", "/account")];
    let codes = browser.post_plain("/sign-in/set-up", &fields).await;
    assert_eq!(codes.status, StatusCode::OK, "{}", codes.body);
    assert_eq!(codes.body.matches("<li><code>").count(), 10, "{}", codes.body);
    let account = browser.get("/account").await;
    assert!(account.body.contains("You have 10 recovery codes left"), "{}", account.body);

    let mut other = world.nobody();
    assert_eq!(sign_in(&mut other, ANALYST, PASSWORD).await.location(), "/sign-in/code");
    assert_eq!(other.get("/account").await.location(), "/sign-in/code", "half signed in is not in");
    let recovery = codes.body.split("<li><code>").nth(1).expect("a code");
    let recovery: String = recovery.chars().take_while(|c| *c != '<').collect();
    let answer = other.post_plain("/sign-in/recovery", &[("code", &recovery)]).await;
    assert_eq!(answer.location(), "/");
    assert!(other.get("/account").await.body.contains("You have 9 recovery codes left"));
}

#[tokio::test]
async fn signing_in_again_replaces_the_session_of_the_browser() {
    let world = world().await;
    let mut browser = world.browser(ANALYST).await;
    let page = browser.get("/sign-in?again=yes&next=/account").await;
    assert!(page.body.contains("Sign in again"), "{}", page.body);
    let fields = [("email", ANALYST), ("password", PASSWORD), ("next", "/account")];
    assert_eq!(browser.post_plain("/sign-in", &fields).await.location(), "/account");
    let caller = world.caller(ANALYST).await;
    let sessions = world.app.access.sessions(&caller, now()).await.expect("read");
    // The one that `caller` made, and the one of the browser.
    assert_eq!(sessions.len(), 2 + 1 - 1, "the session before is over: {sessions:?}");
}

#[tokio::test]
async fn signing_out_needs_the_mark_and_ends_the_session() {
    let world = world().await;
    let mut browser = world.browser(ANALYST).await;
    let forged = browser.post_plain("/sign-out", &[]).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    assert_eq!(browser.get("/account").await.status, StatusCode::OK);
    assert_eq!(browser.post("/sign-out", &[]).await.location(), "/sign-in");
    assert_eq!(browser.get("/account").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_pages_of_links_are_as_they_were_reviewed() {
    let world = world().await;
    let link = invited(&world, "new@xaa.example.org", "viewer").await;
    let open = world.nobody().get(&link).await;
    let open = queue::main_of(&open.body).replace(&link, "/link/SECRET");
    insta::assert_snapshot!("link_open", open);
    let over = world.nobody().get("/link/nothing").await;
    insta::assert_snapshot!("link_over", queue::main_of(&over.body));
}
