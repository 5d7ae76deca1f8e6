//! How long the map of a sector takes: 40,000 organisations, 20,000 systems, 200,000 devices that
//! are part of one. Prints seconds; `cargo run --release -p sector --example size [file…]` plans
//! and applies the given files first, in their order.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::time::Instant;

use sector::{
    Criticality, Dependency, DeviceFilter, DeviceKey, DeviceSort, DeviceState, Graph, Map,
    Organisation, OrganisationType, PageRequest, Parts, Service, Sighting, Strength, System,
};
use terms::{OdsCode, Part, Scope, Timestamp};

/// Batches of 5,000 sightings each.
const BATCHES: usize = 200;

fn main() {
    let now: Timestamp = "2026-11-24T08:30:00Z".parse().unwrap();
    in_memory();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        println!("SQLite");
        stored(&testkit::sqlite().await, now).await;
        println!("PostgreSQL");
        stored(&testkit::postgres().await, now).await;
    });
}

fn took<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = work();
    println!("{:9.4} s  {what}", start.elapsed().as_secs_f64());
    result
}

async fn took_async<T>(what: &str, work: impl Future<Output = T>) -> T {
    let start = Instant::now();
    let result = work.await;
    println!("{:9.4} s  {what}", start.elapsed().as_secs_f64());
    result
}

fn code(number: usize) -> OdsCode {
    format!("Z{number:05}").parse().unwrap()
}

fn organisations(count: usize) -> Vec<Organisation> {
    let one = |number: usize| {
        let name = format!("Example {number}");
        let mut one = Organisation::new(code(number), name, OrganisationType::CareLocation);
        one.region = Some(format!("Y{}", 56 + number % 7).parse().unwrap());
        one
    };
    (0..count).map(one).collect()
}

/// A hundred systems for each of two hundred trusts, in three layers, with services on top.
fn parts() -> Parts {
    let mut parts = Parts { organisations: organisations(40_000), ..Parts::default() };
    for number in 0..20_000_usize {
        let (owner, within) = (number / 100, number % 100);
        let system = System {
            code: format!("S{number}").parse().unwrap(),
            organisation: code(owner),
            name: format!("System {number}"),
            kind: "example".into(),
            supplier: None,
            criticality: Criticality::LEAST,
            closed_at: None,
        };
        let needs = |from: String, to: usize, strength: u8| Dependency {
            from: from.parse().unwrap(),
            to: format!("system:S{to}").parse().unwrap(),
            kind: "runs on".into(),
            reason: "an example".into(),
            strength: Strength::new(strength).unwrap(),
        };
        if within >= 5 {
            let below = owner * 100 + within / 20;
            let strength = 1 + (number % 4) as u8;
            parts.dependencies.push(needs(format!("system:S{number}"), below, strength));
        }
        if within >= 50 {
            let service = Service {
                code: format!("V{number}").parse().unwrap(),
                organisation: code(owner),
                name: format!("Service {number}"),
                kind: "example".into(),
                patients_per_day: number as u32 % 500,
                criticality: Criticality::MOST,
                hours: String::new(),
                closed_at: None,
            };
            parts.services.push(service);
            parts.dependencies.push(needs(format!("service:V{number}"), number, 4));
        }
        parts.systems.push(system);
    }
    let device = |number: usize| {
        let key = DeviceKey::new(code(number / 1000), &format!("host-{number}")).unwrap();
        (key, format!("S{}", number / 10).parse().unwrap())
    };
    parts.devices = (0..200_000).map(device).collect();
    parts
}

fn in_memory() {
    let parts = parts();
    let graph = took("graph: build", || Graph::build(parts));
    let keys: Vec<DeviceKey> = (0..200_000)
        .map(|number| DeviceKey::new(code(number / 1000), &format!("host-{number}")).unwrap())
        .collect();
    let all = || keys.iter().map(|key| u64::from(graph.supports(key).services)).sum::<u64>();
    let services = took("graph: what rests on 200,000 devices, first time", all);
    took("graph: the same, from then on", all);
    println!("           {services} services in all");
    took("graph: search", || graph.search("stem 199", &Scope::sector(), 20).len());
    let region = Scope::of([Part::Region("Y56".parse().unwrap())]);
    took("graph: organisations of a region", || graph.organisations_in(&region).len());
}

async fn stored(t: &testkit::TestDb, now: Timestamp) {
    let map = Map::open(t.db.clone()).await.unwrap();
    let sector = Scope::sector();
    for file in std::env::args().skip(1) {
        let bytes = std::fs::read(&file).unwrap();
        let plan = took_async(&file, map.plan(&file, &bytes, &sector, now)).await.unwrap();
        let problems = plan.problem_count;
        println!("           {}: {} added, {problems} problems", plan.kind, plan.added.len());
        if let Some(problem) = plan.problems.first() {
            println!("           {}, line {}: {}", problem.file, problem.line, problem.message);
        }
        took_async("  applied", map.apply(&plan, None, now)).await.unwrap();
    }
    let mut text = String::from("ods_code,name,type,region\n");
    for one in organisations(40_000) {
        let region = one.region.unwrap();
        text.push_str(&format!("{},{},care_location,{region}\n", one.code, one.name));
    }
    let plan = map.plan("x.csv", text.as_bytes(), &sector, now);
    let plan = took_async("plan of 40,000 organisations", plan).await.unwrap();
    took_async("  applied", map.apply(&plan, None, now)).await.unwrap();
    // A million devices, twenty-five for each organisation.
    let start = Instant::now();
    for batch in 0..BATCHES {
        let sighting = |n: usize| Sighting {
            organisation: code((batch * 5000 + n) / 25),
            name: format!("host-{:07}", (batch * 5000 + n) * 7919 % 1_000_000),
            at: Timestamp::from_second(now.as_second() - ((batch * n) % 400_000) as i64).unwrap(),
            source: None,
        };
        let sightings: Vec<Sighting> = (0..5000).map(sighting).collect();
        map.seen(&sightings, now).await.unwrap();
    }
    println!("{:9.4} s  1,000,000 devices made", start.elapsed().as_secs_f64());
    let again: Vec<Sighting> = (0..5000)
        .map(|n| Sighting {
            organisation: code(n / 25),
            name: format!("host-{:07}", n * 7919 % 1_000_000),
            at: now,
            source: None,
        })
        .collect();
    took_async("5,000 of them seen again", map.seen(&again, now)).await.unwrap();
    took_async("overview", map.overview(&sector, now)).await.unwrap();
    lists(&map, &sector, now).await;
}

async fn lists(map: &Map, sector: &Scope, now: Timestamp) {
    let region = Scope::of([Part::Region("Y56".parse().unwrap())]);
    let own = Scope::organisation(code(77));
    let filters = [
        ("all", DeviceFilter::default()),
        ("silent", DeviceFilter { state: Some(DeviceState::Silent), ..Default::default() }),
        ("never seen", DeviceFilter { state: Some(DeviceState::NeverSeen), ..Default::default() }),
        ("unmapped", DeviceFilter { state: Some(DeviceState::Unmapped), ..Default::default() }),
        ("search", DeviceFilter { search: Some("host-0777".into()), ..Default::default() }),
    ];
    for (scope_name, scope) in [("sector", sector), ("region", &region), ("organisation", &own)] {
        for (name, filter) in &filters {
            for sort in [DeviceSort::Name, DeviceSort::LastSeen] {
                let page = PageRequest::default();
                let list = map.list_devices(filter, sort, &page, scope, now);
                took_async(&format!("devices: {scope_name}, {name}, {sort:?}"), list)
                    .await
                    .unwrap();
            }
        }
    }
}
