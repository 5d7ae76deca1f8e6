//! What rests on a device or a supplier, in memory.
#![allow(clippy::unwrap_used)]

mod support;

use std::collections::HashSet;

use proptest::prelude::*;
use sector::{
    Criticality, Dependency, DeviceKey, Graph, MapCode, Organisation, OrganisationType, Parts,
    Path, Service, Strength, Supplier, System, Thing,
};
use support::{ods, of, only};
use terms::Scope;

fn organisation(code: &str, region: &str) -> Organisation {
    let mut one = Organisation::new(ods(code), code, OrganisationType::TrustAcute);
    one.region = Some(ods(region));
    one
}

fn service(code: &str, organisation: &str, patients_per_day: u32, criticality: u8) -> Service {
    Service {
        code: of(code),
        organisation: ods(organisation),
        name: format!("service {code}"),
        kind: "clinic".into(),
        patients_per_day,
        criticality: Criticality::new(criticality).unwrap(),
        hours: String::new(),
        closed_at: None,
    }
}

fn system(code: &str, organisation: &str) -> System {
    System {
        code: of(code),
        organisation: ods(organisation),
        name: format!("system {code}"),
        kind: "server".into(),
        supplier: None,
        criticality: Criticality::new(2).unwrap(),
        closed_at: None,
    }
}

fn needs(from: &str, to: &str, strength: u8) -> Dependency {
    Dependency {
        from: of(from),
        to: of(to),
        kind: "runs on".into(),
        reason: format!("{from} needs {to}"),
        strength: Strength::new(strength).unwrap(),
    }
}

fn device(organisation: &str, name: &str) -> DeviceKey {
    DeviceKey::new(ods(organisation), name).unwrap()
}

/// Two organisations; `CORE` carries `APP`, which carries two services of AA1 and one of BB1.
fn parts() -> Parts {
    Parts {
        version: 7,
        organisations: vec![organisation("AA1", "Y56"), organisation("BB1", "Y60")],
        services: vec![
            service("ED", "AA1", 400, 4),
            service("CLINIC", "AA1", 50, 1),
            service("SHARED", "BB1", 30, 3),
        ],
        systems: vec![system("CORE", "AA1"), system("APP", "AA1"), system("ALONE", "AA1")],
        dependencies: vec![
            needs("system:APP", "system:CORE", 3),
            needs("service:ED", "system:APP", 4),
            needs("service:CLINIC", "system:APP", 2),
            needs("service:SHARED", "system:APP", 4),
        ],
        devices: vec![
            (device("AA1", "switch-1"), of("CORE")),
            (device("AA1", "pc-1"), of("ALONE")),
            (device("AA1", "ghost"), of("GONE")),
        ],
        ..Parts::default()
    }
}

fn brief(paths: &[Path]) -> Vec<(String, u8, String)> {
    let steps = |path: &Path| {
        let things = path.steps.iter().map(|step| step.thing.as_ref().map(Thing::to_string));
        things.map(|thing| thing.unwrap_or("?".into())).collect::<Vec<_>>().join(" ")
    };
    paths.iter().map(|p| (p.service.to_string(), p.strength.get(), steps(p))).collect()
}

fn told(service: &str, strength: u8, steps: &str) -> (String, u8, String) {
    (service.into(), strength, steps.into())
}

#[test]
fn a_device_supports_every_service_above_it_strongest_first() {
    let graph = Graph::build(parts());
    let support = graph.supports(&device("AA1", "SWITCH-1"));
    assert_eq!(
        brief(&support.paths),
        [
            told("ED", 3, "system:CORE system:APP service:ED"),
            told("SHARED", 3, "system:CORE system:APP service:SHARED"),
            told("CLINIC", 2, "system:CORE system:APP service:CLINIC"),
        ]
    );
    assert_eq!((support.services, support.patients_per_day), (3, 480));
    assert_eq!(support.criticality, Criticality::new(4));
    let reasons: Vec<_> = support.paths[0].steps.iter().map(|step| step.reason.as_str()).collect();
    assert_eq!(reasons, ["", "system:APP needs system:CORE", "service:ED needs system:APP"]);
}

