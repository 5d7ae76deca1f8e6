//! The page of one alert: what happened, why it stands where it stands, what to do.

use std::collections::HashMap;

use access::{Access, Colleague, Permission};
use axum::{
    extract::{Path, Query as Address, State},
    http::header,
    response::{IntoResponse, Response},
};
use detect::{
    alert::{
        Alert, Alerts, Deed, DeedKind, Evidence, State as Standing, headline,
        service::{DeviceOfFlood, Whole},
    },
    watch::RulesInForce,
};
use sector::{Device, DeviceKey, Map};
use serde::{Deserialize, Serialize};
use terms::{AlertId, PersonId, Scope};

use super::{
    act, evidence,
    failed::failed,
    filters::{capital, state_in_words},
    harm,
    moves::Chosen,
    rows::{self, Told, number, verdict_in_words},
    why::{self, Why},
};
use crate::{
    failure::Failure,
    link,
    page::Desk,
    pages::{fields, rules::one::technique},
    pieces::{
        self, Breadcrumbs, Cell, Column, Fact, Facts, Form, Harm, History, Input, Link, Row, Shown,
        Table, words::count,
    },
};

/// Which of the kept events is open.
#[derive(Default, Deserialize)]
pub(super) struct Open {
    event: Option<u64>,
}

/// The page.
#[derive(Serialize)]
struct OnePage {
    breadcrumbs: Breadcrumbs,
    /// What happened.
    what: String,
    /// What rests on where it happened.
    supports: String,
    /// What exactly was seen: program, account, rule.
    seen: String,
    harm: Harm,
    /// What care is at stake if it is real, by the rule.
    at_stake: String,
    /// The first safe thing to do, by the rule.
    first_action: String,
    facts: Facts,
    buttons: Option<Buttons>,
    close: Option<Form>,
    hand_over: Option<Form>,
    comment: Option<Form>,
    /// The form by which an exception is made.
    exception: Option<Link>,
    why: Why,
    event: Option<evidence::Shown>,
    rule: evidence::RuleShown,
    techniques: Vec<Link>,
    kept: Option<Table>,
    of_device: Option<Table>,
    flood_devices: Option<Table>,
    history: History,
}

/// Buttons that act at once or ask on a page of their own.
#[derive(Serialize)]
struct Buttons {
    action: String,
    csrf: String,
    alert: String,
    /// Value and text, the usual first.
    acts: Vec<(&'static str, &'static str)>,
}

/// Everything that is read for the page.
struct Read {
    whole: Whole,
    names: HashMap<PersonId, String>,
    colleagues: Vec<Colleague>,
    device: Option<Device>,
    may_work: bool,
    may_except: bool,
}

/// Shows an alert. It need not lie in the view: a link that was shared leads to it in any view.
pub(super) async fn one(
    State(alerts): State<Alerts>,
    State(access): State<Access>,
    State(map): State<Map>,
    State(rules): State<RulesInForce>,
    Path(id): Path<String>,
    Address(open): Address<Open>,
    desk: Desk,
) -> Result<Response, Failure> {
    let scope = desk.whole_scope(Permission::ViewAlerts)?;
    let id: AlertId = id.parse().map_err(|_| Failure::not_found())?;
    let read = read(&alerts, &access, &map, (&scope, id), &desk).await?;
    let graph = map.graph();
    let zone = desk.caller.time_zone.clone();
    let told = Told {
        now: desk.now(),
        me: desk.caller.person,
        names: &read.names,
        graph: &graph,
        zone: &zone,
    };
    let alert = &read.whole.alert;
    let kept = open_event(&read.whole.evidence, open.event);
    let parts = headline::parts(&alert.headline);
    let what = parts.what.to_owned();
    let is_open = alert.state != Standing::Closed;
    let path = format!("/alerts/{id}");
    let title = pieces::words::shortened(&what, 80);
    let (first_action, at_stake) = (alert.rule.action.clone(), alert.rule.harm.clone());
    let page = OnePage {
        breadcrumbs: Breadcrumbs { items: vec![Link::new("Alerts", "/alerts")] },
        supports: rows::sentence(parts.supports),
        seen: rows::sentence(parts.seen),
        harm: harm::of(alert),
        at_stake,
        first_action,
        facts: facts(&read, &told),
        buttons: read.may_work.then(|| buttons(alert, &desk)).flatten(),
        close: (read.may_work && is_open).then(|| close(alert, &desk)),
        hand_over: (read.may_work && is_open && !read.colleagues.is_empty())
            .then(|| hand_over(alert, &read.colleagues, &desk)),
        comment: read.may_work.then(|| comment(alert, &desk)),
        exception: (read.may_except && kept.is_some())
            .then(|| Link::new("Make an exception", format!("{path}/exception"))),
        why: why::of(alert, &read.whole.story, &scope, &graph),
        event: kept.map(|one| {
            let file = format!("{path}/event.json?event={}", one.ordinal);
            evidence::shown(one, heading(one, alert), file)
        }),
        rule: evidence::rule(alert, kept, &rules.now()),
        techniques: techniques(alert),
        kept: (read.whole.evidence.len() > 1).then(|| kept_table(&read.whole, kept, &told)),
        of_device: of_device(&read.whole.of_device, &told),
        flood_devices: flood_devices(&read.whole.flood_devices),
        history: history(&read.whole.deeds, &told),
        what,
    };
    Ok(desk.page("alerts/one.html", &title, "/alerts", &[], page))
}

