//! Forms, their fields and what was wrong with them, by the design system's components.

use serde::Serialize;

use super::filters::Hidden;

/// A form of a page.
#[derive(Clone, Debug, Serialize)]
pub struct Form {
    /// Where it posts to.
    pub action: String,
    /// The token against forged requests.
    pub csrf: String,
    /// Goes with it unseen.
    pub hidden: Vec<Hidden>,
    /// In reading order.
    pub fields: Vec<Field>,
    /// What the button says: a verb.
    pub submit: String,
    /// Whether pressing it touches care or destroys something.
    pub is_warning: bool,
    /// Where going back leads.
    pub cancel: Option<String>,
    /// Whether files are sent with it.
    pub has_files: bool,
}

/// A field.
#[derive(Clone, Debug, Serialize)]
pub struct Field {
    /// Its name; also its id, which the error summary links to.
    pub name: String,
    /// What is asked.
    pub label: String,
    /// How to answer.
    pub hint: Option<String>,
    /// What was wrong with the answer: what happened, what to do.
    pub error: Option<String>,
    /// What is asked for.
    pub input: Input,
}

/// What a field asks for.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Input {
    /// A line of text.
    Text {
        /// What stands in it.
        value: String,
        /// `text`, `email`, `tel`, `url`, `datetime-local`.
        of: &'static str,
        /// What the browser may fill in, as HTML spells it: `username`, `one-time-code`, `off`.
        autocomplete: &'static str,
        /// Whether it takes digits: the keyboard of a telephone.
        is_digits: bool,
        /// Width in characters: 2, 3, 4, 5, 10, 20, 30; `None`: as wide as there is room.
        width: Option<u8>,
    },
    /// A password, which can be shown.
    Password {
        /// `current-password` or `new-password`.
        autocomplete: &'static str,
    },
    /// Several lines.
    Area {
        /// What stands in it.
        value: String,
        /// How many lines are seen.
        rows: u8,
        /// The most characters it may hold, counted while typing.
        most: Option<u32>,
    },
    /// One of many, in a list that opens.
    Select {
        /// In reading order.
        choices: Vec<Choice>,
    },
    /// One of a few, all seen.
    Radios {
        /// In reading order.
        choices: Vec<Choice>,
    },
    /// Any of a few.
    Checkboxes {
        /// In reading order.
        choices: Vec<Choice>,
    },
    /// A file, or several.
    File {
        /// Endings or media types, as HTML spells them.
        accept: String,
        /// Whether several may be chosen.
        is_multiple: bool,
    },
}

/// One of the answers.
#[derive(Clone, Debug, Serialize)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub text: String,
    /// What explains it.
    pub hint: Option<String>,
    /// Whether it is chosen.
    pub is_chosen: bool,
}

impl Choice {
    /// An answer that is chosen where `value` is `chosen`.
    pub fn new(value: impl Into<String>, text: impl Into<String>, chosen: &str) -> Self {
        let value = value.into();
        Self { is_chosen: value == chosen, value, text: text.into(), hint: None }
    }
}

/// What was wrong with a form, above the page.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ErrorSummary {
    /// In the order of the fields.
    pub errors: Vec<FieldError>,
}

/// One thing that was wrong.
#[derive(Clone, Debug, Serialize)]
pub struct FieldError {
    /// What happened and what to do, as beside the field.
    pub text: String,
    /// The field; `None`: it is about the whole form.
    pub field: Option<String>,
}

impl Form {
    /// What was wrong with its fields.
    #[must_use]
    pub fn errors(&self) -> ErrorSummary {
        let wrong = self.fields.iter().filter_map(|field| {
            let text = field.error.clone()?;
            Some(FieldError { text, field: Some(field.name.clone()) })
        });
        ErrorSummary { errors: wrong.collect() }
    }
}
