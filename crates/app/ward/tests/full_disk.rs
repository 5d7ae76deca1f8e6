//! The disk fills up while telemetry comes in: senders are refused, nothing is torn, and once there
//! is room again everything goes on.
//!
//! The data folder is a small disk of its own, in a mount namespace (Linux; as root, or where
//! users may make namespaces).
#![cfg(target_os = "linux")]

mod server;

use std::{process::Command, thread, time::Duration};

use server::{Server, World, cluster::Cluster};

/// Lines of a request.
const LINES: u64 = 400;

/// Sends a request of about 300 kB that hardly packs; its status.
fn send(world: &World, number: u64) -> u16 {
    let line = |line| format!("{{\"number\":{number},\"filler\":\"{}\"}}\n", noise(number, line));
    let body: String = (0..LINES).map(line).collect();
    world.post_and_wait("/api/v1/events", &body).0
}

/// Letters without a pattern, the same in every run.
fn noise(number: u64, line: u64) -> String {
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ line.wrapping_mul(0xbf58_476d);
    (0..700)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            char::from(b'!' + ((state >> 33) % 90) as u8)
        })
        .map(|letter| if matches!(letter, '"' | '\\') { 'x' } else { letter })
        .collect()
}

/// Sends until a request is refused, then makes room and sends until one is taken again; how many
/// were acknowledged.
fn fill_and_recover(world: &World, make_room: impl FnOnce()) -> u64 {
    let taken = (0..400).take_while(|number| is_taken(world, *number)).count() as u64;
    assert!(taken < 400, "the disk never filled");
    make_room();
    for number in 1000..1040 {
        if is_taken(world, number) {
            return taken + 1;
        }
        thread::sleep(Duration::from_millis(250));
    }
    panic!("refused although there is room again");
}

/// Whether a request was taken; else it was refused as it should be.
fn is_taken(world: &World, number: u64) -> bool {
    let status = send(world, number);
    assert!(matches!(status, 200 | 503 | 507), "{status}");
    status == 200
}

#[test]
fn a_full_disk_refuses_senders_tears_nothing_and_recovers() {
    let world = World::on_sqlite();
    let mut server = Server::start_on_a_small_disk(&world, "40m", "14m");
    let acknowledged = fill_and_recover(&world, || server.inside("rm data/filler"));
    server.inside("cp -r data copy");
    server.stop();

    let copy = world.path().join("copy");
    let check = Command::new("python3")
        .args(["-c", "import sqlite3,sys\nd=sqlite3.connect(sys.argv[1])\nprint(d.execute('pragma integrity_check').fetchone()[0], d.execute('select sum(count) from event_batch').fetchone()[0])"])
        .arg(copy.join("events.db"))
        .output()
        .expect("python3");
    let told = String::from_utf8_lossy(&check.stdout).trim().to_owned();
    let (whole, kept) = told.split_once(' ').unwrap_or_else(|| panic!("{check:?}"));
    assert_eq!(whole, "ok");
    assert_eq!(kept.parse::<u64>().expect("a number"), acknowledged * LINES);
}

#[test]
fn a_full_disk_of_postgresql_refuses_senders_tears_nothing_and_recovers() {
    let cluster = Cluster::on_a_small_disk("130m", "50m");
    let world = World::on_postgres_at(&cluster.url());
    let mut server = Server::start(&world);
    let acknowledged = fill_and_recover(&world, || cluster.remove_filler());
    world.wait_until_evaluated();
    server.stop();
    // Each batch is unpacked to be counted: a torn one would be told.
    assert_eq!(world.records().len() as u64, acknowledged * LINES);
}
