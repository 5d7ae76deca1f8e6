//! The report as the template wants it: words and numbers, nothing left to work out.

use detect::{
    Finding,
    summary::{ByLevel, RuleCount},
};
use serde::Serialize;
use sigma::{Meta, Refused};
use terms::Level;

use super::{
    Samples,
    fields::{self, Shown},
    picture::{self, Picture},
};
use crate::{
    format::table::sentence,
    scan::report::{Report, costs},
    term::{count, counted, paint, size},
};

/// Everything on the page.
#[derive(Serialize)]
pub(crate) struct Page {
    version: &'static str,
    sentence: String,
    worst: Option<Severity>,
    is_interrupted: bool,
    zone: String,
    paths: String,
    picture: Option<Picture>,
    levels: Vec<LevelCount>,
    rules: Vec<RuleShown>,
    names: Vec<NameTable>,
    read: Vec<(String, String)>,
    problems: List<(String, String)>,
    problem_count: String,
    refused: List<(String, String)>,
    not_yet: List<(String, String)>,
    blind_count: String,
    blind_sources: List<(String, String)>,
    blind_fields: List<(String, String)>,
    blind_rules: List<(String, String)>,
    exclusions: Vec<(String, String)>,
}

/// A severity: its word, its shape, its class in the style.
#[derive(Clone, Serialize)]
pub(crate) struct Severity {
    word: &'static str,
    shape: &'static str,
    class: &'static str,
}

impl Severity {
    /// Of a level.
    pub(crate) fn of(level: Level) -> Self {
        let shape = match level {
            Level::Critical => "▲▲",
            Level::High => "▲",
            Level::Medium => "◆",
            Level::Low => "○",
            Level::Informational => "·",
        };
        Severity { word: level.as_str(), shape, class: paint::short(level) }
    }

    /// The word alone.
    pub(crate) fn word(&self) -> &'static str {
        self.word
    }
}

#[derive(Serialize)]
struct LevelCount {
    severity: Severity,
    findings: String,
}

/// A list that may be cut, and how many more there are.
#[derive(Serialize)]
struct List<T> {
    shown: Vec<T>,
    more: String,
}

impl<T> List<T> {
    fn new(all: impl IntoIterator<Item = T>, total: usize, most: usize) -> Self {
        let shown: Vec<T> = all.into_iter().take(most).collect();
        let more = match total.saturating_sub(shown.len()) {
            0 => String::new(),
            n => number(n as u64),
        };
        List { shown, more }
    }
}

#[derive(Serialize)]
struct RuleShown {
    anchor: String,
    severity: Severity,
    title: String,
    findings: String,
    devices: String,
    device_names: String,
    first: String,
    last: String,
    techniques: Vec<Technique>,
    tactics: String,
    description: String,
    harm: String,
    action: String,
    falsepositives: Vec<String>,
    id: String,
    author: String,
    license: String,
    file: String,
    samples: Vec<Sample>,
    /// "All 3 findings", "The first 25 of 1,234 findings".
    samples_caption: String,
}

#[derive(Serialize)]
struct Technique {
    number: String,
    /// The number in two parts, as its address needs it.
    main: String,
    sub: String,
}

#[derive(Serialize)]
struct Sample {
    time: String,
    host: String,
    user: String,
    place: String,
    matched: Vec<Match>,
    fields: Vec<Shown>,
}

#[derive(Serialize, PartialEq)]
struct Match {
    field: String,
    value: String,
}

#[derive(Serialize)]
struct NameTable {
    title: &'static str,
    name: &'static str,
    levels: Vec<Severity>,
    rows: List<NameRow>,
}

#[derive(Serialize)]
struct NameRow {
    name: String,
    total: String,
    counts: Vec<String>,
}

/// A count with commas.
pub(crate) fn number(n: u64) -> String {
    count(n)
}

/// Rows of a list without `--all`.
const ROWS: usize = 25;

