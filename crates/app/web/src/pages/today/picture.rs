//! The sector as tiles: regions, in each its organisations by type. What would be too many tiles
//! becomes one tile a board's area, or one a region, that counts.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};

use sector::{Graph, OrganisationType, Tile as Organisation};
use terms::{OdsCode, Timestamp};

use super::{Covered, heard, is_drawn};
use crate::{
    pages::map::{address::number, standing::Standings, words::organisation_href},
    pieces::{
        Cell, Column, Harm, Region, Row, Shares, Table, Tile, Tiles, TilesOf,
        words::{count, grouped},
    },
};

/// Tiles of a page: about 320 bytes each, of a page that may have 120 kB.
const MOST: usize = 280;

/// Types that are drawn together, in reading order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Group {
    Trusts,
    Boards,
    Others,
    Practices,
    Care,
}

impl Group {
    const ALL: [Self; 5] = [Self::Trusts, Self::Boards, Self::Others, Self::Practices, Self::Care];

    fn of(kind: OrganisationType) -> Self {
        use OrganisationType as T;
        match kind {
            kind if kind.is_trust() => Self::Trusts,
            T::Icb => Self::Boards,
            T::GpPractice => Self::Practices,
            T::CareProvider | T::CareLocation => Self::Care,
            _ => Self::Others,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Trusts => "Trusts",
            Self::Boards => "Integrated care boards",
            Self::Others => "National bodies and suppliers",
            Self::Practices => "General practices",
            Self::Care => "Care providers",
        }
    }

    fn one_and_many(self) -> (&'static str, &'static str) {
        match self {
            Self::Trusts => ("trust", "trusts"),
            Self::Boards => ("care board", "care boards"),
            Self::Others => ("other body", "other bodies"),
            Self::Practices => ("practice", "practices"),
            Self::Care => ("care provider", "care providers"),
        }
    }

    /// How the list of organisations is asked for them; nothing where one type does not tell.
    fn in_address(self) -> &'static str {
        match self {
            Self::Practices => "&type=gp_practice",
            Self::Care => "&type=care_provider",
            Self::Boards => "&type=icb",
            Self::Trusts | Self::Others => "",
        }
    }
}

/// How many of the expected devices were seen, by what organisations do; nothing where no device
/// is known.
pub(crate) fn devices(overview: &[Organisation]) -> Option<Shares> {
    let rows = by_group(overview, |tile| {
        (tile.devices_seen, tile.devices_expected.max(tile.devices_seen))
    });
    let (seen, known) = sum(&rows);
    let title = format!("{} of {} were seen", grouped(seen), count(known, "known device", None));
    let columns = ["Kind of organisation", "Seen at least once", "Known or expected"];
    (known > 0).then(|| Shares::new(&title, columns, &rows))
}

/// How many organisations are heard, by what they do; nothing of one organisation alone.
pub(crate) fn hearing(overview: &[Organisation], graph: &Graph, now: Timestamp) -> Option<Shares> {
    let rows = by_group(overview, |tile| {
        let is_counted = is_drawn(tile.kind);
        let is_heard = is_counted && heard(tile, graph, now) == Some(true);
        (u64::from(is_heard), u64::from(is_counted))
    });
    let (heard, all) = sum(&rows);
    let organisations = count(all, "organisation", None);
    let title = format!("Ward hears {} of {organisations}", grouped(heard));
    let columns = ["Kind of organisation", "Heard lately", "On the map"];
    (all > 1).then(|| Shares::new(&title, columns, &rows))
}

/// Parts and wholes added up for each group that has any.
fn by_group(
    overview: &[Organisation],
    of: impl Fn(&Organisation) -> (u64, u64),
) -> Vec<(String, i64, i64)> {
    let row = |group: Group| {
        let tiles = overview.iter().filter(|tile| Group::of(tile.kind) == group);
        let (part, whole) = tiles.map(&of).fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        (group.name().to_owned(), number(part), number(whole))
    };
    Group::ALL.into_iter().map(row).filter(|(.., whole)| *whole > 0).collect()
}

