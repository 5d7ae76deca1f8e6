//! Organisations, their kinds, the sets they are put in, and where they are.

use std::{fmt, str::FromStr, time::Duration};

use terms::{GroupId, OdsCode, Timestamp};

use crate::code::Unreadable;

macro_rules! organisation_types {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// What kind of body an organisation is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum OrganisationType { $($(#[$doc])* $name,)* }

        impl OrganisationType {
            /// All, in the order of their mention.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// As written in files and addresses.
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
    /// A part of an integrated care board's area that keeps a code of its own.
    SubIcb = "sub_icb";
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
    /// A supplier that is a registered organisation.
    Supplier = "supplier";
    /// A national body.
    National = "national";
}

impl OrganisationType {
    /// Whether it is a trust of any kind.
    pub fn is_trust(self) -> bool {
        self.as_str().starts_with("trust_")
    }

    /// How long a device of such an organisation may be silent before that is worth saying,
    /// unless the organisation says otherwise. Bodies that close for a weekend get four days.
    pub fn usual_silence(self) -> Duration {
        let days = match self {
            Self::GpPractice | Self::CareProvider | Self::CareLocation | Self::Supplier => 4,
            Self::Region | Self::Icb | Self::SubIcb | Self::National => 4,
            _ => 1,
        };
        Duration::from_secs(days * 24 * 3600)
    }
}

impl fmt::Display for OrganisationType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for OrganisationType {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let name = text.trim().to_ascii_lowercase();
        let known = Self::ALL.iter().find(|one| one.as_str() == name);
        known.copied().ok_or_else(|| {
            let expected = "a type: region, icb, sub_icb, trust_acute, trust_mental_health, \
                            trust_ambulance, trust_community, trust_specialist, gp_practice, \
                            care_provider, care_location, supplier or national";
            Unreadable::new(text, expected)
        })
    }
}

/// Where something is, in degrees (WGS 84).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Position {
    latitude: f64,
    longitude: f64,
}

impl Position {
    /// The place at these degrees; `None` when there is no such place on Earth.
    pub fn new(latitude: f64, longitude: f64) -> Option<Self> {
        let is_on_earth = latitude.abs() <= 90.0 && longitude.abs() <= 180.0;
        is_on_earth.then_some(Self { latitude, longitude })
    }

    /// Degrees north.
    pub fn latitude(self) -> f64 {
        self.latitude
    }

    /// Degrees east.
    pub fn longitude(self) -> f64 {
        self.longitude
    }
}

/// Least and most of [`Organisation::silent_after`].
pub const SILENT_AFTER: std::ops::RangeInclusive<Duration> =
    Duration::from_secs(600)..=Duration::from_secs(365 * 24 * 3600);

/// A body of health or care.
#[derive(Clone, Debug, PartialEq)]
pub struct Organisation {
    /// Its ODS code.
    pub code: OdsCode,
    /// Its name, as registered.
    pub name: String,
    /// What kind of body it is.
    pub kind: OrganisationType,
    /// The NHS England region it lies in; a region lies in itself.
    pub region: Option<OdsCode>,
    /// The integrated care board's area it lies in; a board lies in its own.
    pub icb: Option<OdsCode>,
    /// The organisation it belongs to.
    pub parent: Option<OdsCode>,
    /// Town; may be empty.
    pub town: String,
    /// Postcode; may be empty.
    pub postcode: String,
    /// Registered patients or people cared for.
    pub patients: Option<u32>,
    /// Where it is.
    pub position: Option<Position>,
    /// How long a device may be silent before that is worth saying, within [`SILENT_AFTER`].
    pub silent_after: Duration,
    /// When it ceased; `None` while it works.
    pub closed_at: Option<Timestamp>,
}

impl Organisation {
    /// An organisation of which no more is known.
    pub fn new(code: OdsCode, name: impl Into<String>, kind: OrganisationType) -> Self {
        let own_area = |is_one: bool| is_one.then(|| code.clone());
        Self {
            name: name.into(),
            kind,
            region: own_area(kind == OrganisationType::Region),
            icb: own_area(kind == OrganisationType::Icb),
            parent: None,
            town: String::new(),
            postcode: String::new(),
            patients: None,
            position: None,
            silent_after: kind.usual_silence(),
            closed_at: None,
            code,
        }
    }

    /// Whether it has ceased by `now`.
    pub fn is_closed(&self, now: Timestamp) -> bool {
        self.closed_at.is_some_and(|closed| closed <= now)
    }
}

/// A named set of organisations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its identifier.
    pub id: GroupId,
    /// Its name, for people.
    pub name: String,
    /// Its members, sorted by code.
    pub members: Vec<OdsCode>,
}
