//! Turning rules on and off: for all that somebody looks after or one organisation, with the
//! reason, and taking it back. Pages and API turn rules through `turn`, so that neither can
//! forget the audit trail or the news.

use access::{
    Caller, Permission,
    audit::{self, Entry, On},
};
use axum::{
    extract::{Query as Address, State},
    http::StatusCode,
    response::Response,
};
use bus::Broadcast;
use db::Write;
use detect::{
    alert::{Alerts, Switch},
    rulebook::Rulebook,
};
use sector::{Map, Thing};
use serde::{Deserialize, Serialize};
use serde_json::json;
use terms::{Part, Scope, Timestamp};

use crate::{
    News,
    failure::Failure,
    form::Posted,
    link,
    page::{Desk, done},
    pages::{
        alerts::failed::{db, failed},
        fields,
    },
    pieces::{Choice, ErrorSummary, Field, Form, Input, Link, Undo, words::count},
    view,
};

/// Rules of one act: those of a page.
const MOST_RULES: usize = 100;
/// Characters of a reason.
const MOST_REASON: usize = 1_000;

/// Where to go afterwards.
#[derive(Deserialize)]
pub(super) struct Back {
    #[serde(default)]
    back: String,
}

impl Back {
    fn path(&self) -> &str {
        match link::back(Some(&self.back)) {
            "/" => "/rules",
            path => path,
        }
    }
}

/// What is asked for.
#[derive(Clone, Default, Deserialize)]
pub(super) struct SwitchForm {
    /// `on` or `off`.
    #[serde(default)]
    act: String,
    #[serde(default)]
    rule: Vec<String>,
    /// Not empty when the form was filled in.
    #[serde(default)]
    asked: String,
    #[serde(default)]
    part: String,
    /// A name or code, where one organisation is meant.
    #[serde(default)]
    organisation: String,
    #[serde(default)]
    reason: String,
}

impl SwitchForm {
    /// The form for one rule, before it is filled in.
    pub(super) fn of(rule: &str, is_on: bool) -> Self {
        let act = if is_on { "on" } else { "off" };
        Self { act: act.to_owned(), rule: vec![rule.to_owned()], ..Self::default() }
    }
}

/// The page that asks for where and why.
#[derive(Serialize)]
struct SwitchPage {
    title: String,
    consequence: &'static str,
    about: Vec<Link>,
    errors: ErrorSummary,
    form: Form,
}

/// A field that must be mended.
pub(super) struct Mend {
    field: &'static str,
    why: String,
}

