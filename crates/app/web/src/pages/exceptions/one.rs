//! The page of one exception, and taking it back.

use access::{
    Access, Caller, Permission,
    audit::{self, Entry, On},
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use bus::Broadcast;
use detect::{
    alert::{Alerts, Exception},
    watch::RulesInForce,
};
use sector::{Graph, Map};
use serde::{Deserialize, Serialize};
use serde_json::json;
use terms::{ExceptionId, Part, Scope, Timestamp};

use super::words::{self, Standing};
use crate::{
    failure::Failure,
    form::Posted,
    link,
    news::News,
    page::{Desk, done},
    pages::{
        alerts::{
            failed::{db, failed},
            rows::number,
        },
        fields::sentence,
    },
    pieces::{Breadcrumbs, Confirm, ErrorSummary, Fact, Facts, Form, Link, Shown, words::count},
    view,
};

/// The page.
#[derive(Serialize)]
struct OnePage {
    breadcrumbs: Breadcrumbs,
    name: String,
    /// What it covers, as a sentence.
    covers: String,
    facts: Facts,
    /// Where it is taken back, for those who may.
    revoke: Option<Link>,
}

async fn found(
    alerts: &Alerts,
    scope: &Scope,
    id: &str,
) -> Result<(ExceptionId, Exception), Failure> {
    let id: ExceptionId = id.parse().map_err(|_| Failure::not_found())?;
    Ok((id, alerts.exception(scope, id).await.map_err(failed)?))
}

/// Shows an exception.
pub(super) async fn one(
    State(alerts): State<Alerts>,
    State(access): State<Access>,
    State(map): State<Map>,
    State(rules): State<RulesInForce>,
    Path(id): Path<String>,
    desk: Desk,
) -> Result<Response, Failure> {
    let scope = desk.whole_scope(Permission::ViewAlerts)?;
    let (id, exception) = found(&alerts, &scope, &id).await?;
    let revoker = exception.revoked.map(|(_, person)| person);
    let people = [exception.owner].into_iter().chain(revoker);
    let names = access.names(people).await.map_err(Failure::of)?;
    let name = |person| names.get(&person).cloned().unwrap_or_default();
    let rules = rules.now();
    let rule = exception.what.rule.as_deref().and_then(|id| rules.find(id));
    let title = rule.map(|(_, text)| text.title.clone());
    let graph = map.graph();
    let covers = words::covers(&exception.what, title.as_deref(), &graph);
    let may = may_revoke(&desk.caller, &exception.what.part, &map);
    let is_active = Standing::of(&exception, desk.now()) == Standing::Active;
    let mut facts = facts(&exception, title, &graph, &desk);
    facts.insert(0, fact("Owner", Shown::text(name(exception.owner))));
    if let Some((at, person)) = exception.revoked {
        facts.push(fact("Taken back", time(at, &desk)));
        facts.push(fact("By", Shown::text(name(person))));
    }
    let page = OnePage {
        breadcrumbs: Breadcrumbs { items: vec![Link::new("Exceptions", "/exceptions")] },
        name: exception.what.name.clone(),
        covers: sentence(&format!("it counts findings of {covers}")),
        facts: Facts { is_compact: false, rows: facts },
        revoke: (may && is_active)
            .then(|| Link::new("Take it back", format!("/exceptions/{id}/revoke"))),
    };
    let title = format!("Exception: {}", page.name);
    Ok(desk.page("exceptions/one.html", &title, "/more", &[], page))
}

/// An exception is taken back by whoever may manage exceptions in all of its part.
fn may_revoke(caller: &Caller, part: &Part, map: &Map) -> bool {
    view::may_look(&caller.scope(Permission::ManageExceptions), part, map)
}

fn fact(key: &str, value: Shown) -> Fact {
    Fact { key: key.to_owned(), value, change: None }
}

fn time(at: Timestamp, desk: &Desk) -> Shown {
    Shown::Time { at: desk.moment(at) }
}

fn facts(one: &Exception, title: Option<String>, graph: &Graph, desk: &Desk) -> Vec<Fact> {
    let (word, _) = Standing::of(one, desk.now()).tag();
    let rule = match (&one.what.rule, title) {
        (None, _) => Shown::text("Every rule"),
        (Some(id), title) => Shown::Link {
            text: title.unwrap_or_else(|| "A rule that is in use no more".to_owned()),
            href: format!("/rules/{}", link::encoded(id)),
        },
    };
    let conditions: Vec<String> = one.what.conditions.iter().map(words::condition).collect();
    let conditions = match conditions.is_empty() {
        true => Shown::text("Always"),
        false => Shown::Lines { lines: conditions },
    };
    vec![
        fact("State", Shown::text(word)),
        fact("Why", Shown::text(one.what.reason.clone())),
        fact("Rule", rule),
        fact("Where", Shown::text(words::part(&one.what.part, graph))),
        fact("Device", Shown::text(one.what.device.clone().unwrap_or_else(|| "Any".to_owned()))),
        fact("When", conditions),
        fact("Findings counted", Shown::Number { number: number(one.hits) }),
        fact("Last", one.last_hit.map_or(Shown::text("Never"), |at| time(at, desk))),
        fact("Made", time(one.created_at, desk)),
        fact("Ends", time(one.what.expires_at, desk)),
    ]
}

/// The page that asks.
#[derive(Serialize)]
struct RevokePage {
    ask: Confirm,
}

/// Asks before an exception is taken back.
pub(super) async fn ask_revoke(
    State(alerts): State<Alerts>,
    State(map): State<Map>,
    Path(id): Path<String>,
    desk: Desk,
) -> Result<Response, Failure> {
    let scope = desk.whole_scope(Permission::ManageExceptions)?;
    let (id, exception) = found(&alerts, &scope, &id).await?;
    let hid = count(number(exception.hits), "finding", None);
    let graph = map.graph();
    let rows = vec![
        fact("Covers", Shown::text(words::covers(&exception.what, None, &graph))),
        fact("Why it was made", Shown::text(exception.what.reason.clone())),
        fact("Hid so far", Shown::text(hid)),
    ];
    let ask = Confirm {
        title: format!("Take back “{}”?", exception.what.name),
        consequence: "What it covers is shown as alerts again, from the next finding on. It \
                      cannot be brought back; a new one can be made from an alert."
            .to_owned(),
        facts: Facts { is_compact: false, rows },
        errors: ErrorSummary::default(),
        form: Form {
            action: format!("/exceptions/{id}/revoke"),
            csrf: desk.csrf(),
            hidden: Vec::new(),
            fields: Vec::new(),
            submit: "Take it back".to_owned(),
            is_warning: true,
            cancel: Some(format!("/exceptions/{id}")),
            has_files: false,
        },
    };
    Ok(desk.page(
        "exceptions/revoke.html",
        "Take back an exception",
        "/more",
        &[],
        RevokePage { ask },
    ))
}

/// Nothing is filled in.
#[derive(Deserialize)]
pub(super) struct Nothing {}

/// Takes an exception back.
pub(super) async fn revoke(
    State(alerts): State<Alerts>,
    State(news): State<Broadcast<News>>,
    Path(id): Path<String>,
    desk: Desk,
    Posted { .. }: Posted<Nothing>,
) -> Result<Response, Failure> {
    let scope = desk.whole_scope(Permission::ManageExceptions)?;
    let id: ExceptionId = id.parse().map_err(|_| Failure::not_found())?;
    let was = revoked(&alerts, &news, (&desk.caller, &scope), id, desk.now()).await?;
    let text = format!("The exception “{}” is taken back", was.what.name);
    Ok(done(&format!("/exceptions/{id}"), &text, None))
}

/// Takes an exception back, with its trace; what it was. For pages and API.
pub(crate) async fn revoked(
    alerts: &Alerts,
    news: &Broadcast<News>,
    (caller, scope): (&Caller, &Scope),
    id: ExceptionId,
    now: Timestamp,
) -> Result<Exception, Failure> {
    let write = alerts.db().write().await.map_err(db)?;
    let was = alerts.revoke_exception(&write, scope, id, caller.person, now).await;
    let was = was.map_err(failed)?;
    let entry = Entry::new(now, caller.who(), "exception.revoke", On::new("exception", id));
    let entry = entry.with(json!({ "name": was.what.name, "part": was.what.part.to_string() }));
    let entry = match &was.what.part {
        Part::Organisation(code) => entry.of(code.clone()),
        _ => entry,
    };
    audit::append(&write, entry).await.map_err(db)?;
    write.commit().await.map_err(|error| db(error.into()))?;
    news.publish(News::Rules);
    Ok(was)
}
