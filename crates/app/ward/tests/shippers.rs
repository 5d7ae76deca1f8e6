//! Strangers' shippers send to Ward: what they were told was taken is there, once.
//!
//! The clients come with `cargo xtask services start`; rsyslog and curl are Debian's.

mod server;

use std::{
    path::PathBuf,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use server::{Server, World, each_once, output};

/// The records kept, with how often each number is there.
fn shipper(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/shippers").join(name)
}

/// Runs a client library's bulk helper; how many it says were taken.
fn bulk(world: &World, library: &str, count: i64, verb: &str) -> i64 {
    let packages = testkit::services_folder().join("python");
    assert!(packages.is_dir(), "no client libraries: run `cargo xtask services start`");
    let mut command = Command::new("python3");
    command
        .arg(shipper("bulk.py"))
        .args([library, &world.url(), &world.token, &count.to_string(), verb])
        .env("PYTHONPATH", packages);
    String::from_utf8_lossy(&output(command).stdout).trim().parse().expect("a number")
}

fn a_bulk_helper_delivers(library: &str, verb: &str) {
    let world = World::on_sqlite();
    let mut server = Server::start(&world);
    assert_eq!(bulk(&world, library, 2_000, verb), 2_000);
    server.stop();
    each_once(&world, 2_000);
}

#[test]
fn elasticsearch_py_delivers_with_create_and_with_index() {
    a_bulk_helper_delivers("elasticsearch", "create");
    a_bulk_helper_delivers("elasticsearch", "index");
}

#[test]
fn opensearch_py_delivers_with_create_and_with_index() {
    a_bulk_helper_delivers("opensearch", "create");
    a_bulk_helper_delivers("opensearch", "index");
}

#[test]
fn what_is_refused_past_the_bound_is_sent_again_and_neither_lost_nor_doubled() {
    for library in ["elasticsearch", "opensearch"] {
        let world = World::on_sqlite();
        world.set("[limits]\nbacklog_mb = 1\n");
        let mut server = Server::start(&world);
        assert_eq!(bulk(&world, library, 12_000, "index"), 12_000);
        let refused = world.wait_for_number(
            "SELECT CAST(COALESCE(SUM(refused), 0) AS BIGINT) FROM source_state",
            |refused| refused > 0,
        );
        server.stop();
        assert!(refused > 0, "the bound was never met, so nothing was shown");
        each_once(&world, 12_000);
    }
}

#[test]
fn rsyslog_delivers_every_line_of_a_file() {
    const COUNT: i64 = 3_000;
    let world = World::on_sqlite();
    let mut server = Server::start(&world);
    let (host, port) = world.url().trim_start_matches("http://").split_once(':').map_or_else(
        || panic!("no port in {}", world.url()),
        |(host, port)| (host.to_owned(), port.to_owned()),
    );
    let lines: String = (0..COUNT).map(|number| format!("{{\"number\":{number}}}\n")).collect();
    world.write("input.log", &lines);
    world.write("rsyslog.conf", &rsyslog_conf(&world, &host, &port));
    let mut rsyslog = Command::new("rsyslogd")
        .args(["-n", "-f", "rsyslog.conf", "-i", "rsyslog.pid"])
        .current_dir(world.path())
        .stdin(Stdio::null())
        .spawn()
        .expect("rsyslogd of Debian's package rsyslog");
    let begin = Instant::now();
    while world.number("SELECT CAST(COALESCE(SUM(count), 0) AS BIGINT) FROM event_batch") < COUNT {
        assert!(begin.elapsed() < Duration::from_secs(60), "rsyslog did not deliver in time");
        thread::sleep(Duration::from_millis(200));
    }
    rsyslog.kill().expect("stopped");
    rsyslog.wait().expect("gone");
    server.stop();
    each_once(&world, COUNT);
}

fn rsyslog_conf(world: &World, host: &str, port: &str) -> String {
    let folder = world.path().display();
    format!(
        r#"global(workDirectory="{folder}")
module(load="imfile")
module(load="omelasticsearch")
template(name="record" type="string" string="%msg%")
input(type="imfile" file="{folder}/input.log" tag="example")
action(type="omelasticsearch" server="{host}" serverport="{port}" uid="ward" pwd="{token}"
       template="record" searchIndex="logs" searchType="" bulkmode="on" retryfailures="on"
       errorfile="{folder}/rsyslog.errors"
       queue.type="linkedlist" queue.dequeuebatchsize="500" action.resumeretrycount="-1")
"#,
        token = world.token
    )
}

#[test]
fn curl_delivers_a_packed_file() {
    let world = World::on_sqlite();
    let mut server = Server::start(&world);
    let lines: String = (0..500).map(|number| format!("{{\"number\":{number}}}\n")).collect();
    world.write("events.ndjson", &lines);
    let mut gzip = Command::new("gzip");
    gzip.arg("events.ndjson").current_dir(world.path());
    output(gzip);
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--show-error", "--fail-with-body", "--data-binary"])
        .args(["@events.ndjson.gz", "-H", "Content-Encoding: gzip"])
        .args(["-H", &format!("Authorization: Bearer {}", world.token)])
        .arg(format!("{}/api/v1/events", world.url()))
        .current_dir(world.path());
    let told = output(curl).stdout;
    assert_eq!(String::from_utf8_lossy(&told), r#"{"accepted":500,"refused":0,"problems":[]}"#);
    server.stop();
    each_once(&world, 500);
}