#[test]
fn a_device_of_a_lonely_or_no_system_supports_no_service() {
    let graph = Graph::build(parts());
    let alone = graph.supports(&device("AA1", "pc-1"));
    assert_eq!((alone.system.clone(), alone.services), (Some(of("ALONE")), 0));
    assert_eq!(alone.criticality, Criticality::new(2), "the system's own");
    for (organisation, name) in [("AA1", "ghost"), ("AA1", "unheard-of"), ("BB1", "switch-1")] {
        let support = graph.supports(&device(organisation, name));
        assert_eq!(support, &sector::Support::default(), "{organisation} {name}");
    }
}

#[test]
fn the_strongest_way_is_told_even_when_a_shorter_one_is_there() {
    let mut parts = parts();
    parts.dependencies.push(needs("service:ED", "system:CORE", 1));
    let graph = Graph::build(parts);
    let support = graph.supports(&device("AA1", "switch-1"));
    assert_eq!(brief(&support.paths)[0], told("ED", 3, "system:CORE system:APP service:ED"));
    assert_eq!(support.services, 3, "a service by two ways counts once");
}

#[test]
fn services_that_rest_on_services_are_reached_and_rings_end() {
    let mut parts = parts();
    parts.dependencies.push(needs("system:CORE", "system:APP", 4));
    parts.dependencies.push(needs("service:CLINIC", "service:ED", 3));
    parts.dependencies.push(needs("service:ED", "service:CLINIC", 3));
    let graph = Graph::build(parts);
    let support = graph.supports(&device("AA1", "switch-1"));
    let clinic = support.paths.iter().find(|path| path.service == of("CLINIC")).unwrap();
    assert_eq!(
        brief(std::slice::from_ref(clinic)),
        [told("CLINIC", 3, "system:CORE system:APP service:ED service:CLINIC")]
    );
}

#[test]
fn what_has_ceased_carries_nothing() {
    let mut closed = parts();
    closed.systems[1].closed_at = Some(testkit::now());
    assert_eq!(Graph::build(closed).supports(&device("AA1", "switch-1")).services, 0);
    let mut closed = parts();
    closed.services[0].closed_at = Some(testkit::now());
    assert_eq!(Graph::build(closed).supports(&device("AA1", "switch-1")).services, 2);
    let mut closed = parts();
    closed.systems[0].closed_at = Some(testkit::now());
    assert_eq!(Graph::build(closed).supports(&device("AA1", "switch-1")).services, 0);
}

#[test]
fn a_person_is_shown_only_what_lies_in_their_scope() {
    let graph = Graph::build(parts());
    let switch = device("AA1", "switch-1");
    let own = graph.supports_within(&switch, &only("AA1"));
    assert_eq!((own.services, own.patients_per_day, own.paths.len()), (2, 450, 2));
    assert!(!format!("{own:?}").contains("SHARED"));
    assert_eq!(graph.supports_within(&switch, &only("BB1")), sector::Support::default());
    assert_eq!(graph.supports_within(&switch, &Scope::sector()), *graph.supports(&switch));
    let theirs = graph.system_supports(&of("CORE"), &only("BB1"));
    assert_eq!(brief(&theirs.paths), [told("SHARED", 3, "? ? service:SHARED")]);
    assert_eq!(theirs.system, None);
    let unseen = theirs.paths[0].steps[..2].iter();
    assert!(unseen.clone().all(|step| step.name.is_empty() && step.reason.is_empty()));
    assert_eq!(unseen.map(|step| step.strength.get()).collect::<Vec<_>>(), [4, 3]);
}

#[test]
fn what_an_organisation_needs_all_its_services_need() {
    let mut parts = parts();
    parts.dependencies.push(needs("organisation:BB1", "system:ALONE", 3));
    let graph = Graph::build(parts);
    let support = graph.supports(&device("AA1", "pc-1"));
    let expected = told("SHARED", 3, "system:ALONE organisation:BB1 service:SHARED");
    assert_eq!(brief(&support.paths), [expected]);
}

#[test]
fn everything_a_supplier_carries_is_found_within_the_scope() {
    let mut parts = parts();
    let supplier = Supplier { code: of("ACME"), name: "Example Ltd".into(), kind: "x".into() };
    parts.suppliers.push(supplier);
    parts.systems[0].supplier = Some(of("ACME"));
    let graph = Graph::build(parts.clone());
    let all = graph.dependents_of(&of("ACME"), &Scope::sector());
    assert_eq!(all.systems, [of::<MapCode>("APP"), of("CORE")]);
    assert_eq!(all.support.services, 3);
    assert!(
        all.support.paths.iter().all(|path| path.strength.get() <= 2),
        "a supplier is no outage"
    );
    let theirs = graph.dependents_of(&of("ACME"), &only("BB1"));
    assert_eq!((theirs.systems.len(), theirs.support.services), (0, 1));
    for strength in [1, 4] {
        let mut parts = parts.clone();
        parts.dependencies.push(needs("system:CORE", "supplier:ACME", strength));
        let said = Graph::build(parts).dependents_of(&of("ACME"), &Scope::sector());
        let strongest = said.support.paths[0].strength.get();
        assert_eq!(strongest, strength.min(3), "what somebody says counts more");
    }
}

