//! The database goes away while telemetry comes in, and comes back: senders are told to come again
//! meanwhile, what was acknowledged is evaluated, and nothing counts twice.
//!
//! `WARD_AWAY_SECONDS` says how long it is away (5 unless set).
#![cfg(target_os = "linux")]

mod server;

use std::{
    thread,
    time::{Duration, Instant},
};

use server::{Server, World, cluster::Cluster};

fn away() -> Duration {
    let set = std::env::var("WARD_AWAY_SECONDS").ok().and_then(|text| text.parse().ok());
    Duration::from_secs(set.unwrap_or(5))
}

/// Twenty events of forty devices, all of which the rule finds.
fn body(number: u64) -> String {
    (number * 20..(number + 1) * 20)
        .map(|at| {
            format!(
                "{{\"Channel\":\"Microsoft-Windows-Sysmon/Operational\",\"EventID\":1,\
                 \"Computer\":\"EX-{}\",\"Image\":\"C:\\\\Windows\\\\System32\\\\vssadmin.exe\",\
                 \"CommandLine\":\"vssadmin delete shadows /all {at}\"}}\n",
                at % 40
            )
        })
        .collect()
}

/// Sends requests one after the other; how many were acknowledged. A refusal must be 503 and say
/// when to come again.
struct Sender<'w> {
    world: &'w World,
    next: u64,
    acknowledged: u64,
}

impl Sender<'_> {
    /// Whether the next request was acknowledged.
    fn send(&mut self) -> bool {
        let (status, retry_after) = self.world.post_and_wait("/api/v1/events", &body(self.next));
        self.next += 1;
        if status == 200 {
            self.acknowledged += 20;
            return true;
        }
        assert_eq!(status, 503, "refused with another status");
        assert!(retry_after.is_some_and(|seconds| seconds > 0), "refused without Retry-After");
        false
    }
}

#[test]
fn while_the_database_is_away_senders_are_told_to_come_again_and_nothing_is_lost_or_doubled() {
    let mut cluster = Cluster::start();
    let world = World::on_postgres_at(&cluster.url());
    let mut server = Server::start(&world);
    let mut sender = Sender { world: &world, next: 0, acknowledged: 0 };
    for _ in 0..50 {
        assert!(sender.send(), "refused although the database is there");
    }

    cluster.stop();
    let gone = Instant::now();
    let mut refused = 0;
    while gone.elapsed() < away() || refused == 0 {
        assert!(!sender.send(), "acknowledged although the database is away");
        refused += 1;
    }
    cluster.start_again();
    let back = Instant::now();
    while !sender.send() {
        assert!(back.elapsed() < Duration::from_secs(60), "refused although it is back");
        thread::sleep(Duration::from_millis(200));
    }
    for _ in 0..50 {
        sender.send();
    }

    world.wait_until_evaluated();
    let kept = world.number("SELECT CAST(COALESCE(SUM(count), 0) AS BIGINT) FROM event_batch");
    let counted = world.state_number("SELECT CAST(COALESCE(SUM(count), 0) AS BIGINT) FROM alert");
    let alerts = world.state_number("SELECT COUNT(*) FROM alert");
    server.stop();
    // A request on its way when the database went may be kept without an answer.
    assert!(kept.unsigned_abs() >= sender.acknowledged, "acknowledged events are lost");
    assert_eq!(counted, kept, "each kept event counts once");
    assert_eq!(alerts, 40, "one alert a device");
}
