//! Patterns of paths to leave out. In: the user's pattern. Out: does a path match. No I/O.

/// A path pattern: `?` is one character, `*` any but `/`, `**` any.
///
/// A pattern without `/` is tried on the name of each file and folder; one with `/` on the end
/// of the path, from any of its folders on. In archive members, `!` separates like `/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    text: Vec<u8>,
    is_path: bool,
}

impl Pattern {
    /// Reads a pattern; every text is one.
    pub fn new(text: &str) -> Self {
        let text = text.replace('\\', "/");
        let text = text.trim_end_matches('/').trim_start_matches("./");
        Pattern { text: text.as_bytes().to_vec(), is_path: text.contains('/') }
    }

    /// Whether the path (as shown to the user) matches.
    pub fn matches(&self, path: &str) -> bool {
        let path = path.replace(['\\', '!'], "/");
        let path = path.as_bytes();
        if !self.is_path {
            let name = path.rsplit(|&b| b == b'/').next().unwrap_or(path);
            return matches(&self.text, name);
        }
        let starts = memchr::memchr_iter(b'/', path).map(|at| at + 1);
        std::iter::once(0).chain(starts).any(|start| matches(&self.text, &path[start..]))
    }
}

/// A star to try again: its place in the pattern, and where its match began in the text.
type Return = (usize, usize);

/// Matches with one point of return for each kind of star, so the cost stays bounded.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let (mut star, mut double): (Option<Return>, Option<Return>) = (None, None);
    loop {
        if pattern[p..].starts_with(b"**") {
            (double, star) = (Some((p, t)), None);
            p += if pattern[p..].starts_with(b"**/") { 3 } else { 2 };
        } else if pattern.get(p) == Some(&b'*') {
            star = Some((p, t));
            p += 1;
        } else if t < text.len() && p < pattern.len() && is_same(pattern[p], text[t]) {
            (p, t) = (p + 1, t + 1);
        } else if t == text.len() && p == pattern.len() {
            return true;
        } else if let Some((at, from)) =
            star.filter(|&(_, f)| text.get(f).is_some_and(|&b| b != b'/'))
        {
            star = Some((at, from + 1));
            (p, t) = (at + 1, from + 1);
        } else if let Some((at, from)) = double.filter(|&(_, f)| f < text.len()) {
            (double, star) = (Some((at, from + 1)), None);
            p = at + if pattern[at..].starts_with(b"**/") { 3 } else { 2 };
            t = from + 1;
        } else {
            return false;
        }
    }
}

fn is_same(pattern: u8, text: u8) -> bool {
    pattern == text || (pattern == b'?' && text != b'/')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, path: &str, expected: bool) {
        assert_eq!(Pattern::new(pattern).matches(path), expected, "{pattern} on {path}");
    }

    #[test]
    fn a_name_pattern_matches_in_any_folder() {
        check("*.bak", "logs/old/a.bak", true);
        check("*.bak", "logs/a.bak.json", false);
        check("a?.json", "a1.json", true);
        check("old", "logs/old", true);
    }

    #[test]
    fn a_path_pattern_matches_the_end_of_a_path() {
        check("old/*.json", "logs/old/a.json", true);
        check("old/*.json", "logs/old/deep/a.json", false);
        check("old/**", "logs/old/deep/a.json", true);
        check("logs/**/a.json", "logs/a.json", true);
        check("logs/**/a.json", "x/logs/b/c/a.json", true);
        check("logs/**/a*.json", "logs/ab/abc.json", true);
    }

    #[test]
    fn members_of_archives_match_by_their_own_name() {
        check("*.csv", "outer.zip!inner/a.csv", true);
        check("inner/*.csv", "outer.zip!inner/a.csv", true);
    }

    #[test]
    fn many_stars_cost_little() {
        check(&"*a".repeat(40), &"a".repeat(30).repeat(30), true);
        check(&format!("{}b", "*a".repeat(40)), &"a".repeat(900), false);
    }
}
