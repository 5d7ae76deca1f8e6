//! What was found: one sentence, and the rules that held, worst first.

use detect::summary::{MAX_HOSTS_OF_A_RULE, RuleCount};
use sigma::Meta;

use super::{heading, more};
use crate::{
    scan::report::Report,
    term::{
        Look, count, counted,
        grid::{Cell, Grid, fixed, flexible, number},
        paint::{self, Paint, paint},
        safe,
        wrap::wrap,
    },
};

/// Everything in one sentence.
pub(crate) fn sentence(report: &Report<'_>, dash: &str) -> String {
    let summary = &report.summary;
    let left_out = match report.excluded_findings() {
        0 => String::new(),
        n => format!(" {} left out by exclusions.", counted(n, "finding was", "findings were")),
    };
    if summary.findings == 0 {
        return nothing(report) + &left_out;
    }
    let rules = summary.rules(report.rules());
    let (hosts, _) = summary.names();
    let mut text = format!(
        "{} of {}",
        counted(summary.findings, "finding", "findings"),
        counted(rules.len() as u64, "rule", "rules")
    );
    if hosts > 0 {
        text.push_str(&format!(" on {}", counted(hosts as u64, "device", "devices")));
    }
    if let Some((first, last)) = summary.span() {
        let zone = &report.plan.zone;
        text.push_str(&format!(", {} {}", zone.span(first, last, dash), zone.name));
    }
    if let Some(worst) = summary.levels(report.rules()).worst() {
        text.push_str(&format!(". Worst: {worst}."));
    }
    text + &left_out
}

/// "Nothing found" only where there was something to look at.
fn nothing(report: &Report<'_>) -> String {
    let read = &report.read;
    match (read.records, read.out_of_time) {
        (0, 0) => "There were no records to look at.".to_owned(),
        (0, n) => format!(
            "Nothing found: none of {} lies in the time asked for.",
            counted(n, "record", "records")
        ),
        (n, _) => format!("Nothing found in {}.", counted(n, "record", "records")),
    }
}

/// The sentence, wrapped and painted.
pub(super) fn header(report: &Report<'_>, look: Look) -> String {
    let mut text = sentence(report, look.dash());
    if report.is_interrupted {
        text.push_str(" Stopped by Ctrl-C: the input was not read to its end.");
    }
    let kind = match report.summary.levels(report.rules()).worst() {
        Some(worst) => Paint::Level(worst),
        None => Paint::Heading,
    };
    wrap(&text, look.width).iter().map(|line| paint(look, kind, line) + "\n").collect()
}

/// Wide enough for a column of its own for each fact.
const WIDE: usize = 92;

/// The rules that held.
pub(super) fn rules(report: &Report<'_>, look: Look, rows: usize) -> String {
    let list = report.summary.rules(report.rules());
    let is_wide = look.width >= WIDE;
    let zone = &report.plan.zone.name;
    let times = format!("When ({zone})");
    let mut grid = if is_wide {
        Grid::new(vec![
            fixed("   Level"),
            number("Findings"),
            flexible("Rule", 24),
            number("Devices"),
            fixed(&times),
            flexible("ATT&CK", 9),
        ])
    } else {
        Grid::new(vec![fixed("   Level"), number("Findings"), flexible("Rule", 24)])
    };
    for (rule, found) in list.iter().take(rows) {
        let meta = report.rules().meta(*rule);
        let level = Cell::new(paint::level(look, meta.level), Paint::Level(meta.level));
        let findings = count(found.findings);
        let title = Cell::new(safe(&meta.title), Paint::Plain);
        let span = span(report, found, look);
        let techniques: Vec<String> = meta.techniques().collect();
        grid.row(if is_wide {
            vec![
                level,
                findings.into(),
                title,
                devices(found).into(),
                two_lines(&span, look).into(),
                techniques.join(" ").into(),
            ]
        } else {
            let facts = facts(found, &span, zone, &techniques, look);
            vec![level, findings.into(), title.and(facts, Paint::Faint)]
        });
    }
    let hidden = list.len().saturating_sub(rows);
    heading(look, "Rules that found something") + &grid.text(look) + &more(look, hidden, "rules")
}

/// Two dates in two lines: the titles beside them need the room.
fn two_lines(span: &str, look: Look) -> String {
    let gap = format!(" {} ", look.dash());
    match span.split_once(&gap) {
        Some((first, last)) if last.len() > "08:30".len() => {
            format!("{first} {}\n{last}", look.dash())
        }
        _ => span.to_owned(),
    }
}

fn facts(found: &RuleCount, span: &str, zone: &str, techniques: &[String], look: Look) -> String {
    let mut facts = Vec::new();
    if found.hosts() > 0 {
        let noun = if found.hosts() == 1 { "device" } else { "devices" };
        facts.push(format!("{} {noun}", devices(found)));
    }
    if !span.is_empty() {
        facts.push(format!("{span} {zone}"));
    }
    if !techniques.is_empty() {
        facts.push(techniques.join(" "));
    }
    facts.join(look.dot())
}

fn devices(found: &RuleCount) -> String {
    match found.hosts() {
        MAX_HOSTS_OF_A_RULE => format!("{}+", count(MAX_HOSTS_OF_A_RULE as u64)),
        n => count(n as u64),
    }
}

fn span(report: &Report<'_>, found: &RuleCount, look: Look) -> String {
    match (found.first, found.last) {
        (Some(first), Some(last)) => report.plan.zone.span(first, last, look.dash()),
        _ => String::new(),
    }
}

/// Tags and facts of a rule that people ask for by name.
pub(super) fn has_care_notes(meta: &Meta) -> bool {
    !meta.harm.is_empty() || !meta.action.is_empty()
}
