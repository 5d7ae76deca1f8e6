//! An event or a rule as text, with the parts that matter marked.

use std::ops::Range;

use serde::Serialize;

/// The most bytes shown; the rest is told and can be had by the link.
const MOST: usize = 32 * 1024;

/// Lines of text.
#[derive(Clone, Debug, Serialize)]
pub struct Code {
    /// What it is: "The event", "The rule".
    pub title: String,
    /// In order.
    pub lines: Vec<Line>,
    /// Bytes that are not shown.
    pub left_out: i64,
    /// Where all of it is.
    pub href: Option<String>,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Left to right; together they are the line.
    pub spans: Vec<Span>,
    /// Whether something in it is marked.
    pub is_marked: bool,
}

/// A part of a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Span {
    /// The text.
    pub text: String,
    /// Whether it matters.
    pub is_marked: bool,
}

impl Code {
    /// Text with the bytes in `marks` marked. Marks may overlap, stand in any order and reach
    /// beyond the text; a mark that cuts a character covers all of it.
    #[must_use]
    pub fn marked(title: impl Into<String>, text: &str, marks: &[Range<usize>]) -> Self {
        let shown = &text[..text.floor_char_boundary(MOST)];
        let mut lines = Vec::new();
        let mut start = 0;
        for line in shown.split_inclusive('\n') {
            let bare = line.trim_end_matches(['\n', '\r']);
            lines.push(cut(bare, start, marks));
            start += line.len();
        }
        let left_out = i64::try_from(text.len() - shown.len()).unwrap_or(i64::MAX);
        Self { title: title.into(), lines, left_out, href: None }
    }
}

/// One line that begins at byte `start` of the text.
fn cut(line: &str, start: usize, marks: &[Range<usize>]) -> Line {
    let within = |mark: &Range<usize>| {
        let from = line.floor_char_boundary(mark.start.saturating_sub(start).min(line.len()));
        let to = line.ceil_char_boundary(mark.end.saturating_sub(start).min(line.len()));
        (from < to && mark.end > start).then_some(from..to)
    };
    let mut inside: Vec<Range<usize>> = marks.iter().filter_map(within).collect();
    inside.sort_by_key(|mark| mark.start);
    let mut spans = Vec::new();
    let mut done = 0;
    for mark in inside {
        push(&mut spans, &line[done.min(mark.start)..mark.start], false);
        push(&mut spans, &line[mark.start.max(done)..mark.end.max(done)], true);
        done = done.max(mark.end);
    }
    push(&mut spans, &line[done..], false);
    Line { is_marked: spans.iter().any(|span| span.is_marked), spans }
}

fn push(spans: &mut Vec<Span>, text: &str, is_marked: bool) {
    match spans.last_mut() {
        _ if text.is_empty() => {}
        Some(last) if last.is_marked == is_marked => last.text.push_str(text),
        _ => spans.push(Span { text: text.to_owned(), is_marked }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, marks: &[Range<usize>], expected: &str) {
        let lines = Code::marked("The event", text, marks).lines;
        let shown: Vec<String> =
            lines.iter().map(|line| line.spans.iter().map(show).collect()).collect();
        assert_eq!(shown.join("|"), expected, "{text:?} {marks:?}");
    }

    fn show(span: &Span) -> String {
        if span.is_marked { format!("[{}]", span.text) } else { span.text.clone() }
    }

    #[test]
    #[expect(clippy::single_range_in_vec_init, reason = "one mark is a list of one range")]
    fn marks_are_cut_at_lines_merged_and_clipped() {
        check("abc def", &[4..7], "abc [def]");
        check("abc\ndef\n", &[1..5], "a[bc]|[d]ef");
        check("abcdef", &[3..5, 1..4], "a[bcde]f");
        check("abc", &[2..900, 50..60], "ab[c]");
        check("abc", &[], "abc");
        check("", &[0..3], "");
        check("é!", &[1..2], "[é]!");
    }

    #[test]
    fn a_huge_event_is_cut_and_says_so() {
        let code = Code::marked("The event", &"é".repeat(1_000_000), &[]);
        let shown: usize = code.lines.iter().flat_map(|l| &l.spans).map(|s| s.text.len()).sum();
        assert!(shown <= MOST);
        assert_eq!(shown as i64 + code.left_out, 2_000_000);
    }
}
