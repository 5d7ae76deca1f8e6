//! Facts about one thing, and who did what to it when.

use serde::Serialize;

use super::{harm::Harm, moment::Moment, navigation::Link};

/// Facts as key and value.
#[derive(Clone, Debug, Serialize)]
pub struct Facts {
    /// Whether rows are low.
    pub is_compact: bool,
    /// In reading order.
    pub rows: Vec<Fact>,
}

/// One fact.
#[derive(Clone, Debug, Serialize)]
pub struct Fact {
    /// What it is about.
    pub key: String,
    /// What is so.
    pub value: Shown,
    /// Where it can be changed, with the verb.
    pub change: Option<Link>,
}

/// A value as it is shown.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Shown {
    /// Nothing is known.
    Unknown,
    /// Text.
    Text {
        /// The text.
        text: String,
    },
    /// Several texts, one below the other.
    Lines {
        /// The texts.
        lines: Vec<String>,
    },
    /// A figure.
    Number {
        /// The figure.
        number: i64,
    },
    /// A link.
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
    },
    /// A level of harm.
    Harm {
        /// How close care is to being harmed.
        harm: Harm,
    },
    /// Something to copy letter by letter: an id, a hash, a command.
    Exact {
        /// The text.
        text: String,
    },
}

impl Shown {
    /// Text; nothing known where it is empty.
    pub fn text(text: impl Into<String>) -> Self {
        match text.into() {
            text if text.is_empty() => Shown::Unknown,
            text => Shown::Text { text },
        }
    }
}

/// Who did what when, newest first.
#[derive(Clone, Debug, Serialize)]
pub struct History {
    /// What it is the history of, as a heading: "What happened".
    pub title: String,
    /// Newest first.
    pub deeds: Vec<Deed>,
    /// How many older ones are not shown, and where they are.
    pub older: Option<(i64, String)>,
}

/// One thing that was done.
#[derive(Clone, Debug, Serialize)]
pub struct Deed {
    /// When.
    pub at: Moment,
    /// Who: a person's name, or "Ward".
    pub who: String,
    /// What, in the past tense: "closed it as a false positive".
    pub what: String,
    /// Their words.
    pub note: Option<String>,
}
