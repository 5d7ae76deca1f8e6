//! The address of a list: its path and what its query holds. A link within the list is the same
//! address with something changed; what a list does not know falls away.

use sector::{Cursor, Page, PageRequest, Total};

use crate::{
    link,
    pieces::{
        Pagination, Sort,
        words::{count, grouped},
    },
};

/// Rows of a page.
pub(crate) const ROWS: u16 = 50;

/// Where in the list a page begins: the place, its row's number, and the places before it.
const PLACE: [&str; 3] = ["after", "row", "trail"];

/// Places kept to go back to; from further on the way back is to the beginning.
const MOST_TRAIL: usize = 8;

/// Longest value that is kept.
const MOST_CHARS: usize = 200;

/// An address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    path: String,
    pairs: Vec<(String, String)>,
}

impl Address {
    /// The address of a list that knows these names, as a request asks for it. The first value of
    /// a name counts; blank ones say nothing.
    pub(crate) fn read(path: &str, raw: Option<&str>, names: &[&str]) -> Self {
        let asked: Vec<(String, String)> =
            serde_html_form::from_str(raw.unwrap_or_default()).unwrap_or_default();
        let value = |name: &&str| {
            let (_, value) = asked.iter().find(|(asked, _)| asked == name)?;
            let shown = value.trim().chars().filter(|c| !c.is_control());
            let value: String = shown.take(MOST_CHARS).collect();
            (!value.is_empty()).then(|| ((*name).to_owned(), value))
        };
        // A trail is longer than what people write.
        let trail = asked.iter().find(|(name, _)| name == "trail").filter(|(_, t)| t.len() < 2_000);
        let mut pairs: Vec<_> = names.iter().chain(&PLACE[..2]).filter_map(value).collect();
        pairs.extend(trail.cloned());
        Self { path: path.to_owned(), pairs }
    }

    /// What stands under a name; empty when nothing does.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.pairs.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// Whether anything narrows the list: all but the order and the place.
    pub(crate) fn is_narrowed(&self) -> bool {
        let is_order = |name: &str| PLACE.contains(&name) || name == "sort" || name == "order";
        self.pairs.iter().any(|(name, _)| !is_order(name))
    }

    /// The list with something else under a name, from its beginning; blank takes it away.
    pub(crate) fn with(&self, name: &str, value: &str) -> Self {
        self.at_beginning().put(name, value)
    }

