//! The page of a rule: what it looks for and why, what it found, how that turned out, for whom it
//! is on, what is excepted, who changed what.

use access::{Access, Permission, Who, audit};
use axum::{
    extract::{Path, State},
    response::Response,
};
use detect::{
    alert::{Alerts, Exception, Switch, Verdicts, words as said},
    rulebook::Rulebook,
};
use sector::Map;
use serde::Serialize;
use terms::{Level, PersonId, Scope};

use super::{
    query::source,
    record,
    standing::{Days, On, Standing, Standings},
    switch::{self, SwitchForm},
    text,
};
use crate::{
    failure::Failure,
    page::Desk,
    pages::{alerts::failed::failed, exceptions::words},
    pieces::{
        Bars, Breadcrumbs, Cell, Code, Column, Deed, Fact, Facts, Form, History, Link, Row, Shown,
        Table,
        words::{count, grouped},
    },
    view,
};

/// The page.
#[derive(Serialize)]
struct RulePage {
    breadcrumbs: Breadcrumbs,
    title: String,
    /// What it detects, in sentences; may be empty.
    about: String,
    /// Its finding over the last 30 days, in a sentence.
    says: String,
    /// What care is at stake; may be empty.
    harm: String,
    /// The first safe thing to do; may be empty.
    action: String,
    picture: Bars,
    record: Facts,
    code: Code,
    falsepositives: Vec<String>,
    facts: Facts,
    switches: Option<Table>,
    exceptions: Option<Table>,
    alerts: Link,
    /// Turning it on or off, for those who may.
    form: Option<Form>,
    history: Option<History>,
}

/// Entries of the history.
const DEEDS: u64 = 50;

/// `GET /rules/{id}`.
pub(super) async fn one(
    State(alerts): State<Alerts>,
    State(access): State<Access>,
    State(rulebook): State<Rulebook>,
    State(map): State<Map>,
    Path(id): Path<String>,
    desk: Desk,
) -> Result<Response, Failure> {
    let scope = desk.scope(Permission::ViewRules)?;
    let (rules, graph) = (rulebook.in_force().now(), map.graph());
    let standings = Standings::read(&alerts, rules, &graph, &scope, desk.now()).await;
    let standings = standings.map_err(failed)?;
    let standing = standings.find(&id).ok_or_else(Failure::not_found)?;
    let record = alerts.record(&scope, &id).await.map_err(failed)?;
    let mut switches = alerts.switches(&scope).await.map_err(failed)?;
    switches.retain(|one| one.rule == id);
    let exceptions = exceptions(&alerts, &desk, &id).await?;
    let written = written(&alerts, &scope, &id).await?;
    let people = written.iter().filter_map(|one| person(&one.who));
    let people = people.chain(switches.iter().map(|one| one.person));
    let people: Vec<PersonId> = people.chain(exceptions.iter().map(|one| one.owner)).collect();
    let names = access.names(people).await.map_err(Failure::of)?;
    let told = Told {
        desk: &desk,
        map: &map,
        name: &|id| names.get(&id).cloned().unwrap_or_else(|| "Somebody who left".to_owned()),
    };
    let meta = &standing.rule.meta;
    let body = RulePage {
        breadcrumbs: Breadcrumbs { items: vec![Link::new("Rules", "/rules")] },
        title: meta.title.clone(),
        about: meta.description.clone(),
        says: says(&standing, standings.organisations),
        harm: meta.harm.clone(),
        action: meta.action.clone(),
        picture: bars(&standing.days.hits, standings.first_day, "This rule"),
        record: turned_out(record),
        code: Code::marked("What it looks for", &text::of(standing.rule), &[]),
        falsepositives: meta.falsepositives.clone(),
        facts: facts(&standing),
        switches: (!switches.is_empty()).then(|| told.switches(&switches)),
        exceptions: (!exceptions.is_empty()).then(|| told.exceptions(&exceptions)),
        alerts: Link::new(
            "Alerts of this rule",
            format!("/alerts?state=any&rule={}", crate::link::encoded(&id)),
        ),
        form: form(&desk, &map, &id, standing.on)?,
        history: (!written.is_empty()).then(|| told.history(&written)),
    };
    let title = body.title.clone();
    Ok(desk.page("rules/one.html", &title, "/more", &[], body))
}

