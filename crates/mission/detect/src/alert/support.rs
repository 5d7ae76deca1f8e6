//! What a device does for patients: the ways from it over the map to services. The caller reads
//! the map and hands this in; it is kept with the alert so that a rank can be challenged later,
//! whatever the map says by then.

use serde::{Deserialize, Serialize};

/// Everything that rests on a device.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Support {
    /// Whether the map knows what the device is for. A known device may support nothing.
    pub is_known: bool,
    /// The ways to services, strongest first.
    pub paths: Vec<Path>,
}

/// One way from the device to a service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Path {
    /// Device, systems, service, in this order.
    pub steps: Vec<Step>,
    /// People the service cares for in a day; `None` where the map does not say.
    pub patients_per_day: Option<u32>,
    /// From 1 (convenient) to 4 (life depends on it).
    pub criticality: u8,
    /// How much of the service stops without the device: 0 to 1.
    pub strength: f64,
}

/// A thing on the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What it is.
    pub kind: StepKind,
    /// Its code on the map.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// Why the next step depends on it, in words; may be empty.
    pub reason: String,
}

/// What a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// A device.
    Device,
    /// A system.
    System,
    /// A service for patients.
    Service,
    /// A supplier.
    Supplier,
    /// An organisation.
    Organisation,
}

/// Paths kept with an alert; the map tells the rest.
pub const MAX_PATHS: usize = 20;
/// Steps kept of a path.
const MAX_STEPS: usize = 12;

impl Support {
    /// Of a device the map does not know.
    pub fn unknown() -> Self {
        Self::default()
    }

    /// The first step of this kind on the first path that has one.
    pub fn first(&self, kind: StepKind) -> Option<(&Path, &Step)> {
        self.paths.iter().find_map(|path| {
            let step = path.steps.iter().find(|step| step.kind == kind)?;
            Some((path, step))
        })
    }

    /// As much of it as is kept with an alert.
    pub(crate) fn bounded(mut self) -> Self {
        self.paths.truncate(MAX_PATHS);
        // What is no number cannot be kept; the whole service is the safe reading.
        let odd = self.paths.iter_mut().filter(|path| !path.strength.is_finite());
        odd.for_each(|path| path.strength = 1.0);
        self.paths.iter_mut().for_each(|path| path.steps.truncate(MAX_STEPS));
        self
    }
}
