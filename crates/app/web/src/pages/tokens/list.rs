//! All tokens with which telemetry is sent for the organisations somebody looks after.

use access::{
    Access, Caller, Permission,
    tokens::{MOST_TOKENS, TokenEntry, TokenUse},
};
use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use jiff::{ToSpan, tz::TimeZone};
use sector::{Cursor, Graph, Map, Page, Total};
use serde::Serialize;
use serde_json::json;
use terms::{OdsCode, Scope, Timestamp};

use crate::{
    export::{Cells, Format, Sheet},
    failure::Failure,
    page::Desk,
    pages::{
        map::address::{Address, ROWS},
        rules::chips,
    },
    pieces::{
        Act, Bars, Cell, Choice, Column, Filters, Hidden, Link, Pagination, Panel, Row, Search,
        Select, Selection, State as PanelState, Table,
        words::{count, grouped},
    },
};

const NAMES: [&str; 4] = ["q", "state", "sort", "order"];

/// Tokens that are read; there is one for each sender, so this is more than any installation has.
const MOST_READ: usize = 20_000;
/// A token that ends within this is told to.
const SOON_SECONDS: i64 = 30 * 86_400;

/// The page.
#[derive(Serialize)]
struct ListPage {
    says: String,
    picture: Option<Bars>,
    filters: Filters,
    panel: Option<Panel>,
    table: Option<Table>,
    pagination: Option<Pagination>,
    exports: Vec<Link>,
}

/// How a token stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Active,
    Ending,
    Unused,
    Expired,
    Revoked,
}

impl Standing {
    const ALL: [Self; 5] = [Self::Active, Self::Ending, Self::Unused, Self::Expired, Self::Revoked];

    fn of(token: &TokenEntry, now: Timestamp) -> Self {
        let left = token.expires_at.as_second() - now.as_second();
        match token {
            token if token.revoked_at.is_some() => Self::Revoked,
            _ if left <= 0 => Self::Expired,
            _ if left <= SOON_SECONDS => Self::Ending,
            token if token.last_used_at.is_none() => Self::Unused,
            _ => Self::Active,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Ending => "ending",
            Self::Unused => "unused",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }

    fn tag(self) -> (&'static str, &'static str) {
        match self {
            Self::Active => ("In use", "green"),
            Self::Ending => ("Ends soon", "yellow"),
            Self::Unused => ("Never used", "blue"),
            Self::Expired => ("Expired", "grey"),
            Self::Revoked => ("Revoked", "grey"),
        }
    }
}

/// The organisation a token sends for; none for tokens of the API.
pub(super) fn organisation(token: &TokenEntry) -> Option<&OdsCode> {
    match &token.what {
        TokenUse::Ingest { organisation } => Some(organisation),
        TokenUse::Api { .. } => None,
    }
}

/// What a token's organisation is called.
pub(super) fn organisation_name(token: &TokenEntry, graph: &Graph) -> String {
    let Some(code) = organisation(token) else { return String::new() };
    graph.organisation(code).map_or_else(|| code.to_string(), |one| one.name.clone())
}

/// All tokens the caller manages, newest first.
pub(super) async fn all(access: &Access, caller: &Caller) -> Result<Vec<TokenEntry>, Failure> {
    let mut found = Vec::new();
    loop {
        let after = found.last().map(|token: &TokenEntry| token.id);
        let part = access.ingest_tokens(caller, after, MOST_TOKENS).await.map_err(Failure::of)?;
        let is_last = (part.len() as u64) < MOST_TOKENS;
        found.extend(part);
        if is_last || found.len() >= MOST_READ {
            return Ok(found);
        }
    }
}

struct Query {
    words: Vec<String>,
    standing: Option<Standing>,
    sort: &'static str,
    is_descending: bool,
}

impl Query {
    fn read(address: &Address) -> Result<Self, Failure> {
        let bad = |what: &str| Failure::new(StatusCode::BAD_REQUEST, what);
        let standing = match address.get("state") {
            "" => None,
            word => {
                let found = Standing::ALL.into_iter().find(|one| one.as_str() == word);
                let known = "state: write active, ending, unused, expired or revoked";
                Some(found.ok_or_else(|| bad(known))?)
            }
        };
        let sort = match address.get("sort") {
            "" | "made" => "made",
            "name" => "name",
            "used" => "used",
            "until" => "until",
            _ => return Err(bad("sort: write made, name, used or until")),
        };
        let is_descending = match address.get("order") {
            "" => matches!(sort, "made" | "used"),
            "asc" => false,
            "desc" => true,
            _ => return Err(bad("order: write asc or desc")),
        };
        let words = address.get("q").to_lowercase();
        let words = words.split_whitespace().map(str::to_owned).collect();
        Ok(Self { words, standing, sort, is_descending })
    }

