//! What a list of alerts may ask for: filters, an order, a place in it. Texts of addresses in,
//! checked values out; the store answers. Pure.

use std::{fmt, str::FromStr};

use terms::{Level, Part, PersonId, Timestamp};

use super::{
    Alert, State, Verdict,
    model::{UnknownWord, words},
    signal::beginning,
};

/// Which alerts are wanted: all that are asked hold. Empty lists ask nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// In one of these states.
    pub states: Vec<State>,
    /// Of one of these levels.
    pub levels: Vec<Level>,
    /// Of organisations in one of these parts; within the caller's scope in any case.
    pub parts: Vec<Part>,
    /// By one of these rules, by their ids.
    pub rules: Vec<String>,
    /// On this device, whatever the case of its letters.
    pub device: Option<String>,
    /// By a rule with this ATT&CK technique: `T1003` stands for `T1003.001` too.
    pub technique: Option<String>,
    /// Whose work it is.
    pub owner: Option<Owner>,
    /// With one of these verdicts.
    pub verdicts: Vec<Verdict>,
    /// With all these words, or words beginning so, in the headline.
    pub text: Option<String>,
    /// Opened at or after.
    pub from: Option<Timestamp>,
    /// Opened before.
    pub to: Option<Timestamp>,
    /// Only floods, or none.
    pub is_flood: Option<bool>,
}

/// Whose work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// This person's.
    Person(PersonId),
    /// Nobody's.
    Nobody,
}

/// The order of a list. Ties are broken by the newest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Sort {
    /// Most urgent first.
    #[default]
    Rank,
    /// Newest first, by when Ward received the first signal.
    Newest,
    /// Oldest first.
    Oldest,
    /// Most severe first, then most urgent.
    Level,
    /// Most signals first.
    Count,
}

words!(
    Sort,
    "order",
    Rank = "rank",
    Newest = "newest",
    Oldest = "oldest",
    Level = "level",
    Count = "count"
);

/// Rows of a page at most.
pub const MAX_ROWS: u16 = 500;

/// A place between two rows of a list in a certain order, and which way to read from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub(crate) sort: Sort,
    /// Rows after the place, in the order of the list; else before.
    pub(crate) is_forward: bool,
    /// What the row beside the place is sorted by; the second part only for the level.
    pub(crate) key: [i64; 2],
    pub(crate) number: i64,
}

/// Text that is no place in this list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no place in the list in this order: begin at its first page")]
pub struct UnreadableCursor;

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let way = if self.is_forward { "after" } else { "before" };
        let [first, second] = self.key;
        write!(f, "{way}.{}.{first}.{second}.{}", self.sort, self.number)
    }
}

impl FromStr for Cursor {
    type Err = UnreadableCursor;

    fn from_str(text: &str) -> Result<Self, UnreadableCursor> {
        let parts: Vec<&str> = text.split('.').collect();
        let [way, sort, first, second, number] = parts[..] else { return Err(UnreadableCursor) };
        let is_forward = match way {
            "after" => true,
            "before" => false,
            _ => return Err(UnreadableCursor),
        };
        let int = |text: &str| text.parse::<i64>().map_err(|_| UnreadableCursor);
        Ok(Self {
            sort: sort.parse().map_err(|_| UnreadableCursor)?,
            is_forward,
            key: [int(first)?, int(second)?],
            number: int(number)?,
        })
    }
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// Its rows.
    pub alerts: Vec<Alert>,
    /// The page before, if there is one.
    pub before: Option<Cursor>,
    /// The page after, if there is one.
    pub after: Option<Cursor>,
    /// All rows of the list.
    pub total: Total,
}

/// How many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Total {
    /// So many.
    pub count: u64,
    /// Or more: counting stopped there.
    pub is_capped: bool,
}

/// Counting stops here.
pub const TOTAL_CAP: u64 = 10_000;
/// Counting stops here where many headlines have the words of a search: each must be read.
pub const TOTAL_CAP_OF_WORDS: u64 = 200;

impl fmt::Display for Total {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = super::rank::counted(self.count);
        if self.is_capped { write!(f, "{count}+") } else { f.write_str(&count) }
    }
}

/// Words of a text as they are searched for: in lower case, cut at whatever is neither letter nor
/// digit, none twice.
pub(crate) fn search_words(text: &str, most: usize) -> Vec<String> {
    let lower = text.to_lowercase();
    let mut words: Vec<String> = Vec::new();
    for word in lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let word = beginning(word, MAX_WORD_BYTES).to_owned();
        if words.len() < most && !words.contains(&word) {
            words.push(word);
        }
    }
    words
}

const MAX_WORD_BYTES: usize = 60;
/// Words of a headline that can be found.
pub(crate) const MAX_HEADLINE_WORDS: usize = 80;
/// Words of a search that are asked.
pub(crate) const MAX_SEARCH_WORDS: usize = 12;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_a_list_is_read_back_from_its_text() {
        let cursor = Cursor { sort: Sort::Level, is_forward: false, key: [4, -1_000], number: 77 };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for text in
            ["", "after", "after.rank.1.2", "on.rank.1.2.3", "after.rank.1.2.3.4", "after.x.1.2.3"]
        {
            assert_eq!(text.parse::<Cursor>(), Err(UnreadableCursor), "{text}");
        }
    }

    #[test]
    fn a_total_past_the_cap_says_that_there_are_more() {
        assert_eq!(Total { count: 10_000, is_capped: true }.to_string(), "10,000+");
        assert_eq!(Total { count: 1_240, is_capped: false }.to_string(), "1,240");
    }

    #[test]
    fn words_are_cut_at_what_is_no_letter_or_digit() {
        assert_eq!(
            search_words("RX1-PATH-07: cmd.exe, CMD", 9),
            ["rx1", "path", "07", "cmd", "exe"]
        );
        assert_eq!(search_words("' OR 1=1; --", 2), ["or", "1"]);
    }
}
