//! Findings along time as a picture: a row of bars for each severity, so that rows, words and
//! shapes tell what colour tells. In: the summary. Out: numbers for the template.

use serde::Serialize;
use terms::Level;

use super::page::{Severity, number};
use crate::{format::table::period, scan::report::Report};

/// The timeline.
#[derive(Serialize)]
pub(crate) struct Picture {
    /// What the picture shows, in a sentence.
    finding: String,
    /// What it looks like, for those who do not see it.
    description: String,
    rows: Vec<Row>,
    width: usize,
    height: usize,
    from: String,
    to: String,
    scale: String,
    table: Vec<Line>,
}

#[derive(Serialize)]
struct Row {
    severity: Severity,
    total: String,
    base: usize,
    bars: Vec<Bar>,
}

#[derive(Serialize)]
struct Bar {
    x: usize,
    y: String,
    height: String,
}

/// One line of the table beside the picture.
#[derive(Serialize)]
struct Line {
    from: String,
    counts: Vec<String>,
}

const BARS: usize = 72;
const BAR_WIDTH: usize = 10;
const ROW_HEIGHT: usize = 40;
/// The tallest bar leaves this much of the row free.
const HEADROOM: f64 = 6.0;

/// The picture. None if no record tells its time.
pub(crate) fn draw(report: &Report<'_>) -> Option<Picture> {
    let timeline = report.summary.timeline(BARS)?;
    let zone = &report.plan.zone;
    let levels: Vec<Level> = Level::ALL
        .into_iter()
        .rev()
        .filter(|level| timeline.bars.iter().any(|bar| bar.count.of(*level) > 0))
        .collect();
    let most =
        timeline.bars.iter().flat_map(|bar| levels.iter().map(|l| bar.count.of(*l))).max()?;
    let rows: Vec<Row> = levels
        .iter()
        .enumerate()
        .map(|(at, level)| {
            let base = (at + 1) * ROW_HEIGHT;
            let counts = timeline.bars.iter().map(|bar| bar.count.of(*level)).enumerate();
            let bars = counts.clone().filter(|(_, n)| *n > 0).map(|(x, n)| bar(x, n, most, base));
            Row {
                severity: Severity::of(*level),
                total: number(counts.clone().map(|(_, n)| n).sum()),
                base,
                bars: bars.collect(),
            }
        })
        .collect();
    let peak = timeline.bars.iter().max_by_key(|bar| bar.count.total())?;
    let span = period(timeline.width_s);
    let at = zone.bar(peak.from, timeline.width_s);
    let finding = if timeline.bars.len() == 1 {
        format!("All findings fall into {span} from {at} {}", zone.name)
    } else {
        format!(
            "Busiest {}: from {at} {}, with {} of {} findings",
            span.strip_prefix("1 ").unwrap_or(&span),
            zone.name,
            number(peak.count.total()),
            number(report.summary.findings),
        )
    };
    let totals: Vec<String> =
        rows.iter().map(|row| format!("{} {}", row.total, row.severity.word())).collect();
    let table = timeline.bars.iter().filter(|bar| bar.count.total() > 0).map(|bar| Line {
        from: zone.bar(bar.from, timeline.width_s),
        counts: levels.iter().map(|level| number(bar.count.of(*level))).collect(),
    });
    let untimed = match timeline.untimed {
        0 => String::new(),
        n => format!(" Not in the picture: {} findings that tell no time.", number(n)),
    };
    Some(Picture {
        finding,
        description: format!(
            "Bars along time, one row a severity: {}. The table below holds the figures.",
            totals.join(", ")
        ),
        width: timeline.bars.len() * BAR_WIDTH,
        height: levels.len() * ROW_HEIGHT,
        from: zone.bar(timeline.bars.first()?.from, timeline.width_s),
        to: zone.bar(timeline.bars.last()?.from, timeline.width_s),
        scale: format!(
            "One bar is {span}; heights are logarithmic; times in {}.{untimed}",
            zone.name
        ),
        rows,
        table: table.collect(),
    })
}

fn bar(x: usize, n: u64, most: u64, base: usize) -> Bar {
    let room = ROW_HEIGHT as f64 - HEADROOM;
    let height = (room * (n as f64).ln_1p() / (most as f64).ln_1p()).max(3.0);
    Bar {
        x: x * BAR_WIDTH,
        y: format!("{:.1}", base as f64 - height),
        height: format!("{height:.1}"),
    }
}