    fn answer(
        &self,
        mut all: Vec<TokenEntry>,
        scope: &Scope,
        graph: &Graph,
        now: Timestamp,
    ) -> Vec<TokenEntry> {
        all.retain(|token| {
            let text = format!("{}\n{}", token.name, organisation_name(token, graph));
            let text = text.to_lowercase();
            self.standing.is_none_or(|standing| Standing::of(token, now) == standing)
                && organisation(token).is_some_and(|code| graph.contains(scope, code))
                && self.words.iter().all(|word| text.contains(word))
        });
        match self.sort {
            "name" => all.sort_by_cached_key(|token| (token.name.to_lowercase(), token.id)),
            "used" => all.sort_by_key(|token| (token.last_used_at, token.id)),
            "until" => all.sort_by_key(|token| (token.expires_at, token.id)),
            _ => all.sort_by_key(|token| token.id),
        }
        if self.is_descending {
            all.reverse();
        }
        all
    }
}

/// `GET /tokens`.
pub(super) async fn list(
    State(access): State<Access>,
    State(map): State<Map>,
    RawQuery(raw): RawQuery,
    desk: Desk,
) -> Result<Response, Failure> {
    let (scope, now, graph) = (desk.scope(Permission::ManageTokens)?, desk.now(), map.graph());
    let address = Address::read("/tokens", raw.as_deref(), &NAMES);
    let query = Query::read(&address)?;
    let found = query.answer(all(&access, &desk.caller).await?, &scope, &graph, now);
    let (says, picture) = (says(&found, now), picture(&found, now));
    let page = cut(found, &address);
    let table = (!page.rows.is_empty()).then(|| table(&page.rows, &address, &query, &desk, &graph));
    let body = ListPage {
        says,
        picture,
        filters: filters(&address),
        panel: page.rows.is_empty().then(|| empty(&address)),
        table,
        pagination: address.pages(&page, "token", "tokens"),
        exports: vec![
            Link::new("CSV", address.elsewhere("/tokens/export.csv")),
            Link::new("JSON lines", address.elsewhere("/tokens/export.jsonl")),
        ],
    };
    Ok(desk.page("tokens/list.html", "Tokens", "/more", &["filters"], body))
}

fn cut(mut found: Vec<TokenEntry>, address: &Address) -> Page<TokenEntry> {
    let total = Total::Exactly(found.len() as u64);
    let after = address.request().after;
    let at = after.and_then(|after| found.iter().position(|one| one.id.to_string() == after.0));
    found.drain(..at.map_or(0, |at| at + 1));
    let has_more = found.len() > usize::from(ROWS);
    found.truncate(usize::from(ROWS));
    let next = found.last().filter(|_| has_more).map(|one| Cursor(one.id.to_string()));
    Page { rows: found, next, total }
}

fn says(found: &[TokenEntry], now: Timestamp) -> String {
    let number =
        |standing| found.iter().filter(|token| Standing::of(token, now) == standing).count() as i64;
    let tokens = count(found.len() as i64, "token", None);
    match number(Standing::Ending) {
        0 => format!("{tokens}: {} in use, and none ends soon.", grouped(number(Standing::Active))),
        ending => format!(
            "{tokens}: {} within 30 days. Make new ones before their senders stop.",
            count(ending, "ends", Some("end"))
        ),
    }
}

/// Months that are drawn: this one and a year.
const MONTHS: usize = 13;

/// When tokens end, month by month; nothing where none ends within a year.
fn picture(found: &[TokenEntry], now: Timestamp) -> Option<Bars> {
    let month_of = |at: Timestamp| {
        let date = at.to_zoned(TimeZone::UTC).date();
        i64::from(date.year()) * 12 + i64::from(date.month()) - 1
    };
    let this = now.to_zoned(TimeZone::UTC).date().first_of_month();
    let name = |after: i64| this.saturating_add(after.months()).strftime("%B %Y").to_string();
    let first = month_of(now);
    let mut ends = vec![0; MONTHS];
    let open = |token: &&TokenEntry| token.revoked_at.is_none() && token.expires_at > now;
    for token in found.iter().filter(open) {
        let after = usize::try_from(month_of(token.expires_at) - first).ok();
        if let Some(month) = after.and_then(|after| ends.get_mut(after)) {
            *month += 1;
        }
    }
    let values: Vec<(String, i64)> =
        (0..).zip(&ends).map(|(after, number)| (name(after), *number)).collect();
    let (month, number) = values.iter().find(|(_, number)| *number > 0)?;
    let title = format!("The first to end: {} in {month}", count(*number, "token", None));
    Some(Bars::new(&title, "token", "month", &values))
}

fn table(
    rows: &[TokenEntry],
    address: &Address,
    query: &Query,
    desk: &Desk,
    graph: &Graph,
) -> Table {
    let now = desk.now();
    let sort = |word: &str| Some(sorted(address, query, word));
    let column = |text: &str, sort| Column { text: text.to_owned(), is_numeric: false, sort };
    let row = |token: &TokenEntry| {
        let (text, colour) = Standing::of(token, now).tag();
        let used = match token.last_used_at {
            Some(at) => Cell::Time { at: desk.moment(at), is_short: true },
            None => Cell::text("Never"),
        };
        let cells = vec![
            Cell::Lines {
                text: token.name.clone(),
                below: organisation_name(token, graph),
                href: Some(format!("/sources/{}", token.id)).filter(|_| {
                    // A source is known once it has sent something.
                    token.last_used_at.is_some()
                }),
            },
            Cell::Tag { text: text.to_owned(), colour },
            used,
            Cell::Time { at: desk.moment(token.expires_at), is_short: false },
            Cell::Time { at: desk.moment(token.made_at), is_short: true },
        ];
        Row { id: token.id.to_string(), cells, is_new: false }
    };
    Table {
        id: "tokens".to_owned(),
        caption: "Tokens".to_owned(),
        is_caption_hidden: true,
        is_compact: true,
        columns: vec![
            column("Token", sort("name")),
            column("State", None),
            column("Last used", sort("used")),
            column("Until", sort("until")),
            column("Made", sort("made")),
        ],
        rows: rows.iter().map(row).collect(),
        selection: Some(Selection {
            action: "/tokens/revoke".to_owned(),
            name: "token".to_owned(),
            csrf: desk.csrf(),
            acts: vec![Act { value: "revoke".to_owned(), text: "Revoke…".to_owned(), key: None }],
            noun: "tokens".to_owned(),
        }),
    }
}

fn sorted(address: &Address, query: &Query, word: &str) -> crate::pieces::Sort {
    let is_current = query.sort == word;
    let (direction, order) = match (is_current, query.is_descending) {
        (false, _) => ("none", ""),
        (true, false) => ("ascending", "desc"),
        (true, true) => ("descending", "asc"),
    };
    crate::pieces::Sort { href: address.with("sort", word).with("order", order).href(), direction }
}

fn filters(address: &Address) -> Filters {
    let chosen = address.get("state");
    let any = Choice::new("", "Any", chosen);
    let rest = Standing::ALL.iter().map(|one| Choice::new(one.as_str(), one.tag().0, chosen));
    let selects = vec![Select {
        name: "state".to_owned(),
        label: "State".to_owned(),
        choices: std::iter::once(any).chain(rest).collect(),
    }];
    let hidden = ["sort", "order"].into_iter().filter(|name| !address.get(name).is_empty());
    Filters {
        action: "/tokens".to_owned(),
        title: "Filter tokens".to_owned(),
        search: Some(Search {
            name: "q".to_owned(),
            label: "Name or organisation".to_owned(),
            value: address.get("q").to_owned(),
        }),
        hidden: hidden
            .map(|name| Hidden { name: name.to_owned(), value: address.get(name).to_owned() })
            .collect(),
        chips: chips(address, &selects),
        selects,
        clear: "/tokens".to_owned(),
    }
}

fn empty(address: &Address) -> Panel {
    let (title, text, next) = match address.is_narrowed() {
        true => (
            "No tokens match these filters",
            "Take a filter away, or look at all tokens.",
            Link::new("Show all tokens", "/tokens"),
        ),
        false => (
            "There is no token yet",
            "Each program that sends telemetry has one, bound to one organisation.",
            Link::new("Make a token", "/tokens/new"),
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
    name: "tokens",
    columns: &[
        "id",
        "name",
        "organisation",
        "state",
        "made_at",
        "expires_at",
        "last_used_at",
        "revoked_at",
    ],
};

/// The list as CSV.
pub(super) async fn csv(
    access: State<Access>,
    map: State<Map>,
    raw: RawQuery,
    desk: Desk,
) -> Result<Response, Failure> {
    file(Format::Csv, access, map, raw, desk).await
}

/// The list as JSON, an object a line.
pub(super) async fn json_lines(
    access: State<Access>,
    map: State<Map>,
    raw: RawQuery,
    desk: Desk,
) -> Result<Response, Failure> {
    file(Format::JsonLines, access, map, raw, desk).await
}

async fn file(
    format: Format,
    State(access): State<Access>,
    State(map): State<Map>,
    RawQuery(raw): RawQuery,
    desk: Desk,
) -> Result<Response, Failure> {
    let (scope, now, graph) = (desk.scope(Permission::ManageTokens)?, desk.now(), map.graph());
    let address = Address::read("/tokens", raw.as_deref(), &NAMES);
    let query = Query::read(&address)?;
    let found = query.answer(all(&access, &desk.caller).await?, &scope, &graph, now);
    Ok(SHEET.of(format, found.iter().map(|token| cells(token, now)).collect()))
}

fn cells(token: &TokenEntry, now: Timestamp) -> Cells {
    let at = |at: Option<Timestamp>| json!(at.map(|at| at.to_string()));
    vec![
        json!(token.id.to_string()),
        json!(token.name),
        json!(organisation(token).map(OdsCode::as_str)),
        json!(Standing::of(token, now).as_str()),
        at(Some(token.made_at)),
        at(Some(token.expires_at)),
        at(token.last_used_at),
        at(token.revoked_at),
    ]
}
