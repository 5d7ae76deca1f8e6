//! Why something far away matters: device → system → service → patients, the reason on each arrow.
//!
//! A picture where there is room, and the same as a list where there is not.

use std::cmp::Ordering;

use serde::Serialize;

use super::{harm::Harm, words::wrapped};

const WIDTH: f64 = 1_160.0;
const NODE: (f64, f64) = (190.0, 104.0);

/// Between two nodes of a column; more where an arrow with its reason stands there.
const BETWEEN: (f64, f64) = (20.0, 52.0);

/// Room above the columns for their names.
const HEAD: f64 = 30.0;

/// The most nodes of a column that are drawn; the rest is one node that counts them.
const MOST: usize = 6;

/// A path through columns.
#[derive(Clone, Debug, Serialize)]
pub struct Path {
    /// For the elements' ids; unique on the page.
    pub id: String,
    /// Its finding: "RX1-PATH-07 supports pathology for about 4,200 tests a day".
    pub title: String,
    /// Names of the columns with their places.
    heads: Vec<(String, String)>,
    /// All nodes.
    pub nodes: Vec<Node>,
    /// All arrows.
    pub arrows: Vec<Arrow>,
    width: String,
    height: String,
}

/// Something on the path.
#[derive(Clone, Debug, Serialize)]
pub struct Node {
    /// Its name.
    pub text: String,
    /// What explains it: "about 4,200 tests a day".
    pub below: String,
    /// Where it leads.
    pub href: Option<String>,
    /// What it means for care, where that is known.
    pub harm: Option<Harm>,
    column: usize,
    x: f64,
    y: f64,
    lines: Vec<String>,
    below_lines: Vec<String>,
}

/// A dependency between two nodes.
#[derive(Clone, Debug, Serialize)]
pub struct Arrow {
    /// Index of the node that is depended on.
    pub from: usize,
    /// Index of the node that depends on it.
    pub to: usize,
    /// Why: "prints its labels".
    pub reason: String,
    line: String,
    label: (f64, f64),
    lines: Vec<String>,
}

impl Node {
    /// A node in a column, counted from the left and from 0.
    #[must_use]
    pub fn new(column: usize, text: &str, below: &str) -> Self {
        Self {
            text: text.to_owned(),
            below: below.to_owned(),
            href: None,
            harm: None,
            column,
            x: 0.0,
            y: 0.0,
            lines: wrapped(text, 19, 2),
            below_lines: wrapped(below, 23, 3),
        }
    }

    /// With where it leads.
    #[must_use]
    pub fn leading_to(mut self, href: &str) -> Self {
        self.href = Some(href.to_owned());
        self
    }

    /// With what it means for care.
    #[must_use]
    pub fn meaning(mut self, harm: Harm) -> Self {
        self.harm = Some(harm);
        self
    }
}

impl Arrow {
    /// An arrow between nodes, by their index.
    #[must_use]
    pub fn new(from: usize, to: usize, reason: &str) -> Self {
        let (reason, lines) = (reason.to_owned(), wrapped(reason, 17, 3));
        Self { from, to, reason, line: String::new(), label: (0.0, 0.0), lines }
    }
}

impl Path {
    /// Lays a path out. Arrows to nodes that are not there are left out; columns with too many
    /// nodes show the first ones and count the rest.
    #[must_use]
    pub fn new(
        id: &str,
        title: &str,
        heads: &[&str],
        nodes: Vec<Node>,
        arrows: Vec<Arrow>,
    ) -> Self {
        let (mut nodes, mut arrows) = fewer(heads.len(), nodes, arrows);
        let gaps = heads.len().saturating_sub(1).max(1) as f64;
        let pitch = (WIDTH - NODE.0) / gaps;
        let gap = |column: usize| {
            let is_inner = |arrow: &Arrow| {
                let within = |node: usize| nodes.get(node).is_some_and(|n| n.column == column);
                within(arrow.from) && within(arrow.to)
            };
            if arrows.iter().any(is_inner) { BETWEEN.1 } else { BETWEEN.0 }
        };
        let columns: Vec<(f64, f64)> = (0..heads.len())
            .map(|column| {
                let (number, gap) = (in_column(&nodes, column) as f64, gap(column));
                (gap, (number * (NODE.1 + gap) - gap).max(NODE.1))
            })
            .collect();
        let tallest = columns.iter().map(|(_, used)| *used).fold(NODE.1, f64::max);
        let height = HEAD + tallest + BETWEEN.0;
        for (column, (gap, used)) in columns.iter().enumerate() {
            let mut y = HEAD + (tallest - used) / 2.0;
            for node in nodes.iter_mut().filter(|node| node.column == column) {
                (node.x, node.y) = ((column as f64 * pitch).round(), y.round());
                y += NODE.1 + gap;
            }
        }
        let near = arrows.iter().map(|arrow| nearness(arrow, &arrows)).collect::<Vec<_>>();
        for (arrow, near) in arrows.iter_mut().zip(near) {
            draw(arrow, &nodes, near);
        }
        let place = |(column, head): (usize, &&str)| {
            ((*head).to_owned(), format!("{:.0}", column as f64 * pitch))
        };
        Self {
            id: id.to_owned(),
            title: title.to_owned(),
            heads: heads.iter().enumerate().map(place).collect(),
            nodes,
            arrows,
            width: format!("{WIDTH:.0}"),
            height: format!("{height:.0}"),
        }
    }
}

