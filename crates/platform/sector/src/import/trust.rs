//! What kind of trust it is, where the official list does not say: from a table by code where the
//! name does not tell, else from words of the name. A guess, so it never replaces what is stored.
//! Pure.

use terms::OdsCode;

use crate::organisation::OrganisationType;

/// Trusts whose names do not tell: code and type.
const BY_CODE: &str = include_str!("../../data/trust_types.csv");

/// Words that tell, tried in this order: an ambulance trust may be a university's, a mental health
/// trust may be for children.
const BY_WORD: &[(&str, OrganisationType)] = &[
    ("AMBULANCE", OrganisationType::TrustAmbulance),
    ("MENTAL HEALTH", OrganisationType::TrustMentalHealth),
    ("LEARNING DISABILIT", OrganisationType::TrustMentalHealth),
    ("STOKE ON TRENT PARTNERSHIP", OrganisationType::TrustCommunity),
    ("PARTNERSHIP", OrganisationType::TrustMentalHealth),
    ("COMMUNITY", OrganisationType::TrustCommunity),
    ("ORTHOPAEDIC", OrganisationType::TrustSpecialist),
    ("RHEUMATIC", OrganisationType::TrustSpecialist),
    ("CANCER", OrganisationType::TrustSpecialist),
    ("CHRISTIE", OrganisationType::TrustSpecialist),
    ("MARSDEN", OrganisationType::TrustSpecialist),
    ("VELINDRE", OrganisationType::TrustSpecialist),
    ("WALTON CENTRE", OrganisationType::TrustSpecialist),
    ("HEART", OrganisationType::TrustSpecialist),
    ("PAPWORTH", OrganisationType::TrustSpecialist),
    ("BROMPTON", OrganisationType::TrustSpecialist),
    ("EYE HOSPITAL", OrganisationType::TrustSpecialist),
    ("CHILDREN", OrganisationType::TrustSpecialist),
    ("WOMEN'S", OrganisationType::TrustSpecialist),
    ("PUBLIC HEALTH", OrganisationType::National),
    ("NHS DIRECT", OrganisationType::National),
];

/// The likeliest type of a trust.
pub(crate) fn likely_type(code: &OdsCode, name: &str) -> OrganisationType {
    let listed = BY_CODE.lines().filter_map(|line| line.split_once(','));
    let mut listed = listed.filter(|(listed, _)| *listed == code.as_str());
    if let Some(kind) = listed.next().and_then(|(_, kind)| kind.parse().ok()) {
        return kind;
    }
    let name = name.to_uppercase();
    let told = BY_WORD.iter().find(|(word, _)| name.contains(word));
    told.map_or(OrganisationType::TrustAcute, |(_, kind)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_a_code_and_a_type_of_trust() {
        let mut lines = BY_CODE.lines();
        assert_eq!(lines.next(), Some("ods_code,type"));
        for line in lines {
            let (code, kind) = line.split_once(',').expect("two cells");
            code.parse::<OdsCode>().expect("a code");
            let kind: OrganisationType = kind.parse().expect("a type");
            assert!(kind.is_trust(), "{line}");
        }
    }

    #[test]
    fn the_name_tells_and_the_table_where_it_does_not() {
        let check = |code: &str, name: &str, kind: &str| {
            let found = likely_type(&code.parse().expect("a code"), name);
            assert_eq!(found.as_str(), kind, "{name}");
        };
        check("RX8", "YORKSHIRE AMBULANCE SERVICE NHS TRUST", "trust_ambulance");
        check("RXT", "Birmingham and Solihull Mental Health NHS FT", "trust_mental_health");
        check("RP7", "LINCOLNSHIRE PARTNERSHIP NHS FOUNDATION TRUST", "trust_mental_health");
        check("RY6", "LEEDS COMMUNITY HEALTHCARE NHS TRUST", "trust_community");
        check("RP6", "MOORFIELDS EYE HOSPITAL NHS FOUNDATION TRUST", "trust_specialist");
        check("RR8", "LEEDS TEACHING HOSPITALS NHS TRUST", "trust_acute");
        check("RV3", "CENTRAL AND NORTH WEST LONDON NHS FOUNDATION TRUST", "trust_mental_health");
        check("RJ7", "ST GEORGE'S UNIVERSITY HOSPITALS NHS FOUNDATION TRUST", "trust_acute");
    }
}
