//! `cargo xtask bench serve`: how much telemetry one Ward takes, how much memory that costs, and
//! how long it is from accepted to visible.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::run::{cargo, output, target};

/// Events in one request, as shippers send them.
const LINES: usize = 1_000;
const SENDERS: usize = 4;

/// Sends `events` events of the lane `sysmon` with all public rules loaded, as fast as they are
/// taken, then as many a second as half of what was evaluated. What is accepted in a burst is no
/// measure: the log takes it faster than the rules do.
pub(crate) fn bench(events: usize) -> Result<()> {
    cargo(&["build", "--release", "--locked", "-p", "ward"])?;
    let (lane, rules) = crate::bench::lane_and_rules("sysmon")?;
    let requests = Arc::new(requests(&lane, events)?);
    let folder = target().join("bench/serve");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder)?;
    println!("{events} events of {}, {} requests", lane.display(), requests.len());

    let most = run(&folder.join("most"), &rules, &requests, None)?;
    println!("as fast as taken:   {most}");
    let half = most.evaluated_rate / 2.0;
    let calm = run(&folder.join("half"), &rules, &requests, Some(half))?;
    println!("at half of what was evaluated ({half:.0}/s): {calm}");
    Ok(())
}

/// What a run showed.
struct Shown {
    rate: f64,
    evaluated_rate: f64,
    peak_mb: u64,
    p50_s: f64,
    p99_s: f64,
    alerts: String,
}

impl std::fmt::Display for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{:.0} events/s accepted, {:.0}/s until all was evaluated, {} MB at most, accepted to \
             visible p50 {:.3} s p99 {:.3} s, {} alerts",
            self.rate, self.evaluated_rate, self.peak_mb, self.p50_s, self.p99_s, self.alerts
        )
    }
}

/// The lane in requests, repeated until there are enough events.
fn requests(lane: &Path, events: usize) -> Result<Vec<Vec<u8>>> {
    let mut lines = Vec::new();
    for line in BufReader::new(fs::File::open(lane)?).lines().take(200_000) {
        lines.push(line?);
    }
    if lines.is_empty() {
        bail!("{} is empty", lane.display());
    }
    let mut all = lines.iter().cycle().take(events).peekable();
    let mut requests = Vec::new();
    while all.peek().is_some() {
        let body: Vec<&str> = all.by_ref().take(LINES).map(String::as_str).collect();
        requests.push((body.join("\n") + "\n").into_bytes());
    }
    Ok(requests)
}

struct Server {
    child: Child,
    url: String,
    token: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }
}

fn start(folder: &Path, rules: &Path) -> Result<Server> {
    fs::create_dir_all(folder)?;
    fs::write(
        folder.join("ward.toml"),
        format!(
            "[rules]\nbuiltin = false\nfolders = [{:?}]\n[log]\nlevel = \"error\"\n",
            rules.display().to_string()
        ),
    )?;
    fs::write(
        folder.join("organisations.csv"),
        "ods_code,name,type,region\nXAA,Example,trust_acute,\n",
    )?;
    let program = program();
    let ward = |arguments: &[&str]| -> Result<String> {
        let done = Command::new(&program).args(arguments).current_dir(folder).output()?;
        if !done.status.success() {
            bail!("{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
        }
        Ok(String::from_utf8(done.stdout)?)
    };
    ward(&["map", "import", "organisations.csv"])?;
    let token = ward(&["token", "issue", "XAA", "--name", "bench"])?.trim().to_owned();
    let mut child = Command::new(&program)
        .args(["serve", "--listen", "127.0.0.1:0"])
        .current_dir(folder)
        .stderr(Stdio::piped())
        .spawn()?;
    let mut lines = BufReader::new(child.stderr.take().context("no output")?).lines();
    let url = loop {
        let line = lines.next().context("it ended before it listened")??;
        if let Some(url) = line.strip_prefix("Ward listens at ") {
            break url.to_owned();
        }
    };
    thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
    Ok(Server { child, url, token })
}

fn program() -> PathBuf {
    target().join("release/ward")
}

fn run(
    folder: &Path,
    rules: &Path,
    requests: &Arc<Vec<Vec<u8>>>,
    rate: Option<f64>,
) -> Result<Shown> {
    let server = start(folder, rules)?;
    let events =
        requests.iter().map(|body| body.iter().filter(|b| **b == b'\n').count()).sum::<usize>();
    let next = Arc::new(AtomicUsize::new(0));
    let begin = Instant::now();
    let senders: Vec<_> = (0..SENDERS)
        .map(|_| {
            let (requests, next) = (requests.clone(), next.clone());
            let (url, token) = (format!("{}/api/v1/events", server.url), server.token.clone());
            thread::spawn(move || send(&url, &token, &requests, &next, begin, rate))
        })
        .collect();
    for sender in senders {
        sender.join().map_err(|_| anyhow::anyhow!("a sender panicked"))??;
    }
    let accepted = begin.elapsed();
    let metrics = loop {
        let metrics = output("curl", &["-s", &format!("{}/metrics", server.url)])?;
        let evaluated: f64 = figure(&metrics, "ward_events_evaluated_total").unwrap_or(0.0);
        if evaluated as usize >= events {
            break metrics;
        }
        if begin.elapsed() > Duration::from_secs(900) {
            bail!("{evaluated} of {events} evaluated after 15 minutes");
        }
        thread::sleep(Duration::from_millis(50));
    };
    let evaluated = begin.elapsed();
    let status = fs::read_to_string(format!("/proc/{}/status", server.child.id()))?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak_kb: u64 =
        peak.and_then(|text| text.split_whitespace().next()?.parse().ok()).unwrap_or(0);
    let quantile = |q: &str| figure(&metrics, &format!("ward_visible_seconds{{quantile=\"{q}\"}}"));
    Ok(Shown {
        rate: events as f64 / accepted.as_secs_f64(),
        evaluated_rate: events as f64 / evaluated.as_secs_f64(),
        peak_mb: peak_kb / 1024,
        p50_s: quantile("0.5").unwrap_or(f64::NAN),
        p99_s: quantile("0.99").unwrap_or(f64::NAN),
        alerts: figure(&metrics, "ward_alerts_opened_total").unwrap_or(0.0).to_string(),
    })
}

fn figure(metrics: &str, name: &str) -> Option<f64> {
    let line =
        metrics.lines().find(|line| line.strip_prefix(name).is_some_and(|r| r.starts_with(' ')))?;
    line.rsplit(' ').next()?.parse().ok()
}

/// Sends requests in turn with the other senders; a refusal past a bound waits and sends again.
fn send(
    url: &str,
    token: &str,
    requests: &[Vec<u8>],
    next: &AtomicUsize,
    begin: Instant,
    rate: Option<f64>,
) -> Result<()> {
    let agent: ureq::Agent =
        ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let authorization = format!("Bearer {token}");
    loop {
        let at = next.fetch_add(1, Ordering::Relaxed);
        let Some(body) = requests.get(at) else { return Ok(()) };
        if let Some(rate) = rate {
            let due = Duration::from_secs_f64((at * LINES) as f64 / rate);
            thread::sleep(due.saturating_sub(begin.elapsed()));
        }
        loop {
            let answer = agent.post(url).header("authorization", &authorization).send(&body[..])?;
            match answer.status().as_u16() {
                200 => break,
                429 => thread::sleep(Duration::from_millis(200)),
                status => bail!("the server answered {status}"),
            }
        }
    }
}
