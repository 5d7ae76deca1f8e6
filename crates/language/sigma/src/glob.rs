//! Patterns with wildcards: `*` for any characters, `?` for exactly one.

/// A pattern that is compared with a whole text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Glob {
    /// What stands between the stars: the first is tied to the start, the last to the end.
    runs: Vec<Run>,
}

/// Literals and single characters without a star among them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Run {
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Piece {
    Text(Box<str>),
    One,
    Dash,
}

/// A part of a pattern as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Itself.
    Text(String),
    /// `*`.
    Many,
    /// `?`.
    One,
    /// Any of [`DASHES`].
    Dash,
}

/// What stands for the dash before an option in a Windows command line.
/// Source: Sigma specification 2.1, modifier `windash`.
pub const DASHES: [char; 5] = ['-', '/', '\u{2013}', '\u{2014}', '\u{2015}'];

impl Glob {
    /// The pattern made of these parts.
    pub fn new(parts: &[Part]) -> Self {
        let mut runs = vec![Run::default()];
        for part in parts {
            let run = runs.last_mut().map(|run| &mut run.pieces);
            match (part, run) {
                (Part::Many, _) => runs.push(Run::default()),
                (Part::Text(text), Some(pieces)) => pieces.push(Piece::Text(text.as_str().into())),
                (Part::One, Some(pieces)) => pieces.push(Piece::One),
                (Part::Dash, Some(pieces)) => pieces.push(Piece::Dash),
                (_, None) => {}
            }
        }
        Glob { runs }
    }

    /// Whether the whole text fits.
    pub fn matches(&self, text: &str) -> bool {
        let [first, rest @ ..] = self.runs.as_slice() else { return text.is_empty() };
        let Some(mut at) = first.at(text) else { return false };
        let Some((last, middle)) = rest.split_last() else { return at == text.len() };
        for run in middle {
            match run.find(&text[at..]) {
                Some(end) => at += end,
                None => return false,
            }
        }
        last.ends(&text[at..])
    }

    /// The longest plain text that every fitting text holds.
    pub fn longest_text(&self) -> &str {
        let pieces = self.runs.iter().flat_map(|run| &run.pieces);
        let texts = pieces.filter_map(|piece| match piece {
            Piece::Text(text) => Some(&**text),
            Piece::One | Piece::Dash => None,
        });
        texts.max_by_key(|text| text.len()).unwrap_or_default()
    }
}

impl Run {
    /// Where the run ends if it stands at the start of `text`.
    fn at(&self, text: &str) -> Option<usize> {
        let mut at = 0;
        for piece in &self.pieces {
            match piece {
                Piece::Text(piece) => {
                    if !text[at..].starts_with(&**piece) {
                        return None;
                    }
                    at += piece.len();
                }
                Piece::One => at += text[at..].chars().next()?.len_utf8(),
                Piece::Dash => {
                    let next = text[at..].chars().next()?;
                    if !DASHES.contains(&next) {
                        return None;
                    }
                    at += next.len_utf8();
                }
            }
        }
        Some(at)
    }

    /// Where the run ends at the first place it stands in `text`.
    fn find(&self, text: &str) -> Option<usize> {
        match self.pieces.as_slice() {
            [] => Some(0),
            [Piece::Text(only)] => text.find(&**only).map(|at| at + only.len()),
            _ => starts(text).find_map(|at| self.at(&text[at..]).map(|end| at + end)),
        }
    }

    /// Whether the run stands at the end of `text`.
    fn ends(&self, text: &str) -> bool {
        match self.pieces.as_slice() {
            [] => true,
            [Piece::Text(only)] => text.ends_with(&**only),
            pieces => {
                let characters: usize = pieces
                    .iter()
                    .map(|piece| match piece {
                        Piece::Text(text) => text.chars().count(),
                        Piece::One | Piece::Dash => 1,
                    })
                    .sum();
                let start = match text.char_indices().rev().nth(characters.saturating_sub(1)) {
                    Some((start, _)) => start,
                    None => return false,
                };
                self.at(&text[start..]) == Some(text.len() - start)
            }
        }
    }
}

/// Every place at which a character starts, and the end.
fn starts(text: &str) -> impl Iterator<Item = usize> + '_ {
    text.char_indices().map(|(at, _)| at).chain(std::iter::once(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(pattern: &str) -> Vec<Part> {
        let mut parts = Vec::new();
        for c in pattern.chars() {
            match (c, parts.last_mut()) {
                ('*', _) => parts.push(Part::Many),
                ('?', _) => parts.push(Part::One),
                (c, Some(Part::Text(text))) => text.push(c),
                (c, _) => parts.push(Part::Text(c.to_string())),
            }
        }
        parts
    }

    fn check(pattern: &str, text: &str, expected: bool) {
        assert_eq!(Glob::new(&parts(pattern)).matches(text), expected, "{pattern} on {text:?}");
    }

    #[test]
    fn a_star_stands_for_any_characters_line_breaks_included() {
        check("a*b", "ab", true);
        check("a*b", "a\nxb", true);
        check("a*b", "abc", false);
        check("*", "", true);
        check("**", "x", true);
        check("a*b*c", "a-b-b-c", true);
        check("a*bc*c", "abc", false);
    }

    #[test]
    fn a_question_mark_stands_for_exactly_one_character() {
        check("a?c", "abc", true);
        check("a?c", "aéc", true);
        check("a?c", "ac", false);
        check("*?", "", false);
        check("*?", "é", true);
        check("*x?z", "xyz-xéz", true);
        check("?*?", "a", false);
        check("*a?*b", "xa1b", true);
    }

    proptest::proptest! {
        #[test]
        fn it_agrees_with_the_regular_expression(pattern in "[ab*?é]{0,8}", text in "[abé\n]{0,10}") {
            let regex: String = pattern
                .chars()
                .map(|c| match c {
                    '*' => ".*".to_owned(),
                    '?' => ".".to_owned(),
                    c => c.to_string(),
                })
                .collect();
            let regex = regex::Regex::new(&format!("(?s)^{regex}$")).expect("made of safe parts");
            let glob = Glob::new(&parts(&pattern));
            proptest::prop_assert_eq!(glob.matches(&text), regex.is_match(&text));
        }
    }
}
