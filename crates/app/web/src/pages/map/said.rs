//! What people say of things of the map, in forms: text in, a noun or what is wrong with it out;
//! and a noun as the form it could have come from, for changing it and for taking a change back.

use std::{fmt::Display, str::FromStr, time::Duration};

use sector::{
    Criticality, Dependency, Graph, MapCode, Organisation, OrganisationType, Service, Strength,
    Supplier, System, Thing,
};
use serde::{Deserialize, Serialize};
use terms::{OdsCode, Timestamp};

use super::words;
use crate::{
    pages::fields::{field, sentence, text},
    pieces::{Choice, Field, Input},
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

    fn number(&mut self, name: &'static str, value: &str) -> Option<u32> {
        let number = value.replace([',', ' '], "").parse().ok();
        if number.is_none() {
            self.0.push((name, "Write a whole number, 0 or more.".to_owned()));
        }
        number
    }

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

/// What is said of an organisation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct OrganisationSaid {
    pub(super) code: String,
    name: String,
    kind: String,
    region: String,
    icb: String,
    parent: String,
    town: String,
    postcode: String,
    patients: String,
    silent_hours: String,
}

fn of(one: Option<&impl Display>) -> String {
    one.map(ToString::to_string).unwrap_or_default()
}

impl OrganisationSaid {
    pub(super) fn of(one: &Organisation) -> Self {
        Self {
            code: one.code.to_string(),
            name: one.name.clone(),
            kind: one.kind.to_string(),
            region: of(one.region.as_ref()),
            icb: of(one.icb.as_ref()),
            parent: of(one.parent.as_ref()),
            town: one.town.clone(),
            postcode: one.postcode.clone(),
            patients: of(one.patients.as_ref()),
            silent_hours: hours(one.silent_after),
        }
    }

    /// The organisation, where `before` is what it was.
    pub(super) fn read(&self, before: Option<&Organisation>) -> Result<Organisation, Wrong> {
        let mut wrong = Wrong::default();
        let code: Option<OdsCode> = wrong.read("code", &self.code);
        let name = wrong.filled("name", &self.name);
        let kind: Option<OrganisationType> = wrong.read("kind", &self.kind);
        let region = wrong.maybe("region", &self.region);
        let icb = wrong.maybe("icb", &self.icb);
        let parent = wrong.maybe("parent", &self.parent);
        let patients = match self.patients.trim() {
            "" => Some(None),
            text => wrong.number("patients", text).map(Some),
        };
        let silent = self.silence(&mut wrong, kind, before);
        all!(wrong, {
            let fresh = Organisation::new(code?, name.clone()?, kind?);
            let after = before.cloned().unwrap_or(fresh);
            Some(Organisation {
                name: name?,
                kind: kind?,
                region: region?,
                icb: icb?,
                parent: parent?,
                town: self.town.clone(),
                postcode: self.postcode.clone(),
                patients: patients?,
                silent_after: silent?,
                ..after
            })
        })
    }

    /// Unchanged hours keep the seconds that are stored.
    fn silence(
        &self,
        wrong: &mut Wrong,
        kind: Option<OrganisationType>,
        before: Option<&Organisation>,
    ) -> Option<Duration> {
        if let Some(before) = before.filter(|one| hours(one.silent_after) == self.silent_hours) {
            return Some(before.silent_after);
        }
        if self.silent_hours.trim().is_empty() {
            return kind.map(OrganisationType::usual_silence);
        }
        let number = wrong.number("silent_hours", &self.silent_hours)?;
        Some(Duration::from_secs(u64::from(number) * 3600))
    }

    pub(super) fn fields(&self, wrong: &Wrong, is_new: bool) -> Vec<Field> {
        let line = |name: &'static str, label: &str, value: &str| {
            text(name, label, value).wrong(wrong.of(name))
        };
        let kinds = OrganisationType::ALL.iter();
        let kinds = kinds.map(|one| Choice::new(one.as_str(), words::one(*one), &self.kind));
        let kind = field("kind", "Type", Input::Select { choices: kinds.collect() });
        let mut fields = Vec::new();
        if is_new {
            fields.push(line("code", "ODS code", &self.code).hint("As registered, for example RX1"));
        }
        fields.extend([
            line("name", "Name", &self.name),
            kind.wrong(wrong.of("kind")),
            line("region", "Region, by its code", &self.region).hint("For example Y56"),
            line("icb", "Integrated care board, by its code", &self.icb).hint("For example QKK"),
            line("parent", "Belongs to, by its code", &self.parent),
            line("town", "Town", &self.town),
            line("postcode", "Postcode", &self.postcode),
            line("patients", "Registered patients or people cared for", &self.patients),
            line("silent_hours", "Hours a device may be silent", &self.silent_hours)
                .hint("After this Ward says that the device fell silent"),
        ]);
        fields
    }
}

