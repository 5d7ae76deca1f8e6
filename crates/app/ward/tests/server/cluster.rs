//! A PostgreSQL of a test's own, which it may stop, start again, and fill the disk of.
//!
//! The server refuses to be root: as root it is run as the user `postgres`, whom Debian makes.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// The server, and where its files are.
pub struct Cluster {
    folder: tempfile::TempDir,
    port: u16,
    server: Child,
}

/// Makes the data where there is none, and becomes the server. Its log of changes lies beside the
/// disk of its data: without room for that log PostgreSQL does not refuse, it stops.
const RUN: &str = "set -e
if [ -n \"$SIZE\" ]; then mount -t tmpfs -o size=$SIZE none disk; $OWN disk; fi
if [ ! -e disk/data ]; then
  $AS $BIN/initdb -D disk/data -X $PWD/log/wal -A trust -U ward --locale=C.UTF-8 -E UTF8 \
    --no-sync --wal-segsize=1 > log/initdb
fi
if [ -n \"$FILLER\" ]; then fallocate -l $FILLER disk/filler; fi
exec $AS $BIN/postgres -D disk/data -p $PORT -c listen_addresses=127.0.0.1 \
  -c unix_socket_directories= -c fsync=off -c max_connections=40 -c shared_buffers=32MB";

impl Cluster {
    /// Makes it and starts it.
    pub fn start() -> Self {
        Self::made("", "")
    }

    /// With its data on a disk of `size`, of which a file takes `filler`; as root only.
    pub fn on_a_small_disk(size: &str, filler: &str) -> Self {
        assert!(is_root(), "a disk can be mounted by root only");
        Self::made(size, filler)
    }

    fn made(size: &str, filler: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["disk", "log"] {
            let path = folder.path().join(name);
            fs::create_dir(&path).expect("a folder");
            if is_root() {
                run(Command::new("chown").arg("postgres").arg(&path));
            }
        }
        if is_root() {
            run(Command::new("chmod").arg("755").arg(folder.path()));
        }
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        drop(listener);
        let server = server(folder.path(), port, size, filler);
        let cluster = Self { folder, port, server };
        cluster.wait();
        cluster
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("postgres://ward@127.0.0.1:{}/postgres", self.port)
    }

    /// Stops it at once, as an administrator does who does not wait for those who use it.
    pub fn stop(&mut self) {
        let id = self.server.id().to_string();
        run(Command::new("kill").args(["-INT", &id]));
        self.server.wait().expect("it ends");
    }

    /// Starts it again after [`Self::stop`].
    pub fn start_again(&mut self) {
        self.server = server(self.folder.path(), self.port, "", "");
        self.wait();
    }

    /// Makes room on its disk.
    pub fn remove_filler(&self) {
        let mut command = Command::new("nsenter");
        command.args(["--target", &self.server.id().to_string(), "--mount", "rm"]);
        run(command.arg(self.folder.path().join("disk/filler")));
    }

    fn wait(&self) {
        let begin = Instant::now();
        let mut ready = Command::new(programs().join("pg_isready"));
        ready.args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()]);
        while !ready.status().expect("pg_isready").success() {
            assert!(begin.elapsed() < Duration::from_secs(60), "PostgreSQL does not answer");
            thread::sleep(Duration::from_millis(100));
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // At once and with all its processes: nothing of it is wanted any more.
        let _ = Command::new("kill").args(["-QUIT", &self.server.id().to_string()]).status();
        let _ = self.server.wait();
    }
}

fn server(folder: &Path, port: u16, size: &str, filler: &str) -> Child {
    let (user, own) = match is_root() {
        true => ("setpriv --reuid=postgres --regid=postgres --clear-groups", "chown postgres"),
        false => ("", "true"),
    };
    let mut command = match size {
        "" => Command::new("bash"),
        _ => {
            let mut command = Command::new("unshare");
            command.args(["--mount", "bash"]);
            command
        }
    };
    command
        .args(["-c", RUN])
        .current_dir(folder)
        .envs([("SIZE", size), ("FILLER", filler), ("AS", user), ("OWN", own)])
        .env("BIN", programs())
        .env("PORT", port.to_string())
        .stdout(Stdio::null())
        .stderr(fs::File::create(folder.join("log/told")).expect("a file"));
    command.spawn().expect("it starts")
}

fn run(command: &mut Command) {
    let status = command.status().expect("it runs");
    assert!(status.success(), "{command:?}: {status}");
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().expect("id");
    id.stdout.trim_ascii() == b"0"
}

/// Where Debian puts the server's programs, of the newest version.
fn programs() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").expect("PostgreSQL's server is installed");
    let numbered = versions.filter_map(|entry| {
        let path = entry.ok()?.path();
        let version: u32 = path.file_name()?.to_str()?.parse().ok()?;
        Some((version, path.join("bin")))
    });
    numbered.max().expect("PostgreSQL's server is installed").1
}
