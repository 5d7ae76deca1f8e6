//! What the map says of a device, in the words alerts keep.

use detect::alert::{self, Signal};
use sector::{DeviceKey, Graph, Thing};

/// What rests on a signal's device. A device that calls itself by its full name in the network is
/// also known by the first part of it.
pub(crate) fn of(graph: &Graph, signal: &Signal) -> alert::Support {
    let short = signal.device.split('.').next().unwrap_or_default();
    let names = [signal.device.as_str(), short];
    let keys = names.iter().filter_map(|name| DeviceKey::new(signal.organisation.clone(), name));
    let found = keys.map(|key| graph.supports(&key)).find(|support| support.system.is_some());
    match found {
        None => alert::Support::unknown(),
        Some(support) => alert::Support {
            is_known: true,
            paths: support.paths.iter().map(|path| to_path(&signal.device, path)).collect(),
        },
    }
}

fn to_path(device: &str, path: &sector::Path) -> alert::Path {
    let first = alert::Step {
        kind: alert::StepKind::Device,
        code: device.to_owned(),
        name: device.to_owned(),
        reason: String::new(),
    };
    let steps = path.steps.iter().map(to_step);
    alert::Path {
        steps: std::iter::once(first).chain(steps).collect(),
        patients_per_day: Some(path.patients_per_day),
        criticality: path.criticality.get(),
        strength: f64::from(path.strength.get()) / f64::from(sector::Strength::MOST.get()),
    }
}

fn to_step(step: &sector::Step) -> alert::Step {
    let (kind, code) = match &step.thing {
        Some(Thing::Organisation(code)) => (alert::StepKind::Organisation, code.to_string()),
        Some(Thing::Service(code)) => (alert::StepKind::Service, code.to_string()),
        Some(Thing::System(code)) => (alert::StepKind::System, code.to_string()),
        Some(Thing::Supplier(code)) => (alert::StepKind::Supplier, code.to_string()),
        None => (alert::StepKind::System, String::new()),
    };
    alert::Step { kind, code, name: step.name.clone(), reason: step.reason.clone() }
}
