//! Findings by device, user, tactic and technique, with their severities.

use detect::summary::ByLevel;
use terms::Level;

use super::{heading, more};
use crate::{
    scan::report::Report,
    term::{
        Look, count,
        grid::{Cell, Grid, flexible, number},
        paint::{Paint, short},
        safe,
    },
};

/// All four tables; those without rows are left out.
pub(super) fn sections(report: &Report<'_>, look: Look, rows: usize) -> String {
    let (summary, rules) = (&report.summary, report.rules());
    let owned = |list: Vec<(&str, ByLevel)>| -> Vec<(String, ByLevel)> {
        list.into_iter().map(|(name, count)| (name.to_owned(), count)).collect()
    };
    let tactics = summary.tactics(rules).into_iter().map(|(name, n)| (name.replace('-', " "), n));
    section("Devices", &owned(summary.hosts()), look, rows)
        + &section("Users", &owned(summary.users()), look, rows)
        + &section(
            "Tactics, in the order of an attack",
            &tactics.collect::<Vec<_>>(),
            look,
            rows.max(16),
        )
        + &section("Techniques", &summary.techniques(rules), look, rows)
}

/// Below this width, titles of columns are short.
const NARROW: usize = 80;

fn section(title: &str, list: &[(String, ByLevel)], look: Look, rows: usize) -> String {
    if list.is_empty() {
        return String::new();
    }
    let levels: Vec<Level> = Level::ALL
        .into_iter()
        .rev()
        .filter(|level| list.iter().any(|(_, count)| count.of(*level) > 0))
        .collect();
    let is_narrow = look.width < NARROW;
    let title_of = |level: Level| match (is_narrow, level) {
        (true, Level::Critical) => "crit",
        (true, Level::Medium) => "med",
        _ => short(level),
    };
    let mut columns = vec![flexible("", 18), number(if is_narrow { "all" } else { "findings" })];
    columns.extend(levels.iter().map(|level| number(title_of(*level))));
    let mut grid = Grid::new(columns);
    for (name, counts) in list.iter().take(rows) {
        let mut row = vec![Cell::new(safe(name), Paint::Plain), count(counts.total()).into()];
        row.extend(levels.iter().map(|level| match counts.of(*level) {
            0 => Cell::new("-", Paint::Faint),
            n => Cell::new(count(n), Paint::Level(*level)),
        }));
        grid.row(row);
    }
    let what = title.split(',').next().unwrap_or_default().to_lowercase();
    heading(look, title) + &grid.text(look) + &more(look, list.len().saturating_sub(rows), &what)
}
