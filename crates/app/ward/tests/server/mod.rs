//! The program as it runs for people: started, asked over HTTP, stopped or killed.
#![allow(dead_code, unreachable_pub)]

pub mod cluster;

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Output, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use db::Place;
use serde_json::Value;

/// A rule of the project's own making; the built-in ones are off, so that figures are known.
const RULE: &str = "title: Example backup copies deleted
id: 00000000-0000-4000-8000-000000000001
status: test
description: Example rule for tests
author: Ward
logsource: {category: process_creation, product: windows}
detection:
  selection:
    Image|endswith: '\\vssadmin.exe'
    CommandLine|contains: 'delete shadows'
  condition: selection
level: critical
";

/// A data folder with one organisation and a token for it, and where the server listens.
#[derive(Clone)]
pub struct World {
    folder: Arc<tempfile::TempDir>,
    state: Place,
    events: Place,
    pub token: String,
    url: Arc<Mutex<String>>,
}

impl World {
    /// On SQLite.
    pub fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let state = Place::Sqlite(folder.path().join("data/ward.db"));
        let events = Place::Sqlite(folder.path().join("data/events.db"));
        Self::on(folder, state, events, String::new())
    }

    /// On PostgreSQL.
    pub fn on_postgres() -> Self {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let place = runtime.block_on(testkit::postgres()).place;
        let Place::Postgres(url) = place else { panic!("no PostgreSQL") };
        Self::on_postgres_at(&url)
    }

    /// On the PostgreSQL at `url`.
    pub fn on_postgres_at(url: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let place = Place::Postgres(url.to_owned());
        Self::on(folder, place.clone(), place, format!("[data]\ndatabase = \"{url}\"\n"))
    }

    fn on(folder: tempfile::TempDir, state: Place, events: Place, data: String) -> Self {
        let write = |name: &str, text: &str| {
            std::fs::write(folder.path().join(name), text).expect("written");
        };
        std::fs::create_dir(folder.path().join("rules")).expect("a folder");
        write("rules/example.yml", RULE);
        write("ward.toml", &format!("[rules]\nbuiltin = false\nfolders = [\"rules\"]\n{data}"));
        write("organisations.csv", "ods_code,name,type,region\nXAA,Example Trust,trust_acute,\n");
        let folder = Arc::new(folder);
        let url = Arc::default();
        let mut world = Self { folder, state, events, token: String::new(), url };
        world.ward(&["map", "import", "organisations.csv"]);
        let token = world.ward(&["token", "issue", "XAA", "--name", "example sender"]);
        world.token = token.trim().to_owned();
        world
    }

    /// The folder the program is started in.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Runs the program to its end; what it printed.
    pub fn ward(&self, arguments: &[&str]) -> String {
        let output = self.command().args(arguments).output().expect("it runs");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {told}");
        String::from_utf8(output.stdout).expect("text")
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ward"));
        command
            .current_dir(self.folder.path())
            .env_remove("RUST_LOG")
            .env("WARD_DATA_FOLDER", "data");
        command
    }

    /// Adds settings.
    pub fn set(&self, settings: &str) {
        let file = self.path().join("ward.toml");
        let text = std::fs::read_to_string(&file).expect("settings");
        std::fs::write(file, text + settings).expect("written");
    }

    /// Writes a file below the folder.
    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path().join(name), text).expect("written");
    }

    /// Every record of the event log, in order.
    pub fn records(&self) -> Vec<String> {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let db = db::Db::open_as(db::Schema::Log, &self.events).await.expect("a database");
            let (log, _writer) = bus::EventLog::open(db, Default::default()).await.expect("a log");
            let batches = log.read(bus::Seq(0), usize::MAX).await.expect("read");
            let lines = batches.iter().flat_map(|batch| {
                String::from_utf8_lossy(&batch.records)
                    .lines()
                    .map(str::to_owned)
                    .collect::<Vec<_>>()
            });
            lines.collect()
        })
    }

    /// Waits for a number of the other database, at most ten seconds; the last one seen.
    pub fn wait_for_number(&self, sql: &str, is_it: impl Fn(i64) -> bool) -> i64 {
        for _ in 0..100 {
            let number = self.state_number(sql);
            if is_it(number) {
                return number;
            }
            thread::sleep(Duration::from_millis(100));
        }
        self.state_number(sql)
    }

    /// Where the server listens.
    pub fn url(&self) -> String {
        self.url.lock().expect("a lock").clone()
    }

    /// Posts a body with the token; the status.
    pub fn post(&self, path: &str, body: &str) -> Result<u16, Box<ureq::Error>> {
        Ok(self.send(path, body, Duration::from_secs(10))?.status().as_u16())
    }

    /// Posts a body with the token, however long the answer takes; the status, and after how many
    /// seconds to come again.
    pub fn post_and_wait(&self, path: &str, body: &str) -> (u16, Option<u64>) {
        let answer = self.send(path, body, Duration::from_secs(60)).expect("an answer");
        let after = answer.headers().get("retry-after");
        let after = after.and_then(|value| value.to_str().ok()?.parse().ok());
        (answer.status().as_u16(), after)
    }

    fn send(
        &self,
        path: &str,
        body: &str,
        within: Duration,
    ) -> Result<ureq::http::Response<ureq::Body>, Box<ureq::Error>> {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(within))
            .build()
            .into();
        agent
            .post(format!("{}{path}", self.url()))
            .header("authorization", format!("Bearer {}", self.token))
            .send(body)
            .map_err(Box::new)
    }

    /// A number out of the event log's database.
    pub fn number(&self, sql: &str) -> i64 {
        testkit::number(&self.events, sql)
    }

    /// A number out of the other database.
    pub fn state_number(&self, sql: &str) -> i64 {
        testkit::number(&self.state, sql)
    }

    /// Waits until every batch of the log was evaluated.
    pub fn wait_until_evaluated(&self) {
        let begin = Instant::now();
        loop {
            let newest = self.number("SELECT seq FROM event_log_head");
            let done = self.state_number("SELECT COALESCE(MAX(seq), 0) FROM checkpoint");
            if done == newest {
                return;
            }
            assert!(begin.elapsed() < Duration::from_secs(120), "{done} of {newest} evaluated");
            thread::sleep(Duration::from_millis(100));
        }
    }
}