fn in_column(nodes: &[Node], column: usize) -> usize {
    nodes.iter().filter(|node| node.column == column).count()
}

/// At most [`MOST`] nodes a column, arrows renumbered.
fn fewer(columns: usize, nodes: Vec<Node>, arrows: Vec<Arrow>) -> (Vec<Node>, Vec<Arrow>) {
    let mut kept = Vec::new();
    let mut places = vec![None; nodes.len()];
    let mut passed = vec![0_usize; columns];
    let counts: Vec<usize> = (0..columns).map(|column| in_column(&nodes, column)).collect();
    for (index, node) in nodes.into_iter().enumerate().filter(|(_, node)| node.column < columns) {
        let column = node.column;
        passed[column] += 1;
        let more = counts[column] - MOST.min(counts[column]);
        if more == 0 || passed[column] < MOST {
            places[index] = Some(kept.len());
            kept.push(node);
        } else if passed[column] == MOST {
            let text = format!("{} more", super::words::grouped(more as i64 + 1));
            kept.push(Node::new(column, &text, "not drawn"));
        }
    }
    let renumber = |mut arrow: Arrow| {
        arrow.from = (*places.get(arrow.from)?)?;
        arrow.to = (*places.get(arrow.to)?)?;
        Some(arrow)
    };
    (kept, arrows.into_iter().filter_map(renumber).collect())
}

/// How far down an arrow its reason stands, from 0 to 1: where many leave one node or come
/// together at one, nearer to the side on which they are apart, lest the reasons overlap.
fn nearness(arrow: &Arrow, all: &[Arrow]) -> f64 {
    let leaving = all.iter().filter(|other| other.from == arrow.from).count();
    let arriving = all.iter().filter(|other| other.to == arrow.to).count();
    match leaving.cmp(&arriving) {
        Ordering::Greater => 0.75,
        Ordering::Equal => 0.5,
        Ordering::Less => 0.25,
    }
}

/// From the right side of one node to the left side of the other; within a column from one to
/// the next, or around those between. `near` is how far down the reason stands.
fn draw(arrow: &mut Arrow, nodes: &[Node], near: f64) {
    let (Some(from), Some(to)) = (nodes.get(arrow.from), nodes.get(arrow.to)) else { return };
    if from.column == to.column {
        return draw_within(arrow, from, to);
    }
    let (x1, y1) = (from.x + NODE.0, from.y + NODE.1 / 2.0);
    let (x2, y2) = (to.x - 7.0, to.y + NODE.1 / 2.0);
    let middle = f64::midpoint(x1, x2);
    arrow.line =
        format!("M{x1:.0} {y1:.0}C{middle:.0} {y1:.0} {middle:.0} {y2:.0} {x2:.0} {y2:.0}");
    arrow.label = (middle.round(), (y1 + (y2 - y1) * near).round());
}

/// Straight where the nodes are neighbours, else a curve on the right.
fn draw_within(arrow: &mut Arrow, from: &Node, to: &Node) {
    let (top, bottom) = if from.y < to.y { (from, to) } else { (to, from) };
    let between = bottom.y - top.y - NODE.1;
    let x = from.x + NODE.0 / 2.0;
    if between <= BETWEEN.1 {
        let (start, end) = match from.y < to.y {
            true => (from.y + NODE.1, to.y - 7.0),
            false => (from.y, to.y + NODE.1 + 7.0),
        };
        arrow.line = format!("M{x:.0} {start:.0}V{end:.0}");
        arrow.label = (x.round(), f64::midpoint(top.y + NODE.1, bottom.y).round());
    } else {
        let (side, y1, y2) = (from.x + NODE.0, from.y + NODE.1 / 2.0, to.y + NODE.1 / 2.0);
        let (far, end) = (side + 60.0, side + 7.0);
        arrow.line =
            format!("M{side:.0} {y1:.0}C{far:.0} {y1:.0} {far:.0} {y2:.0} {end:.0} {y2:.0}");
        arrow.label = (far, f64::midpoint(y1, y2).round());
    }
}
