//! Senders of other protocols: syslog, OpenTelemetry, Splunk's collector. What they sent is there,
//! once, belongs to their organisation, and rules fire on it.
//!
//! OpenTelemetry's SDK comes with `cargo xtask services start`; rsyslog, logger, openssl and curl
//! are Debian's.

mod server;

use std::{
    net::{TcpListener, UdpSocket},
    path::PathBuf,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use server::{Server, World, each_once, output};

/// Fires on what each of the senders sends once or more.
const RULE: &str = "title: Example failed sign-in
id: 00000000-0000-4000-8000-000000000002
status: test
description: Example rule for tests
author: Ward
logsource: {product: linux, service: sshd}
detection:
  selection:
    message|contains: 'Failed password'
  condition: selection
level: high
";

fn world() -> World {
    let world = World::on_sqlite();
    world.write("rules/sign-in.yml", RULE);
    world
}

/// A port that nothing listens on; another program might take it before Ward does, which fails the
/// test loudly.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

fn free_udp_port() -> u16 {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    socket.local_addr().expect("an address").port()
}

/// Waits until so many records are durable.
fn wait_for_records(world: &World, count: i64) {
    let begin = Instant::now();
    loop {
        let found = world.number("SELECT CAST(COALESCE(SUM(count), 0) AS BIGINT) FROM event_batch");
        if found >= count {
            return;
        }
        assert!(begin.elapsed() < Duration::from_secs(60), "{found} of {count} records in time");
        thread::sleep(Duration::from_millis(100));
    }
}

/// The rule fired, for the organisation that sent.
fn a_rule_fired(world: &World) {
    world.wait_until_evaluated();
    let alerts = world.state_number("SELECT COUNT(*) FROM alert WHERE organisation = 'XAA'");
    assert!(alerts > 0, "no alert");
}

/// The source counts what came, and nothing that could not be used.
fn the_source_counts(world: &World, count: i64) {
    assert_eq!(world.state_number("SELECT MAX(events) FROM source_state"), count);
    assert_eq!(world.state_number("SELECT SUM(refused + unread) FROM source_state"), 0);
}

fn message(number: i64) -> String {
    format!("Failed password for example {number}\n")
}

fn listener(protocol: &str, port: u16, more: &str) -> String {
    format!(
        "[[listen.syslog]]\naddress = \"127.0.0.1:{port}\"\nprotocol = \"{protocol}\"\n\
         name = \"example {protocol}\"\n{more}\n"
    )
}

fn logger(world: &World, port: u16, arguments: &[&str]) {
    let mut command = Command::new("logger");
    command
        .args(["--server", "127.0.0.1", "--port", &port.to_string(), "--tag", "sshd"])
        .args(["--file", "messages"])
        .args(arguments)
        .current_dir(world.path());
    output(command);
}

fn logger_delivers(protocol: &str, port: u16, arguments: &[&str]) {
    const COUNT: i64 = 1_000;
    let world = world();
    world.set(&listener(protocol, port, "organisation = \"XAA\""));
    world.write("messages", &(0..COUNT).map(message).collect::<String>());
    let mut server = Server::start(&world);
    logger(&world, port, arguments);
    wait_for_records(&world, COUNT);
    a_rule_fired(&world);
    server.stop();
    each_once(&world, COUNT);
    the_source_counts(&world, COUNT);
}

#[test]
fn logger_delivers_over_udp_in_both_forms_of_the_header() {
    logger_delivers("udp", free_udp_port(), &["--udp", "--rfc5424"]);
    logger_delivers("udp", free_udp_port(), &["--udp", "--rfc3164"]);
}

#[test]
fn logger_delivers_over_tcp_in_both_framings() {
    logger_delivers("tcp", free_port(), &["--tcp", "--rfc5424", "--octet-count"]);
    logger_delivers("tcp", free_port(), &["--tcp", "--rfc3164"]);
}

/// An authority, a server's certificate and a client's, made anew.
fn certificates(world: &World) {
    let script = "set -e
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
  -subj '/CN=Example authority' -addext keyUsage=critical,keyCertSign -keyout ca.key -out ca.pem
for name in ward client; do
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj \"/CN=$name.example\" \
    -keyout $name.key -out $name.csr
  printf 'subjectAltName=DNS:%s.example' $name > $name.ext
  openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 \
    -extfile $name.ext -out $name.pem
done";
    let mut command = Command::new("bash");
    command.args(["-c", script]).current_dir(world.path());
    output(command);
}

fn rsyslog_conf(world: &World, port: u16) -> String {
    let folder = world.path().display();
    format!(
        r#"global(workDirectory="{folder}" defaultNetstreamDriverCAFile="{folder}/ca.pem"
       defaultNetstreamDriverCertFile="{folder}/client.pem"
       defaultNetstreamDriverKeyFile="{folder}/client.key")
module(load="imfile")
input(type="imfile" file="{folder}/messages" tag="sshd")
action(type="omfwd" target="127.0.0.1" port="{port}" protocol="tcp"
       streamDriver="ossl" streamDriverMode="1" streamDriverAuthMode="x509/name"
       streamDriverPermittedPeers="ward.example" tcp_framing="octet-counted"
       template="RSYSLOG_SyslogProtocol23Format"
       queue.type="linkedlist" action.resumeretrycount="-1")
"#
    )
}

