//! How many records a second one core makes: `cargo run --release -p simulate --example rate`.
#![allow(clippy::print_stdout)] // It is for reading at a terminal.

use std::time::Instant;

use simulate::{Device, EventsPerSecond, Options, SimulateError, Site, Telemetry};

fn main() -> Result<(), SimulateError> {
    let device = |at: usize| {
        let (class, role) = [
            ("workstation", "ward workstation"),
            ("laptop", "office"),
            ("server", "interface engine"),
            ("server", "pacs"),
            ("server", "domain controller"),
            ("network", "sensor"),
        ][at % 6];
        Device {
            name: format!("EXAMPLE-{at:05}"),
            class: class.to_owned(),
            role: role.to_owned(),
            system: String::new(),
        }
    };
    let site = |at: usize| Site {
        organisation: format!("X{at:03}"),
        name: format!("Example site {at}"),
        kind: "trust_acute".to_owned(),
        devices: (0..250).map(device).collect(),
    };
    let sites: Vec<Site> = (0..200).map(site).collect();
    let options = Options {
        seed: 1,
        devices: 0,
        rate: EventsPerSecond(50_000.0),
        start: terms::Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_secs(1_795_509_000),
        storylines: Vec::new(),
    };
    let begin = Instant::now();
    let mut telemetry = Telemetry::new(&sites, options)?;
    println!("ready after {} ms", begin.elapsed().as_millis());
    let (begin, mut bytes) = (Instant::now(), 0);
    for _ in 0..RECORDS {
        bytes += telemetry.advance().map_or(0, |record| record.json.len());
    }
    let seconds = begin.elapsed().as_secs_f64();
    println!("{:.0} records a second, {} bytes each", RECORDS as f64 / seconds, bytes / RECORDS);
    Ok(())
}

const RECORDS: usize = 3_000_000;