    fn put(mut self, name: &str, value: &str) -> Self {
        self.pairs.retain(|(known, _)| known != name);
        if !value.is_empty() {
            self.pairs.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    fn at_beginning(&self) -> Self {
        let mut other = self.clone();
        other.pairs.retain(|(name, _)| !PLACE.contains(&name.as_str()));
        other
    }

    /// As a link.
    pub(crate) fn href(&self) -> String {
        self.href_at(&self.path)
    }

    /// The same question at another path: for files, which have no place in the list.
    pub(crate) fn elsewhere(&self, path: &str) -> String {
        self.at_beginning().href_at(path)
    }

    fn href_at(&self, path: &str) -> String {
        let pair = |(name, value): &(String, String)| format!("{name}={}", link::encoded(value));
        let query: Vec<String> = self.pairs.iter().map(pair).collect();
        match query.is_empty() {
            true => path.to_owned(),
            false => format!("{path}?{}", query.join("&")),
        }
    }

    /// How the head of a column sorts, where `word` is the column's word in the address and the
    /// list is sorted by `current`.
    pub(crate) fn sorted_by(&self, word: &str, current: &str, is_descending: bool) -> Sort {
        let is_current = word == current;
        let turned = if is_current && !is_descending { "desc" } else { "" };
        let direction = match (is_current, is_descending) {
            (false, _) => "none",
            (true, false) => "ascending",
            (true, true) => "descending",
        };
        Sort { href: self.with("sort", word).with("order", turned).href(), direction }
    }

    /// What is asked of the store.
    pub(crate) fn request(&self) -> PageRequest {
        let after = Some(self.get("after")).filter(|after| !after.is_empty());
        PageRequest {
            rows: ROWS,
            after: after.map(|after| Cursor(after.to_owned())),
            descending: self.get("order") == "desc",
        }
    }

    /// The number of the page's first row.
    fn row(&self) -> u64 {
        match self.get("after").is_empty() {
            true => 1,
            false => self.get("row").parse().unwrap_or(1).max(1),
        }
    }

    /// Where the page stands; nothing when all rows are on it. `one` and `many` name rows.
    pub(crate) fn pages<T>(&self, page: &Page<T>, one: &str, many: &str) -> Option<Pagination> {
        let rows = page.rows.len() as u64;
        let first = self.row();
        let (total, is_open_ended) = match page.total {
            Total::Exactly(total) => (total, false),
            Total::AtLeast(total) => (total, true),
        };
        if rows == 0 {
            return None;
        }
        let all = match is_open_ended {
            true => format!("{}+ {many}", grouped(number(total))),
            false => count(number(total), one, Some(many)),
        };
        let [from, to] = [first, first + rows - 1].map(|row| grouped(number(row)));
        let next = page.next.as_ref().map(|next| self.next(&next.0, first + rows).href());
        let previous = (!self.get("after").is_empty()).then(|| self.previous().href());
        let mut label = many.to_owned();
        label[..1].make_ascii_uppercase();
        Some(Pagination { label, previous, next, position: format!("{from} to {to} of {all}") })
    }

    fn next(&self, after: &str, row: u64) -> Self {
        let mut trail: Vec<&str> = self.trail().collect();
        let here = self.get("after");
        trail.push(if here.is_empty() { "-" } else { here });
        let kept = &trail[trail.len().saturating_sub(MOST_TRAIL)..];
        let next = self.at_beginning().put("after", after).put("row", &row.to_string());
        next.put("trail", &kept.join("~"))
    }

    fn previous(&self) -> Self {
        let mut trail: Vec<&str> = self.trail().collect();
        let beginning = self.at_beginning();
        match trail.pop() {
            None | Some("-") => beginning,
            Some(place) => {
                let row = self.row().saturating_sub(u64::from(ROWS)).max(1);
                let before = beginning.put("after", place).put("row", &row.to_string());
                before.put("trail", &trail.join("~"))
            }
        }
    }

    fn trail(&self) -> impl Iterator<Item = &str> {
        self.get("trail").split('~').filter(|place| !place.is_empty())
    }
}

/// A count as pages show it.
pub(crate) fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(raw: &str) -> Address {
        Address::read("/map", Some(raw), &["q", "type", "sort", "order"])
    }

    fn page(rows: usize, next: Option<&str>, total: Total) -> Page<()> {
        Page { rows: vec![(); rows], next: next.map(|next| Cursor(next.to_owned())), total }
    }

    #[test]
    fn what_a_list_does_not_know_falls_away_and_a_change_begins_anew() {
        let address = read("q=st+mary&x=1&type=&after=abc&row=51");
        assert_eq!(address.href(), "/map?q=st%20mary&after=abc&row=51");
        assert_eq!(address.with("type", "icb").href(), "/map?q=st%20mary&type=icb");
        assert_eq!(address.with("q", "").href(), "/map");
        assert_eq!(address.elsewhere("/map/x.csv"), "/map/x.csv?q=st%20mary");
        assert!(address.is_narrowed() && !read("sort=code&after=abc").is_narrowed());
    }

    #[test]
    fn next_and_previous_lead_to_the_same_pages() {
        let first = read("q=a");
        let total = Total::AtLeast(10_000);
        let pages = first.pages(&page(50, Some("one"), total), "row", "rows").expect("pages");
        assert_eq!((pages.previous, pages.position), (None, "1 to 50 of 10,000+ rows".into()));
        let second = read(pages.next.expect("a next page").split_once('?').expect("a query").1);
        let pages = second.pages(&page(50, Some("two"), total), "row", "rows").expect("pages");
        assert_eq!(pages.previous.as_deref(), Some("/map?q=a"));
        let third = read(pages.next.expect("a next page").split_once('?').expect("a query").1);
        let pages = third.pages(&page(7, None, Total::Exactly(107)), "row", "rows").expect("pages");
        assert_eq!((pages.next, pages.position), (None, "101 to 107 of 107 rows".to_owned()));
        assert_eq!(pages.previous.as_deref(), Some(second.href().as_str()));
    }

    #[test]
    fn a_column_sorts_the_other_way_round_when_it_sorts_already() {
        let sort = read("sort=code").sorted_by("code", "code", false);
        assert_eq!(
            (sort.href.as_str(), sort.direction),
            ("/map?sort=code&order=desc", "ascending")
        );
        let sort = read("sort=code&order=desc").sorted_by("code", "code", true);
        assert_eq!((sort.href.as_str(), sort.direction), ("/map?sort=code", "descending"));
        assert_eq!(read("").sorted_by("name", "code", false).direction, "none");
    }
}
