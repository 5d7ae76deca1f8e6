//! Acts on alerts, one or many: at once where nothing more is asked, else by a page with a form.
//! Everything can be taken back by the notice that follows.

use std::collections::{BTreeMap, BTreeSet};

use access::{Access, Colleague, Permission};
use axum::{
    extract::{Query as Address, State},
    http::StatusCode,
    response::Response,
};
use detect::alert::{
    Alert, Move, Verdict,
    life::{MAX_BULK, MAX_TEXT},
    service::Act,
};
use sector::Map;
use serde::{Deserialize, Serialize};
use terms::{OdsCode, PersonId};

use super::{
    filters::capital,
    moves::{Chosen, Moves},
    rows,
};
use crate::{
    Settings,
    failure::Failure,
    form::Posted,
    link,
    page::{Desk, done},
    pages::fields::{self, sentence},
    pieces::{Choice, ErrorSummary, Form, Input, Link, Undo, words::count},
};

/// Where to go afterwards.
#[derive(Default, Deserialize)]
pub(super) struct Back {
    #[serde(default)]
    back: String,
}

impl Back {
    fn path(&self) -> &str {
        match link::back(Some(&self.back)) {
            "/" => "/alerts",
            path => path,
        }
    }
}

/// What is asked for.
#[derive(Clone, Deserialize)]
pub(super) struct ActForm {
    /// `take`, `hand_over`, `close`, `reopen`, `comment`.
    #[serde(default)]
    act: String,
    /// Alerts, as [`Chosen`] writes them.
    #[serde(default)]
    alert: Vec<String>,
    /// Not empty when the form of the act was filled in.
    #[serde(default)]
    asked: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    verdict: String,
    #[serde(default)]
    text: String,
    /// What the page of an alert calls the text of a comment.
    #[serde(default)]
    comment: String,
    /// What the page of an alert calls the text that goes with handing over.
    #[serde(default)]
    note: String,
}

impl ActForm {
    /// The same with its text in one place, whichever form it came from.
    fn with_one_text(mut self) -> Self {
        for text in [std::mem::take(&mut self.comment), std::mem::take(&mut self.note)] {
            if self.text.is_empty() {
                self.text = text;
            }
        }
        self
    }
}

/// A field that must be mended.
struct Mend {
    field: &'static str,
    why: String,
}

/// The page of an act that asks for more.
#[derive(Serialize)]
struct ActPage {
    title: String,
    /// The alerts it is about, the first of them.
    about: Vec<Link>,
    /// How many more.
    more: i64,
    errors: ErrorSummary,
    form: Form,
}

/// Alerts named on the page of an act.
const NAMED: usize = 10;

