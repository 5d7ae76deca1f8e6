//! The place where text is read: how wide, with which characters, in colour or not.
//!
//! Modules: [`wrap`] text to lines, [`grid`] rows and columns, [`paint`] severity by shape, word
//! and colour.

pub(crate) mod grid;
pub(crate) mod paint;
pub(crate) mod wrap;

use std::io::{IsTerminal, stderr, stdout};

use crate::cli::Colour;

/// How to write for the reader at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    /// Columns of text.
    pub(crate) width: usize,
    /// Whether to use colour.
    pub(crate) colour: bool,
    /// Whether the reader's character set goes beyond ASCII.
    pub(crate) unicode: bool,
}

/// Columns when nobody says how many.
const WIDTH: usize = 100;
/// Narrower places get this much all the same.
const MIN_WIDTH: usize = 60;
/// Longer lines are hard to read.
const MAX_WIDTH: usize = 140;

impl Look {
    /// Looks at standard output and the environment. `is_file`: the text goes elsewhere.
    pub(crate) fn of_stdout(colour: Colour, is_file: bool) -> Self {
        let is_terminal = !is_file && stdout().is_terminal();
        let colour = match colour {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => is_terminal && !is_set("NO_COLOR") && !is_dumb(),
        };
        let width = columns_set()
            .or_else(|| {
                let size = is_terminal.then(terminal_size::terminal_size).flatten();
                size.map(|(width, _)| usize::from(width.0))
            })
            .unwrap_or(WIDTH);
        Look { width: width.clamp(MIN_WIDTH, MAX_WIDTH), colour, unicode: is_unicode() }
    }

    /// The dash between two times.
    pub(crate) fn dash(self) -> &'static str {
        if self.unicode { "–" } else { "-" }
    }

    /// Between two facts on one line.
    pub(crate) fn dot(self) -> &'static str {
        if self.unicode { " · " } else { "; " }
    }

    /// "Holds" and "does not hold".
    pub(crate) fn mark(self, holds: bool) -> &'static str {
        match (self.unicode, holds) {
            (true, true) => "✓",
            (true, false) => "✗",
            (false, true) => "+",
            (false, false) => "x",
        }
    }
}

/// Whether cursor tricks are welcome on standard error.
pub(crate) fn has_live_stderr() -> bool {
    stderr().is_terminal() && !is_dumb()
}

fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty())
}

fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|term| term == "dumb")
}

fn columns_set() -> Option<usize> {
    std::env::var("COLUMNS").ok()?.trim().parse().ok().filter(|columns| *columns > 0)
}

/// The first of these that is set decides, as for every program; Windows' consoles read UTF-8.
fn is_unicode() -> bool {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    set.map_or(cfg!(windows), |value| {
        let value = value.to_ascii_lowercase();
        value.contains("utf-8") || value.contains("utf8")
    })
}

/// A count with commas: `12,345`.
pub(crate) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 file`, `2 files`.
pub(crate) fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// A size as people write it: `45.2 MB`.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return counted(bytes, "byte", "bytes");
    }
    let mut value = bytes as f64 / 1000.0;
    let mut unit = 0;
    while value >= 999.95 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

/// Control characters and those that turn the direction of writing, made visible: what a log
/// holds must not steer the terminal.
pub(crate) fn safe(text: &str) -> std::borrow::Cow<'_, str> {
    let steers = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if !text.contains(steers) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if steers(c) {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_sizes_are_written_for_people() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(size(999), "999 bytes");
        assert_eq!(size(473_342_593), "473.3 MB");
        assert_eq!(size(999_999), "1.0 MB");
    }

    #[test]
    fn a_log_cannot_steer_the_terminal() {
        assert_eq!(safe("a\u{1b}[2Jb"), "a\\u{1b}[2Jb");
        assert_eq!(safe("a\u{202e}b"), "a\\u{202e}b");
        assert_eq!(safe("naïve ✓"), "naïve ✓");
    }
}
