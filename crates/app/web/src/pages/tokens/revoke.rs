//! Revoking tokens: what then stops is shown first, because it cannot be taken back.

use access::{Access, AccessError, Permission, tokens::TokenEntry};
use axum::{extract::State, http::StatusCode, response::Response};
use sector::{Graph, Map};
use serde::{Deserialize, Serialize};
use terms::TokenId;

use super::list;
use crate::{
    failure::Failure,
    form::Posted,
    page::{Desk, done},
    pages::fields,
    pieces::{Confirm, ErrorSummary, Fact, Facts, Form, Shown, words::count},
};

/// Tokens of one act: those of a page.
const MOST: usize = 100;

/// What is asked for.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct RevokeForm {
    token: Vec<String>,
    /// Not empty once the consequence was shown.
    asked: String,
}

/// The page that asks.
#[derive(Serialize)]
struct RevokePage {
    confirm: Confirm,
}

/// `POST /tokens/revoke`.
pub(super) async fn revoke(
    State(access): State<Access>,
    State(map): State<Map>,
    desk: Desk,
    Posted { caller, form }: Posted<RevokeForm>,
) -> Result<Response, Failure> {
    desk.whole_scope(Permission::ManageTokens)?;
    if form.token.len() > MOST {
        let what = format!("at most {MOST} tokens may be revoked at once");
        return Err(Failure::new(StatusCode::UNPROCESSABLE_ENTITY, what));
    }
    let ids: Vec<TokenId> = form.token.iter().filter_map(|id| id.parse().ok()).collect();
    let all = list::all(&access, &caller).await?;
    let is_chosen = |token: &TokenEntry| ids.contains(&token.id) && token.revoked_at.is_none();
    let chosen: Vec<TokenEntry> = all.into_iter().filter(is_chosen).collect();
    if chosen.is_empty() {
        let text = "No token that can be revoked was chosen, so nothing was changed";
        return Ok(done("/tokens", text, None));
    }
    if form.asked.is_empty() {
        let confirm = confirm(&chosen, &desk, &map.graph());
        let title = confirm.title.clone();
        return Ok(desk.page("tokens/revoke.html", &title, "/more", &[], RevokePage { confirm }));
    }
    let mut revoked = 0;
    for token in &chosen {
        match access.revoke_token(&caller, token.id, desk.now()).await {
            Ok(()) => revoked += 1,
            // Somebody else was quicker.
            Err(AccessError::Unknown(_)) => {}
            Err(error) => return Err(Failure::of(error)),
        }
    }
    Ok(done("/tokens", &format!("{} revoked", count(revoked, "token", None)), None))
}

fn confirm(chosen: &[TokenEntry], desk: &Desk, graph: &Graph) -> Confirm {
    let fact = |token: &TokenEntry| {
        let used = token.last_used_at.map(|at| desk.moment(at));
        let used = used.map_or_else(
            || "never used".to_owned(),
            |at| format!("last used {} ({})", at.day, at.ago),
        );
        let lines = vec![list::organisation_name(token, graph), used];
        Fact { key: token.name.clone(), value: Shown::Lines { lines }, change: None }
    };
    let tokens = count(chosen.len() as i64, "token", None);
    let mut hidden = vec![fields::hidden("asked", "yes")];
    let ids = chosen.iter().map(|token| fields::hidden("token", &token.id.to_string()));
    hidden.extend(ids);
    Confirm {
        title: format!("Revoke {tokens}?"),
        consequence: "Whatever sends with them is refused within a second, and its devices fall \
                      silent until it has another token. A revoked token never works again."
            .to_owned(),
        facts: Facts { is_compact: true, rows: chosen.iter().map(fact).collect() },
        errors: ErrorSummary::default(),
        form: Form {
            action: "/tokens/revoke".to_owned(),
            csrf: desk.csrf(),
            hidden,
            fields: Vec::new(),
            submit: format!("Revoke {tokens}"),
            is_warning: true,
            cancel: Some("/tokens".to_owned()),
            has_files: false,
        },
    }
}