#[test]
fn of_many_services_the_strongest_are_told_and_all_are_counted() {
    let mut parts = parts();
    for number in 0..200_u32 {
        let code = format!("S{number:03}");
        parts.services.push(service(&code, "AA1", number, 2));
        parts.dependencies.push(needs(&format!("service:{code}"), "system:ALONE", 4));
    }
    let graph = Graph::build(parts);
    let support = graph.supports(&device("AA1", "pc-1"));
    assert_eq!((support.services, support.patients_per_day), (200, (0..200).sum::<u64>()));
    assert_eq!(support.paths.len(), sector::graph::support::MAX_PATHS);
    assert_eq!(support.paths[0].service, of("S199"), "most patients first among equals");
}

#[test]
fn search_finds_by_code_then_beginning_then_middle_within_the_scope() {
    let graph = Graph::build(parts());
    let found = |text: &str, scope: &Scope| -> Vec<String> {
        graph.search(text, scope, 10).iter().map(|hit| hit.thing.to_string()).collect()
    };
    let sector = Scope::sector();
    assert_eq!(found("app", &sector), ["system:APP"]);
    let services = ["service:CLINIC", "service:ED", "service:SHARED"];
    assert_eq!(found("SERVICE", &sector), services);
    assert_eq!(found("ed", &sector)[0], "service:ED", "its code stands before names that hold it");
    assert_eq!(found("service", &only("BB1")), ["service:SHARED"]);
    assert!(found("service", &Scope::nothing()).is_empty());
    assert!(found(" ", &sector).is_empty());
}

proptest! {
    /// Over made-up graphs full of rings: no way visits a thing twice, each is as strong as its
    /// weakest step, no service is told twice, and a slow search finds the same services with the
    /// same strengths.
    #[test]
    fn ways_never_run_in_rings_and_are_the_strongest(
        edges in prop::collection::vec((0..8_u8, 0..8_u8, 1..5_u8), 0..40),
    ) {
        let name = |n: u8| if n < 5 { format!("system:S{n}") } else { format!("service:V{n}") };
        let mut seen = HashSet::new();
        let edges: Vec<_> =
            edges.into_iter().filter(|&(a, b, _)| a != b && seen.insert((a, b))).collect();
        let graph = Graph::build(Parts {
            organisations: vec![organisation("AA1", "Y56")],
            systems: (0..5).map(|n| system(&format!("S{n}"), "AA1")).collect(),
            services: (5..8).map(|n| service(&format!("V{n}"), "AA1", 1, 1)).collect(),
            dependencies: edges.iter().map(|&(a, b, s)| needs(&name(a), &name(b), s)).collect(),
            devices: vec![(device("AA1", "d"), of("S0"))],
            ..Parts::default()
        });
        let support = graph.supports(&device("AA1", "d"));
        let mut told = Vec::new();
        for path in &support.paths {
            let things: HashSet<_> = path.steps.iter().map(|step| step.thing.clone()).collect();
            prop_assert_eq!(things.len(), path.steps.len());
            let weakest = path.steps.iter().map(|step| step.strength).min();
            prop_assert_eq!(weakest, Some(path.strength));
            told.push((path.service.to_string(), path.strength.get()));
        }
        prop_assert!(support.paths.is_sorted_by_key(|path| std::cmp::Reverse(path.strength)));
        told.sort();
        // Widest ways by relaxing every edge until nothing grows.
        let mut width = [4, 0, 0, 0, 0, 0, 0, 0_u8];
        for _ in 0..8 {
            for &(from, to, strength) in &edges {
                let through = width[to as usize].min(strength);
                width[from as usize] = width[from as usize].max(through);
            }
        }
        let expected: Vec<_> = (5..8)
            .filter(|&n| width[n as usize] > 0)
            .map(|n| (format!("V{n}"), width[n as usize]))
            .collect();
        prop_assert_eq!(told, expected);
    }
}
