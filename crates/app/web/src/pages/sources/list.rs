//! All sources in one list: how each does, its rate, its lag, what it sent in vain.

use std::cmp::Reverse;

use access::{Access, Permission};
use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use intake::{Intake, Minute};
use sector::{Cursor, Map, Page, Total};
use serde::Serialize;
use serde_json::json;
use terms::{Scope, Timestamp};

use super::heard::{self, Doing, Heard};
use crate::{
    export::{Cells, Format, Sheet},
    failure::Failure,
    page::Desk,
    pages::map::address::{Address, ROWS},
    pages::rules::chips,
    pieces::{
        Bars, Cell, Choice, Column, Filters, Hidden, Link, Pagination, Panel, Row, Search, Select,
        Sparkline, State as PanelState, Table,
        words::{count, grouped},
    },
};

/// Names of the address.
pub(crate) const NAMES: [&str; 4] = ["q", "state", "sort", "order"];

/// The page.
#[derive(Serialize)]
struct ListPage {
    says: String,
    picture: Option<Bars>,
    new: Link,
    filters: Filters,
    panel: Option<Panel>,
    table: Option<Table>,
    pagination: Option<Pagination>,
    exports: Vec<Link>,
}

/// What is asked for.
pub(crate) struct Query {
    words: Vec<String>,
    doing: Option<Doing>,
    sort: &'static str,
    is_descending: bool,
}

impl Query {
    /// Reads a question. Errors: which parameter cannot be used, and why.
    pub(crate) fn read<'a>(get: impl Fn(&str) -> &'a str) -> Result<Self, Failure> {
        let bad = |what: &str| Failure::new(StatusCode::BAD_REQUEST, what);
        let doing = match get("state") {
            "" => None,
            word => Some(
                Doing::of_word(word)
                    .ok_or_else(|| bad("state: write well, lagging, silent or failing"))?,
            ),
        };
        let sort = match get("sort") {
            "" | "last" => "last",
            "name" => "name",
            "lag" => "lag",
            "refused" => "refused",
            _ => return Err(bad("sort: write name, last, lag or refused")),
        };
        let is_descending = match get("order") {
            "" => sort != "name",
            "asc" => false,
            "desc" => true,
            _ => return Err(bad("order: write asc or desc")),
        };
        let words = get("q").to_lowercase();
        let words = words.split_whitespace().map(str::to_owned).collect();
        Ok(Self { words, doing, sort, is_descending })
    }

    fn fits(&self, one: &Heard) -> bool {
        let text = format!("{}\n{}\n{}", one.name, one.organisation, one.state.organisation);
        let text = text.to_lowercase();
        self.words.iter().all(|word| text.contains(word))
    }

    fn sorted(&self, mut found: Vec<Heard>) -> Vec<Heard> {
        found.sort_by_cached_key(|one| (one.name.to_lowercase(), one.state.source));
        match self.sort {
            "name" => {}
            "lag" => found.sort_by_key(|one| Reverse(one.state.lag_s)),
            "refused" => found.sort_by_key(|one| Reverse(one.state.refused + one.state.unread)),
            _ => found.sort_by_key(|one| Reverse(one.state.last_at)),
        }
        if self.is_descending == (self.sort == "name") {
            found.reverse();
        }
        found
    }

    /// The sources that fit, in order.
    pub(crate) async fn answer(
        &self,
        intake: &Intake,
        scope: &Scope,
        all: Vec<Heard>,
        now: Timestamp,
    ) -> Result<Vec<Heard>, Failure> {
        let found = self.sorted(all.into_iter().filter(|one| self.fits(one)).collect());
        let Some(doing) = self.doing else { return Ok(found) };
        // Whether one fails its minutes tell; this costs a look at each.
        let looked = heard::minutes(intake, scope, found, now).await?.into_iter();
        Ok(looked.map(|(one, _)| one).filter(|one| one.doing == doing).collect())
    }
}

/// `GET /sources`.
pub(super) async fn list(
    State(intake): State<Intake>,
    State(access): State<Access>,
    State(map): State<Map>,
    RawQuery(raw): RawQuery,
    desk: Desk,
) -> Result<Response, Failure> {
    let (scope, now) = (desk.scope(Permission::ViewSources)?, desk.now());
    let address = Address::read("/sources", raw.as_deref(), &NAMES);
    let query = Query::read(|name| address.get(name))?;
    let all = heard::all(&intake, &access, &map.graph(), &scope, now).await?;
    let page = cut(query.answer(&intake, &scope, all.clone(), now).await?, &address);
    let pagination = address.pages(&page, "source", "sources");
    let rows = heard::minutes(&intake, &scope, page.rows, now).await?;
    let body = ListPage {
        says: says(&all, &rows),
        picture: (!rows.is_empty()).then(|| picture(&rows, now)),
        new: Link::new("Set up a source", "/sources/new"),
        filters: filters(&address),
        panel: rows.is_empty().then(|| empty(&address)),
        table: (!rows.is_empty()).then(|| table(&rows, &address, &query, &desk)),
        pagination,
        exports: vec![
            Link::new("CSV", address.elsewhere("/sources/export.csv")),
            Link::new("JSON lines", address.elsewhere("/sources/export.jsonl")),
        ],
    };
    Ok(desk.page("sources/list.html", "Sources", "/more", &["filters"], body))
}