/// An event that was kept, as it came.
pub(super) async fn event(
    State(alerts): State<Alerts>,
    Path(id): Path<String>,
    Address(open): Address<Open>,
    desk: Desk,
) -> Result<Response, Failure> {
    let scope = desk.whole_scope(Permission::ViewAlerts)?;
    let id: AlertId = id.parse().map_err(|_| Failure::not_found())?;
    let whole = alerts.whole(&scope, id).await.map_err(failed)?;
    let kept = open_event(&whole.evidence, open.event).ok_or_else(Failure::not_found)?;
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"event.json\""),
    ];
    Ok((headers, kept.event.clone()).into_response())
}

async fn read(
    alerts: &Alerts,
    access: &Access,
    map: &Map,
    (scope, id): (&Scope, AlertId),
    desk: &Desk,
) -> Result<Read, Failure> {
    let whole = alerts.whole(scope, id).await.map_err(failed)?;
    let graph = map.graph();
    let organisation = &whole.alert.organisation;
    let may = |permission| graph.contains(&desk.caller.scope(permission), organisation);
    let (may_work, may_except) = (may(Permission::WorkAlerts), may(Permission::ManageExceptions));
    let people = whole.deeds.iter().flat_map(|deed| {
        let to = match deed.kind {
            DeedKind::HandedOver { to } => Some(to),
            _ => None,
        };
        deed.person.into_iter().chain(to)
    });
    let others = whole.of_device.iter().filter_map(|alert| alert.owner);
    let people: Vec<PersonId> = people.chain(whole.alert.owner).chain(others).collect();
    let names = access.names(people).await.map_err(Failure::of)?;
    let colleagues = match may_work {
        true => {
            let found = access.colleagues(Permission::WorkAlerts, organisation, desk.now()).await;
            let mut found = found.map_err(Failure::of)?;
            found.retain(|one| one.id != desk.caller.person);
            found
        }
        false => Vec::new(),
    };
    let key = DeviceKey::new(organisation.clone(), &whole.alert.device);
    let devices = desk.caller.scope(Permission::ViewDevices);
    let device = match key.filter(|_| !whole.alert.is_flood && !devices.is_empty()) {
        // A page that cannot say what the device is, is better than none.
        Some(key) => map.device_called(&key, &devices).await.unwrap_or_default(),
        None => None,
    };
    Ok(Read { whole, names, colleagues, device, may_work, may_except })
}

/// The event that is asked for, else the first.
fn open_event(evidence: &[Evidence], ordinal: Option<u64>) -> Option<&Evidence> {
    let asked = ordinal.and_then(|wanted| evidence.iter().find(|one| one.ordinal == wanted));
    asked.or(evidence.first())
}

fn heading(evidence: &Evidence, alert: &Alert) -> String {
    let number = pieces::words::grouped(number(evidence.ordinal));
    let all = count(rows::number(alert.count), "finding", None);
    format!("Event {number} of {all}")
}