/// Exceptions that can hide something of the rule, for those who may see exceptions.
async fn exceptions(alerts: &Alerts, desk: &Desk, id: &str) -> Result<Vec<Exception>, Failure> {
    let Ok(scope) = desk.scope(Permission::ViewAlerts) else { return Ok(Vec::new()) };
    let mut found = alerts.exceptions(&scope, Some(id)).await.map_err(failed)?;
    found.retain(|one| one.what.rule.is_some() || one.is_active(desk.now()));
    Ok(found)
}

/// What was done with the rule, newest first, as far as it concerns the scope.
async fn written(alerts: &Alerts, scope: &Scope, id: &str) -> Result<Vec<audit::Written>, Failure> {
    let filter = audit::AuditFilter {
        on_kind: Some("rule".to_owned()),
        on_id: Some(id.to_owned()),
        ..audit::AuditFilter::default()
    };
    let page = audit::list(alerts.db(), scope, &filter, None, DEEDS).await;
    Ok(page.map_err(Failure::of)?.entries)
}

fn person(who: &Who) -> Option<PersonId> {
    match who {
        Who::Person(id) => Some(*id),
        _ => None,
    }
}

/// What parts of the page are told by.
struct Told<'t> {
    desk: &'t Desk,
    map: &'t Map,
    name: &'t dyn Fn(PersonId) -> String,
}

impl Told<'_> {
    fn switches(&self, switches: &[Switch]) -> Table {
        let rows = switches.iter().map(|one| Row {
            id: one.part.to_string(),
            cells: vec![
                Cell::text(view::name(&one.part, self.map)),
                Cell::text(if one.is_on { "On" } else { "Off" }),
                Cell::Lines {
                    text: one.reason.clone(),
                    below: (self.name)(one.person),
                    href: None,
                },
                Cell::Time { at: self.desk.moment(one.at), is_short: false },
            ],
            is_new: false,
        });
        let columns = ["For", "Turned", "Why", "When"];
        plain_table("switches", "For whom it was turned on or off", &columns, rows.collect())
    }

    fn exceptions(&self, exceptions: &[Exception]) -> Table {
        let rows = exceptions.iter().map(|one| Row {
            id: one.id.to_string(),
            cells: vec![
                Cell::Lines {
                    text: one.what.name.clone(),
                    below: view::name(&one.what.part, self.map),
                    href: Some(format!("/exceptions/{}", one.id)),
                },
                Cell::text(words::Standing::of(one, self.desk.now()).tag().0),
                Cell::text((self.name)(one.owner)),
                Cell::Time { at: self.desk.moment(one.what.expires_at), is_short: false },
                Cell::text(grouped(i64::try_from(one.hits).unwrap_or(i64::MAX))),
            ],
            is_new: false,
        });
        let columns = ["Exception", "State", "Who answers for it", "Until", "Hidden"];
        plain_table("exceptions", "Exceptions of it", &columns, rows.collect())
    }

    fn history(&self, written: &[audit::Written]) -> History {
        let deeds = written.iter().map(|one| {
            let details: serde_json::Value = serde_json::from_str(&one.details).unwrap_or_default();
            let said = |name: &str| details.get(name).and_then(|one| one.as_str());
            let part = said("part").and_then(|part| part.parse().ok());
            let part = part.map(|part| view::name(&part, self.map)).unwrap_or_default();
            let what = match one.what.as_str() {
                "rule.switch_on" => format!("turned it on for {part}"),
                "rule.switch_off" => format!("turned it off for {part}"),
                "rule.switch_remove" => format!("took back that it was turned for {part}"),
                other => other.to_owned(),
            };
            Deed {
                at: self.desk.moment(one.at),
                who: person(&one.who).map_or_else(|| "Ward".to_owned(), |id| (self.name)(id)),
                what,
                note: said("reason").filter(|text| !text.is_empty()).map(str::to_owned),
            }
        });
        History { title: "What was done with it".to_owned(), deeds: deeds.collect(), older: None }
    }
}

/// A table that is only read.
pub(crate) fn plain_table(id: &str, caption: &str, columns: &[&str], rows: Vec<Row>) -> Table {
    let column = |text: &&str| Column { text: (*text).to_owned(), is_numeric: false, sort: None };
    Table {
        id: id.to_owned(),
        caption: caption.to_owned(),
        is_caption_hidden: false,
        is_compact: true,
        columns: columns.iter().map(column).collect(),
        rows,
        selection: None,
    }
}

