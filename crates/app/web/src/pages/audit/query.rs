//! What an address asks of the audit trail, for the page, its exports and the API alike.

use access::{Access, Caller, Permission, Who, audit::AuditFilter, people::PeopleFilter};
use sector::Graph;
use serde::{Deserialize, Serialize};
use terms::Scope;

use crate::{
    failure::Failure,
    pages::{
        days::{self, End},
        place::Places,
    },
};

/// The texts of an address. Empty ones ask nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Query {
    /// `me`, `ward`, `person:<id>`, `token:<id>`; for people also a name or an address.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) who: String,
    /// How the verb begins: `alert.`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) what: String,
    /// The kind of thing it is about.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) on: String,
    /// The thing itself.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) id: String,
    /// An organisation by code or name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) organisation: String,
    /// A day, or a moment: then or later.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) from: String,
    /// A day, which is included, or a moment, which is not.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) to: String,
    /// The list goes on with entries before this number.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) before: String,
    /// The list ends with entries after this number.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) after: String,
    /// The number of the first row there, for people.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) row: String,
}

/// A parameter that cannot be used, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    pub(crate) parameter: &'static str,
    pub(crate) why: String,
}

/// Why nothing can be asked.
pub(crate) enum Unasked {
    /// A parameter cannot be used.
    Wrong(Wrong),
    /// Something failed.
    Failure(Failure),
}

impl From<Wrong> for Unasked {
    fn from(wrong: Wrong) -> Self {
        Self::Wrong(wrong)
    }
}

/// By what texts are understood.
pub(crate) struct Cx<'c> {
    pub(crate) access: &'c Access,
    pub(crate) caller: &'c Caller,
    pub(crate) scope: &'c Scope,
    pub(crate) graph: &'c Graph,
}

fn wrong(parameter: &'static str, why: impl Into<String>) -> Wrong {
    Wrong { parameter, why: why.into() }
}

fn given(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

impl Query {
    /// What is asked for. Errors: the first parameter that cannot be used.
    pub(crate) async fn filter(&self, cx: &Cx<'_>) -> Result<AuditFilter, Unasked> {
        let zone = cx.caller.time_zone.as_str();
        let from = days::moment(&self.from, zone, End::First).map_err(|why| wrong("from", why))?;
        let until = days::moment(&self.to, zone, End::Last).map_err(|why| wrong("to", why))?;
        if from.zip(until).is_some_and(|(from, until)| from >= until) {
            return Err(wrong("to", "it must be later than the beginning").into());
        }
        let organisation = match given(&self.organisation) {
            None => None,
            Some(text) => {
                let part = Places::new(cx.scope, cx.graph).chosen("organisation", &text);
                match part.map_err(|error| wrong("organisation", error.text))? {
                    terms::Part::Organisation(code) => Some(code),
                    _ => None,
                }
            }
        };
        Ok(AuditFilter {
            from,
            until,
            who: self.who(cx).await?,
            what: given(&self.what),
            on_kind: given(&self.on),
            on_id: given(&self.id),
            organisation,
        })
    }

    async fn who(&self, cx: &Cx<'_>) -> Result<Option<Who>, Unasked> {
        let Some(text) = given(&self.who) else { return Ok(None) };
        let bad = |_| wrong("who", "write me, ward, person:<id>, token:<id>, or part of a name");
        Ok(Some(match (text.as_str(), text.split_once(':')) {
            ("me", _) => Who::Person(cx.caller.person),
            ("ward" | "Ward", _) => Who::Ward,
            (_, Some(("person", id))) => Who::Person(id.parse().map_err(bad)?),
            (_, Some(("token", id))) => {
                Who::Token(id.parse().map_err(|_| wrong("who", "this is no token's id"))?)
            }
            (name, _) => named(cx, name).await?,
        }))
    }

    /// Whether anything narrows the list.
    pub(crate) fn is_narrowed(&self) -> bool {
        self.first_page() != Self::default()
    }

    /// The same, from the beginning of the list.
    pub(crate) fn first_page(&self) -> Self {
        Self { after: String::new(), before: String::new(), row: String::new(), ..self.clone() }
    }

    /// The address of `path` with this query.
    pub(crate) fn href(&self, path: &str) -> String {
        match serde_html_form::to_string(self).unwrap_or_default().as_str() {
            "" => path.to_owned(),
            text => format!("{path}?{text}"),
        }
    }

    /// The number of the first row, for people.
    pub(crate) fn first_row(&self) -> u64 {
        self.row.parse().unwrap_or(1).clamp(1, 1_000_000_000)
    }
}

/// The one person of whose name or address this is a part, among those the caller may see.
async fn named(cx: &Cx<'_>, name: &str) -> Result<Who, Unasked> {
    let filter = PeopleFilter { search: Some(name.to_owned()), ..PeopleFilter::default() };
    let found = cx.access.people(cx.caller, &filter, None, 4).await;
    let found = found.map_err(|error| Unasked::Failure(Failure::of(error)))?.people;
    let short: String = name.chars().take(60).collect();
    match found.as_slice() {
        [one] => Ok(Who::Person(one.id)),
        [] if cx.caller.may_somewhere(Permission::ViewPeople) => {
            Err(wrong("who", format!("nobody you may see is called “{short}”")).into())
        }
        [] => Err(wrong("who", "you may not look for people by name").into()),
        several => {
            let names: Vec<&str> = several.iter().map(|one| one.email.as_str()).collect();
            let names = names.join(", ");
            Err(wrong("who", format!("several are called so: {names}; write one address")).into())
        }
    }
}

/// A number of an entry in an address. Errors: it is none.
pub(crate) fn number(parameter: &'static str, text: &str) -> Result<Option<i64>, Wrong> {
    match text {
        "" => Ok(None),
        text => match text.parse::<i64>() {
            Ok(number) if number > 0 => Ok(Some(number)),
            _ => Err(wrong(parameter, "write the number of an entry")),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_written_as_it_is_read_without_its_place() {
        let raw = "who=me&what=alert.&from=2026-11-01";
        let query: Query =
            serde_html_form::from_str(&format!("{raw}&before=7&row=51")).expect("read");
        assert_eq!(query.first_page().href("/audit"), format!("/audit?{raw}"));
        assert!(query.is_narrowed());
        assert_eq!(Query::default().href("/audit"), "/audit");
    }

    #[test]
    fn only_numbers_of_entries_are_places() {
        assert_eq!(number("before", "7"), Ok(Some(7)));
        assert_eq!(number("before", ""), Ok(None));
        for text in ["0", "-1", "x", "99999999999999999999"] {
            assert_eq!(number("before", text).expect_err(text).parameter, "before");
        }
    }
}