/// A running server.
pub struct Server {
    child: Child,
    world: World,
}

impl Server {
    /// Starts it and waits until it is ready.
    pub fn start(world: &World) -> Self {
        let mut command = world.command();
        command.args(["serve", "--listen", "127.0.0.1:0"]);
        Self::start_as(world, command)
    }

    /// Starts it with its data folder on a disk of `size`, of which a file named `filler` takes
    /// `filler`. What the folder held before is copied onto it.
    pub fn start_on_a_small_disk(world: &World, size: &str, filler: &str) -> Self {
        let script = format!(
            "set -e; cp -r data before; mount -t tmpfs -o size={size} none data; cp -r before/. data/; \
             chmod 700 data; fallocate -l {filler} data/filler; exec {} serve --listen 127.0.0.1:0",
            env!("CARGO_BIN_EXE_ward")
        );
        let mut command = Command::new("unshare");
        command
            .args(["--mount", "--map-root-user", "bash", "-c", &script])
            .current_dir(world.path())
            .env("WARD_DATA_FOLDER", "data");
        Self::start_as(world, command)
    }

    /// Runs a command of the shell where the server sees its files.
    pub fn inside(&self, script: &str) {
        let id = self.child.id().to_string();
        let mut command = Command::new("nsenter");
        command
            .args(["--target", &id, "--mount", "--user", "--preserve-credentials", "bash", "-c"])
            .arg(format!("cd {} && {script}", self.world.path().display()));
        let done = command.status().expect("nsenter");
        assert!(done.success(), "{script}: {done}");
    }

    fn start_as(world: &World, mut command: Command) -> Self {
        let mut child =
            command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().expect("it starts");
        let mut lines = BufReader::new(child.stderr.take().expect("its output")).lines();
        let mut told = String::new();
        let url = loop {
            let Some(Ok(line)) = lines.next() else {
                panic!("it ended before it listened:\n{told}")
            };
            if let Some(url) = line.strip_prefix("Ward listens at ") {
                break url.to_owned();
            }
            told.push_str(&line);
            told.push('\n');
        };
        thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        *world.url.lock().expect("a lock") = url;
        Self { child, world: world.clone() }
    }

    /// As by a loss of power.
    pub fn kill(&mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("gone");
    }

    /// As an administrator stops it; it must end well.
    pub fn stop(&mut self) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().expect("kill");
        assert!(sent.success());
        let status = self.child.wait().expect("it ends");
        assert!(status.success(), "{status}");
    }

    /// The world it runs in.
    pub fn world(&self) -> &World {
        &self.world
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a program that has to end well.
pub fn output(mut command: Command) -> Output {
    let name = format!("{command:?}");
    let output = command.stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|error| panic!("cannot run {name}: {error}"));
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {told}");
    output
}

/// Every number from 0 to `count` is there once: a member of the record, or the last word of its
/// message.
pub fn each_once(world: &World, count: i64) {
    let mut found = BTreeMap::<i64, usize>::new();
    for record in world.records() {
        let record: Value = serde_json::from_str(&record).expect("JSON");
        let last_word = || record["message"].as_str()?.rsplit(' ').next()?.parse().ok();
        let number = record["number"].as_i64().or_else(last_word);
        *found.entry(number.unwrap_or_else(|| panic!("no number: {record}"))).or_default() += 1;
    }
    let expected: BTreeMap<i64, usize> = (0..count).map(|number| (number, 1)).collect();
    let lost = expected.keys().filter(|number| !found.contains_key(number)).count();
    let doubled = found.values().filter(|times| **times > 1).count();
    assert_eq!((lost, doubled, found.len()), (0, 0, expected.len()), "lost, doubled, all");
}
