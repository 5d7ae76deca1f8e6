//! Narrowing a list: a form whose state is the address, and what is set as chips.

use serde::Serialize;

use super::form::Choice;

/// A form that narrows a list.
#[derive(Clone, Debug, Serialize)]
pub struct Filters {
    /// The list's address, without a query.
    pub action: String,
    /// What is narrowed: "Filter alerts".
    pub title: String,
    /// The box for words. `None`: there is none.
    pub search: Option<Search>,
    /// In reading order.
    pub selects: Vec<Select>,
    /// What else the address holds and must keep, such as the order.
    pub hidden: Vec<Hidden>,
    /// What is set, each with the way to unset it.
    pub chips: Vec<Chip>,
    /// The list with nothing set.
    pub clear: String,
}

/// A box for words.
#[derive(Clone, Debug, Serialize)]
pub struct Search {
    /// Its name in the address.
    pub name: String,
    /// What it searches: "Device or rule".
    pub label: String,
    /// What stands in it.
    pub value: String,
}

/// One choice of several.
#[derive(Clone, Debug, Serialize)]
pub struct Select {
    /// Its name in the address.
    pub name: String,
    /// What it narrows by.
    pub label: String,
    /// In reading order; the first is usually "Any".
    pub choices: Vec<Choice>,
}

/// What goes with a form unseen.
#[derive(Clone, Debug, Serialize)]
pub struct Hidden {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// Something that is set.
#[derive(Clone, Debug, Serialize)]
pub struct Chip {
    /// "Organisation: Example Hospitals".
    pub text: String,
    /// The list without it.
    pub remove: String,
}
