//! What people call the map's types and scales, and where things are shown.

use sector::{Criticality, OrganisationType, Strength, Thing};

/// A type of organisation, in the singular.
pub(crate) fn one(kind: OrganisationType) -> &'static str {
    use OrganisationType as T;
    match kind {
        T::Region => "Region",
        T::Icb => "Integrated care board",
        T::SubIcb => "Part of an integrated care board",
        T::TrustAcute => "Acute trust",
        T::TrustMentalHealth => "Mental health trust",
        T::TrustAmbulance => "Ambulance trust",
        T::TrustCommunity => "Community trust",
        T::TrustSpecialist => "Specialist trust",
        T::GpPractice => "General practice",
        T::CareProvider => "Care provider",
        T::CareLocation => "Care home or branch",
        T::Supplier => "Supplier",
        T::National => "National body",
    }
}

/// How much care depends on something, with its number.
pub(crate) fn criticality(criticality: Criticality) -> String {
    format!("{criticality}: {}", criticality_alone(criticality))
}

/// How much care depends on something.
pub(crate) fn criticality_alone(criticality: Criticality) -> &'static str {
    match criticality.get() {
        1 => "convenient",
        2 => "important",
        3 => "essential",
        _ => "life depends on it within hours",
    }
}

/// What happens when what is depended on stops.
pub(crate) fn strength(strength: Strength) -> &'static str {
    match strength.get() {
        1 => "hardly notices",
        2 => "is slowed",
        3 => "is badly hindered",
        _ => "stops",
    }
}

/// The page of a thing.
pub(crate) fn href(thing: &Thing) -> String {
    let code = crate::link::encoded(thing.code());
    // A code may hold a slash, which would end the path's part.
    format!("/map/{}s/{}", thing.kind(), code.replace('/', "%2F"))
}

/// The page of an organisation.
pub(crate) fn organisation_href(code: &terms::OdsCode) -> String {
    format!("/map/organisations/{code}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_with_a_slash_stays_one_part_of_the_path() {
        let thing = Thing::of("system", "RX1/EPR").expect("a thing");
        assert_eq!(href(&thing), "/map/systems/RX1%2FEPR");
    }
}
