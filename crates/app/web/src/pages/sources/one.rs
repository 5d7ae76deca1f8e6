//! The page of a source: its rate over a day, how late it is, and what it sent that could not be
//! used, with how that begins.

use access::{Access, Permission};
use axum::{
    extract::{Path, State},
    response::Response,
};
use intake::{Failure as Failed, Intake, Minute};
use sector::Map;
use serde::Serialize;
use terms::{Timestamp, TokenId};

use super::{
    heard::{self, Doing, Heard},
    list::{bytes, lag},
};
use crate::{
    failure::Failure,
    page::Desk,
    pages::{fields::sentence, rules::plain_table},
    pieces::{
        Bars, Breadcrumbs, Cell, Code, Fact, Facts, Link, Row, Shown, Table,
        words::{count, grouped},
    },
};

/// The page.
#[derive(Serialize)]
struct SourcePage {
    breadcrumbs: Breadcrumbs,
    title: String,
    says: String,
    picture: Bars,
    facts: Facts,
    failures: Option<Table>,
    samples: Vec<Code>,
    set_up: Link,
}

const SECONDS_A_DAY: i64 = 86_400;
/// A bar's span.
const BAR_SECONDS: i64 = 1_800;
const BARS: usize = 48;
/// Samples shown in full.
const SAMPLES: usize = 5;

/// `GET /sources/{id}`.
pub(super) async fn one(
    State(intake): State<Intake>,
    State(access): State<Access>,
    State(map): State<Map>,
    Path(id): Path<String>,
    desk: Desk,
) -> Result<Response, Failure> {
    let (scope, now) = (desk.scope(Permission::ViewSources)?, desk.now());
    let id: TokenId = id.parse().map_err(|_| Failure::not_found())?;
    let day_ago = Timestamp::from_second(now.as_second() - SECONDS_A_DAY).unwrap_or(now);
    let found = intake.source(&scope, id, day_ago).await;
    let found = found.map_err(|error| Failure::internal(&error))?;
    let (state, minutes, failures) = found.ok_or_else(Failure::not_found)?;
    let name = access.token_names([id]).await.map_err(Failure::of)?.remove(&id);
    let lately = heard::since(now);
    let last_hour: Vec<Minute> = minutes.iter().filter(|one| one.at >= lately).copied().collect();
    let source = heard::heard(state, name, &map.graph(), now).with(&last_hour, now);
    let samples = failures.iter().filter(|one| !one.sample.is_empty()).take(SAMPLES);
    let body = SourcePage {
        breadcrumbs: Breadcrumbs { items: vec![Link::new("Sources", "/sources")] },
        title: source.name.clone(),
        says: says(&source, &last_hour),
        picture: picture(&minutes, &desk),
        facts: facts(&source, &desk),
        samples: samples.map(|one| Code::marked(sentence(&one.reason), &one.sample, &[])).collect(),
        failures: (!failures.is_empty()).then(|| table(&failures, &desk)),
        set_up: Link::new("How a source is set up", "/sources/new"),
    };
    let title = body.title.clone();
    Ok(desk.page("sources/one.html", &title, "/more", &[], body))
}

fn says(source: &Heard, last_hour: &[Minute]) -> String {
    let sum = |part: fn(&Minute) -> i64| last_hour.iter().map(part).sum::<i64>();
    let records = count(sum(|one| one.events), "record", None);
    let bad = sum(|one| one.refused) + sum(|one| one.unread);
    match source.doing {
        Doing::Well => format!("All is well: {records} came in the last hour."),
        Doing::Lagging => format!(
            "It lags: its newest record was {} old when it came. What it reports is seen late.",
            lag(source.state.lag_s.unwrap_or_default())
        ),
        Doing::Silent => "It is silent: nothing came in the last hour. Look whether its program \
                          runs and reaches Ward."
            .to_owned(),
        Doing::Failing => format!(
            "{} of the last hour could not be used; {records} could. See below why.",
            count(bad, "record", None)
        ),
    }
}

/// Records of a day in half hours, each named by when it began.
fn picture(minutes: &[Minute], desk: &Desk) -> Bars {
    let this = desk.now().as_second().div_euclid(BAR_SECONDS) * BAR_SECONDS;
    let start = this - (BARS as i64 - 1) * BAR_SECONDS;
    let mut sums = vec![0; BARS];
    for minute in minutes {
        let at = (minute.at.as_second() - start).div_euclid(BAR_SECONDS);
        if let Some(sum) = usize::try_from(at).ok().and_then(|at| sums.get_mut(at)) {
            *sum += minute.events;
        }
    }
    let total: i64 = sums.iter().sum();
    let name = |at: i64| {
        let began = Timestamp::from_second(start + at * BAR_SECONDS);
        began.map(|began| desk.moment(began).day).unwrap_or_default()
    };
    let values: Vec<(String, i64)> = (0..).zip(sums).map(|(at, sum)| (name(at), sum)).collect();
    let title = format!("{} came in the last 24 hours", count(total, "record", None));
    Bars::new(&title, "record", "half hour", &values)
}

fn facts(source: &Heard, desk: &Desk) -> Facts {
    let state = &source.state;
    let fact = |key: &str, value| Fact { key: key.to_owned(), value, change: None };
    let organisation = Shown::Link {
        text: source.organisation.clone(),
        href: format!("/map/organisations/{}", state.organisation),
    };
    let rows = vec![
        fact("Organisation", organisation),
        fact("State", Shown::text(source.doing.tag().0)),
        fact("Last heard", Shown::Time { at: desk.moment(state.last_at) }),
        fact("First heard", Shown::Time { at: desk.moment(state.first_at) }),
        fact("Lag", state.lag_s.map_or(Shown::Unknown, |seconds| Shown::text(lag(seconds)))),
        fact("Records in all", Shown::Number { number: state.events }),
        fact("Their size", Shown::text(bytes(state.bytes))),
        fact("Refused in all", Shown::Number { number: state.refused }),
        fact("Accepted but not read", Shown::Number { number: state.unread }),
    ];
    Facts { is_compact: true, rows }
}

fn table(failures: &[Failed], desk: &Desk) -> Table {
    let rows = failures.iter().enumerate().map(|(at, one)| Row {
        id: at.to_string(),
        cells: vec![
            Cell::Time { at: desk.moment(one.at), is_short: false },
            Cell::text(if one.line > 0 { grouped(one.line) } else { String::new() }),
            Cell::text(sentence(&one.reason)),
        ],
        is_new: false,
    });
    let columns = ["When", "Line of the request", "Why it could not be used"];
    plain_table("failures", "What could not be used lately", &columns, rows.collect())
}
