//! The first page: what matters now, one picture, and what to do.
//!
//! Modules in reading order: `lag` how far detection is behind, `picture` the sector as tiles,
//! `tasks` what to do, `file` the picture as a file. What is shown follows from what somebody may
//! see: all of a part as tiles, one organisation by what rests on its systems, a care provider by
//! what to do and nothing else.

mod file;
pub(crate) mod lag;
pub(crate) mod picture;
mod tasks;

use access::Permission;
use axum::{extract::State, response::Response};
use detect::alert::Alerts;
use intake::Intake;
use sector::{Graph, Map, Organisation, OrganisationType, Tile};
use serde::Serialize;
use terms::{Part, Scope, Timestamp};

use crate::{
    failure::Failure,
    page::Desk,
    pages::{
        alerts::says::{self, Says},
        map::{
            address::number,
            failed::failed,
            picture as resting,
            standing::{Standings, standings},
        },
    },
    pieces::{
        Band, BandKind, Cell, Column, Fact, Facts, Harm, Link, Path, Row, Shown, Table, Tiles,
        words::{count, grouped},
    },
    routes::Routes,
};
use lag::Lag;
use tasks::Task;

pub(super) fn routes() -> Routes {
    Routes::new().get("/today/organisations.csv", file::csv)
}

/// The first page.
#[derive(Serialize)]
struct Today {
    says: Says,
    /// What to do, and the number of it in words.
    tasks: Vec<Task>,
    tasks_in_words: String,
    /// Whether anything but what to do is shown.
    is_full: bool,
    tiles: Option<Tiles>,
    path: Option<Path>,
    levels: Option<Table>,
    coverage: Option<Facts>,
    /// The picture as a file.
    files: Vec<Link>,
}

/// What the page is made of.
pub(crate) async fn page(
    State(alerts): State<Alerts>,
    State(map): State<Map>,
    State(intake): State<Intake>,
    desk: Desk,
) -> Result<Response, Failure> {
    let scope = desk.scope(Permission::ViewAlerts)?;
    let seen = desk.scope(Permission::ViewMap)?;
    let now = desk.now();
    let says = says::now(&alerts, &scope).await?;
    let standings = standings(&alerts, &scope).await?;
    let overview = map.overview(&seen, now).await.map_err(failed)?;
    let graph = map.graph();
    let lag = Lag::now(&alerts, &intake, now).await?;
    let sources = desk.caller.may_somewhere(Permission::ViewSources);
    let heard = match sources {
        true => lag::heard(&intake, &desk.scope(Permission::ViewSources)?).await?,
        false => lag::Heard::default(),
    };
    let covered = Covered::of(&overview, &graph, now);
    let tasks = tasks::of(&desk, &standings, &covered, &heard);
    let single = single(&desk, &graph);
    let is_full = !single.is_some_and(|one| is_care(one.kind));
    let body = Today {
        says,
        tasks_in_words: tasks_in_words(tasks.len()),
        tasks,
        is_full,
        tiles: single
            .is_none()
            .then(|| picture::tiles(&overview, &standings, &covered, &graph, now)),
        path: single.filter(|_| is_full).and_then(|one| worst_dependency(one, &graph, &seen)),
        levels: is_full.then(|| levels(&standings)),
        coverage: is_full.then(|| coverage(&covered, &lag, &heard, &desk)),
        files: vec![Link::new("CSV", "/today/organisations.csv")],
    };
    let bands = bands(&lag, &heard, &desk, sources);
    let desk = bands.into_iter().fold(desk, Desk::with_band);
    Ok(desk.page("today/page.html", "Today", "/", &["live"], body))
}

/// The organisation that the view is of, where it is of one.
fn single<'g>(desk: &Desk, graph: &'g Graph) -> Option<&'g Organisation> {
    match &desk.view {
        Part::Organisation(code) => graph.organisation(code),
        _ => None,
    }
}

fn is_care(kind: OrganisationType) -> bool {
    matches!(kind, OrganisationType::CareProvider | OrganisationType::CareLocation)
}

fn tasks_in_words(number: usize) -> String {
    match number {
        0 => "You have nothing to do now".to_owned(),
        1 => "You have 1 thing to do".to_owned(),
        more => format!("You have {more} things to do"),
    }
}

/// What is heard of the organisations of a view.
pub(super) struct Covered {
    /// Organisations that could send.
    pub(super) known: u64,
    /// Those heard lately.
    pub(super) sending: u64,
    /// Those heard once and silent now.
    pub(super) fell_silent: u64,
    pub(super) devices_seen: u64,
    pub(super) devices_expected: u64,
}

impl Covered {
    fn of(overview: &[Tile], graph: &Graph, now: Timestamp) -> Self {
        let mut covered =
            Self { known: 0, sending: 0, fell_silent: 0, devices_seen: 0, devices_expected: 0 };
        for tile in overview.iter().filter(|tile| is_drawn(tile.kind)) {
            covered.known += 1;
            covered.devices_seen += tile.devices_seen;
            covered.devices_expected += tile.devices_expected;
            match heard(tile, graph, now) {
                Some(true) => covered.sending += 1,
                Some(false) => covered.fell_silent += 1,
                None => {}
            }
        }
        covered
    }
}

/// Areas are no organisations that have devices of their own.
pub(crate) fn is_drawn(kind: OrganisationType) -> bool {
    !matches!(kind, OrganisationType::Region | OrganisationType::SubIcb)
}

