//! All rules in one list: what each found lately, how it turned out, for whom it is on.

use access::Permission;
use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use detect::{
    alert::{Alerts, Record},
    rulebook::Rulebook,
};
use futures_util::{StreamExt, TryStreamExt, stream};
use sector::{Cursor, Map, Page, Total};
use serde::Serialize;
use sigma::model::TACTICS;
use terms::{Level, Scope};

use super::{
    href,
    query::{self, NAMES, Query, Wrong},
    record,
    standing::{On, Standing, Standings},
};
use crate::{
    failure::Failure,
    page::Desk,
    pages::{
        alerts::failed::failed,
        fields::sentence,
        map::address::{Address, ROWS},
    },
    pieces::{
        Act, Bars, Cell, Chip, Choice, Column, Filters, Hidden, Link, Pagination, Panel, Row,
        Search, Select, Selection, Sparkline, State as PanelState, Table,
        words::{count, grouped, shortened},
    },
};

/// The page.
#[derive(Serialize)]
struct ListPage {
    says: String,
    /// What cannot be used, where there is something.
    unusable: Option<Link>,
    picture: Bars,
    folders: Link,
    filters: Filters,
    panel: Option<Panel>,
    table: Option<Table>,
    pagination: Option<Pagination>,
    exports: Vec<Link>,
}

/// Characters of a title in the list; the rule's own page has all of them.
const TITLE_CHARS: usize = 140;

/// `GET /rules`.
pub(super) async fn list(
    State(alerts): State<Alerts>,
    State(rulebook): State<Rulebook>,
    State(map): State<Map>,
    RawQuery(raw): RawQuery,
    desk: Desk,
) -> Result<Response, Failure> {
    let scope = desk.scope(Permission::ViewRules)?;
    let address = Address::read("/rules", raw.as_deref(), &NAMES);
    let (rules, graph) = (rulebook.in_force().now(), map.graph());
    let standings = Standings::read(&alerts, rules, &graph, &scope, desk.now()).await;
    let standings = standings.map_err(failed)?;
    let query = match Query::read(|name| address.get(name)) {
        Ok(query) => query,
        Err(wrong) => {
            let body = page(&standings, &address, Listed::none(refused(&wrong)));
            let status = StatusCode::BAD_REQUEST;
            return Ok(desk.page_with(status, "rules/list.html", "Rules", "/more", &[], body));
        }
    };
    let page_of = cut(query.answer(&standings), &address);
    let records = records(&alerts, &scope, &page_of.rows).await?;
    let listed = match page_of.rows.is_empty() {
        true => Listed::none(empty(&address)),
        false => {
            let rows = page_of.rows.iter().zip(&records);
            let top = page_of.rows.iter().flat_map(|one| one.days.hits).max().unwrap_or_default();
            let rows = rows.map(|(one, record)| row(one, record, top, &standings)).collect();
            Listed {
                panel: None,
                table: Some(table(rows, &address, &query, selection(&address, &desk))),
                pagination: address.pages(&page_of, "rule", "rules"),
            }
        }
    };
    let body = page(&standings, &address, listed);
    Ok(desk.page("rules/list.html", "Rules", "/more", &["filters"], body))
}

struct Listed {
    panel: Option<Panel>,
    table: Option<Table>,
    pagination: Option<Pagination>,
}

impl Listed {
    fn none(panel: Panel) -> Self {
        Self { panel: Some(panel), table: None, pagination: None }
    }
}

fn page(standings: &Standings, address: &Address, listed: Listed) -> ListPage {
    let set = standings.rules.set();
    let unusable = number(set.refused.len() + set.not_yet.len());
    let unusable = (unusable > 0).then(|| {
        let text = format!("{} cannot be used", count(unusable, "document", None));
        Link::new(text, "/rules/unusable")
    });
    ListPage {
        says: says(standings),
        unusable,
        picture: picture(standings),
        folders: Link::new("Folders of rules, and uploading one", "/rules/folders"),
        filters: filters(standings, address),
        panel: listed.panel,
        table: listed.table,
        pagination: listed.pagination,
        exports: vec![
            Link::new("CSV", address.elsewhere("/rules/export.csv")),
            Link::new("JSON lines", address.elsewhere("/rules/export.jsonl")),
        ],
    }
}

