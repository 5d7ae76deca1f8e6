//! The disk fills up while telemetry comes in: senders are refused, nothing is torn, and once there
//! is room again everything goes on.
//!
//! The data folder is a small disk of its own, in a mount namespace (Linux; as root, or where
//! users may make namespaces).
#![cfg(target_os = "linux")]

mod server;

use std::{process::Command, thread, time::Duration};

use server::{Server, World};

/// Sends `count` requests of about 300 kB that hardly pack; statuses in order.
fn send(world: &World, from: u64, count: u64) -> Vec<u16> {
    (from..from + count)
        .map(|number| {
            let body: String = (0..400)
                .map(|line| {
                    format!("{{\"number\":{number},\"filler\":\"{}\"}}\n", noise(number, line))
                })
                .collect();
            world.post("/api/v1/events", &body).expect("an answer")
        })
        .collect()
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

#[test]
fn a_full_disk_refuses_senders_tears_nothing_and_recovers() {
    let world = World::on_sqlite();
    let mut server = Server::start_on_a_small_disk(&world, "40m", "14m");
    let mut acknowledged: u64 = 0;
    let mut refused = None;
    for number in 0..400 {
        match send(&world, number, 1)[0] {
            200 => acknowledged += 1,
            status => {
                refused = Some(status);
                break;
            }
        }
    }
    assert!(
        matches!(refused, Some(503 | 507)),
        "{refused:?} after {acknowledged} requests: the disk never filled"
    );

    server.inside("rm data/filler");
    let mut recovered = false;
    for number in 1000..1040 {
        if send(&world, number, 1)[0] == 200 {
            acknowledged += 1;
            recovered = true;
            break;
        }
        thread::sleep(Duration::from_millis(250));
    }
    assert!(recovered, "refused although there is room again");
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
    assert_eq!(kept.parse::<u64>().expect("a number"), acknowledged * 400);
}
