//! Speed, beside the named peer, in one run. Rates are events by CPU second: the CPU seconds of
//! a run less those of the same run on empty input; the median of three.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{
    peer,
    run::{Cost, cargo, command, measured, median, output, target, test_data},
};

const RUNS: usize = 3;

/// The lanes and the public rules, made once under `target/bench`.
struct Data {
    rules: PathBuf,
    lanes: Vec<(&'static str, PathBuf, u64)>,
    folder: PathBuf,
}

impl Data {
    fn make() -> Result<Self> {
        let source = test_data()?;
        let folder = target().join("bench");
        fs::create_dir_all(&folder)?;
        let rules = folder.join("rules");
        if !rules.is_dir() {
            let archive = source.join("data/sigma/sigma-rules.tar.zst");
            fs::create_dir_all(&rules)?;
            shell(&format!("zstd -dc {} | tar -xf - -C {}", quoted(&archive), quoted(&rules)))?;
        }
        let benign = folder.join("benign.ndjson");
        if !benign.is_file() {
            let script = source.join("bench/gen_lane.py");
            shell(&format!("python3 {} > {}", quoted(&script), quoted(&benign)))?;
        }
        let sysmon = folder.join("sysmon.ndjson");
        if !sysmon.is_file() {
            make_sysmon(&source, &folder, &sysmon)?;
        }
        let lanes = vec![("benign", benign, 500_000), ("sysmon", sysmon, 200_000)];
        Ok(Data { rules, lanes, folder })
    }
}

fn make_sysmon(source: &Path, folder: &Path, lane: &Path) -> Result<()> {
    let json = folder.join("evtx-json");
    fs::create_dir_all(&json)?;
    let archive = source.join("data/evtx/evtx-json.tar.zst");
    shell(&format!("zstd -dc {} | tar -xf - -C {}", quoted(&archive), quoted(&json)))?;
    let script = format!(
        "import glob,os,random,subprocess\n\
         rows=[]\n\
         for name in sorted(glob.glob({json:?}+'/**/*',recursive=True)):\n\
         \x20   if os.path.isfile(name):\n\
         \x20       flat=subprocess.run(['python3',{flatten:?},'--tag'],stdin=open(name,'rb'),stdout=subprocess.PIPE).stdout\n\
         \x20       rows+=[row for row in flat.split(b'\\n') if row]\n\
         rows=(rows*(200000//len(rows)+1))[:200000]\n\
         random.Random(11).shuffle(rows)\n\
         open({lane:?},'wb').write(b'\\n'.join(rows)+b'\\n')",
        flatten = source.join("bench/flatten_evtx_json.py"),
    );
    command("python3", &["-c", &script])
}

/// The file of a lane, and the rules that lanes are measured with.
pub(crate) fn lane_and_rules(name: &str) -> Result<(PathBuf, PathBuf)> {
    let data = Data::make()?;
    let lane = data.lanes.into_iter().find(|(lane, ..)| *lane == name);
    let (_, lane, _) = lane.context("no such lane")?;
    Ok((lane, data.rules))
}

/// Ward beside the peer on both lanes, matches compared rule by rule.
pub(crate) fn scan(given: Option<&str>) -> Result<()> {
    let data = Data::make()?;
    let peer = peer::program(given)?;
    let ward = build()?;
    println!("\n## Scan beside rsigma\n\n{}\n", about()?);
    println!(
        "| lane | events | output | rsigma, events/s | Ward, events/s | Ward is | Ward on two cores | peak memory, rsigma / Ward |"
    );
    println!("|---|---:|---|---:|---:|---:|---:|---:|");
    for (name, lane, events) in &data.lanes {
        for format in ["table", "ndjson"] {
            row(&data, &peer, &ward, name, lane, *events, format)?;
        }
    }
    let load = measured("0", &ours(&ward, &data, Path::new("/dev/null"), "table", 1), 2)?;
    let both = measured("0,1", &ours(&ward, &data, Path::new("/dev/null"), "table", 2), 2)?;
    println!(
        "\nRule load: {:.2} s wall on one core, {:.2} s on two; {} MB.",
        load.wall_s,
        both.wall_s,
        load.peak_kb / 1024
    );
    for (name, lane, _) in &data.lanes {
        compare(&data, &peer, &ward, name, lane)?;
    }
    Ok(())
}

fn row(
    data: &Data,
    peer: &Path,
    ward: &Path,
    name: &str,
    lane: &Path,
    events: u64,
    format: &str,
) -> Result<()> {
    let empty = Path::new("/dev/null");
    let (mut theirs, mut own, mut wall_one, mut wall_two) = (vec![], vec![], vec![], vec![]);
    let (mut their_peak, mut own_peak) = (0, 0);
    for _ in 0..RUNS {
        let cost = |line: &str| measured("0", line, 2);
        let full = cost(&theirs_line(peer, data, lane))?;
        let none = cost(&theirs_line(peer, data, empty))?;
        theirs.push(rate(events, full, none));
        their_peak = their_peak.max(full.peak_kb);
        let full = cost(&ours(ward, data, lane, format, 1))?;
        let none = cost(&ours(ward, data, empty, format, 1))?;
        own.push(rate(events, full, none));
        own_peak = own_peak.max(full.peak_kb);
        wall_one.push(full.wall_s);
        wall_two.push(measured("0,1", &ours(ward, data, lane, format, 2), 2)?.wall_s);
    }
    let (theirs, own) = (median(theirs), median(own));
    println!(
        "| {name} | {events} | {format} | {theirs:.0} | {own:.0} | {:.1} × | {:.2} × (wall) | {} / {} MB |",
        own / theirs,
        median(wall_one) / median(wall_two),
        their_peak / 1024,
        own_peak / 1024,
    );
    Ok(())
}

fn rate(events: u64, full: Cost, empty: Cost) -> f64 {
    events as f64 / (full.cpu_s - empty.cpu_s).max(1e-6)
}

fn ours(ward: &Path, data: &Data, lane: &Path, format: &str, threads: u8) -> String {
    format!(
        "{} scan --quiet --no-progress --threads {threads} --rules {} --format {format} {} > {} 2>/dev/null",
        quoted(ward),
        quoted(&data.rules),
        quoted(lane),
        quoted(&data.folder.join("ward.out")),
    )
}

fn theirs_line(peer: &Path, data: &Data, lane: &Path) -> String {
    format!(
        "{} engine eval -r {} -e @{} --logsource-routing --output-format ndjson --no-stats > {} 2>/dev/null",
        quoted(peer),
        quoted(&data.rules),
        quoted(lane),
        quoted(&data.folder.join("peer.out")),
    )
}

/// Rules on which the two disagree, each with its cause.
fn compare(data: &Data, peer: &Path, ward: &Path, name: &str, lane: &Path) -> Result<()> {
    let (own, theirs) = (data.folder.join("ward.out"), data.folder.join("peer.out"));
    shell(&format!("{} || true", ours(ward, data, lane, "ndjson", 1)))?;
    let with_event =
        theirs_line(peer, data, lane).replace("--no-stats", "--no-stats --include-event");
    shell(&format!("{with_event} || true"))?;
    let ours = peer::matches(&own, &["rule", "id"])?;
    let counts = peer::matches(&theirs, &["rule_id"])?;
    let differences = peer::differences(&ours, &counts, &theirs, &categories(data, ward)?)?;
    println!(
        "\n### Matches on {name}\n\nWard {}, rsigma {}; {} rules agree, {} differ.\n",
        ours.values().sum::<u64>(),
        counts.values().sum::<u64>(),
        ours.keys().filter(|rule| ours.get(*rule) == counts.get(*rule)).count(),
        differences.len(),
    );
    if !differences.is_empty() {
        println!("| rule | rsigma | Ward | why |\n|---|---:|---:|---|");
    }
    for one in differences {
        println!("| {} | {} | {} | {} |", one.rule, one.theirs, one.ours, one.why);
    }
    Ok(())
}

fn categories(data: &Data, ward: &Path) -> Result<BTreeMap<String, String>> {
    let arguments = ["rules", "list", "--format", "json", "--rules", &data.rules.to_string_lossy()];
    let list: Value = serde_json::from_str(&output(&ward.to_string_lossy(), &arguments)?)?;
    let rules = list.as_array().or_else(|| list.get("rules").and_then(Value::as_array));
    Ok(rules
        .context("the list of rules is no list")?
        .iter()
        .filter_map(|rule| {
            let id = rule.get("id")?.as_str()?.to_owned();
            let logsource = rule.get("logsource")?.as_str()?;
            Some((id, logsource.split('/').nth(1)?.to_owned()))
        })
        .collect())
}

/// Records a second from EVTX, on one core.
pub(crate) fn evtx() -> Result<()> {
    let data = Data::make()?;
    let ward = build()?;
    let files = data.folder.join("evtx");
    if !files.is_dir() {
        fs::create_dir_all(&files)?;
        let archive = test_data()?.join("data/evtx/evtx.tar.zst");
        shell(&format!("zstd -dc {} | tar -xf - -C {}", quoted(&archive), quoted(&files)))?;
        for copy in 1..10 {
            let to = data.folder.join(format!("evtx/copy-{copy}"));
            shell(&format!("cp -r {} {}", quoted(&files.join("evtx")), quoted(&to)))?;
        }
    }
    let rates = (0..RUNS)
        .map(|_| {
            let full = measured("0", &ours(&ward, &data, &files, "table", 1), 2)?;
            let none = measured("0", &ours(&ward, &data, Path::new("/dev/null"), "table", 1), 2)?;
            Ok(rate(85_540, full, none))
        })
        .collect::<Result<Vec<f64>>>()?;
    println!("\n## EVTX\n\n{}\n", about()?);
    println!(
        "85,540 records in 1,400 files, all public rules, one core: {:.0} records/s.",
        median(rates)
    );
    Ok(())
}

fn build() -> Result<PathBuf> {
    cargo(&["build", "--release", "--locked", "-p", "ward"])?;
    Ok(target().join("release/ward"))
}

/// Commit, machine and day.
fn about() -> Result<String> {
    let commit = output("git", &["rev-parse", "--short", "HEAD"])?;
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split(": ").nth(1));
    let day = output("date", &["-u", "+%Y-%m-%d"])?;
    Ok(format!(
        "Commit {}, {}, {}.",
        commit.trim(),
        model.unwrap_or("unknown processor"),
        day.trim()
    ))
}

fn shell(line: &str) -> Result<()> {
    command("bash", &["-o", "pipefail", "-c", line])
}

fn quoted(path: &Path) -> String {
    format!("'{}'", path.display())
}
