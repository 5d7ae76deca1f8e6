//! How much of each whole is there: one bar a group, all on one scale, the whole as its outline.

use serde::Serialize;

use super::words::grouped;

/// Bars of groups.
#[derive(Clone, Debug, Serialize)]
pub struct Shares {
    /// Its finding: "2,306 of 28,579 devices were heard".
    pub title: String,
    /// What a row is: "Kind of organisation".
    pub group: String,
    /// What the part is: "Heard".
    pub part: String,
    /// What the whole is: "Expected".
    pub whole: String,
    /// The rows, in order.
    pub rows: Vec<Share>,
}

/// A group.
#[derive(Clone, Debug, Serialize)]
pub struct Share {
    /// What it is called.
    pub text: String,
    /// How many are there.
    pub part: i64,
    /// How many there should be.
    pub whole: i64,
    /// "2,306 of 28,579".
    pub told: String,
    part_width: String,
    whole_width: String,
}

impl Shares {
    /// From groups with their parts and wholes.
    #[must_use]
    pub fn new(title: &str, [group, part, whole]: [&str; 3], rows: &[(String, i64, i64)]) -> Self {
        let top = rows.iter().map(|(_, part, whole)| *part.max(whole)).max().unwrap_or_default();
        let width = |value: i64| {
            let share = value.max(0) as f64 / top.max(1) as f64 * 100.0;
            // What is there is seen, however little.
            format!("{:.2}%", if value > 0 { share.max(0.5) } else { 0.0 })
        };
        let row = |(text, part, whole): &(String, i64, i64)| Share {
            text: text.clone(),
            part: *part,
            whole: *whole,
            told: format!("{} of {}", grouped(*part), grouped(*whole)),
            part_width: width(*part),
            whole_width: width(*whole),
        };
        let [title, group, part, whole] = [title, group, part, whole].map(str::to_owned);
        Self { title, group, part, whole, rows: rows.iter().map(row).collect() }
    }
}
