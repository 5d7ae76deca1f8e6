//! Texts of which one must stand in whatever a regular expression matches.

use regex_syntax::hir::{Class, Hir, HirKind};

/// Shorter texts are no use to the index.
const SHORTEST: usize = 3;
/// More alternatives than this are no use either.
const MOST: usize = 64;

/// Lower-case ASCII texts of at least three characters, one of which stands in the index's form
/// of every text that `source` matches. `None` when there are no such texts.
pub(super) fn texts(source: &str) -> Option<Vec<String>> {
    let hir = regex_syntax::ParserBuilder::new().build().parse(source).ok()?;
    best(&hir)
}

fn best(hir: &Hir) -> Option<Vec<String>> {
    match hir.kind() {
        HirKind::Concat(list) => {
            let runs = runs(list);
            let inner = list.iter().filter_map(|one| match one.kind() {
                HirKind::Literal(_) | HirKind::Class(_) => None,
                _ => best(one),
            });
            runs.into_iter().map(|run| vec![run]).chain(inner).max_by_key(|texts| worth(texts))
        }
        HirKind::Alternation(list) => {
            let mut all = Vec::new();
            for one in list {
                all.extend(best(one)?);
            }
            (all.len() <= MOST).then_some(all)
        }
        HirKind::Capture(capture) => best(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => best(&repetition.sub),
        HirKind::Literal(_) | HirKind::Class(_) => {
            let runs = runs(std::slice::from_ref(hir));
            runs.into_iter().max_by_key(String::len).map(|run| vec![run])
        }
        HirKind::Empty | HirKind::Look(_) | HirKind::Repetition(_) => None,
    }
}

/// Better sets have longer shortest members, then fewer members.
fn worth(texts: &[String]) -> (usize, std::cmp::Reverse<usize>) {
    let shortest = texts.iter().map(String::len).min().unwrap_or_default();
    (shortest.min(12), std::cmp::Reverse(texts.len()))
}

/// The plain texts that stand side by side in a concatenation, long enough to be of use.
fn runs(list: &[Hir]) -> Vec<String> {
    let mut runs = vec![String::new()];
    for one in list {
        match plain(one) {
            Some(text) => {
                for c in text.chars() {
                    if c.is_ascii() {
                        if let Some(run) = runs.last_mut() {
                            run.push(c.to_ascii_lowercase());
                        }
                    } else {
                        runs.push(String::new());
                    }
                }
            }
            None => runs.push(String::new()),
        }
    }
    runs.retain(|run| run.len() >= SHORTEST);
    runs
}

/// The text of a literal, or the letter that a class gives in both cases.
fn plain(hir: &Hir) -> Option<String> {
    match hir.kind() {
        HirKind::Literal(literal) => String::from_utf8(literal.0.to_vec()).ok(),
        HirKind::Class(class) => letter(class).map(String::from),
        HirKind::Capture(capture) => plain(&capture.sub),
        _ => None,
    }
}

/// The one letter of which a class holds the cases, with the two signs that Unicode counts as
/// cases of ASCII letters: the long s and the Kelvin sign. The index reads these as `s` and `k`.
fn letter(class: &Class) -> Option<char> {
    let Class::Unicode(class) = class else { return None };
    let mut letter = None;
    for range in class.iter() {
        if range.start() != range.end() {
            return None;
        }
        let lower = match range.start() {
            '\u{17f}' => 's',
            '\u{212a}' => 'k',
            c if c.is_ascii_alphabetic() => c.to_ascii_lowercase(),
            _ => return None,
        };
        if letter.is_some_and(|known| known != lower) {
            return None;
        }
        letter = Some(lower);
    }
    letter
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, expected: Option<&[&str]>) {
        let found = texts(source);
        let found: Option<Vec<&str>> =
            found.as_ref().map(|texts| texts.iter().map(String::as_str).collect());
        assert_eq!(found.as_deref(), expected, "{source}");
    }

    #[test]
    fn what_every_match_holds_is_found() {
        check("powershell.*-enc", Some(&["powershell"]));
        check("(?i)Kerberos", Some(&["kerberos"]));
        check("(?:invoke-foo|invoke-bar)x?", Some(&["invoke-foo", "invoke-bar"]));
        check("[a-z]{3}certutil+", Some(&["certuti"]));
        check("(abc){2}", Some(&["abc"]));
    }

    #[test]
    fn nothing_is_claimed_where_nothing_is_sure() {
        check("a?b?c?", None);
        check("abc|d", None);
        check("(abc)*", None);
        check("\\d+", None);
    }
}
