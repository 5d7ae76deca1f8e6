//! Making an exception from an alert: prefilled with what made the rule hold, tried on earlier
//! alerts before it is made.

use access::{
    Caller, Permission,
    audit::{self, Entry, On},
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use bus::Broadcast;
use detect::{
    alert::{
        Alert, AlertError, Alerts, Condition, Evidence, NewException, Operator, service::Whole,
    },
    watch::RulesInForce,
};
use jiff::{ToSpan, civil::Date, tz::TimeZone};
use sector::{Graph, Map};
use serde::{Deserialize, Serialize};
use serde_json::json;
use terms::{AlertId, ExceptionId, Part, Scope, Timestamp};

use super::{preview, words};
use crate::{
    failure::Failure,
    form::Posted,
    news::News,
    page::{Desk, done},
    pages::{
        alerts::{failed::failed, rows},
        fields::{self, sentence},
    },
    pieces::{Breadcrumbs, Choice, ErrorSummary, Field, FieldError, Input, Link, words::shortened},
    view,
};

/// What was filled in. The three lists of conditions go together by their order.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct MakeForm {
    name: String,
    part: String,
    /// `this` or `any`.
    device: String,
    field: Vec<String>,
    operator: Vec<String>,
    /// One value a line.
    values: Vec<String>,
    reason: String,
    /// A day, which is included.
    expires: String,
    /// `preview` tries it, anything else makes it.
    step: String,
}

/// The page.
#[derive(Serialize)]
struct MakePage {
    breadcrumbs: Breadcrumbs,
    errors: ErrorSummary,
    /// What happened, by the alert it is made from.
    what: String,
    rule: String,
    action: String,
    csrf: String,
    cancel: String,
    /// Name, part and device.
    before: Vec<Field>,
    conditions: Vec<ConditionFields>,
    /// Reason and end.
    after: Vec<Field>,
    preview: Option<String>,
}

/// The fields of one condition.
#[derive(Serialize)]
struct ConditionFields {
    /// From 1 on.
    number: usize,
    field: String,
    operators: Vec<Choice>,
    values: String,
}

/// How long an exception holds unless asked otherwise.
const USUAL_DAYS: i64 = 90;
/// Empty conditions that can be filled in.
const SPARE: usize = 2;
/// Conditions that are taken over from the event.
const TAKEN_OVER: usize = 8;

/// What the page is made of.
struct Ground {
    whole: Whole,
    scope: Scope,
}

async fn ground(alerts: &Alerts, map: &Map, id: &str, desk: &Desk) -> Result<Ground, Failure> {
    let scope = desk.whole_scope(Permission::ManageExceptions)?;
    let id: AlertId = id.parse().map_err(|_| Failure::not_found())?;
    let seen = desk.whole_scope(Permission::ViewAlerts)?;
    let whole = alerts.whole(&seen, id).await.map_err(failed)?;
    match map.graph().contains(&scope, &whole.alert.organisation) {
        true => Ok(Ground { whole, scope }),
        false => Err(Failure::forbidden(Permission::ManageExceptions.label())),
    }
}

/// Shows the form, filled with what made the rule hold.
pub(super) async fn ask(
    State(alerts): State<Alerts>,
    State(map): State<Map>,
    Path(id): Path<String>,
    desk: Desk,
) -> Result<Response, Failure> {
    let ground = ground(&alerts, &map, &id, &desk).await?;
    let form = prefilled(&ground.whole, &desk);
    let page = page(&ground, &form, &[], None, &desk, &map.graph());
    Ok(desk.page("exceptions/make.html", "Make an exception", "/alerts", &[], page))
}

fn prefilled(whole: &Whole, desk: &Desk) -> MakeForm {
    let alert = &whole.alert;
    let conditions = conditions_of(whole.evidence.first());
    let zone = TimeZone::get(&desk.caller.time_zone).unwrap_or(TimeZone::UTC);
    let today = desk.now().to_zoned(zone).date();
    let ends = today.checked_add(USUAL_DAYS.days()).unwrap_or(today);
    MakeForm {
        name: shortened(&alert.rule.title, 100),
        part: Part::Organisation(alert.organisation.clone()).to_string(),
        device: if has_device(alert) { "this" } else { "any" }.to_owned(),
        field: conditions.iter().map(|one| one.field.clone()).collect(),
        operator: conditions.iter().map(|one| one.operator.as_str().to_owned()).collect(),
        values: conditions.iter().map(|one| one.values.join("\n")).collect(),
        reason: String::new(),
        expires: ends.to_string(),
        step: String::new(),
    }
}