/// Acts, or asks for what is missing.
pub(super) async fn act(
    State(moves): State<Moves>,
    State(access): State<Access>,
    State(map): State<Map>,
    Address(back): Address<Back>,
    desk: Desk,
    Posted { form, .. }: Posted<ActForm>,
) -> Result<Response, Failure> {
    let form = form.with_one_text();
    let scope = desk.whole_scope(Permission::WorkAlerts)?;
    let chosen = chosen(&form.alert)?;
    if chosen.is_empty() {
        let text = "No alert was chosen, so nothing was changed";
        return Ok(done(back.path(), text, None));
    }
    let known = moves.looked_up(&scope, &chosen).await?;
    if known.is_empty() {
        return Err(Failure::not_found());
    }
    let colleagues = match form.act.as_str() {
        "hand_over" => shared_colleagues(&access, &known, &desk).await?,
        _ => Vec::new(),
    };
    match asked(&form, &colleagues)? {
        Ok(asked) => {
            let (caller, now) = (&desk.caller, desk.now());
            let act = moves.make(caller, &scope, (&chosen, &known), &asked, now).await?;
            let to = colleagues.iter().find(|one| one.id.to_string() == form.to);
            let text = told(&act, &asked, to.map(|one| one.name.as_str()));
            Ok(done(back.path(), &text, undo(&act, &back)))
        }
        Err(mend) => {
            let is_first = form.asked.is_empty();
            let mend = mend.filter(|_| !is_first);
            let status = if is_first { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
            let graph = map.graph();
            let name = |code: &OdsCode| rows::organisation(&graph, code);
            let page = page(&form, &known, &colleagues, (&back, &desk), mend.as_ref(), &name);
            let title = page.title.clone();
            Ok(desk.page_with(status, "alerts/act.html", &title, "/alerts", &[], page))
        }
    }
}

fn chosen(texts: &[String]) -> Result<Vec<Chosen>, Failure> {
    if texts.len() > MAX_BULK {
        let what = format!("{} alerts are more than one act may touch: {MAX_BULK}", texts.len());
        return Err(Failure::new(StatusCode::UNPROCESSABLE_ENTITY, what));
    }
    let read = |text: &String| {
        text.parse().map_err(|error: terms::id::UnreadableId| {
            Failure::new(StatusCode::BAD_REQUEST, error.to_string())
        })
    };
    texts.iter().map(read).collect()
}

/// People to whom all of these alerts can be given: who may work on every one of them.
async fn shared_colleagues(
    access: &Access,
    alerts: &[Alert],
    desk: &Desk,
) -> Result<Vec<Colleague>, Failure> {
    let organisations: BTreeSet<&OdsCode> =
        alerts.iter().map(|alert| &alert.organisation).collect();
    let wanted = organisations.len();
    let mut met: BTreeMap<PersonId, (usize, Colleague)> = BTreeMap::new();
    for organisation in organisations {
        let found = access.colleagues(Permission::WorkAlerts, organisation, desk.now()).await;
        for one in found.map_err(Failure::of)? {
            met.entry(one.id).or_insert((0, one)).0 += 1;
        }
    }
    let all = met.into_values().filter(|(times, _)| *times == wanted);
    let mut all: Vec<Colleague> = all.map(|(_, one)| one).collect();
    all.retain(|one| one.id != desk.caller.person);
    all.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
    Ok(all)
}

/// The move that is asked for, or what is missing. Errors: there is no such act.
fn asked(form: &ActForm, colleagues: &[Colleague]) -> Result<Result<Move, Option<Mend>>, Failure> {
    let mend = |field, why: &str| Some(Mend { field, why: why.to_owned() });
    let text = form.text.trim();
    if text.chars().count() > MAX_TEXT {
        return Ok(Err(mend("text", "Write at most 4,000 characters.")));
    }
    let text = text.to_owned();
    Ok(match form.act.as_str() {
        "take" => Ok(Move::Take),
        "hand_over" => match colleagues.iter().find(|one| one.id.to_string() == form.to) {
            Some(to) => Ok(Move::HandOver { to: to.id, text }),
            None => Err(mend("to", "Choose who shall have it.")),
        },
        "comment" if text.is_empty() => Err(mend("text", "Write a comment.")),
        "comment" => Ok(Move::Comment { text }),
        "reopen" if text.is_empty() => Err(mend("text", "Write why it must be open again.")),
        "reopen" => Ok(Move::Reopen { reason: text }),
        "close" => match form.verdict.parse::<Verdict>() {
            Err(_) => Err(mend("verdict", "Choose what it turned out to be.")),
            Ok(_) if text.is_empty() => {
                Err(mend("text", "Write why: others will read it to understand what was done."))
            }
            Ok(verdict) => Ok(Move::Close { verdict, reason: text }),
        },
        _ => return Err(Failure::new(StatusCode::BAD_REQUEST, "this is no act on alerts")),
    })
}

/// What was done, and what was left and why.
fn told(act: &Act, asked: &Move, to: Option<&str>) -> String {
    let moved = act.done.iter().filter(|one| one.result.is_ok()).count();
    let left = act.done.len() - moved;
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let alerts = count(number(moved), "alert", None);
    let mut text = match asked {
        Move::Take => format!("{alerts} taken"),
        Move::HandOver { .. } => format!("{alerts} handed over to {}", to.unwrap_or("them")),
        Move::Comment { .. } => "Comment added".to_owned(),
        Move::Close { verdict, .. } => {
            format!("{alerts} closed as {}", rows::verdict_in_words(*verdict))
        }
        Move::Reopen { .. } => format!("{alerts} reopened"),
    };
    let first = act.done.iter().find_map(|one| one.result.as_ref().err());
    if let Some(error) = first {
        let why = error.to_string();
        let verb = if left == 1 { "was" } else { "were" };
        let left = count(number(left), "alert", None);
        text = match moved {
            0 => format!("{left} {verb} left as before: {why}"),
            _ => format!("{text}. {left} {verb} left as before: {why}"),
        };
    }
    text
}

/// The way back, where anything was done.
fn undo(act: &Act, back: &Back) -> Option<Undo> {
    let was_moved = act.done.iter().any(|one| one.result.is_ok());
    let action = format!("/alerts/undo?back={}", link::encoded(back.path()));
    // A longer address would not pass as a way back.
    let action = if action.len() > 1_900 { "/alerts/undo".to_owned() } else { action };
    was_moved.then(|| Undo { action, token: act.id.to_string() })
}

/// The page of an act.
fn page(
    form: &ActForm,
    known: &[Alert],
    colleagues: &[Colleague],
    (back, desk): (&Back, &Desk),
    mend: Option<&Mend>,
    name: &dyn Fn(&OdsCode) -> String,
) -> ActPage {
    let number = i64::try_from(known.len()).unwrap_or(i64::MAX);
    let alerts = if number == 1 { "this alert".to_owned() } else { count(number, "alert", None) };
    let (title, submit) = match form.act.as_str() {
        "hand_over" => (format!("Hand over {alerts}"), "Hand over"),
        "reopen" => (format!("Reopen {alerts}"), "Reopen"),
        "comment" => (format!("Comment on {alerts}"), "Add comment"),
        _ => (format!("Close {alerts}"), "Close"),
    };
    let about = known.iter().take(NAMED).map(|alert| {
        let what = rows::what(alert);
        let text = format!("{what} ({})", name(&alert.organisation));
        Link::new(text, format!("/alerts/{}", alert.id))
    });
    let mut hidden = vec![fields::hidden("act", &form.act), fields::hidden("asked", "yes")];
    hidden.extend(form.alert.iter().map(|alert| fields::hidden("alert", alert)));
    let form = Form {
        action: format!("/alerts/act?back={}", link::encoded(back.path())),
        csrf: desk.csrf(),
        hidden,
        fields: fields_of(form, colleagues, mend),
        submit: submit.to_owned(),
        is_warning: false,
        cancel: Some(back.path().to_owned()),
        has_files: false,
    };
    ActPage {
        title,
        about: about.collect(),
        more: number.saturating_sub(NAMED as i64).max(0),
        errors: form.errors(),
        form,
    }
}

/// The fields of an act.
fn fields_of(
    form: &ActForm,
    colleagues: &[Colleague],
    mend: Option<&Mend>,
) -> Vec<crate::pieces::Field> {
    let why = |field: &str| mend.filter(|mend| mend.field == field).map(|mend| mend.why.clone());
    let mut fields = match form.act.as_str() {
        "hand_over" => vec![to(colleagues, &form.to).wrong(why("to"))],
        "close" => vec![verdict(&form.verdict).wrong(why("verdict"))],
        _ => Vec::new(),
    };
    let label = match form.act.as_str() {
        "hand_over" => "What they should know (optional)",
        "comment" => "Comment",
        _ => "Why",
    };
    fields.push(text(label, &form.text).wrong(why("text")));
    fields
}

/// To whom.
pub(super) fn to(colleagues: &[Colleague], chosen: &str) -> crate::pieces::Field {
    let mut choices = vec![Choice::new("", "Choose a person", chosen)];
    choices.extend(
        colleagues.iter().map(|one| Choice::new(one.id.to_string(), one.name.as_str(), chosen)),
    );
    let field = fields::field("to", "Hand over to", Input::Select { choices });
    match colleagues.is_empty() {
        true => field.hint("Nobody else may work on it where it is"),
        false => field.hint("People who may work on it where it is"),
    }
}

/// What it turned out to be.
pub(super) fn verdict(chosen: &str) -> crate::pieces::Field {
    let hint = |verdict: &Verdict| match verdict {
        Verdict::TruePositive => "It was what the rule looks for, and harmful",
        Verdict::Benign => "It was what the rule looks for, but it is wanted here",
        Verdict::FalsePositive => "It was not what the rule looks for",
    };
    let choices = Verdict::ALL.iter().map(|verdict| Choice {
        hint: Some(hint(verdict).to_owned()),
        ..Choice::new(verdict.as_str(), capital(rows::verdict_in_words(*verdict)), chosen)
    });
    let input = Input::Radios { choices: choices.collect() };
    fields::field("verdict", "What did it turn out to be?", input)
}

/// A comment or a reason.
pub(super) fn text(label: &str, value: &str) -> crate::pieces::Field {
    let most = u32::try_from(MAX_TEXT).ok();
    fields::field("text", label, Input::Area { value: value.to_owned(), rows: 3, most })
}

/// An act to take back.
#[derive(Deserialize)]
pub(super) struct UndoForm {
    #[serde(default)]
    undo: String,
}

/// Takes an act back.
pub(super) async fn take_back(
    State(moves): State<Moves>,
    State(settings): State<Settings>,
    Address(back): Address<Back>,
    Posted { caller, form }: Posted<UndoForm>,
) -> Result<Response, Failure> {
    let scope = crate::caller::scope(&caller, Permission::WorkAlerts)?;
    let act = form.undo.parse().map_err(|error: terms::id::UnreadableId| {
        Failure::new(StatusCode::BAD_REQUEST, error.to_string())
    })?;
    let undone = moves.undo(&caller, &scope, act, settings.now()).await?;
    let taken_back = undone.done.iter().filter(|one| one.result.is_ok()).count();
    let first = undone.done.iter().find_map(|one| one.result.as_ref().err());
    let text = match (taken_back, first) {
        (0, Some(error)) => sentence(error),
        (_, None) => "Taken back".to_owned(),
        (_, Some(error)) => {
            let number = i64::try_from(taken_back).unwrap_or(i64::MAX);
            format!("Taken back for {}. For others not: {error}", count(number, "alert", None))
        }
    };
    Ok(done(back.path(), &text, None))
}
