//! Numbers in words and digits, as all pages write them.

/// 1234567 as "1,234,567".
#[must_use]
pub fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::from(if number < 0 { "-" } else { "" });
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// "1 alert", "1,200 alerts"; `many` is the plural where it is not made with an s.
#[must_use]
pub fn count(number: i64, one: &str, many: Option<&str>) -> String {
    let noun = match (number, many) {
        (1, _) => one.to_owned(),
        (_, Some(many)) => many.to_owned(),
        (_, None) => format!("{one}s"),
    };
    format!("{} {noun}", grouped(number))
}

/// The first `most` characters, with an ellipsis where some were left out.
#[must_use]
pub fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// Cuts text into at most `lines` lines of at most `width` characters, at blanks where there are
/// any. What does not fit ends with an ellipsis. For SVG, which cannot wrap.
#[must_use]
pub fn wrapped(text: &str, width: usize, lines: usize) -> Vec<String> {
    let mut done: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let mut rest: &str = word;
        loop {
            let used = line.chars().count();
            let gap = usize::from(used > 0);
            if used + gap + rest.chars().count() <= width {
                if gap == 1 {
                    line.push(' ');
                }
                line.push_str(rest);
                break;
            }
            if used > 0 {
                done.push(std::mem::take(&mut line));
                continue;
            }
            let cut = rest.char_indices().nth(width).map_or(rest.len(), |(at, _)| at);
            done.push(rest[..cut].to_owned());
            rest = &rest[cut..];
        }
        if done.len() > lines {
            break;
        }
    }
    if !line.is_empty() {
        done.push(line);
    }
    if done.len() > lines {
        done.truncate(lines);
        if let Some(last) = done.last_mut() {
            *last = format!("{}…", shortened(last, width).trim_end_matches('…'));
            if last.chars().count() > width {
                let kept: String = last.chars().take(width.saturating_sub(1)).collect();
                *last = format!("{kept}…");
            }
        }
    }
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped_whatever_the_sign() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (-1_234_567, "-1,234,567"),
            (i64::MIN, "-9,223,372,036,854,775,808"),
        ] {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn only_one_is_singular() {
        assert_eq!(count(0, "alert", None), "0 alerts");
        assert_eq!(count(1, "alert", None), "1 alert");
        assert_eq!(count(1_200, "person", Some("people")), "1,200 people");
    }

    #[test]
    fn lines_never_exceed_their_width_or_number() {
        for text in ["", "one", "a few words that wrap", &"x".repeat(500), &"ab ".repeat(500)] {
            let lines = wrapped(text, 10, 3);
            assert!(lines.len() <= 3, "{lines:?}");
            assert!(lines.iter().all(|line| line.chars().count() <= 10), "{lines:?}");
        }
        assert_eq!(wrapped("pathology labels", 10, 2), ["pathology", "labels"]);
        assert_eq!(wrapped("one two three four", 9, 1), ["one two…"]);
    }
}
