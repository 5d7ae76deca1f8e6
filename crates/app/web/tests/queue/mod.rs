//! What the tests of alerts and exceptions share: records of two example trusts, evaluated and
//! committed as the watch does it, over a small map.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]

use bus::{Batch, Seq};
use detect::{
    alert::{
        Alert, Checkpoint, Committed, Cx, Filter, Limits, Path, Signal, Sort, Step, StepKind,
        Support, group::WINDOW, rank::Product,
    },
    watch::Evaluator,
};
use sector::{Criticality, MapCode, Service, System};
use terms::{Part, Scope, TokenId};
use testkit::{later, now};

use crate::common::{World, code};

/// The reader these tests commit as.
const READER: &str = "detect";

/// The rule that finds deleted backup copies.
pub(crate) const DELETED: &str = "00000000-0000-4000-8000-000000000001";
/// The rule that finds encoded commands.
pub(crate) const ENCODED: &str = "00000000-0000-4000-8000-000000000002";

/// A command that the first rule finds.
pub(crate) const DELETES: &str = "vssadmin delete shadows /all /quiet";
/// A command that the second rule finds.
pub(crate) const ENCODES: &str = "powershell -enc ZQBjAGgAbwA=";

/// A record as Winlogbeat sends it: a program that started.
pub(crate) fn record(device: &str, command: &str) -> String {
    let image = match command.split_whitespace().next() {
        Some("vssadmin") => r"C:\Windows\System32\vssadmin.exe",
        _ => r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe",
    };
    serde_json::json!({
        "@timestamp": "2026-11-24T08:20:00.000Z",
        "agent": { "type": "winlogbeat", "version": "8.15.0" },
        "event": { "code": "1", "provider": "Microsoft-Windows-Sysmon" },
        "host": { "name": device },
        "winlog": {
            "channel": "Microsoft-Windows-Sysmon/Operational",
            "provider_name": "Microsoft-Windows-Sysmon",
            "computer_name": device,
            "event_id": "1",
            "event_data": {
                "Image": image,
                "CommandLine": command,
                "ParentImage": r"C:\Program Files\Microsoft Office\winword.exe",
                "User": r"EXAMPLE\theatre01",
            },
        },
    })
    .to_string()
}

/// What rests on a device: the laboratory of XAA, and a service of XBB.
pub(crate) fn support(signal: &Signal) -> Support {
    if !signal.device.contains("PATH") {
        return Support::unknown();
    }
    let step = |kind, code: &str, name: &str, reason: &str| Step {
        kind,
        code: code.to_owned(),
        name: name.to_owned(),
        reason: reason.to_owned(),
    };
    let device = || step(StepKind::Device, &signal.device, &signal.device, "prints its labels");
    let system = || step(StepKind::System, "XAA-LIMS", "specimen labels", "cannot work without it");
    let way = |service: Step, patients, criticality| Path {
        steps: vec![device(), system(), service],
        patients_per_day: Some(patients),
        criticality,
        strength: 0.9,
    };
    Support {
        is_known: true,
        paths: vec![
            way(step(StepKind::Service, "XAA-PATH", "the pathology service", ""), 4_200, 4),
            way(step(StepKind::Service, "XBB-CRISIS", "the secret crisis team", ""), 60, 3),
        ],
    }
}

/// The map that [`support`] speaks of.
pub(crate) async fn map(world: &World) {
    let text = |text: &str| text.parse::<MapCode>().expect("a code");
    let grade = |number| Criticality::new(number).expect("on the scale");
    let system = System {
        code: text("XAA-LIMS"),
        organisation: code("XAA"),
        name: "specimen labels".to_owned(),
        kind: "lims".to_owned(),
        supplier: None,
        criticality: grade(4),
        closed_at: None,
    };
    let service = |own: &str, organisation: &str, name: &str| Service {
        code: text(own),
        organisation: code(organisation),
        name: name.to_owned(),
        kind: "pathology".to_owned(),
        patients_per_day: 4_200,
        criticality: grade(4),
        hours: "24/7".to_owned(),
        closed_at: None,
    };
    let (map, all) = (&world.app.map, Scope::sector());
    map.create_system(system, &all, now()).await.expect("made");
    for service in [
        service("XAA-PATH", "XAA", "the pathology service"),
        service("XBB-CRISIS", "XBB", "the secret crisis team"),
    ] {
        map.create_service(service, &all, now()).await.expect("made");
    }
    map.refresh().await.expect("refreshed");
}