fn hours(silence: Duration) -> String {
    silence.as_secs().div_ceil(3600).to_string()
}

/// What is said of a service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct ServiceSaid {
    pub(super) code: String,
    pub(super) organisation: String,
    name: String,
    kind: String,
    patients_per_day: String,
    criticality: String,
    hours: String,
}

impl ServiceSaid {
    pub(super) fn of(one: &Service) -> Self {
        Self {
            code: one.code.to_string(),
            organisation: one.organisation.to_string(),
            name: one.name.clone(),
            kind: one.kind.clone(),
            patients_per_day: one.patients_per_day.to_string(),
            criticality: one.criticality.to_string(),
            hours: one.hours.clone(),
        }
    }

    /// The service, open.
    pub(super) fn read(&self) -> Result<Service, Wrong> {
        let mut wrong = Wrong::default();
        let code: Option<MapCode> = wrong.read("code", &self.code);
        let organisation: Option<OdsCode> = wrong.read("organisation", &self.organisation);
        let name = wrong.filled("name", &self.name);
        let kind = wrong.filled("kind", &self.kind);
        let patients = wrong.number("patients_per_day", &self.patients_per_day);
        let criticality: Option<Criticality> = wrong.read("criticality", &self.criticality);
        all!(wrong, {
            Some(Service {
                code: code?,
                organisation: organisation?,
                name: name?,
                kind: kind?,
                patients_per_day: patients?,
                criticality: criticality?,
                hours: self.hours.clone(),
                closed_at: None,
            })
        })
    }

    pub(super) fn fields(&self, wrong: &Wrong, is_new: bool) -> Vec<Field> {
        let line = |name: &'static str, label: &str, value: &str| {
            text(name, label, value).wrong(wrong.of(name))
        };
        let mut fields = Vec::new();
        if is_new {
            fields.push(code_field(&self.code, wrong));
        }
        fields.extend([
            line("organisation", "Whose it is, by its ODS code", &self.organisation),
            line("name", "Name", &self.name),
            line("kind", "Kind", &self.kind).hint("For example emergency or pathology"),
            line("patients_per_day", "Patients on an average day", &self.patients_per_day),
            criticality_field(&self.criticality, wrong),
            line("hours", "Opening hours", &self.hours).hint("For example 24/7"),
        ]);
        fields
    }
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

/// What is said of a system.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct SystemSaid {
    pub(super) code: String,
    pub(super) organisation: String,
    name: String,
    kind: String,
    supplier: String,
    criticality: String,
}

impl SystemSaid {
    pub(super) fn of(one: &System) -> Self {
        Self {
            code: one.code.to_string(),
            organisation: one.organisation.to_string(),
            name: one.name.clone(),
            kind: one.kind.clone(),
            supplier: of(one.supplier.as_ref()),
            criticality: one.criticality.to_string(),
        }
    }

    /// The system, in use.
    pub(super) fn read(&self) -> Result<System, Wrong> {
        let mut wrong = Wrong::default();
        let code: Option<MapCode> = wrong.read("code", &self.code);
        let organisation: Option<OdsCode> = wrong.read("organisation", &self.organisation);
        let name = wrong.filled("name", &self.name);
        let kind = wrong.filled("kind", &self.kind);
        let supplier = wrong.maybe("supplier", &self.supplier);
        let criticality: Option<Criticality> = wrong.read("criticality", &self.criticality);
        all!(wrong, {
            Some(System {
                code: code?,
                organisation: organisation?,
                name: name?,
                kind: kind?,
                supplier: supplier?,
                criticality: criticality?,
                closed_at: None,
            })
        })
    }

    pub(super) fn fields(&self, wrong: &Wrong, is_new: bool) -> Vec<Field> {
        let line = |name: &'static str, label: &str, value: &str| {
            text(name, label, value).wrong(wrong.of(name))
        };
        let mut fields = Vec::new();
        if is_new {
            fields.push(code_field(&self.code, wrong));
        }
        fields.extend([
            line("organisation", "Whose it is, by its ODS code", &self.organisation),
            line("name", "Name", &self.name),
            line("kind", "Kind", &self.kind).hint("For example epr or network"),
            line("supplier", "Supplier, by its code", &self.supplier).hint("Blank where there is none"),
            criticality_field(&self.criticality, wrong),
        ]);
        fields
    }
}

/// What is said of a supplier.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct SupplierSaid {
    pub(super) code: String,
    name: String,
    kind: String,
}

impl SupplierSaid {
    pub(super) fn of(one: &Supplier) -> Self {
        Self { code: one.code.to_string(), name: one.name.clone(), kind: one.kind.clone() }
    }

    pub(super) fn read(&self) -> Result<Supplier, Wrong> {
        let mut wrong = Wrong::default();
        let code: Option<MapCode> = wrong.read("code", &self.code);
        let name = wrong.filled("name", &self.name);
        let kind = wrong.filled("kind", &self.kind);
        all!(wrong, Some(Supplier { code: code?, name: name?, kind: kind? }))
    }

