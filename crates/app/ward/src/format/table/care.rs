//! What care is at stake, and the first safe thing to do: from the rules that say so, worst
//! first.

use terms::Level;

use super::{found::has_care_notes, heading, more};
use crate::{
    scan::report::Report,
    term::{
        Look,
        paint::{self, Paint, paint},
        safe,
        wrap::hanging,
    },
};

/// Rules of which the notes are shown without `--all`.
pub(super) const RULES: usize = 5;

/// Notes of the worst rules that have some. Empty if none has.
pub(super) fn stakes(report: &Report<'_>, look: Look, rows: usize) -> String {
    let all = report.summary.rules(report.rules());
    let noted: Vec<_> = all
        .into_iter()
        .map(|(rule, found)| (report.rules().meta(rule), found))
        .filter(|(meta, _)| has_care_notes(meta) && meta.level >= Level::Medium)
        .collect();
    if noted.is_empty() {
        return String::new();
    }
    let mut out = heading(look, "What is at stake, and what to do first");
    for (meta, found) in noted.iter().take(rows) {
        let shape = paint::level(look, meta.level);
        let title = hanging(&shape, 12, &safe(&meta.title), look.width);
        out.push_str(&paint(look, Paint::Level(meta.level), &title));
        out.push('\n');
        let hosts = report.summary.first_hosts(found);
        let others = found.hosts().saturating_sub(hosts.len());
        let mut on = safe(&hosts.join(", ")).into_owned();
        if others > 0 {
            on.push_str(&format!(" and {others} more"));
        }
        let notes = [("On:", &*on), ("At stake:", &*meta.harm), ("First:", &*meta.action)];
        for (word, text) in notes.into_iter().filter(|(_, text)| !text.is_empty()) {
            out.push_str(&hanging(&format!("   {word}"), 14, &safe(text), look.width));
            out.push('\n');
        }
    }
    out + &more(look, noted.len().saturating_sub(rows), "rules with such notes")
}