/// The page of rows an address asks for. A place that is gone leads to the beginning.
pub(super) fn cut<'s>(found: Vec<Standing<'s>>, address: &Address) -> Page<Standing<'s>> {
    let total = Total::Exactly(found.len() as u64);
    let after = address.request().after;
    let start = after.and_then(|after| found.iter().position(|one| one.text.id == after.0));
    let start = start.map_or(0, |at| at + 1);
    let end = (start + usize::from(ROWS)).min(found.len());
    let rows = found[start..end].to_vec();
    let next = rows.last().filter(|_| end < found.len()).map(|one| Cursor(one.text.id.clone()));
    Page { rows, next, total }
}

/// How the rules of a page turned out, in their order.
pub(crate) async fn records(
    alerts: &Alerts,
    scope: &Scope,
    rows: &[Standing<'_>],
) -> Result<Vec<Record>, Failure> {
    let ids: Vec<String> = rows.iter().map(|one| one.text.id.clone()).collect();
    let asked = ids.into_iter().map(|id| async move { alerts.record(scope, &id).await });
    // Each is two reads of an index; a few at a time leave connections for others.
    stream::iter(asked).buffered(4).try_collect().await.map_err(failed)
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn says(standings: &Standings) -> String {
    let all: Vec<Standing<'_>> = standings.all().collect();
    let found = number(all.iter().filter(|one| one.days.total() > 0).count());
    let off = number(all.iter().filter(|one| one.on != On::Everywhere).count());
    let rules = count(number(all.len()), "rule", None);
    let are = if all.len() == 1 { "is" } else { "are" };
    let off = match off {
        0 => "none is off".to_owned(),
        1 => "one is off for somebody".to_owned(),
        off => format!("{} are off for somebody", grouped(off)),
    };
    format!(
        "{rules} {are} in force: {} found something in the last 30 days, and {off}.",
        grouped(found)
    )
}

fn picture(standings: &Standings) -> Bars {
    let mut days = vec![0; super::standing::DAYS];
    for standing in standings.all() {
        for (sum, hits) in days.iter_mut().zip(standing.days.hits) {
            *sum += hits;
        }
    }
    super::one::bars(&days, standings.first_day, "All rules")
}

fn row(one: &Standing<'_>, record: &Record, top: i64, standings: &Standings) -> Row {
    let meta = &one.rule.meta;
    let mut spark = Sparkline::new("Findings a day in the last 30 days", &one.days.hits, top);
    // The figure beside the line is that of all 30 days: today's alone says little.
    spark.now = one.days.total();
    let cells = vec![
        Cell::Lines {
            text: shortened(&meta.title, TITLE_CHARS),
            below: query::source(one),
            href: Some(href(&one.text.id)),
        },
        Cell::text(super::one::level(meta.level)),
        Cell::Spark { spark },
        Cell::Number { number: one.days.alerts },
        match record.here.total() {
            0 => Cell::text("None closed yet"),
            _ => Cell::Lines {
                text: record::told(record.here),
                below: record::share(record.here),
                href: None,
            },
        },
        on(one.on, standings.organisations),
    ];
    Row { id: one.text.id.clone(), cells, is_new: false }
}

fn on(on: On, organisations: usize) -> Cell {
    let (text, colour) = match on {
        On::Everywhere => ("On".to_owned(), "green"),
        On::Nowhere => ("Off".to_owned(), "grey"),
        On::Not(off) => {
            let all = count(number(organisations), "organisation", None);
            (format!("Off for {} of {all}", grouped(number(off))), "yellow")
        }
    };
    Cell::Tag { text, colour }
}

fn table(rows: Vec<Row>, address: &Address, query: &Query, selection: Option<Selection>) -> Table {
    use query::Sort;
    let column = |text: &str, is_numeric, sort: Option<Sort>| Column {
        text: text.to_owned(),
        is_numeric,
        sort: sort.map(|sort| sorted(address, query, sort)),
    };
    Table {
        id: "rules".to_owned(),
        caption: "Rules".to_owned(),
        is_caption_hidden: true,
        is_compact: true,
        columns: vec![
            column("Rule", false, Some(Sort::Title)),
            column("Severity", false, Some(Sort::Level)),
            column("Found in 30 days", false, Some(Sort::Hits)),
            column("Alerts", true, Some(Sort::Alerts)),
            column("How they turned out", false, None),
            column("On or off", false, None),
        ],
        rows,
        selection,
    }
}

fn sorted(address: &Address, query: &Query, sort: query::Sort) -> crate::pieces::Sort {
    let word = match sort {
        query::Sort::Hits => "hits",
        query::Sort::Alerts => "alerts",
        query::Sort::Level => "level",
        query::Sort::Title => "title",
    };
    let is_current = query.sort == sort;
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

/// Acting on chosen rules, for those who may.
fn selection(address: &Address, desk: &Desk) -> Option<Selection> {
    let act =
        |value: &str, text: &str| Act { value: value.to_owned(), text: text.to_owned(), key: None };
    desk.caller.may_somewhere(Permission::ManageRules).then(|| Selection {
        action: format!("/rules/switch?back={}", crate::link::encoded(&address.href())),
        name: "rule".to_owned(),
        csrf: desk.csrf(),
        acts: vec![act("off", "Turn off…"), act("on", "Turn on…")],
        noun: "rules".to_owned(),
    })
}

fn filters(standings: &Standings, address: &Address) -> Filters {
    let chosen = |name: &str| address.get(name).to_owned();
    let mut sources: Vec<String> = standings.all().map(|one| query::source(&one)).collect();
    sources.sort();
    sources.dedup();
    let select = |name: &str, label: &str, any: &str, choices: Vec<(String, String)>| {
        let first = Choice::new("", any, &chosen(name));
        let rest = choices.into_iter().map(|(value, text)| Choice::new(value, text, &chosen(name)));
        let choices = std::iter::once(first).chain(rest).collect();
        Select { name: name.to_owned(), label: label.to_owned(), choices }
    };
    let pair = |value: &str, text: &str| (value.to_owned(), text.to_owned());
    let levels = Level::ALL.iter().rev().map(|one| pair(one.as_str(), &super::one::level(*one)));
    let sources = sources.into_iter().filter(|one| !one.is_empty()).map(|one| (one.clone(), one));
    let tactics = TACTICS.iter().map(|one| pair(one, &super::one::tactic(one)));
    let states = [
        ("on", "On everywhere"),
        ("off", "Off somewhere"),
        ("found", "Found something"),
        ("silent", "Found nothing"),
    ];
    let states = states.map(|(value, text)| pair(value, text));
    let selects = vec![
        select("level", "Severity", "Any", levels.collect()),
        select("source", "Log source", "Any", sources.collect()),
        select("tactic", "Tactic", "Any", tactics.collect()),
        select("state", "State", "Any", states.into()),
    ];
    let hidden = ["sort", "order"].into_iter().filter(|name| !address.get(name).is_empty());
    Filters {
        action: "/rules".to_owned(),
        title: "Filter rules".to_owned(),
        search: Some(Search {
            name: "q".to_owned(),
            label: "Words of title, tag or file".to_owned(),
            value: chosen("q"),
        }),
        hidden: hidden.map(|name| Hidden { name: name.to_owned(), value: chosen(name) }).collect(),
        chips: chips(address, &selects),
        selects,
        clear: "/rules".to_owned(),
    }
}

/// What is set, each with the list without it.
pub(crate) fn chips(address: &Address, selects: &[Select]) -> Vec<Chip> {
    let words = Some(address.get("q")).filter(|words| !words.is_empty());
    let words = words.map(|words| Chip {
        text: format!("Words: {words}"),
        remove: address.with("q", "").href(),
    });
    let chosen = selects.iter().filter_map(|select| {
        let is_set = |one: &&Choice| one.is_chosen && !one.value.is_empty();
        let choice = select.choices.iter().find(is_set)?;
        let text = format!("{}: {}", select.label, choice.text);
        Some(Chip { text, remove: address.with(&select.name, "").href() })
    });
    words.into_iter().chain(chosen).collect()
}

fn empty(address: &Address) -> Panel {
    let panel = |title: &str, text: &str, next| Panel {
        state: PanelState::Empty,
        title: title.to_owned(),
        text: text.to_owned(),
        next: Some(next),
        progress: None,
    };
    match address.is_narrowed() {
        true => panel(
            "No rules match these filters",
            "Take a filter away, or look at all rules.",
            Link::new("Show all rules", "/rules"),
        ),
        false => panel(
            "No rule is in force",
            "Nothing that devices send is looked at until there are rules.",
            Link::new("Upload a folder of rules", "/rules/upload"),
        ),
    }
}

fn refused(wrong: &Wrong) -> Panel {
    Panel {
        state: PanelState::Failed,
        title: format!("The filter “{}” cannot be used", wrong.parameter),
        text: sentence(&wrong.why),
        next: Some(Link::new("Show all rules", "/rules")),
        progress: None,
    }
}
