//! Severity for the eye: a shape, a word and, where welcome, a colour. Never colour alone.

use anstyle::{AnsiColor, Style};
use terms::Level;

use super::Look;

/// What a piece of text is, for its colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Paint {
    /// As it comes.
    #[default]
    Plain,
    /// A heading.
    Heading,
    /// Of less weight.
    Faint,
    /// Of a severity.
    Level(Level),
    /// Something holds.
    Good,
    /// Something does not hold.
    Bad,
}

/// The text in its colour, or as it is.
pub(crate) fn paint(look: Look, paint: Paint, text: &str) -> String {
    if !look.colour || text.is_empty() {
        return text.to_owned();
    }
    let style = match paint {
        Paint::Plain => return text.to_owned(),
        Paint::Heading => Style::new().bold(),
        Paint::Faint => Style::new().dimmed(),
        Paint::Level(level) => of_level(level),
        Paint::Good => colour(AnsiColor::Green),
        Paint::Bad => colour(AnsiColor::Red),
    };
    format!("{style}{text}{style:#}")
}

fn colour(colour: AnsiColor) -> Style {
    Style::new().fg_color(Some(colour.into()))
}

fn of_level(level: Level) -> Style {
    match level {
        Level::Critical => colour(AnsiColor::Red).bold(),
        Level::High => colour(AnsiColor::Red),
        Level::Medium => colour(AnsiColor::Yellow),
        Level::Low => colour(AnsiColor::Cyan),
        Level::Informational => Style::new().dimmed(),
    }
}

/// The level's shape and word, for example `▲▲ critical`.
pub(crate) fn level(look: Look, level: Level) -> String {
    let shape = match (level, look.unicode) {
        (Level::Critical, true) => "▲▲",
        (Level::High, true) => "▲ ",
        (Level::Medium, true) => "◆ ",
        (Level::Low, true) => "○ ",
        (Level::Informational, true) => "· ",
        (Level::Critical, false) => "!!",
        (Level::High, false) => "! ",
        (Level::Medium, false) => "* ",
        (Level::Low, false) => "o ",
        (Level::Informational, false) => ". ",
    };
    format!("{shape} {}", short(level))
}

/// The level's word, `info` for the longest.
pub(crate) fn short(level: Level) -> &'static str {
    match level {
        Level::Informational => "info",
        other => other.as_str(),
    }
}