#[test]
fn rsyslog_delivers_over_tls_for_the_organisation_of_its_certificate() {
    const COUNT: i64 = 3_000;
    let world = world();
    certificates(&world);
    let port = free_port();
    tls(&world, port, "clients = { \"client.example\" = \"XAA\" }");
    let mut server = Server::start(&world);
    world.write("messages", &(0..COUNT).map(message).collect::<String>());
    world.write("rsyslog.conf", &rsyslog_conf(&world, port));
    let mut rsyslog = Command::new("rsyslogd")
        .args(["-n", "-f", "rsyslog.conf", "-i", "rsyslog.pid"])
        .current_dir(world.path())
        .stdin(Stdio::null())
        .spawn()
        .expect("rsyslogd of Debian's package rsyslog");
    wait_for_records(&world, COUNT);
    rsyslog.kill().expect("stopped");
    rsyslog.wait().expect("gone");
    a_rule_fired(&world);
    server.stop();
    each_once(&world, COUNT);
    the_source_counts(&world, COUNT);
}

/// A listener over TLS, with more settings.
fn tls(world: &World, port: u16, more: &str) {
    let files = "certificate = \"ward.pem\"\nkey = \"ward.key\"\nclient_authorities = \"ca.pem\"";
    world.set(&listener("tls", port, &format!("{files}\n{more}")));
}

/// Sends one message over TLS, and waits until the other side has closed.
fn send(world: &World, port: u16, word: &str, more: &str) {
    let mut command = Command::new("bash");
    let script = format!(
        "echo '<13>1 - - - - - - {word}' | openssl s_client -connect 127.0.0.1:{port} \
         -CAfile ca.pem -quiet -no_ign_eof {more}; true"
    );
    command.args(["-c", &script]).current_dir(world.path());
    output(command);
}

const WITH_CERTIFICATE: &str = "-cert client.pem -key client.key";

#[test]
fn who_shows_no_certificate_is_sent_away_and_who_shows_one_is_not() {
    for whose in ["clients = { \"client.example\" = \"XAA\" }", "organisation = \"XAA\""] {
        let world = world();
        certificates(&world);
        let port = free_port();
        tls(&world, port, whose);
        let mut server = Server::start(&world);
        send(&world, port, "nobody", "");
        send(&world, port, "client", WITH_CERTIFICATE);
        wait_for_records(&world, 1);
        server.stop();
        let records = world.records();
        assert!(records.len() == 1 && records[0].contains("\"client\""), "{whose}: {records:?}");
    }
}

#[test]
fn a_client_that_was_revoked_does_not_become_another_organisation_by_a_restart() {
    let world = world();
    world.write("more.csv", "ods_code,name,type,region\nXBB,Another Trust,trust_acute,\n");
    world.ward(&["map", "import", "more.csv"]);
    certificates(&world);
    let port = free_port();
    tls(&world, port, "organisation = \"XBB\"\nclients = { \"client.example\" = \"XAA\" }");
    let mut server = Server::start(&world);
    send(&world, port, "before", WITH_CERTIFICATE);
    wait_for_records(&world, 1);
    server.stop();
    let state = db::Place::Sqlite(world.path().join("data/ward.db"));
    let revoke =
        "UPDATE access_token SET revoked_at = 1 WHERE name LIKE 'Listener: % client.example'";
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(testkit::execute(&state, revoke));
    let mut server = Server::start(&world);
    send(&world, port, "after", WITH_CERTIFICATE);
    send(&world, port, "another", "-cert ward.pem -key ward.key");
    wait_for_records(&world, 2);
    server.stop();
    let records = world.records();
    assert!(records.len() == 2 && records[1].contains("\"another\""), "{records:?}");
}

fn otel(protocol: &str) {
    const COUNT: i64 = 1_000;
    let world = world();
    let mut server = Server::start(&world);
    let packages = testkit::services_folder().join("python");
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/shippers/otel.py");
    let mut command = Command::new("python3");
    command
        .arg(script)
        .args([protocol, &world.url(), &world.token, &COUNT.to_string()])
        .env("PYTHONPATH", packages);
    output(command);
    wait_for_records(&world, COUNT);
    a_rule_fired(&world);
    server.stop();
    each_once(&world, COUNT);
    the_source_counts(&world, COUNT);
}

#[test]
fn opentelemetrys_sdk_delivers_over_http() {
    otel("http");
}

#[test]
fn opentelemetrys_sdk_delivers_over_grpc() {
    otel("grpc");
}

fn collector(world: &World, path: &str, body: &[&str]) -> String {
    let mut command = Command::new("curl");
    command
        .args(["--silent", "--show-error", "-H", &format!("Authorization: Splunk {}", world.token)])
        .arg("--data-binary")
        .args(body)
        .arg(format!("{}{path}", world.url()))
        .current_dir(world.path());
    String::from_utf8(output(command).stdout).expect("text")
}

#[test]
fn curl_delivers_to_splunks_collector() {
    let world = world();
    let mut server = Server::start(&world);
    let event = |number: i64| {
        format!(
            "{{\"host\":\"pc1\",\"sourcetype\":\"syslog\",\"event\":\"Nov 24 08:30:00 pc1 sshd[7]: {}\"}}",
            message(number).trim_end()
        )
    };
    let success = "{\"text\":\"Success\",\"code\":0}";
    let events: String = (0..500).map(event).collect();
    world.write("events", &events);
    assert_eq!(collector(&world, "/services/collector/event", &["@events"]), success);
    let lines: String = (500..1_000).map(message).collect();
    world.write("lines", &lines);
    let mut gzip = Command::new("gzip");
    gzip.arg("lines").current_dir(world.path());
    output(gzip);
    let packed = ["@lines.gz", "-H", "Content-Encoding: gzip"];
    let told = collector(&world, "/services/collector/raw?host=pc1", &packed);
    assert_eq!(told, success);
    wait_for_records(&world, 1_000);
    a_rule_fired(&world);
    server.stop();
    each_once(&world, 1_000);
}