fn has_device(alert: &Alert) -> bool {
    !alert.is_flood && !alert.device.is_empty()
}

/// What made the rule hold, as conditions: each field is what the event says. Fields the rule
/// found anywhere, or found absent, make no condition.
fn conditions_of(evidence: Option<&Evidence>) -> Vec<Condition> {
    let mut conditions: Vec<Condition> = Vec::new();
    for one in evidence.into_iter().flat_map(|evidence| &evidence.matched) {
        let is_usable = !one.field.is_empty()
            && !one.value.is_empty()
            && !one.value.contains('\n')
            && !conditions.iter().any(|known| known.field == one.field);
        if is_usable && conditions.len() < TAKEN_OVER {
            conditions.push(Condition {
                field: one.field.clone(),
                operator: Operator::Equals,
                values: vec![one.value.clone()],
            });
        }
    }
    conditions
}

/// Something that must be mended.
struct Mend {
    field: &'static str,
    why: String,
}

/// Tries an exception or makes it.
pub(super) async fn make(
    State(alerts): State<Alerts>,
    State(map): State<Map>,
    State(rules): State<RulesInForce>,
    State(news): State<Broadcast<News>>,
    Path(id): Path<String>,
    desk: Desk,
    Posted { form, .. }: Posted<MakeForm>,
) -> Result<Response, Failure> {
    let ground = ground(&alerts, &map, &id, &desk).await?;
    let graph = map.graph();
    let alert = &ground.whole.alert;
    let zone = desk.caller.time_zone.clone();
    let mut mend = Vec::new();
    let new = asked_by_form(&form, alert, &zone, &mut mend);
    if mend.is_empty()
        && let Err(error) = new.check(desk.now())
    {
        mend.push(Mend { field: field_of(&error.to_string()), why: sentence(&error) });
    }
    if mend.is_empty() && form.step != "preview" {
        let caller = (&desk.caller, &ground.scope);
        match made(&alerts, &news, caller, &new, Some(alert), desk.now()).await {
            Ok(id) => {
                let text = format!("The exception “{}” is made", new.name.trim());
                return Ok(done(&format!("/exceptions/{id}"), &text, None));
            }
            Err(AlertError::OutOfScope) => mend.push(Mend {
                field: "part",
                why: "You may make exceptions only for what lies within your reach.".to_owned(),
            }),
            Err(error) => return Err(failed(error)),
        }
    }
    let tried = match mend.is_empty() {
        true => {
            let catalogue = rules.now().catalogue().clone();
            let seen = desk.whole_scope(Permission::ViewAlerts)?;
            let tried = preview::tried(&alerts, (&seen, &graph), &new, catalogue, desk.now());
            Some(tried.await?)
        }
        false => None,
    };
    let status = if mend.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = page(&ground, &form, &mend, tried, &desk, &graph);
    let title = "Make an exception";
    Ok(desk.page_with(status, "exceptions/make.html", title, "/alerts", &[], page))
}

/// The field that an error of the service is about.
fn field_of(error: &str) -> &'static str {
    match error {
        text if text.contains("no name") || text.contains("the name") => "name",
        text if text.contains("reason") => "reason",
        text if text.contains("end after now") => "expires",
        _ => "conditions",
    }
}

/// What the form asks for; what cannot be read is told in `mend`.
fn asked_by_form(form: &MakeForm, alert: &Alert, zone: &str, mend: &mut Vec<Mend>) -> NewException {
    let part = form.part.parse().unwrap_or_else(|_| {
        mend.push(Mend { field: "part", why: "Choose where it shall hold.".to_owned() });
        Part::Organisation(alert.organisation.clone())
    });
    let expires_at = end_of_day(&form.expires, zone).unwrap_or_else(|| {
        let why = "Write the day on which it ends, as 2026-11-24.".to_owned();
        mend.push(Mend { field: "expires", why });
        Timestamp::MAX
    });
    NewException {
        name: form.name.clone(),
        rule: Some(alert.rule.id.clone()),
        part,
        conditions: conditions(form, mend),
        device: (form.device == "this" && has_device(alert)).then(|| alert.device.clone()),
        reason: form.reason.clone(),
        expires_at,
    }
}

