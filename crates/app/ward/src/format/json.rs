//! JSON: one document, or one finding a line. Written as findings come; memory does not grow.

use std::{
    io::{self, Write},
    sync::Arc,
};

use detect::{Finding, Found, summary::ByLevel};
use serde::Serialize;
use serde_json::{Value, json};
use sigma::{Engine, Refused};
use terms::Level;

use super::{
    Form, Sink, Written,
    finding::{PlaceWire, RuleWire, Writer, rfc3339},
};
use crate::scan::{
    Output,
    report::{Correlated, Report},
};

/// One finding a line.
pub(crate) struct LinesForm(Writer);

impl LinesForm {
    /// For findings of these rules.
    pub(crate) fn new(engine: Arc<Engine>) -> Self {
        LinesForm(Writer::new(engine))
    }
}

impl Form for LinesForm {
    fn finding(&mut self, found: &mut Found<'_>, out: &mut Written) {
        self.0.write(found, &mut out.text);
        out.text.push(b'\n');
    }

    fn firing(&mut self, finding: Finding, out: &mut Written) {
        self.0.write_kept(&finding, &mut out.text);
        out.text.push(b'\n');
    }
}

/// Elements of an array, each with a comma before it.
pub(crate) struct JsonForm(Writer);

impl JsonForm {
    /// For findings of these rules.
    pub(crate) fn new(engine: Arc<Engine>) -> Self {
        JsonForm(Writer::new(engine))
    }
}

impl Form for JsonForm {
    fn finding(&mut self, found: &mut Found<'_>, out: &mut Written) {
        out.text.extend_from_slice(b",\n");
        self.0.write(found, &mut out.text);
    }

    fn firing(&mut self, finding: Finding, out: &mut Written) {
        out.text.extend_from_slice(b",\n");
        self.0.write_kept(&finding, &mut out.text);
    }
}

/// `{"ward": …, "findings": […], "summary": …, …}`.
pub(crate) struct JsonSink {
    output: Output,
    is_first: bool,
}

impl JsonSink {
    /// Writes the beginning of the document.
    pub(crate) fn new(mut output: Output) -> io::Result<Self> {
        let ward = json!({
            "version": env!("CARGO_PKG_VERSION"),
            "commit": env!("WARD_COMMIT"),
            "format": 1,
        });
        write!(output, "{{\"ward\":{ward},\n\"findings\":[")?;
        Ok(JsonSink { output, is_first: true })
    }
}

impl Sink for JsonSink {
    fn take(&mut self, written: &mut Written) -> io::Result<()> {
        let mut text = written.text.as_slice();
        if self.is_first && !text.is_empty() {
            // Before the first element stands no comma.
            text = &text[1..];
            self.is_first = false;
        }
        self.output.write_all(text)
    }

    fn finish(mut self: Box<Self>, report: &Report<'_>) -> io::Result<()> {
        self.output.write_all(b"\n]")?;
        for (name, value) in sections(report) {
            write!(self.output, ",\n{}:{value}", json!(name))?;
        }
        self.output.write_all(b"}\n")?;
        self.output.finish()
    }
}

/// Everything that is not a finding, by name, in the order of the document.
fn sections(report: &Report<'_>) -> Vec<(&'static str, Value)> {
    let set = report.rules();
    let mut sections = vec![
        ("complete", json!(!report.is_interrupted)),
        ("summary", summary(report)),
        ("read", read(report)),
        ("problems", problems(report)),
        (
            "rules",
            json!({
                "origin": report.plan.origin,
                "used": set.len(),
                "not_asked_for": report.plan.unwanted,
                "filters": set.filters,
            }),
        ),
        ("rules_not_loaded", refused(&set.refused)),
        ("rules_not_yet", refused(&set.not_yet)),
        ("rule_notes", refused(&set.notes)),
        ("rules_blind", blind(report)),
        ("exclusions", exclusions(report)),
    ];
    if let Some(correlated) = &report.correlated {
        sections.push(("correlations", self::correlated(correlated)));
    }
    sections
}

fn correlated(correlated: &Correlated) -> Value {
    let counts = &correlated.counts;
    json!({
        "used": correlated.correlations,
        "hits": counts.hits,
        "firings": counts.firings,
        "groups": correlated.groups,
        "hits_without_time": counts.untimed,
        "hits_without_value": counts.incomplete,
        "hits_of_counted_events": counts.duplicates,
        "hits_out_of_order": counts.hurried,
        "hits_late": counts.late,
        "hits_too_late": counts.too_late,
        "groups_given_up": counts.evicted,
        "firings_cut_off": counts.cut,
    })
}

/// Documents refused, with file, line and reason.
pub(crate) fn refused(list: &[Refused]) -> Value {
    let one = |one: &Refused| json!({"file": &*one.file, "line": one.line, "title": one.title, "reason": one.reason});
    list.iter().map(one).collect()
}