impl Page {
    /// The page of this report.
    pub(crate) fn new(report: &Report<'_>, samples: &Samples, is_all: bool) -> Self {
        let most = if is_all { usize::MAX } else { ROWS };
        let set = report.rules();
        let levels = report.summary.levels(set);
        let counts = Level::ALL.into_iter().rev().filter(|level| levels.of(*level) > 0);
        let rules = report.summary.rules(set).into_iter().enumerate().map(|(at, (rule, found))| {
            let samples = samples.get(&rule).map(Vec::as_slice).unwrap_or_default();
            RuleShown::new(report, set.meta(rule), found, samples, at + 1)
        });
        Page {
            version: crate::cli::VERSION,
            sentence: sentence(report, "–"),
            worst: levels.worst().map(Severity::of),
            is_interrupted: report.is_interrupted,
            zone: report.plan.zone.name.clone(),
            paths: report.plan.paths.join(", "),
            picture: picture::draw(report),
            levels: counts
                .map(|level| LevelCount {
                    severity: Severity::of(level),
                    findings: number(levels.of(level)),
                })
                .collect(),
            rules: rules.collect(),
            names: names(report, most),
            read: read(report),
            problems: List::new(
                report.problems.list.iter().map(|p| (p.place.to_string(), p.reason.clone())),
                report.problems.count as usize,
                most.min(1000),
            ),
            problem_count: counted(report.problems.count, "problem", "problems"),
            refused: refused(&set.refused, most),
            not_yet: refused(&set.not_yet, most),
            blind_count: counted(report.blind.len() as u64, "rule", "rules"),
            blind_sources: groups(report.blind_sources(), most),
            blind_fields: groups(report.blind_fields(), most),
            blind_rules: groups(report.blind_rules(), most),
            exclusions: exclusions(report),
        }
    }
}

fn refused(list: &[Refused], most: usize) -> List<(String, String)> {
    let lines = list.iter().map(|one| (format!("{}:{}", one.file, one.line), one.reason.clone()));
    List::new(lines, list.len(), most)
}

fn groups<K: ToString, R>(groups: Vec<(K, Vec<R>)>, most: usize) -> List<(String, String)> {
    let total = groups.len();
    let lines =
        groups.into_iter().map(|(key, rules)| (key.to_string(), number(rules.len() as u64)));
    List::new(lines, total, most)
}

fn names(report: &Report<'_>, most: usize) -> Vec<NameTable> {
    let (summary, set) = (&report.summary, report.rules());
    let owned = |list: Vec<(&str, ByLevel)>| -> Vec<(String, ByLevel)> {
        list.into_iter().map(|(name, counts)| (name.to_owned(), counts)).collect()
    };
    let tactics = summary.tactics(set);
    let tactics = tactics.into_iter().map(|(name, counts)| (name.replace('-', " "), counts));
    [
        ("Devices", "Device", owned(summary.hosts())),
        ("Users", "User", owned(summary.users())),
        ("Tactics, in the order of an attack", "Tactic", tactics.collect()),
        ("Techniques", "Technique", summary.techniques(set)),
    ]
    .into_iter()
    .filter(|(_, _, list)| !list.is_empty())
    .map(|(title, name, list)| name_table(title, name, &list, most))
    .collect()
}

fn name_table(
    title: &'static str,
    name: &'static str,
    list: &[(String, ByLevel)],
    most: usize,
) -> NameTable {
    let levels: Vec<Level> = Level::ALL
        .into_iter()
        .rev()
        .filter(|level| list.iter().any(|(_, counts)| counts.of(*level) > 0))
        .collect();
    let rows = list.iter().map(|(name, counts)| NameRow {
        name: name.clone(),
        total: number(counts.total()),
        counts: levels.iter().map(|level| number(counts.of(*level))).collect(),
    });
    NameTable {
        title,
        name,
        levels: levels.iter().map(|level| Severity::of(*level)).collect(),
        rows: List::new(rows, list.len(), most),
    }
}

