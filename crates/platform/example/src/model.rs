//! The nouns, as plain as the rows of the files they become.

use std::fmt;

use serde::Serialize;

macro_rules! organisation_types {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// What kind of body an organisation is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(rename_all = "snake_case")]
        pub enum OrganisationType { $($(#[$doc])* $name,)* }

        impl OrganisationType {
            /// All, in the order of their mention.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// As written in files.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

organisation_types! {
    /// An NHS England region.
    Region = "region";
    /// An integrated care board.
    Icb = "icb";
    /// A trust of general hospitals.
    TrustAcute = "trust_acute";
    /// A trust for mental health.
    TrustMentalHealth = "trust_mental_health";
    /// An ambulance trust.
    TrustAmbulance = "trust_ambulance";
    /// A trust for care outside of hospitals.
    TrustCommunity = "trust_community";
    /// A trust for one kind of illness or patient.
    TrustSpecialist = "trust_specialist";
    /// A general practice.
    GpPractice = "gp_practice";
    /// A provider of adult social care.
    CareProvider = "care_provider";
    /// A home or branch of a care provider.
    CareLocation = "care_location";
    /// A supplier.
    Supplier = "supplier";
    /// A national body.
    National = "national";
}

impl OrganisationType {
    /// Whether it is a trust of any kind.
    pub fn is_trust(self) -> bool {
        self.as_str().starts_with("trust_")
    }
}

impl fmt::Display for OrganisationType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// All of an example sector; each list in a fixed order.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ExampleSector {
    /// Regions, the national body, boards, trusts, practices, care providers with their
    /// locations, suppliers.
    pub organisations: Vec<Organisation>,
    /// Hospitals and clinics of the trusts.
    pub sites: Vec<Site>,
    /// What organisations do for patients.
    pub services: Vec<Service>,
    /// What they run.
    pub systems: Vec<System>,
    /// Who supplies it.
    pub suppliers: Vec<Supplier>,
    /// A sample of the devices.
    pub devices: Vec<Device>,
    /// What needs what.
    pub dependencies: Vec<Dependency>,
}

/// A body of health or care.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Organisation {
    /// Its code, in the manner of the Organisation Data Service; only a region's is real.
    pub ods_code: String,
    /// Its name; only a region's is real.
    pub name: String,
    /// What kind of body it is.
    #[serde(rename = "type")]
    pub kind: OrganisationType,
    /// The code of the region it lies in; a region lies in itself.
    pub region: Option<String>,
    /// The code of the board's area it lies in; a board lies in its own.
    pub icb: Option<String>,
    /// The code of the organisation it belongs to.
    pub parent: Option<String>,
    /// Town; may be empty.
    pub town: String,
    /// Postcode; may be empty.
    pub postcode: String,
    /// People registered (practices), cared for (care), in its catchment (trusts) or living there
    /// (boards, regions).
    pub patients: Option<u32>,
    /// Open general and acute beds. Not in the CSV file.
    pub beds: u32,
    /// How many devices it is reckoned to have, where that is reckoned; [`ExampleSector::devices`]
    /// is only a sample. Not in the CSV file.
    pub device_estimate: Option<u32>,
}

/// A hospital or clinic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Site {
    /// Its code.
    pub ods_code: String,
    /// Its name.
    pub name: String,
    /// The code of its organisation.
    pub organisation: String,
    /// Town.
    pub town: String,
    /// Postcode.
    pub postcode: String,
}

/// Something done for patients.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Service {
    /// Its code, unique among services.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The code of its organisation.
    pub organisation: String,
    /// What kind of service: `emergency`, `pathology`.
    pub kind: String,
    /// Patients on a mean day on which it is open.
    pub patients_per_day: u32,
    /// How much care depends on it: 1 convenient, 2 important, 3 essential, 4 life depends on it
    /// within hours.
    pub criticality: u8,
    /// When it is open: `24x7`, `daily`, `weekdays`.
    pub hours: String,
}

/// A system that services or other systems run on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct System {
    /// Its code, unique among systems.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The code of the organisation that runs it.
    pub organisation: String,
    /// What kind of system: `epr`, `lims`, `departmental`.
    pub kind: String,
    /// The code of its supplier.
    pub supplier: String,
    /// How much care depends on it, 1 to 4 as for services.
    pub criticality: u8,
}

/// Who makes or runs systems for others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Supplier {
    /// Its code; its organisation has the same.
    pub code: String,
    /// Its name.
    pub name: String,
    /// What kind of supplier: `software`, `network`.
    pub kind: String,
}

/// A device that sends telemetry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Device {
    /// Its name, unique in the sector: `EX1-PATH-07`.
    pub name: String,
    /// The code of the organisation it stands in.
    pub organisation: String,
    /// `workstation`, `server`, `laptop`, `medical device` or `network`.
    pub class: String,
    /// The code of the system it is part of.
    pub system: String,
    /// The code of the site it stands at; `None` where organisations have no sites.
    pub site: Option<String>,
}

/// That one thing needs another.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Dependency {
    /// What depends, as `service:XET001-ED`.
    pub from: String,
    /// What it depends on, as `system:XET001-PATH` or `supplier:XES004`.
    pub to: String,
    /// In what way: `runs on`, `records in`.
    pub kind: String,
    /// Why, for people.
    pub reason: String,
    /// What people do when it stops, for people.
    pub fallback: String,
    /// The share of the activity that needs it at all, 0 to 1.
    pub strength: f64,
}
