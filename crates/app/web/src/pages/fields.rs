//! Fields that several forms have, and hidden ones.

use crate::pieces::{Choice, Field, Hidden, Input};

/// A line of text.
pub(crate) fn text(name: &str, label: &str, value: &str) -> Field {
    let input = Input::Text {
        value: value.to_owned(),
        of: "text",
        autocomplete: "off",
        is_digits: false,
        width: None,
    };
    field(name, label, input)
}

/// An email address.
pub(crate) fn email(value: &str) -> Field {
    let input = Input::Text {
        value: value.to_owned(),
        of: "email",
        autocomplete: "username",
        is_digits: false,
        width: None,
    };
    field("email", "Email address", input)
}

/// A code of an authenticator app.
pub(crate) fn code() -> Field {
    let input = Input::Text {
        value: String::new(),
        of: "text",
        autocomplete: "one-time-code",
        is_digits: true,
        width: Some(10),
    };
    field("code", "6-digit code", input)
}

/// A password that exists, or with `is_new` one that is chosen.
pub(crate) fn password(name: &str, label: &str, is_new: bool) -> Field {
    let autocomplete = if is_new { "new-password" } else { "current-password" };
    field(name, label, Input::Password { autocomplete })
}

/// One of many.
pub(crate) fn select(name: &str, label: &str, choices: Vec<Choice>) -> Field {
    field(name, label, Input::Select { choices })
}

/// A field without hint and error.
pub(crate) fn field(name: &str, label: &str, input: Input) -> Field {
    Field { name: name.to_owned(), label: label.to_owned(), hint: None, error: None, input }
}

impl Field {
    /// The same with how to answer.
    pub(crate) fn hint(mut self, hint: &str) -> Self {
        self.hint = Some(hint.to_owned());
        self
    }

    /// The same with what was wrong, where something was.
    pub(crate) fn wrong(mut self, error: Option<String>) -> Self {
        self.error = error;
        self
    }
}

/// Goes with a form unseen.
pub(crate) fn hidden(name: &str, value: &str) -> Hidden {
    Hidden { name: name.to_owned(), value: value.to_owned() }
}

/// A sentence with a capital and a full stop, as pages say what errors say.
pub(crate) fn sentence(error: &dyn std::fmt::Display) -> String {
    let text = error.to_string();
    let mut chars = text.chars();
    let first = chars.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let end = if text.ends_with(['.', '?', '!']) { "" } else { "." };
    format!("{first}{}{end}", chars.as_str())
}