/// The page of sources an address asks for. A place that is gone leads to the beginning.
fn cut(mut found: Vec<Heard>, address: &Address) -> Page<Heard> {
    let total = Total::Exactly(found.len() as u64);
    let after = address.request().after;
    let at = after
        .and_then(|after| found.iter().position(|one| one.state.source.to_string() == after.0));
    found.drain(..at.map_or(0, |at| at + 1));
    let has_more = found.len() > usize::from(ROWS);
    found.truncate(usize::from(ROWS));
    let next = found.last().filter(|_| has_more);
    Page { next: next.map(|one| Cursor(one.state.source.to_string())), rows: found, total }
}

/// How the sources do, as far as their totals tell; and of those on the page how many fail.
fn says(all: &[Heard], rows: &[(Heard, Vec<Minute>)]) -> String {
    let number = |doing: Doing| all.iter().filter(|one| one.doing == doing).count() as i64;
    let failing = rows.iter().filter(|(one, _)| one.doing == Doing::Failing).count() as i64;
    let sources = count(all.len() as i64, "source", None);
    let parts = [
        (failing, "sends what cannot be used", "send what cannot be used"),
        (number(Doing::Silent), "is silent", "are silent"),
        (number(Doing::Lagging), "lags", "lag"),
    ];
    let parts = parts.into_iter().filter(|(number, ..)| *number > 0);
    let parts: Vec<String> =
        parts.map(|(number, one, many)| count(number, one, Some(many))).collect();
    match parts.is_empty() {
        _ if all.is_empty() => "Nothing sends telemetry yet.".to_owned(),
        true => format!("{sources}: all are heard, none lags, and all can be read."),
        false => format!("{sources}: {}.", parts.join(", ")),
    }
}

fn picture(rows: &[(Heard, Vec<Minute>)], now: Timestamp) -> Bars {
    let mut sums = vec![0; heard::MINUTES];
    for (_, minutes) in rows {
        for (sum, rate) in sums.iter_mut().zip(heard::rates(minutes, now)) {
            *sum += rate;
        }
    }
    let total: i64 = sums.iter().sum();
    let title = format!(
        "{} came in the last hour from the {} shown below",
        count(total, "record", None),
        count(rows.len() as i64, "source", None)
    );
    let values: Vec<(String, i64)> = (0..)
        .zip(sums)
        .map(|(at, sum)| match heard::MINUTES as i64 - 1 - at {
            0 => ("this minute".to_owned(), sum),
            ago => (format!("{} ago", count(ago, "minute", None)), sum),
        })
        .collect();
    Bars::new(&title, "record", "minute", &values)
}

fn table(rows: &[(Heard, Vec<Minute>)], address: &Address, query: &Query, desk: &Desk) -> Table {
    let now = desk.now();
    let rates: Vec<Vec<i64>> = rows.iter().map(|(_, minutes)| heard::rates(minutes, now)).collect();
    let top = rates.iter().flatten().copied().max().unwrap_or_default();
    let sort = |word: &str| Some(sorted(address, query, word));
    let column = |text: &str, is_numeric, sort| Column { text: text.to_owned(), is_numeric, sort };
    let row = |((one, _), rates): (&(Heard, Vec<Minute>), &Vec<i64>)| {
        let (text, colour) = one.doing.tag();
        let cells = vec![
            Cell::Lines {
                text: one.name.clone(),
                below: one.organisation.clone(),
                href: Some(format!("/sources/{}", one.state.source)),
            },
            Cell::Tag { text: text.to_owned(), colour },
            Cell::Spark { spark: Sparkline::new("Records a minute, last hour", rates, top) },
            Cell::text(one.state.lag_s.map(lag).unwrap_or_default()),
            Cell::Time { at: desk.moment(one.state.last_at), is_short: true },
            Cell::Number { number: one.state.refused },
            Cell::Number { number: one.state.unread },
        ];
        Row { id: one.state.source.to_string(), cells, is_new: false }
    };
    Table {
        id: "sources".to_owned(),
        caption: "Sources".to_owned(),
        is_caption_hidden: true,
        is_compact: true,
        columns: vec![
            column("Source", false, sort("name")),
            column("State", false, None),
            column("Records a minute", false, None),
            column("Lag", false, sort("lag")),
            column("Last heard", false, sort("last")),
            column("Refused", true, sort("refused")),
            column("Not read", true, None),
        ],
        rows: rows.iter().zip(&rates).map(row).collect(),
        selection: None,
    }
}

