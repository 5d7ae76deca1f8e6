//! How much happened when: bars over equal spans of time, with marks for single events.
//!
//! Places along the axis are percentages, so that the picture takes any width while its text
//! keeps its size.

use serde::Serialize;

use super::{
    harm::Harm,
    words::{count, grouped},
};

/// Height of the highest bar.
const HEIGHT: f64 = 72.0;

/// Room above the bars for the marks.
const ABOVE: f64 = 20.0;

/// A strip of bars.
#[derive(Clone, Debug, Serialize)]
pub struct Bars {
    /// Its finding: "Alerts doubled after 14:00".
    pub title: String,
    /// What a bar counts and in what span: "alerts an hour".
    pub unit: String,
    /// What stands at the top of the axis: "40 alerts per hour".
    pub top: String,
    /// Left to right, oldest first.
    pub bars: Vec<Bar>,
    /// Single events.
    pub marks: Vec<Mark>,
    /// Words below the axis.
    pub ticks: Vec<Tick>,
    told: String,
}

/// One span of time.
#[derive(Clone, Debug, Serialize)]
pub struct Bar {
    /// The span: "14:00 to 15:00".
    pub text: String,
    /// What was counted in it.
    pub value: i64,
    x: String,
    width: String,
    y: String,
    height: String,
}

/// A single event above the bars.
#[derive(Clone, Debug, Serialize)]
pub struct Mark {
    /// What and when: "First alert, 14:05".
    pub text: String,
    /// Where it leads.
    pub href: Option<String>,
    /// What it means for care.
    pub harm: Harm,
    x: String,
}

/// A word below the axis.
#[derive(Clone, Debug, Serialize)]
pub struct Tick {
    /// "14:00".
    pub text: String,
}

impl Bars {
    /// Bars from values with the names of their spans, oldest first; `one` names what is counted
    /// ("alert"), `span` the width of a bar ("hour").
    #[must_use]
    pub fn new(title: &str, one: &str, span: &str, values: &[(String, i64)]) -> Self {
        let top = values.iter().map(|(_, value)| *value).max().unwrap_or_default();
        let step = 100.0 / values.len().max(1) as f64;
        let bars = values.iter().enumerate().map(|(index, (text, value))| {
            let share = (*value).max(0) as f64 / top.max(1) as f64;
            let height = if *value > 0 { (share * HEIGHT).max(2.0) } else { 0.0 };
            Bar {
                text: text.clone(),
                value: *value,
                x: format!("{:.3}%", step * (index as f64 + 0.1)),
                width: format!("{:.3}%", step * 0.8),
                y: format!("{:.1}", ABOVE + HEIGHT - height),
                height: format!("{height:.1}"),
            }
        });
        let bars: Vec<Bar> = bars.collect();
        Self {
            title: title.to_owned(),
            unit: format!("{one}s per {span}"),
            top: format!("{} per {span}", count(top, one, None)),
            told: told(&bars),
            bars,
            marks: Vec::new(),
            ticks: ticks(values),
        }
    }

    /// With a mark at `share` of the axis, 0 for its left end and 1 for its right.
    #[must_use]
    pub fn with_mark(mut self, share: f64, text: &str, harm: Harm, href: Option<String>) -> Self {
        let x = format!("{:.3}%", share.clamp(0.0, 1.0) * 100.0);
        self.marks.push(Mark { text: text.to_owned(), href, harm, x });
        self
    }
}

/// The picture in words: its total and its highest bar.
fn told(bars: &[Bar]) -> String {
    let total = bars.iter().map(|bar| bar.value).fold(0, i64::saturating_add);
    match bars.iter().max_by_key(|bar| bar.value).filter(|bar| bar.value > 0) {
        None => format!("Nothing in {}", count(bars.len() as i64, "span", None)),
        Some(most) => {
            format!("{} in all; most, {}, in {}", grouped(total), grouped(most.value), most.text)
        }
    }
}

/// First, middle and last span.
fn ticks(values: &[(String, i64)]) -> Vec<Tick> {
    let mut places = vec![0, values.len() / 2, values.len().saturating_sub(1)];
    places.dedup();
    let named = places.into_iter().filter_map(|place| values.get(place));
    named.map(|(text, _)| Tick { text: text.clone() }).collect()
}
