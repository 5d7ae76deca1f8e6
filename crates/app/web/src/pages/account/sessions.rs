//! Where one is signed in, and ending it.

use access::{Access, session};
use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use sector::Map;
use serde::Deserialize;
use terms::SessionId;

use super::again;
use crate::{
    Settings,
    failure::Failure,
    form::Posted,
    page::{self, Desk},
    pages::sign_in::Nothing,
    pieces::words,
};

/// Sessions that were chosen.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Chosen {
    id: Vec<String>,
}

/// A browser by a name that its owner knows it by; what it calls itself stands below.
pub(super) fn browser(agent: &str) -> String {
    // Most pretend to be others as well: the rarer name decides.
    let browsers =
        [("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari")];
    let systems = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS", "Mac"),
        ("Linux", "Linux"),
    ];
    let find = |known: &[(&str, &'static str)]| {
        known.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name)
    };
    match (find(&browsers), find(&systems)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "A browser".to_owned(),
    }
}

pub(super) async fn end(
    State(access): State<Access>,
    State(map): State<Map>,
    desk: Desk,
    Posted { caller, form }: Posted<Chosen>,
) -> Result<Response, Failure> {
    let chosen: Vec<SessionId> = form.id.iter().filter_map(|id| id.parse().ok()).collect();
    if chosen.is_empty() {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return again(desk, &access, &map, status, "Choose at least one session.").await;
    }
    let mut count = 0;
    for id in chosen {
        // One that is over meanwhile, or somebody else's, is not theirs to end.
        match access.end_session(&caller, id, desk.now()).await {
            Ok(()) => count += 1,
            Err(access::AccessError::Unknown(_)) => {}
            Err(error) => return Err(Failure::of(error)),
        }
    }
    let text = format!("You were signed out of {}", words::count(count, "session", None));
    Ok(page::done("/account", &text, None))
}

pub(super) async fn end_all(
    State(access): State<Access>,
    State(settings): State<Settings>,
    Posted { caller, .. }: Posted<Nothing>,
) -> Result<Response, Failure> {
    access.sign_out_everywhere(&caller, settings.now()).await.map_err(Failure::of)?;
    let mut response = Redirect::to("/sign-in").into_response();
    if let Ok(value) = HeaderValue::from_str(&session::clear_cookie(settings.is_secure())) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::browser;

    #[test]
    fn a_browser_is_called_by_the_name_people_know() {
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                    Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0";
        let safari = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 \
                      (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";
        assert_eq!(browser(edge), "Edge on Windows");
        assert_eq!(browser(safari), "Safari on iPhone");
        assert_eq!(browser("curl/8.5.0"), "A browser");
        assert_eq!(browser(""), "A browser");
    }
}
