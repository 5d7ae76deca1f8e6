//! What the map says of a device, in the words alerts keep.
//!
//! An alert is read by people of its own organisation. What the map knows of others counts in the
//! rank, but is not named: who may see more sees it on the alert's page, drawn from the map.

use detect::alert::{self, Signal};
use sector::{DeviceKey, Graph, Step, Thing};
use terms::OdsCode;

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
            paths: support.paths.iter().map(|path| to_path(graph, signal, path)).collect(),
        },
    }
}

fn to_path(graph: &Graph, signal: &Signal, path: &sector::Path) -> alert::Path {
    let device = alert::Step {
        kind: alert::StepKind::Device,
        code: signal.device.clone(),
        name: signal.device.clone(),
        reason: String::new(),
    };
    let steps = path.steps.iter().map(|step| to_step(graph, &signal.organisation, step));
    let mut steps: Vec<alert::Step> = std::iter::once(device).chain(steps).collect();
    // The map says at each step why it needs the one before; alerts, why the next one needs it.
    for (at, step) in path.steps.iter().enumerate() {
        steps[at].reason.clone_from(&step.reason);
    }
    alert::Path {
        steps,
        patients_per_day: Some(path.patients_per_day),
        criticality: path.criticality.get(),
        strength: f64::from(path.strength.get()) / f64::from(sector::Strength::MOST.get()),
    }
}

fn to_step(graph: &Graph, own: &OdsCode, step: &Step) -> alert::Step {
    let kind = match &step.thing {
        Some(Thing::Organisation(_)) => alert::StepKind::Organisation,
        Some(Thing::Service(_)) => alert::StepKind::Service,
        Some(Thing::Supplier(_)) => alert::StepKind::Supplier,
        Some(Thing::System(_)) | None => alert::StepKind::System,
    };
    // Suppliers belong to no organisation of the map and are known to all.
    let owner = step.thing.as_ref().and_then(|thing| graph.owner(thing));
    if owner.is_some_and(|owner| owner != own) {
        let name = match kind {
            alert::StepKind::Service => "a service of another organisation",
            _ => "a system of another organisation",
        };
        return alert::Step {
            kind,
            code: String::new(),
            name: name.to_owned(),
            reason: String::new(),
        };
    }
    let code = match &step.thing {
        Some(Thing::Organisation(code)) => code.to_string(),
        Some(Thing::Service(code) | Thing::System(code) | Thing::Supplier(code)) => {
            code.to_string()
        }
        None => String::new(),
    };
    alert::Step { kind, code, name: step.name.clone(), reason: String::new() }
}
