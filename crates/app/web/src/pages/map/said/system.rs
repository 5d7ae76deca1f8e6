//! What people say of a system.

use sector::{Criticality, MapCode, System};
use serde::{Deserialize, Serialize};
use terms::OdsCode;

use super::{Wrong, all, code_field, criticality_field, line, of};
use crate::pieces::Field;

/// What is said of a system.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::pages::map) struct SystemSaid {
    pub(in crate::pages::map) code: String,
    pub(in crate::pages::map) organisation: String,
    name: String,
    kind: String,
    supplier: String,
    criticality: String,
}

impl SystemSaid {
    /// Nothing said but whose it is.
    pub(in crate::pages::map) fn blank(organisation: String) -> Self {
        Self { organisation, ..Self::default() }
    }

    pub(in crate::pages::map) fn of(one: &System) -> Self {
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
    pub(in crate::pages::map) fn read(&self) -> Result<System, Wrong> {
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

    pub(in crate::pages::map) fn fields(&self, wrong: &Wrong, is_new: bool) -> Vec<Field> {
        let mut fields = Vec::new();
        if is_new {
            fields.push(code_field(&self.code, wrong));
        }
        fields.extend([
            line("organisation", "Whose it is, by its ODS code", &self.organisation, wrong),
            line("name", "Name", &self.name, wrong),
            line("kind", "Kind", &self.kind, wrong).hint("For example epr or network"),
            line("supplier", "Supplier, by its code", &self.supplier, wrong)
                .hint("Blank where there is none"),
            criticality_field(&self.criticality, wrong),
        ]);
        fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
