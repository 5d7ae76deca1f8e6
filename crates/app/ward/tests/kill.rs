//! The process is killed at random moments while telemetry comes in. Every event that was
//! acknowledged is evaluated, and none counts twice.
//!
//! `WARD_KILLS` says how often it is killed on each database (3 unless set).

mod server;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use server::{Server, World};

fn kills() -> u64 {
    std::env::var("WARD_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(3)
}

/// Sends batches until told to stop; a batch whose answer did not come is sent again later, as
/// another batch. How many events were acknowledged.
fn send_until(stop: &AtomicBool, server: &World, numbers: &AtomicU64) -> u64 {
    let mut acknowledged = 0;
    while !stop.load(Ordering::Relaxed) {
        let lines: String = (0..20)
            .map(|_| {
                let number = numbers.fetch_add(1, Ordering::Relaxed);
                format!(
                    "{{\"Channel\":\"Microsoft-Windows-Sysmon/Operational\",\"EventID\":1,\
                     \"Computer\":\"EX-{}\",\"Image\":\"C:\\\\Windows\\\\System32\\\\vssadmin.exe\",\
                     \"CommandLine\":\"vssadmin delete shadows /all {number}\"}}\n",
                    number % 40
                )
            })
            .collect();
        if server.post("/api/v1/events", &lines).is_ok_and(|status| status == 200) {
            acknowledged += 20;
        } else {
            thread::sleep(Duration::from_millis(20));
        }
    }
    acknowledged
}

fn check(world: &World) {
    let stop = Arc::new(AtomicBool::new(false));
    let numbers = Arc::new(AtomicU64::new(0));
    let mut acknowledged = 0;
    for round in 0..kills() {
        let mut server = Server::start(world);
        stop.store(false, Ordering::Relaxed);
        let senders: Vec<_> = (0..3)
            .map(|_| {
                let (world, stop, numbers) = (world.clone(), stop.clone(), numbers.clone());
                thread::spawn(move || send_until(&stop, &world, &numbers))
            })
            .collect();
        // Times that differ from round to round, the same in every run.
        thread::sleep(Duration::from_millis(150 + (round * 7919) % 900));
        server.kill();
        stop.store(true, Ordering::Relaxed);
        acknowledged += senders.into_iter().map(|one| one.join().expect("a sender")).sum::<u64>();
    }

    let mut server = Server::start(world);
    world.wait_until_evaluated();
    let kept = world.number("SELECT CAST(COALESCE(SUM(count), 0) AS BIGINT) FROM event_batch");
    let counted = world.state_number("SELECT CAST(COALESCE(SUM(count), 0) AS BIGINT) FROM alert");
    let twice = world.state_number(
        "SELECT COUNT(*) FROM (SELECT device_key FROM alert WHERE flood = 0 GROUP BY rule, \
         organisation, device_key HAVING COUNT(*) > 1) AS doubled",
    );
    server.stop();
    assert!(acknowledged > 0, "nothing was sent");
    assert!(kept >= acknowledged as i64, "{kept} kept of {acknowledged} acknowledged");
    assert_eq!(counted, kept, "each event that was kept counts once");
    assert_eq!(twice, 0, "alerts of the same device and rule");
    eprintln!("{} kills, {acknowledged} acknowledged, {kept} kept and counted", kills());
}

#[test]
fn on_sqlite_every_acknowledged_event_counts_once() {
    check(&World::on_sqlite());
}

#[test]
fn on_postgresql_every_acknowledged_event_counts_once() {
    check(&World::on_postgres());
}
