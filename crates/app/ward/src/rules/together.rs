//! `ward rules explain` for a correlation: what the events of a file come to for it.

use std::{path::Path, sync::Arc};

use anyhow::{Context, Result, bail};
use detect::cases::{Story, tell};
use event::Catalogue;
use ingest::{Input, Progress};
use sigma::{Engine, RuleId, RuleSet};

use super::print;
use crate::{
    cli::ExplainArgs,
    exit::Exit,
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
    let records = records(&args.event)?;
    let engine = Arc::new(Engine::new(Arc::new(set)));
    let story = tell(&engine, id, &catalogue, records.iter().map(Vec::as_slice));
    let look = Look::of_stdout(args.color, false);
    print(&text(engine.rules(), id, records.len(), &story, look))?;
    Ok(if story.firings.is_empty() { Exit::Nothing } else { Exit::Found })
}

/// All records of a file.
fn records(path: &Path) -> Result<Vec<Vec<u8>>> {
    let input = if path.as_os_str() == "-" {
        Input::Stdin
    } else {
        path.symlink_metadata().with_context(|| {
            format!("cannot read {}; check the path of the events", path.display())
        })?;
        Input::Path(path.to_owned())
    };
    let options = ingest::Options {
        text: Some(|line, out| event::text::to_json(line, out).map_err(|e| e.to_string())),
        ..ingest::Options::default()
    };
    let (sender, batches) = crossbeam_channel::bounded::<ingest::Batch>(2);
    std::thread::spawn(move || {
        ingest::read(&[input], &options, &Progress::default(), &sender, &mut |_| {});
    });
    let mut records = Vec::new();
    for batch in batches {
        records.extend(batch.unpack().iter().map(|(_, record)| record.to_vec()));
        if records.len() > MAX_RECORDS {
            bail!("more than {} events; cut the file", count(MAX_RECORDS as u64));
        }
    }
    if records.is_empty() {
        bail!("there is no event in {}", path.display());
    }
    Ok(records)
}

fn text(set: &RuleSet, id: RuleId, records: usize, story: &Story, look: Look) -> String {
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
