//! What people say of a service.

use sector::{Criticality, MapCode, Service};
use serde::{Deserialize, Serialize};
use terms::OdsCode;

use super::{Wrong, all, code_field, criticality_field, line};
use crate::pieces::Field;

/// What is said of a service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::pages::map) struct ServiceSaid {
    pub(in crate::pages::map) code: String,
    pub(in crate::pages::map) organisation: String,
    name: String,
    kind: String,
    patients_per_day: String,
    criticality: String,
    hours: String,
}

impl ServiceSaid {
    /// Nothing said but whose it is.
    pub(in crate::pages::map) fn blank(organisation: String) -> Self {
        Self { organisation, ..Self::default() }
    }

    pub(in crate::pages::map) fn of(one: &Service) -> Self {
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
    pub(in crate::pages::map) fn read(&self) -> Result<Service, Wrong> {
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

    pub(in crate::pages::map) fn fields(&self, wrong: &Wrong, is_new: bool) -> Vec<Field> {
        let mut fields = Vec::new();
        if is_new {
            fields.push(code_field(&self.code, wrong));
        }
        fields.extend([
            line("organisation", "Whose it is, by its ODS code", &self.organisation, wrong),
            line("name", "Name", &self.name, wrong),
            line("kind", "Kind", &self.kind, wrong).hint("For example emergency or pathology"),
            line("patients_per_day", "Patients on an average day", &self.patients_per_day, wrong),
            criticality_field(&self.criticality, wrong),
            line("hours", "Opening hours", &self.hours, wrong).hint("For example 24/7"),
        ]);
        fields
    }
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
}
