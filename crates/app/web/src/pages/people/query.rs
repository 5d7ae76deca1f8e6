//! What the address of the list of people asks for, and back again.

use access::{
    PersonState, Role,
    people::{Holding, PeopleFilter, PersonCursor},
};
use serde::{Deserialize, Serialize};
use terms::{PersonId, Timestamp};

use crate::pages::place::Places;

/// The texts of an address. Empty ones ask nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Query {
    /// Part of a name or an address.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) q: String,
    /// A role.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) role: String,
    /// A part of the sector.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) place: String,
    /// An organisation by name or code, where the place asks for one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) organisation: String,
    /// `invited`, `active`, `disabled`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) state: String,
    /// The list goes on after this person.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) after: String,
    /// The list ends before this person.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) before: String,
    /// The number of the first row there, for people.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) row: String,
}

/// A parameter that cannot be used, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) parameter: &'static str,
    pub(super) why: String,
}

/// States in the order of an account's life.
pub(super) const STATES: [(PersonState, &str); 3] = [
    (PersonState::Invited, "Invited, not come yet"),
    (PersonState::Active, "Active"),
    (PersonState::Disabled, "Disabled"),
];

impl Query {
    /// What is asked for. Errors: the first parameter that cannot be used.
    pub(super) fn filter(
        &self,
        places: &Places<'_>,
        now: Timestamp,
    ) -> Result<PeopleFilter, Wrong> {
        let search = Some(self.q.trim().to_owned()).filter(|text| !text.is_empty());
        let role = match self.role.as_str() {
            "" => None,
            text => Some(text.parse::<Role>().map_err(wrong("role"))?),
        };
        let state = match self.state.as_str() {
            "" => None,
            text => {
                let known = STATES.iter().find(|(state, _)| state.as_str() == text);
                Some(known.ok_or_else(|| wrong("state")("write invited, active or disabled"))?.0)
            }
        };
        // An organisation that is written down is meant, whatever stands in the list beside it.
        let named = match (self.place.as_str(), self.organisation.as_str()) {
            (_, organisation) if !organisation.trim().is_empty() => Some("organisation"),
            ("" | "organisation", _) => None,
            (place, _) => Some(place),
        };
        let part = named.map(|place| places.chosen(place, &self.organisation)).transpose();
        let part = part.map_err(|error| Wrong { parameter: error.field, why: error.text })?;
        let is_asked = role.is_some() || part.is_some();
        let holding = is_asked.then_some(Holding { role, part, at: now });
        Ok(PeopleFilter { search, state, holding })
    }

    /// Whether anything narrows the list.
    pub(super) fn is_narrowed(&self) -> bool {
        self.first_page() != Self::default()
    }

    /// The same, from the beginning of the list.
    pub(super) fn first_page(&self) -> Self {
        Self { after: String::new(), before: String::new(), row: String::new(), ..self.clone() }
    }

    /// The address of `path` with this query.
    pub(super) fn href(&self, path: &str) -> String {
        match serde_html_form::to_string(self).unwrap_or_default().as_str() {
            "" => path.to_owned(),
            text => format!("{path}?{text}"),
        }
    }

    /// The number of the first row, for people.
    pub(super) fn first_row(&self) -> u64 {
        self.row.parse().unwrap_or(1).clamp(1, 1_000_000_000)
    }
}

fn wrong<E: std::fmt::Display>(parameter: &'static str) -> impl Fn(E) -> Wrong {
    move |why| Wrong { parameter, why: why.to_string() }
}

/// A place in the list as an address has it.
pub(super) fn cursor_text(cursor: &PersonCursor) -> String {
    format!("{} {}", cursor.id, cursor.name)
}

/// A place in the list out of an address. Errors: it is none.
pub(super) fn cursor(parameter: &'static str, text: &str) -> Result<Option<PersonCursor>, Wrong> {
    if text.is_empty() {
        return Ok(None);
    }
    let read = || {
        let (id, name) = text.split_once(' ')?;
        Some(PersonCursor { id: id.parse::<PersonId>().ok()?, name: name.to_owned() })
    };
    read().map(Some).ok_or_else(|| wrong(parameter)("this is no place in the list"))
}

#[cfg(test)]
mod tests {
    use sector::{Graph, Parts};
    use terms::Scope;

    use super::*;

    fn filter(query: &Query) -> Result<PeopleFilter, Wrong> {
        let (scope, graph) = (Scope::sector(), Graph::build(Parts::default()));
        query.filter(&Places::new(&scope, &graph), Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn nothing_asked_narrows_nothing() {
        let query = Query { row: "51".to_owned(), ..Query::default() };
        assert_eq!(filter(&query), Ok(PeopleFilter::default()));
        assert!(!query.is_narrowed());
        assert_eq!(Query::default().href("/people"), "/people");
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        let check = |query: Query, parameter: &str| {
            assert_eq!(filter(&query).expect_err(parameter).parameter, parameter);
        };
        check(Query { role: "owner".to_owned(), ..Query::default() }, "role");
        check(Query { state: "asleep".to_owned(), ..Query::default() }, "state");
        check(Query { place: "country:UK".to_owned(), ..Query::default() }, "place");
        check(Query { organisation: "nowhere".to_owned(), ..Query::default() }, "organisation");
        assert_eq!(cursor("after", "x").expect_err("no place").parameter, "after");
    }

    #[test]
    fn a_place_in_the_list_is_read_back() {
        let name = "Example Ann O’Brien-Smith".to_owned();
        let there = PersonCursor { name, id: PersonId::new(Timestamp::UNIX_EPOCH) };
        assert_eq!(cursor("after", &cursor_text(&there)), Ok(Some(there)));
        assert_eq!(cursor("after", ""), Ok(None));
    }
}
