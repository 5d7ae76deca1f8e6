//! Plain words for the tags of rules, from `catalogues/words/attack.csv`. In: tags as rules write
//! them. Out: what may be going on, in words that need no knowledge of computers.

use std::{collections::HashMap, sync::LazyLock};

const TABLE: &str = include_str!("../../../../../catalogues/words/attack.csv");

/// What is said of one tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    /// A tactic's name; empty for a technique.
    pub name: &'static str,
    /// What may be going on: a clause to which "on EX-1" can be added.
    pub clause: &'static str,
}

static WORDS: LazyLock<HashMap<&'static str, Words>> = LazyLock::new(|| {
    let rows = TABLE.lines().skip(1).filter_map(|line| {
        let mut columns = line.splitn(3, ',').map(str::trim);
        let (tag, name, clause) = (columns.next()?, columns.next()?, columns.next()?);
        Some((tag, Words { name, clause }))
    });
    rows.collect()
});

/// The words of a tactic or technique, with or without `attack.` before it; of a part of a
/// technique without words of its own, those of the whole.
pub fn of_tag(tag: &str) -> Option<Words> {
    let tag = tag.trim().to_ascii_lowercase();
    let name = tag.strip_prefix("attack.").unwrap_or(&tag);
    let whole = || name.split_once('.').map(|(whole, _)| whole);
    WORDS.get(name).or_else(|| WORDS.get(whole()?)).copied()
}

/// What may be going on where a rule with these tags fires: the first technique with words says
/// it, else the first tactic.
pub(super) fn of_rule(tags: &[String]) -> Option<&'static str> {
    let known =
        || tags.iter().filter(|tag| tag.starts_with("attack.")).filter_map(|tag| of_tag(tag));
    let technique = known().find(|words| words.name.is_empty());
    technique.or_else(|| known().next()).map(|words| words.clause)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(tags: &str) -> Option<&'static str> {
        of_rule(&tags.split(' ').map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn every_line_of_the_table_has_a_tag_and_a_clause_that_can_be_continued() {
        assert_eq!(WORDS.len(), TABLE.lines().count() - 1, "a tag stands twice, or a line is cut");
        for (tag, words) in WORDS.iter() {
            let is_technique = tag[1..].starts_with(|c: char| c.is_ascii_digit());
            assert_eq!(words.name.is_empty(), is_technique, "{tag}");
            assert!(words.clause.len() > 10 && !words.clause.ends_with('.'), "{tag}");
            assert!(!words.clause.contains('"') && !words.clause.contains(". "), "{tag}");
            assert!(words.clause.starts_with(char::is_uppercase), "{tag}");
        }
    }

    #[test]
    fn the_first_technique_with_words_decides() {
        assert_eq!(
            of("attack.impact attack.t1490"),
            Some("Backup copies are being deleted or blocked")
        );
        let by_means = of("attack.credential-access attack.t1112 attack.t1003.001");
        assert_eq!(by_means, Some("Passwords may have been taken"), "the registry is no purpose");
    }

    #[test]
    fn without_a_known_technique_the_first_tactic_decides() {
        let of_tactic = of("attack.defense-impairment attack.t9999");
        assert_eq!(of_tactic, Some("A safeguard was switched off or weakened"));
        assert_eq!(of("cve.2026-1 detection.emerging-threats"), None);
        assert_eq!(of("attack.t9999.001 impact"), None, "only tags of ATT&CK count");
    }
}