fn form(desk: &Desk, map: &Map, id: &str, on: On) -> Result<Option<Form>, Failure> {
    if !desk.caller.may_somewhere(Permission::ManageRules) {
        return Ok(None);
    }
    let asked = SwitchForm::of(id, on != On::Everywhere);
    Ok(Some(switch::form(&asked, desk, map, &super::href(id), None)?))
}

fn says(one: &Standing<'_>, organisations: usize) -> String {
    let Days { alerts, excepted, .. } = one.days;
    let found = match one.days.total() {
        0 => "It did not fire in the last 30 days".to_owned(),
        hits => format!(
            "It fired {} in the last 30 days and opened {}",
            count(hits, "time", None),
            count(alerts, "alert", None)
        ),
    };
    let excepted = match excepted {
        0 => String::new(),
        hidden => format!("; exceptions hid {}", grouped(hidden)),
    };
    let on = match one.on {
        On::Everywhere => "It is on.".to_owned(),
        On::Nowhere => "It is off.".to_owned(),
        On::Not(off) => format!(
            "It is off for {} of {}.",
            grouped(off as i64),
            count(organisations as i64, "organisation", None)
        ),
    };
    format!("{found}{excepted}. {on}")
}

fn turned_out(record: detect::alert::Record) -> Facts {
    let fact = |key: &str, verdicts: Verdicts| Fact {
        key: key.to_owned(),
        value: match verdicts.total() {
            0 => Shown::text(record::share(verdicts)),
            _ => Shown::Lines { lines: vec![record::share(verdicts), record::told(verdicts)] },
        },
        change: None,
    };
    let rows = vec![fact("In this view", record.here), fact("Elsewhere", record.elsewhere)];
    Facts { is_compact: false, rows }
}

fn facts(one: &Standing<'_>) -> Facts {
    let meta = &one.rule.meta;
    let fact = |key: &str, value| Fact { key: key.to_owned(), value, change: None };
    let lines = |lines: Vec<String>| match lines.is_empty() {
        true => Shown::Unknown,
        false => Shown::Lines { lines },
    };
    let rows = vec![
        fact("Severity", Shown::text(level(meta.level))),
        fact("Status", Shown::text(capital(&meta.status))),
        fact("Log source", Shown::text(source(one))),
        fact("Tactics", lines(meta.tactics().map(|one| tactic(&one)).collect())),
        fact("Techniques", lines(meta.techniques().map(technique).collect())),
        fact("Tags", Shown::text(meta.tags.join(", "))),
        fact("Author", Shown::text(meta.author.clone())),
        fact("Date", Shown::text(meta.date.clone())),
        fact("Licence", Shown::text(meta.license.clone())),
        fact("References", lines(meta.references.clone())),
        fact("File", Shown::Exact { text: format!("{}:{}", meta.file, meta.line) }),
        fact("Id", Shown::Exact { text: one.text.id.clone() }),
    ];
    Facts { is_compact: true, rows }
}

/// With a capital.
pub(crate) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// A severity with a capital.
pub(crate) fn level(level: Level) -> String {
    capital(level.as_str())
}

/// A tactic of ATT&CK as people write it.
pub(crate) fn tactic(short: &str) -> String {
    let name = said::of_tag(short).map(|words| words.name).filter(|name| !name.is_empty());
    name.map_or_else(|| capital(&short.replace('-', " ")), str::to_owned)
}

/// A technique of ATT&CK with what it means in Ward's words, where there are any.
pub(crate) fn technique(number: String) -> String {
    match said::of_tag(&number) {
        Some(words) => format!("{number}: {}", words.clause),
        None => number,
    }
}

/// What was found day by day.
pub(crate) fn bars(hits: &[i64], first_day: i64, whose: &str) -> Bars {
    let name = |day: i64| {
        let second = (first_day + day).saturating_mul(86_400);
        let at = terms::Timestamp::from_second(second).unwrap_or(terms::Timestamp::UNIX_EPOCH);
        at.strftime("%-d %B").to_string()
    };
    let values: Vec<(String, i64)> =
        (0..).zip(hits).map(|(day, hits)| (name(day), *hits)).collect();
    let total: i64 = hits.iter().sum();
    let most = values.iter().max_by_key(|(_, hits)| *hits);
    let title = match most.filter(|(_, hits)| *hits > 0) {
        None => format!("{whose}: nothing found in the last 30 days"),
        Some((day, most)) => format!(
            "{whose}: {} in the last 30 days, most on {day} ({})",
            count(total, "finding", None),
            grouped(*most)
        ),
    };
    Bars::new(&title, "finding", "day", &values)
}