fn facts(read: &Read, told: &Told<'_>) -> Facts {
    let alert = &read.whole.alert;
    let fact = |key: &str, value: Shown| Fact { key: key.to_owned(), value, change: None };
    let time = |at| Shown::Time { at: told.moment(at) };
    let code = &alert.organisation;
    let organisation =
        Shown::Link { text: told.organisation(code), href: format!("/map/organisations/{code}") };
    let mut rows = vec![fact("Organisation", organisation)];
    rows.push(fact("Device", device(read)));
    if let Some(class) = read.device.as_ref().and_then(|device| device.class.clone()) {
        rows.push(fact("What it is", Shown::text(class)));
    }
    rows.push(fact("State", Shown::text(state(alert, told))));
    if !read.whole.story.reason.is_empty() {
        rows.push(fact("Why it was closed", Shown::text(read.whole.story.reason.clone())));
    }
    rows.push(fact("Seen", Shown::text(count(number(alert.count), "time", None))));
    rows.push(fact("First", time(alert.first_seen)));
    rows.push(fact("Last", time(alert.last_seen)));
    let rule = Shown::Link {
        text: alert.rule.title.clone(),
        href: format!("/rules/{}", link::encoded(&alert.rule.id)),
    };
    rows.push(fact("Rule", rule));
    rows.push(fact("Severity", Shown::text(capital(alert.level.as_str()))));
    Facts { is_compact: true, rows }
}

fn device(read: &Read) -> Shown {
    let alert = &read.whole.alert;
    if alert.is_flood {
        return Shown::text(count(number(alert.devices), "device", None));
    }
    match &read.device {
        Some(device) => {
            Shown::Link { text: device.name.clone(), href: format!("/devices/{}", device.id) }
        }
        None => Shown::text(alert.device.clone()),
    }
}

/// "Taken by Example Analyst", "Closed as benign by you".
fn state(alert: &Alert, told: &Told<'_>) -> String {
    let by = alert.owner.map(|owner| told.person(owner));
    let by = by.map(|name| if name == "You" { "you".to_owned() } else { name });
    let state = match (alert.state, alert.verdict) {
        (Standing::Closed, Some(verdict)) => format!("Closed as {}", verdict_in_words(verdict)),
        (Standing::New, _) => "New: nobody has it yet".to_owned(),
        (state, _) => capital(state_in_words(state)),
    };
    match by {
        Some(name) => format!("{state} by {name}"),
        None => state,
    }
}

fn action(alert: &Alert) -> String {
    format!("/alerts/act?back={}", link::encoded(&format!("/alerts/{}", alert.id)))
}

fn buttons(alert: &Alert, desk: &Desk) -> Option<Buttons> {
    let acts = match alert.state {
        Standing::New => vec![("take", "Take this alert")],
        Standing::Closed => vec![("reopen", "Reopen…")],
        Standing::Taken => return None,
    };
    let alert_seen = Chosen::of(alert).to_string();
    Some(Buttons { action: action(alert), csrf: desk.csrf(), alert: alert_seen, acts })
}

/// A form of the page. Fields of several forms stand on it, so each has a name of its own.
fn form(alert: &Alert, act: &str, fields: Vec<pieces::Field>, submit: &str, desk: &Desk) -> Form {
    let hidden = [("act", act), ("asked", "yes"), ("alert", &Chosen::of(alert).to_string())]
        .map(|(name, value)| fields::hidden(name, value));
    Form {
        action: action(alert),
        csrf: desk.csrf(),
        hidden: hidden.into(),
        fields,
        submit: submit.to_owned(),
        is_warning: false,
        cancel: None,
        has_files: false,
    }
}

fn close(alert: &Alert, desk: &Desk) -> Form {
    form(alert, "close", vec![act::verdict(""), act::text("Why", "")], "Close this alert", desk)
}

fn hand_over(alert: &Alert, colleagues: &[Colleague], desk: &Desk) -> Form {
    let fields =
        vec![act::to(colleagues, ""), fields::text("note", "What they should know (optional)", "")];
    form(alert, "hand_over", fields, "Hand over", desk)
}

fn comment(alert: &Alert, desk: &Desk) -> Form {
    let input = Input::Area { value: String::new(), rows: 3, most: None };
    form(alert, "comment", vec![fields::field("comment", "Comment", input)], "Add comment", desk)
}

fn techniques(alert: &Alert) -> Vec<Link> {
    let link = |number: String| {
        let href = format!("/alerts?technique={number}&state=any");
        Link::new(technique(number), href)
    };
    alert.rule.techniques().map(link).collect()
}

fn column(text: &str, is_numeric: bool) -> Column {
    Column { text: text.to_owned(), is_numeric, sort: None }
}

