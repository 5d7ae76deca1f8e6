//! What organisations run and rest on: sites, services, systems, suppliers, dependencies.

use terms::{OdsCode, Timestamp};

use crate::{
    code::{Criticality, MapCode, Strength, Thing},
    organisation::Position,
};

/// A building or clinic of an organisation.
#[derive(Clone, Debug, PartialEq)]
pub struct Site {
    /// Its ODS code.
    pub code: OdsCode,
    /// Its name.
    pub name: String,
    /// Whose it is.
    pub organisation: OdsCode,
    /// Town; may be empty.
    pub town: String,
    /// Postcode; may be empty.
    pub postcode: String,
    /// Where it is.
    pub position: Option<Position>,
}

/// Something done for patients, as an emergency department.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its code.
    pub code: MapCode,
    /// Whose it is.
    pub organisation: OdsCode,
    /// Its name.
    pub name: String,
    /// What kind of service: `emergency`, `pathology`; free text.
    pub kind: String,
    /// Patients on an average day.
    pub patients_per_day: u32,
    /// How much care depends on it.
    pub criticality: Criticality,
    /// When it is open, as people write it: `24/7`.
    pub hours: String,
    /// When it ceased; `None` while it works.
    pub closed_at: Option<Timestamp>,
}

/// A system that services or other systems run on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct System {
    /// Its code.
    pub code: MapCode,
    /// Whose it is.
    pub organisation: OdsCode,
    /// Its name.
    pub name: String,
    /// What kind of system: `epr`, `network`; free text.
    pub kind: String,
    /// Who supplies it.
    pub supplier: Option<MapCode>,
    /// How much care depends on it.
    pub criticality: Criticality,
    /// When it was taken out of use; `None` while it works.
    pub closed_at: Option<Timestamp>,
}

/// Who makes or runs systems for others. Suppliers are known to the whole sector; who depends on
/// one is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Supplier {
    /// Its code.
    pub code: MapCode,
    /// Its name.
    pub name: String,
    /// What kind of supplier: `software`, `network`; free text.
    pub kind: String,
}

/// That one thing needs another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// What depends.
    pub from: Thing,
    /// What it depends on.
    pub to: Thing,
    /// What kind of dependency: `runs on`, `signs in with`; free text.
    pub kind: String,
    /// Why, for people.
    pub reason: String,
    /// What happens to `from` when `to` stops.
    pub strength: Strength,
}

/// One field of one thing that changes. What is made has no `before`, what is taken away no
/// `after`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// The thing, as `system:RX1-EPR`.
    pub what: String,
    /// The field, as the import's column is called.
    pub field: &'static str,
    /// Its value before.
    pub before: Option<String>,
    /// Its value after.
    pub after: Option<String>,
}