fn sum(rows: &[(String, i64, i64)]) -> (i64, i64) {
    rows.iter().fold((0, 0), |sum, (_, part, whole)| (sum.0 + part, sum.1 + whole))
}

/// How finely a group is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Grain {
    Each,
    Board,
    Region,
}

/// The picture of a view.
pub(super) fn tiles(
    overview: &[Organisation],
    standings: &Standings,
    covered: &Covered,
    graph: &Graph,
    now: Timestamp,
) -> Tiles {
    let all: Vec<&Organisation> = overview.iter().filter(|one| is_drawn(one.kind)).collect();
    let grains = grains(&all);
    let mut regions: BTreeMap<Option<&OdsCode>, Vec<&Organisation>> = BTreeMap::new();
    for one in &all {
        regions.entry(one.region.as_ref()).or_default().push(one);
    }
    let cx = Cx { standings, graph, now };
    // Where care is most at risk comes first: that is what the picture is looked at for.
    let mut regions: Vec<_> = regions.into_iter().collect();
    regions.sort_by_key(|(code, organisations)| (Reverse(cx.worst(organisations)), code.is_none()));
    let mut drawn: Vec<Region> = Vec::new();
    let mut rows = Vec::new();
    for (code, organisations) in &regions {
        let name = code.map_or_else(|| "In no region".to_owned(), |code| cx.name(code));
        let href = code.map_or_else(|| "/map".to_owned(), |code| format!("/map?region={code}"));
        rows.push(cx.row(&name, &href, organisations));
        let of_group = |group: &Group| {
            let members = organisations.iter().filter(|one| Group::of(one.kind) == *group);
            let members: Vec<&Organisation> = members.copied().collect();
            let grain = grains.iter().find(|(of, _)| of == group)?.1;
            (!members.is_empty())
                .then(|| TilesOf::new(group.name(), cx.draw(*group, grain, &members)))
        };
        let types = Group::ALL.iter().filter_map(of_group).collect();
        drawn.push(Region::new(&name, &href, types));
    }
    Tiles::new(&title(&all, standings, covered), drawn, table(rows))
}

/// Groups as finely as the page has room for, the first ones first.
fn grains(all: &[&Organisation]) -> Vec<(Group, Grain)> {
    let mut left = MOST;
    let grain = |group: &Group| {
        let members = || all.iter().filter(|one| Group::of(one.kind) == *group);
        let boards: HashSet<_> = members().map(|one| (&one.region, &one.icb)).collect();
        let regions: HashSet<_> = members().map(|one| &one.region).collect();
        let (grain, tiles) = match (members().count(), boards.len()) {
            (each, _) if each <= left => (Grain::Each, each),
            (_, boards) if boards <= left => (Grain::Board, boards),
            _ => (Grain::Region, regions.len()),
        };
        left = left.saturating_sub(tiles);
        (*group, grain)
    };
    Group::ALL.iter().map(grain).collect()
}

struct Cx<'c> {
    standings: &'c Standings,
    graph: &'c Graph,
    now: Timestamp,
}

