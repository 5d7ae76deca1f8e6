//! Text to lines of a width. Breaks at blanks, else after separators, else anywhere; never
//! leaves a character out. Pure.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns that the text takes.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// The text in lines of at most `columns`; line breaks in it are kept. At least one line.
pub(crate) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = String::new();
        for word in paragraph.split(' ') {
            let room = columns.saturating_sub(width(&line) + usize::from(!line.is_empty()));
            if width(word) <= room {
                if !line.is_empty() {
                    line.push(' ');
                }
                line.push_str(word);
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            line = break_word(word, columns, &mut lines);
        }
        lines.push(line);
    }
    lines
}

/// Puts all but the last part of a long word into `lines`.
fn break_word(word: &str, columns: usize, lines: &mut Vec<String>) -> String {
    let mut rest = word;
    while width(rest) > columns {
        let mut used = 0;
        // Folders first: a name that stays whole can be found again.
        let (mut end, mut after_folder, mut after_separator) = (0, 0, 0);
        for (at, c) in rest.char_indices() {
            let wide = c.width().unwrap_or(0);
            // A character wider than the column goes in all the same, or this would not end.
            if used + wide > columns && end > 0 {
                break;
            }
            used += wide;
            end = at + c.len_utf8();
            match c {
                '\\' | '/' => after_folder = end,
                '.' | ',' | '_' | '-' | ':' | '|' => after_separator = end,
                _ => {}
            }
        }
        let cuts = [after_folder, after_separator];
        let cut = cuts.into_iter().find(|cut| cut * 2 > end).unwrap_or(end);
        lines.push(rest[..cut].to_owned());
        rest = &rest[cut..];
    }
    rest.to_owned()
}

/// Wraps with every line but the first indented.
pub(crate) fn hanging(first: &str, indent: usize, text: &str, columns: usize) -> String {
    let lines = wrap(text, columns.saturating_sub(indent));
    let mut out = String::new();
    for (at, line) in lines.iter().enumerate() {
        if at > 0 {
            out.push('\n');
        }
        let lead = if at == 0 { first } else { "" };
        let blanks = indent.saturating_sub(width(lead));
        out.push_str(&format!("{lead}{:blanks$}{line}", ""));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_never_wider_than_asked_and_nothing_is_lost() {
        let text = "Shadow copies deleted by C:\\Windows\\System32\\vssadmin.exe on a very-long-host-name.example";
        for columns in 1..80 {
            let lines = wrap(text, columns);
            assert!(lines.iter().all(|line| width(line) <= columns), "{columns}: {lines:?}");
            let joined: String = lines.concat().replace(' ', "");
            assert_eq!(joined, text.replace(' ', ""), "{columns}");
        }
    }

    #[test]
    fn wide_characters_count_twice() {
        assert_eq!(wrap("日本語", 4), ["日本", "語"]);
    }

    #[test]
    fn a_hanging_indent_leads_the_first_line() {
        assert_eq!(hanging("First:", 8, "one two three", 15), "First:  one two\n        three");
    }
}
