//! `services.yaml`, `systems.yaml` and `dependencies.yaml`: kinds of things and how they hang
//! together.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::shape::At;

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Services {
    /// Days a year by hours.
    pub(crate) open_days: BTreeMap<String, u32>,
    pub(crate) noise: f64,
    pub(crate) services: Vec<ServiceKind>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServiceKind {
    pub(crate) kind: String,
    pub(crate) tag: String,
    pub(crate) name: String,
    pub(crate) hours: String,
    pub(crate) criticality: u8,
    /// Patients a year in England.
    pub(crate) yearly: Option<f64>,
    /// By what they are spread.
    pub(crate) basis: Option<Basis>,
    /// Instead of `yearly`: a year for each of the organisation's people.
    pub(crate) yearly_per_patient: Option<f64>,
    pub(crate) at: At,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Basis {
    Beds,
    Emergency,
    Referrals,
    Patients,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Systems {
    pub(crate) markets: Vec<Market>,
    pub(crate) systems: Vec<SystemKind>,
    pub(crate) departmental: Departmental,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Market {
    pub(crate) market: String,
    pub(crate) kind: String,
    pub(crate) suppliers: usize,
    pub(crate) shares: Option<Vec<f64>>,
}

impl Market {
    /// Shares of its suppliers, largest first; their sum is not one.
    pub(crate) fn shares(&self) -> Vec<f64> {
        let zipf = || (1..=self.suppliers).map(|rank| 1.0 / rank as f64).collect();
        self.shares.clone().unwrap_or_else(zipf)
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SystemKind {
    pub(crate) kind: String,
    pub(crate) tag: String,
    pub(crate) name: String,
    pub(crate) market: String,
    pub(crate) criticality: u8,
    pub(crate) hosted: bool,
    pub(crate) at: At,
    pub(crate) service: Option<String>,
    #[serde(default)]
    pub(crate) hub: bool,
    #[serde(default)]
    pub(crate) devices: Vec<DeviceKind>,
    /// Devices at each location of the organisation.
    #[serde(default)]
    pub(crate) site_devices: Vec<DeviceKind>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeviceKind {
    pub(crate) class: String,
    pub(crate) count: u32,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Departmental {
    pub(crate) market: String,
    pub(crate) hosted: f64,
    pub(crate) departments: Vec<Department>,
    pub(crate) functions: Vec<Function>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Department {
    pub(crate) tag: String,
    pub(crate) name: String,
    pub(crate) service: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Function {
    pub(crate) tag: String,
    pub(crate) name: String,
    pub(crate) criticality: u8,
    #[serde(default)]
    pub(crate) clinical: bool,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Dependencies {
    pub(crate) noise: f64,
    pub(crate) suppliers: SupplierNeeds,
    pub(crate) departmental: DepartmentalNeeds,
    /// By kind of service.
    pub(crate) services: BTreeMap<String, Vec<Need>>,
    /// By kind of system.
    pub(crate) systems: BTreeMap<String, Vec<Need>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SupplierNeeds {
    pub(crate) hosted: Manner,
    pub(crate) supported: Manner,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DepartmentalNeeds {
    pub(crate) service: Manner,
    pub(crate) needs: Vec<Need>,
}

/// In what way something is needed, and how much.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manner {
    pub(crate) kind: String,
    pub(crate) strength: f64,
    pub(crate) reason: String,
    pub(crate) fallback: String,
}

/// That a kind of system is needed.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Need {
    pub(crate) to: String,
    #[serde(flatten)]
    pub(crate) manner: Manner,
}