impl Cx<'_> {
    fn name(&self, code: &OdsCode) -> String {
        self.graph.organisation(code).map_or_else(|| code.to_string(), |one| one.name.clone())
    }

    /// The worst harm that threatens any of these.
    fn worst(&self, organisations: &[&Organisation]) -> Option<Harm> {
        organisations.iter().filter_map(|one| self.harm(one)).max()
    }

    /// What is known of an organisation's harm; nothing where nothing is heard of it.
    fn harm(&self, one: &Organisation) -> Option<Harm> {
        state(one, self.standings, self.graph, self.now)
    }

    fn draw(&self, group: Group, grain: Grain, members: &[&Organisation]) -> Vec<Tile> {
        if grain == Grain::Each {
            let tile = |one: &&Organisation| {
                let href = organisation_href(&one.organisation);
                let patients = i64::from(one.patients.unwrap_or_default());
                Tile::new(&one.name, &href, patients, self.harm(one))
            };
            return members.iter().map(tile).collect();
        }
        let mut areas: BTreeMap<Option<&OdsCode>, Vec<&Organisation>> = BTreeMap::new();
        for one in members {
            let area = if grain == Grain::Board { one.icb.as_ref() } else { one.region.as_ref() };
            areas.entry(area).or_default().push(one);
        }
        areas.iter().map(|(area, members)| self.together(group, grain, *area, members)).collect()
    }

    /// One tile for many.
    fn together(
        &self,
        group: Group,
        grain: Grain,
        area: Option<&OdsCode>,
        members: &[&Organisation],
    ) -> Tile {
        let (one, many) = group.one_and_many();
        let told = count(number(members.len() as u64), one, Some(many));
        let by = if grain == Grain::Board { "icb" } else { "region" };
        let (name, href) = match area {
            Some(code) => {
                let href = format!("/map?{by}={code}{}", group.in_address());
                (format!("{told} in {}", self.name(code)), href)
            }
            None => (told, format!("/map{}", group.in_address().replacen('&', "?", 1))),
        };
        let patients = members.iter().map(|one| i64::from(one.patients.unwrap_or_default())).sum();
        // The worst of those that are heard; nothing only where none is.
        let worst = members.iter().filter_map(|one| self.harm(one)).max();
        Tile::new(&name, &href, patients, worst)
    }

    fn row(&self, name: &str, href: &str, members: &[&Organisation]) -> Row {
        let states: Vec<Option<Harm>> = members.iter().map(|one| self.harm(one)).collect();
        let of = |state: Option<Harm>| {
            let found = states.iter().filter(|known| **known == state).count();
            Cell::Number { number: number(found as u64) }
        };
        let named = Cell::Link { text: name.to_owned(), href: href.to_owned() };
        let all = Cell::Number { number: number(members.len() as u64) };
        let harms = Harm::ALL.iter().rev().map(|harm| of(Some(*harm)));
        let cells = [named, all].into_iter().chain(harms).chain([of(None)]).collect();
        Row { id: href.to_owned(), cells, is_new: false }
    }
}

/// What is known of an organisation's harm: the worst of its open alerts; where it has none,
/// nothing unless it is heard.
pub(crate) fn state(
    one: &Organisation,
    standings: &Standings,
    graph: &Graph,
    now: Timestamp,
) -> Option<Harm> {
    let standing = standings.of(&one.organisation);
    if standing.open > 0 {
        return Some(standing.worst);
    }
    (heard(one, graph, now) == Some(true)).then_some(Harm::None)
}

fn title(all: &[&Organisation], standings: &Standings, covered: &Covered) -> String {
    let is_trust = |one: &&&Organisation| one.kind.is_trust();
    let trusts = all.iter().filter(is_trust).count();
    let (noun, total) = match trusts {
        0 => ("organisation", all.len()),
        _ => ("trust", trusts),
    };
    let at_risk = all
        .iter()
        .filter(|one| trusts == 0 || is_trust(one))
        .filter(|one| standings.of(&one.organisation).worst >= Harm::Soon)
        .count();
    let of = count(number(total as u64), noun, None);
    match (all.len(), at_risk, covered.sending) {
        (0, ..) => "No organisation is on the map yet".to_owned(),
        (_, 0, 0) => "Nothing is heard from any organisation".to_owned(),
        (_, 0, _) => "No open alert threatens care".to_owned(),
        _ => format!("Care is at risk at {} of {of}", grouped(number(at_risk as u64))),
    }
}

fn table(rows: Vec<Row>) -> Table {
    let column =
        |text: &str| Column { text: text.to_owned(), is_numeric: text != "Region", sort: None };
    let harms = Harm::ALL.iter().rev().map(|harm| harm.word());
    let columns = ["Region", "Organisations"].into_iter().chain(harms).chain(["No telemetry"]);
    Table {
        id: "regions".to_owned(),
        caption: "Organisations of each region by state".to_owned(),
        is_caption_hidden: false,
        is_compact: true,
        columns: columns.map(column).collect(),
        rows,
        selection: None,
    }
}