fn levels(counts: ByLevel) -> Value {
    let pairs = Level::ALL.into_iter().rev().map(|level| (level.as_str(), counts.of(level)));
    Value::Object(pairs.map(|(name, n)| (name.to_owned(), json!(n))).collect())
}

fn named<N: Serialize>(key: &str, list: impl IntoIterator<Item = (N, ByLevel)>) -> Value {
    let one = |(name, counts): (N, ByLevel)| json!({key: name, "findings": counts.total(), "by_level": levels(counts)});
    list.into_iter().map(one).collect()
}

/// Names listed in the summary; the findings hold all.
const NAMES: usize = 1000;

fn summary(report: &Report<'_>) -> Value {
    let (summary, rules) = (&report.summary, report.rules());
    let span = summary.span();
    let by_rule: Value = summary
        .rules(rules)
        .into_iter()
        .map(|(rule, found)| {
            json!({
                "findings": found.findings,
                "devices": found.hosts(),
                "first": found.first.map(rfc3339),
                "last": found.last.map(rfc3339),
                "rule": RuleWire::new(rules.meta(rule)),
            })
        })
        .collect();
    json!({
        "findings": summary.findings,
        "worst": summary.levels(rules).worst().map(Level::as_str),
        "by_level": levels(summary.levels(rules)),
        "first": span.map(|(first, _)| rfc3339(first)),
        "last": span.map(|(_, last)| rfc3339(last)),
        "rules": by_rule,
        "hosts": named("host", summary.hosts().into_iter().take(NAMES)),
        "users": named("user", summary.users().into_iter().take(NAMES)),
        "tactics": named("tactic", summary.tactics(rules)),
        "techniques": named("technique", summary.techniques(rules)),
        "timeline": timeline(report),
    })
}

fn timeline(report: &Report<'_>) -> Value {
    let Some(timeline) = report.summary.timeline(96) else { return Value::Null };
    let bars: Value = timeline
        .bars
        .iter()
        .filter(|bar| bar.count.total() > 0)
        .map(|bar| json!({"from": rfc3339(bar.from), "by_level": levels(bar.count)}))
        .collect();
    json!({"bar_seconds": timeline.width_s, "untimed": timeline.untimed, "bars": bars})
}

fn read(report: &Report<'_>) -> Value {
    let read = &report.read;
    let formats = read.files.by_format.iter().map(|(format, n)| {
        (format.as_str().to_owned(), json!({"files": n.files, "bytes": n.bytes}))
    });
    let kinds: Value = report
        .coverage
        .kinds()
        .into_iter()
        .map(|(kind, events)| {
            json!({
                "shape": &*kind.shape.shape,
                "products": kind.products.iter().map(|word| &**word).collect::<Vec<_>>(),
                "categories": kind.categories.iter().map(|word| &**word).collect::<Vec<_>>(),
                "services": kind.services.iter().map(|word| &**word).collect::<Vec<_>>(),
                "records": events,
            })
        })
        .collect();
    json!({
        "paths": report.plan.paths,
        "files": read.files.files_read,
        "by_format": Value::Object(formats.collect()),
        "bytes": read.files.bytes,
        "records": read.records,
        "records_outside_time": read.out_of_time,
        "records_of_unknown_source": report.coverage.unknown_events(),
        "left_out_by_skip": read.files.excluded,
        "seconds": (read.took.as_secs_f64() * 1000.0).round() / 1000.0,
        "log_sources": kinds,
    })
}

fn problems(report: &Report<'_>) -> Value {
    let list: Value = report
        .problems
        .list
        .iter()
        .map(|problem| {
            json!({
                "place": PlaceWire::new(&problem.place),
                "kind": format!("{:?}", problem.kind).to_lowercase(),
                "reason": problem.reason,
                "records_lost_at_least": problem.records_lost_at_least,
            })
        })
        .collect();
    json!({"count": report.problems.count, "records_lost_at_least": report.problems.lost, "list": list})
}

fn blind(report: &Report<'_>) -> Value {
    use detect::coverage::Missing;
    let one = |blind: &detect::coverage::Blind| {
        let meta = report.rules().meta(blind.rule);
        let (source, fields, rules) = match &blind.missing {
            Missing::Source(source) => (Some(source.to_string()), None, None),
            Missing::Fields(fields) => (None, Some(fields), None),
            Missing::Rules(rules) => (None, None, Some(rules)),
        };
        let mut value = json!({
            "id": meta.id, "title": meta.title,
            "missing_log_source": source, "missing_fields": fields,
        });
        if let Some(rules) = rules {
            value["missing_rules"] = json!(rules);
        }
        value
    };
    report.blind.iter().map(one).collect()
}

fn exclusions(report: &Report<'_>) -> Value {
    let lines = report.plan.exclusion_lines.iter().enumerate();
    lines
        .map(|(at, (file, exclusion))| {
            json!({
                "file": file, "line": exclusion.line, "rule": exclusion.rule,
                "reason": exclusion.reason,
                "findings": report.excluded.get(at).copied().unwrap_or(0),
            })
        })
        .collect()
}
