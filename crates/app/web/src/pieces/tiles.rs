//! All organisations at once: one tile each, grouped by region and type, area by patients served,
//! state by shade and shape.
//!
//! Each region is a picture of its own, so that a narrow page stacks them.

use serde::Serialize;

use super::{
    harm::Harm,
    table::Table,
    words::{grouped, shortened},
};

/// Width of a region's picture.
const WIDTH: f64 = 280.0;

/// Sides of the smallest and the largest tile. A finger needs 24.
const SIDE: (f64, f64) = (24.0, 56.0);

const GAP: f64 = 2.0;

/// Room for the name of a type, and the letters that fit beside each other.
const LABEL: f64 = 22.0;
const LETTERS: usize = 38;

/// The sector as tiles.
#[derive(Clone, Debug, Serialize)]
pub struct Tiles {
    /// Its finding: "2 of 202 trusts have care at risk".
    pub title: String,
    /// In reading order.
    pub regions: Vec<Region>,
    /// How many organisations are in each state that occurs: key, word, number; worst first.
    pub legend: Vec<(&'static str, &'static str, i64)>,
    /// The same as a table.
    pub table: Table,
}

/// A region.
#[derive(Clone, Debug, Serialize)]
pub struct Region {
    /// Its name.
    pub name: String,
    /// Where it leads.
    pub href: String,
    /// Its types of organisation.
    pub types: Vec<TilesOf>,
    width: String,
    height: String,
}

/// The organisations of one type in a region.
#[derive(Clone, Debug, Serialize)]
pub struct TilesOf {
    /// "Trusts".
    pub name: String,
    /// Largest first.
    pub tiles: Vec<Tile>,
    label_y: String,
}

/// An organisation.
#[derive(Clone, Debug, Serialize)]
pub struct Tile {
    /// Its name.
    pub name: String,
    /// Where it leads.
    pub href: String,
    /// Patients it serves; the area of the tile.
    pub patients: i64,
    /// `none`, `possible`, `soon`, `now`, or `silent`.
    pub state: &'static str,
    /// The state in words.
    pub word: &'static str,
    /// What hovering or focus tells.
    told: String,
    x: f64,
    y: f64,
    side: f64,
}

impl Tile {
    /// An organisation with the harm its alerts threaten; `None`: Ward hears nothing from it, so
    /// nothing is known.
    #[must_use]
    pub fn new(name: &str, href: &str, patients: i64, harm: Option<Harm>) -> Self {
        let word = harm.map_or("No telemetry", Harm::word);
        Self {
            told: format!("{name}: {}, {} patients", word.to_lowercase(), grouped(patients)),
            name: name.to_owned(),
            href: href.to_owned(),
            patients,
            state: harm.map_or("silent", Harm::key),
            word,
            x: 0.0,
            y: 0.0,
            side: 0.0,
        }
    }
}

impl TilesOf {
    /// The organisations of one type.
    #[must_use]
    pub fn new(name: &str, tiles: Vec<Tile>) -> Self {
        Self { name: shortened(name, LETTERS), tiles, label_y: String::new() }
    }
}

impl Region {
    /// A region, not yet laid out.
    #[must_use]
    pub fn new(name: &str, href: &str, types: Vec<TilesOf>) -> Self {
        let (width, height) = (String::new(), String::new());
        Self { name: name.to_owned(), href: href.to_owned(), types, width, height }
    }

    fn lay_out(&mut self, most: i64) {
        let mut y = 0.0;
        for group in &mut self.types {
            group.label_y = format!("{:.0}", y + 15.0);
            y = shelves(&mut group.tiles, y + LABEL, most) + 6.0;
        }
        self.width = format!("{WIDTH:.0}");
        self.height = format!("{y:.0}");
    }
}

/// Places tiles on shelves, largest first, and returns where the next group begins.
fn shelves(tiles: &mut [Tile], top: f64, most: i64) -> f64 {
    tiles.sort_by(|a, b| b.patients.cmp(&a.patients).then_with(|| a.name.cmp(&b.name)));
    let (mut x, mut y, mut shelf) = (0.0, top, 0.0);
    for tile in tiles {
        let side = side(tile.patients, most);
        if x > 0.0 && x + side > WIDTH {
            (x, y, shelf) = (0.0, y + shelf + GAP, 0.0);
        }
        (tile.x, tile.y, tile.side) = (x, y, side);
        x += side + GAP;
        shelf = f64::max(shelf, side);
    }
    y + shelf + GAP
}

/// Side of a tile whose area is its share of the largest.
fn side(patients: i64, most: i64) -> f64 {
    let share = patients.max(0) as f64 / most.max(1) as f64;
    (share.sqrt() * SIDE.1).clamp(SIDE.0, SIDE.1).round()
}

impl Tiles {
    /// Lays the regions out. Areas compare over all regions.
    #[must_use]
    pub fn new(title: &str, mut regions: Vec<Region>, table: Table) -> Self {
        let all = || regions.iter().flat_map(|r| &r.types).flat_map(|group| &group.tiles);
        let most = all().map(|tile| tile.patients).max().unwrap_or_default();
        let states = Harm::ALL.iter().rev().map(|harm| (harm.key(), harm.word()));
        let states = states.chain([("silent", "No telemetry")]);
        let legend = states
            .map(|(key, word)| (key, word, all().filter(|tile| tile.state == key).count() as i64))
            .filter(|(_, _, number)| *number > 0)
            .collect();
        for region in &mut regions {
            region.lay_out(most);
        }
        Self { title: title.to_owned(), regions, legend, table }
    }
}