/// The conditions that have a field; the others were left empty.
fn conditions(form: &MakeForm, mend: &mut Vec<Mend>) -> Vec<Condition> {
    let mut conditions = Vec::new();
    for (at, field) in form.field.iter().enumerate().filter(|(_, field)| !field.trim().is_empty()) {
        let operator = form.operator.get(at).map(|word| word.parse::<Operator>());
        let Some(Ok(operator)) = operator else {
            let why = format!("Choose how {field} is compared.");
            mend.push(Mend { field: "conditions", why });
            continue;
        };
        let values = form.values.get(at).map(String::as_str).unwrap_or_default().lines();
        let values = values.map(str::to_owned).filter(|value| !value.is_empty());
        conditions.push(Condition {
            field: field.trim().to_owned(),
            operator,
            values: values.collect(),
        });
    }
    conditions
}

/// The end of a day in somebody's zone.
fn end_of_day(text: &str, zone: &str) -> Option<Timestamp> {
    let day = text.trim().parse::<Date>().ok()?.checked_add(1.day()).ok()?;
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    Some(day.to_zoned(zone).ok()?.timestamp())
}

/// Makes an exception, with its trace. For pages and API.
pub(crate) async fn made(
    alerts: &Alerts,
    news: &Broadcast<News>,
    (caller, scope): (&Caller, &Scope),
    new: &NewException,
    from: Option<&Alert>,
    now: Timestamp,
) -> Result<ExceptionId, AlertError> {
    let write = alerts.db().write().await?;
    let alert = from.map(|alert| alert.id);
    let id = alerts.make_exception(&write, scope, new, alert, caller.person, now).await?;
    let entry = Entry::new(now, caller.who(), "exception.make", On::new("exception", id));
    let entry = entry.with(json!({
        "name": new.name.trim(),
        "rule": new.rule,
        "part": new.part.to_string(),
        "device": new.device,
        "expires_at": new.expires_at.to_string(),
        "from": alert.map(|id| id.to_string()),
    }));
    let entry = match &new.part {
        Part::Organisation(code) => entry.of(code.clone()),
        _ => entry,
    };
    audit::append(&write, entry).await?;
    write.commit().await.map_err(|error| AlertError::Db(error.into()))?;
    if let Some(alert) = from {
        news.publish(News::Alerts([(alert.id, alert.organisation.clone())].into()));
    }
    news.publish(News::Rules);
    Ok(id)
}

fn page(
    ground: &Ground,
    form: &MakeForm,
    mend: &[Mend],
    preview: Option<String>,
    desk: &Desk,
    graph: &Graph,
) -> MakePage {
    let alert = &ground.whole.alert;
    let why =
        |field: &str| mend.iter().find(|mend| mend.field == field).map(|mend| mend.why.clone());
    let before = vec![
        fields::text("name", "Name", &form.name)
            .hint("What you would call it in a list")
            .wrong(why("name")),
        part_field(form, alert, &ground.scope, graph).wrong(why("part")),
        device_field(form, alert),
    ];
    let reason = Input::Area { value: form.reason.clone(), rows: 3, most: None };
    let after = vec![
        fields::field("reason", "Why need nobody see these?", reason)
            .hint("Others will read it when the exception ends or an attack hides behind it")
            .wrong(why("reason")),
        expires_field(form).wrong(why("expires")),
    ];
    let errors = mend.iter().map(|mend| FieldError {
        text: mend.why.clone(),
        field: Some(match mend.field {
            "conditions" => "field-1".to_owned(),
            field => field.to_owned(),
        }),
    });
    let path = format!("/alerts/{}", alert.id);
    let crumbs = vec![Link::new("Alerts", "/alerts"), Link::new("Alert", path.as_str())];
    MakePage {
        breadcrumbs: Breadcrumbs { items: crumbs },
        errors: ErrorSummary { errors: errors.collect() },
        what: rows::what(alert),
        rule: alert.rule.title.clone(),
        action: format!("{path}/exception"),
        csrf: desk.csrf(),
        cancel: path,
        before,
        conditions: condition_fields(form),
        after,
        preview,
    }
}