fn kept_table(whole: &Whole, open: Option<&Evidence>, told: &Told<'_>) -> Table {
    let id = whole.alert.id;
    let row = |one: &Evidence| {
        let number = pieces::words::grouped(number(one.ordinal));
        let is_open = open.is_some_and(|open| open.ordinal == one.ordinal);
        let text = if is_open { format!("{number} (open above)") } else { number };
        let href = format!("/alerts/{id}?event={}#event", one.ordinal);
        let matched = one.matched.first().map(|one| pieces::words::shortened(&one.value, 120));
        Row {
            id: one.ordinal.to_string(),
            cells: vec![
                Cell::Link { text, href },
                Cell::Time { at: told.moment(one.at), is_short: false },
                Cell::text(one.device.clone()),
                Cell::text(matched.unwrap_or_default()),
            ],
            is_new: false,
        }
    };
    let all = rows::number(whole.alert.count);
    let kept = rows::number(whole.evidence.len() as u64);
    let caption = match kept < all {
        true => format!(
            "{} kept of {}: the first ten and the newest ten",
            count(kept, "event", None),
            pieces::words::grouped(all)
        ),
        false => format!("{} kept", count(kept, "event", None)),
    };
    Table {
        id: "kept".to_owned(),
        caption,
        is_caption_hidden: false,
        is_compact: true,
        columns: vec![
            column("Event", false),
            column("When", false),
            column("Device", false),
            column("What it said", false),
        ],
        rows: whole.evidence.iter().map(row).collect(),
        selection: None,
    }
}

fn of_device(alerts: &[Alert], told: &Told<'_>) -> Option<Table> {
    let row = |alert: &Alert| {
        let told_row = told.row(alert);
        Row { id: alert.id.to_string(), ..told_row }
    };
    (!alerts.is_empty()).then(|| Table {
        id: "of-device".to_owned(),
        caption: "Other alerts of this device".to_owned(),
        is_caption_hidden: false,
        is_compact: true,
        columns: vec![
            column("What happened", false),
            column("Harm", false),
            column("Organisation and device", false),
            column("Last seen", false),
            column("Times", true),
            column("Who has it", false),
        ],
        rows: alerts.iter().map(row).collect(),
        selection: None,
    })
}

fn flood_devices(devices: &[DeviceOfFlood]) -> Option<Table> {
    let row = |(at, one): (usize, &DeviceOfFlood)| Row {
        id: format!("flood-{at}"),
        cells: vec![Cell::text(one.device.clone()), Cell::Number { number: number(one.count) }],
        is_new: false,
    };
    (!devices.is_empty()).then(|| Table {
        id: "flood".to_owned(),
        caption: "Devices with the most findings".to_owned(),
        is_caption_hidden: false,
        is_compact: true,
        columns: vec![column("Device", false), column("Findings", true)],
        rows: devices.iter().enumerate().map(row).collect(),
        selection: None,
    })
}

fn history(deeds: &[Deed], told: &Told<'_>) -> History {
    let deed = |deed: &Deed| {
        let what = what(&deed.kind, told);
        let what = if deed.is_undone { format!("{what} (taken back later)") } else { what };
        pieces::Deed {
            at: told.moment(deed.at),
            who: deed.person.map_or_else(|| "Ward".to_owned(), |person| told.person(person)),
            what,
            note: Some(deed.text.clone()).filter(|text| !text.is_empty()),
        }
    };
    let deeds = deeds.iter().rev().map(deed).collect();
    History { title: "Who did what".to_owned(), deeds, older: None }
}

fn what(kind: &DeedKind, told: &Told<'_>) -> String {
    match kind {
        DeedKind::Opened => "opened the alert".to_owned(),
        DeedKind::Taken => "took it".to_owned(),
        DeedKind::HandedOver { to } => {
            let to = told.person(*to);
            let to = if to == "You" { "you".to_owned() } else { to };
            format!("handed it over to {to}")
        }
        DeedKind::Commented => "wrote".to_owned(),
        DeedKind::Closed { verdict } => format!("closed it as {}", verdict_in_words(*verdict)),
        DeedKind::Reopened => "reopened it".to_owned(),
        DeedKind::ExceptionMade { .. } => "made an exception from it".to_owned(),
        DeedKind::Undone { .. } => "took the last act back".to_owned(),
    }
}
