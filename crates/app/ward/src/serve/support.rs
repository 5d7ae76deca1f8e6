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
    let own = &signal.organisation;
    let device = alert::Step {
        kind: alert::StepKind::Device,
        code: signal.device.clone(),
        name: signal.device.clone(),
        reason: String::new(),
    };
    let steps = path.steps.iter().map(|step| to_step(graph, own, step));
    let mut steps: Vec<alert::Step> = std::iter::once(device).chain(steps).collect();
    // The map says at each step why it needs the one before; alerts, why the next one needs it.
    // That sentence speaks of both, so it is told only where both are known to the reader.
    let mut is_before_known = true;
    for (at, step) in path.steps.iter().enumerate() {
        let is_known = !is_of_another(graph, own, step);
        if is_known && is_before_known {
            steps[at].reason.clone_from(&step.reason);
        }
        is_before_known = is_known;
    }
    alert::Path {
        steps,
        patients_per_day: Some(path.patients_per_day),
        criticality: path.criticality.get(),
        strength: f64::from(path.strength.get()) / f64::from(sector::Strength::MOST.get()),
    }
}

/// Suppliers belong to no organisation of the map and are known to all.
fn is_of_another(graph: &Graph, own: &OdsCode, step: &Step) -> bool {
    let owner = step.thing.as_ref().and_then(|thing| graph.owner(thing));
    owner.is_some_and(|owner| owner != own)
}

fn to_step(graph: &Graph, own: &OdsCode, step: &Step) -> alert::Step {
    let kind = match &step.thing {
        Some(Thing::Organisation(_)) => alert::StepKind::Organisation,
        Some(Thing::Service(_)) => alert::StepKind::Service,
        Some(Thing::Supplier(_)) => alert::StepKind::Supplier,
        Some(Thing::System(_)) | None => alert::StepKind::System,
    };
    if is_of_another(graph, own, step) {
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use detect::alert::{Position, RuleText, Who};
    use sector::{
        Criticality, Dependency, Organisation, OrganisationType, Parts, Service, Strength, System,
    };
    use terms::{Level, Timestamp};

    use super::*;

    fn code<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
        text.parse().expect("a code")
    }

    fn service(text: &str, organisation: &str) -> Service {
        Service {
            code: code(text),
            organisation: code(organisation),
            name: format!("{text} by name"),
            kind: "clinic".to_owned(),
            patients_per_day: 10,
            criticality: Criticality::new(3).expect("a criticality"),
            hours: String::new(),
            closed_at: None,
        }
    }

    fn system(text: &str, organisation: &str) -> System {
        System {
            code: code(text),
            organisation: code(organisation),
            name: format!("{text} by name"),
            kind: "server".to_owned(),
            supplier: None,
            criticality: Criticality::new(3).expect("a criticality"),
            closed_at: None,
        }
    }

    fn needs(from: &str, to: &str) -> Dependency {
        Dependency {
            from: code(from),
            to: code(to),
            kind: "runs on".to_owned(),
            reason: format!("{from} needs {to}"),
            strength: Strength::new(4).expect("a strength"),
        }
    }

    /// A device of AA1 carries a system of AA1, that one a service of AA1; one of BB1; and a system
    /// of BB1, on which a service of BB1 and one of AA1 rest.
    fn graph() -> Graph {
        let organisation = |text| Organisation::new(code(text), text, OrganisationType::TrustAcute);
        Graph::build(Parts {
            version: 1,
            organisations: vec![organisation("AA1"), organisation("BB1")],
            services: vec![
                service("OWN-ED", "AA1"),
                service("OWN-FAR", "AA1"),
                service("THEIR-LAB", "BB1"),
                service("THEIR-WARD", "BB1"),
            ],
            systems: vec![system("OWN-CORE", "AA1"), system("THEIR-APP", "BB1")],
            dependencies: vec![
                needs("service:OWN-ED", "system:OWN-CORE"),
                needs("service:THEIR-LAB", "system:OWN-CORE"),
                needs("system:THEIR-APP", "system:OWN-CORE"),
                needs("service:THEIR-WARD", "system:THEIR-APP"),
                needs("service:OWN-FAR", "system:THEIR-APP"),
            ],
            devices: vec![(
                DeviceKey::new(code("AA1"), "switch-1").expect("a key"),
                code("OWN-CORE"),
            )],
            ..Parts::default()
        })
    }

    fn signal(device: &str) -> Signal {
        let rule = RuleText {
            id: "example".to_owned(),
            version: String::new(),
            title: String::new(),
            level: Level::High,
            status: String::new(),
            tags: Vec::new(),
            harm: String::new(),
            action: String::new(),
        };
        Signal {
            position: Position::default(),
            rule: Arc::new(rule),
            organisation: code("AA1"),
            device: device.to_owned(),
            device_id: None,
            who: Who::default(),
            event_time: None,
            received_at: Timestamp::UNIX_EPOCH,
            event: "{}".into(),
            matched: Vec::new(),
        }
    }

    #[test]
    fn every_service_counts_and_no_word_of_another_organisation_is_told() {
        let support = of(&graph(), &signal("switch-1.example.org"));
        assert_eq!(support.paths.len(), 4, "all services count");
        let told = format!("{support:?}");
        assert!(!told.contains("THEIR"), "{told}");
        assert!(told.contains("a service of another organisation"), "{told}");
        assert!(told.contains("a system of another organisation"), "{told}");
    }

    #[test]
    fn what_is_ones_own_is_told_with_its_reason() {
        let support = of(&graph(), &signal("switch-1"));
        let steps = support.paths.iter().find(|path| path.steps.len() == 3).map(|path| {
            let step = |step: &alert::Step| (step.code.clone(), step.reason.clone());
            path.steps.iter().map(step).collect::<Vec<_>>()
        });
        let told = |code: &str, reason: &str| (code.to_owned(), reason.to_owned());
        assert_eq!(
            steps.expect("a short way"),
            [
                told("switch-1", ""),
                told("OWN-CORE", "service:OWN-ED needs system:OWN-CORE"),
                told("OWN-ED", ""),
            ]
        );
    }
}
