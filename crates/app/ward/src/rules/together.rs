//! `ward rules explain` for a correlation: what the events of a file come to for it.

use std::{path::Path, sync::Arc};

use anyhow::{Context, Result, bail};
use detect::cases::{Story, tell};
use event::Catalogue;
use ingest::Problem;
use sigma::{Engine, Meta, RuleId, RuleSet};

use super::{
    print,
    reading::{Reading, nothing_in, unread},
};
use crate::{
    cli::ExplainArgs,
    exit::Exit,
    scan::report::costs,
    term::{
        Look, count, counted,
        paint::{Paint, paint},
        safe,
        wrap::hanging,
    },
};

/// Records that are told at most.
const MAX_RECORDS: usize = 1_000_000;
/// Firings shown.
const FIRINGS: usize = 20;

/// Runs it.
pub(super) fn command(
    args: &ExplainArgs,
    set: RuleSet,
    id: RuleId,
    catalogue: Arc<Catalogue>,
) -> Result<Exit> {
    let (records, problems) = records(&args.event)?;
    let (set, id) = alone(set, id)?;
    let engine = Arc::new(Engine::new(Arc::new(set)));
    let story = tell(&engine, id, &catalogue, records.iter().map(Vec::as_slice));
    let look = Look::of_stdout(args.color, false);
    let left = not_counted(&problems, &story);
    print(&text(engine.rules(), id, (records.len(), &left), &story, look))?;
    Ok(if story.firings.is_empty() { Exit::Nothing } else { Exit::Found })
}

/// The correlation and what it stands on: what others count is not its story.
fn alone(mut set: RuleSet, id: RuleId) -> Result<(RuleSet, RuleId)> {
    let own = set.meta(id).clone();
    let is_it = |meta: &Meta| (&meta.file, meta.line) == (&own.file, own.line);
    set.narrow(is_it);
    let at = set.metas().position(is_it);
    let at = at.with_context(|| format!("{} does not stand alone", own.title))?;
    Ok((set, RuleId(at as u32)))
}

/// What the correlation was not told, or did not count, and why: a line each.
fn not_counted(problems: &[Problem], story: &Story) -> Vec<String> {
    let mut lines: Vec<String> = unread(problems).into_iter().collect();
    if let Some(((at, reason), rest)) = story.unreadable.split_first() {
        let more = match rest.len() as u64 {
            0 => String::new(),
            n => format!("; and {} more", count(n)),
        };
        lines.push(format!("event {} cannot be read: {reason}{more}", at + 1));
    }
    lines.extend(costs(&story.counts));
    lines
}

/// All records of a file, and what could not be read of it.
fn records(path: &Path) -> Result<(Vec<Vec<u8>>, Vec<Problem>)> {
    let mut reading = Reading::start(path)?;
    let mut records = Vec::new();
    while let Some(unpacked) = reading.next() {
        records.extend(unpacked.iter().map(|(_, record)| record.to_vec()));
        if records.len() > MAX_RECORDS {
            bail!("more than {} events; cut the file", count(MAX_RECORDS as u64));
        }
    }
    let problems = reading.problems();
    if records.is_empty() {
        return Err(nothing_in(path, &problems));
    }
    Ok((records, problems))
}

fn text(
    set: &RuleSet,
    id: RuleId,
    (records, left): (usize, &[String]),
    story: &Story,
    look: Look,
) -> String {
    let meta = set.meta(id);
    let mut out = String::new();
    let mut say = |kind: Paint, indent: usize, line: &str| {
        out.push_str(&paint(look, kind, &hanging("", indent, &safe(line), look.width)));
        out.push('\n');
    };
    say(Paint::Heading, 0, &meta.title);
    if let Some(linked) = set.correlations().get(id) {
        say(Paint::Faint, 0, &linked.correlation.to_string());
    }
    let records = counted(records as u64, "event", "events");
    let verdict = match story.firings.len() as u64 {
        0 => format!("{} It does not fire on these {records}.", look.mark(false)),
        n => format!(
            "{} It fires {} on these {records}.",
            look.mark(true),
            counted(n, "time", "times")
        ),
    };
    say(Paint::Plain, 0, &verdict);
    say(Paint::Plain, 0, "Its rules held so often:");
    for (rule, n) in &story.hits {
        say(Paint::Plain, 2, &format!("{}: {}", set.meta(*rule).title, count(*n)));
    }
    if !left.is_empty() {
        say(Paint::Plain, 0, "What was not counted:");
        left.iter().for_each(|line| say(Paint::Plain, 2, line));
    }
    for firing in story.firings.iter().take(FIRINGS) {
        let group: Vec<String> =
            firing.group.iter().map(|(field, value)| format!("{field} = {value}")).collect();
        let group = if group.is_empty() { "all events".to_owned() } else { group.join(", ") };
        let at: Vec<String> = firing.events.iter().map(|at| (at + 1).to_string()).collect();
        say(Paint::Plain, 0, &format!("For {group}, measured {}:", firing.measure));
        say(Paint::Faint, 2, &format!("from {} to {}", firing.first, firing.last));
        say(Paint::Faint, 2, &format!("events number {}", at.join(", ")));
    }
    if story.firings.len() > FIRINGS {
        let more = story.firings.len() - FIRINGS;
        say(Paint::Faint, 0, &format!("and {} more", count(more as u64)));
    }
    out
}
