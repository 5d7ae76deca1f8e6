//! A figure with its history, small enough for a cell.

use serde::Serialize;

use super::words::grouped;

/// Width and height of the drawing.
const SIZE: (f64, f64) = (96.0, 20.0);

/// The history of a figure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sparkline {
    /// The figure now.
    pub now: i64,
    /// "Alerts in the last 24 hours: 12 now, highest 40".
    pub title: String,
    /// The line, as the attribute `points` of SVG writes it.
    points: String,
    /// Where the figure now stands, from the top.
    end: String,
}

impl Sparkline {
    /// From the oldest to the newest figure. `top` is the highest value of the scale: the same
    /// for all of a column, or the pictures cannot be compared. `what` tells the figure and the
    /// span: "Alerts in the last 24 hours".
    #[must_use]
    pub fn new(what: &str, values: &[i64], top: i64) -> Self {
        let top = top.max(1) as f64;
        let step = SIZE.0 / (values.len().max(2) - 1) as f64;
        let y = |value: i64| 1.0 + (SIZE.1 - 2.0) * (1.0 - (value.max(0) as f64 / top).min(1.0));
        let points: Vec<String> = values
            .iter()
            .enumerate()
            .map(|(index, value)| format!("{:.1},{:.1}", index as f64 * step, y(*value)))
            .collect();
        let now = values.last().copied().unwrap_or_default();
        let highest = values.iter().copied().max().unwrap_or_default();
        let title = match values.is_empty() {
            true => format!("{what}: no history"),
            false => format!("{what}: {} now, highest {}", grouped(now), grouped(highest)),
        };
        Self { now, title, points: points.join(" "), end: format!("{:.1}", y(now)) }
    }
}