/// Whether an organisation is heard lately; `None`: it never was.
pub(super) fn heard(tile: &Tile, graph: &Graph, now: Timestamp) -> Option<bool> {
    let last_seen = tile.last_seen?;
    let organisation = graph.organisation(&tile.organisation);
    let allowed = organisation.map_or(tile.kind.usual_silence(), |one| one.silent_after);
    let silence = now.as_second() - last_seen.as_second();
    Some(silence <= i64::try_from(allowed.as_secs()).unwrap_or(i64::MAX))
}

/// The organisation's system on which most patients depend.
fn worst_dependency(of: &Organisation, graph: &Graph, scope: &Scope) -> Option<Path> {
    let own = graph.systems().iter().filter(|one| one.organisation == of.code);
    let working = own.filter(|one| one.closed_at.is_none());
    let supports = working.map(|one| (one, graph.system_supports(&one.code, scope)));
    let (system, support) = supports
        .max_by_key(|(one, support)| (support.patients_per_day, support.services, &one.code))?;
    let what = resting::in_words(&support)?;
    let rest = resting::verb(&support, "rest");
    resting::resting_on("worst", &format!("{what} {rest} on {}", system.name), &support)
}

/// Open alerts by what they mean for care.
fn levels(standings: &Standings) -> Table {
    let of = |harm: Harm| {
        let urgent = standings.urgent.iter();
        urgent.filter(|alert| crate::pages::alerts::harm::of(alert) == harm).count() as u64
    };
    let looked_at = standings.urgent.len() as u64;
    let beyond = standings.open().saturating_sub(looked_at);
    let last = standings.urgent.last().map_or(Harm::None, crate::pages::alerts::harm::of);
    let row = |harm: Harm| {
        let number = of(harm);
        // What was not looked at ranks no higher than the last that was.
        let text = match harm.cmp(&last) {
            std::cmp::Ordering::Greater => grouped(self::number(number)),
            _ if beyond == 0 => grouped(self::number(number)),
            std::cmp::Ordering::Equal => format!("{} or more", grouped(self::number(number))),
            std::cmp::Ordering::Less => format!("up to {}", grouped(self::number(beyond))),
        };
        let cells = vec![Cell::Harm { harm }, Cell::text(text)];
        Row { id: harm.key().to_owned(), cells, is_new: false }
    };
    let column = |text: &str, is_numeric| Column { text: text.to_owned(), is_numeric, sort: None };
    Table {
        id: "levels".to_owned(),
        caption: "Open alerts by what they mean for care".to_owned(),
        is_caption_hidden: true,
        is_compact: true,
        columns: vec![column("What it means", false), column("Open alerts", true)],
        rows: Harm::ALL.iter().rev().map(|harm| row(*harm)).collect(),
        selection: None,
    }
}

fn coverage(covered: &Covered, lag: &Lag, heard: &lag::Heard, desk: &Desk) -> Facts {
    let fact = |key: &str, value: Shown| Fact { key: key.to_owned(), value, change: None };
    let of = |part: u64, all: u64, noun: &str| {
        Shown::text(format!("{} of {}", grouped(number(part)), count(number(all), noun, None)))
    };
    let heard_at = match heard.last_at {
        Some(at) => Shown::Time { at: desk.moment(at) },
        None => Shown::Unknown,
    };
    let silent = count(number(covered.fell_silent), "organisation", None);
    let mut rows = vec![
        fact("Sending telemetry", of(covered.sending, covered.known, "organisation")),
        fact("Fell silent", Shown::text(silent)),
        fact("Devices seen", devices(covered)),
        fact("Latest telemetry", heard_at),
        fact("Detection", Shown::text(lag.in_words(desk))),
    ];
    if let Some(fell_silent) = rows.get_mut(1).filter(|_| covered.fell_silent > 0) {
        fell_silent.change = Some(Link::new("See silent devices", "/devices?state=silent"));
    }
    Facts { is_compact: true, rows }
}

fn devices(covered: &Covered) -> Shown {
    let seen = grouped(number(covered.devices_seen));
    match covered.devices_expected {
        0 => Shown::text(format!("{seen}; nobody said which to expect")),
        expected => Shown::text(format!("{seen}; {} expected", grouped(number(expected)))),
    }
}

/// Seconds after which detection counts as behind.
const BEHIND_S: i64 = 60;

/// Seconds without any source after which that is told.
const SILENT_S: i64 = 15 * 60;

fn bands(lag: &Lag, heard: &lag::Heard, desk: &Desk, may_see_sources: bool) -> Vec<Band> {
    let now = desk.now();
    let to_sources = || may_see_sources.then(|| Link::new("Look at the sources", "/sources"));
    let stale = |text: String| Band { kind: BandKind::Stale, text, link: to_sources() };
    let behind = lag.since.filter(|since| now.as_second() - since.as_second() > BEHIND_S);
    let silent = heard.last_at.filter(|at| now.as_second() - at.as_second() > SILENT_S);
    let behind = behind.map(|since| {
        let since = desk.moment(since);
        stale(format!(
            "Detection is behind: what was received since {} is not evaluated yet.",
            since.day
        ))
    });
    let silent = silent.map(|at| {
        let at = desk.moment(at);
        stale(format!("No source of this view has sent anything since {} ({}).", at.day, at.ago))
    });
    behind.into_iter().chain(silent).collect()
}
