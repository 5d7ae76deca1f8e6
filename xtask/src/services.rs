//! PostgreSQL for the tests: installed by Debian, started here on a free port, for this machine only.
//!
//! Its address is left where `testkit` looks for it. Nothing in it outlives the tests: it does not
//! wait for the disk.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use crate::run::{command, output, root};

/// Starts what is not running, and fetches the clients that tests send with.
pub(crate) fn start() -> Result<()> {
    postgres()?;
    clients()
}

/// Strangers' client libraries, at pinned versions.
fn clients() -> Result<()> {
    let wanted = root().join("crates/app/ward/tests/shippers/requirements.txt");
    let folder = folder().join("python");
    let text = fs::read_to_string(&wanted)?;
    if fs::read_to_string(folder.join("requirements")).is_ok_and(|had| had == text) {
        return Ok(());
    }
    let _ = fs::remove_dir_all(&folder);
    let (wanted, target) = (wanted.to_string_lossy(), folder.to_string_lossy());
    let pip = ["-m", "pip", "install", "--quiet", "--no-input", "--target", &target, "-r", &wanted];
    command("python3", &pip)?;
    Ok(fs::write(folder.join("requirements"), text)?)
}

fn postgres() -> Result<()> {
    let folder = folder();
    if is_running(&folder) {
        println!("    PostgreSQL runs already: {}", folder.display());
        return forget_old(&folder);
    }
    let programs = programs()?;
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder)?;
    if is_root() {
        command("chown", &["postgres", &folder.to_string_lossy()])?;
    }
    let data = folder.join("data").to_string_lossy().into_owned();
    let log = folder.join("postgres.log").to_string_lossy().into_owned();
    let port = free_port()?;
    let initdb = programs.join("initdb");
    let fixed = ["-A", "trust", "-U", "ward", "--locale=C.UTF-8", "-E", "UTF8", "--no-sync"];
    as_postgres(&initdb, &[&["-D", &data], &fixed[..]].concat())?;
    let settings = format!(
        "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={} -c fsync=off \
         -c max_connections=400 -c shared_buffers=256MB",
        folder.display()
    );
    let control = programs.join("pg_ctl");
    as_postgres(&control, &["-D", &data, "-w", "-l", &log, "-o", &settings, "start"])?;
    let url = format!("postgres://ward@127.0.0.1:{port}/postgres");
    fs::write(folder.join("postgres.url"), url)?;
    Ok(())
}

/// Makes a database of that name, empty, on the server that runs; gives its address.
pub(crate) fn fresh_database(name: &str) -> Result<String> {
    let psql = programs()?.join("psql").to_string_lossy().into_owned();
    let url = fs::read_to_string(folder().join("postgres.url"))?;
    let (drop, create) =
        (format!("DROP DATABASE IF EXISTS {name}"), format!("CREATE DATABASE {name}"));
    output(&psql, &[url.trim(), "-qc", &drop, "-c", &create])?;
    let server = url.trim().rsplit_once('/').context("no address of a database")?.0;
    Ok(format!("{server}/{name}"))
}

/// Deletes databases that earlier tests left and nobody uses: each takes some megabytes.
fn forget_old(folder: &Path) -> Result<()> {
    const OLD: &str = "SELECT 'DROP DATABASE IF EXISTS ' || quote_ident(datname) FROM pg_database AS d \
                       WHERE datname LIKE 'test\\_%' AND NOT EXISTS (SELECT 1 FROM pg_stat_activity \
                       AS a WHERE a.datname = d.datname)";
    let psql = programs()?.join("psql").to_string_lossy().into_owned();
    let url = fs::read_to_string(folder.join("postgres.url"))?;
    let statements = output(&psql, &[url.trim(), "-Atc", OLD])?;
    for statement in statements.lines() {
        output(&psql, &[url.trim(), "-qc", statement])?;
    }
    Ok(())
}

/// Stops what runs and throws away its data.
pub(crate) fn stop() -> Result<()> {
    let folder = folder();
    if is_running(&folder) {
        let data = folder.join("data").to_string_lossy().into_owned();
        as_postgres(&programs()?.join("pg_ctl"), &["-D", &data, "-m", "immediate", "stop"])?;
    }
    let _ = fs::remove_dir_all(folder);
    Ok(())
}

fn folder() -> PathBuf {
    std::env::temp_dir().join("ward-test-services")
}

fn is_running(folder: &Path) -> bool {
    let Ok(file) = fs::read_to_string(folder.join("data/postmaster.pid")) else { return false };
    let process = file.lines().next().unwrap_or_default();
    folder.join("postgres.url").is_file() && Path::new("/proc").join(process).is_dir()
}

/// Where Debian puts the server's programs, newest version first. Errors: not installed.
fn programs() -> Result<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").context(MISSING)?;
    let mut found: Vec<(u32, PathBuf)> = versions
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let version = path.file_name()?.to_str()?.parse().ok()?;
            Some((version, path.join("bin")))
        })
        .filter(|(_, path)| path.join("initdb").is_file())
        .collect();
    found.sort();
    found.pop().map(|(_, path)| path).context(MISSING)
}

const MISSING: &str = "PostgreSQL's server is not installed: apt-get install postgresql";

fn is_root() -> bool {
    output("id", &["-u"]).is_ok_and(|id| id.trim() == "0")
}

/// As the user postgres when we are root, which the server refuses to be.
fn as_postgres(program: &Path, arguments: &[&str]) -> Result<()> {
    let program = program.to_string_lossy();
    if is_root() {
        let user = ["--reuid=postgres", "--regid=postgres", "--clear-groups", &program];
        command("setpriv", &[&user, arguments].concat())
    } else {
        command(&program, arguments)
    }
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    match listener.local_addr()?.port() {
        0 => bail!("no free port"),
        port => Ok(port),
    }
}
