//! `shape.yaml`: how many of what, and how large.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::model::OrganisationType;

/// What an organisation is to the catalogue: its type, finer where care is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Role {
    Region,
    National,
    Icb,
    TrustAcute,
    TrustMentalHealth,
    TrustCommunity,
    TrustSpecialist,
    TrustAmbulance,
    GpPractice,
    CareProvider,
    CareHome,
    NursingHome,
    HomeCare,
    SupportedLiving,
    Supplier,
}

impl Role {
    pub(crate) fn kind(self) -> OrganisationType {
        match self {
            Self::Region => OrganisationType::Region,
            Self::National => OrganisationType::National,
            Self::Icb => OrganisationType::Icb,
            Self::TrustAcute => OrganisationType::TrustAcute,
            Self::TrustMentalHealth => OrganisationType::TrustMentalHealth,
            Self::TrustCommunity => OrganisationType::TrustCommunity,
            Self::TrustSpecialist => OrganisationType::TrustSpecialist,
            Self::TrustAmbulance => OrganisationType::TrustAmbulance,
            Self::GpPractice => OrganisationType::GpPractice,
            Self::CareProvider => OrganisationType::CareProvider,
            Self::CareHome | Self::NursingHome | Self::HomeCare | Self::SupportedLiving => {
                OrganisationType::CareLocation
            }
            Self::Supplier => OrganisationType::Supplier,
        }
    }

    pub(crate) fn is_trust(self) -> bool {
        self.kind().is_trust()
    }
}

/// Chances by role.
pub(crate) type At = BTreeMap<Role, f64>;

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Shape {
    pub(crate) regions: Vec<Region>,
    pub(crate) practices: Practices,
    pub(crate) trusts: Vec<Trust>,
    /// Open general and acute beds of all trusts.
    pub(crate) beds: u64,
    pub(crate) care: Care,
    pub(crate) devices: Devices,
    /// Numbers of systems, least and most, of organisations that are not trusts.
    pub(crate) systems: BTreeMap<Role, (usize, usize)>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Region {
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) icbs: usize,
    pub(crate) practices: u32,
    pub(crate) trusts: BTreeMap<Role, usize>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Practices {
    pub(crate) count: u32,
    pub(crate) mean_list: u32,
    pub(crate) spread: f64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Trust {
    #[serde(rename = "type")]
    pub(crate) role: Role,
    pub(crate) beds: f64,
    pub(crate) emergency: f64,
    pub(crate) referrals: f64,
    pub(crate) spread: f64,
    pub(crate) catchment: f64,
    pub(crate) bed_equivalents: f64,
    /// Patterns with `{place}`, separated by `|`.
    pub(crate) name: String,
    pub(crate) systems: (usize, usize),
    pub(crate) hospitals: (usize, usize),
    pub(crate) clinics: f64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Care {
    pub(crate) providers: u32,
    pub(crate) locations: u32,
    pub(crate) exponent: f64,
    pub(crate) most: usize,
    pub(crate) kinds: Vec<CareKind>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CareKind {
    pub(crate) role: Role,
    pub(crate) count: f64,
    pub(crate) median_people: f64,
    pub(crate) spread: f64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Devices {
    pub(crate) total: f64,
    pub(crate) per_bed: f64,
    pub(crate) per_practice: f64,
    pub(crate) per_location: f64,
}

impl Shape {
    /// The trusts' entry for a role.
    pub(crate) fn trust(&self, role: Role) -> Option<&Trust> {
        self.trusts.iter().find(|one| one.role == role)
    }

    /// People who live in a region, whatever number of practices is made.
    pub(crate) fn people(&self, region: &Region) -> u64 {
        u64::from(region.practices) * u64::from(self.practices.mean_list)
    }

    /// What a proportion of devices is multiplied with so that all of England has the total.
    pub(crate) fn device_factor(&self) -> f64 {
        let count =
            |role| self.regions.iter().filter_map(|one| one.trusts.get(&role)).sum::<usize>();
        let equivalents: f64 =
            self.trusts.iter().map(|one| one.bed_equivalents * count(one.role) as f64).sum();
        let counted = self.devices.per_bed * (self.beds as f64 + equivalents)
            + self.devices.per_practice * f64::from(self.practices.count)
            + self.devices.per_location * f64::from(self.care.locations);
        self.devices.total / counted
    }
}
