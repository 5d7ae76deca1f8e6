//! A list of things as a table: sortable by link, selectable, in a compact variant for analysts.

use serde::Serialize;

use super::{harm::Harm, moment::Moment, sparkline::Sparkline};

/// A table.
#[derive(Clone, Debug, Serialize)]
pub struct Table {
    /// For the elements' ids; unique on the page.
    pub id: String,
    /// What it lists.
    pub caption: String,
    /// Whether the caption is for screen readers only, because a heading says the same.
    pub is_caption_hidden: bool,
    /// Whether rows are low: the one compact variant, for people who read lists all day.
    pub is_compact: bool,
    /// Left to right.
    pub columns: Vec<Column>,
    /// Top to bottom; each with one cell a column.
    pub rows: Vec<Row>,
    /// The form that acts on chosen rows. `None`: nothing can be chosen.
    pub selection: Option<Selection>,
}

/// A column.
#[derive(Clone, Debug, Serialize)]
pub struct Column {
    /// Its head.
    pub text: String,
    /// Whether it holds figures, set to the right.
    pub is_numeric: bool,
    /// The link that sorts by it. `None`: it cannot be sorted by.
    pub sort: Option<Sort>,
}

/// How a column is sorted, and where sorting by it leads.
#[derive(Clone, Debug, Serialize)]
pub struct Sort {
    /// The list sorted by this column; the other way round where it is already.
    pub href: String,
    /// `ascending`, `descending` or `none`, as `aria-sort` spells them.
    pub direction: &'static str,
}

/// A row.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// What a form calls it.
    pub id: String,
    /// One for each column. The first names the row: it labels the row's checkbox.
    pub cells: Vec<Cell>,
    /// Whether nobody looked at it yet.
    pub is_new: bool,
}

/// A cell.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Cell {
    /// Nothing is known. Shown as a dash with a word for screen readers.
    Unknown,
    /// Text.
    Text {
        /// The text.
        text: String,
    },
    /// Text with a second line that explains it.
    Lines {
        /// What matters.
        text: String,
        /// What explains it.
        below: String,
        /// Where the first line leads.
        href: Option<String>,
    },
    /// What an alert says, from what matters to what was seen.
    Headline {
        /// What may be going on, and where.
        what: String,
        /// What depends on it.
        supports: String,
        /// What exactly was seen.
        seen: String,
        /// The alert.
        href: String,
    },
    /// A figure.
    Number {
        /// The figure.
        number: i64,
    },
    /// A link; the first link of a row is where Enter leads.
    Link {
        /// What it says.
        text: String,
        /// Where it leads.
        href: String,
    },
    /// A time.
    Time {
        /// When.
        at: Moment,
        /// Whether only "9 minutes ago" is shown.
        is_short: bool,
    },
    /// A level of harm.
    Harm {
        /// How close care is to being harmed.
        harm: Harm,
    },
    /// A word in a tag of the design system.
    Tag {
        /// The word.
        text: String,
        /// A colour that the design system's tag has; the word carries the meaning.
        colour: &'static str,
    },
    /// A figure with its history.
    Spark {
        /// The history.
        spark: Sparkline,
    },
}

impl Cell {
    /// Text; nothing known where it is empty.
    pub fn text(text: impl Into<String>) -> Self {
        match text.into() {
            text if text.is_empty() => Cell::Unknown,
            text => Cell::Text { text },
        }
    }
}

/// Acting on chosen rows: a form around the table.
#[derive(Clone, Debug, Serialize)]
pub struct Selection {
    /// Where it posts to.
    pub action: String,
    /// The name of the checkboxes.
    pub name: String,
    /// The token against forged requests.
    pub csrf: String,
    /// The buttons; the first is the usual one.
    pub acts: Vec<Act>,
    /// What is chosen, in the plural: "alerts".
    pub noun: String,
}

/// A button that acts on chosen rows.
#[derive(Clone, Debug, Serialize)]
pub struct Act {
    /// What the field `act` holds when it is pressed.
    pub value: String,
    /// What it says: a verb.
    pub text: String,
    /// The key that presses it; one character.
    pub key: Option<char>,
}