fn read(report: &Report<'_>) -> Vec<(String, String)> {
    let read = &report.read;
    let records = read.records + read.out_of_time;
    let formats = read
        .files
        .by_format
        .iter()
        .map(|(format, n)| format!("{} {}", number(n.files), format.as_str()));
    let files = match formats.collect::<Vec<_>>().join(", ") {
        formats if formats.is_empty() => "none".to_owned(),
        formats => format!("{} ({formats})", number(read.files.files_read)),
    };
    let rules = number(report.rules().len() as u64);
    let mut facts = vec![
        ("Input".to_owned(), report.plan.paths.join(", ")),
        ("Files".to_owned(), files),
        ("Records".to_owned(), format!("{}, {}", number(records), size(read.files.bytes))),
        ("Rules".to_owned(), format!("{rules} in use, from {}", report.plan.origin)),
    ];
    if let Some(correlated) = &report.correlated {
        let sentences = [correlated.sentence()].into_iter().chain(costs(&correlated.counts));
        facts.push(("Correlations".to_owned(), sentences.collect::<Vec<_>>().join(" ")));
    }
    let mut add = |name: &str, n: u64, text: &str| {
        if n > 0 {
            facts.push((name.to_owned(), format!("{} {text}", counted(n, "record", "records"))));
        }
    };
    add("Outside the time asked for", read.out_of_time, "not looked at");
    add(
        "Of no known log source",
        report.coverage.unknown_events(),
        "on which rules that ask for a log source were not tried",
    );
    if read.files.excluded > 0 {
        let skipped = counted(read.files.excluded, "file or folder", "files and folders");
        facts.push(("Left out by --skip".to_owned(), skipped));
    }
    facts
}

fn exclusions(report: &Report<'_>) -> Vec<(String, String)> {
    let lines = report.plan.exclusion_lines.iter().enumerate();
    lines
        .map(|(at, (file, exclusion))| {
            let n = report.excluded.get(at).copied().unwrap_or(0);
            let reason = match exclusion.reason.as_str() {
                "" => String::new(),
                reason => format!(" – {reason}"),
            };
            (
                format!("{}{reason}", exclusion.rule),
                format!("{} ({file}:{})", number(n), exclusion.line),
            )
        })
        .collect()
}

impl RuleShown {
    fn new(
        report: &Report<'_>,
        meta: &Meta,
        found: &RuleCount,
        samples: &[Finding],
        at: usize,
    ) -> Self {
        let zone = &report.plan.zone;
        let hosts = report.summary.first_hosts(found);
        let mut device_names = hosts.join(", ");
        if found.hosts() > hosts.len() {
            device_names.push_str(&format!(" and {} more", found.hosts() - hosts.len()));
        }
        let time = |at: Option<terms::Timestamp>| at.map(|at| zone.second(at)).unwrap_or_default();
        RuleShown {
            anchor: format!("rule-{at}"),
            severity: Severity::of(meta.level),
            title: meta.title.clone(),
            findings: number(found.findings),
            devices: number(found.hosts() as u64),
            device_names,
            first: time(found.first),
            last: time(found.last),
            techniques: meta.techniques().map(Technique::new).collect(),
            tactics: meta
                .tactics()
                .map(|name| name.replace('-', " "))
                .collect::<Vec<_>>()
                .join(", "),
            description: meta.description.trim().to_owned(),
            harm: meta.harm.clone(),
            action: meta.action.clone(),
            falsepositives: meta.falsepositives.clone(),
            id: meta.id.clone(),
            author: meta.author.clone(),
            license: meta.license.clone(),
            file: meta.file.to_string(),
            samples_caption: caption(samples.len() as u64, found.findings),
            samples: samples.iter().map(|finding| Sample::new(report, finding)).collect(),
        }
    }
}

fn caption(shown: u64, all: u64) -> String {
    match (shown, all) {
        (_, 1) => "The finding".to_owned(),
        (shown, all) if shown >= all => format!("All {} findings", number(all)),
        (shown, all) => format!("The first {} of {} findings", number(shown), number(all)),
    }
}

impl Technique {
    fn new(number: String) -> Self {
        let (main, sub) = number.split_once('.').unwrap_or((&number, ""));
        Technique { main: main.to_owned(), sub: sub.to_owned(), number }
    }
}

impl Sample {
    fn new(report: &Report<'_>, finding: &Finding) -> Self {
        let zone = &report.plan.zone;
        let mut matched: Vec<Match> = Vec::new();
        for one in &finding.matched {
            let field = if one.field.is_empty() { "any text" } else { &one.field };
            let value = match one.value.as_str() {
                "" => "(absent or empty, as the rule asks)".to_owned(),
                value => fields::short(value),
            };
            let one = Match { field: field.to_owned(), value };
            if !matched.contains(&one) {
                matched.push(one);
            }
        }
        Sample {
            time: finding.at.map_or("no time".to_owned(), |at| zone.second(at)),
            host: finding.host.clone(),
            user: finding.user.clone(),
            place: finding.place.to_string(),
            matched,
            fields: fields::of(finding),
        }
    }
}