fn sorted(address: &Address, query: &Query, word: &str) -> crate::pieces::Sort {
    let is_current = query.sort == word;
    let direction = match (is_current, query.is_descending) {
        (false, _) => "none",
        (true, false) => "ascending",
        (true, true) => "descending",
    };
    let order = match (is_current, query.is_descending) {
        (false, _) => "",
        (true, true) => "asc",
        (true, false) => "desc",
    };
    crate::pieces::Sort { href: address.with("sort", word).with("order", order).href(), direction }
}

/// "12 seconds", "3 minutes", "5 hours".
pub(super) fn lag(seconds: i64) -> String {
    match seconds {
        ..60 => count(seconds.max(0), "second", None),
        60..3_600 => count(seconds / 60, "minute", None),
        3_600..172_800 => count(seconds / 3_600, "hour", None),
        _ => count(seconds / 86_400, "day", None),
    }
}

fn filters(address: &Address) -> Filters {
    let chosen = address.get("state");
    let any = Choice::new("", "Any", chosen);
    let rest = Doing::ALL.iter().map(|one| Choice::new(one.as_str(), one.tag().0, chosen));
    let selects = vec![Select {
        name: "state".to_owned(),
        label: "State".to_owned(),
        choices: std::iter::once(any).chain(rest).collect(),
    }];
    let hidden = ["sort", "order"].into_iter().filter(|name| !address.get(name).is_empty());
    Filters {
        action: "/sources".to_owned(),
        title: "Filter sources".to_owned(),
        search: Some(Search {
            name: "q".to_owned(),
            label: "Source or organisation".to_owned(),
            value: address.get("q").to_owned(),
        }),
        hidden: hidden
            .map(|name| Hidden { name: name.to_owned(), value: address.get(name).to_owned() })
            .collect(),
        chips: chips(address, &selects),
        selects,
        clear: "/sources".to_owned(),
    }
}

fn empty(address: &Address) -> Panel {
    let (title, text, next) = match address.is_narrowed() {
        true => (
            "No sources match these filters",
            "Take a filter away, or look at all sources.",
            Link::new("Show all sources", "/sources"),
        ),
        false => (
            "Nothing was heard yet",
            "A source appears here when it sends its first record. Set one up with any of the \
             usual shippers.",
            Link::new("Set up a source", "/sources/new"),
        ),
    };
    Panel {
        state: PanelState::Empty,
        title: title.to_owned(),
        text: text.to_owned(),
        next: Some(next),
        progress: None,
    }
}

const SHEET: Sheet = Sheet {
    name: "sources",
    columns: &[
        "id",
        "name",
        "organisation",
        "organisation_name",
        "state",
        "first_heard",
        "last_heard",
        "lag_seconds",
        "records",
        "bytes",
        "refused",
        "unread",
    ],
};

/// The list as CSV.
pub(super) async fn csv(
    intake: State<Intake>,
    access: State<Access>,
    map: State<Map>,
    raw: RawQuery,
    desk: Desk,
) -> Result<Response, Failure> {
    file(Format::Csv, intake, access, map, raw, desk).await
}

/// The list as JSON, an object a line.
pub(super) async fn json_lines(
    intake: State<Intake>,
    access: State<Access>,
    map: State<Map>,
    raw: RawQuery,
    desk: Desk,
) -> Result<Response, Failure> {
    file(Format::JsonLines, intake, access, map, raw, desk).await
}

async fn file(
    format: Format,
    State(intake): State<Intake>,
    State(access): State<Access>,
    State(map): State<Map>,
    RawQuery(raw): RawQuery,
    desk: Desk,
) -> Result<Response, Failure> {
    let (scope, now) = (desk.scope(Permission::ViewSources)?, desk.now());
    let address = Address::read("/sources", raw.as_deref(), &NAMES);
    let query = Query::read(|name| address.get(name))?;
    let all = heard::all(&intake, &access, &map.graph(), &scope, now).await?;
    let found = query.answer(&intake, &scope, all, now).await?;
    let found = heard::minutes(&intake, &scope, found, now).await?;
    Ok(SHEET.of(format, found.iter().map(|(one, _)| cells(one)).collect()))
}

fn cells(one: &Heard) -> Cells {
    let state = &one.state;
    vec![
        json!(state.source.to_string()),
        json!(one.name),
        json!(state.organisation.as_str()),
        json!(one.organisation),
        json!(one.doing.as_str()),
        json!(state.first_at.to_string()),
        json!(state.last_at.to_string()),
        json!(state.lag_s),
        json!(state.events),
        json!(state.bytes),
        json!(state.refused),
        json!(state.unread),
    ]
}

/// A figure with its unit, as facts show it.
pub(super) fn bytes(bytes: i64) -> String {
    match bytes {
        ..1_024 => count(bytes.max(0), "byte", None),
        1_024..1_048_576 => format!("{} KiB", grouped(bytes >> 10)),
        1_048_576..1_073_741_824 => format!("{} MiB", grouped(bytes >> 20)),
        _ => format!("{} GiB", grouped(bytes >> 30)),
    }
}
