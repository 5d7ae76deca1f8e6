//! What people say of an organisation.

use std::time::Duration;

use sector::{Organisation, OrganisationType};
use serde::{Deserialize, Serialize};
use terms::OdsCode;

use super::{Wrong, all, line, of};
use crate::{
    pages::{fields::field, map::words},
    pieces::{Choice, Field, Input},
};

/// What is said of an organisation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::pages::map) struct OrganisationSaid {
    pub(in crate::pages::map) code: String,
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

impl OrganisationSaid {
    pub(in crate::pages::map) fn of(one: &Organisation) -> Self {
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
    pub(in crate::pages::map) fn read(
        &self,
        before: Option<&Organisation>,
    ) -> Result<Organisation, Wrong> {
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

    pub(in crate::pages::map) fn fields(&self, wrong: &Wrong, is_new: bool) -> Vec<Field> {
        let kinds = OrganisationType::ALL.iter();
        let kinds = kinds.map(|one| Choice::new(one.as_str(), words::one(*one), &self.kind));
        let kind = field("kind", "Type", Input::Select { choices: kinds.collect() });
        let mut fields = Vec::new();
        if is_new {
            fields.push(
                line("code", "ODS code", &self.code, wrong).hint("As registered, for example RX1"),
            );
        }
        fields.extend([
            line("name", "Name", &self.name, wrong),
            kind.wrong(wrong.of("kind")),
            line("region", "Region, by its code", &self.region, wrong).hint("For example Y56"),
            line("icb", "Integrated care board, by its code", &self.icb, wrong)
                .hint("For example QKK"),
            line("parent", "Belongs to, by its code", &self.parent, wrong),
            line("town", "Town", &self.town, wrong),
            line("postcode", "Postcode", &self.postcode, wrong),
            line("patients", "Registered patients or people cared for", &self.patients, wrong),
            line("silent_hours", "Hours a device may be silent", &self.silent_hours, wrong)
                .hint("After this Ward says that the device fell silent"),
        ]);
        fields
    }
}

fn hours(silence: Duration) -> String {
    silence.as_secs().div_ceil(3600).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