/// What rules find in records of devices, received a minute ago and written as alerts. Each item:
/// whose, device, command. How many findings there were.
pub(crate) async fn found(world: &World, records: &[(&str, &str, &str)]) -> usize {
    found_at(world, -60, records).await
}

/// The same, received some seconds after the tests' now.
pub(crate) async fn found_at(world: &World, second: i64, records: &[(&str, &str, &str)]) -> usize {
    let rules = world.app.rules.now();
    let alerts = &world.app.alerts;
    let mut seq = alerts.checkpoint(READER).await.expect("a checkpoint");
    let mut evaluator = Evaluator::new(rules.clone());
    let mut signals = Vec::new();
    for (organisation, device, command) in records {
        seq += 1;
        let batch = Batch {
            seq: Seq(seq),
            organisation: code(organisation),
            source: TokenId::new(now()),
            received_at: later(second),
            count: 1,
            records: record(device, command).into_bytes(),
        };
        signals.extend(evaluator.batch(&batch).signals);
    }
    let exceptions =
        alerts.exceptions_in_force(rules.catalogue().clone(), now()).await.expect("exceptions");
    let switches = alerts.switches_in_force().await.expect("switches");
    let graph = world.app.map.graph();
    let belongs =
        |part: &Part, code: &terms::OdsCode| graph.contains(&Scope::of([part.clone()]), code);
    let cx = Cx {
        window: WINDOW,
        limits: Limits { of_organisation: 1_000, of_sector: 10_000 },
        exceptions: &exceptions,
        switches: &switches,
        belongs: &belongs,
        support: &support,
        ranker: &Product,
    };
    let checkpoint = Checkpoint { consumer: READER.to_owned(), seq };
    let write = alerts.db().write().await.expect("a transaction");
    let done = alerts.commit(&write, &signals, &checkpoint, &cx).await.expect("written");
    assert!(matches!(done, Committed::Written(_)));
    write.commit().await.expect("committed");
    signals.len()
}

/// All alerts of an organisation, most urgent first.
pub(crate) async fn alerts(world: &World, organisation: &str) -> Vec<Alert> {
    let scope = Scope::organisation(code(organisation));
    let page = world.app.alerts.page(&scope, &Filter::default(), Sort::Rank, None, 500).await;
    page.expect("a page").alerts
}

/// The main part of a page without what differs from run to run: marks against forged requests
/// and ids that are drawn.
pub(crate) fn main_of(page: &str) -> String {
    let start = page.find("<main").expect("a page has a main part");
    let end = page.find("</main>").expect("a page has an end of its main part");
    let mut main = without_marks(&page[start..end]);
    let mut known: Vec<String> = Vec::new();
    let mut at = 0;
    while let Some(found) = next_uuid(&main, at) {
        let id = main[found..found + 36].to_owned();
        let number = known.iter().position(|one| *one == id).unwrap_or_else(|| {
            known.push(id.clone());
            known.len() - 1
        });
        main.replace_range(found..found + 36, &format!("ID{}", number + 1));
        at = found;
    }
    let lines = main.lines().map(str::trim_end).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

fn without_marks(page: &str) -> String {
    let mut out = String::new();
    let mut rest = page;
    const BEFORE: &str = "name=\"csrf\" value=\"";
    while let Some(at) = rest.find(BEFORE) {
        let (kept, after) = rest.split_at(at + BEFORE.len());
        out.push_str(kept);
        out.push_str("MARK");
        rest = &after[after.find('"').expect("a value ends")..];
    }
    out + rest
}

fn next_uuid(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    (from..bytes.len().saturating_sub(35)).find(|&at| {
        bytes[at..at + 36].iter().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_digit() || (b'a'..=b'f').contains(byte),
        })
    })
}