/// `POST /rules/switch`.
pub(super) async fn switch(
    State(alerts): State<Alerts>,
    State(rulebook): State<Rulebook>,
    State(map): State<Map>,
    State(news): State<Broadcast<News>>,
    Address(back): Address<Back>,
    desk: Desk,
    Posted { form, .. }: Posted<SwitchForm>,
) -> Result<Response, Failure> {
    let scope = desk.whole_scope(Permission::ManageRules)?;
    let is_on = match form.act.as_str() {
        "on" => true,
        "off" => false,
        _ => return Err(Failure::new(StatusCode::BAD_REQUEST, "this is no act on rules")),
    };
    if form.rule.len() > MOST_RULES {
        let what = format!("at most {MOST_RULES} rules may be turned at once");
        return Err(Failure::new(StatusCode::UNPROCESSABLE_ENTITY, what));
    }
    let rules = rulebook.in_force().now();
    let mut about = Vec::new();
    for id in &form.rule {
        let (rule, _) = rules.find(id).ok_or_else(Failure::not_found)?;
        about.push(Link::new(rule.meta.title.clone(), super::href(id)));
    }
    if about.is_empty() {
        return Ok(done(back.path(), "No rule was chosen, so nothing was changed", None));
    }
    let asked = asked(&form, &scope, &map);
    match asked {
        Ok((part, reason)) if !form.asked.is_empty() => {
            let turn = Turn { part: part.clone(), is_on, reason };
            let before =
                turn_all(&alerts, &desk.caller, &scope, &form.rule, &turn, desk.now()).await?;
            news.publish(News::Rules);
            let rules = count(form.rule.len() as i64, "rule", None);
            let where_ = view::name(&part, &map);
            let text = format!("{rules} turned {} for {where_}", form.act);
            Ok(done(back.path(), &text, undo(&form.rule, &part, &before, &back)))
        }
        asked => {
            let is_first = form.asked.is_empty();
            let mend = asked.err().filter(|_| !is_first);
            let status = if is_first { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
            let form = self::form(&form, &desk, &map, back.path(), mend.as_ref())?;
            let rules = count(about.len() as i64, "rule", None);
            let title = format!("Turn {rules} {}", if is_on { "on" } else { "off" });
            let body = SwitchPage {
                title: title.clone(),
                consequence: match is_on {
                    true => "What these rules find is shown as alerts again, from now on.",
                    false => {
                        "What these rules find is counted and goes no further: no alert is opened. \
                         Alerts that are open stay as they are."
                    }
                },
                about,
                errors: form.errors(),
                form,
            };
            Ok(desk.page_with(status, "rules/switch.html", &title, "/more", &[], body))
        }
    }
}

/// Where and why. Errors: what must be mended.
fn asked(form: &SwitchForm, scope: &Scope, map: &Map) -> Result<(Part, String), Mend> {
    let mend = |field, why: &str| Mend { field, why: why.to_owned() };
    let part = match form.organisation.trim() {
        "" => form.part.parse().map_err(|_| mend("part", "Choose for whom."))?,
        text => organisation(text, scope, map).ok_or_else(|| {
            mend(
                "organisation",
                "No organisation whose rules you manage has this name or code. Check it, or leave \
                 it empty.",
            )
        })?,
    };
    let reason = form.reason.trim();
    match reason.chars().count() {
        0 => Err(mend("reason", "Write why: others will read it to understand what was done.")),
        1..=MOST_REASON => Ok((part, reason.to_owned())),
        _ => Err(mend("reason", "Write at most 1,000 characters.")),
    }
}

/// The organisation of a code or of a part of a name, within the scope.
fn organisation(text: &str, scope: &Scope, map: &Map) -> Option<Part> {
    let hits = map.graph().search(text, scope, 20);
    hits.into_iter().find_map(|hit| match hit.thing {
        Thing::Organisation(code) => Some(Part::Organisation(code)),
        _ => None,
    })
}

/// The form. Errors: the caller turns rules nowhere.
pub(super) fn form(
    asked: &SwitchForm,
    desk: &Desk,
    map: &Map,
    back: &str,
    mend: Option<&Mend>,
) -> Result<Form, Failure> {
    let scope = desk.whole_scope(Permission::ManageRules)?;
    let parts = scope.parts().iter();
    let choices: Vec<Choice> = parts
        .map(|part| Choice::new(part.to_string(), view::name(part, map), &asked.part))
        .collect();
    let why = |field: &str| mend.filter(|mend| mend.field == field).map(|mend| mend.why.clone());
    let reason =
        Input::Area { value: asked.reason.clone(), rows: 3, most: u32::try_from(MOST_REASON).ok() };
    let mut fields: Vec<Field> =
        vec![fields::select("part", "For whom", choices).wrong(why("part"))];
    if !matches!(scope.parts(), [Part::Organisation(_)]) {
        let one =
            fields::text("organisation", "One organisation only (optional)", &asked.organisation)
                .hint(
                    "Its name or code. What is turned for one organisation counts before all else.",
                );
        fields.push(one.wrong(why("organisation")));
    }
    fields.push(fields::field("reason", "Why", reason).wrong(why("reason")));
    let mut hidden = vec![fields::hidden("act", &asked.act), fields::hidden("asked", "yes")];
    hidden.extend(asked.rule.iter().map(|rule| fields::hidden("rule", rule)));
    Ok(Form {
        action: format!("/rules/switch?back={}", link::encoded(back)),
        csrf: desk.csrf(),
        hidden,
        fields,
        submit: if asked.act == "on" { "Turn on" } else { "Turn off" }.to_owned(),
        is_warning: asked.act == "off",
        cancel: mend.is_some().then(|| back.to_owned()),
        has_files: false,
    })
}

/// A turn of one or several rules.
pub(crate) struct Turn {
    pub(crate) part: Part,
    pub(crate) is_on: bool,
    pub(crate) reason: String,
}

/// Turns rules, with the audit trail, in one transaction; how each stood there before.
pub(crate) async fn turn_all(
    alerts: &Alerts,
    caller: &Caller,
    scope: &Scope,
    rules: &[String],
    turn: &Turn,
    now: Timestamp,
) -> Result<Vec<Option<Switch>>, Failure> {
    let write = alerts.db().write().await.map_err(db)?;
    let mut before = Vec::with_capacity(rules.len());
    for rule in rules {
        let switch = Switch {
            rule: rule.clone(),
            part: turn.part.clone(),
            is_on: turn.is_on,
            reason: turn.reason.clone(),
            person: caller.person,
            at: now,
        };
        before.push(alerts.turn(&write, scope, &switch).await.map_err(failed)?);
    }
    let what = if turn.is_on { "rule.switch_on" } else { "rule.switch_off" };
    for rule in rules {
        note(&write, caller, (what, rule, turn), now).await?;
    }
    write.commit().await.map_err(|error| db(error.into()))?;
    Ok(before)
}

/// Takes first turns back, with the audit trail, in one transaction: no switch is left.
async fn unturn_all(
    alerts: &Alerts,
    caller: &Caller,
    scope: &Scope,
    rules: &[String],
    turn: &Turn,
    now: Timestamp,
) -> Result<(), Failure> {
    let write = alerts.db().write().await.map_err(db)?;
    for rule in rules {
        alerts.unturn(&write, scope, rule, &turn.part).await.map_err(failed)?;
        note(&write, caller, ("rule.switch_remove", rule, turn), now).await?;
    }
    write.commit().await.map_err(|error| db(error.into()))
}

async fn note(
    write: &Write,
    caller: &Caller,
    (what, rule, turn): (&'static str, &str, &Turn),
    now: Timestamp,
) -> Result<(), Failure> {
    let entry = Entry::new(now, caller.who(), what, On::new("rule", rule));
    let entry =
        entry.with(json!({ "part": turn.part.to_string(), "reason": turn.reason.as_str() }));
    let entry = match &turn.part {
        Part::Organisation(code) => entry.of(code.clone()),
        _ => entry,
    };
    audit::append(write, entry).await.map(drop).map_err(db)
}

/// The way back: where, and for each rule how it stood: on, off, or never turned there.
fn undo(rules: &[String], part: &Part, before: &[Option<Switch>], back: &Back) -> Option<Undo> {
    let stood = |one: &Option<Switch>| match one {
        None => '0',
        Some(switch) if switch.is_on => '+',
        Some(_) => '-',
    };
    let pairs = rules.iter().zip(before).map(|(rule, one)| format!("{}{rule}", stood(one)));
    let token = format!("{part}|{}", pairs.collect::<Vec<_>>().join("|"));
    let action = format!("/rules/switch/undo?back={}", link::encoded(back.path()));
    // A cookie holds about four kilobytes; longer acts are turned back by hand.
    (token.len() < 2_500 && action.len() < 1_000).then_some(Undo { action, token })
}

/// A turn to take back.
#[derive(Deserialize)]
pub(super) struct UndoForm {
    #[serde(default)]
    undo: String,
}

/// `POST /rules/switch/undo`.
pub(super) async fn take_back(
    State(alerts): State<Alerts>,
    State(news): State<Broadcast<News>>,
    Address(back): Address<Back>,
    desk: Desk,
    Posted { form, .. }: Posted<UndoForm>,
) -> Result<Response, Failure> {
    let scope = desk.whole_scope(Permission::ManageRules)?;
    let wrong = || Failure::new(StatusCode::BAD_REQUEST, "this is nothing that could be undone");
    let (part, rules) = form.undo.split_once('|').ok_or_else(wrong)?;
    let part: Part = part.parse().map_err(|_| wrong())?;
    let (mut on, mut off, mut never) = (Vec::new(), Vec::new(), Vec::new());
    for rule in rules.split('|').take(MOST_RULES) {
        let (list, rule) = match rule.split_at_checked(1) {
            Some(("+", rule)) => (&mut on, rule),
            Some(("-", rule)) => (&mut off, rule),
            Some(("0", rule)) => (&mut never, rule),
            _ => return Err(wrong()),
        };
        list.push(rule.to_owned());
    }
    let reason = "Taken back".to_owned();
    let mut turn = Turn { part, is_on: true, reason };
    if !never.is_empty() {
        unturn_all(&alerts, &desk.caller, &scope, &never, &turn, desk.now()).await?;
    }
    for (is_on, rules) in [(true, on), (false, off)] {
        turn.is_on = is_on;
        if !rules.is_empty() {
            turn_all(&alerts, &desk.caller, &scope, &rules, &turn, desk.now()).await?;
        }
    }
    news.publish(News::Rules);
    Ok(done(back.path(), "Taken back", None))
}
