//! What people say of things of the map, in forms: text in, a noun or what is wrong with it out;
//! and a noun as the form it could have come from, for changing it and for taking a change back.

mod dependency;
mod organisation;
mod service;
mod supplier;
mod system;

use std::{fmt::Display, str::FromStr};

use sector::{Criticality, Graph, Thing};
use serde::{Deserialize, Serialize};
use terms::Timestamp;

use super::words;
use crate::{
    pages::fields::{field, sentence, text},
    pieces::{Choice, Field, Input},
};
pub(super) use {
    dependency::DependencySaid, organisation::OrganisationSaid, service::ServiceSaid,
    supplier::SupplierSaid, system::SystemSaid,
};

/// What is wrong, by field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Wrong(Vec<(&'static str, String)>);

impl Wrong {
    /// What is wrong with a field.
    pub(super) fn of(&self, name: &str) -> Option<String> {
        self.0.iter().find(|(field, _)| *field == name).map(|(_, text)| text.clone())
    }

    /// One thing that is wrong.
    pub(super) fn one(name: &'static str, why: &dyn Display) -> Self {
        Self(vec![(name, sentence(why))])
    }

    /// What is wrong with no field of these names.
    pub(super) fn beside(&self, names: &[String]) -> Vec<String> {
        let others = self.0.iter().filter(|(field, _)| names.iter().all(|name| name != field));
        others.map(|(_, text)| text.clone()).collect()
    }

    /// A value that must be there.
    fn read<T: FromStr<Err: Display>>(&mut self, name: &'static str, value: &str) -> Option<T> {
        match value.trim().parse() {
            Ok(read) => Some(read),
            Err(error) => {
                let why = if value.trim().is_empty() {
                    "Fill this in.".to_owned()
                } else {
                    sentence(&error)
                };
                self.0.push((name, why));
                None
            }
        }
    }

    /// A value that may be missing.
    fn maybe<T: FromStr<Err: Display>>(
        &mut self,
        name: &'static str,
        value: &str,
    ) -> Option<Option<T>> {
        if value.trim().is_empty() { Some(None) } else { self.read(name, value).map(Some) }
    }

    /// A whole number that must be there.
    fn number(&mut self, name: &'static str, value: &str) -> Option<u32> {
        let number = value.replace([',', ' '], "").parse().ok();
        if number.is_none() {
            self.0.push((name, "Write a whole number, 0 or more.".to_owned()));
        }
        number
    }

    /// Text that must be there.
    fn filled(&mut self, name: &'static str, value: &str) -> Option<String> {
        let value = value.trim();
        if value.is_empty() {
            self.0.push((name, "Fill this in.".to_owned()));
            return None;
        }
        Some(value.to_owned())
    }
}

/// Reads all parts or gives what is wrong with any.
macro_rules! all {
    ($wrong:ident, $noun:expr) => {
        (|| $noun)().filter(|_| $wrong.0.is_empty()).ok_or($wrong)
    };
}
use all;

fn of(one: Option<&impl Display>) -> String {
    one.map(ToString::to_string).unwrap_or_default()
}

fn code_field(code: &str, wrong: &Wrong) -> Field {
    text("code", "Code", code)
        .hint("1 to 64 letters, digits, -, _, . or /, for example RX1-ED. It cannot be changed.")
        .wrong(wrong.of("code"))
}

fn criticality_field(chosen: &str, wrong: &Wrong) -> Field {
    let levels = (1..=4).filter_map(Criticality::new);
    let choices =
        levels.map(|one| Choice::new(one.to_string(), words::criticality(one), chosen)).collect();
    field("criticality", "How much care depends on it", Input::Radios { choices })
        .wrong(wrong.of("criticality"))
}

/// A way back from a change, as the notice's button carries it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Back {
    /// An organisation as it was. Here and below with when it closed, in seconds since 1970.
    Organisation(OrganisationSaid, Option<i64>),
    /// A service as it was.
    Service(ServiceSaid, Option<i64>),
    /// A system as it was.
    System(SystemSaid, Option<i64>),
    /// A supplier as it was.
    Supplier(SupplierSaid),
    /// A dependency as it was.
    Dependency(DependencySaid),
    /// A thing that was made is closed again.
    Close(String),
    /// A dependency that was made is taken away.
    Unlink(String, String),
}

/// The most a cookie keeps beside the rest.
const MOST_BYTES: usize = 1_200;

impl Back {
    /// As an undo carries it; nothing where it is too large for a cookie.
    pub(super) fn token(&self) -> Option<String> {
        serde_json::to_string(self).ok().filter(|token| token.len() <= MOST_BYTES)
    }

    /// What an undo carries.
    pub(super) fn read(token: &str) -> Option<Self> {
        serde_json::from_str(token).ok()
    }
}

/// Seconds since 1970 as an instant.
pub(super) fn instant(second: i64) -> Option<Timestamp> {
    Timestamp::from_second(second).ok()
}

/// What a thing is called, for titles; its code where it is not on the map.
pub(super) fn called(thing: &Thing, graph: &Graph) -> String {
    graph.name(thing).map_or_else(|| thing.code().to_owned(), str::to_owned)
}

/// A line of text with what was wrong with it.
fn line(name: &'static str, label: &str, value: &str, wrong: &Wrong) -> Field {
    text(name, label, value).wrong(wrong.of(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_back_is_read_from_its_token_and_none_is_larger_than_a_cookie() {
        let back = Back::Unlink("service:A".to_owned(), "system:B".to_owned());
        let token = back.token().expect("small enough");
        assert_eq!(Back::read(&token), Some(back));
        let large = DependencySaid::blank("x".repeat(2_000), String::new());
        assert_eq!(Back::Dependency(large).token(), None);
        assert_eq!(Back::read("{"), None);
    }
}