/// Where it may hold: the alert's organisation, and wider parts that are all the caller's.
fn part_field(form: &MakeForm, alert: &Alert, scope: &Scope, graph: &Graph) -> Field {
    let own = Part::Organisation(alert.organisation.clone());
    let wider = scope.parts().iter().filter(|part| {
        **part != own && graph.contains(&Scope::of([(*part).clone()]), &alert.organisation)
    });
    let choices = [&own].into_iter().chain(wider).map(|part| {
        let name = match part {
            Part::Sector => "the whole sector".to_owned(),
            part => view::name_in(part, graph),
        };
        Choice::new(part.to_string(), name, &form.part)
    });
    let input = Input::Radios { choices: choices.collect() };
    fields::field("part", "Where does it hold?", input)
}

fn device_field(form: &MakeForm, alert: &Alert) -> Field {
    let mut choices = vec![Choice::new("any", "Any device", &form.device)];
    if has_device(alert) {
        let text = format!("Only {}", alert.device);
        choices.insert(0, Choice::new("this", text, &form.device));
    }
    fields::field("device", "On which device?", Input::Radios { choices })
}

fn expires_field(form: &MakeForm) -> Field {
    let input = Input::Text {
        value: form.expires.clone(),
        of: "date",
        autocomplete: "off",
        is_digits: false,
        width: Some(10),
    };
    fields::field("expires", "Last day", input)
        .hint("At most a year from now. Then findings are shown again")
}

fn condition_fields(form: &MakeForm) -> Vec<ConditionFields> {
    let filled = form.field.iter().filter(|field| !field.trim().is_empty()).count();
    let mut rows: Vec<(&str, &str, &str)> = form
        .field
        .iter()
        .enumerate()
        .filter(|(_, field)| !field.trim().is_empty())
        .map(|(at, field)| {
            let operator = form.operator.get(at).map_or("equals", String::as_str);
            (field.as_str(), operator, form.values.get(at).map_or("", String::as_str))
        })
        .collect();
    rows.resize(filled + SPARE, ("", "equals", ""));
    rows.into_iter()
        .enumerate()
        .map(|(at, (field, operator, values))| ConditionFields {
            number: at + 1,
            field: field.to_owned(),
            operators: Operator::ALL
                .iter()
                .map(|one| Choice::new(one.as_str(), words::operator(*one), operator))
                .collect(),
            values: values.to_owned(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_go_together_by_their_order_and_empty_ones_are_left_out() {
        let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
        let form = MakeForm {
            field: texts(&["Image", "", "CommandLine", "Other"]),
            operator: texts(&["endswith", "equals", "contains", "odd"]),
            values: texts(&["\\a.exe\r\n\\b.exe\r\n", "x", "y", "z"]),
            ..MakeForm::default()
        };
        let mut mend = Vec::new();
        let read = conditions(&form, &mut mend);
        assert_eq!(read.len(), 2);
        assert_eq!(read[0].values, ["\\a.exe", "\\b.exe"]);
        assert_eq!((read[1].field.as_str(), read[1].operator), ("CommandLine", Operator::Contains));
        assert_eq!(mend.len(), 1);
        assert!(mend[0].why.contains("Other"));
        assert_eq!(condition_fields(&form).len(), 3 + SPARE);
    }

    #[test]
    fn the_last_day_is_included_in_the_zone_of_the_reader() {
        let end = end_of_day("2026-07-01", "Europe/London").expect("a day");
        assert_eq!(end.to_string(), "2026-07-01T23:00:00Z");
        assert_eq!(end_of_day("soon", "UTC"), None);
    }

    #[test]
    fn errors_of_the_service_stand_beside_their_field() {
        assert_eq!(field_of("the exception has no name"), "name");
        assert_eq!(field_of("the exception has no reason"), "reason");
        assert_eq!(field_of("the exception must end after now and within 366 days"), "expires");
        assert_eq!(field_of("the condition on Image has no value"), "conditions");
    }
}
