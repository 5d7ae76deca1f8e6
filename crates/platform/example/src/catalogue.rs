//! The data the example sector is made from: read, checked, and nothing else.
//!
//! In: five texts. Out: a [`Catalogue`] in which every name leads somewhere and every number is
//! possible, so that what follows cannot fail.

mod check;
pub(crate) mod kinds;
pub(crate) mod shape;

use serde::{Deserialize, de::DeserializeOwned};

use crate::error::CatalogueError;
use kinds::{Dependencies, Services, Systems};
use shape::Shape;

/// The texts of the five files of `catalogues/example/`.
#[derive(Clone, Copy, Debug)]
pub struct Texts<'t> {
    /// `names.yaml`: words.
    pub names: &'t str,
    /// `shape.yaml`: how many of what.
    pub shape: &'t str,
    /// `services.yaml`: what is done for patients.
    pub services: &'t str,
    /// `systems.yaml`: what is run, by whom supplied.
    pub systems: &'t str,
    /// `dependencies.yaml`: what needs what.
    pub dependencies: &'t str,
}

impl Texts<'static> {
    /// Those the crate was built with.
    pub const EMBEDDED: Self = Self {
        names: include_str!("../../../../catalogues/example/names.yaml"),
        shape: include_str!("../../../../catalogues/example/shape.yaml"),
        services: include_str!("../../../../catalogues/example/services.yaml"),
        systems: include_str!("../../../../catalogues/example/systems.yaml"),
        dependencies: include_str!("../../../../catalogues/example/dependencies.yaml"),
    };
}

/// Words, totals and rules, checked.
#[derive(Clone, Debug)]
pub struct Catalogue {
    pub(crate) names: Names,
    pub(crate) shape: Shape,
    pub(crate) services: Services,
    pub(crate) systems: Systems,
    pub(crate) dependencies: Dependencies,
}

/// Words that names are put together from.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Names {
    pub(crate) mark: String,
    pub(crate) place_beginnings: Vec<String>,
    pub(crate) place_endings: Vec<String>,
    pub(crate) practices: Vec<String>,
    pub(crate) care_providers: Vec<String>,
    pub(crate) house_words: Vec<String>,
    pub(crate) care_homes: Vec<String>,
    pub(crate) home_care: Vec<String>,
    pub(crate) supported_living: Vec<String>,
    pub(crate) hospitals: Vec<String>,
    pub(crate) clinics: Vec<String>,
    pub(crate) suppliers: Vec<String>,
}

impl Catalogue {
    /// Reads and checks the texts.
    ///
    /// Errors: [`CatalogueError`], naming the file and the entry.
    pub fn read(texts: &Texts<'_>) -> Result<Self, CatalogueError> {
        let catalogue = Self {
            names: parse("names.yaml", texts.names)?,
            shape: parse("shape.yaml", texts.shape)?,
            services: parse("services.yaml", texts.services)?,
            systems: parse("systems.yaml", texts.systems)?,
            dependencies: parse("dependencies.yaml", texts.dependencies)?,
        };
        check::check(&catalogue)?;
        Ok(catalogue)
    }

    /// The catalogue the crate was built with.
    pub fn embedded() -> Self {
        Self::read(&Texts::EMBEDDED).expect("a test reads the embedded catalogue")
    }
}

fn parse<T: DeserializeOwned>(file: &'static str, text: &str) -> Result<T, CatalogueError> {
    yaml_serde::from_str(text).map_err(|source| CatalogueError::Unreadable { file, source })
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use super::*;

    /// The complaint about the embedded texts after `before` was replaced in one of them.
    fn check(file: &str, before: &str, after: &str) -> String {
        let mut texts = Texts::EMBEDDED;
        let text = match file {
            "services" => &mut texts.services,
            "systems" => &mut texts.systems,
            "dependencies" => &mut texts.dependencies,
            other => panic!("no test changes {other}"),
        };
        assert!(text.contains(before), "{before} is not in the text");
        let changed = text.replacen(before, after, 1);
        *text = &changed;
        let error = Catalogue::read(&texts).expect_err("a broken catalogue");
        let cause = error.source().map(ToString::to_string).unwrap_or_default();
        format!("{error}: {cause}")
    }

    #[test]
    fn the_embedded_catalogue_holds_together() {
        Catalogue::read(&Texts::EMBEDDED).expect("a sound catalogue");
    }

    #[test]
    fn a_name_that_leads_nowhere_is_told_with_its_file_and_entry() {
        let said = check(
            "dependencies",
            "{to: lims, kind: uses, strength: 0.5",
            "{to: lmis, kind: uses, strength: 0.5",
        );
        assert!(
            said.contains("dependencies.yaml")
                && said.contains("emergency")
                && said.contains("lmis"),
            "{said}"
        );
        let said = check("systems", "market: laboratory, criticality", "market: labs, criticality");
        assert!(said.contains("systems.yaml") && said.contains("labs"), "{said}");
        let said = check("systems", "service: emergency,", "service: emergencies,");
        assert!(said.contains("ed_system") && said.contains("emergencies"), "{said}");
    }

    #[test]
    fn a_number_that_cannot_be_is_told() {
        let said = check("dependencies", "strength: 0.95", "strength: 9.5");
        assert!(said.contains("from 0 to 1"), "{said}");
        let said = check("services", "criticality: 4", "criticality: 5");
        assert!(said.contains("from 1 to 4"), "{said}");
        let said = check("services", "hours: weekdays", "hours: sundays");
        assert!(said.contains("sundays"), "{said}");
    }

    #[test]
    fn a_misspelt_key_or_kind_of_organisation_is_no_catalogue() {
        let said = check("services", "criticality: 4", "critical: 4");
        assert!(said.contains("services.yaml") && said.contains("critical"), "{said}");
        let said = check("services", "trust_acute: 1", "trust_acut: 1");
        assert!(said.contains("trust_acut"), "{said}");
    }
}
