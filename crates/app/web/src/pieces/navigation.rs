//! Ways through pages: links, breadcrumbs, tabs, pages of a list.

use serde::Serialize;

use super::words::{count, grouped};

/// A link.
#[derive(Clone, Debug, Serialize)]
pub struct Link {
    /// What it says.
    pub text: String,
    /// Where it leads.
    pub href: String,
}

impl Link {
    /// A link.
    pub fn new(text: impl Into<String>, href: impl Into<String>) -> Self {
        Self { text: text.into(), href: href.into() }
    }
}

/// The way from the first page to here; the last is the page above this one.
#[derive(Clone, Debug, Serialize)]
pub struct Breadcrumbs {
    /// Outermost first.
    pub items: Vec<Link>,
}

/// Views of one thing as links: the address holds which is open.
#[derive(Clone, Debug, Serialize)]
pub struct Tabs {
    /// What they are views of, for screen readers.
    pub label: String,
    /// In reading order.
    pub items: Vec<Tab>,
}

/// One of the tabs.
#[derive(Clone, Debug, Serialize)]
pub struct Tab {
    /// What it shows.
    pub text: String,
    /// Where it leads.
    pub href: String,
    /// Whether it is open.
    pub is_current: bool,
    /// How many things are in it.
    pub count: Option<i64>,
}

/// Where in a list a page is. Lists are read by key, not by page number, so that page one
/// thousand costs what page one costs.
#[derive(Clone, Debug, Serialize)]
pub struct Pagination {
    /// "Alerts".
    pub label: String,
    /// Address of the page before.
    pub previous: Option<String>,
    /// Address of the page after.
    pub next: Option<String>,
    /// "1 to 50 of 1,000,000 alerts".
    pub position: String,
}

impl Pagination {
    /// Where the page from row `first` to row `last` of `total` is. `one` names a row.
    #[must_use]
    pub fn position(first: i64, last: i64, total: i64, one: &str) -> String {
        let all = count(total, one, None);
        if total == 0 { all } else { format!("{} to {} of {all}", grouped(first), grouped(last)) }
    }
}
