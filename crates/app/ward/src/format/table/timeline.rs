//! Findings along time, as bars made of characters: a row for each severity, on one scale.

use detect::summary::Timeline;
use terms::Level;

use super::heading;
use crate::{
    scan::report::Report,
    term::{
        Look, count, counted,
        paint::{Paint, paint, short},
        wrap::{hanging, width},
    },
};

const LABEL: usize = 10;
const TALL: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const TALL_ASCII: [char; 5] = ['.', ':', 'i', 'I', '#'];
/// A chart wider than this says no more.
const MAX_BARS: usize = 72;

/// The chart. Empty if no record tells its time.
pub(super) fn chart(report: &Report<'_>, look: Look) -> String {
    // Room for the label, the counts and the gap between them.
    let bars = look.width.saturating_sub(LABEL + 10).min(MAX_BARS);
    let Some(timeline) = report.summary.timeline(bars) else { return String::new() };
    let most = timeline
        .bars
        .iter()
        .flat_map(|bar| Level::ALL.map(|level| bar.count.of(level)))
        .max()
        .unwrap_or(0);
    let mut out = heading(look, "When");
    for level in Level::ALL.into_iter().rev() {
        let counts: Vec<u64> = timeline.bars.iter().map(|bar| bar.count.of(level)).collect();
        let total: u64 = counts.iter().sum();
        if total == 0 {
            continue;
        }
        let bars: String = counts.iter().map(|n| bar(*n, most, look)).collect();
        let label = format!("{:LABEL$}", short(level));
        out.push_str(&paint(look, Paint::Level(level), &(label + &bars)));
        out.push_str(&format!("  {}\n", count(total)));
    }
    out.push_str(&axis(report, &timeline, look));
    out
}

fn bar(n: u64, most: u64, look: Look) -> char {
    if n == 0 {
        return if look.unicode { '·' } else { ' ' };
    }
    let tall: &[char] = if look.unicode { &TALL } else { &TALL_ASCII };
    let height = (n as f64).ln_1p() / (most as f64).ln_1p();
    let at = (height * tall.len() as f64).ceil() as usize;
    tall[at.clamp(1, tall.len()) - 1]
}

fn axis(report: &Report<'_>, timeline: &Timeline, look: Look) -> String {
    let (Some(first), Some(last)) = (timeline.bars.first(), timeline.bars.last()) else {
        return String::new();
    };
    let zone = &report.plan.zone;
    let (start, end) =
        (zone.bar(first.from, timeline.width_s), zone.bar(last.from, timeline.width_s));
    let room = timeline.bars.len().saturating_sub(width(&start) + width(&end));
    let has_room = room >= 2;
    let ends = if has_room { format!("{start}{}{end}", " ".repeat(room)) } else { start };
    let mut out = format!("{:LABEL$}{ends}\n", "");
    let mut scale = format!(
        "one column: {}{} ({}); heights are logarithmic",
        period(timeline.width_s),
        if has_room { String::new() } else { format!(", the last from {end}") },
        zone.name
    );
    if timeline.untimed > 0 {
        let untimed = counted(timeline.untimed, "finding tells", "findings tell");
        scale.push_str(&format!("; {untimed} no time"));
    }
    let scale = hanging("", LABEL, &scale, look.width);
    out.push_str(&paint(look, Paint::Faint, &scale));
    out.push('\n');
    out
}

/// A length of time in words: `15 minutes`.
pub(crate) fn period(seconds: i64) -> String {
    let units = [(86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second")];
    for (unit, word) in units {
        if seconds >= unit && seconds % unit == 0 {
            let n = seconds / unit;
            return if n == 1 { format!("1 {word}") } else { format!("{n} {word}s") };
        }
    }
    format!("{seconds} seconds")
}