    pub(super) fn fields(&self, wrong: &Wrong, is_new: bool) -> Vec<Field> {
        let line = |name: &'static str, label: &str, value: &str| {
            text(name, label, value).wrong(wrong.of(name))
        };
        let mut fields = Vec::new();
        if is_new {
            fields.push(code_field(&self.code, wrong));
        }
        fields.push(line("name", "Name", &self.name));
        fields.push(line("kind", "Kind", &self.kind).hint("For example software or network"));
        fields
    }
}

/// What is said of a dependency.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct DependencySaid {
    pub(super) from: String,
    pub(super) to: String,
    kind: String,
    reason: String,
    strength: String,
}

impl DependencySaid {
    pub(super) fn of(one: &Dependency) -> Self {
        Self {
            from: one.from.to_string(),
            to: one.to.to_string(),
            kind: one.kind.clone(),
            reason: one.reason.clone(),
            strength: one.strength.to_string(),
        }
    }

    pub(super) fn read(&self) -> Result<Dependency, Wrong> {
        let mut wrong = Wrong::default();
        let from: Option<Thing> = wrong.read("from", &self.from);
        let to: Option<Thing> = wrong.read("to", &self.to);
        let kind = wrong.filled("kind", &self.kind);
        let strength: Option<Strength> = wrong.read("strength", &self.strength);
        all!(wrong, {
            Some(Dependency {
                from: from?,
                to: to?,
                kind: kind?,
                reason: self.reason.clone(),
                strength: strength?,
            })
        })
    }

    pub(super) fn fields(&self, wrong: &Wrong, is_new: bool) -> Vec<Field> {
        let line = |name: &'static str, label: &str, value: &str| {
            text(name, label, value).wrong(wrong.of(name))
        };
        let strengths = (1..=4).filter_map(Strength::new);
        let strengths = strengths.map(|one| {
            let text = format!("{one}: it {}", words::strength(one));
            Choice::new(one.to_string(), text, &self.strength)
        });
        let strength = Input::Radios { choices: strengths.collect() };
        let mut fields = Vec::new();
        if is_new {
            let hint = "service:<code>, system:<code>, supplier:<code> or organisation:<code>";
            fields.push(line("from", "What depends", &self.from).hint(hint));
            fields.push(line("to", "On what it depends", &self.to).hint(hint));
        }
        fields.extend([
            line("kind", "How", &self.kind).hint("For example runs on, or signs in with"),
            line("reason", "Why, in a sentence", &self.reason)
                .hint("Shown to people who ask why an alert ranks high"),
            field("strength", "What happens to it when the other stops", strength)
                .wrong(wrong.of("strength")),
        ]);
        fields
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_read_back_from_the_form_it_makes() {
        let service = Service {
            code: "RX1-ED".parse().expect("a code"),
            organisation: "RX1".parse().expect("a code"),
            name: "Emergency department".to_owned(),
            kind: "emergency".to_owned(),
            patients_per_day: 400,
            criticality: Criticality::MOST,
            hours: "24/7".to_owned(),
            closed_at: None,
        };
        assert_eq!(ServiceSaid::of(&service).read(), Ok(service));
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let said = SystemSaid { code: "a b".to_owned(), ..SystemSaid::default() };
        let wrong = said.read().expect_err("nothing is filled in");
        let told = ["code", "organisation", "name", "kind", "criticality"]
            .map(|name| wrong.of(name).is_some());
        assert_eq!(told, [true; 5]);
        assert_eq!(wrong.of("supplier"), None);
        assert_eq!(wrong.of("name").as_deref(), Some("Fill this in."));
    }

    #[test]
    fn hours_that_are_not_touched_keep_the_seconds_that_are_stored() {
        let code = "RX1".parse().expect("a code");
        let mut before = Organisation::new(code, "Example", OrganisationType::TrustAcute);
        before.silent_after = Duration::from_secs(5_400);
        let said = OrganisationSaid::of(&before);
        assert_eq!(said.read(Some(&before)), Ok(before.clone()));
        let said = OrganisationSaid { silent_hours: "3".to_owned(), ..said };
        let after = said.read(Some(&before)).expect("an organisation");
        assert_eq!(after.silent_after, Duration::from_secs(10_800));
    }

    #[test]
    fn a_way_back_is_read_from_its_token_and_none_is_larger_than_a_cookie() {
        let back = Back::Unlink("service:A".to_owned(), "system:B".to_owned());
        let token = back.token().expect("small enough");
        assert_eq!(Back::read(&token), Some(back));
        let reason = "x".repeat(2_000);
        let large = DependencySaid { reason, ..DependencySaid::default() };
        assert_eq!(Back::Dependency(large).token(), None);
        assert_eq!(Back::read("{"), None);
    }
}
